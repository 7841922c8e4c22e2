"""`timmy chat`: talk with an agent line by line."""

from __future__ import annotations

from argparse import ArgumentParser

from server.verbs import question
from server.word import Args, Word

EPILOG = (
    "With --json each part of an answer is an object on its own line, as it arrives; the last one of each answer "
    "contains all of it."
)


def _options(made: ArgumentParser) -> None:
    made.add_argument("agent", nargs="?", default="timmy", metavar="AGENT")


def _chat(args: Args) -> int:
    from server import chat

    return chat.loop(args.agent, question("agents", args.agent, args.json), as_json=args.json)


WORD = Word(
    "chat",
    "talk with an agent line by line; Ctrl-C cuts an answer short, Ctrl-D ends",
    _chat,
    place=220,
    options=_options,
    epilog=EPILOG,
)
