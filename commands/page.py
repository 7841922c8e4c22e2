"""`page`: the engine's private messages, in which words are words, and of which so many are kept. Everything else is
the engine's.
"""

from __future__ import annotations

from evennia.commands.command import InterruptCommand
from evennia.commands.default.comms import CmdPage
from evennia.comms.models import Msg

from typeclasses.net import literal
from world.screen import show

KEPT, AT_ONCE = 100, 50
"""Pages kept of one sender, and how many older ones are taken away at a time: the engine reads all of them at each
page.
"""


class Page(CmdPage):
    """Send a private message to another account, or list the last ones.

    Usage:
      page <account> <message>
      page <account>,<account> = <message>
      page/last <number>
    """

    def parse(self) -> None:
        """Read one harmless line: no markup, no control characters."""
        self.args = f" {literal(self.args.strip())}" if self.args.strip() else ""
        super().parse()
        if (
            self.args.isnumeric() and not self.args.isdecimal()
        ):  # such as ½: the engine takes it for a number, and cannot read it
            show(self.session or self.caller, "That is no number of pages. Try: page/last 5")
            raise InterruptCommand

    def func(self) -> None:
        """What is old of this sender goes; then the engine's."""
        for old in list(Msg.objects.get_messages_by_sender(self.caller).order_by("-id")[KEPT - 1 : KEPT + AT_ONCE]):
            old.delete()
        super().func()
