"""The project's only source of randomness.

`system` is for running worlds, `seeded` for simulations and tests, `secret` for passwords and tokens. Nothing else
may import `random` or `secrets` for values.
"""

from __future__ import annotations

import hashlib
import secrets
from random import Random, SystemRandom

State = tuple[int, tuple[int, ...], float | None]
"""The state of a seeded source: its version, its numbers, and half a pair of normal deviates."""


def system() -> Random:
    """A source fed by the operating system; never repeats."""
    return SystemRandom()


def seeded(seed: int, *names: str) -> Random:
    """A source that gives the same sequence for the same seed and names, under any hash seed."""
    material = "\x00".join((str(seed), *names)).encode()
    return Random(int.from_bytes(hashlib.sha256(material).digest(), "big"))


def secret(length: int = 20) -> str:
    """A random text of `length` letters and digits without look-alikes, suitable as a password."""
    alphabet = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    return "".join(secrets.choice(alphabet) for _ in range(length))


def state(source: Random) -> State:
    """The state of a seeded source, as plain numbers."""
    version, numbers, deviate = source.getstate()
    return version, tuple(numbers), deviate


def restore(source: Random, kept: State) -> None:
    """Restore a source's state; raises ValueError for an impossible one."""
    try:
        source.setstate(kept)
    except (TypeError, OverflowError) as error:
        raise ValueError(f"no state of a source of chance: {error}") from None
