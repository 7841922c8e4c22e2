"""`make bench`: every module here that has a `measure()` is run; one JSON object is printed.

Figures are for reading and comparing, never for passing or failing. `python -m tests.bench NAME…`
runs only those named.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys

from tests import bench


def main() -> None:
    """Measure what was asked for, all by default."""
    found = [m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_")]
    figures = {}
    for name in sys.argv[1:] or found:
        module = importlib.import_module(f"tests.bench.{name}")
        if hasattr(module, "measure"):
            sys.stderr.write(f"measuring {name}\n")
            figures[name] = module.measure()
    sys.stdout.write(json.dumps(figures, indent=2, default=str) + "\n")


if __name__ == "__main__":
    main()
