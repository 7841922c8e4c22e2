"""`timmy world`: the map into the world, and the world into map files."""

from __future__ import annotations

from argparse import ArgumentParser

from server.verbs import forward
from server.word import Args, Word


def _options(made: ArgumentParser) -> None:
    made.add_argument(
        "--force", action="store_true", help="also restore what was changed or removed by hand; overwrite files"
    )


def _world(args: Args) -> int:
    args.rest += ["--force"] * args.force
    return forward("world")(args)


WORD = Word(
    "world",
    "world build: create the map's rooms; world export FOLDER: write the current map",
    _world,
    place=150,
    rest="build|export",
    dry=True,
    options=_options,
)
