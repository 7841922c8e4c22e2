"""`timmy run`: prepare and start the world."""

from __future__ import annotations

from argparse import ArgumentParser

from server.word import Args, Word


def _options(made: ArgumentParser) -> None:
    made.add_argument("--foreground", action="store_true", help="stay and supervise (for systemd and containers)")


def _run(args: Args) -> int:
    from server import lifecycle

    return lifecycle.run(foreground=args.foreground, dry_run=args.dry_run, as_json=args.json)


WORD = Word("run", "prepare and start the world, in the background", _run, place=10, dry=True, options=_options)
