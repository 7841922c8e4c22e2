"""A house whose parts can be called by short names, so that a test reads like what it tests; and a line to a model
service that a test connects and cuts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from agents.goap.explain import WhyNot
from agents.house.house import House
from agents.house.part import Part
from agents.language.monitor import Monitor
from agents.lineage.persona import Persona
from agents.mind.dispatch import Dispatch
from agents.mind.mind import Mind
from agents.mind.minds import Minds
from agents.mind.pursuit import Plans
from agents.mind.repertoire import Repertoire
from agents.mind.scheduler import Scheduler
from agents.selfmod.capture import BugCapture
from agents.thinking.conversation import Conversation
from agents.thinking.ports import Known
from agents.thinking.service import Thoughts
from agents.work.kind import Kind


class Line:
    """The `language` of a house: whom it asks, as a test has it now."""

    def __init__(self, now: Any = None) -> None:
        self.now = now

    def __call__(self) -> Any:
        return self.now


class Furnished(House):
    """A house with short names for its parts. It is the same house as the one it is made of."""

    @property
    def minds(self) -> Scheduler:
        return self.need(Scheduler)

    @property
    def thoughts(self) -> Thoughts:
        return self.need(Thoughts)

    @property
    def conversation(self) -> Conversation:
        return self.need(Conversation)

    @property
    def known(self) -> Known:
        return self.need(Known)

    @property
    def records(self) -> Known:
        return self.need(Known)

    @property
    def cascade(self) -> Monitor:
        return self.need(Monitor)

    @property
    def bugs(self) -> BugCapture:
        return self.need(BugCapture)

    @property
    def dispatch(self) -> Dispatch:
        return self.need(Dispatch)

    @property
    def plans(self) -> Plans:
        return self.need(Minds).plans

    @property
    def repertoire(self) -> Repertoire:
        return self.need(Minds).repertoire

    @property
    def personas(self) -> dict[str, Persona]:
        """As their files have it: what is changed here nobody hears of, as between two runs."""
        return self.roster._people

    def renew(self, kind: type[Part]) -> None:
        """The part as a house has it that has just been made, as after a reload or a kill."""
        self.need(kind).stop()
        part = kind(self)
        self._ports.update({kind: part, **part.offers()})
        self.parts[:] = [part if type(one) is kind else one for one in self.parts]
        self._hooks.clear()
        part.wire(self)

    def teach(self, kinds: Mapping[str, Kind]) -> None:
        """Have it know these kinds of task, too; its minds have no acts of them."""
        object.__setattr__(self, "kinds", {**self.kinds, **kinds})
        self.work.kinds = self.kinds

    def mind(self, slug: str) -> Mind:
        found = self.need(Minds).get(slug)
        assert found is not None, slug
        return found

    def why_not(self, slug: str, text: str) -> WhyNot:
        return self.need(Minds).why_not(slug, text)

    def connect(self, language: Any) -> Any:
        """Have it ask `language` from now on, nobody when that is None; returns it."""
        assert isinstance(self.language, Line)
        self.language.now = language
        return language


def furnished(house: House) -> Furnished:
    """The same house, with short names."""
    return Furnished(**{one.name: getattr(house, one.name) for one in fields(House)})
