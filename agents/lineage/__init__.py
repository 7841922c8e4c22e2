"""Who the agents are and who their parents are: personas, read from files."""
