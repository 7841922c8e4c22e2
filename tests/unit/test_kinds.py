"""Kinds of task: found by their files, turned into acts that a plan can use, asked for in words."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.goap import Domain, Goal, Solved, run, search
from agents.goap.model import Fact
from agents.kernel.errors import BadInput, NotFound
from agents.kernel.settings import Settings
from agents.kernel.text import is_control
from agents.mind.repertoire import discover as discover_acts
from agents.work.kind import Kind, acts_of, discover, site_of
from agents.work.kinds.build_room import KIND as BUILD
from agents.work.kinds.build_room import key_of
from agents.work.kinds.build_room import parse as parse_build
from agents.work.markdown import block, code, count, items, size
from tests.support.light_world import LightWorld

SETTINGS = Settings(state_dir=Path("/nonexistent/state"))
MINIMAL = """
from pydantic import BaseModel
from agents.work.kind import Kind, WorkStep
class Params(BaseModel):
    pass
async def run(ctx):
    return {}
KIND = Kind(name=NAME, purpose="p", usage="u", example="e", params=Params, parse=lambda s, d, t: Params(),
            action=lambda p: "a", steps=STEPS, report=lambda p, r: "", summary=lambda p, r: "")
"""


def plant(folder: Path, file: str, name: str = "'x'", steps: str = "(WorkStep('a', run, 't'),)") -> None:
    (folder / file).write_text(MINIMAL.replace("NAME", name).replace("STEPS", steps))


def test_the_houses_own_kinds_are_found() -> None:
    found, problems = discover()
    assert not problems
    assert set(found) == {"survey", "test", "build", "words"}
    for name, kind in found.items():
        assert kind.example
        assert (acts_of(kind) == ()) == bool(kind.not_yet) == (name == "words")


def test_a_new_file_is_a_new_kind(tmp_path: Path) -> None:
    plant(tmp_path, "mine.py")
    (tmp_path / "_helper.py").write_text("raise RuntimeError")
    assert list(discover(tmp_path)[0]) == ["x"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("KIND = 3", "has no KIND"),
        ("x = (", "line 1"),
        ("raise RuntimeError('boom\x1b[31m')", "RuntimeError: boom"),
        ("import nothing_there", "ModuleNotFoundError"),
    ],
)
def test_a_broken_file_is_named_and_the_others_load(tmp_path: Path, source: str, said: str) -> None:
    (tmp_path / "broken.py").write_text(source)
    plant(tmp_path, "mine.py")
    found, (problem,) = discover(tmp_path)
    assert list(found) == ["x"]
    assert str(problem).startswith("broken.py, line 1: ")
    assert said in str(problem)
    assert "\x1b" not in str(problem)


@pytest.mark.parametrize(
    ("name", "steps", "said"),
    [
        ("'Bad Name'", "(WorkStep('a', run, 't'),)", "is not a valid name"),
        ("'x'", "()", "no steps"),
        ("'x'", "(WorkStep('a', run, 't'), WorkStep('a', run, 't'))", "same name"),
        ("'x'", "(WorkStep('a', run, 't', after=('b',)),)", "comes after b"),
        (
            "'x'",
            "(WorkStep('a', run, 't', after=('b',)), WorkStep('b', run, 't', after=('a',)))",
            "wait for each other",
        ),
    ],
)
def test_a_kind_that_no_plan_could_finish_is_refused(tmp_path: Path, name: str, steps: str, said: str) -> None:
    plant(tmp_path, "odd.py", name, steps)
    found, (problem,) = discover(tmp_path)
    assert not found
    assert said in problem.reason


def test_of_two_files_with_one_kind_the_first_is_taken(tmp_path: Path) -> None:
    plant(tmp_path, "one.py")
    plant(tmp_path, "two.py")
    found, (problem,) = discover(tmp_path)
    assert list(found) == ["x"]
    assert (problem.file, problem.reason) == ("two.py", "ValueError: the kind x is already in one.py")


def test_kinds_whose_acts_would_have_one_name_do_not_meet(tmp_path: Path) -> None:
    plant(tmp_path, "one.py", "'a'", "(WorkStep('b_c', run, 't'),)")
    plant(tmp_path, "two.py", "'a_b'", "(WorkStep('c', run, 't'),)")
    found, (problem,) = discover(tmp_path)
    assert list(found) == ["a"]
    assert "the act do_a_b_c is already in one.py" in problem.reason


def described(subject: str, seen: str) -> Any:
    """What Build reads when `seen` is what is seen in the room."""
    return parse_build(subject, f'"{seen}"', SETTINGS)


def plan(kind: Kind, start: list[str], site: str = "") -> list[str]:
    """A plan of the house's own acts for a task of this kind."""
    world = LightWorld.founding()
    rooms, things = [r.key for r in world.rooms()], [i.key for i in world.items()]
    schemas = [act.schema for act in (*discover_acts()[0], *acts_of(kind))]
    domain = Domain.compile(schemas, {"room": rooms, "item": things})
    facts = [f"open({w.origin}, {w.target})" for w in world.exits("me")] + [f"in({t}, workshop)" for t in things]
    facts += [f"working({kind.name})", *([f"site({site})"] if site else []), *start]
    found = run(search(domain, domain.state(map(Fact.parse, facts)), Goal(name="task", condition=kind.goal())))
    assert isinstance(found, Solved)
    return [step.action for step in found.plan.steps]


def test_the_plan_walks_fetches_works_and_reports() -> None:
    steps = plan(discover()[0]["survey"], ["at(me, hall)"])
    assert steps[:2] == ["move(hall, workshop)", "take(lens, workshop)"]
    assert {s for s in steps if s.startswith("do_")} == {f"do_survey_{s.name}" for s in discover()[0]["survey"].steps}
    assert steps[-1] == "tell_survey"
    assert steps.index("write_survey") > max(steps.index(f"do_survey_{s.name}") for s in discover()[0]["survey"].steps)


def test_steps_that_are_done_are_not_planned_again() -> None:
    steps = plan(
        discover()[0]["survey"], ["at(me, workshop)", "has(me, lens)", "done(survey, commits)", "done(survey, old)"]
    )
    assert "do_survey_commits" not in steps
    assert "do_survey_files" in steps


def test_building_is_done_where_the_room_shall_stand_and_in_order() -> None:
    steps = plan(BUILD, ["at(me, hall)"], site="library")
    done = [s for s in steps if s.startswith("do_")]
    assert done == ["do_build_measure(library)", "do_build_raise(library)", "do_build_inspect(library)"]
    assert steps.index("take(trowel, workshop)") < steps.index("move(hall, library)") < steps.index(done[0])


def test_repetition_and_effects_are_those_of_the_kind() -> None:
    acts = {act.schema.name: act for act in acts_of(BUILD)}
    assert [acts[f"do_build_{s}"].repeat for s in ("measure", "raise", "inspect")] == ["pure", "keyed", "pure"]
    assert acts["write_build"].repeat == acts["tell_build"].repeat == "keyed"
    params = described("Nook beside Hall", "A nook.")
    task: Any = SimpleNamespace(id=1, params=params.model_dump(mode="json"))
    assert acts["do_build_raise"].declared(task) == BUILD.effects(params)
    assert acts["tell_build"].declared(task) == ()


@pytest.mark.parametrize("written", ["Library", "the library", "LIBRARY", "The  Library"])
def test_a_site_is_found_by_name_or_key(written: str) -> None:
    assert site_of(BUILD, described(f"Nook beside {written}", "A nook."), LightWorld.founding()) == "library"


def test_an_unknown_site_names_the_nearest() -> None:
    with pytest.raises(NotFound, match="Nearest: library"):
        site_of(BUILD, described("Nook beside Libary", "A nook."), LightWorld.founding())
    assert site_of(discover()[0]["survey"], None, LightWorld.founding()) == "workshop"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Reading Nook", "reading_nook"),
        ("The Reading-Nook", "reading_nook"),
        ("Café Ünïcode", "cafe_unicode"),
    ],
)
def test_a_room_name_makes_a_key(name: str, key: str) -> None:
    assert key_of(name) == key


@given(st.text(min_size=1, max_size=80))
def test_whatever_a_room_is_called_it_is_refused_or_has_a_usable_key(name: str) -> None:
    try:
        params = described(f"{name} beside Hall", "Seen.")
    except BadInput:
        return
    assert Fact.parse(f"at(me, {params.key})").args == ("me", params.key)
    assert not any(map(is_control, params.name))
    assert len(params.name) <= 60
    assert not set(params.name) & set('|<>{}[]()=;\\"`$&\n\x1b')
    assert params.exit_name.startswith("the ")


@pytest.mark.parametrize(
    ("subject", "description"),
    [
        ("", "x"),
        ("Nook", "x"),
        ("Nook beside", "x"),
        ("beside Hall", "x"),
        ("Nook beside Hall", ""),
        ("Nook beside Hall", "a\x1b[2Jb"),
        ("N\x1b[31mook beside Hall", "x"),
        ("|rNook beside Hall", "x"),
        ("x" * 61 + " beside Hall", "x"),
        ("1 beside Hall", "x"),
        ("Nook beside Hall", "x" * 2001),
        ("No\u202eok beside Hall", "x"),
        ("Nook beside |lcquit|ltHall|le", "x"),
    ],
)
def test_what_is_no_room_is_refused(subject: str, description: str) -> None:
    with pytest.raises(BadInput):
        described(subject, description)


def test_a_request_in_words_keeps_the_words() -> None:
    words = discover()[0]["words"]
    params = words.parse("think -- about && `this`", "more", SETTINGS)
    assert params.model_dump() == {"ask": "think -- about && `this`", "more": "more"}
    with pytest.raises(BadInput):
        words.parse(" ", "", SETTINGS)


@given(st.text())
def test_text_in_a_report_stays_in_its_code_span(text: str) -> None:
    span = code(text)
    assert not any(map(is_control, span))
    fence = span[: len(span) - len(span.lstrip("`"))]
    assert span.endswith(fence)
    inner = span[len(fence) : -len(fence)]
    runs = [len(run) for run in "".join(c if c == "`" else " " for c in inner).split()]
    assert len(fence) not in runs
    assert not any(map(is_control, block(text).replace("\n", "")))


def test_numbers_are_told_exactly() -> None:
    assert (count(1, "file"), count(2000, "file"), count(2, "branch", "branches")) == (
        "1 file",
        "2,000 files",
        "2 branches",
    )
    assert size(1) == "1 byte"
    assert size(1536) == "1.5 KiB (1,536 bytes)"
    assert items(["a", "b", "c"], 9, 2) == "- a\n- b\n- … and 7 more"


# -- after = stands the reason ----------------------------------------------------------------------------


def asked(tmp_path: Path) -> tuple[Path, Settings]:
    project = tmp_path / "project"
    project.mkdir(exist_ok=True)
    (project / "Makefile").write_text("test:\n\ttrue\n")
    (project / ".git").mkdir(exist_ok=True)
    for name in ("objects", "refs"):
        (project / ".git" / name).mkdir(exist_ok=True)
    (project / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    return project, Settings(state_dir=tmp_path / "state", read_paths=(tmp_path,))


@pytest.mark.parametrize("reason", ["does it pass?", "rm -rf /", "$5 a month", "because; true && x", "a=b $x", ""])
def test_the_reason_changes_nothing_of_what_is_done(tmp_path: Path, reason: str) -> None:
    project, settings = asked(tmp_path)
    subjects = {"survey": str(project), "test": str(project), "words": "Think", "build": "Nook beside Hall"}
    found, _ = discover()
    assert set(found) == set(subjects), "a new kind is asked for here, too"
    seen = {"build": ' "A nook."'}
    for name, kind in found.items():
        actions = {
            kind.action(kind.parse(subjects[name], f"{why}{seen.get(name, '')}", settings)) for why in (reason, "why")
        }
        assert len(actions) == 1, f"{name}: {actions}"


@pytest.mark.parametrize(
    ("description", "command"),
    [
        ("$ python3 -m pytest -q", "python3 -m pytest -q"),
        ('does it pass? $ [ "$A" = "b" ] && make test', '[ "$A" = "b" ] && make test'),
        ("does it pass?\n$ printf 'a  b'\n# and more", "printf 'a  b'\n# and more"),
        ("why $ echo $ one", "echo $ one"),
    ],
)
def test_a_command_stands_behind_a_dollar(tmp_path: Path, description: str, command: str) -> None:
    project, settings = asked(tmp_path)
    assert discover()[0]["test"].parse(str(project), description, settings).command == command


def test_a_command_in_the_wrong_place_is_told_the_right_one(tmp_path: Path) -> None:
    project, settings = asked(tmp_path)
    with pytest.raises(BadInput) as refused:
        discover()[0]["test"].parse(f"{project} $ make test", "", settings)
    assert refused.value.next == f"task add Test {project} = why $ make test"


def test_a_room_is_described_in_quotes(tmp_path: Path) -> None:
    assert (
        parse_build("Nook beside Hall", 'somewhere to read "Two "old" chairs."', SETTINGS).description
        == 'Two "old" chairs.'
    )
    with pytest.raises(BadInput, match="double quotes") as refused:
        parse_build("Nook beside Hall", "we need room for boxes", SETTINGS)
    assert '"' in refused.value.next
