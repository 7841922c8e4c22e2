"""One hierarchy of errors, with messages that players can read.

Each says what failed; `next` holds a command that helps, if there is one. Raise the narrowest class; catch
`TimmyError` only where a person gets the answer.
"""

from __future__ import annotations

import errno
import sqlite3

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
NO_ROOM = FULL | {errno.EROFS}
_SQLITE_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})
# Extended codes use the higher bits; a full disk shows as IOERR when the shared memory file must grow.
_SQLITE_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class TimmyError(Exception):
    """Something was refused or failed for a reason that a person can do something about."""

    exit_code = 1

    def __init__(self, message: str, *, next: str = "") -> None:
        """`message`: what failed and the nearest correct form. `next`: a command to try."""
        super().__init__(message)
        self.message = message
        self.next = next

    def __str__(self) -> str:
        """The message, followed by the next command if there is one."""
        return f"{self.message} Try: {self.next}" if self.next else self.message


class BadInput(TimmyError):
    """The input cannot be understood; nothing was changed."""

    exit_code = 2


class NotFound(TimmyError):
    """There is no such task, agent, room or file."""


class NotAllowed(TimmyError):
    """`may()` said no."""


class Conflict(TimmyError):
    """Somebody else was first, or what was shown has changed since."""


class IllegalTransition(TimmyError):
    """A state machine has no such transition; the message names the legal ones."""


class Unavailable(TimmyError):
    """Something required is missing at the moment (no sandbox, no model, no Server)."""

    exit_code = 4


class StepFailed(TimmyError):
    """A plan step could not be done; the mind will replan or report it."""


class Unwritable(TimmyError):
    """The world's records cannot be written at the moment, and the caller is not to blame; nothing was changed."""


class NoRoom(Unwritable):
    """The disk with the world's state is full or cannot be written; nothing was changed."""

    def __init__(self) -> None:
        """Always the same words, which are also what is logged."""
        super().__init__(
            "The world's disk is full or cannot be written, so nothing was changed. Free some space there; "
            "the world then carries on.",
            next="status",
        )


class Locked(Unwritable):
    """Another program keeps the database locked; nothing was changed."""

    def __init__(self) -> None:
        """Always the same words, which are also what is logged."""
        super().__init__(
            "The world's records are locked by another program, so nothing was changed. Try again in a moment; "
            "the world then carries on.",
            next="status",
        )


def unwritable(error: BaseException) -> Unwritable | None:
    """The `StoreError` that `error`, or one of its causes, stands for: a disk that is full or cannot be written, or a
    locked database; None if it is neither.
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
