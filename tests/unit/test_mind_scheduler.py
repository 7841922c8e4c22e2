"""One scheduler drives all minds: fair, bounded, late ticks dropped, broken ones apart (M3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from agents.kernel.clock import SimulatedClock
from agents.kernel.errors import Locked
from agents.kernel.guard import Overran
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


class Ended:
    """A guard for minds that say themselves that they took too long."""

    def __init__(self) -> None:
        self.overran: Overran | None = None

    def __call__(self) -> Ended:
        return self

    def __enter__(self) -> Ended:
        self.overran = None
        return self

    def __exit__(self, *_: object) -> None:
        pass


def test_a_mind_that_holds_the_thread_waits_longer_each_time_and_is_set_aside():
    s, guard, aside = Setting(), Ended(), []
    s.minds = Scheduler(s.clock, lambda error, where: s.errors.append((str(error), where)), guard, overruns=3)
    s.minds.on_aside = lambda slug, why: aside.append((slug, why))

    def loop() -> float:
        guard.overran = Overran(2, "acts:loop")
        raise guard.overran

    bad, well = s.seat("bad", loop), s.seat("well", lambda: 1.0)
    s.pass_(9)
    assert bad.times == 1
    s.minds.wake("bad")
    s.pass_(0.5)
    assert bad.times == 1, "nobody wakes it before its penalty is over"
    s.pass_(30)
    assert bad.times == 3  # at 0, 10 and 30 seconds
    s.pass_(3600)
    assert bad.times == 3
    assert well.times > 3500
    assert [slug for slug, _ in aside] == ["bad"]
    assert "3 times within an hour: acts:loop blocked the world for 2 s" in s.minds.aside("bad")
    assert s.minds.counts()["aside"] == s.minds.counts()["failing"] == 1
    assert len(s.errors) == 3
    s.minds.resume("bad")
    s.pass_(1)
    assert bad.times == 4
    assert s.minds.aside("bad") == ""


def test_now_and_then_is_forgiven():
    s, guard = Setting(), Ended()
    s.minds = Scheduler(s.clock, lambda error, where: None, guard, overruns=3)

    def loop() -> float:
        guard.overran = Overran(2, "acts:loop")
        raise guard.overran

    bad = s.seat("bad", lambda: 1.0)
    for _ in range(4):
        bad.think = loop
        s.pass_(1)
        bad.think = lambda: 1.0
        s.pass_(2000, slot=1)
    assert not s.minds.paused("bad")


def test_what_a_visit_caught_of_it_counts_too():
    s, guard = Setting(), Ended()
    s.minds = Scheduler(s.clock, lambda error, where: s.errors.append((str(error), where)), guard, overruns=1)

    def swallow() -> float:
        guard.overran = Overran(2, "acts:loop")
        return 0.5

    s.seat("bad", swallow)
    s.pass_(5)
    assert s.errors == [("acts:loop blocked the world for 2 s and was ended", "mind bad")]
    assert s.minds.paused("bad")


def test_records_that_cannot_be_written_are_no_fault_of_the_mind():
    s = Setting()
    trouble: list[Exception] = []

    def write() -> float:
        if trouble:
            raise trouble[0]
        return 1.0

    first, second = s.seat("first", write), s.seat("second", write)
    s.pass_(1)
    trouble.append(Locked())
    s.clock.advance(1)
    for _ in range(3):
        with pytest.raises(Locked):
            s.minds.run_slot()
    trouble.clear()
    seen = first.times, second.times
    s.pass_(0.1)
    assert (first.times, second.times) > seen
    assert second.times > seen[1], "nobody lost his place in the slot that was left"
    assert s.errors == []
    assert s.minds.fault("first") == ""


def test_late_visits_are_counted():
    s = Setting()
    s.seat("m", lambda: 1.0)
    s.minds.run_slot()
    s.clock.advance(3600)
    s.minds.run_slot()
    assert s.minds.late == 1
