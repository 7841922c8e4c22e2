"""`nick`: words of one's own for longer lines. What a nick may be is `typeclasses.nicks`' to say."""

from __future__ import annotations

from evennia.commands.default.general import CmdNick

from agents.house import house as houses
from agents.kernel.errors import BadInput, NotFound
from agents.kernel.text import shorten, visible
from commands import verbs
from typeclasses import nicks
from world.screen import show

SORTS = ("inputline", "object", "account")


class Nick(CmdNick):  # type: ignore[misc]
    """
    make short words of your own for longer lines

    Usage:
      nick <words> = <line>             those words alone stand for the line
      nick <word> $1 = <line with $1>   what follows the word is put in the place of $1
      nick/object <name> = <thing>      another name for a thing; nick/account for somebody
      nicks                             which you have
      nick/delete <number>              forget one; nick/clearall forgets all

    Example:
      nick greet $1 = say Hello, $1!

    Nicks are yours alone. Verdicts are typed in full: a nick is none and stands for none.
    """

    key = "nick"
    aliases = ("nickname", "nicks")
    locks = "cmd:all()"
    switch_options = (*SORTS, "list", "delete", "clearall")

    def func(self) -> None:
        """Make, list or forget."""
        show(self.session or self.caller, verbs.guarded(houses.current(), "nick", self._answer).lines)

    def _answer(self) -> verbs.Reply:
        mine = self.caller.nicks
        kept = mine.kept(SORTS)
        if "clearall" in self.switches:
            for sort, typed, _ in kept:
                mine.remove(typed, category=sort)
            return verbs.Reply(["You have no nicks any more."])
        if "delete" in self.switches:
            return self._forgotten(kept)
        if self.rhs is None or "list" in self.switches:
            wanted = self.lhs.lower() if self.lhs else ""
            found = [
                f" {number} {nicks.quoted(typed, meant)}{'' if sort == 'inputline' else f' ({sort})'}"
                for number, (sort, typed, meant) in enumerate(kept, 1)
                if typed.lower().startswith(wanted)
            ]
            return verbs.Reply(
                found or ["You have no such nick." if wanted else f"You have no nicks. Try: {nicks.EXAMPLE}"]
            )
        for sort in [switch for switch in self.switches if switch in SORTS] or ["inputline"]:
            mine.add(" ".join(self.lhs.split()), self.rhs, category=sort)
        return verbs.Reply([f"From now on: {nicks.quoted(self.lhs, self.rhs)}"])

    def _forgotten(self, kept: list[tuple[str, str, str]]) -> verbs.Reply:
        wanted = self.args.strip().removeprefix("#")
        if not wanted:
            raise BadInput("Say which nick, by its number or its words.", next="nicks")
        gone = [one for number, one in enumerate(kept, 1) if wanted in (str(number), one[1])]
        if not gone:
            raise NotFound(f"You have no nick '{visible(shorten(wanted, 40))}'.", next="nicks")
        for sort, typed, _ in gone:
            self.caller.nicks.remove(typed, category=sort)
        return verbs.Reply([f"Forgotten: {nicks.quoted(typed, meant)}" for _, typed, meant in gone])
