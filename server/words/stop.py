"""`timmy stop`: stop the world."""

from __future__ import annotations

from server.word import Args, Word


def _stop(args: Args) -> int:
    from server import lifecycle

    return lifecycle.stop(dry_run=args.dry_run)


WORD = Word("stop", "end the world", _stop, place=20, dry=True)
