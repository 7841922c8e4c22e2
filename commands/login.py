"""The login screen's commands besides those of passwords: what can be typed here, and how the client writes letters.

Owns their words, which name nothing that is not there. `encoding` is at hand after the login, too: whoever cannot be
read is told of it wherever he is.
"""

from __future__ import annotations

from django.conf import settings
from evennia.commands.cmdhandler import CMD_NOMATCH
from evennia.commands.command import Command
from evennia.commands.default.unloggedin import CmdUnconnectedEncoding, CmdUnconnectedHelp

from agents.kernel.text import shorten, visible
from world.screen import paint, show

ENTER = ("connect <name> <password>", "enter the world")
MAKE = ("create <name> <password>", "make an account")
REST = (
    ("encoding <encoding>", "say how your client writes letters beyond ASCII"),
    ("screenreader", "show everything in one column, without decoration"),
    ("look", "show the first screen again"),
    ("info", "what this world is, for programs that collect that"),
    ("quit", "leave"),
)


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
            known = ", ".join(settings.ENCODINGS)
            show(self.session, f"There is no encoding '{visible(shorten(asked, 40))}' here; there are {known}.")
            return
        super().func()


class Help(CmdUnconnectedHelp):  # type: ignore[misc]
    """
    what can be typed before you have logged in

    Usage:
      help
    """

    def func(self) -> None:
        """Everything that works here, and nothing that does not."""
        first = (ENTER, MAKE) if settings.NEW_ACCOUNT_REGISTRATION_ENABLED else (ENTER,)
        lines = [f"{paint('key', form)}: {what}." for form, what in (*first, *REST)]
        lines.append('A name or a password of several words goes in double quotes: connect "Ada Lovelace" "two words"')
        if not settings.NEW_ACCOUNT_REGISTRATION_ENABLED:
            lines.append("The owner of this world creates the accounts.")
        show(self.session, ["You have not logged in yet. You can type:", *lines])


class Unknown(Command):
    """What is no command before the login: the engine would name the nearest, whether it works here or not."""

    key = CMD_NOMATCH
    locks = "cmd:all()"
    auto_help = False

    def func(self) -> None:
        """Say what comes first. The line is not repeated: it may hold a password."""
        show(
            self.caller,
            [
                "You have not logged in yet, so only a few words work.",
                f"Try: {paint('key', ENTER[0])}, or {paint('key', 'help')}",
            ],
        )
