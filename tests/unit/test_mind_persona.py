"""Persona files: the founding roster, and what is wrong with bad files (L1, L2)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.lineage.persona import FOLDER, MAX_BYTES, Errand, Persona, Problem, load, load_all
from tests.support.light_house import persona


def test_the_founding_roster():
    people, problems = load_all()
    assert problems == []
    assert set(people) == {"timmy", "allegro", "ezra", "bezalel", "allegro-primus"}
    assert {slug: p.parent for slug, p in people.items()} == {
        "timmy": "",
        "allegro": "timmy",
        "ezra": "timmy",
        "bezalel": "timmy",
        "allegro-primus": "allegro",
    }
    primus = people["allegro-primus"]
    assert (primus.born, primus.most_steps, primus.mind.remote) == ("2026-03-31T02:45:00Z", 50, ())
    assert "web" not in primus.toolsets
    assert people["allegro"].born == "2026-03-29"
    heartbeat = next(e for e in people["allegro"].errands if e.name == "tended(shrine)")
    assert heartbeat.every == 15 * 60
    assert all("by reflex where no model answers" in p.mind.note for p in people.values())
    assert {slug: p.mind.thought_every for slug, p in people.items()} == dict.fromkeys(people, 1800.0) | {
        "timmy": 300.0
    }
    assert {slug: p.mind.remote for slug, p in people.items() if p.mind.remote} == {
        "allegro": ("kimi",),
        "ezra": ("claude",),
        "bezalel": ("openai",),
    }
    assert all(file.stat().st_size < MAX_BYTES for file in FOLDER.glob("*.yaml"))


def wrong(tmp_path: Path, text: str, name: str = "ezra.yaml") -> Problem:
    file = tmp_path / name
    file.write_text(text)
    found = load(file)
    assert isinstance(found, Problem), found
    return found


GOOD = persona("ezra", "seen(board) 10m 3")


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        (("role: tester", "role: tester\nrole: again"), 4, "twice"),
        (("home: hall", "home: &a hall\ntemper: *a"), 8, "aliases"),
        (("home: hall", "home: Not A Key"), 7, "home"),
        (("home: hall", "hoem: hall"), 7, "hoem"),
        (("every: 10m", "every: soon"), 11, "a period is"),
        (("every: 10m", "every: 0s"), 11, "every"),
        (("seen(board)", "seen board"), 11, "not a fact"),
        (("weight: 3", "weight: 1000"), 11, "weight"),
        (("slug: ezra", "slug: timmy"), 1, "differs from the file's name"),
        (("mind: {prefers: none}", "mind: [}"), 6, "expected"),
        (("mind: {prefers: none}", "mind: {prefers: none, remote: [opnai]}"), 6, "did you mean openai"),
        (("mind: {prefers: none}", "mind: {prefers: none, remote: true}"), 6, "mind.remote"),
        (("mind: {prefers: none}", "mind: {prefers: none, tokens_a_day: -1}"), 6, "greater than or equal to 0"),
        (("mind: {prefers: none}", "mind: {prefers: none, models: ['no spaces']}"), 6, "mind.models.0"),
    ],
)
def test_a_bad_file_is_named_with_line_and_reason(tmp_path, change, line, reason):
    assert change[0] in GOOD
    found = wrong(tmp_path, GOOD.replace(*change))
    assert reason in found.reason
    assert found.line == line
    assert str(found).startswith(f"ezra.yaml, line {line}: ")


def test_only_the_broken_agent_stays_away(tmp_path):
    (tmp_path / "ezra.yaml").write_text("- a list\n")
    (tmp_path / "timmy.yaml").write_text(persona("timmy"))
    people, problems = load_all(tmp_path)
    assert list(people) == ["timmy"]
    assert [p.slug for p in problems] == ["ezra"]


def test_bombs_are_refused_unread(tmp_path):
    assert "larger than" in wrong(tmp_path, "x: " + "y" * MAX_BYTES).reason
    bomb = "a: &a [x,x,x,x]\n" + "".join(
        f"{c}: &{c} [*{p},*{p},*{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "aliases" in wrong(tmp_path, bomb).reason
    assert wrong(tmp_path, "[" * 20_000).reason
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    assert isinstance(load(tmp_path / "bytes.yaml"), Problem)
    assert isinstance(load(tmp_path / "absent.yaml"), Problem)


def test_code_in_yaml_is_not_run(tmp_path):
    marker = tmp_path / "ran"
    found = wrong(tmp_path, f"slug: !!python/object/apply:os.mkdir ['{marker}']\n")
    assert found.line == 1
    assert not marker.exists()


def at(hour: int) -> datetime:
    return datetime(2026, 4, 1, hour, 30, tzinfo=UTC)


def test_hours_may_pass_midnight():
    day = Errand(achieve="seen(board)", every="1h", hours=(6, 20))
    night = Errand(achieve="seen(board)", every="1h", hours=(22, 4))
    assert [day.in_season(at(h)) for h in (5, 6, 19, 20)] == [False, True, True, False]
    assert [night.in_season(at(h)) for h in (21, 22, 3, 4)] == [False, True, True, False]
    people, _ = load_all()
    assert isinstance(people["timmy"], Persona)
    assert people["timmy"].awake_at(at(3))


DAY = GOOD + "schedule: [6, 22]\nday:\n  - {hours: [7, 9], achieve: shared(meal)}\n"


def test_a_day_is_read_and_its_parts_are_habits_like_errands(tmp_path: Path):
    file = tmp_path / "ezra.yaml"
    file.write_text(DAY + "  - {hours: [12, 14], achieve: shared(meal), weight: 9, seen: [breaks the bread.]}\n")
    read = load(file)
    assert isinstance(read, Persona), read
    assert [habit.name for habit in read.habits] == ["shared(meal)", "shared(meal)", "seen(board)"]
    assert read.seasonal and read.habit("seen(board)") is read.errands[0]
    assert not read.awake_at(datetime(2026, 4, 1, 23, tzinfo=UTC))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("  - {hours: [22, 23], achieve: told(day)}", "outside of its schedule"),
        ("  - {hours: [8, 10], achieve: shared(meal)}", "twice for the same hour"),
        ("  - {achieve: told(day)}", "hours"),
        ("  - {hours: [20, 21], achieve: told(day), seen: [Sits down]}", "seen"),
        ("  - {hours: [20, 21]}", "achieve"),
    ],
)
def test_what_is_wrong_with_a_day_is_said(tmp_path: Path, line: str, reason: str):
    found = wrong(tmp_path, DAY + line + "\n")
    assert reason in found.reason and found.line >= 14


def test_the_founders_have_days_and_sleep_but_for_the_steward():
    people, _ = load_all()
    for slug, one in people.items():
        goals = {part.name for part in one.day}
        assert {"risen(day)", "shared(meal)", "told(day)"} <= goals, slug
        assert (one.schedule is None) == (slug == "timmy")
        gestures = [gesture for habit in one.habits for gesture in habit.seen]
        assert len(gestures) == len(set(gestures)) >= 10
    every = [gesture for one in people.values() for habit in one.habits for gesture in habit.seen]
    assert len(every) == len(set(every)), "each has gestures of its own"
