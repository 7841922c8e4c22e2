"""A world without the engine, on a clock of its own: the same minds, rules and services run many times faster."""
