"""One scheduler drives all minds: fair, bounded, late ticks dropped, broken ones apart (M3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from agents.kernel.clock import SimulatedClock
from agents.mind.scheduler import FIRST_PENALTY, LONGEST_PENALTY, ROUNDS, Scheduler


class Thinker:
    def __init__(self, slug: str, think: Callable[[], float]) -> None:
        self.slug, self.think, self.times = slug, think, 0

    def visit(self) -> float:
        self.times += 1
        return self.think()


class Setting:
    def __init__(self) -> None:
        self.clock = SimulatedClock(datetime(2026, 1, 1, tzinfo=UTC))
        self.errors: list[tuple[str, str]] = []
        self.minds = Scheduler(self.clock, lambda error, where: self.errors.append((str(error), where)))

    def seat(self, slug: str, think: Callable[[], float]) -> Thinker:
        thinker = Thinker(slug, think)
        self.minds.register(thinker)
        return thinker

    def pass_(self, seconds: float, slot: float = 0.05) -> None:
        for _ in range(round(seconds / slot)):
            self.minds.run_slot()
            self.clock.advance(slot)


def test_each_is_visited_as_often_as_it_asks():
    s = Setting()
    quick, slow = s.seat("quick", lambda: 1.0), s.seat("slow", lambda: 5.0)
    s.pass_(10)
    assert (quick.times, slow.times) == (10, 2)


def test_late_ticks_are_dropped_not_made_up_for():
    s = Setting()
    mind = s.seat("m", lambda: 1.0)
    s.minds.run_slot()
    s.clock.advance(3600)
    s.minds.run_slot()
    s.minds.run_slot()
    assert mind.times == 2


def test_one_that_always_wants_more_shares_the_slot():
    s = Setting()
    greedy, other = s.seat("greedy", lambda: 0.0), s.seat("other", lambda: 0.0)
    s.minds.run_slot()
    assert greedy.times == other.times == ROUNDS


def test_a_slow_mind_ends_the_slot_and_the_others_come_first_in_the_next():
    s = Setting()

    def slow() -> float:
        s.clock.advance(1)
        return 0.0

    order: list[str] = []
    for name in ("a", "b", "c"):
        s.seat(name, lambda name=name: (order.append(name), slow())[1])
    for _ in range(6):
        assert s.minds.run_slot(budget_ms=10) == 1
    assert order == ["a", "b", "c", "a", "b", "c"]


def test_a_broken_mind_is_reported_and_disturbs_nobody():
    s = Setting()

    def fail() -> float:
        raise RuntimeError("lost")

    broken, well = s.seat("broken", fail), s.seat("well", lambda: 1.0)
    s.pass_(20)
    assert well.times == 20
    assert broken.times == 5  # at 0, 1, 3, 7, 15 seconds
    assert s.errors[0] == ("lost", "mind broken")
    assert s.minds.fault("broken") == "RuntimeError: lost"
    s.pass_(4 * LONGEST_PENALTY, slot=1)
    waited = broken.times
    s.pass_(LONGEST_PENALTY, slot=1)
    assert broken.times == waited + 1
    assert FIRST_PENALTY < LONGEST_PENALTY


def test_a_mended_mind_has_no_fault():
    s = Setting()
    outcomes = iter([RuntimeError("lost"), 1.0, 1.0])

    def think() -> float:
        outcome = next(outcomes, 1.0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    s.seat("m", think)
    s.pass_(3)
    assert s.minds.fault("m") == ""


def test_pause_resume_wake_and_unregister():
    s = Setting()
    mind = s.seat("m", lambda: 100.0)
    s.pass_(1)
    s.minds.wake("m")
    s.pass_(1)
    assert mind.times == 2
    assert s.minds.pause("m")
    s.minds.wake("m")
    s.pass_(300)
    assert mind.times == 2
    assert s.minds.paused("m")
    assert s.minds.resume("m")
    s.pass_(1)
    assert mind.times == 3
    s.minds.unregister("m")
    s.pass_(300)
    assert mind.times == 3
    assert not s.minds.pause("m")
    assert not s.minds.resume("m")
    assert s.minds.next_deadline() is None


def test_a_mind_may_unseat_another_in_its_visit():
    s = Setting()

    def end() -> float:
        s.minds.unregister("b")
        return 1.0

    s.seat("a", end)
    other = s.seat("b", lambda: 1.0)
    s.pass_(3)
    assert other.times == 0


def test_registering_anew_replaces():
    s = Setting()
    old = s.seat("m", lambda: 1.0)
    new = s.seat("m", lambda: 1.0)
    s.pass_(3)
    assert (old.times, new.times) == (0, 3)
    assert len(s.minds) == 1
