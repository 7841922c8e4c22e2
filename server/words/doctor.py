"""`timmy doctor`: what is wrong, and how to fix it."""

from __future__ import annotations

import json

from server.terminal import out
from server.word import Args, Word


def _doctor(args: Args) -> int:
    from server import doctor, words

    findings = doctor.examine(words.load()[1])
    out(json.dumps([one.as_dict() for one in findings], indent=2) if args.json else "\n".join(doctor.lines(findings)))
    return 1 if any(one.bad for one in findings) else 0


WORD = Word("doctor", "what is wrong, and the command that fixes it", _doctor, place=50)
