"""What the system learns of its own faults: every unhandled error becomes a task."""
