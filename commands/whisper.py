"""`whisper`: the engine's, which also knows of agents that are elsewhere. Refuses to carry words there:
that is `ask`.
"""

from __future__ import annotations

from evennia.commands.default.general import CmdWhisper

from agents.house import house as houses
from agents.thinking.conversation import Conversation
from commands import verbs
from world.places import key_of
from world.screen import show


class Whisper(CmdWhisper):  # type: ignore[misc]
    """
    speak to somebody in the same room, unheard by the others

    Usage:
      whisper <name> = <words>
      whisper <name>, <name> = <words>

    An agent answers by whispering.
    """

    def func(self) -> None:
        """The engine's, for those who are here; of an agent who is not it is told where it is."""
        house = houses.current()
        if house is not None and self.lhs and self.rhs:
            here = house.world.agents(key_of(self.caller.location))
            away = {
                form: slug
                for slug, one in house.roster.items()
                if slug not in here
                for form in (slug, one.name.lower())
            }
            names = [name.strip() for name in self.lhs.split(",")]
            for slug in dict.fromkeys(away[name.lower()] for name in names if name.lower() in away):
                show(self.caller, verbs.refusal(house.need(Conversation).away(slug)).lines)
            self.lhs = ",".join(name for name in names if name.lower() not in away)
            if not self.lhs:
                return
        super().func()
