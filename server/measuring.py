"""`timmy bench`: measurements of this clone on this machine.

Owns where the measurements are looked for, and their process. Does not import them: a world runs without its tests,
so they are a separate program (`python -m tests.bench`).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from agents.kernel import location
from agents.kernel.errors import Unavailable


def bench(
    name: str | None,
    *,
    as_json: bool = False,
    quick: bool = False,
    plot: str | None = None,
    shape: Mapping[str, str | None] = MappingProxyType({}),
) -> int:
    """Run one measurement, or list them without a name; returns the exit code. `shape`: options of the measurement by
    name.

    Raises Unavailable if the project's tests are not there (an installation without a clone).
    """
    if not (location.PROJECT / "tests" / "bench" / "__main__.py").is_file():
        raise Unavailable(
            f"The measures are part of the project's tests, and there is no {location.PROJECT / 'tests' / 'bench'}. "
            "Run this in a clone of the project, after: make install"
        )
    words = [sys.executable, "-m", "tests.bench", *([name] if name is not None else [])]
    words += ["--json"] * as_json + ["--quick"] * quick + ([f"--plot={Path(plot).resolve()}"] if plot else [])
    words += [f"--{option.replace('_', '-')}={value}" for option, value in shape.items() if value is not None]
    return subprocess.run(words, cwd=location.PROJECT, check=False).returncode
