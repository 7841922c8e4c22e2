"""What a connection was offered last: lines that a number or `yes` types, and the one item that it was shown whole.

Owns that an offer holds for the very next line and no longer. Refuses to run anything: whoever reads the answer does,
by the line's own command and with all of its checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Offer:
    """`lines`: what may be chosen by number, the first by `yes`. `item`: the only approval that was shown whole.
    `answered`: it was shown in answer to a `yes`, so that a second one, typed ahead, decides nothing.
    """

    lines: tuple[str, ...] = ()
    item: str = ""
    answered: bool = False


def make(session: Any, offer: Offer) -> None:
    """Remember it for the line after this one."""
    if session is not None:
        session.ndb.offer = (session.cmd_total, offer)


def standing(session: Any) -> Offer:
    """What the line before this one was answered with; an empty offer where that was none."""
    at, offer = (session.ndb.offer if session is not None else None) or (-2, Offer())
    return offer if session is not None and session.cmd_total == at + 1 else Offer()


def dropped(session: Any) -> None:
    """It holds no longer."""
    if session is not None:
        session.ndb.offer = None
