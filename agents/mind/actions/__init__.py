"""What agents do of themselves. One file an action, found by itself: it holds `ACTS`."""
