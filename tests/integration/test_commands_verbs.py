"""Verbs over a real house: what they answer, what they refuse, and that their examples run."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred, execute, succeed

from agents.cascade import report as cascade_report
from agents.cascade.told import Sent, read_as
from agents.governance.models import Approval
from agents.governance.rules import Actor
from agents.kernel.location import PROJECT
from agents.kernel.text import visible
from agents.notes.service import Notes
from agents.work.kind import FOLDER as KINDS
from agents.work.ports import Presence, RoomSpec
from commands import grammar, verbs
from commands.verbs import Caller, Reply, Verb
from tests.support import cascade, light_house
from tests.support.furnished import Furnished as House
from tests.support.hostile import PLANTED, naughty
from tests.support.light_world import LightWorld
from tests.support.scripted import tables
from world import screen
from world.screen import display_width, wrap

pytestmark = pytest.mark.django_db

OWNER = light_house.OWNER
MIA = Actor("person", "mia")
IRREVERSIBLE = light_house.CHORE.replace('name="chore"', 'name="spend"').replace(
    'category="read"', 'category="money", undo="no", confirm=lambda p: "900"'
)


class Memory:
    """A client that remembers."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}
        self.blocks: list[list[str]] = [["earlier"], ["later"]]

    def get(self, key: str) -> Any:
        return self.kept.get(key)

    def set(self, key: str, value: Any) -> None:
        self.kept[key] = value

    def shown(self) -> list[list[str]]:
        return self.blocks

    def closed(self, room: str) -> dict[str, str]:
        return {}

    def walk(self, room: str) -> bool:
        self.walked = room
        return True

    def engine_help(self) -> dict[str, str]:
        return {"@dig": "Build rooms.\n\nUsage:\n  @dig <name>"}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty one; each house has a copy."""
    made = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", "--template=", str(made)], check=True)
    return made


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repository: Path) -> House:
    monkeypatch.setenv("HOME", str(tmp_path))
    project = tmp_path / "src" / "project"
    shutil.copytree(repository, project)
    kinds = light_house.kinds_folder(tmp_path)
    (kinds / "spend.py").write_text(IRREVERSIBLE)
    for kind in ("survey.py", "build_room.py"):
        shutil.copy(KINDS / kind, kinds)
    people = [light_house.persona("timmy", "rested(home):60:1".replace(":", " ")), light_house.persona("ezra")]
    made = light_house.house(
        tmp_path, LightWorld.founding(), people, kinds=kinds, seal_seconds=10, read_paths=(tmp_path,)
    )
    monkeypatch.setattr("commands.verbs.welcome.PROJECT", project)
    light_house.run(made, seconds=30)
    return made


@pytest.fixture
def owner() -> Caller:
    return Caller(OWNER, "telnet", "hall", client=Memory())


def ask(house: House, caller: Caller, line: str) -> Reply:
    """Run a line as it would be typed."""
    word, _, rest = line.partition(" ")
    reply = verbs.run(house, caller, word, rest)
    if reply.rest is None:
        return reply
    answers: list[Reply] = []
    verbs.later(house, word, reply, lambda _, rest: execute(rest)).addCallback(answers.append)
    return answers[0]


def text(reply: Reply) -> str:
    return "\n".join(screen.unmarked(line) for line in reply.lines)


def good(house: House, caller: Caller, line: str) -> str:
    reply = ask(house, caller, line)
    assert reply.exit == 0, (line, text(reply))
    return text(reply)


def propose(house: House, count: int) -> None:
    for number in range(count):
        house.work.propose(f"Chore number {number}", "", OWNER, "telnet")


def settle(house: House) -> None:
    house.runtime.clock.advance(11)  # type: ignore[attr-defined]
    house.work.settle()


# -- examples ------------------------------------------------------------------------------------

READY = "timmy"


def _stage(house: House, owner: Caller) -> None:
    """Eight tasks: 1-4 wait and were read, 5 and 6 are approved, 7 runs, 8 has failed."""
    propose(house, 8)
    good(house, owner, "read 1-8")
    good(house, owner, "ok 5-8")
    settle(house)
    for number in (7, 8):
        house.work.assign(number, READY, OWNER, "telnet")
        house.work.claim(number, READY)
    house.work.fail(8, READY, "the broom broke")
    pin(house, 3)


def pin(house: House, count: int) -> None:
    """So many notes in the Hall."""
    for number in range(1, count + 1):
        house.need(Notes).leave(OWNER, "hall", f"Note number {number}.", "telnet")


def _build(house: House, owner: Caller) -> None:
    """Task 9 has built a room."""
    task = house.work.propose("Build Nook beside Library", '"A chair."', OWNER, "telnet")
    good(house, owner, f"read {task.pk}")
    good(house, owner, f"ok {task.pk}")
    settle(house)
    spec = RoomSpec("nook", "Nook", "A chair.", "library", "the nook", task.pk)
    house.body_of("timmy").build_room(spec, frozenset({("world", "nook")}))
    for what in ("claim", "complete"):
        task = house.work.change(house.work.get(task.pk), what, OWNER, "telnet", assignee="ezra")


IN_THE_ENGINE = frozenset({"world", "guest"})
"""Verbs that need the engine's objects; their examples run in test_commands_game."""


@pytest.mark.parametrize("verb", [v for v in verbs.all_verbs() if v.name not in IN_THE_ENGINE], ids=lambda v: v.name)
def test_the_examples_of_each_verb_run_in_order(house: House, owner: Caller, verb: Verb) -> None:
    """The state is prepared; the examples are then typed as they stand."""
    _stage(house, owner)
    if verb.name == "redo":
        _build(house, owner)
    for example in verb.examples:
        reply = ask(house, owner, example)
        assert reply.exit == 0, (example, text(reply))
        assert reply.lines, example
        json.dumps(reply.data)


def test_the_first_day_of_the_owners_guide_is_typed_as_it_stands(house: House, owner: Caller, tmp_path: Path) -> None:
    """Each line of it runs, with a folder and an agent that are here; what it shows of the answers is there."""
    day = (PROJECT / "docs" / "owner.md").read_text().split("## A first day")[1].split("\n### ")[0]
    typed = re.findall(r"^> (.+)$", day, re.MULTILINE)
    assert len(typed) > 8
    shown = ""
    for line in typed:
        if line == "task 1":
            assert light_house.run(house, lambda: house.work.get(1).status == "COMPLETED", seconds=900)
        here = line.replace("/home/ana/garden", str(tmp_path / "src" / "project")).replace("allegro", "timmy")
        shown += good(house, replace(owner, plain=True), here) + "\n"
    for told in (
        "ok 1, or no 1 = reason",
        '"undo" lifts the seals.',
        "1  lifted: Survey",
        "State: completed",
        "Outcome: ",
    ):
        assert told in day and told in shown, told


def test_a_range_that_names_more_than_there_is_says_so_in_one_line(house: House, owner: Caller) -> None:
    propose(house, 2)
    good(house, owner, "read 1-2")
    shown = [screen.unmarked(line) for line in ask(house, owner, "ok 1-50").lines]
    assert [line[:2] for line in shown[:2]] == ["1 ", "2 "] and len(shown) == 4
    assert shown[2] == "3-50  There are no items with these 48 numbers."
    assert text(ask(house, owner, "assign 1-9 = timmy")).endswith("3-9  There are no tasks with these 7 numbers.")
    assert "There is no task 9." in text(ask(house, owner, "pause 9"))


INTERNAL = re.compile(r"PENDING_APPROVAL|BACKLOGGED|\bRUNNING|(owner|person|agent|system):\w|\b[a-z_]+\([a-z_, ]*\)")
"""Names of the code's own, which no screen shows."""
SHOWN = """board, lectern, agents, feed 100, status, arrival, plan timmy, why timmy, kinds, help, ok 5, no 7,
edit 7 = x, assign 7 = ezra, pause 7, resume 7, task 7, pause timmy, assign 9 = ezra, prioritise 8 = high,
backlog 7 = not now, backlog 7 = again, undo, golden, why not timmy take lens"""


def test_no_internal_name_reaches_a_screen(house: House, owner: Caller) -> None:
    _stage(house, owner)
    verbs_ = ("task", "why", "retry", "reopen", "resume", "later")
    lines = [*re.split(r",\s+", SHOWN), *(f"{word} {number}" for word in verbs_ for number in (1, 5, 7, 8))]
    for caller in (owner, Caller(MIA, "telnet", "hall", client=Memory())):
        for line in lines:
            shown = text(ask(house, caller, line))
            assert not INTERNAL.search(shown), (line, INTERNAL.search(shown), shown)


def test_what_is_the_owners_is_refused_to_guests_in_a_sentence_and_their_help_does_not_list_it(
    house: House, owner: Caller
) -> None:
    """Some example of each verb that they are offered can be typed by them, and none of the others."""
    for number in range(5):
        house.work.propose(f"Chore number {number}", "", MIA, "telnet")
    propose(house, 3)
    pin(house, 3)
    offered = good(house, Caller(MIA, "telnet", "hall"), "help all")
    for verb in verbs.all_verbs():
        guest = Caller(MIA, "telnet", "hall", client=Memory())
        typed = [(one, ask(house, guest, one)) for one in verb.examples if one.split()[0] in verbs.names()]
        replies = [reply for one, reply in typed if one.split()[0] in verb.names]
        assert all(reply.exit or "Not allowed" in text(reply) for reply in replies) is verb.owner, verb.name
        assert bool(re.search(rf"^ *{verb.name}(:| )", offered, re.MULTILINE)) is not verb.owner, verb.name
        if verb.owner:
            assert "Only the owner can use it." in good(house, guest, f"help {verb.name}")
            assert re.search("(visitors may not [a-z ]{5,}; the owner may|only the owner)", text(replies[0])), replies[
                0
            ]


@pytest.mark.parametrize("width", [40, 78, 120])
@pytest.mark.parametrize("plain", [True, False])
def test_what_shows_something_fits_the_screen(house: House, width: int, plain: bool) -> None:
    caller = Caller(OWNER, "telnet", "hall", plain, width, Memory())
    _stage(house, caller)
    for line in (
        "board",
        "lectern",
        "agents",
        "map",
        "help",
        "help all",
        "here",
        "status",
        "arrival",
        "feed",
        "plan timmy",
        "kinds",
    ):
        reply = ask(house, caller, line)
        assert reply.exit == 0, (line, text(reply))
        for piece in itertools.chain.from_iterable(screen.wrap(part, width) for part in reply.lines):
            assert screen.display_width(piece) <= width or screen._EXACT in piece
        if plain:
            assert not set(text(reply)) & set("│─┌┐└┘┼║═+"), line


def test_the_map_names_a_dozen_of_those_who_are_far_away(
    house: House, owner: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = [Presence(f"walker-{n}", f"Walker-{n}", True, "nowhere", "walks") for n in range(1000)]
    monkeypatch.setattr(house.records, "presences", lambda: far)
    said = good(house, owner, "map hall")
    assert "Elsewhere: Walker-0 in nowhere" in said
    assert "Walker-11 in nowhere, and 988 more, whom `agents` lists" in said.replace("\n", " ")
    assert "Walker-12" not in said


# -- deciding ---------------------------------------------------------------------------------------


def test_a_proposal_is_shown_whole_and_can_be_decided(house: House, owner: Caller) -> None:
    shown = good(house, owner, "task add Chore the attic = it is dusty")
    for part in ("Action    chore the attic", "Why       it is dusty", "Risk      ", "Undo      n/a", "nothing runs"):
        assert part in shown
    assert "takes effect in 10s" in good(house, owner, "ok 1")


def test_the_order_is_propose_approve_assign_run(house: House, owner: Caller) -> None:
    """W of the main job by verbs alone: an agent does it, and the report is read back."""
    good(house, owner, "task add Chore the attic = it is dusty")
    good(house, owner, "approve 1")
    settle(house)
    good(house, owner, "assign 1 = timmy")
    assert light_house.run(house, lambda: house.work.get(1).status == "COMPLETED", seconds=300)
    shown = good(house, owner, "task 1")
    assert "the attic: 3 steps done." in shown
    assert "polish" in shown
    assert good(house, owner, "task 1/report").startswith("the attic")
    data = ask(house, owner, "task 1").data
    assert data["status"] == "COMPLETED"
    assert {a["name"] for a in data["artifacts"]} >= {"report"}


def test_what_was_not_read_is_not_decided(house: House, owner: Caller) -> None:
    propose(house, 1)
    reply = ask(house, owner, "ok 1")
    assert reply.exit == 1
    assert "not been shown" in text(reply)
    assert "Try: read 1" in text(reply)
    good(house, owner, "read 1")
    good(house, owner, "ok 1")


@pytest.mark.parametrize("line", ["lectern", "lectern 3", "status", "score"])
def test_of_all_that_waits_only_what_is_shown_is_read(
    house: House, owner: Caller, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        house.work.propose(f"Chore {number}", "", OWNER, "telnet")
    read, really = [], Approval.from_db.__func__  # type: ignore[attr-defined]

    def counted(kind: type, *row: Any) -> Any:
        read.append(row)
        return really(kind, *row)

    monkeypatch.setattr(Approval, "from_db", classmethod(counted))
    assert "30" in good(house, owner, line)
    assert len(read) <= 15


def test_the_lectern_shows_what_fits_and_only_that_can_be_decided(house: House, owner: Caller) -> None:
    house.work.propose("Chore short", "", OWNER, "telnet")
    house.work.propose("Chore " + "long " * 50, "", OWNER, "telnet")
    shown = good(house, owner, "lectern")
    assert "does chore short" in shown
    assert "read 2 first" in shown
    good(house, owner, "ok 1")
    assert "not been shown" in text(ask(house, owner, "ok 2"))


def test_an_edit_must_be_read_again_by_others(house: House, owner: Caller) -> None:
    other = Caller(Actor("owner", "second"), "web", client=Memory())
    house.work.propose("Chore a", "", OWNER, "telnet")
    good(house, other, "read 1")
    assert "chore b" in good(house, owner, "edit 1 Chore b = better")
    assert "has changed since you saw it" in text(ask(house, other, "ok 1"))
    good(house, owner, "ok 1")


def test_undo_lifts_what_is_sealed_and_nothing_else(house: House, owner: Caller) -> None:
    propose(house, 2)
    good(house, owner, "read 1 2")
    good(house, owner, "ok 1")
    settle(house)
    good(house, owner, "no 2 = not today")
    assert good(house, owner, "undo").startswith("2  lifted")
    assert [house.work.get(n).status for n in (1, 2)] == ["APPROVED", "PENDING_APPROVAL"]
    assert ask(house, owner, "undo").exit == 1


def test_what_cannot_be_undone_refuses_ranges_and_wants_its_amount(house: House, owner: Caller) -> None:
    good(house, owner, "task add Chore a")
    good(house, owner, "task add Spend b")
    both = ask(house, owner, "ok 1-2")
    assert both.exit
    assert "1  approved" in text(both)
    assert "ok 2 = 900" in text(both)
    assert "ok 2 = 900" in text(ask(house, owner, "ok 2"))
    assert "ok 2 = 900" in text(ask(house, owner, "ok 2 = 90"))
    good(house, owner, "ok 2 = 900")


def test_names_choose_cohorts(house: House, owner: Caller) -> None:
    for title in ("Chore a", "Spend b", "Chore c"):
        good(house, owner, f"task add {title}")
    assert [item["ref"] for item in ask(house, owner, "ok chores").data] == ["1", "3"]
    good(house, owner, "undo")
    assert [item["ref"] for item in ask(house, owner, "no all").data] == ["1", "2", "3"]
    assert "matches 'purple'" in text(ask(house, owner, "ok purple"))


def test_later_hides_and_brings_back(house: House, owner: Caller) -> None:
    propose(house, 1)
    good(house, owner, "later 1 30m")
    assert "Nothing waits. 1 put off." in good(house, owner, "lectern")
    house.runtime.clock.advance(1801)  # type: ignore[attr-defined]
    assert "1 waits" in good(house, owner, "lectern")


def test_golden_is_turned_off_only_by_its_sentence_and_in_the_game(house: House, owner: Caller) -> None:
    assert "is on" in good(house, owner, "golden")
    assert ask(house, owner, "golden off").exit == 2
    line = "golden off = I take the risk"
    assert ask(house, Caller(OWNER, "cli"), line).exit == 1
    assert ask(house, Caller(MIA, "telnet"), line).exit == 1
    assert "OFF" in good(house, owner, line)
    assert "OFF" in good(house, owner, "lectern")
    assert "OFF" in good(house, owner, "status")
    good(house, owner, "golden on")


@pytest.mark.parametrize(
    "line",
    [
        "ok 1",
        "no 1",
        "undo",
        "later 1",
        "assign 1 = timmy",
        "pause 1",
        "resume 1",
        "retry 1",
        "prioritise 1 = low",
        "reopen 1",
        "golden on",
        "audit verify",
    ],
)
def test_visitors_decide_and_steer_nothing(house: House, line: str) -> None:
    propose(house, 1)
    mia = Caller(MIA, "telnet", client=Memory())
    good(house, mia, "read 1")
    assert ask(house, mia, line).exit == 1, line
    assert house.work.get(1).status == "PENDING_APPROVAL"


def test_visitors_propose_and_change_their_own(house: House) -> None:
    mia = Caller(MIA, "telnet", client=Memory())
    good(house, mia, "task add Chore my room")
    good(house, mia, "edit 1 = soon")
    good(house, mia, "backlog 1 = not now")
    propose(house, 1)
    assert ask(house, mia, "edit 2 = mine now").exit == 1


def test_a_visitors_feed_holds_deeds_alone(house: House, owner: Caller) -> None:
    good(house, owner, "task add Chore secret plans")
    shown = good(house, Caller(MIA, "telnet", client=Memory()), "feed 100")
    assert "secret" not in shown
    assert "secret" in good(house, owner, "feed 100")


# -- numbers out of range, wrong words ------------------------------------------------------------

BAD_NUMBERS = ("0", "-1", "99999", "2147483648", "99999999999999999999", "1-99999", "8-5", "x", "1;2", "\x1b[31m", "a0")
NUMBERED = (
    "read",
    "ok",
    "no",
    "later",
    "pause",
    "resume",
    "retry",
    "reopen",
    "task",
    "edit",
    "why",
    "board",
    "lectern",
    "feed",
    "history",
)


@pytest.mark.parametrize("verb", NUMBERED)
def test_numbers_out_of_range_are_refused_clearly(house: House, owner: Caller, verb: str) -> None:
    propose(house, 1)
    for number in BAD_NUMBERS:
        reply = ask(house, owner, f"{verb} {number}")
        assert reply.exit in (1, 2), (verb, number, text(reply))
        assert len(text(reply)) < 400
        assert "\x1b" not in text(reply)
        assert reply.data is not None
    for verb_and_rest in ("assign {} = timmy", "prioritise {} = low", "backlog {} = x"):
        for number in BAD_NUMBERS:
            assert ask(house, owner, verb_and_rest.format(number)).exit in (1, 2)
    assert house.work.get(1).status == "PENDING_APPROVAL"


@pytest.mark.parametrize(
    "line",
    [
        "task add",
        "task add   ",
        "task edit",
        "task edit 1",
        "edit 1",
        "assign 1",
        "assign 1 = nobody",
        "assign = timmy",
        "prioritise 1 = soon",
        "backlog 1",
        "watch nobody",
        "plan nobody",
        "plan",
        "why",
        "why not",
        "why not timmy",
        "why not timmy fly(moon)",
        "plain maybe",
        "golden maybe",
        "feed -3",
        "feed 101",
        "help xyzzy",
        "map xyzzy",
        "audit burn",
        "undo 3",
        "task 1/../../etc/passwd",
        "task 1/",
        "task |lc",
        "board sideways",
        "later 1 = 1e9",
    ],
)
def test_errors_say_what_failed_and_one_next_command(house: House, owner: Caller, line: str) -> None:
    propose(house, 1)
    reply = ask(house, owner, line)
    assert reply.exit in (1, 2), text(reply)
    what, *rest = text(reply).splitlines()
    assert len(what) > 10
    if rest:
        assert rest[0].startswith("Try: ")
        first = rest[0].removeprefix("Try: ").split()[0]
        assert first in verbs.names() or first in ("timmy", "log"), rest[0]


def test_unknown_words_suggest_and_ambiguous_ones_list() -> None:
    with pytest.raises(verbs.NotFound, match=r"Near it: .*lectern"):
        verbs.find("lektern")
    with pytest.raises(verbs.Ambiguous) as caught:
        verbs.find("re")
    assert caught.value.choices == ("read", "reopen", "reply", "resume", "retry", "rewind")
    assert verbs.find("PRIOR").name == "prioritise"


@pytest.mark.parametrize("word", ["appro", "vet", "und", "gold", "late", "ed"])
def test_verdicts_are_never_taken_from_a_part(word: str) -> None:
    with pytest.raises(verbs.BadInput, match="typed in full"):
        verbs.find(word)


def test_a_verdict_is_no_numbered_choice() -> None:
    for word in ("a", "u", "l", "e", "g", "v", "o", "n"):
        choices: tuple[str, ...] = ()
        try:
            choices = (verbs.find(word).name,)
        except verbs.Ambiguous as ambiguous:
            choices = ambiguous.choices
        except verbs.TimmyError:
            continue
        assert not any(verbs.names()[name].exact for name in choices)


def test_a_line_of_a_hundred_kilobytes_is_refused(house: House, owner: Caller) -> None:
    reply = ask(house, owner, "task add Chore " + "x" * 100_001)
    assert reply.exit == 2
    assert "100" in text(reply)


def test_a_fault_of_ours_is_noted_and_told_plainly(house: House, owner: Caller, monkeypatch: Any) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(type(house.governance), "waiting", broken)
    reply = ask(house, owner, "lectern")
    assert reply.exit == 1
    assert "secret" not in text(reply)
    assert "which has been recorded" in text(reply)


# -- what is shown is what is done ---------------------------------------------------------------------


@pytest.mark.parametrize("every", [pytest.param(3, id="third"), pytest.param(1, id="all", marks=pytest.mark.soak)])
def test_hostile_titles_are_shown_as_they_are_kept(house: House, owner: Caller, every: int) -> None:
    """What was typed is what is stored; what is stored is what is shown, escaped where it must be."""
    kept = 0
    for hostile in [*PLANTED, *naughty()][::every]:
        reply = ask(house, owner, f"task add Chore {hostile}")
        if reply.exit:
            assert not set(text(reply).replace("\n", "")) & {chr(c) for c in range(32)}
            continue
        kept += 1
        task = house.work.get(reply.data["number"])
        typed, _ = grammar.split_description(f"Chore {hostile}")
        assert task.title == typed.strip(" \t")
        action = f"chore {task.params['subject']}"
        assert visible(action) in "\n".join(screen.unmarked(line) for line in reply.lines)
        shown = ask(house, owner, f"read {task.pk}")
        assert visible(action) in text(shown)
        assert visible(task.title) in text(ask(house, owner, f"task {task.pk}"))
        json.dumps(shown.data)
    assert kept * every > 200


def test_style_marks_in_others_words_do_not_style(house: House, owner: Caller) -> None:
    mark = screen._MARK["bad"]
    good(house, owner, f"task add Chore {mark}red{screen._END} = {mark}why")
    for line in ("task 1", "read 1", "lectern", "board", "feed 20", "why 1"):
        shown = "".join(ask(house, owner, line).lines)
        assert f"{mark}red" not in shown, line
        assert f"{mark}why" not in shown, line


# -- following ------------------------------------------------------------------------------------------


def test_watching_is_remembered(house: House, owner: Caller) -> None:
    assert "timmy, ezra" in good(house, owner, "watch timmy, ezra")
    assert owner.client is not None
    assert owner.client.get("watching") == ["timmy", "ezra"]
    good(house, owner, "unwatch timmy")
    assert "You are watching ezra." in good(house, owner, "watch")


def test_watching_needs_a_game_connection(house: House) -> None:
    reply = ask(house, Caller(OWNER, "cli"), "watch timmy")
    assert reply.exit == 4
    assert "feed" in text(reply)


def test_arrival_counts_from_when_one_left(house: House, owner: Caller) -> None:
    from commands.welcome import LEFT

    good(house, owner, "task add Chore before")
    house.events.append(LEFT, OWNER, via="system")
    assert "nothing new" in good(house, owner, "arrival")
    good(house, owner, "task add Chore after")
    shown = good(house, owner, "arrival")
    assert "2 items for you to decide" in shown
    assert len(shown.splitlines()) == 6, "a heading and five lines"
    for row in ask(house, owner, "arrival").data["lines"]:
        assert good(house, owner, row["command"])


def test_who_comes_for_the_first_time_is_welcomed_in_five_lines_whose_words_work(house: House, owner: Caller) -> None:
    _stage(house, owner)
    names = [persona.name for persona in house.roster.values()]
    for who, words in ((MIA, ["tour", "ask timmy = what are you doing?"]), (OWNER, ["demo", "tour"])):
        caller = Caller(who, "telnet", "hall")
        reply = ask(house, caller, "arrival")
        assert len(reply.lines) == 5
        assert f"WELCOME to Timmy's World, {who.name}." in text(reply)
        assert all(name in reply.lines[1] for name in names)
        assert [row["command"] for row in reply.data["lines"]] == words
        for word in words:
            assert not ask(house, caller, word).exit, word
        for width, plain in ((78, False), (39, False), (39, True)):
            narrow = ask(house, replace(caller, width=width, plain=plain), "arrival").lines
            assert all(display_width(piece) <= width for line in narrow for piece in wrap(line, width))
    house.events.append("person.left", OWNER, via="system")
    for _ in range(120):  # others' leaving does not push out one's own
        house.events.append("person.left", MIA, via="system")
    assert "WHILE YOU WERE AWAY" in good(house, owner, "arrival")


def test_a_rule_that_is_off_shows_wherever_it_is_said_how_things_stand(house: House, owner: Caller) -> None:
    from world.functions import hall

    assert "GOLDEN" not in good(house, owner, "arrival") + hall.FUNCTION.headline(house, OWNER)
    good(house, owner, "golden off = I take the risk")
    for line in ("arrival", "status", "lectern"):
        assert "GOLDEN_TIMMY IS OFF" in good(house, owner, line), line
    assert hall.FUNCTION.headline(house, OWNER).startswith("GOLDEN_TIMMY IS OFF")


def test_the_hall_counts_the_tasks_in_the_singular_too(house: House, owner: Caller) -> None:
    from world.functions import hall

    assert "no task is open." in hall.FUNCTION.headline(house, OWNER)
    propose(house, 1)
    assert "1 task open, none running." in hall.FUNCTION.headline(house, OWNER)
    propose(house, 1)
    assert "2 tasks open, none running." in hall.FUNCTION.headline(house, OWNER)


def test_what_is_not_approved_yet_can_be_given_and_the_answer_says_when_it_begins(house: House, owner: Caller) -> None:
    propose(house, 1)
    assert "1  is ezra's, and begins once it is approved." in good(house, owner, "assign 1 = ezra")
    good(house, owner, "read 1")
    good(house, owner, "ok 1")
    settle(house)
    assert house.work.get(1).assignee == "ezra"
    assert "is timmy's. Now approved" in good(house, owner, "assign 1 = timmy")
    assert "not approved yet" in good(house, owner, "help assign")


def test_a_proposal_from_the_command_line_exits_as_waiting_for_approval(house: House, owner: Caller) -> None:
    assert ask(house, Caller(OWNER, "cli"), "task add Chore the attic").exit == 3
    assert ask(house, owner, "task add Chore the cellar").exit == 0


@pytest.mark.parametrize("width", [79, 39])
def test_the_list_of_help_cuts_no_purpose(house: House, width: int) -> None:
    assert "…" not in good(house, Caller(OWNER, "telnet", "hall", width=width), "help all")
    assert "…" not in good(house, Caller(OWNER, "telnet", "hall", width=width), "help")
    assert "…" not in good(house, Caller(MIA, "telnet", "hall", width=width), "help")


def test_plans_and_reasons_are_told(house: House, owner: Caller) -> None:
    assert "Goal: " in good(house, owner, "plan timmy")
    assert "WHY timmy" in good(house, owner, "why timmy")
    good(house, owner, "task add Chore the attic")
    good(house, owner, "ok 1")
    settle(house)
    good(house, owner, "assign 1 = timmy")
    assert light_house.run(house, lambda: "task 1" in good(house, owner, "plan timmy"), seconds=60)
    shown = good(house, owner, "why timmy")
    assert "which step" in shown
    assert shown.count("is the goal") == 1
    assert "walk" in good(house, owner, "why not timmy move(hall, shrine)")


def test_rooms_verbs_and_concepts_have_help(house: House, owner: Caller) -> None:
    for room in house.world.rooms():
        assert room.name.upper() in good(house, owner, f"help {room.name}")
        assert good(house, owner, f"help {room.key}")
    assert "LECTERN" in good(house, owner, "help lectern")
    assert "shown to you" in " ".join(good(house, owner, "help approvals").split())
    assert "Build rooms." in good(house, owner, "help @dig")
    assert "There is no help on 'zzz'" in text(ask(house, owner, "help zzz"))


def test_the_audit_is_told(house: House, owner: Caller) -> None:
    assert "is whole" in good(house, owner, "audit verify")
    from agents.work.models import Task

    good(house, owner, "task add Chore a")
    Task.objects.filter(pk=1).update(title="Chore something else")
    reply = ask(house, owner, "audit verify")
    assert reply.exit == 1
    assert reply.data["differences"]


# -- the cascade -------------------------------------------------------------------------------------


def test_without_a_model_service_the_cascade_says_so_and_invents_nothing(house: House, owner: Caller) -> None:
    for line in ("router", "router calls", "router ollama", "sovereignty"):
        reply = ask(house, owner, line)
        assert (
            "No model service is running" in text(reply)
            and "reflex" in text(reply)
            and "Try: timmy doctor" in text(reply)
        )
        assert (reply.exit, reply.data["running"]) == (0, False)
        assert not any(char.isdigit() for char in text(reply)), "no figure of what is not there"
    told = good(house, owner, "sovereignty timmy")
    assert "No model service is running" in told and "Next is basic" in told and "(no model)" in told


def test_a_service_that_does_not_answer_is_told_with_its_reason(house: House, owner: Caller) -> None:
    house.connect(cascade.Told(cascade.DOWN))
    for line in ("router", "sovereignty"):
        assert "The model service does not answer. Until then everyone answers by reflex." in good(house, owner, line)


def test_the_router_is_the_owners_and_the_score_everybodys(house: House, owner: Caller) -> None:
    house.connect(cascade.Told(cascade.busy()))
    mia = Caller(MIA, "telnet", "hall", client=Memory())
    refused = ask(house, mia, "router")
    assert refused.exit and "Not allowed" in text(refused)
    assert "50 %" in good(house, mia, "sovereignty") and "money" not in good(house, mia, "sovereignty ezra")
    assert "of money used elsewhere today" in good(house, owner, "sovereignty ezra")


def test_the_answer_of_another_process_is_told_when_it_comes(house: House, owner: Caller) -> None:
    told = house.connect(cascade.Told(cascade.busy(), held=True))
    reply = verbs.run(house, owner, "router", "kimi")
    assert reply.lines == [], "nothing is said before it is known"
    answers: list[Reply] = []
    verbs.later(house, "router", reply, lambda *_: pytest.fail("no thread is needed")).addCallback(answers.append)
    assert answers == []
    told.answer()
    assert text(answers[0]).startswith("KIMI. Ready.") and answers[0].data["name"] == "kimi"


def test_a_report_is_data_for_programs(house: House, owner: Caller) -> None:
    house.connect(cascade.Told(cascade.busy()))
    assert ask(house, owner, "router").data == {"running": True, **cascade.busy()}
    assert len(ask(house, owner, "router calls").data["calls"]) == 3
    told = json.loads(json.dumps(ask(house, owner, "sovereignty").data))
    assert (told["score"], told["raises"][1]["score"], told["agents"][0]["agent"]) == (0.5, 1.0, "ezra")
    told = json.loads(json.dumps(ask(house, owner, "sovereignty ezra").data))
    assert (told["score"], told["tier"], told["next"]) == (0.2, None, "basic")


@pytest.mark.parametrize("line", ["router nonesuch", "router \x1b[31m", "sovereignty nobody", "router " + "x" * 5000])
def test_what_the_cascade_does_not_know_is_refused_with_what_there_is(house: House, owner: Caller, line: str) -> None:
    house.connect(cascade.Told(cascade.busy()))
    reply = ask(house, owner, line)
    assert reply.exit and "Try:" in text(reply) and "\x1b" not in text(reply)


class Outbox(cascade.Told):
    """A language that tells what was sent, from the service's own tables."""

    def __init__(self, *sent: tuple[str, str]) -> None:
        super().__init__(cascade.busy())
        self.store = tables()
        for number, (agent, words) in enumerate(sent):
            told = json.dumps([["system", "You are here."], ["user", words]])
            assert self.store.note_sent(1_774_900_000.0 + number, f"q{number}", agent, "kimi", "moonshot-v1-32k", told)

    def sent(self, agent: str, before: int | None, most: int, longest: int) -> Deferred[Sent]:
        rows, left = self.store.sent(agent, before, most)
        return succeed(read_as(Sent, {"sent": cascade_report.sent(rows, longest), "left": left}))


def test_r9_the_owner_reads_what_left_the_machine(house: House, owner: Caller) -> None:
    long = "First line\n\x1b[2J|lcok 1|lt second line " + "x" * 500
    house.connect(Outbox(*(("timmy", f"question {n}") for n in range(14)), ("ezra", long)))
    told = ask(house, owner, "router sent")
    assert len(told.data["sent"]) == 10 and told.data["left"] == 5
    assert (
        "15 2026-03-30" in text(told)
        and "ezra to kimi, moonshot-v1-32k, 2 messages of" in text(told)
        and "question 13" in text(told)
    )
    assert "router sent 15 shows one whole; router sent before 6 goes on, 5 older" in text(told)
    assert [one["n"] for one in ask(house, owner, "router sent before 6").data["sent"]] == [5, 4, 3, 2, 1]
    mine = ask(house, owner, "router sent ezra")
    assert [one["n"] for one in mine.data["sent"]] == [15] and mine.data["left"] == 0
    assert [one["n"] for one in ask(house, owner, "router sent timmy before 3").data["sent"]] == [2, 1]
    whole = ask(house, owner, "router sent 15")
    assert (
        "system:\n  You are here.\nuser:\n  First line\n" in text(whole)
        and "x" * 500 in text(whole).replace("\n", "")
        and "\x1b" not in text(whole)
    )
    assert whole.data["sent"][0]["messages"][1][1] == long, "every word"
    for line in (
        "router sent 99",
        "router sent nobody",
        "router sent before",
        "router sent 0",
        "router sent timmy 99999999999",
    ):
        assert ask(house, owner, line).exit, line
    refused = ask(house, Caller(MIA, "telnet", "hall", client=Memory()), "router sent")
    assert refused.exit and "question" not in text(refused)


def test_where_nothing_left_the_machine_that_is_said(house: House, owner: Caller) -> None:
    house.connect(Outbox())
    assert "Nothing left this machine" in good(house, owner, "router sent")
    assert "Nothing for ezra left this machine" in good(house, owner, "router sent ezra")
    house.connect(None)
    assert "No model service is running" in good(house, owner, "router sent")


def test_a_fault_in_showing_the_cascade_is_noted(house: House, owner: Caller) -> None:
    house.connect(cascade.Told(ZeroDivisionError("ours")))
    reply = ask(house, owner, "router")
    assert reply.exit == 1 and "a fault in the world itself" in text(reply)
