"""How plain words are answered: by a line that is typed on, or by lines that are shown with what they offer.

Owns these two ways. What is typed on goes through its own command, with all of that command's checks, for the one who
typed. Refuses to read a line that is typed on for plain words again.
"""

from __future__ import annotations

from typing import Any

from evennia.commands.cmdhandler import cmdhandler
from evennia.commands.command import Command

from agents.kernel.text import shorten, visible
from commands import offers
from commands.offers import Offer
from world import screen

SHOWN = 300
"""Characters of a line that is offered; a longer one is cut where it is shown as a choice."""


def typed(command: Command, line: str, *, answering: bool = False) -> None:
    """Have a line done by its own command, as if it had been typed now. `answering`: it was offered, and taken."""
    session, caller = command.session, command.caller
    before = session.ndb.reading, session.ndb.answering
    session.ndb.reading, session.ndb.answering = True, answering
    try:
        kind = "object" if getattr(caller, "location", None) is not None else "account"
        cmdhandler(caller, line, callertype=kind, session=session)
    finally:
        session.ndb.reading, session.ndb.answering = before


def tell(command: Command, lines: list[str], offer: Offer | None = None) -> None:
    """Show an answer, with what it offers."""
    if offer is not None:
        offers.make(command.session, offer)
    screen.show(command.session or command.caller, lines)


def choices(word: str, lines: tuple[str, ...]) -> list[str]:
    """That there is no such word, and what it may have been."""
    gone, shown = visible(shorten(word, 40)), [visible(shorten(line, 60)) for line in lines]
    if not shown:
        return [screen.paint("bad", f"There is no '{gone}'."), f"Try: {key('help')}"]
    if len(shown) == 1:
        return [
            screen.paint("bad", f"There is no '{gone}'. Near it: {shown[0]}."),
            f"Type {key('yes')} if you meant that.",
        ]
    listed = "; ".join(f"{number} {line}" for number, line in enumerate(shown, 1))
    return [
        screen.paint("bad", f"There is no '{gone}'. Near it: {listed}."),
        "Type its number if you meant one of them.",
    ]


def key(line: Any) -> str:
    """A line to type, as it is shown."""
    return screen.paint("key", visible(str(line)))
