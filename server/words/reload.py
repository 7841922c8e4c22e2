"""`timmy reload`: restart the Server."""

from __future__ import annotations

from server.word import Args, Word


def _reload(args: Args) -> int:
    from server import lifecycle

    return lifecycle.reload(dry_run=args.dry_run)


WORD = Word("reload", "restart the Server; connections and work are kept", _reload, place=30, dry=True)
