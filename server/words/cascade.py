"""`timmy cascade`: the model service, its providers and their breakers."""

from __future__ import annotations

from server.word import Args, Word

EPILOG = (
    "status: every provider, or why there is none; probe: ask each now which models it has; open, close: leave a "
    "provider alone until you close its breaker. This works while the world is down, if the model service is running. "
    "Exit code 4: it is not."
)


def _cascade(args: Args) -> int:
    from server import cascade_cli

    return cascade_cli.cascade(args.rest, as_json=args.json)


WORD = Word(
    "cascade",
    "the model service: its providers, and their breakers by hand",
    _cascade,
    place=160,
    rest="status|probe|open|close PROVIDER",
    epilog=EPILOG,
)
