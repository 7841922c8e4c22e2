"""A trial run of a project's tests: `outcomes` and `run` work in the sandbox."""
