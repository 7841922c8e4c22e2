"""`make bench`, or `python -m tests.bench`: every measure, printed as one JSON object."""

from __future__ import annotations

import json
import sys

from tests.bench import measures

if __name__ == "__main__":
    sys.stdout.write(json.dumps(measures.all_of_it(), indent=2, default=str) + "\n")
