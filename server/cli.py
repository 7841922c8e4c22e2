"""`timmy`: the command line. Talks to the running world, or reads its files when it is down.

Owns the conventions: data to standard output, progress and errors to standard error; exit codes 0 done, 1 error, 2
usage, 3 waiting for approval, 4 world down. The commands are in `server.words`, one file each; any other is a verb
of the world. Decides nothing, asks nothing, and imports no library until a command needs one.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

from agents.kernel import location
from agents.kernel.errors import FULL, TimmyError
from server import terminal, verbs, words
from server.terminal import say
from server.word import Word

FLAGS = ("--json", "--no-input")
"""Options of every command and every verb."""


def parser(known: Mapping[str, Word]) -> argparse.ArgumentParser:
    """The grammar of the command line."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print data as JSON")
    common.add_argument(
        "--no-input", action="store_true", default=argparse.SUPPRESS, help="never ask (nothing does; for scripts)"
    )
    top = argparse.ArgumentParser(
        prog="timmy",
        description="Run Timmy's World and speak to it.",
        parents=[common],
        epilog="Any verb of the game works too: timmy why timmy, timmy help approve. "
        "Exit codes: 0 done, 1 error, 2 usage, 3 waiting for approval, 4 world down.",
    )
    made = top.add_subparsers(dest="word", metavar="VERB", required=True)
    for word in known.values():
        word.explain(made.add_parser(word.name, help=word.help, description=word.help, parents=[common]))
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit code."""
    if argv is None and any(location.environment(name) for name in location.NOT_OURS):
        os.execve(sys.executable, sys.orig_argv, location.plain_environment())  # noqa: S606  begun again without them
    terminal.begin()
    try:
        code = _run(list(sys.argv[1:] if argv is None else argv))
        terminal.write("", now=True)
        return code
    except TimmyError as error:
        say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        say("Interrupted.")
        return 1
    except BrokenPipeError:  # the reader of our output has gone, which is fine
        terminal.drop()
        return 0
    except OSError as error:
        if error.errno in FULL:
            place = error.filename or "what was to be written"
            say(f"There is no space for {place}: {error.strerror}. Free some, or have it written elsewhere.")
            return 1
        say(f"The system refused: {error}. Try: timmy doctor")
        return 1


def _run(given: list[str]) -> int:
    first = next((one for one in given if not one.startswith("-")), "")
    word = words.find(first)
    if first and word is None:
        rest = [one for one in given if one not in (first, *FLAGS)]
        return verbs.forward(first)(argparse.Namespace(word=first, json="--json" in given, rest=rest))
    known = {first: word} if word else _all()
    try:
        args = parser(known).parse_args(given)
    except SystemExit as end:  # it has printed the usage, or the requested help
        return int(end.code or 0)
    args.json = getattr(args, "json", False)
    done: int = args.run(args)
    return done


def _all() -> Mapping[str, Word]:
    known, problems = words.load()
    for problem in problems:
        say(f"left out: {problem}")
    return known


if __name__ == "__main__":
    sys.exit(main())
