"""The crowd is what it says it is: real files of map and personas, and a round with the promised mix."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.kernel.errors import BadInput
from agents.lineage import persona
from tests.bench import __main__ as bench
from tests.system import crowd
from world import mapfile


def test_the_crowd_is_map_personas_and_one_action_that_load(tmp_path: Path) -> None:
    world = crowd.build(tmp_path, 120, 24.0)
    slugs = crowd.people(world, 120, 24.0)
    design = mapfile.read(world.project / "world" / "map")
    people, problems = persona.load_all(world.project / "agents" / "lineage" / "personas")
    assert (sorted(people), problems) == (sorted(slugs), [])
    assert sum(key.startswith("ring_") for key in design.rooms) + 1 == 12
    assert [one.home for one in people.values()].count("parlour") == crowd.RESIDENTS
    assert {one.home for one in people.values()} <= design.rooms.keys()
    assert (world.project / "agents" / "mind" / "actions" / "greet.py").is_file()


def test_a_round_is_more_than_half_walking_and_a_fifth_speech() -> None:
    places = [by for _, by in crowd.ROUND]
    walked = sum(abs(a - b) for a, b in zip(places, [*places[1:], places[0]], strict=True))
    spoken = [what for what, _ in crowd.ROUND].count("greeted")
    assert (walked, spoken, walked + len(crowd.ROUND)) == (6, 2, crowd.STEPS)


def test_what_is_no_crowd_is_refused_before_anything_starts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["world", "--agents", "10"]) == BadInput.exit_code
    assert "--agents takes at least" in capsys.readouterr().err
    assert bench.main(["world", "--seconds", "5000"]) == BadInput.exit_code
    for words in (["launch", "--agents", "100"], ["world", "--agents", "-3"], ["world", "--agents", "many"]):
        with pytest.raises(SystemExit) as end:
            bench.main(words)
        assert end.value.code == 2
    with pytest.raises(ValueError, match="at least"):
        crowd.build(tmp_path, 3, 1.0)
