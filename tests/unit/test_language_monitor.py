"""Reports of the cascade: read whole or refused, and asked for no more often than somebody looks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from twisted.internet.defer import Deferred

from agents.cascade import told as reports
from agents.kernel.clock import SimulatedClock
from agents.kernel.errors import Unavailable
from agents.language.monitor import EVERY_SECONDS, INTEREST_SECONDS, PATIENCE_SECONDS, Monitor, Seen
from tests.support import cascade

START = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


def standing(language: Any) -> tuple[Monitor, SimulatedClock]:
    clock = SimulatedClock(START)
    return Monitor(clock, lambda: language), clock


def beat(monitor: Monitor, *, attended: bool) -> None:
    monitor.attended = lambda: attended
    monitor.beat()


def got(deferred: Deferred[Seen]) -> Seen:
    found: list[Seen] = []
    deferred.addCallback(found.append)
    assert found, "no answer yet"
    return found[0]


def test_a_report_is_read_whole() -> None:
    read = reports.read(cascade.busy())
    assert [one.name for one in read.providers] == ["ollama", "llamacpp", "kimi", "claude"]
    assert [call.agent for call in read.recent] == ["ezra", "timmy", "timmy"]
    assert set(read.local_models) == {"phi3:3.8b"}, "a provider that is left alone serves nobody"


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ([], "all of it"),
        ({}, "since"),
        (cascade.quiet() | {"providers": [{"name": "x"}]}, "providers.0"),
        (
            cascade.quiet() | {"sovereignty": {"score": float("nan"), "tokens_local": 0, "tokens_all": 0, "days": []}},
            "sovereignty.score",
        ),
        (
            cascade.quiet() | {"providers": [cascade.provider("a", breaker={"state": "ajar", "failures": 0})]},
            "providers.0.breaker.state",
        ),
    ],
)
def test_what_is_no_report_is_refused_with_what_is_wrong(said: object, named: str) -> None:
    with pytest.raises(Unavailable, match=f"\\({named}"):
        reports.read(said)


def test_without_a_service_it_says_so_and_asks_nobody() -> None:
    stands, _ = standing(None)
    seen = got(stands.ask())
    assert seen.report is None and "No model service is running" in seen.why and seen.next
    assert stands.look() is not None
    beat(stands, attended=True)


def test_a_service_that_is_down_is_told_with_its_reason_and_the_old_report_is_not_shown_on() -> None:
    told = cascade.Told(cascade.quiet())
    stands, clock = standing(told)
    assert got(stands.ask()).report is not None
    told.say = cascade.DOWN
    clock.advance(5)
    seen = got(stands.ask())
    assert seen.report is None and seen.why.startswith("The model service does not answer.") and "reflex" in seen.why
    assert stands.latest is seen and seen.at == clock.now()


def test_a_report_that_cannot_be_read_is_no_report() -> None:
    stands, _ = standing(cascade.Told({"since": 3}))
    assert "form that this world does not know" in got(stands.ask()).why


def test_who_asks_meanwhile_gets_the_same_answer() -> None:
    told = cascade.Told(cascade.quiet(), held=True)
    stands, _ = standing(told)
    first, second = stands.ask(), stands.ask()
    assert told.asked == 1
    told.answer()
    assert got(first) is got(second)
    stands.ask()
    assert told.asked == 2


def test_a_fault_of_ours_reaches_everybody_who_asked_and_ends_nothing() -> None:
    told = cascade.Told(ZeroDivisionError("ours"), held=True)
    stands, _ = standing(told)
    asked = [stands.ask(), stands.ask()]
    told.answer()
    for one in asked:
        failed: list[Any] = []
        one.addErrback(failed.append)
        assert failed[0].check(ZeroDivisionError)
    told.say = cascade.quiet()
    again = stands.ask()
    told.answer()
    assert got(again).report is not None


def test_it_is_asked_while_somebody_looks_and_then_no_more() -> None:
    told = cascade.Told(cascade.quiet())
    stands, clock = standing(told)
    beat(stands, attended=False)
    assert told.asked == 0, "nobody looks"
    assert stands.look() is None, "nothing is known yet"
    for _ in range(round(INTEREST_SECONDS)):
        beat(stands, attended=False)
        clock.advance(1)
    most = INTEREST_SECONDS / EVERY_SECONDS + 1
    assert 2 < told.asked <= most
    before = told.asked
    for _ in range(300):
        beat(stands, attended=False)
        clock.advance(1)
    assert told.asked == before, "nobody looked for long"
    seen = stands.look()
    assert seen is not None and (clock.now() - seen.at).total_seconds() >= 300, "its age is told, not hidden"


def test_it_is_asked_while_somebody_is_there_and_never_twice_at_once() -> None:
    told = cascade.Told(cascade.quiet(), held=True)
    stands, clock = standing(told)
    for _ in range(4):
        beat(stands, attended=True)
        clock.advance(1)
    assert told.asked == 1
    told.answer()
    beat(stands, attended=True)
    assert told.asked == 1, "the answer has just come"
    clock.advance(EVERY_SECONDS)
    beat(stands, attended=True)
    assert told.asked == 2


def test_an_answer_that_does_not_come_is_waited_for_no_longer() -> None:
    told = cascade.Told(cascade.quiet(), held=True)
    stands, clock = standing(told)
    waits = [stands.ask(), stands.ask()]
    for _ in range(round(PATIENCE_SECONDS) + 2):
        clock.advance(1)
        beat(stands, attended=False)
    assert {got(one).why for one in waits} == {
        "The model service has given no status for 5 s. Until then everyone answers by reflex."
    }
    told.held = False
    assert got(stands.ask()).report is not None, "and it is asked again"


def test_a_fault_in_the_background_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    stands, _ = standing(cascade.Told(ZeroDivisionError("ours")))
    beat(stands, attended=True)
    assert "ZeroDivisionError" in caplog.text
