"""What thinking needs of the minds, as Protocols: they stand above this package.

Owns the shapes. Refuses to know a mind: it is told by plain values what an agent is, does and is after.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from agents.governance.rules import Actor
from agents.house.core import Core
from agents.house.values import Candidate, Sentence
from agents.thinking.naming import Names
from agents.work.models import Step
from agents.work.ports import Presence, Records


@dataclass(frozen=True)
class Who:
    """An agent as its file describes it. `errands`: (what, seconds between, why) of what it does of itself."""

    slug: str
    name: str
    role: str
    temperament: str
    errands: tuple[tuple[str, float, str], ...] = ()
    thought_every: float = 1800.0
    thoughts_an_hour: int = 2
    """How many of them a model may be asked for within an hour."""
    choice: Mapping[str, Any] = field(default_factory=dict)
    """Which models, and which providers elsewhere, may be asked for it: fields of a `Question`."""


@dataclass(frozen=True)
class PlanSeen:
    """A plan: what for, in words; its steps in words; how many of them are done; how it ended and why."""

    id: str
    goal: str
    task: int | None
    steps: tuple[str, ...]
    position: int
    state: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class AimSeen:
    """How far an aim has come in its present period; `method` is '' when none can be gone now."""

    name: str
    method: str
    done: int
    of: int


class Known(Records, Protocol):
    """What the house knows of its agents besides the tables of work."""

    def who(self, slug: str) -> Who:
        """The agent's file in short. Raises NotFound when it has none."""
        ...

    def name(self, slug: str) -> str:
        """What an agent is called; of a slug without a file, the slug as a title."""
        ...

    def find(self, words: str) -> str:
        """The slug of the first agent that `words` name, or ''."""
        ...

    def able(self, slug: str) -> bool | None:
        """Whether it can think now; None when it rests until somebody wakes it."""
        ...

    def speaks(self, slug: str) -> bool | None:
        """Whether it answers who speaks to it; None when it has no mind here."""
        ...

    def presence(self, slug: str) -> Presence:
        """Where one agent of the roster is, and what it does."""
        ...

    def where(self, slug: str) -> str:
        """Key of the room its body stands in ('' when nowhere)."""
        ...

    def plan(self, slug: str) -> PlanSeen | None:
        """The plan in force."""
        ...

    def left(self, slug: str) -> PlanSeen | None:
        """The newest plan, where that was left or could not be gone on with."""
        ...

    def latest(self, slug: str, *, journal: bool = False) -> Step | None:
        """The step the agent finished last, walks left out; with `journal` that by which it last wrote its journal."""
        ...

    def aims(self, slug: str) -> Sequence[AimSeen]:
        """How far each aim has come."""
        ...

    def deed(self, action: str) -> str:
        """A ground action in words."""
        ...


@dataclass(frozen=True)
class Verb:
    """Something that can be typed: its name, what else it is called, its forms, what it does."""

    name: str
    aliases: tuple[str, ...]
    forms: tuple[str, ...]
    what: str


class Handbook(Protocol):
    """What the house's help says, as whoever shows the world to people has it."""

    def verbs(self) -> Sequence[Verb]:
        """All that can be typed."""
        ...

    def topic(self, words: Sequence[str]) -> tuple[str, str] | None:
        """Name and first sentence of the help topic that one of these words names."""
        ...

    def room(self, key: str) -> tuple[str, str]:
        """What a room is for, and how it looks, each a sentence or two; '' where nothing is said."""
        ...


@dataclass(frozen=True)
class Ground:
    """What all of thinking stands on: the services of the house, and what its minds tell of themselves."""

    core: Core
    known: Known
    seeds: Callable[[str], list[Candidate]]
    recalls: Callable[[str, str, Actor], list[Sentence]]
    """What all parts bring, as `Part` has it."""
    book: Handbook | None = None
    """The house's help, where there is one."""
    names: Names = field(default_factory=lambda: Names())
    """The names in this world, as they were read last."""
