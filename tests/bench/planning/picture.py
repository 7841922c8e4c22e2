"""The result as a picture."""


def plot(told: object) -> str:
    """To come."""
    raise NotImplementedError
