"""Bad input over the real game, the control socket and the command line: each is answered clearly,
nothing is stored that was not typed, and nothing breaks inside.

That two worlds cannot share ports is shown in test_operations_refusals.
"""

from __future__ import annotations

import contextlib
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.kernel import location
from commands import verbs
from commands.verbs.tasks import WAITING_EXIT
from tests.support.hostile import naughty
from tests.system import jobs
from tests.system.harness import Telnet, World, until
from tests.system.jobs import Control

NUMBERS = (
    "0",
    "-1",
    "2147483648",
    "99999999999999999999999999",
    "1" + "0" * 5000,
    "1e9",
    "1.5",
    "٣",
    "½",
    "NaN",
    "0x1",
    "1_0",
    "a0",
    "a99999999999",
    "1-99999999",
    "5-1",
    "0-3",
    "1..2147483648",
    "--",
    "1 2 three 4",
    "#",
    "#0",
    "= 3",
    "999999 = x",
)
NUMBERED = re.compile(r"<(number|numbers|page|count|a number)[ >]")


@pytest.fixture(scope="module", autouse=True)
def nothing_breaks_inside(busy_world: World) -> Iterator[None]:
    """After all of this file: no bug was filed, no traceback logged, the record is whole."""
    yield
    assert jobs.faults(busy_world) == []
    jobs.record_is_whole(busy_world)


@pytest.fixture
def shell(busy_world: World) -> Iterator[Control]:
    """The owner's connection to the control socket."""
    link = jobs.control(busy_world)
    yield link
    link.close()


@pytest.fixture(scope="module")
def player(busy_world: World) -> Iterator[Telnet]:
    """The owner at a telnet client."""
    link = busy_world.login()
    yield link
    link.close()


@pytest.fixture(scope="session")
def readable(busy_world: World) -> Path:
    """The folder that agents may read."""
    return Path(str(busy_world.settings["read_paths"]))


def clearly(answer: dict[str, object]) -> str:
    """What was answered, which must be words and no fault of the world's."""
    data = answer["data"]
    assert not (isinstance(data, dict) and data.get("error") == "internal"), answer
    assert answer["lines"], answer
    return " ".join(map(str, answer["lines"]))  # type: ignore[arg-type]


# -- numbers and words -----------------------------------------------------------------------------


def test_every_verb_bears_every_number(shell: Control) -> None:
    """All verbs take all the odd numbers; those that want a number refuse them, saying why."""
    for verb in verbs.all_verbs():
        wants = any(NUMBERED.search(form) for form in verb.syntax) and verb.name != "look"
        for number in NUMBERS:
            answer = shell.ask(verb.name, number)
            told = clearly(answer)
            assert len(told) < 20_000
            if wants and number.lstrip("#").isascii() and verb.name not in ("task", "note", "edit"):
                assert answer["exit"], (verb.name, number, told)


@pytest.mark.parametrize("verb", ["ok", "no", "read", "task", "assign", "board", "feed", "later"])
def test_numbers_out_of_range_in_the_game(player: Telnet, verb: str) -> None:
    for number in ("0", "99999999999999999999", "5-1"):
        line = f"{verb} {number}" + (" = timmy" if verb == "assign" else "")
        player.ask(line, r"(?i)out of range|backwards|is not|is no |at most|at once|There is no|no task")
    player.ask("say Alive.", "Alive")


def test_unknown_words_are_answered_with_the_nearest(player: Telnet, shell: Control, busy_world: World) -> None:
    player.ask("frobnicate", "There is no 'frobnicate'")
    player.ask("lecturn", "lectern")
    assert "There is no 'frobnicate'" in clearly(shell.ask("frobnicate", "the gate"))
    assert "lectern" in clearly(shell.ask("lecturn"))
    done = busy_world.cli("lecturn")
    assert done.returncode
    assert "lectern" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_very_long_line_is_refused_and_the_connection_lives(
    player: Telnet, shell: Control, busy_world: World
) -> None:
    player.ask("say " + "x" * 100_000, "(?i)too long|at most")
    player.ask("say Alive after that.", "Alive after that")
    for size in (60_000, 100_000, 1_000_000):
        told = clearly(shell.ask("task", "add Ponder " + "x" * size))
        assert re.search(r"\d+ (characters|is the most)|at most|too long", told), told[:300]
    assert shell.ask("board")["exit"] == 0
    done = busy_world.cli("tasks", "add", "Ponder " + "x" * 100_000)
    assert done.returncode not in (0, 4), done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 2000


@pytest.mark.parametrize(
    "line",
    [
        "tasks show 0",
        "tasks show 99999999999999999999",
        "approve 5-1",
        "veto x --reason y",
        "tasks assign 1 = nobody",
        "tasks prioritise 999999 = high",
        "plan nobody",
        "audit everything",
    ],
)
def test_bad_numbers_and_names_at_the_command_line(busy_world: World, line: str) -> None:
    done = busy_world.typed(*line.split())
    assert done.returncode in (1, 2), done
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"null",
        b'"board"',
        b'{"verb": null}',
        b'{"verb": "board", "width": "wide"}',
        b"\xff\xfe\x00",
        b"[" * 50_000,
        b'{"verb": "board", "argument": {"a": 1}, "width": -1}',
        b'{"verb": "\\ud800", "argument": "\\udfff\\u0000"}',
        b'{"verb": "board", "width": 1e999}',
        b"GET / HTTP/1.1",
        b"",
    ],
    ids=range(13),
)
def test_what_is_no_question_is_answered_too(shell: Control, line: bytes) -> None:
    shell.link.sendall(line + b"\n")
    clearly(shell.answer())
    assert shell.ask("board")["exit"] == 0


# -- titles --------------------------------------------------------------------------------------------


def test_titles_are_stored_as_typed_or_refused(shell: Control, busy_world: World) -> None:
    """Every naughty string as a title and as a description: byte for byte, but for outer spaces."""
    stored = 0
    for text in naughty():
        title, _, description = f" {text} = {text} ".partition(" = ")
        answer = shell.ask("task", f"add {text} = {text}")
        told = clearly(answer)
        if answer["exit"] not in (0, WAITING_EXIT):
            assert not title.strip() or re.search(r"(?i)title|task|must|may|no |not", told), (text, told)
            continue
        found = jobs.task(busy_world, answer["data"]["number"])
        assert found["title"] == title.strip()
        assert found["description"] == description.strip()
        stored += 1
    assert stored > 400
    assert shell.ask("lectern")["exit"] == 0
    for page in range(1, shell.ask("board")["data"]["pages"] + 1):
        clearly(shell.ask("board", str(page)))


def test_titles_typed_in_the_game_are_stored_as_typed_or_refused(player: Telnet, busy_world: World) -> None:
    """A sample of those that a telnet line can carry."""
    dice = random.Random(2)
    lines = [s for s in naughty() if s.strip() and s.isprintable() and " = " not in f" {s} "]
    for text in dice.sample(lines, 40):
        player.send(f"task add words {text} = as typed")
        found = player.expect(r"Task (\d+) is proposed|Try: |(?i:a title is|it is one line|must|cannot be)")
        if found[1]:
            assert jobs.task(busy_world, int(found[1]))["title"] == text.strip(), text
            player.expect("no \\d+ = reason")


# -- repositories ----------------------------------------------------------------------------------------


def refused(shell: Control, subject: object) -> str:
    """What is said when `Survey <subject>` cannot even be proposed."""
    answer = shell.ask("task", f"add Survey {subject} = to know")
    assert answer["exit"], answer["lines"]
    return clearly(answer)


def worked(shell: Control, world: World, *folders: Path) -> list[dict[str, object]]:
    """Survey the folders, and what has become of each task."""
    numbers = [jobs.proposed(shell, f"Survey {folder} = to know") for folder in folders]
    for number in numbers:
        assert shell.ask("ok", str(number))["exit"] == 0
    jobs.ended(world, numbers)
    return [jobs.task(world, number) for number in numbers]


def test_what_cannot_be_surveyed_is_refused_by_name(shell: Control, readable: Path, tmp_path: Path) -> None:
    plain, file, away = readable / "plain", readable / "file", readable / "away"
    plain.mkdir()
    file.write_text("no folder")
    outside = jobs.repository(tmp_path / "outside")
    away.symlink_to(outside)
    assert "not a git repository" in refused(shell, plain)
    assert "is a file" in refused(shell, file)
    assert "There is no" in refused(shell, readable / "nowhere")
    for path in (outside, away, readable / ".." / "state", "/", "/etc", "../../etc"):
        told = refused(shell, path)
        assert re.search("TIMMY_READ_PATHS|There is no|is not an absolute path", told), told
    assert "TIMMY_READ_PATHS" in refused(shell, away)
    assert "path" in refused(shell, "")


def test_odd_repositories_are_surveyed_or_named_as_unreadable(
    shell: Control, busy_world: World, readable: Path
) -> None:
    """Empty and bare ones have their report; of a damaged one git's own words are kept."""
    empty = readable / "empty"
    empty.mkdir()
    jobs.git(empty, "init", "-q", "-b", "main")
    whole = jobs.repository(readable / "whole", 3)
    bare, damaged = readable / "bare.git", readable / "damaged"
    jobs.git(readable, "clone", "-q", "--bare", str(whole), str(bare))
    jobs.repository(damaged)
    for item in (damaged / ".git" / "objects").glob("??/*"):
        item.chmod(0o600)
        item.write_bytes(item.read_bytes()[: item.stat().st_size // 2])
    found = worked(shell, busy_world, empty, bare, damaged)
    assert [t["status"] for t in found[:2]] == ["COMPLETED", "COMPLETED"], found
    assert "3 commits" in str(found[1]["result"])
    assert "no commits" in str(found[0]["result"])
    assert found[2]["status"] in ("PAUSED", "FAILED"), found[2]
    assert re.search(r"(?i)object|corrupt|inflate|commit", str(found[2]["reason"])), found[2]
    assert str(damaged) in str(found[2]["reason"]) or "damaged" in str(found[2]["reason"])
    shell.ask("backlog", f"{found[2]['id']} = it is damaged")


def test_nothing_of_a_repository_is_run(shell: Control, busy_world: World, readable: Path) -> None:
    """Hooks, a file system monitor, filters, pagers, aliases: planted, and never run."""
    trap, witness = jobs.repository(readable / "trap"), readable / "witness"
    script = f"#!/bin/sh\necho $0 >> {witness}\n"
    for hook in ("post-checkout", "pre-commit", "post-index-change", "fsmonitor-watchman", "reference-transaction"):
        planted = trap / ".git" / "hooks" / hook
        planted.parent.mkdir(exist_ok=True)
        planted.write_text(script)
        planted.chmod(0o755)
    command = trap / "run-me"
    command.write_text(script)
    command.chmod(0o755)
    for name in (
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.gitProxy",
        "diff.external",
        "pager.log",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "diff.evil.textconv",
        "diff.evil.command",
        "credential.helper",
        "gpg.program",
        "uploadpack.packObjectsHook",
    ):
        jobs.git(trap, "config", name, str(command))
    jobs.git(trap, "config", "core.hooksPath", str(trap / ".git" / "hooks"))
    jobs.git(trap, "config", "log.showSignature", "true")
    (trap / ".gitattributes").write_text("* filter=evil diff=evil\n")
    witness.unlink(missing_ok=True)
    (found,) = worked(shell, busy_world, trap)
    assert found["status"] == "COMPLETED", found
    assert not witness.exists()
    with contextlib.suppress(subprocess.CalledProcessError):  # the trap is a real one
        jobs.git(trap, "status")
    assert witness.exists()


# -- older and broken worlds -------------------------------------------------------------------------------


def test_a_broken_persona_stays_away_and_the_others_live(prepared: Path, tmp_path: Path) -> None:
    """Its file, line and reason are on record and in the log; four agents are awake."""
    clone = World(tmp_path / "w", prepared)
    clone.project = tmp_path / "project"
    shutil.copytree(location.PROJECT, clone.project, ignore=shutil.ignore_patterns(".*", "state", "tests", "docs"))
    file = clone.project / "agents" / "lineage" / "personas" / "ezra.yaml"
    file.write_text(file.read_text().replace("slug: ezra", "slug: ezra\nslog: ezra"))
    try:
        clone.start()
        link = jobs.control(clone)
        until(lambda: sum(p["awake"] for p in link.ask("agents")["data"]) == jobs.AGENTS - 1, "the others are awake")
        reasons = jobs.rows(clone, "select data from agents_event where topic = 'agent.ezra.life' order by seq")
        assert "slog" in reasons[0]["data"] and "ezra.yaml" in reasons[0]["data"]
        assert re.search(r"ezra\.yaml.*slog", clone.log())
        assert "slog" in " ".join(link.ask("agents")["lines"] + link.ask("feed", "100")["lines"])
        link.close()
    finally:
        clone.close()
