"""Days of the founders: they meet, seldom say a thing twice, and whatever they tell each other is true."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from agents.events.models import Event
from agents.lineage import persona as personas
from agents.simulation import account
from agents.simulation.run import LightPlace, Simulation
from agents.thinking.models import Thought
from agents.work.models import Step
from tests.support import fireside, hearsay, lies, musings, spoken
from tests.support.furnished import Furnished, furnished
from tests.support.sayings import Record, lines_of
from world import mapfile

pytestmark = pytest.mark.django_db
START = datetime(2026, 4, 1, 4, tzinfo=UTC)


def lived(folder: Path, hours: float) -> Furnished:
    run = Simulation(LightPlace(mapfile.read().rooms), personas.load_all()[0], 5, 7, folder, start=START)
    run.house.events.unit.on_commit = lambda function: function()  # a test's own transaction is never committed
    run.run(hours)
    return furnished(run.house)


def looked_through(house: Furnished, days: int) -> None:
    end = house.runtime.clock.now()
    told = account.read(START, end, house.roster, {room.key: room.name for room in house.world.rooms()})
    said = sum(told.words[name].get(kind, 0) for name in told.words for kind in (account.OF_ITSELF, account.TO_OTHERS))
    assert said > 100 * days
    assert told.repeated / said < 0.05
    assert len(told.pairs) == 10 and min(count for *_, count in told.pairs) >= days, told.pairs

    lines = Step.objects.filter(action="tell_why", result__has_key="to").order_by("id")
    begun: dict[frozenset[str], list[datetime]] = {}
    for first in list(lines)[::2]:
        begun.setdefault(frozenset((first.agent, first.result["to"])), []).append(first.started_at)
        assert 4 <= first.started_at.hour < 23, "the nights are quiet"
    for times in begun.values():
        assert all((later - earlier).total_seconds() >= 3600 for earlier, later in pairwise(times))

    for learned in Event.objects.filter(topic__endswith=".learned"):
        then, state = hearsay.happened(learned.data["source"], house)
        assert (learned.data["happened"], learned.data["state"]) == (then.isoformat(), state)
    record = Record(house)
    kinds, wrong = spoken.looked_through(record)
    assert wrong == []
    assert kinds.keys() >= {
        "greeting",
        "news",
        "hearsay",
        "it has changed",
        "spared",
        "new",
        "counsel",
    }
    stories, wrong = fireside.looked_through(record)
    assert wrong == []
    assert stories.keys() >= {"finished a task", "the disk"}
    evenings = Counter(Step.objects.filter(action="tell_day", state="done").values_list("agent", flat=True))
    assert set(evenings) == set(house.personas) and min(evenings.values()) >= days

    thoughts = [musings.form_of(one.text) for one in Thought.objects.filter(agent="timmy").order_by("id")][-50:]
    assert "" not in thoughts and len(set(thoughts)) == 50


def seen_through(house: Furnished) -> None:
    """Whoever reads all this back would see what is not so."""
    record = Record(house)
    sayings = list(lines_of(record))
    for said, read in ((sayings, spoken.kinds_of), (fireside.stories(record), fireside.kinds_of)):
        planted, believed = lies.planted(record, said, read)
        assert believed == []
        assert len(planted) >= 3 and min(planted.values()) > 0

    fresh = next(one for one in sayings if spoken.kinds_of(one)[0] == "new")
    later = next(one for one in sayings if one.speaker == fresh.speaker and one.at > fresh.at)
    again = replace(later, first=fresh.first, text=f"That is new to me, {fresh.name(later.other)}.")
    with pytest.raises(ValueError, match="new"):
        spoken.kinds_of(again)
    with pytest.raises(ValueError, match="no such sentence"):
        spoken.kinds_of(replace(later, text="all is well."))


def test_a_day_of_the_founders(tmp_path: Path) -> None:
    house = lived(tmp_path, 20)
    looked_through(house, 1)
    seen_through(house)


@pytest.mark.soak
def test_a_week_of_the_founders(tmp_path: Path) -> None:
    looked_through(lived(tmp_path, 7 * 24), 7)
