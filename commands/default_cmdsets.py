"""The command sets: the engine's own, with our verbs over them.

Owns what is added and what is taken out. The engine's builder commands stay; where a verb of
ours has the same name, ours is found. Refuses verbs to whoever is not logged in.
"""

from __future__ import annotations

from django.conf import settings
from evennia.commands.default import cmdset_account, cmdset_character, cmdset_session, cmdset_unloggedin
from evennia.commands.default.account import CmdCharCreate, CmdCharDelete
from evennia.commands.default.comms import (
    CmdDiscord2Chan,
    CmdGrapevine2Chan,
    CmdIRC2Chan,
    CmdIRCStatus,
    CmdRSS2Chan,
)
from evennia.commands.default.help import CmdHelp
from evennia.commands.default.unloggedin import CmdUnconnectedEncoding

from agents.kernel.text import shorten
from commands import adapter, entering, merging
from commands.channels import Channel
from commands.inventory import Inventory
from commands.look import Look
from commands.page import Page
from commands.whisper import Whisper
from world.screen import show

merging.install()
NOT_HERE = (CmdDiscord2Chan, CmdGrapevine2Chan, CmdIRC2Chan, CmdIRCStatus, CmdRSS2Chan, CmdCharCreate, CmdCharDelete)
"""Of the engine's: bridges to services that this world does not speak to, and more bodies than one."""


class CharacterCmdSet(cmdset_character.CharacterCmdSet):
    """What a person in a body can type."""

    key = "DefaultCharacter"

    def at_cmdset_creation(self) -> None:
        """The engine's commands without its help, then ours."""
        super().at_cmdset_creation()
        self.remove(CmdHelp())
        for command in (*adapter.commands(), Look(), Inventory(), Whisper(), adapter.NoMatch(), adapter.MultiMatch()):
            self.add(command)


class AccountCmdSet(cmdset_account.AccountCmdSet):
    """What a person without a body can type: the verbs need none."""

    key = "DefaultAccount"

    def at_cmdset_creation(self) -> None:
        """The engine's commands without its help and what has no use here, then ours."""
        super().at_cmdset_creation()
        for command in (CmdHelp, *NOT_HERE):
            self.remove(command())
        for command in (*adapter.commands(), Channel(), Page(), entering.Password(), entering.NewPassword(), adapter.NoMatch(), adapter.MultiMatch()):
            self.add(command)


class SessionCmdSet(cmdset_session.SessionCmdSet):
    """What a connection can type, logged in or not."""

    key = "DefaultSession"


class Encoding(CmdUnconnectedEncoding):  # type: ignore[misc]
    """
    how your client writes letters beyond ASCII

    Usage:
      encoding/clear
      encoding <encoding>
    """

    def func(self) -> None:
        """The engine's, for encodings of text that all can be read in: Python knows a hundred more, and
        some of them fail at every word.
        """
        if (asked := self.args.strip()) and asked.lower() not in map(str.lower, settings.ENCODINGS):
            show(self.session, f"There is no encoding '{shorten(asked, 40)}' here; there are {', '.join(settings.ENCODINGS)}.")
            return
        super().func()


class UnloggedinCmdSet(cmdset_unloggedin.UnloggedinCmdSet):
    """The login screen."""

    key = "DefaultUnloggedin"

    def at_cmdset_creation(self) -> None:
        """The engine's commands, then ours; passwords are taken off the world's thread."""
        super().at_cmdset_creation()
        for command in (Encoding(), entering.Connect(), entering.Create()):
            self.add(command)
