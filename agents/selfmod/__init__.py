"""What the system learns from its own errors: every unhandled one becomes a task."""
