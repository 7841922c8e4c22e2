"""What a person at a terminal reads: data to standard output, progress and errors to standard error.

Owns these two streams, and that both are open. Neither decides what is printed nor knows whether anybody reads it.
"""

from __future__ import annotations

import io
import os
import sys

from agents.kernel.errors import TimmyError

STREAMS = ("stdin", "stdout", "stderr")


def begin() -> None:
    """Give this process the streams that a shell has closed (`>&-`), connected to nothing.

    Without them the next file or socket it opens would get their number, and be written to.
    """
    for name in STREAMS:
        if getattr(sys, name) is None:
            nothing = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(nothing, True)
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, os.fdopen(nothing, mode, encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):  # if a terminal lacks a character, its code is shown
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class Unprinted(TimmyError):
    """The output could not be printed; whatever was requested may be done."""


def say(text: str) -> None:
    """Progress and errors, to standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def out(text: str) -> None:
    """A line of data, to standard output."""
    write(text + "\n")


def write(text: str, *, now: bool = False) -> None:
    """A piece of data, to standard output, flushed if `now`. Raises Unprinted."""
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
    """Print nothing more: what is buffered cannot be written, and would be tried again at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
