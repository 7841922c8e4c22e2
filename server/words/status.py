"""`timmy status`: whether the world is running, and how well."""

from __future__ import annotations

import json

from agents.kernel.errors import Unavailable
from server.terminal import out
from server.word import Args, Word


def _status(args: Args) -> int:
    from server import status

    now = status.gather()
    out(json.dumps(now, indent=2) if args.json else "\n".join(status.lines(now)))
    return 0 if now["ready"] else Unavailable.exit_code


WORD = Word("status", "which processes run, where to connect, whether the world is ready", _status, place=40)
