"""The parts of `timmy bench planner`. CPU time throughout, of this process alone."""
