"""A finding of one of `timmy doctor`'s checks.

Owns its shape. Checks nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was checked. `level`: ok, note or bad; `mend`: the command or change that helps."""

    what: str
    level: str
    said: str
    mend: str = ""

    @property
    def bad(self) -> bool:
        """Whether the world cannot run properly because of it."""
        return self.level == "bad"

    def as_dict(self) -> dict[str, str]:
        """As data for `--json`."""
        return asdict(self)
