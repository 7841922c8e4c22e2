"""The house of parts: what all of them stand on, their contract, and the one that finds them and asks them in turn."""
