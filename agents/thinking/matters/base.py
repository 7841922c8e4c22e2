"""What every matter stands on: whose account it is, who hears it, and how a sentence is made.

Owns these and the reading of who and where. Refuses to keep anything from one question to the next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from agents.governance.rules import SYSTEM, Actor
from agents.house.values import Sentence
from agents.thinking.forms import FORMS, say, span, worded
from agents.thinking.forms.wording import placed
from agents.thinking.ports import Ground, Handbook
from agents.thinking.rows import TaskRow, tasks
from agents.work.reports import reads

if TYPE_CHECKING:
    from agents.lineage.persona import Persona
    from agents.thinking.grammar.spans import Span

Sentences = list[Sentence]
MOST = 3
"""So many of one sort are told at once."""
_OWN = {"I": "I", "me": "me", "my": "my", "My": "My", "mine": "mine", "am": "am", "was": "was", "have": "have"}


class Teller:
    """One agent's, now. `salt` varies the wording, `avoid` holds sentences that were said lately; `hearer` is who is
    told, and is told no more than the verbs tell him.
    """

    def __init__(
        self, ground: Ground, slug: str, salt: int = 0, hearer: Actor = SYSTEM, avoid: Collection[str] = ()
    ) -> None:
        self._core, self._known, self._ground = ground.core, ground.known, ground
        self._slug, self._salt, self.hearer, self._avoid = slug, salt, hearer, avoid
        self._now = ground.core.runtime.clock.now()
        self._rows: dict[int, TaskRow | None] = {}
        self._said: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Sentence] = {}

    @property
    def slug(self) -> str:
        """Whose account it is."""
        return self._slug

    # -- making sentences ------------------------------------------------------------------------
    def _say(self, form: str, records: Iterable[str], **blanks: object) -> Sentence:
        """The sentence, by the wording that it had before where it was said in this answer already."""
        key = form, tuple(records), tuple(map(str, blanks.values()))
        if key not in self._said:
            self._salt += 1
            self._said[key] = say(form, self._salt, key[1], avoid=self._avoid, **blanks)
        return self._said[key]

    def manner(self, occasion: str) -> Sentence:
        """What it says on an occasion that asks for no record: as its file has it, else as anybody would."""
        persona = self._core.roster.get(self._slug)
        wordings = (*(persona.voice.of(occasion) if persona else ()), *FORMS[occasion])
        own = len(wordings) - len(FORMS[occasion])
        self._salt += 1
        salt = self._salt % own if own else self._salt
        return worded(wordings, salt, (), self._avoid, {"hearer": self._called(self.hearer), "slug": self._slug})

    def _person(self, slug: str) -> Mapping[str, str]:
        """How an agent is spoken of: the one whose account it is as `I`, another by its name."""
        if slug == self._slug:
            return _OWN
        name = self._known.name(slug)
        return {
            "I": name,
            "me": name,
            "my": f"{name}'s",
            "My": f"{name}'s",
            "mine": name,
            "am": "is",
            "was": "was",
            "have": "has",
        }

    def _called(self, actor: Actor) -> str:
        if actor.kind == "agent":
            return self._known.name(actor.name)
        if actor.kind not in ("owner", "person") or not actor.name:
            return "friend"
        return actor.name[0].upper() + actor.name[1:]

    def _ago(self, at: datetime) -> str:
        return span((self._now - at).total_seconds())

    def _within(self, span: Span, column: str = "finished_at") -> tuple[str, tuple[datetime, datetime]]:
        """The condition that something was within a span, and its values; what is now is within one that ends now."""
        end = "<=" if span.until >= self._now else "<"
        return f"{column} >= %s AND {column} {end} %s", (span.since, span.until)

    def _last(self, slug: str) -> TaskRow | None:
        """The task that an agent completed last."""
        where, order = "assignee = %s AND status = 'COMPLETED' AND finished_at IS NOT NULL", "finished_at DESC, id DESC"
        return next(iter(tasks(where, slug, order=order, most=1)), None)

    def _reads(self, task: TaskRow) -> bool:
        return reads(self.hearer, task)

    def _actor(self, written: str) -> str:
        """Somebody as he stands in a table, by his name."""
        kind, _, name = written.partition(":")
        return "the owner" if kind == "owner" else self._known.name(name) if kind == "agent" else name

    # -- who and where ---------------------------------------------------------------------------
    def _persona(self, slug: str = "") -> Persona:
        return self._core.roster[slug or self._slug]

    def _room(self, slug: str = "") -> str:
        return self._known.where(slug or self._slug)

    def _named(self, room: str) -> str:
        return placed(self._known.room_name(room))

    def _deed(self, action: str) -> str:
        """A ground action in words, with rooms and things as people see their names."""
        deed = self._known.deed(action)
        things = {item.key: f"the {item.name.removeprefix('the ')}" for item in self._core.world.items()}
        for key in action.partition("(")[2].rstrip(")").split(", "):
            if key and (name := things.get(key) or placed(self._known.room_name(key))) != key:
                deed = deed.replace(key.replace("_", " ").title(), name)
        return deed

    def _people(self, room: str, but: str = "") -> list[str]:
        agents = [self._known.name(slug) for slug in self._core.world.agents(room) if slug != but]
        return [*agents, *(name for name, where in self._core.world.people() if where == room)]

    def _beside(self) -> str:
        """Key of the room in which whoever hears it stands; the agent's own where that is not known."""
        people = dict(self._core.world.people())
        if self.hearer.kind == "agent":
            return self._known.where(self.hearer.name) or self._room()
        return people.get(self.hearer.name) or self._room()

    @property
    def _book(self) -> Handbook | None:
        return self._ground.book
