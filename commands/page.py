"""`page`: the engine's private messages, in which words are words. Everything else is the engine's."""

from __future__ import annotations

from evennia.commands.default.comms import CmdPage

from typeclasses.net import literal


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
