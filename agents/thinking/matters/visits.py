"""What an agent tells of people: who is connected, who was here, when somebody left, and which words name somebody.

Owns the reading of these. Refuses to tell a guest of other people's coming and going, except for who is here now.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Max, Q

from agents.events.models import Event
from agents.house.values import Sentence
from agents.thinking.grammar.spans import Span
from agents.thinking.matters.base import MOST, Sentences
from agents.thinking.matters.days import LEFT, subject
from agents.thinking.matters.house import HouseMatters
from agents.work.models import Task

CAME = "person.came"
"""The event that somebody came for the first time."""
MOST_TITLES, MOST_STRANGE = 40, 6


class Visits(HouseMatters):
    """People, and what only records know by name."""

    def strangers(self, words: Collection[str]) -> Mapping[str, str]:
        """Which of these words name the `subject` of a task or a `person`."""
        asked = list(words)[:MOST_STRANGE]
        condition = Q()
        for word in asked:
            condition |= Q(title__icontains=word)
        titles = Task.objects.filter(condition).order_by("-id").values_list("title", flat=True)[:MOST_TITLES]
        subjects = {name for title in titles for name in _names(title)}
        people = {name.lower() for name, _ in self._core.world.people()}
        found = {word: "subject" for word in asked if word in subjects}
        found |= {word: "person" for word in asked if word in people}
        rest = [word for word in asked if word not in found]
        return found | {word: "person" for word in rest if self._visitor(word)}

    def _visitor(self, name: str) -> bool:
        """Whether somebody of this name has ever been here, for the owner."""
        actors = [f"{kind}:{one}" for kind in ("owner", "person") for one in {name, name.title()}]
        return self._of_owner() and Event.objects.filter(topic__in=(CAME, LEFT), actor__in=actors).exists()

    def _of_owner(self) -> bool:
        return self.hearer.kind == "owner"

    def person(self, name: str) -> Sentences:
        """Where somebody is, or when he was last here."""
        shown = name[:1].upper() + name[1:]
        here = [room for who, room in self._core.world.people() if who.lower() == name]
        if here:
            return [self._say("person.here", (f"room:{here[0]}",), who=shown, room=self._named(here[0]))]
        self._core.events.unit.flush()
        ends = [f":{one}" for one in {name, shown}]
        condition = Q(actor__endswith=ends[0]) | Q(actor__endswith=ends[-1])
        left = Event.objects.filter(condition, topic=LEFT).order_by("-seq").first()
        if left is None or not self._of_owner():
            return [self._say("person.none", ("roster",), who=shown)]
        return [self._gone_by(left.seq, shown, left)]

    def _gone_by(self, seq: int, who: str, event: Event) -> Sentence:
        return self._say("person.gone", (f"event:{seq}",), who=who, ago=self._ago(event.at))

    def visitors(self, span: Span | None = None) -> Sentences:
        """Who is here, and, for the owner, who else was here last, within a span if one is given."""
        found = [self.people()]
        if not self._of_owner():
            return found
        self._core.events.unit.flush()
        left = Event.objects.filter(topic=LEFT)
        if span is not None:
            left = left.filter(at__gte=span.since, at__lte=span.until)
        last = left.values("actor").annotate(seq=Max("seq")).order_by("-seq").values_list("seq", flat=True)
        here = {name.lower() for name, _ in self._core.world.people()}
        for event in Event.objects.filter(seq__in=list(last[: MOST + len(here)])).order_by("-seq"):
            if event.actor == str(self.hearer):
                found += self.my_visit() if span is not None else ()
            elif self._guest(event.actor).lower() not in here:
                found.append(self._gone_by(event.seq, self._guest(event.actor), event))
        return found

    @staticmethod
    def _guest(actor: str) -> str:
        name = actor.partition(":")[2]
        return name[:1].upper() + name[1:]

    def my_visit(self) -> Sentences:
        """When whoever hears it was last here before."""
        self._core.events.unit.flush()
        left = Event.objects.filter(topic=LEFT, actor=str(self.hearer)).order_by("-seq").first()
        if left is None:
            return [self._say("visit.first", (f"actor:{self.hearer}",))]
        day, time = f"{left.at.day} {left.at:%B}", f"{left.at:%H:%M}"
        return [self._say("visit.last", (f"event:{left.seq}",), ago=self._ago(left.at), day=day, time=time)]


def _names(title: str) -> Collection[str]:
    """The words that name what a task is of: its whole subject, and the first word of one that is no path."""
    of = subject(title).lower()
    return {of, of.split(" ")[0]}
