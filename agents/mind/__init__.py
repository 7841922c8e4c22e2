"""The minds of the agents, and the scheduler that gives them their turns."""
