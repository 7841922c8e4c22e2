"""What is shown is what is done: hostile text as titles and as commands, through every surface of a
running world, against the bytes that are stored and the bytes that a sandbox is given.

Lines that a surface cannot carry: a telnet or web line ends at a line feed, a carriage return or NUL,
and UTF-8 holds no lone surrogates; an argument of a process holds no NUL. Those reach the world by the
control socket, whose JSON carries everything; it stores them, or says what is wrong with them.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import Any

import pytest

from tests.support.hostile import PLANTED, unescape
from tests.system import jobs
from tests.system.harness import World
from tests.system.jobs import Control
from tests.system.surfaces import Browser, Lines, Terminal
from world.screen import _STYLES

HOSTILE = PLANTED[:200]
FEW = HOSTILE[::5]
LABELS = ("Title", "Action", "By", "Why", "Effects", "Risk", "Undo", "Evidence", "Silence")
OURS = {("span", str({"class": css})) for _, css in _STYLES.values()}
DECISIONS = "('approval.sealed', 'approval.approved', 'approval.rejected', 'approval.lifted', 'approval.snoozed')"
WAITS = 3
TOGETHER = 10
"""Lines that are typed before their answers are read."""
_HEAD = re.compile(r"APPROVAL (a?\d+)\b.*")
_LISTED = re.compile(r" *(a?\d+)  (.*)")
_BREAKS = re.compile("[\n\r\x0b\x0c\x85\u2028\u2029\x00\ud800-\udfff]")


def command_for(*texts: str) -> str:
    """A command that writes the bytes of `texts` as its shell has them, a line each, then those of itself."""
    return f"printf '%s\\n' {' '.join(map(shlex.quote, texts))}|od -An -tx1 -v - /proc/$$/cmdline"


def carried(text: str) -> bool:
    """Whether a line of a terminal, in UTF-8, can hold the text: some keys end it, some take back what was typed."""
    return not re.search("[\n\r\x00\b\x7f\x15\x17\ud800-\udfff]", text)


@dataclass(frozen=True)
class Proposal:
    """A hostile string that is stored in a task's title or command."""

    text: str
    number: int


@pytest.fixture(scope="module")
def shell(busy_world: World) -> Iterator[Control]:
    """The owner's connection to the control socket."""
    link = jobs.control(busy_world)
    yield link
    link.close()


@pytest.fixture(scope="module")
def project(busy_world: World) -> Path:
    """A project to run commands in."""
    folder = Path(str(busy_world.settings["read_paths"])) / "shown"
    folder.mkdir()
    (folder / "file").write_text("one file\n")
    return folder


@pytest.fixture(scope="module")
def shelf(busy_world: World, shell: Control, project: Path) -> Iterator[dict[str, list[Proposal]]]:
    """Every string as a command and as a title, put there by the control socket; nobody decides on them.

    In the end nothing of all that was shown has become a decision, and all is vetoed.
    """
    before = jobs.rows(busy_world, "select max(seq) as seq from agents_event")[0]["seq"]
    made: dict[str, list[Proposal]] = {"command": [], "title": []}
    for text in HOSTILE:
        for what, line in (("command", f"Test {project} = $ {command_for(text)}"), ("title", f"Ponder {text}")):
            answer = shell.ask("task", f"add {line}")
            told = " ".join(answer["lines"])
            if answer["exit"] not in (0, WAITS):
                assert _BREAKS.search(text), (what, text, told)
                assert re.search(r"is one line|is not text|cannot contain|cannot hold|cannot be (kept|stored)", told), (
                    told
                )
                continue
            number = answer["data"]["number"]
            made[what].append(Proposal(text, number))
            found = jobs.task(busy_world, number)
            if what == "command":
                assert found["description"] == f"$ {command_for(text)}"
            elif " = " not in f"{line} ":
                assert found["title"] == line.strip()
    numbers = [p.number for proposals in made.values() for p in proposals]
    yield made
    marks = ",".join(map(str, numbers))
    query = f"select * from agents_event where topic in {DECISIONS} and seq > ? and task in ({marks})"
    assert jobs.rows(busy_world, query, before) == []
    assert shell.ask("no", f"{min(numbers)}-{max(numbers)}" if len(numbers) < 1000 else "all")["data"]


@pytest.fixture(scope="module")
def asked(busy_world: World, shelf: dict[str, list[Proposal]]) -> dict[str, dict[str, Any]]:
    """What is stored of each proposal's approval, by its task's number."""
    numbers = ",".join(str(p.number) for proposals in shelf.values() for p in proposals)
    found = jobs.rows(busy_world, f"select * from agents_approval where task in ({numbers})")
    return {str(row["task"]): row for row in found}


Opened = Callable[[str], Lines]
SURFACES = ("telnet", "MXP", "plain", "screen reader", "40 columns", "web")


@pytest.fixture
def opened(busy_world: World) -> Iterator[Opened]:
    """Opens a surface by name, logged in as the owner."""
    clients: list[Terminal | Browser] = []

    def open_(name: str) -> Lines:
        made: Terminal | Browser
        if name == "web":
            made = Browser(busy_world)
        else:
            made = Terminal(
                busy_world, mxp=name == "MXP", reader=name == "screen reader", columns=40 if name == "40 columns" else 0
            )
        clients.append(made)
        made.enter()
        if name == "plain":
            made.ask("plain on")
        return made

    yield open_
    for client in clients:
        if "plain on" in client.typed:
            client.ask("plain off")
        client.close()


def shown(client: Lines, lines: list[str]) -> list[str]:
    """The text that a person sees of lines, in which nothing acts."""
    if isinstance(client, Terminal):
        return client.shown(lines)
    assert isinstance(client, Browser)
    assert set(client.tags) <= OURS, set(client.tags) - OURS
    assert client.commands <= {"text", "prompt", "logged_in", "ticket"}, client.commands
    assert not [line for line in lines if re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", line)]
    return lines


def told(lines: list[str]) -> dict[str, dict[str, str]]:
    """The approvals that lines show whole: their references, labels and values, still escaped."""
    found: dict[str, dict[str, str]] = {}
    fields: dict[str, str] = {}
    for line in lines:
        if head := _HEAD.fullmatch(line):
            fields = found.setdefault(head[1], {})
        for label in LABELS:
            for start in (f"{label:<9} ", f"{label}: "):
                if line.startswith(start):
                    fields.setdefault(label, line.removeprefix(start))
    return found


def listed(lines: list[str]) -> dict[str, dict[str, str]]:
    """What the lectern lists: titles, and actions where they are shown whole."""
    found: dict[str, dict[str, str]] = {}
    fields: dict[str, str] = {}
    for line in lines:
        if head := _LISTED.fullmatch(line):
            fields = found.setdefault(head[1], {"Title": head[2]})
        elif line.startswith("     does ") and not line.endswith(" first"):
            fields.setdefault("Action", line.removeprefix("     does "))
    return found


def agree(stored: dict[str, Any], fields: dict[str, str]) -> None:
    """What is shown, unescaped by the rule of the help, is what is stored."""
    assert unescape(fields["Title"]) == stored["title"]
    if "Action" in fields:
        assert unescape(fields["Action"]) == stored["action"]
    if "Effects" in fields and stored["action"].startswith("printf"):
        assert unescape(fields["Effects"]) == f"execute {stored['action']}"
    if "Why" in fields:
        assert unescape(fields["Why"]) == stored["why"]


def in_parts(numbers: list[int], size: int = 20) -> Iterator[str]:
    """Selections of the numbers, of so many each."""
    for start in range(0, len(numbers), size):
        yield " ".join(map(str, numbers[start : start + size]))


# -- shown ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("surface", SURFACES)
def test_what_is_read_is_what_is_stored(
    opened: Opened, shelf: dict[str, list[Proposal]], asked: dict[str, dict[str, Any]], surface: str
) -> None:
    """`read` of every proposal by telnet, of a sample by the others."""
    client = opened(surface)
    texts = HOSTILE if surface == "telnet" else FEW
    numbers = [p.number for proposals in shelf.values() for p in proposals if p.text in texts]
    assert len(numbers) > len(texts)
    found: dict[str, dict[str, str]] = {}
    for part in in_parts(numbers):
        found |= told(shown(client, client.ask(f"read {part}")))
    assert set(found) == set(map(str, numbers))
    for number, fields in found.items():
        assert {"Title", "Action"} <= set(fields)
        agree(asked[number], fields)


@pytest.mark.parametrize("surface", ["telnet", "MXP", "web"])
def test_the_lectern_shows_what_is_stored(
    opened: Opened, shelf: dict[str, list[Proposal]], asked: dict[str, dict[str, Any]], surface: str
) -> None:
    """Every page by telnet, the last ones by the others."""
    client = opened(surface)
    (last,) = {line.split(".")[0] for line in shown(client, client.ask("lectern")) if line.startswith("Page ")}
    pages = int(last.split()[-1])
    found: dict[str, dict[str, str]] = {}
    for page in range(1 if surface == "telnet" else pages - 5, pages + 1):
        found |= listed(shown(client, client.ask(f"lectern {page}")))
    ours = {number: fields for number, fields in found.items() if number in asked}
    assert len(ours) == len(asked) if surface == "telnet" else len(ours) > 40
    assert any("Action" in fields for fields in ours.values())
    for number, fields in ours.items():
        agree(asked[number], fields)


@pytest.mark.parametrize("surface", ["telnet", "screen reader", "web"])
def test_a_task_shows_its_title_and_what_it_does(
    opened: Opened, shelf: dict[str, list[Proposal]], asked: dict[str, dict[str, Any]], surface: str
) -> None:
    """`task N` too shows the command as it is stored, and nothing that looks like another."""
    client = opened(surface)
    for some in batched((p.number for proposals in shelf.values() for p in proposals if p.text in FEW), TOGETHER):
        lines = shown(client, client.ask(*(f"task {number}" for number in some)))
        starts = [lines.index(f"TASK {number}") for number in some]
        assert starts == sorted(starts)
        for number, start, end in zip(some, starts, [*starts[1:], len(lines)], strict=True):
            told_ = lines[start:end]
            action = next(
                line.removeprefix(head)
                for line in told_
                for head in ("Action    ", "Action: ")
                if line.startswith(head)
            )
            agree(asked[str(number)], {"Title": told_[1], "Action": action})


def test_the_command_line_shows_what_is_stored(
    busy_world: World, shelf: dict[str, list[Proposal]], asked: dict[str, dict[str, Any]]
) -> None:
    """`timmy read`, `timmy tasks show` and its JSON: what is stored, and nothing a terminal acts upon."""
    numbers = [p.number for proposals in shelf.values() for p in proposals if p.text in FEW]
    acting = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
    done = busy_world.cli("read", *map(str, numbers))
    assert not acting.search(done.stdout)
    found = told(done.stdout.split("\n"))
    assert set(found) == set(map(str, numbers))
    for number, fields in found.items():
        agree(asked[number], fields)
    done = busy_world.cli("read", *map(str, numbers), "--json")
    assert not acting.search(done.stdout)
    for item in json.loads(done.stdout):
        stored = asked[item["ref"]]
        assert (item["title"], item["action"]) == (stored["title"], stored["action"])
    for number in numbers:
        for words in (("tasks", "show", str(number)), ("tasks", "show", str(number), "--json")):
            done = busy_world.typed(*words)
            assert done.returncode == 0 and not acting.search(done.stdout)
    assert busy_world.cli(*words).stdout == done.stdout


# -- typed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("surface", SURFACES)
def test_what_is_typed_is_stored_and_shown(
    opened: Opened, busy_world: World, shell: Control, project: Path, surface: str
) -> None:
    """Commands typed on each surface: stored byte for byte, and shown so in the answer."""
    client = opened(surface)
    texts = [text for text in (HOSTILE if surface == "telnet" else FEW) if carried(text)]
    assert len(texts) > 0.7 * len(HOSTILE if surface == "telnet" else FEW)
    made = []
    for some in batched(texts, TOGETHER):
        found = told(shown(client, client.ask(*(f"task add Test {project} = $ {command_for(text)}" for text in some))))
        for text, (number, fields) in zip(some, found.items(), strict=True):
            made.append(int(number))
            assert jobs.task(busy_world, int(number))["description"] == f"$ {command_for(text)}"
            assert unescape(fields["Action"]) == command_for(text)
    told_ = shell.ask("no", " ".join(map(str, made)))
    assert told_["exit"] == 0, told_


def test_what_is_given_to_the_command_line_is_stored(busy_world: World, shell: Control, project: Path) -> None:
    """`timmy tasks add` with each of a sample as one argument, some of them as a shell gives it."""
    made = []
    fit = [text for text in FEW if "\0" not in text and not re.search("[\ud800-\udfff]", text)]
    for turn, text in enumerate(fit):
        line = ("tasks", "add", f"Test {project} = $ {command_for(text)}", "--json")
        done = busy_world.typed(*line) if turn % 8 else busy_world.cli(*line)
        assert done.returncode in (0, WAITS), done.stderr
        task = json.loads(done.stdout)
        assert task["description"] == f"$ {command_for(text)}"
        assert jobs.task(busy_world, task["number"])["params"]
        made.append(task["number"])
    assert shell.ask("no", " ".join(map(str, made)))["exit"] == 0


def test_bytes_that_are_no_text_are_refused(busy_world: World, project: Path) -> None:
    """A doubled IAC and stray 8-bit controls on a telnet line: the client is told, and nothing is stored."""
    count = "select count(*) as n from agents_task"
    client = Terminal(busy_world).enter()
    before = jobs.rows(busy_world, count)
    client.link.sendall(b"task add Test " + str(project).encode() + b" = $ echo \xff\xff\x9b31m\xc0\xaf\r\n")
    assert any("it is not in utf-8" in line for line in client.shown(client.ask()))
    assert jobs.rows(busy_world, count) == before
    client.close()


# -- done ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "together"),
    [pytest.param(FEW, 10, id="few"), pytest.param(HOSTILE, 1, id="each", marks=pytest.mark.soak)],
)
def test_what_is_shown_is_what_the_sandbox_is_given(
    opened: Opened, busy_world: World, shell: Control, project: Path, texts: tuple[str, ...], together: int
) -> None:
    """The command, approved as it was shown on a terminal, tells its own bytes: they are those shown."""
    client = opened("telnet")
    wanted: dict[int, tuple[str, ...]] = {}
    fit = [text for text in texts if not re.search("[\0\ud800-\udfff]", text)]
    assert len(fit) > 0.9 * len(texts)
    for start in range(0, len(fit), together):
        some = tuple(fit[start : start + together])
        wanted[jobs.proposed(shell, f"Test {project} = $ {command_for(*some)}")] = some
    seen: dict[str, dict[str, str]] = {}
    for part in in_parts(list(wanted)):
        seen |= told(shown(client, client.ask(f"read {part}")))
        assert shell.ask("ok", part)["exit"] == 0
    found = jobs.ended(busy_world, wanted)
    for number, some in wanted.items():
        assert found[number] == "COMPLETED", jobs.task(busy_world, number)
        report = shell.ask("task", f"{number}/report")["data"]["text"]
        given = bytes.fromhex("".join(re.findall(r"(?m)^ *((?: [0-9a-f]{2}){1,16})$", report)))
        command = unescape(seen[str(number)]["Action"])
        told_ = "".join(f"{text}\n" for text in some).encode()
        assert given == told_ + b"sh\0-c\0" + command.encode() + b"\0", (some, given)
