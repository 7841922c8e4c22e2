"""A trial run of a project's tests in parts: `outcomes` and `run` work in the sandbox."""
