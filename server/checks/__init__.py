"""What `timmy doctor` checks, if that takes more than a few lines."""
