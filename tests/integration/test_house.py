"""The house and its parts: found, put in order, joined, asked in turn; one that breaks costs only itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

import agents
from agents.events.models import Event
from agents.house import find as finding
from agents.house import house as houses
from agents.house.core import Core
from agents.house.house import REST_SECONDS, House
from agents.house.part import NEVER, Part
from agents.kernel.clock import SimulatedClock
from agents.kernel.errors import NoRoom, Unavailable
from agents.kernel.randomness import seeded
from agents.kernel.runtime import Runtime
from agents.selfmod.models import BugReport
from agents.work.ports import inline
from tests.support.light_house import START, settings
from tests.support.light_world import LightWorld

pytestmark = pytest.mark.django_db


class Bread:
    """A port."""


class Noted(Part):
    """Notes what it is asked."""

    name = "noted"

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self.asked: list[str] = []
        self.due = NEVER

    def start(self) -> None:
        self.asked.append("start")

    def stop(self) -> None:
        self.asked.append("stop")

    @property
    def next_slot(self) -> float:
        return self.due

    @property
    def next_beat(self) -> float:
        return self.due

    def slot(self, budget_ms: float) -> None:
        self.asked.append("slot")

    def beat(self) -> None:
        self.asked.append("beat")

    def lose(self) -> None:
        self.asked.append("lose")

    def snapshot(self) -> Any:
        return len(self.asked)


class Baker(Noted):
    name = "baker"

    def offers(self) -> Mapping[type[Any], object]:
        return {Bread: Bread()}


class Eater(Noted):
    """Comes before the baker, and has the bread all the same."""

    name = "apprentice"

    def wire(self, house: House) -> None:
        self.bread = house.need(Bread)


class Broken(Noted):
    name = "broken"

    def __init__(self, core: Core) -> None:
        raise RuntimeError("it was never whole")


class Unjoined(Noted):
    name = "unjoined"

    def offers(self) -> Mapping[type[Any], object]:
        return {Bread: Bread()}

    def wire(self, house: House) -> None:
        raise RuntimeError("nobody to join")


class Stumbling(Noted):
    name = "stumbling"
    raises: Exception = RuntimeError("it stumbled")

    def slot(self, budget_ms: float) -> None:
        super().slot(budget_ms)
        raise self.raises

    def beat(self) -> None:
        super().beat()
        raise self.raises


def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *kinds: type[Part]) -> House:
    """A house of these parts, and no other."""
    monkeypatch.setattr(houses, "find", lambda: (list(kinds), []))
    world = LightWorld.founding()
    runtime = Runtime(settings(tmp_path), SimulatedClock(START), seeded(1, "house"))
    return houses.build(runtime, world, world.body, inline, personas={})


def asked(house: House) -> list[list[str]]:
    return [part.asked for part in house.parts if isinstance(part, Noted)]


def ordered(*kinds: type[Part]) -> list[str]:
    return [one.name for one in finding._ordered({kind.name: kind for kind in kinds})]


def named(name: str, *after: str) -> type[Part]:
    return type(name.title(), (Part,), {"name": name, "after": after})


@pytest.mark.parametrize(
    ("parts", "order"),
    [
        ([("b",), ("a",)], "ab"),
        ([("a", "b"), ("b",)], "ba"),
        ([("a", "c"), ("b",), ("c",)], "bca"),
        ([("a", "nowhere")], "a"),
        ([("a", "b"), ("b", "a"), ("c",)], "cab"),
    ],
)
def test_parts_come_after_those_they_name_and_ties_go_by_name(parts: Iterable[tuple[str, ...]], order: str) -> None:
    assert "".join(ordered(*(named(*part) for part in parts))) == order


def test_every_part_of_this_project_is_found(tmp_path: Path) -> None:
    found, problems = finding.find()
    assert problems == []
    names = [part.name for part in found]
    assert {"mind", "dispatch", "thoughts", "conversation", "language", "selfmod"} <= set(names)
    assert names.index("mind") < names.index("dispatch")
    assert names.index("mind") < names.index("thoughts"), "the order of slots is part of a simulation's digest"


def test_a_file_that_names_no_parts_is_told_and_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "larder").mkdir()
    (tmp_path / "larder" / "part.py").write_text("PARTS = [1]\n")
    monkeypatch.setattr(agents, "__path__", [*agents.__path__, str(tmp_path)])
    found, problems = finding.find()
    assert "mind" in [part.name for part in found]
    assert [problem.file for problem in problems] == ["agents/larder/part.py"]
    assert "no PARTS" in problems[0].reason


def test_what_one_offers_all_have_whatever_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = built(tmp_path, monkeypatch, Eater, Baker)
    assert house.need(Eater).bread is house.need(Bread)
    assert house.find(Broken) is None
    with pytest.raises(Unavailable, match="no Broken"):
        house.need(Broken)


def test_a_part_that_cannot_be_made_or_joined_is_a_problem_and_the_rest_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = built(tmp_path, monkeypatch, Broken, Unjoined, Noted)
    assert [part.name for part in house.parts] == ["noted"]
    assert [problem.what for problem in house.problems] == ["part broken", "part unjoined"]
    assert house.find(Bread) is None, "nobody has what a part that was left out offered"
    house.start()
    told = Event.objects.filter(topic="file.broken").order_by("seq")
    assert [event.data["what"] for event in told] == ["part broken", "part unjoined"]
    assert asked(house) == [["start"]]


def test_a_part_that_cannot_be_started_or_ended_takes_nobody_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(part: Part) -> None:
        raise RuntimeError("not today")

    house = built(tmp_path, monkeypatch, Baker, Noted, Eater)
    monkeypatch.setattr(Noted, "start", lambda part: part.asked.append("start"))
    monkeypatch.setattr(Baker, "start", fails)
    monkeypatch.setattr(Eater, "stop", fails)
    house.start()
    assert [part.name for part in house.parts] == ["noted", "apprentice"]
    assert [event.data["what"] for event in Event.objects.filter(topic="file.broken")] == ["part baker"]
    house.stop()
    assert asked(house) == [["start", "stop"], ["start"]]


def test_a_house_that_is_never_started_writes_nothing_and_hears_nothing(tmp_path: Path) -> None:
    world = LightWorld.founding()
    runtime = Runtime(settings(tmp_path), SimulatedClock(START), seeded(1, "house"))
    house = houses.build(runtime, world, world.body, inline)
    assert len(house.parts) >= 6
    assert not Event.objects.exists()
    assert not house.bus._subscriptions


def test_who_is_due_has_a_slot_and_a_beat_and_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = built(tmp_path, monkeypatch, Baker, Noted)
    now = house.runtime.clock.monotonic()
    house.need(Noted).due = now
    assert (house.next_slot, house.next_beat) == (now, now)
    house.slot(1.0)
    house.heartbeat()
    assert asked(house) == [[], ["slot", "beat"]]
    assert set(house.timing["noted"].percentiles()) == {"p50", "p99", "max"}
    assert house.timing["baker"].percentiles() == {}


def test_a_part_that_stumbles_is_captured_and_passed_over_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = built(tmp_path, monkeypatch, Stumbling, Noted)
    caught: list[str] = []
    house.faults.bring_to(lambda error, where: caught.append(where))
    for part in house.parts:
        part.due = 0.0  # type: ignore[attr-defined]
    house.need(Noted).due = NEVER
    house.slot(1.0)
    assert caught == ["a slot of stumbling"]
    assert house.next_slot == house.runtime.clock.monotonic() + REST_SECONDS, "time does not stand still for it"
    house.slot(1.0)
    house.heartbeat()
    assert asked(house) == [["slot"], []]
    house.runtime.clock.advance(REST_SECONDS)  # type: ignore[attr-defined]
    house.need(Noted).due = 0.0
    house.heartbeat()
    assert asked(house) == [["slot", "beat"], ["beat"]]


def test_a_part_that_cannot_say_when_is_captured_and_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def when(part: Part) -> float:
        raise RuntimeError("no clock")

    house = built(tmp_path, monkeypatch, Baker, Noted)
    monkeypatch.setattr(Baker, "next_slot", property(when))
    caught: list[str] = []
    house.faults.bring_to(lambda error, where: caught.append(where))
    house.need(Noted).due = 0.0
    house.slot(1.0)
    house.slot(1.0)
    assert asked(house) == [[], ["slot", "slot"]]
    assert caught == ["next_slot of baker"]
    house.runtime.clock.advance(REST_SECONDS)  # type: ignore[attr-defined]
    house.slot(1.0)
    assert caught == ["next_slot of baker"] * 2


def test_where_nothing_can_be_written_all_who_took_part_go_back_to_the_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = built(tmp_path, monkeypatch, Baker, Noted, Stumbling)
    monkeypatch.setattr(Stumbling, "raises", NoRoom())
    house.need(Noted).due = house.need(Stumbling).due = 0.0
    with pytest.raises(NoRoom):
        house.slot(1.0)
    assert asked(house) == [[], ["slot", "lose"], ["slot", "lose"]]


def test_what_is_kept_goes_by_the_name_of_the_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = built(tmp_path, monkeypatch, Baker, Noted)
    house.start()
    assert house.snapshot() == {"baker": 1, "noted": 1}
    house.stop()
    assert asked(house) == [["start", "stop"], ["start", "stop"]]


def test_errors_are_filed_from_the_instant_at_which_parts_are_joined(tmp_path: Path) -> None:
    world = LightWorld.founding()
    runtime = Runtime(settings(tmp_path), SimulatedClock(START), seeded(1, "house"))
    house = houses.build(runtime, world, world.body, inline)
    house.faults(RuntimeError("before the start"), "a test")
    assert BugReport.objects.get().title == "RuntimeError in a test"
