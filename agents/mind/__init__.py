"""One agent's cycle and the scheduler that drives all: it uses every other part, none uses it."""
