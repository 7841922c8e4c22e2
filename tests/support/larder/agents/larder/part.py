"""The larder as a part of the house.

Owns the jars. Refuses to fill one by itself: that is an act of an agent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from agents.goap.model import Goal, fact
from agents.governance.rules import Actor
from agents.house.core import Core
from agents.house.part import NEVER, Part
from agents.house.values import Candidate, Check, Sentence, Wish
from agents.larder.models import Jar
from agents.larder.settings import LarderSettings

LOOK_SECONDS = 60.0


class Larder(Part):
    """Has agents want full jars, and knows of them."""

    name = "larder"
    after = ("mind",)
    Kept = int

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self.looked = 0
        self._next = 0.0

    @property
    def most(self) -> int:
        return self.core.runtime.settings.of(LarderSettings).larder_jars

    @property
    def next_beat(self) -> float:
        return self._next

    def beat(self) -> None:
        self.looked += 1
        self._next = self.core.runtime.clock.monotonic() + LOOK_SECONDS

    def snapshot(self) -> int:
        return self.looked

    def restore(self, kept: int) -> None:
        self.looked = kept

    def wishes(self, slug: str, now: datetime) -> Iterable[Wish]:
        if Jar.objects.count() < self.most:
            goal = Goal(name="filled(larder)", condition=(fact("filled", "larder"),), priority=1)
            yield Wish(goal, 9.0, "a jar is empty")

    def wants_at(self, slug: str, now: datetime) -> float:
        return LOOK_SECONDS if Jar.objects.count() < self.most else NEVER

    def seeds(self, slug: str) -> Iterable[Candidate]:
        yield Candidate("freeform", "larder:jars")

    def recalls(self, slug: str, words: str, asker: Actor) -> Iterable[Sentence]:
        if "larder" in words.lower():
            yield Sentence(f"The larder has {Jar.objects.count()} of {self.most} jars full.", ("larder:jars",))

    def status(self) -> Mapping[str, Any]:
        return {"jars": Jar.objects.count()}

    def checks(self) -> Iterable[Check]:
        yield Check("larder", "ok", f"{Jar.objects.count()} jars are full")


PARTS = (Larder,)
