"""Lines typed while a password is being checked: kept, and typed on for whoever then comes in.

Owns how many are kept, and that they are dropped when nobody comes in: a line may hold a second try of a password, and
is never shown. Refuses to keep what belongs to the login screen itself.
"""

from __future__ import annotations

from typing import Any

from evennia.commands.command import Command

MOST, LONGEST = 30, 4000
"""Lines, and characters in all."""
OWN = frozenset("connect conn co con create cre cr quit q qu".split())  # noqa: SIM905


def keeps(session: Any, line: str) -> bool:
    """Whether a line of this connection waits for its login."""
    return (
        getattr(session, "logged_in", None) is False
        and session.ndb.at_the_doors is not None
        and line.strip().partition(" ")[0].casefold() not in OWN
    )


def taken(session: Any) -> list[str]:
    """The lines that were kept, which are kept no longer."""
    lines, session.ndb.ahead = session.ndb.ahead or [], None
    return list(lines)


class Ahead(Command):
    """A line typed ahead."""

    key = "__ahead"
    locks = "cmd:all()"
    auto_help = False

    def func(self) -> None:
        """Keep it, while there is room."""
        session = self.caller
        kept = session.ndb.ahead or []
        if len(kept) < MOST and sum(map(len, kept)) + len(self.raw_string) <= LONGEST:
            session.ndb.ahead = [*kept, self.raw_string]
