"""The command sets: our verbs, and of the engine's commands what the list of ranks has (`commands.ranks`).

Owns which sets there are and which stands above which. What is typed to decide or to live (`Verbs`, `Living`) stands
above the ways out of a room and whatever a thing brings along: no exit called `approvals` hides the verb. Refuses verbs
to whoever is not logged in.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from evennia.commands.cmdset import CmdSet

from commands import adapter, building, carrying, entering, ranked, tables
from commands.channels import Channel
from commands.inventory import Inventory
from commands.login import Encoding, Help, Unknown
from commands.look import Look
from commands.nicks import Nick
from commands.page import Page
from commands.ranks import ACCOUNT, BODY, CONNECTION, LOGIN
from commands.walking import Go
from commands.whisper import Whisper

OURS = (
    *building.OURS,
    *tables.OURS,
    *carrying.OURS,
    Channel,
    Nick,
    Page,
    Whisper,
    entering.Password,
    entering.NewPassword,
    entering.Connect,
    entering.Create,
    Encoding,
    Help,
)
"""Commands of ours that take the place of the engine's which they derive from."""
LIVING = (
    "general.CmdSay",
    "general.CmdPose",
    "general.CmdGet",
    "general.CmdDrop",
    "general.CmdGive",
    "general.CmdWhisper",
)
OWN = ("general.CmdLook", "general.CmdInventory")
"""In the list, and here by commands of our own that derive from none of the engine's."""
ABOVE = 110
"""Priority of what stands above exits, which have 101."""


def _made(names: Any) -> list[Any]:
    return ranked.made((name for name in names if name not in OWN), OURS)


class Verbs(CmdSet):
    """Our verbs, above all else."""

    key = "Verbs"
    priority = ABOVE

    def at_cmdset_creation(self) -> None:
        """Every one of them."""
        self.add(adapter.commands())


class Living(CmdSet):
    """Verbs, and what else a person in a body does: above all else, too; one set, since each costs a merge at each
    line.
    """

    key = "Living"
    priority = ABOVE

    def at_cmdset_creation(self) -> None:
        """Verbs; looking, walking, carrying, speaking."""
        self.add([*adapter.commands(), *_made(LIVING), Look(), Inventory(), Go()])


_above: list[CmdSet] = []


def above(one: Any, *, body: bool) -> list[CmdSet]:
    """What stands above all else for a person; while a question waits for an answer, nothing does."""
    if not _above:
        _above.extend((Verbs(), Living()))
    asked = any(held.mergetype == "Replace" for held in one.cmdset.cmdset_stack)
    return [] if asked else _above[1:] if body else _above[:1]


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    return frozenset(word for command in Living() for word in command._matchset)


def hides(name: str) -> bool:
    """Whether typing `name` would be, or begin with, one of these words: the longest name that fits a line wins."""
    word = name.strip().lower().lstrip(settings.CMD_IGNORE_PREFIXES)
    return word[:1] in ("'", '"', ":") or bool(_words() & {word, *word.split()[:1]})


class CharacterCmdSet(CmdSet):
    """What a person in a body can type."""

    key = "DefaultCharacter"
    priority = 0

    def at_cmdset_creation(self) -> None:
        """The engine's of the list, then what answers the rest."""
        self.add([*_made(BODY), adapter.NoMatch(), adapter.MultiMatch()])


class AccountCmdSet(CmdSet):
    """What a person without a body can type."""

    key = "DefaultAccount"
    priority = -10

    def at_cmdset_creation(self) -> None:
        """The engine's of the list, then what answers the rest."""
        self.add([*_made(ACCOUNT), adapter.NoMatch(), adapter.MultiMatch()])


class SessionCmdSet(CmdSet):
    """What a connection can type, once it is logged in."""

    key = "DefaultSession"
    priority = -20

    def at_cmdset_creation(self) -> None:
        """The engine's of the list."""
        self.add(_made(CONNECTION))


class UnloggedinCmdSet(CmdSet):
    """The login screen."""

    key = "DefaultUnloggedin"
    priority = 0

    def at_cmdset_creation(self) -> None:
        """The engine's of the list; passwords are taken off the world's thread."""
        self.add([*_made(LOGIN), Unknown()])
