"""What agents have of each other: they meet, tell what is new, and come together at the end of the day."""
