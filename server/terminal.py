"""What a person at a terminal reads: data to standard output, progress and errors to standard error.

Owns these two ways, and that both lead somewhere. Refuses to decide what is said, and to know whether somebody reads
it.
"""

from __future__ import annotations

import io
import os
import sys

from agents.kernel.errors import TimmyError

STREAMS = ("stdin", "stdout", "stderr")


def begin() -> None:
    """Give this process the streams that a shell has closed (`>&-`), where nothing is kept.

    Without them the next file or socket that it opens would get their number, and be written to.
    """
    for name in STREAMS:
        if getattr(sys, name) is None:
            nothing = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(nothing, True)
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, os.fdopen(nothing, mode, encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a character is shown its code
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class Unprinted(TimmyError):
    """What was to be printed could not be written; whatever was asked for may be done."""


def say(text: str) -> None:
    """Progress and errors, to standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def out(text: str) -> None:
    """Data, to standard output: a line."""
    write(text + "\n")


def write(text: str, *, now: bool = False) -> None:
    """Data, to standard output: a piece, to be seen `now`. Raises Unprinted."""
    try:
        sys.stdout.write(text)
        if now:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        drop()
        raise Unprinted(
            f"The output could not be written: {error.strerror}. Free some space there, or send it elsewhere."
        ) from error


def drop() -> None:
    """Print nothing more: what waits cannot be written, and would be tried again at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
