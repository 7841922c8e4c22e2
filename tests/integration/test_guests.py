"""What a guest is told, and what he may send and leave in a day: attacks by somebody who has an account and is not the
owner.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.governance.allowance import DEED, KEEPING, PROPOSAL, TALK, Allowance
from agents.governance.rules import Actor
from agents.house import house as houses
from agents.kernel.errors import NotAllowed
from agents.work import replay
from agents.work.models import Artifact, Task
from commands import bounded
from tests.integration.test_commands_game import Player, house, owner, visitor  # noqa: F401
from tests.support.furnished import Furnished as House
from tests.support.light_house import ground

pytestmark = pytest.mark.django_db
MIA, BEN = Actor("person", "mia"), Actor("person", "ben")


def limited(house: House, **values: Any) -> None:
    house.runtime.settings.__dict__.update(values)


# -- proposals probe nothing --------------------------------------------------------------------------------


@pytest.fixture
def surveys(house: House, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Paths of every sort, by what they are."""
    from agents.work.kinds import run_tests, survey

    house.teach({"survey": survey.KIND, "test": run_tests.KIND})
    seen = tmp_path / "seen"
    limited(house, read_paths=(seen,), guest_proposals=1000, guest_kb=10_000)
    (seen / "repo").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(seen / "repo")], check=True)
    (seen / "plain").mkdir()
    (seen / "shut").mkdir(mode=0)
    (seen / "file").write_text("x")
    (seen / "link").symlink_to(tmp_path)
    (seen / "repolink").symlink_to(seen / "repo")
    yield {
        name: str(seen / name)
        for name in ("repo", "plain", "shut", "file", "link", "repolink", "nothing", "repo/.git", "nothing/../repo")
    } | {
        "outside": "/etc/passwd",
        "hidden": "~/.ssh",
        "relative": "some/where",
        "nobody": "~nobody-at-all/x",
        "root": "/",
        "odd": "/x" * 60,
    }
    (seen / "shut").chmod(0o700)


@pytest.mark.parametrize("kind", ["Survey", "Test"])
def test_a_proposal_is_answered_alike_whatever_lies_there(
    surveys: dict[str, str], owner: Player, visitor: Player, house: House, kind: str
) -> None:
    heard = {}
    for what, path in surveys.items():
        told = []
        for line in (
            f"task add {kind} {path}",
            "task {}",
            "read {}",
            "why {}",
            "lectern",
            "board",
            "task edit {} = more",
            "edit {} = most",
            "feed 100",
            "look lectern",
        ):
            number = Task.objects.order_by("-pk").values_list("pk", flat=True).first() if told else 0
            told.append(visitor.types(line.format(number)))
            for known in (path, str(number)):
                told[-1] = told[-1].replace(known, "…") if known != "0" else told[-1]
        heard[what] = [re.sub(r"\d+|…", "", text.replace(path[:40], "")) for text in told[:4]]
        house.work.backlog(Task.objects.order_by("-pk").first().pk, "x", MIA, "telnet")
        joined = "".join(told)
        for secret in (
            "There is no",
            "READ_PATHS",
            "is not a git",
            "hidden",
            "is a file",
            "read every commit",
            "Evidence",
            "Risk",
        ):
            assert secret not in joined, (what, secret)
    first = heard["repo"]
    for what, told in heard.items():
        assert [" ".join(text.split()) for text in told] == [" ".join(text.split()) for text in first], what


def test_the_owner_reads_the_truth_and_approves_no_nonsense(
    surveys: dict[str, str], owner: Player, visitor: Player, house: House
) -> None:
    visitor.types(f"task add Survey {surveys['nothing']}")
    visitor.types(f"task add Survey {surveys['repo']}")
    assert "There is no" in owner.types("read 1")
    assert "cannot be done as it was proposed" in owner.types("ok 1") and not house.work.approval("1").verdict
    assert f"repository {surveys['repo']}" in owner.types("read 2").replace("\n", "").replace(
        "  ", ""
    ) or "read every commit" in owner.types("read 2")
    assert "takes effect" in owner.types("ok 2")
    assert "takes effect" in owner.types("no 1 = no such thing")
    assert replay.compare() == []


# -- so much a day ------------------------------------------------------------------------------------------


def test_five_proposals_wait_and_edits_do_not_go_round_it(owner: Player, visitor: Player, house: House) -> None:
    for n in range(5):
        assert "is proposed" in visitor.types(f"task add Chore {n} = dust")
    refused = visitor.types("task add Chore 6")
    assert "5 proposals of yours wait" in refused and "backlog 1" in refused
    assert "is shelved" in visitor.types("backlog 1 = not now")
    assert "is proposed" in visitor.types("task add Chore 6")
    for n in range(200):
        visitor.types(f"edit 2 = {n} " + "y" * 3000)
    used = house.governance.allowance.spent(MIA, PROPOSAL)
    assert 45_000 < used <= 50_000
    refused = " ".join(visitor.types("edit 2 = " + "y" * 3000).split())
    assert "more than a guest may propose" in refused and "room again in" in refused
    before = Task.objects.count()
    for line in (
        "task add Chore " + "z" * 300 + " = " + "z" * 4000,
        "task add " + "z" * 5000,
        "edit 2 = " + "z" * 5000,
        "edit 99 = " + "z" * 5000,
    ):
        visitor.types(line)
    assert Task.objects.count() == before and house.governance.allowance.spent(MIA, PROPOSAL) <= 50_000
    for n in range(30):
        assert "is proposed" in owner.types(f"task add Chore {n} = " + "y" * 3000)


def test_the_count_is_by_account_and_outlives_all_but_the_day(visitor: Player, house: House) -> None:
    allowance = house.governance.allowance
    for _ in range(49):
        allowance.take(MIA, TALK, "x" * 1000)
    with pytest.raises(NotAllowed, match="room again in"):
        allowance.take(MIA, TALK, "x" * 1000)
    again = Allowance(house.runtime)
    with pytest.raises(NotAllowed):
        again.take(MIA, TALK, "x" * 1000)
    again.take(BEN, TALK, "x" * 1000)
    again.take(MIA, KEEPING, "x" * 1000)
    house.runtime.clock.advance(timedelta(days=1).total_seconds())  # type: ignore[attr-defined]
    again.take(MIA, TALK, "x" * 1000)
    for _ in range(200):
        again.take(Actor("owner", "owner"), TALK, "x" * 1000)
        again.take(Actor("agent", "timmy"), TALK, "x" * 1000)


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("say {}", TALK),
        ('"{}', TALK),
        ("pose {}", TALK),
        (":{}", TALK),
        ("emote {}", TALK),
        ("whisper mia = {}", TALK),
        ("whisper nobody = {}", TALK),
        ("page owner = {}", TALK),
        ("tell owner = {}", TALK),
        ("channel public = {}", TALK),
        ("channel nothing = {}", TALK),
        ("ask timmy = {}", TALK),
        ("ask nobody = {}", TALK),
        ("setdesc {}", KEEPING),
        ("nick w = {}", KEEPING),
        ("nick w $1 = {} $1", KEEPING),
        ("option {} = {}", KEEPING),
        ("style {} = {}", KEEPING),
        ("nick/object w = {}", KEEPING),
    ],
)
def test_whatever_a_guest_sends_or_leaves_is_counted(
    owner: Player, visitor: Player, house: House, form: str, kind: str
) -> None:
    limited(house, guest_kb=10)
    visitor.session.data_out = lambda **kwargs: None
    line = form.replace("{}", "x" * 450)
    for _ in range(26):
        visitor.session.execute_cmd(line)
    used = house.governance.allowance.spent(MIA, kind)
    assert 8_000 < used <= 10_000
    visitor.session.data_out = visitor._hear
    visitor.body.db.desc = "before"
    assert "more than a guest may" in visitor.types(line) and visitor.body.db.desc == "before"
    assert "FRATERNITY HALL" in visitor.types("look").upper()


def test_walks_and_takings_are_counted(visitor: Player, house: House) -> None:
    from agents.events.models import Event

    limited(house, guest_kb=0.1)
    visitor.session.data_out = lambda **kwargs: None
    from world import places

    way = next(
        exit
        for exit in places.exits()
        if exit.location == visitor.body.location and exit.access(visitor.body, "traverse")
    )
    back = next(
        exit for exit in places.exits() if exit.location == way.destination and exit.destination == way.location
    )
    for _ in range(20):
        visitor.session.execute_cmd(way.key)
        visitor.session.execute_cmd(back.key)
    assert Event.objects.filter(topic="person.move").count() == 10
    visitor.session.data_out = visitor._hear
    assert "more than a guest may walk" in visitor.types(way.key) and "more than a guest may" in visitor.types(
        "get lens"
    )
    assert house.governance.allowance.spent(MIA, DEED) == 100


def test_each_of_the_engines_commands_a_player_has_is_known_to_the_count(visitor: Player) -> None:
    from commands.default_cmdsets import AccountCmdSet, CharacterCmdSet, SessionCmdSet

    known = bounded.READS | bounded.TALKS | bounded.DOES | {"nick", "setdesc", "option", "style", "inventory", "tasks"}
    for made in (CharacterCmdSet(), AccountCmdSet(), SessionCmdSet()):
        for command in made.commands:
            engine = not type(command).__module__.startswith("commands.adapter") and not command.key.startswith("__")
            if engine and command.access(visitor.body, "cmd"):
                assert command.key.lstrip("@") in known, f"{command.key}: say in commands.bounded what it counts for"


def test_pages_are_kept_up_to_a_bound(owner: Player, visitor: Player, house: House) -> None:
    """The engine reads all of them at each page: two thousand small ones took seconds of everybody's time."""
    from evennia.comms.models import Msg

    from commands import page

    owner.session.data_out = lambda **kwargs: None
    for n in range(page.KEPT + 20):
        visitor.does(f"page owner = {n}")
    assert Msg.objects.count() == page.KEPT and Msg.objects.order_by("-id")[0].db_message == str(page.KEPT + 19)


def test_who_comes_and_goes_all_day_is_put_on_record_so_often(visitor: Player, house: House) -> None:
    from evennia.server import signals

    from agents.events.models import Event

    limited(house, guest_kb=0.1)
    for _ in range(30):
        signals.SIGNAL_ACCOUNT_POST_LAST_LOGOUT.send(sender=visitor.account)
    assert Event.objects.filter(topic="person.left").count() == 10


def test_a_line_names_a_few_people(visitor: Player) -> None:
    for word in ("whisper", "page"):
        assert "names more than 10" in visitor.types(f"{word} {','.join(f'n{n}' for n in range(500))} = hi")


# -- reports are the owner's --------------------------------------------------------------------------------

SECRET = "Eleven tests fail in the vault"


@pytest.fixture
def done(house: House, owner: Player, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    task = house.work.propose("Chore the vault", "", Actor("owner", "owner"), "telnet")
    now = house.runtime.clock.now()
    Task.objects.filter(pk=task.pk).update(
        status="COMPLETED", result=SECRET, reason=SECRET, assignee="timmy", finished_at=now
    )
    Artifact.objects.create(
        task=task, name="report", agent="timmy", path="p", commit="c" * 40, sha256="s", size=1, created_at=now
    )
    monkeypatch.setattr(type(house.work), "artifact_text", lambda self, number, name: f"# {SECRET}")
    house.events.append(
        "agent.timmy.say",
        "agent:timmy",
        via="mind",
        agent="timmy",
        task=task.pk,
        step="s1",
        data={"text": SECRET, "room": "hall"},
    )
    house.events.append(
        "task.completed",
        "agent:timmy",
        via="mind",
        agent="timmy",
        task=task.pk,
        data={"title": "Chore the vault", "result": SECRET},
    )
    house.records.forget_board()
    return task.pk


ASKED = (
    "task 1",
    "task 1/report",
    "task show 1",
    "task list completed",
    "board",
    "board completed",
    "read 1",
    "why 1",
    "feed 100",
    "rewind 1h",
    "rewind 1h in hall",
    "arrival",
    "task 1/nothing",
    "plan timmy",
    "why timmy",
    "agents",
    "lectern",
    "messages",
    "session timmy",
    "thoughts timmy",
    "footprints",
    "look tag",
    "look board",
)


def test_what_came_out_of_a_task_is_the_owners_until_he_shows_it(
    done: int, owner: Player, visitor: Player, house: House
) -> None:
    from agents.thinking import reflex
    from world import places

    def told(player: Player, actor: Actor) -> str:
        heard = "".join(player.types(line) for line in ASKED)
        for words in (
            f"what about task {done}?",
            "what did you do today?",
            "what is finished?",
            "your tasks?",
            "what went wrong?",
        ):
            heard += reflex.answer(ground(house), "timmy", actor, words).text
        for room in ("achievement_hall", "hall"):
            place = places.room(room)
            heard += "".join(
                "".join(place.detail(noun, player.body) or []) for noun in ("tag", "hook", "board", "lectern")
            )
        return " ".join(heard.split())

    assert SECRET in told(owner, Actor("owner", "owner"))
    assert SECRET not in told(visitor, MIA)
    assert "not shown to you" in visitor.types("task 1/report") == visitor.types(
        "task 1/nothing"
    ) or "not shown to you" in visitor.types("task 1/nothing")
    assert "owner may" in visitor.types("show 1") and "owner may" in visitor.types("hide 1")
    assert "No guest is called" in owner.types("show 1 to nobody")
    assert "read by mia" in owner.types("show 1 to MIA")
    assert SECRET in visitor.types("task 1/report") and SECRET in told(visitor, MIA)
    ben = Player("ben", False, 903)
    assert SECRET not in told(ben, BEN)
    assert "read by all" in owner.types("show 1") and SECRET in told(ben, BEN)
    assert "shown to all; hide it first" in owner.types("hide 1 from mia")
    assert "yours alone" in owner.types("hide 1") and SECRET not in told(visitor, MIA) + told(ben, BEN)
    ben.leave()


def test_what_an_agent_tells_of_a_task_is_heard_by_whom_it_is_shown_to(
    done: int, owner: Player, visitor: Player, house: House
) -> None:
    from agents.mind.recorded import RecordedBody
    from typeclasses.body import EngineBody
    from world import places

    engine = places.body("timmy")
    engine.move_to(visitor.body.location, quiet=True)
    for player in (owner, visitor):
        player.got.clear()
    RecordedBody(EngineBody(engine), house.events, "s2", done).say(SECRET)
    assert (
        SECRET in "".join(owner.got)
        and SECRET not in "".join(visitor.got)
        and "reports on task 1" in "".join(visitor.got)
    )
    house.work.show(done, ["mia"], Actor("owner", "owner"), "telnet")
    RecordedBody(EngineBody(engine), house.events, "s3", done).say(f"{SECRET}.")
    assert SECRET in "".join(visitor.got)
    RecordedBody(EngineBody(engine), house.events, "s4").say("Good day.")
    assert "Good day." in "".join(visitor.got)


def test_an_answer_aloud_before_others_holds_no_result(
    done: int, owner: Player, visitor: Player, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = house.conversation.log.said(
        Actor("owner", "owner"), "timmy, what did you finish?", channel="room", via="telnet", room="hall", to="timmy"
    )
    from agents.thinking.talk import Talk

    talk = Talk.__new__(Talk)
    talk.asked = asked
    monkeypatch.setattr(type(talk), "asker", property(lambda self: Actor("owner", "owner")), raising=False)
    monkeypatch.setattr(house.world, "people", lambda: (("mia", "hall"), ("owner", "hall")))
    assert house.conversation._briefs.hearer(talk).kind == "person"
    monkeypatch.setattr(house.world, "people", lambda: (("owner", "hall"),))
    assert house.conversation._briefs.hearer(talk).kind == "owner"


def test_a_guest_sees_no_paths_in_what_went_wrong(owner: Player, visitor: Player, house: House) -> None:
    house.minds._seats["timmy"].fault = "OSError: cannot read /home/owner/secret-place/file.py"
    assert "secret-place" in owner.types("plan timmy")
    assert "secret-place" not in "".join(visitor.types(line) for line in ("agents", "plan timmy", "why timmy", "map"))
    assert houses.current() is house
