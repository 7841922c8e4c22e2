"""A command of the command line: `timmy WORD …`.

Owns what a command is, and how its grammar is built. Does not run any.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NamedTuple

Args = argparse.Namespace
Run = Callable[[Args], int]
"""Carries out the command; returns the exit code. It imports what it needs when it runs, so that other commands are
fast.
"""


class Word(NamedTuple):
    """One command. The file of its name in `server/words` defines it as `WORD`."""

    name: str
    help: str
    run: Run
    place: int
    """Its place in the help: lowest first."""
    rest: str = ""
    """What the free arguments are, if it takes any; they are `args.rest`."""
    dry: bool = False
    """Whether it can say what it would do, without doing it (`--dry-run`)."""
    options: Callable[[argparse.ArgumentParser], None] | None = None
    """Adds its other options."""
    epilog: str = ""
    """The end of its help."""
    as_written: bool = False
    """Whether the lines of that end are kept as they are."""

    def explain(self, made: argparse.ArgumentParser) -> None:
        """Give a parser this command's grammar."""
        made.set_defaults(run=self.run)
        if self.rest:
            made.add_argument("rest", nargs="*", metavar=self.rest)
        if self.dry:
            made.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")
        if self.options is not None:
            self.options(made)
        made.epilog = self.epilog or None
        if self.as_written:
            made.formatter_class = argparse.RawDescriptionHelpFormatter
