"""What `timmy doctor` examines, where that takes more than a few lines."""
