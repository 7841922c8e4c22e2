"""What an examination of `timmy doctor` has found.

Owns the shape of a finding. Refuses to look at anything.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `level`: ok, note or bad; `mend`: the command or change that helps."""

    what: str
    level: str
    said: str
    mend: str = ""

    @property
    def bad(self) -> bool:
        """Whether the world cannot run well with it."""
        return self.level == "bad"

    def as_dict(self) -> dict[str, str]:
        """For `--json`."""
        return asdict(self)
