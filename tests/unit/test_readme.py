"""What the README claims: its rooms, commands, packages and versions are there, its links lead somewhere.

The first visit is made with a real Server in `system/test_main_job.py`; the examples of docs/building.md are tried in
`test_docs_examples.py`.
"""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from agents.kernel.location import PROJECT
from commands import verbs
from server import cli
from server.words import load
from world import mapfile

README = (PROJECT / "README.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in README.splitlines() if line.startswith("| ")][
    1:
]
FLAT = " ".join(README.split())
ENGINES = {"look", "say", "whisper"}
"""Words of the engine's own that are named too."""


def rooms():
    return mapfile.read(PROJECT / "world" / "map").rooms.values()


def test_it_can_be_read_in_one_go():
    assert len(README.splitlines()) <= 120


def test_every_room_is_told_once_as_built_or_as_not():
    built = [name for row in ROWS for name in row[0].split(", ") if name != "everywhere"]
    bare = re.search(r"not built yet: (.*?)\.", FLAT)[1].split(", ")
    assert sorted(bare) == sorted(room.name for room in rooms() if room.awaits)
    assert sorted(built) == sorted(room.name for room in rooms() if not room.awaits)


def test_every_command_of_a_room_is_there():
    words = {word for row in ROWS for word in re.findall(r"`([^`/]+)[^`]*`", row[2])}
    assert words
    timmy = cli.parser(load()[0])._subparsers._group_actions[0].choices
    for line in words:
        word, _, rest = line.partition(" ")
        assert word in verbs.names() or word in ENGINES or (word == "timmy" and rest in timmy), line


def test_every_package_of_a_room_is_there():
    paths = [path for row in ROWS for path in re.findall(r"`([^`]+)`", row[3])]
    assert paths
    assert [path for path in paths if not (PROJECT / path).exists()] == []


def test_what_is_typed_at_a_first_visit_are_verbs():
    lines = re.findall(r"^> (.+)$", README, re.MULTILINE)
    assert len(lines) > 8
    assert [line for line in lines if line.split()[0] not in {*verbs.names(), *ENGINES}] == []
    timmy = cli.parser(load()[0])._subparsers._group_actions[0].choices
    assert [word for word in re.findall(r"`(?:\.venv/bin/)?timmy (\w+)", README) if word not in timmy] == []


def test_every_word_of_make_is_there():
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make (\w[\w-]*)", README, re.MULTILINE)) <= targets


def test_the_versions_of_python_are_those_that_are_installed_on():
    wanted = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["requires-python"]
    first, end = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", wanted).groups()
    assert f"Python 3.{first} to 3.{int(end) - 1}" in FLAT


def test_the_room_shown_fits_the_map(tmp_path):
    for path in (PROJECT / "world" / "map").glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text())
    (text,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "attic.yaml").write_text(text)
    assert "attic" in yaml.safe_load(text)["rooms"]
    known = mapfile.read(tmp_path).rooms
    assert ("attic", "attic") in {(way.name, way.to) for way in known["birth_chamber"].exits}


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_every_link_leads_somewhere(target):
    assert (Path(PROJECT) / target).exists()
