"""`python -m tests.bench.planning.plans`: every plan of the measured problems, to compare processes."""

from __future__ import annotations

import sys

from tests.bench.planning.running import every_plan

if __name__ == "__main__":
    for line in every_plan("--quick" in sys.argv):
        sys.stdout.write(line + "\n")
