"""M6: how often models are asked without anybody asking. A day passes over real thoughts and minds, and each call is
counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred, fail, succeed

from agents.cascade.ports import Answer, Question
from agents.kernel.errors import Conflict, NotFound, Unavailable
from agents.thinking.models import Message, Thought
from tests.support import light_house
from tests.support.furnished import Furnished as House
from tests.support.light_house import OWNER, persona
from tests.support.light_world import LightWorld

pytestmark = pytest.mark.django_db
HOUR = 3600.0
TIMMY, EZRA = (
    persona("timmy", extra="parent: ''").replace("{prefers: none}", "{prefers: none, thought_every: 5m}"),
    persona("ezra", extra="parent: timmy"),
)
WORDS = "I wonder what the Forge was before it was a forge."


class Counting:
    """A language that counts: when it was asked, for whom, and what for."""

    def __init__(self, house: House, answer: Callable[[Question], Any]) -> None:
        self.at, self._answer, self._clock = (
            defaultdict[tuple[str, str], list[float]](list),
            answer,
            house.runtime.clock,
        )

    def ask(self, question: Question, heard: Callable[[str], None]) -> Deferred[Answer]:
        self.at[question.agent, question.purpose].append(self._clock.monotonic())
        found = self._answer(question)
        return fail(found) if isinstance(found, Exception) else Deferred() if found is None else succeed(found)

    def resume(self, id: str, heard: Callable[[str], None]) -> Deferred[Answer]:
        return fail(NotFound("The cascade knows no such answer."))

    def cancel(self, id: str) -> Deferred[None]:
        return succeed(None)

    def most(self, agent: str, purpose: str = "thought") -> int:
        """The most calls within any hour of the day."""
        times = self.at[agent, purpose]
        return max((sum(begin <= one < begin + HOUR for one in times) for begin in times), default=0)


def said(question: Question) -> Answer:
    return Answer(question.id, WORDS, "ollama", "tiny:1b", True)


def down(question: Question) -> Exception:
    return Unavailable("every provider is down")


def silent(question: Question) -> None:
    """It never answers."""


def a_day(
    folder: Path,
    answer: Callable[[Question], Any] | None,
    each: Callable[[House, int], None] = lambda house, minute: None,
    hours: int = 24,
    **more: Any,
) -> tuple[House, Any]:
    """A day, or some hours of it, of two agents who have nothing to do but to think; `each` is called once a minute."""
    house = light_house.house(folder, LightWorld.founding(), (TIMMY, EZRA), **more)
    language = house.connect(Counting(house, answer) if answer else None)
    for minute in range(hours * 60):
        for slug in house.personas:  # as the engine's scripts tick
            if minute * 60 % house.known.who(slug).thought_every == 0:
                house.thoughts.tick(slug)
        each(house, minute)
        for _ in range(3):
            house.slot(25.0)
            house.runtime.clock.advance(20)  # type: ignore[attr-defined]
        house.heartbeat()
    return house, language


@pytest.mark.parametrize("answer", [said, down, silent])
def test_m6_a_day_makes_no_more_calls_than_twelve_and_two_an_hour(
    tmp_path: Path, answer: Callable[[Question], Any]
) -> None:
    """Whether models answer, fail or hang; and the thoughts go on as often as they shall."""
    _, language = a_day(tmp_path, answer)
    assert set(language.at) == {("timmy", "thought"), ("ezra", "thought")}, "and nothing else is asked of itself"
    assert language.most("timmy") <= 12 and language.most("ezra") <= 2
    assert 200 <= len(language.at["timmy", "thought"]) <= 288 and 40 <= len(language.at["ezra", "thought"]) <= 48
    by = "ollama/tiny:1b" if answer is said else "reflex"
    ended = Thought.objects.filter(agent="timmy", state="dropped" if answer is silent else "thought")
    assert ended.count() >= 200 and (answer is silent or set(ended.values_list("source", flat=True)) == {by})


def test_m6_what_is_given_to_be_thought_does_not_raise_the_number_of_calls(tmp_path: Path) -> None:
    """An owner who never stops giving gets thoughts by reflex once the hour is spent."""

    def give(house: House, minute: int) -> None:
        for slug in ("timmy", "ezra"):
            if house.thoughts.stream.waiting[slug] < 10:
                house.thoughts.inject(slug, f"the number {minute}", OWNER, "telnet")

    _, language = a_day(tmp_path, said, give, hours=8)
    assert language.most("timmy") <= 12 and language.most("ezra") <= 2
    assert len(language.at["timmy", "thought"]) <= 8 * 12 and len(language.at["ezra", "thought"]) <= 8 * 2
    assert Thought.objects.filter(agent="ezra", state="thought").count() > 333
    assert Thought.objects.filter(agent="ezra", source="reflex", note__contains="are allowed").exists()


def test_m6_agents_that_would_ask_each_other_without_end_ask_five_times_an_hour(tmp_path: Path) -> None:
    refused: list[str] = []

    def consult(house: House, minute: int) -> None:
        for asker, asked in ((house.mind("ezra"), "timmy"), (house.mind("timmy"), "ezra")):
            assert asker is not None
            try:
                house.conversation.consult(asker.actor, asked, f"How is minute {minute}?").addErrback(
                    lambda failure: None
                )
            except Conflict as error:
                refused.append(str(error))
        house.conversation.beat()

    _, language = a_day(tmp_path, said, consult, hours=8)
    for slug in ("timmy", "ezra"):
        assert 1 <= language.most(slug, "talk") <= 5
        assert len(language.at[slug, "talk"]) <= 8 * 5
    assert any("5 questions within an hour, which is all it may" in why for why in refused)
    assert set(Message.objects.values_list("channel", flat=True)) == {"mind"}


@pytest.mark.parametrize("more", [{"thoughts_hour": 0, "thoughts_hour_first": 0}, {}])
def test_an_idle_agent_asks_no_model_for_what_it_thinks_by_reflex(tmp_path: Path, more: dict[str, int]) -> None:
    """None is allowed, or none is there: the thoughts go on, and all are reflex."""
    house, language = a_day(tmp_path, said if more else None, **more)
    assert not (language and language.at)
    assert Thought.objects.filter(state="thought").exclude(source="reflex").count() == 0
    assert Thought.objects.filter(agent="timmy", state="thought").count() >= 280
    assert house.runtime.clock.now() - light_house.START >= timedelta(days=1)
