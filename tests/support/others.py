"""Samples that others have collected, where they lie beside the project: an addition to our own, and never needed.

Owns where they are looked for: in `../shared/data`, or in the folder that OTHERS_DATA names
(one that is not there hides them).
"""

from __future__ import annotations

import os
from pathlib import Path

from agents.kernel.location import PROJECT

FOLDER = Path(os.environ.get("OTHERS_DATA") or PROJECT.parent / "shared" / "data")


def files(pattern: str) -> list[Path]:
    """Those that are there, in order; none where the folder is not."""
    return sorted(FOLDER.glob(pattern))


def problems() -> list[tuple[Path, Path]]:
    """Domain and problem of the planning competitions, and of houses like ours."""
    found = [(path.with_name(path.name.replace("-p.", "-d.")), path) for path in files("pddl/*/*-p.pddl")]
    return found + [(path.with_name("domain.pddl"), path) for path in files("pddl/*/*[0-9].pddl")]
