"""`timmy veto`: say no, and why."""

from __future__ import annotations

from argparse import ArgumentParser

from server import verbs
from server.word import Args, Word


def _options(made: ArgumentParser) -> None:
    made.add_argument("--reason", default="")


def _veto(args: Args) -> int:
    reason = f" = {args.reason}" if args.reason else ""
    return verbs.ask("veto", " ".join(args.rest) + reason, as_json=args.json)


WORD = Word("veto", "veto items: timmy veto 3 --reason 'use the mock'", _veto, place=90, rest="ITEM", options=_options)
