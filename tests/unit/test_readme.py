"""The README's examples are complete: each is read by the loader that would read it in the house."""

import re
from pathlib import Path

import pytest
import yaml

from agents.goap import Action, Domain, Fact, Goal, Solved, run, search
from agents.kernel.location import PROJECT
from agents.lineage import persona
from agents.mind import repertoire
from agents.work import kind
from tests.support.readme_kind import TEXT
from world import mapfile

README = (PROJECT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(python|yaml)\n(.*?)```", README, re.DOTALL)


def block(language: str, holding: str) -> str:
    """The one example of the README in `language` that holds `holding`."""
    found = [text for tongue, text in BLOCKS if tongue == language and holding in text]
    assert len(found) == 1
    return found[0]


def test_the_kind_shown_is_the_one_that_is_tried_at_work(tmp_path):
    assert block("python", "KIND = Kind(") == TEXT
    (tmp_path / "count.py").write_text(TEXT)
    assert set(kind.discover(tmp_path)[0]) == {"count"}


def test_the_action_shown_changes_what_can_be_planned(tmp_path):
    (tmp_path / "hum.py").write_text(block("python", '"hum"'))
    acts, wrong = repertoire.discover(tmp_path)
    assert not wrong
    move = {"name": "move", "parameters": {"?a": "room", "?b": "room"}, "preconditions": ["at(me, ?a)", "open(?a, ?b)"],
            "add": ["at(me, ?b)"], "delete": ["at(me, ?a)"]}
    schemas = [Action.model_validate(move), *(act.schema for act in acts)]
    domain = Domain.compile(schemas, {"room": ["hall", "orb_chamber"]})
    state = domain.state([Fact.parse("at(me, hall)"), Fact.parse("open(hall, orb_chamber)")])
    found = run(search(domain, state, Goal(name="tune", condition=("hummed(tune)",))))
    assert isinstance(found, Solved)
    assert [step.action for step in found.plan.steps] == ["move(hall, orb_chamber)", "hum"]


def test_the_persona_shown_can_be_read(tmp_path):
    (tmp_path / "nell.yaml").write_text(block("yaml", "slug: nell"))
    people, problems = persona.load_all(tmp_path)
    assert not problems
    assert people["nell"].home == "shrine"


def test_the_room_shown_fits_the_map(tmp_path):
    for path in (PROJECT / "world" / "map").glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text())
    text = block("yaml", "area: The Attic")
    (tmp_path / "attic.yaml").write_text(text)
    assert "attic" in yaml.safe_load(text)["rooms"]
    rooms = mapfile.read(tmp_path).rooms
    assert "attic" in rooms
    assert ("attic", "attic") in {(way.name, way.to) for way in rooms["birth_chamber"].exits}


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_every_link_leads_somewhere(target):
    assert (Path(PROJECT) / target).exists()
