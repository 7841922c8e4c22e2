"""Who comes for the first time is greeted, once and by name, by the first of the line, once they stand in one room.

Owns who is still to be greeted: whoever has come by the record and was not greeted by it. Refuses to walk after
anybody, and to speak for an agent that rests.
"""

from __future__ import annotations

from collections.abc import Callable

from agents.events.models import Event
from agents.house.core import Core
from agents.house.house import House
from agents.house.part import NEVER, Part
from agents.thinking.ports import Known

CAME = "person.came"
LOOK_SECONDS = 2.0
"""How long after somebody has come, and how often from then on, it is looked whether they have met."""
OWNERS = 'Welcome, {name}. I am {who}. Type "tour" and you are shown round, or "demo" and I show you how I work.'
GUESTS = 'Welcome, {name}. I am {who}. Type "tour" and you are shown round.'


class Welcome(Part):
    """The greetings of one house."""

    name = "welcome"
    after = ("mind",)

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._new: dict[str, str] = {}
        """Who is to be greeted: actors by the names that their bodies have, in small letters."""
        self._at = 0.0
        self._unsubscribe: Callable[[], None] | None = None

    def wire(self, house: House) -> None:
        """Learn who stands where and is awake."""
        self._known = house.need(Known)

    def start(self) -> None:
        """Take up who was not greeted yet, and hear of others."""
        greeted = set(Event.objects.filter(topic__regex=r"^agent\..*\.greeted$").values_list("data__person", flat=True))
        for actor in Event.objects.filter(topic=CAME).values_list("actor", flat=True):
            if actor not in greeted:
                self._expect(actor)
        self._unsubscribe = self.core.bus.subscribe(CAME, lambda event: self._expect(event.actor))

    def stop(self) -> None:
        """Hear of nobody any more."""
        if self._unsubscribe is not None:
            self._unsubscribe()

    def _expect(self, actor: str) -> None:
        self._new[actor.partition(":")[2].casefold()] = actor
        self._at = self.core.runtime.clock.monotonic() + LOOK_SECONDS

    @property
    def next_beat(self) -> float:
        """When it is looked again whether they have met."""
        return self._at if self._new else NEVER

    def beat(self) -> None:
        """Greet whoever stands where the first of the line stands."""
        self._at = self.core.runtime.clock.monotonic() + LOOK_SECONDS
        slug = self.core.roster.first
        if not slug or not self._known.able(slug) or not (here := self._known.where(slug)):
            return
        for name, room in self.core.world.people():
            if room == here and (actor := self._new.pop(name.casefold(), "")):
                self._greet(slug, actor, name, here)

    def _greet(self, slug: str, actor: str, name: str, room: str) -> None:
        words = (OWNERS if actor.startswith("owner:") else GUESTS).format(name=name, who=self._known.name(slug))
        with self.core.events.unit():
            self.core.body_of(slug).say(words)
            data = {"person": actor, "text": words, "room": room}
            self.core.events.append(f"agent.{slug}.greeted", f"agent:{slug}", via="mind", agent=slug, data=data)


PARTS = (Welcome,)
