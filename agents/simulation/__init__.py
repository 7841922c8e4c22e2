"""A world without the engine and on a clock of its own: the same minds, rules and services, many times faster."""
