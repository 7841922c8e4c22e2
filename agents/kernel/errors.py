"""One tree of errors, whose texts are fit for a player to read.

Each says what failed; `next` holds the one command that helps, if there is one.
Raise the narrowest class; catch `TimmyError` only where a person is answered.
"""

from __future__ import annotations

import errno
import sqlite3

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
NO_ROOM = FULL | {errno.EROFS}
_SQLITE_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})
# Extended codes carry more in the higher bits; a full disk is IOERR where shared memory must grow.
_SQLITE_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class TimmyError(Exception):
    """Something was refused or failed for a reason a person can act upon."""

    exit_code = 1

    def __init__(self, message: str, *, next: str = "") -> None:
        """`message`: what failed and the nearest right form. `next`: one command to try."""
        super().__init__(message)
        self.message = message
        self.next = next

    def __str__(self) -> str:
        """The message, with the next command behind it where there is one."""
        return f"{self.message} Try: {self.next}" if self.next else self.message


class BadInput(TimmyError):
    """What was given cannot be read; nothing was changed."""

    exit_code = 2


class NotFound(TimmyError):
    """There is no such task, agent, room or file."""


class NotAllowed(TimmyError):
    """`may()` said no."""


class Conflict(TimmyError):
    """Somebody else was first, or what was shown has changed since."""


class IllegalTransition(TimmyError):
    """A state machine has no such step; the message names the legal ones."""


class Unavailable(TimmyError):
    """A part that is needed is not there now (no sandbox, no model, no Server)."""

    exit_code = 4


class StepFailed(TimmyError):
    """A plan step could not be done; the mind will replan or report it."""


class Unwritable(TimmyError):
    """The world's records cannot be written now, by no fault of whoever tried; nothing was changed."""


class NoRoom(Unwritable):
    """The disk with the world's state is full or cannot be written; nothing was changed."""

    def __init__(self) -> None:
        """Always the same words: they are also what is logged."""
        super().__init__(
            "The world's disk is full or cannot be written, so nothing was changed. Free some space there; "
            "the world then carries on.",
            next="status",
        )


class Locked(Unwritable):
    """Another program keeps the database locked; nothing was changed."""

    def __init__(self) -> None:
        """Always the same words: they are also what is logged."""
        super().__init__(
            "The world's records are locked by another program, so nothing was changed. Try again in a moment; "
            "the world then carries on.",
            next="status",
        )


def unwritable(error: BaseException) -> Unwritable | None:
    """What `error`, or what it came from, says of a disk that is full or cannot be written, or of a
    database that is locked; None when it says neither.
    """
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, Unwritable):
            return seen
        if isinstance(seen, OSError) and seen.errno in NO_ROOM:
            return NoRoom()
        code = getattr(seen, "sqlite_errorcode", None)
        if isinstance(seen, sqlite3.Error) and isinstance(code, int):
            if code & 0xFF in _SQLITE_FULL:
                return NoRoom()
            if code & 0xFF in _SQLITE_LOCKED:
                return Locked()
        seen = seen.__cause__
    return None
