"""A body whose every visible deed is an event that names its plan step.

Owns the one way in which an agent becomes visible: a mind is given this wrapper and
never the bare body. Refuses deeds without a step.
"""

from __future__ import annotations

from typing import Any

from agents.events.log import EventLog
from agents.governance.rules import Actor
from agents.work.ports import Body, RoomSpec


class RecordedBody:
    """`body`, with `agent.<slug>.<deed>` appended after each deed that succeeded.

    A deed that raises StepFailed was not done and leaves no event.
    """

    def __init__(
        self, body: Body, events: EventLog, step: str, task: int | None = None,
        effects: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        """`step` is the journal id of the step being done; raises ValueError when empty. `effects`
        are the (kind, target) pairs that were authorised for it.
        """
        if not step:
            raise ValueError("a visible deed belongs to a plan step")
        self._body, self._events, self._step, self._task = body, events, step, task
        self._effects = effects
        self.slug = body.slug

    def where(self) -> str:
        """Key of the room it stands in ('' when nowhere)."""
        return self._body.where()

    def _record(self, deed: str, data: dict[str, Any]) -> None:
        self._events.append(
            f"agent.{self.slug}.{deed}", Actor("agent", self.slug), via="mind", agent=self.slug,
            task=self._task, step=self._step, data=data,
        )

    def move(self, target: str) -> None:
        """Walk to the adjacent room `target`."""
        origin = self._body.where()
        self._body.move(target)
        self._record("move", {"from": origin, "to": target})

    def say(self, text: str) -> None:
        """Speak to the room."""
        self._body.say(text)
        self._record("say", {"text": text, "room": self._body.where()})

    def emote(self, text: str) -> None:
        """Be seen doing `text`."""
        self._body.emote(text)
        self._record("emote", {"text": text, "room": self._body.where()})

    def take(self, item: str) -> None:
        """Pick up an item of the room."""
        self._body.take(item)
        self._record("take", {"item": item, "room": self._body.where()})

    def drop(self, item: str) -> None:
        """Put an item down."""
        self._body.drop(item)
        self._record("drop", {"item": item, "room": self._body.where()})

    def build_room(self, spec: RoomSpec, effects_approved: frozenset[tuple[str, str]] = frozenset()) -> None:
        """Make a room under the effects authorised for this step, and no others that are passed."""
        self._body.build_room(spec, self._effects)
        self._record("build", {"room": spec.key, "name": spec.name, "beside": spec.beside})
