"""A body that records every visible deed as an event with its plan step.

Owns the only way in which an agent becomes visible: a mind acts through this wrapper, never through the bare body.
Refuses deeds without a step, words that an earlier try of the step has spoken, and what its agent, speaking for itself,
has said of late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from typing import Any

from agents.events.chain import safe
from agents.events.log import EventLog
from agents.events.models import Event
from agents.kernel.errors import StepFailed
from agents.mind.lately import SIZE, Mark
from agents.work.ports import Body, RoomSpec

WORDS = ("say", "emote")


def mark_of(deed: str, data: Any) -> Mark:
    """The mark of a deed with the data of its event; a walk is the same wherever it began."""
    told = {"to": data["to"]} if deed == "move" else data
    return blake2b(
        repr((deed, sorted((name, str(value)) for name, value in told.items()))).encode(), digest_size=SIZE
    ).digest()


class RecordedBody:
    """`body`, with `agent.<slug>.<deed>` appended after each deed that succeeded.

    A deed that raises StepFailed was not done and leaves no event.

    Deed and event are one transaction in one stretch of the reactor's thread. What a deed changes
    in the tables is so kept together with its event or not at all. Words change nothing there,
    and leave the process only after the stretch, when the reactor sends what was written to it:
    who is killed before the commit has neither spoken nor recorded, and repeats the words; who
    is killed after it has recorded them, and does not, even where the last bytes were lost with
    the process. That way round because nobody should hear a report twice, and the report itself
    is kept with the task.
    """

    def __init__(
        self,
        body: Body,
        events: EventLog,
        step: str,
        task: int | None = None,
        effects: frozenset[tuple[str, str]] = frozenset(),
        earlier: Callable[[], Iterable[Mark]] = tuple,
        lately: Callable[[str, str, str], bool] = lambda deed, room, text: False,
        heard: Callable[[str, str, str, datetime], None] | None = None,
        place: Mapping[str, int] | None = None,
    ) -> None:
        """`step` is the journal id of the step being done; raises ValueError when empty. `effects`
        are the (kind, target) pairs that were authorised for it; `earlier` gives the marks of the deeds
        that need no repetition: those of tries under the same key that were cut short. `lately` says whether a word
        or gesture (deed, room, text) was said of late, and `heard` is told of each, with when. `place` is the step's
        in its plan (`index` from 1, `of`), which a walk tells of itself.
        """
        if not step:
            raise ValueError("a visible deed belongs to a plan step")
        self._body, self._events, self._step, self._task = body, events, step, task
        self._effects, self._tried, self._place = effects, earlier, place or {}
        self._lately, self._heard = lately, heard
        self.told = False
        """Whether a deed told all that there is to tell of the step: a walk does."""
        self.slug, self.about = body.slug, task

    @cached_property
    def _earlier(self) -> list[Mark]:
        return list(self._tried())

    def where(self) -> str:
        """Key of the room it stands in ('' when nowhere)."""
        return self._body.where()

    def _do(self, deed: str, act: Callable[[], None], data: Mapping[str, Any], *, again: bool = False) -> Event | None:
        """Do and record; `again` tells that it is on record already. Returns what was recorded."""
        refused, event = None, None
        with self._events.unit():
            try:
                act()
            except StepFailed as error:  # raised after the commit: a roll-back would leave the engine's cache behind
                refused = error
            else:
                if not again:
                    event = self._events.append(
                        f"agent.{self.slug}.{deed}",
                        f"agent:{self.slug}",
                        via="mind",
                        agent=self.slug,
                        task=self._task,
                        step=self._step,
                        data=data,
                    )
        if refused is not None:
            raise refused
        return event

    def _recalled(self, mark: Mark) -> bool:
        """Whether this very deed is on record; each record counts once."""
        known = mark in self._earlier
        if known:
            self._earlier.remove(mark)
        return known

    def _utter(self, deed: str, act: Callable[[str], None], text: str) -> None:
        data = {"text": text, "room": self._body.where()}
        kept = safe(data)
        if self._recalled(mark_of(deed, kept)) or self._lately(deed, kept["room"], kept["text"]):
            return
        if (event := self._do(deed, lambda: act(text), data)) is not None and self._heard is not None:
            self._heard(deed, kept["room"], kept["text"], event.at)

    def move(self, target: str) -> None:
        """Walk to the adjacent room `target`; stay, when an earlier try of this step walked there."""
        origin = self._body.where()
        if origin == target and mark_of("move", {"to": target}) in self._earlier:
            return
        self._do("move", lambda: self._body.move(target), {"from": origin, "to": target, **self._place})
        self.told = bool(self._place)

    def say(self, text: str) -> None:
        """Speak to the room, of the task whose step it is, if of any."""
        self._body.about = self.about
        self._utter("say", self._body.say, text)

    def emote(self, text: str) -> None:
        """Be seen doing `text`."""
        self._utter("emote", self._body.emote, text)

    def take(self, item: str) -> None:
        """Pick up an item of the room."""
        self._do("take", lambda: self._body.take(item), {"item": item, "room": self._body.where()})

    def drop(self, item: str) -> None:
        """Put an item down."""
        self._do("drop", lambda: self._body.drop(item), {"item": item, "room": self._body.where()})

    def build_room(self, spec: RoomSpec, effects_approved: frozenset[tuple[str, str]] = frozenset()) -> None:
        """Make a room under the effects authorised for this step, and no others that are passed.

        The body makes it once however often it is asked, so it is asked again: somebody may have
        taken the room away.
        """
        data = {"room": spec.key, "name": spec.name, "beside": spec.beside}
        known = self._recalled(mark_of("build", safe(data)))
        self._do("build", lambda: self._body.build_room(spec, self._effects), data, again=known)
