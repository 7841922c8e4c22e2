"""What agents and models know of vetoes."""
