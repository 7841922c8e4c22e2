"""What an agent says where no model speaks for it: true sentences from its records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.thinking.account import Account
from agents.thinking.forms import Said, together

if TYPE_CHECKING:
    from agents.governance.rules import Actor
    from agents.mind.house import House


def answer(house: House, agent: str, asker: Actor, words: str) -> Said:
    """What `agent` truly can say to somebody's words."""
    account = Account(house, agent)
    return together([*account.doing(), *account.place(), account.board()])
