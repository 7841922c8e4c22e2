"""What people usually type, typed: at least nine of ten lines of each sort do or say what such a person means, and no
answer names what decides, spends, rules or builds to somebody who asked for none of it.
"""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from agents.governance.rules import Actor
from agents.kernel.errors import BadInput, TimmyError
from agents.work import kind
from commands import intents, offers, plainly, verbs, walking
from commands.verbs import Caller
from tests.integration.test_commands_game import house, owner  # noqa: F401
from tests.support import second_round, usual_lines
from tests.support.clients import without_colour
from tests.support.furnished import Furnished as House
from tests.support.players import Player
from tests.support.usual_lines import lines
from world import places

pytestmark = pytest.mark.django_db

LEAST = 0.9
DANGEROUS = (
    "veto approve ok golden wall force ban unban boot perm py destroy delete emit guest userpassword shutdown reload "
    "reset batchcode batchcommands spawn typeclass dig tunnel open create set lock tel link unlink wipe cpattr mvattr "
    "inject world pause resume retry reopen backlog undo redo later edit audit"
)
"""What decides, spends, rules, speaks to all, builds, or halts an agent."""
DANGER = re.compile(rf"(?:Near it|Try|Did you mean|could be):?[^.]*?(?:{'|'.join(DANGEROUS.split())})")
MEANT = re.compile(r"approve|veto|reject|deny|delete|cancel|remove|destroy|sign off|undo|pause|stop|build|assign", re.I)
"""Lines that ask for one of these."""


@pytest.fixture
def stage(house: House, owner: Player, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Player:
    house.work.kinds = dict(kind.discover()[0])
    repo = tmp_path / "repo"
    repo.mkdir()
    (repo / "test_a.py").write_text("def test_a():\n    pass\n")
    subprocess.run(["git", "init", "-q", str(repo)], check=True)
    monkeypatch.setattr(walking, "later", lambda seconds, step: step())
    house.work.propose(f"Survey {repo}", "", Actor("owner", "owner"), "telnet")
    places.body("timmy").location = places.room("hall")
    return owner


def answer(player: Player, line: str) -> str:
    """What a line is answered with, in the Hall, nothing having gone before."""
    for attribute in ("offer", "talk"):
        setattr(player.session.ndb, attribute, None)
    offers.dropped(player.session)
    if places.key_of(player.body.location) != "hall":
        player.body.location = places.room("hall")
    player.got.clear()
    player.session.data_out = lambda text=None, **more: player.got.append(
        str(text[0] if isinstance(text, (tuple, list)) else text) if text else ""
    )
    player.session.execute_cmd(line)
    return without_colour("\n".join(player.got))


@pytest.mark.parametrize("sort", usual_lines.LISTS)
@pytest.mark.parametrize("written", [usual_lines, second_round], ids=["first", "second"])
def test_nine_of_ten_lines_are_understood_and_nothing_dangerous_is_named(
    stage: Player,
    house: House,
    tmp_path: Path,
    written: ModuleType,
    sort: str,
) -> None:
    wrong, dangerous, count = [], [], 0
    for typed, must, holds in lines(written.LISTS[sort], repo=str(tmp_path / "repo")):
        if typed.startswith("quit"):
            continue
        said = answer(stage, typed)
        flat = " ".join(said.split())
        count += 1
        if not said.strip() or bool(re.search(must, said) or re.search(must, flat)) is not holds or "untrapped" in said:
            wrong.append(f"{typed!r} should {'' if holds else 'not '}say {must!r}: {flat[:200]}")
        if DANGER.search(flat) and not MEANT.search(typed):
            dangerous.append(f"{typed!r}: {flat[:200]}")
    print("\n".join(wrong))
    assert dangerous == [], "\n".join(dangerous)
    assert len(wrong) <= count * (1 - LEAST), "\n".join(wrong)


def typos(rng: random.Random, words: list[str], count: int) -> Iterator[str]:
    """Words with a letter left out, doubled, wrong, or two that changed places; and parts of words."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    for _ in range(count):
        word = rng.choice(words)
        at = rng.randrange(len(word))
        yield (
            rng.choice(
                (
                    word[:at] + word[at + 1 :],
                    word[:at] + word[at] + word[at:],
                    word[:at] + rng.choice(letters) + word[at + 1 :],
                    word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
                    word[: at + 1],
                    "".join(rng.choice(letters) for _ in range(rng.randint(1, 6))),
                )
            )
            or "x"
        )


def looked_for(word: str) -> tuple[verbs.Verb | None, TimmyError | None]:
    """The verb that is found by a word, or what is said instead."""
    try:
        return verbs.find(word), None
    except TimmyError as error:
        return None, error


def test_no_suggestion_of_any_path_names_what_decides_rules_or_builds(stage: Player, house: House) -> None:
    """Slips of the very words that are dangerous, and of all others, typed in the game, asked of help, and forwarded by
    the command line (`verbs.find`).
    """
    rng = random.Random(7)
    words = [*DANGEROUS.split(), *verbs.names(), *plainly.harmless(), "score", "ana", "goldn", "fource", "examine"]
    scene = plainly.scene_of(house, stage.body)
    banned = set(DANGEROUS.split())
    for word in typos(rng, words, 4000):
        meant = intents.read(word, scene)
        if isinstance(meant, intents.Guess):
            assert not banned & {part for line in meant.lines for part in line.split()[:1]}, (word, meant)
        if isinstance(meant, intents.Line):
            assert not banned & {line.split()[0] for line in meant.lines}, (word, meant)
        found, error = looked_for(word)
        if isinstance(error, verbs.Ambiguous):
            continue  # choices are of what begins so; what decides is never among them
        if error is not None:
            assert not banned & set(re.findall(r"[a-z]+", f"{error.message.partition('.')[2]} {error.next}")), (
                word,
                error,
            )
        else:
            assert word in verbs.names() or (found and not found.exact), word
    for word in typos(rng, words, 150):
        said = " ".join(answer(stage, f"help {word}").split())
        if "There is no help on" in said:
            assert not DANGER.search(said), (word, said)
        if word.casefold() not in verbs.names():
            said = " ".join(answer(stage, word).split())
            assert not DANGER.search(said) or "could be" in said, (word, said)


def test_what_is_ambiguous_offers_nothing_that_decides(stage: Player) -> None:
    for letters in "abcdefghijklmnopqrstuvwxyz":
        _, error = looked_for(letters)
        if error is not None:
            told = f"{error.message} {' '.join(getattr(error, 'choices', ()))}"
            assert not re.search(r"\b(?:approve|veto|golden|undo|edit|later)\b", told), letters


def test_a_walk_goes_the_shortest_open_way_and_is_stopped(
    stage: Player, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: list[Callable[[], None]] = []
    monkeypatch.setattr(walking, "later", lambda seconds, step: waiting.append(step))
    here = lambda: places.key_of(stage.body.location)  # noqa: E731
    assert "You set out: the Workshop, the Forge" in answer(stage, "go to the forge")
    assert here() == "workshop" and len(waiting) == 1
    waiting.pop()()
    assert here() == "forge" and not waiting
    answer(stage, "walk to the treasury")
    assert here() == "workshop"
    stage.types("stop")
    waiting.pop()()
    assert here() == "workshop", "stopped"
    answer(stage, "go forge")
    stage.session.execute_cmd("hall")
    waiting.pop()()
    assert here() == "hall", "another move ends it"
    answer(stage, "go treasury")
    stage.session.execute_cmd("go signal tower")
    waiting.pop()()
    assert here() == "signal_tower", "the first walk is over"
    assert "You are in the Fraternity Hall already" in answer(stage, "go hall")


def test_a_closed_way_ends_a_walk_with_the_reason(house: House, stage: Player) -> None:
    mia = Player("mia", False, 977)
    way = next(one for one in places.exits() if places.key_of(one.location) == "workshop" and one.key == "forge")
    way.locks.add("traverse:false()")
    said = answer(mia, "go forge")
    assert "cannot go on to the Forge" in said and places.key_of(mia.body.location) == "hall"
    assert "no way north" not in said
    mia.leave()


def test_an_order_is_shown_and_done_by_yes_alone_and_a_second_yes_decides_nothing(
    stage: Player, house: House, tmp_path: Path
) -> None:
    before = house.work.board().total
    said = answer(stage, f"timmy, please have a look at {tmp_path / 'repo'}")
    assert f"task add Survey {tmp_path / 'repo'}" in said.replace("\n", "") and house.work.board().total == before
    stage.session.execute_cmd("look")
    stage.session.execute_cmd("yes")
    assert house.work.board().total == before, "an offer holds for one line"
    answer(stage, f"survey {tmp_path / 'repo'}")
    stage.session.execute_cmd("yes")
    assert house.work.board().total == before + 1
    number = before + 1
    stage.session.execute_cmd("yes")
    assert not house.work.approval(str(number)).verdict, "typed ahead, it decides nothing"
    stage.session.execute_cmd(f"read {number}")
    stage.session.execute_cmd("yes")
    assert house.work.approval(str(number)).verdict == "approved"
    stage.session.execute_cmd("undo that")
    assert not house.work.approval(str(number)).verdict
    stage.session.execute_cmd("read 1-2")
    stage.session.execute_cmd("yes")
    assert not house.work.approval("1").verdict and not house.work.approval("2").verdict, "two were shown"
    stage.session.execute_cmd("read 1")
    stage.session.execute_cmd("no")
    assert house.work.approval("1").verdict == "rejected"


def test_plain_words_give_a_guest_no_more_than_the_verbs(stage: Player, house: House, tmp_path: Path) -> None:
    mia = Player("mia", False, 978)
    for line in (
        "approve 1 please",
        "i approve 1",
        "reject 1 because no",
        "assign it to ezra",
        "assign 1 to ezra",
        "delete task 1",
        "sign off on 1",
        "read 1",
        "yes",
        "pause timmy please",
        "stop timmy",
    ):
        answer(mia, line)
        mia.session.execute_cmd("yes")
        assert not house.work.approval("1").verdict and house.work.get(1).assignee == "", line
    said = answer(mia, f"please survey {tmp_path / 'nothing-here'}")
    assert "task add Survey" in said and "There is no" not in said, "what is on the disk is told to nobody else"
    mia.leave()


@pytest.mark.parametrize(
    "line",
    [
        "delete task 1",
        "destroy everything",
        "py 1+1",
        "find the bug",
        "open the door",
        "create a report",
        "reload the page",
        "wall of text",
        "set the table",
        "name it",
        "copy that",
        "tag along",
        "link to the page",
        "dig it",
        "lock the door",
        "tel timmy",
    ],
)
def test_no_sentence_reaches_a_command_of_the_engine_that_builds_or_rules(
    stage: Player, house: House, line: str
) -> None:
    before = house.events.last(1)[0].seq
    answer(stage, line)
    assert not [e for e in house.events.after(before) if e.topic in ("person.command", "person.tried")]
    assert house.work.get(1).status == "PENDING_APPROVAL"


def test_near_kinds_and_work_in_words_are_asked_about_first(stage: Player, house: House, tmp_path: Path) -> None:
    before = house.work.board().total
    assert "Did you mean: task add Survey" in answer(stage, f"task add survay {tmp_path / 'repo'}")
    assert house.work.board().total == before
    stage.session.execute_cmd("yes")
    assert house.work.get(before + 1).kind == "survey"
    assert "No agent can carry out a request in words yet" in " ".join(
        answer(stage, "task add Explain the cache = briefly").split()
    )
    assert house.work.board().total == before + 1
    stage.session.execute_cmd("yes")
    made = house.work.get(before + 2)
    assert (made.kind, made.title, made.description) == ("words", "Explain the cache", "briefly")
    with pytest.raises(BadInput, match="no kind of task"):
        verbs.names()["task"].run(house, Caller(Actor("owner", "owner"), "cli"), "add survay x")


def test_a_command_with_a_path_behind_it_is_that_command(stage: Player, tmp_path: Path) -> None:
    assert "Wrote " in answer(stage, f"world export {tmp_path / 'map'}")
    assert "be a task" not in answer(stage, "setdesc a {/ z")
    assert stage.body.db.desc == "a {/ z"
    assert "be a task" in answer(stage, "look at /tmp/x/nowhere")


def test_a_question_where_nobody_stands_goes_to_the_first_of_the_line(stage: Player) -> None:
    answer(stage, "look")
    stage.body.location = places.room("treasury")
    stage.got.clear()
    stage.session.execute_cmd("what did you do today?")
    assert "You ask Timmy" in without_colour("\n".join(stage.got))
