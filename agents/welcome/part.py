"""The first of the line greets newcomers by name, once, as soon as the two stand in the same room.

Owns who has yet to be greeted: whoever has come, by the record, and has not been greeted. Refuses to follow anybody,
and to speak for an agent that is resting.
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
"""How long after somebody has come to check whether they have met, and how often from then on."""
OWNERS = 'Welcome, {name}. I am {who}. Type "tour" for a walk round the house, or "demo" to see me at work.'
GUESTS = 'Welcome, {name}. I am {who}. Type "tour" for a walk round the house.'


class Welcome(Part):
    """The greetings of one house."""

    name = "welcome"
    after = ("mind",)

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._new: dict[str, str] = {}
        """Whom to greet: actors by the names of their bodies, in lower case."""
        self._at = 0.0
        self._unsubscribe: Callable[[], None] | None = None

    def wire(self, house: House) -> None:
        """Find out who tells where agents stand and whether they are awake."""
        self._known = house.need(Known)

    def start(self) -> None:
        """Note who has not been greeted yet, and listen for newcomers."""
        greeted = set(Event.objects.filter(topic__regex=r"^agent\..*\.greeted$").values_list("data__person", flat=True))
        for actor in Event.objects.filter(topic=CAME).values_list("actor", flat=True):
            if actor not in greeted:
                self._expect(actor)
        self._unsubscribe = self.core.bus.subscribe(CAME, lambda event: self._expect(event.actor))

    def stop(self) -> None:
        """Stop listening."""
        if self._unsubscribe is not None:
            self._unsubscribe()

    def _expect(self, actor: str) -> None:
        self._new[actor.partition(":")[2].casefold()] = actor
        self._at = self.core.runtime.clock.monotonic() + LOOK_SECONDS

    @property
    def next_beat(self) -> float:
        """When to check again whether they have met."""
        return self._at if self._new else NEVER

    def beat(self) -> None:
        """Greet the newcomers who stand beside the first of the line."""
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
