"""Who the agents are and whom they come from: personas as files."""
