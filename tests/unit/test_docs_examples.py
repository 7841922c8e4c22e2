"""The examples of docs/building.md are whole: each is read by the loader that reads it in the house,
and the action among them changes what can be planned."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import commands.verbs as verbs
import world.functions as functions
import world.scenery as scenery
from agents.goap import Solved, Unsolvable, run, search
from agents.goap.model import Fact, Goal
from agents.governance.rules import Actor
from agents.kernel.location import PROJECT
from agents.kernel.runtime import Runtime
from agents.kernel.settings import Settings
from agents.lineage import persona
from agents.mind import repertoire
from agents.work import kind, tools
from agents.work.kind import acts_of
from agents.work.ports import ExitInfo, Presence, RoomInfo, inline
from agents.work.toolbox import Toolbox
from tests.support.readme_kind import TEXT
from world import mapfile

TOLD = (PROJECT / "docs" / "building.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^File `([^`]+)`:\n\n```(?:python|yaml)\n(.*?)```$", TOLD, re.DOTALL | re.MULTILINE))
PEOPLE = (Presence("timmy", "Timmy", True, "hall", "rests"), Presence("ezra", "Ezra", False, "library", "sleeps"))
KNOWN = SimpleNamespace(presences=lambda: PEOPLE, room_name=lambda key: {"hall": "Fraternity Hall"}[key])
HOUSE = SimpleNamespace(need=lambda port: KNOWN)
VISITOR = Actor("person", "ana")


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """Puts an example beside the files of its package, without touching the project's folders."""
    made: list[str] = []

    def plant(package: Any, file: str) -> None:
        (tmp_path / Path(file).name).write_text(FILES[file])
        made.append(f"{package.__name__}.{Path(file).stem}")
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
        package.discover.cache_clear()

    yield plant
    monkeypatch.undo()
    for name in made:
        sys.modules.pop(name, None)
    for package in (functions, scenery, tools, verbs):
        package.discover.cache_clear()


def test_every_example_is_named_with_a_folder_that_is_there() -> None:
    assert len(FILES) == 8
    assert len(re.findall(r"^```(?:python|yaml)$", TOLD, re.MULTILINE)) == len(FILES)
    for file in FILES:
        assert (PROJECT / file).parent.is_dir()
        assert not (PROJECT / file).exists(), "the example would overwrite a file of the project"


def with_attic(folder: Path) -> mapfile.MapDesign:
    """The project's map with the example's area and the line it asks for in hall.yaml."""
    for path in (PROJECT / "world" / "map").glob("*.yaml"):
        (folder / path.name).write_text(path.read_text())
    (folder / "attic.yaml").write_text(FILES["world/map/attic.yaml"])
    (line,) = re.findall(r"```text\n( +- \{name: attic.*?\n)```", TOLD)
    hall = folder / "hall.yaml"
    before, exits, after = hall.read_text().partition("    exits:\n")
    assert exits
    hall.write_text(before + exits + line + after)
    return mapfile.read(folder)


def test_the_room_and_the_item_fit_the_map(tmp_path: Path) -> None:
    design = with_attic(tmp_path)
    assert "attic" in {way.to for way in design.rooms["hall"].exits}
    assert "hall" in {way.to for way in design.rooms["attic"].exits}
    assert design.rooms["attic"].things["spyglass"].path == "typeclasses.objects.Item"


def test_the_function_serves_the_room(beside: Any) -> None:
    beside(functions, "world/functions/attic.py")
    attic = functions.all_functions()["attic"]
    assert attic.headline(HOUSE, VISITOR) == "From here you see 1 agent awake."  # type: ignore[arg-type]
    assert attic.details["window"](HOUSE, VISITOR) == ["Timmy: rests", "Ezra: sleeps"]  # type: ignore[arg-type]


def test_the_scenery_tells_of_a_crowd(beside: Any) -> None:
    beside(scenery, "world/scenery/company.py")
    clause = scenery.discover()[0]["company"].clause
    assert clause is not None
    for many, told in ((7, ""), (8, "it is crowded")):
        house = SimpleNamespace(world=SimpleNamespace(agents=lambda room, many=many: ("x",) * many))
        assert clause(house, scenery.Place("hall")) == told  # type: ignore[arg-type]


def plan(folder: Path) -> Any:
    """What comes of planning for the example's effect with the project's acts and those in `folder`."""
    acts, problems = repertoire.discover(folder)
    ours, broken = repertoire.discover()
    assert not problems
    assert not broken
    book = repertoire.Repertoire((*ours, *acts), {})
    rooms = mapfile.read().rooms
    ways = tuple(ExitInfo(key, way.to, way.name) for key, room in rooms.items() for way in room.exits)
    domain = book.domain(SimpleNamespace(rooms=tuple(RoomInfo(key, key) for key in rooms), exits=ways, items=()))  # type: ignore[arg-type]
    facts = [Fact.parse("at(me, hall)"), *(Fact(predicate="open", args=(w.origin, w.target)) for w in ways)]
    return run(search(domain, domain.state(facts), Goal(name="tune", condition=("hummed(tune)",))))


def test_the_action_changes_a_plan(tmp_path: Path) -> None:
    assert isinstance(plan(tmp_path), Unsolvable)
    (tmp_path / "hum.py").write_text(FILES["agents/mind/actions/hum.py"])
    found = plan(tmp_path)
    assert isinstance(found, Solved)
    assert [step.action for step in found.plan.steps] == ["move(hall, orb_chamber)", "hum"]


def test_the_action_is_seen(tmp_path: Path) -> None:
    (tmp_path / "hum.py").write_text(FILES["agents/mind/actions/hum.py"])
    (act,) = repertoire.discover(tmp_path)[0]
    seen: list[str] = []
    body = SimpleNamespace(emote=seen.append, where=lambda: "orb_chamber")
    outcome = asyncio.run(act.perform(SimpleNamespace(body=body)))  # type: ignore[arg-type]
    assert seen == ["hums a tune and listens to the echo."]
    assert outcome.result == {"room": "orb_chamber"}


def test_the_persona_is_read_and_wants_the_action(tmp_path: Path) -> None:
    (tmp_path / "nell.yaml").write_text(FILES["agents/lineage/personas/nell.yaml"])
    people, problems = persona.load_all(tmp_path)
    assert not problems
    nell = people["nell"]
    assert nell.errands[0].goal.condition == (Fact.parse("hummed(tune)"),)
    assert nell.home in mapfile.read().rooms
    assert nell.awake_at(datetime(2026, 1, 1, 7, tzinfo=UTC))
    assert not nell.awake_at(datetime(2026, 1, 1, 23, tzinfo=UTC))


def test_the_kind_is_found_and_asked_for(tmp_path: Path) -> None:
    text = FILES["agents/work/kinds/count.py"]
    assert text == TEXT, "the kind shown is the one that is tried at work"
    (tmp_path / "count.py").write_text(text)
    kinds, problems = kind.discover(tmp_path)
    assert not problems
    found = kinds["count"]
    assert [act.schema.name for act in acts_of(found)] == ["do_count_lines", "write_count", "tell_count"]
    notes = tmp_path / "notes"
    notes.mkdir()
    params = found.parse(str(notes), "", Settings(state_dir=tmp_path / "state", read_paths=(tmp_path,)))
    assert str(notes) in found.action(params)


def test_the_verb_answers_on_every_surface(beside: Any) -> None:
    beside(verbs, "commands/verbs/whereis.py")
    caller = verbs.Caller(VISITOR, "cli")
    answer = verbs.run(HOUSE, caller, "whereis", "timmy")  # type: ignore[arg-type]
    assert answer.lines == ["Timmy is in Fraternity Hall."]
    assert answer.data == {"agent": "timmy", "room": "hall"}
    assert verbs.run(HOUSE, caller, "whereis", "nobody").exit == 1  # type: ignore[arg-type]


def test_the_tool_is_given_and_can_be_called(beside: Any, tmp_path: Path) -> None:
    beside(tools, "agents/work/tools/clock.py")
    assert "clock.now" in tools.granted(["core"])
    told: list[str] = []
    events = SimpleNamespace(append=lambda topic, actor, **more: told.append(topic))
    runtime = Runtime(Settings(state_dir=tmp_path / "state"))
    box = Toolbox(runtime, "nell", ["core"], SimpleNamespace(name="none"), inline, tmp_path, events)  # type: ignore[arg-type]
    given = sys.modules["agents.work.tools.clock"].ClockInput()
    output = asyncio.run(box.call("clock.now", given))
    assert datetime.fromisoformat(output.now).tzinfo is not None
    assert told == ["agent.nell.tool"]
