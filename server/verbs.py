"""Verbs of the world, called from a shell.

Owns the request to the world, with what this terminal can show, and the printing of the answer. If the world is
down, verbs that only read are answered from its files. Decides nothing. Standard library only.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.kernel import location
from agents.kernel.errors import BadInput, Unavailable
from server import client
from server.terminal import out, say
from server.word import Args, Run

READABLE = frozenset({"tasks", "task", "board", "plan", "audit", "feed", "kinds", "messages", "session"})
"""Verbs that only read, and are answered from the files when the Server is down."""

LONGEST = 10_000
"""Maximum characters of a verb's argument; the control socket takes lines of 256 kB."""


def forward(verb: str) -> Run:
    """A command that is a verb of the world, with the verb's own arguments."""

    def run(args: Args) -> int:
        if getattr(args, "dry_run", False):
            say(f"Would ask the world to: {verb} {' '.join(args.rest)}".rstrip())
            return 0
        words = rooted(args.rest) if verb == "task" else args.rest
        return ask(verb, " ".join(words), as_json=args.json)

    return run


def rooted(words: Sequence[str]) -> list[str]:
    """The words of `add KIND PATH …`, with a relative path (`.`, `../x`, `x/y`) made absolute.

    The world runs in another folder than the person who types. Words without a slash may be anything and stay as
    they are; so do paths that do not exist, unless they begin with a dot.
    """
    subject = next(iter(words[2:]), "") if words[:1] == ["add"] else ""
    relative = subject in (".", "..") or ("/" in subject and not subject.startswith(("/", "~", "=")))
    dotted = subject.startswith(".")
    if not relative or not (dotted or Path(subject).exists()):
        return list(words)
    return [*words[:2], str(Path(subject).resolve()), *words[3:]]


def ask(verb: str, argument: str, *, as_json: bool = False) -> int:
    """Have the world run a verb and print its answer; read the files when it is down."""
    asked = question(verb, argument, as_json)
    try:
        answer = client.ask(location.run_dir() / "timmy.sock", asked)
    except Unavailable:
        if verb not in READABLE:
            raise
        from server import offline

        say("The world is down; this is read from its files.")
        answer = offline.ask(asked)
    _print(answer, as_json)
    return int(answer["exit"])


def question(verb: str, argument: str, as_json: bool) -> dict[str, Any]:
    """The request to the control socket, with what this terminal can show."""
    if len(argument) > LONGEST:
        raise BadInput(f"That is too long: {len(argument)} of at most {LONGEST} characters.")
    colour = sys.stdout.isatty() and not location.environment("NO_COLOR") and not as_json
    return {
        "verb": verb,
        "argument": argument,
        "colour": colour,
        "plain": not sys.stdout.isatty(),
        "width": shutil.get_terminal_size((80, 24)).columns,
    }


def _print(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        if answer["exit"] and answer["data"] is None:
            answer["data"] = {"error": "\n".join(answer["lines"])}
        out(json.dumps(answer["data"], indent=2))  # in ASCII, which is safe for terminals
    elif answer["lines"]:
        tell = out if answer["exit"] in (0, 3) else say
        tell("\n".join(answer["lines"]))
