"""The verbs as commands of the engine: typed lines in, what the client gets out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import execute

from agents.events.models import Event
from agents.house import house as houses
from agents.kernel import randomness
from agents.kernel.clock import SimulatedClock
from agents.kernel.runtime import Runtime
from agents.kernel.text import visible
from agents.work.ports import inline
from commands import live, verbs, welcome
from tests.support.built import ensure_built
from tests.support.clients import without_colour
from tests.support.furnished import Furnished as House
from tests.support.furnished import Line, furnished
from tests.support.hostile import PLANTED
from tests.support.light_house import START, kinds_folder, run, settings
from tests.support.players import Player

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    # A test's transaction never commits: tell the bus at once.
    from typeclasses.body import EngineWorld, body_for
    from world.builder import ensure_bodies

    ensure_built()
    runtime = Runtime(settings(tmp_path, seal_seconds=10), SimulatedClock(START), randomness.seeded(7))
    made = furnished(
        houses.build(runtime, EngineWorld(), body_for, inline, kinds=kinds_folder(tmp_path), language=Line())
    )
    made.events.unit.on_commit = lambda function: function()  # a test's own transaction is never committed
    ensure_bodies(made.personas, 15)
    houses.install(made)
    live.install(made)
    made.start()
    yield made
    live.uninstall()
    houses._current = None


@pytest.fixture
def owner(house: House) -> Iterator[Player]:
    player = Player("owner", True, 901)
    yield player
    player.leave()


@pytest.fixture
def visitor(house: House) -> Iterator[Player]:
    player = Player("mia", False, 902)
    yield player
    player.leave()


def test_verbs_are_commands(owner: Player, house: House) -> None:
    assert "is proposed" in owner.types("task add Chore the attic = it is dusty")
    assert "takes effect in 10s" in owner.types("ok 1")
    assert "lifted" in owner.types("undo")
    assert house.work.get(1).proposer == "owner:owner"
    assert "TASK BOARD. 1 task." in owner.types("board")


@pytest.mark.parametrize("line", ["BOARD", "  board  ", "Board 1", "board\t1", "boar"])
def test_case_spaces_and_beginnings_do_not_matter(owner: Player, line: str) -> None:
    assert "TASK BOARD" in owner.types(line)


def test_engine_commands_stay(owner: Player) -> None:
    assert "FRATERNITY HALL" in owner.types("look")
    assert "hello" in owner.types("say hello")
    assert "Usage" in owner.types("help @dig")


def test_unknown_ambiguous_and_choices(owner: Player) -> None:
    assert "There is no 'xyzzy'" in owner.types("xyzzy")
    assert "Near it: lectern" in owner.types("lektern 1")
    assert "1 read; 2 reopen; 3 reply; 4 resume; 5 retry" in owner.types("re")
    assert "AGENTS" in owner.types("agents")
    assert "No numbered list" in owner.types("2"), "a choice is offered for the next line alone"


def test_a_number_chooses_with_what_followed_the_word(owner: Player) -> None:
    assert "1 read; 2 reopen; 3 reply; 4 resume; 5 retry" in owner.types("re 77")
    assert "There is no task 77" in owner.types("1")
    assert "No numbered list" in owner.types("1"), "it is offered for the next line alone"


def test_verdicts_need_the_whole_word(owner: Player, house: House) -> None:
    owner.types("task add Chore a")
    for part in ("appr 1", "app 1", "vet 1", "o 1", "ap 1"):
        owner.types(part)
        owner.types("1")
        assert not house.work.approval("1").verdict, part
    owner.types("approve 1")
    assert house.work.approval("1").verdict == "approved"


def test_visitors_decide_nothing(visitor: Player, house: House) -> None:
    visitor.types("task add Chore my room")
    assert "Not allowed" in visitor.types("ok 1")
    assert "Not allowed" in visitor.types("golden on")
    assert house.work.get(1).proposer == "person:mia"
    assert house.work.approval("1").verdict == ""


def test_what_was_typed_is_what_is_kept_and_shown(owner: Player, house: House) -> None:
    """Through the engine's input, nicks and parser: byte for byte, but for the spaces around."""
    for hostile in PLANTED:
        if any(c in hostile for c in "\n\r\x00\ud800\udfff") or not hostile.strip():
            continue  # no telnet line can hold them
        before = house.work.board().total
        shown = owner.types(f"task add Chore x{hostile}x")
        if house.work.board().total == before:
            continue
        title = house.work.get(before + 1).title
        assert title in (f"Chore x{hostile}x", f"Chore x{hostile}x".partition(" = ")[0].strip())
        assert visible(title) in shown
    assert house.work.board().total > 150


def test_a_hundred_kilobytes_are_refused(owner: Player, house: House) -> None:
    assert "characters" in owner.types("task add Chore " + "x" * 100_000)
    assert "characters" in owner.types("x" * 100_001)
    assert house.work.board().total == 0


def test_watching_tells_each_step_and_outlasts_a_reload(owner: Player, house: House) -> None:
    from world import places

    owner.body.location = places.room("memorial_wall")  # where no agent goes: what is seen is not told again
    owner.types("watch timmy")
    owner.types("task add Chore the attic")
    owner.types("ok 1")
    house.runtime.clock.advance(11)  # type: ignore[attr-defined]
    house.work.settle()
    owner.types("assign 1 = timmy")
    live.install(house)  # what a reload does
    owner.got.clear()
    assert run(house, lambda: house.work.get(1).status == "COMPLETED")
    told = without_colour("\n".join(owner.got))
    steps = len(house.journal.attempt(house.work.get(1)).finished())
    assert steps >= 6
    assert [
        len(re.findall(rf"Timmy (?:plan {step}/{steps} |goes to .*\({step}/{steps}\))", told))
        for step in range(1, steps + 1)
    ] == [1] * steps
    assert "completed task 1" in told


def test_a_report_that_is_spoken_is_told_once(owner: Player, house: House) -> None:
    owner.types("watch timmy")
    owner.got.clear()
    report = "41 tests: 38 pass, 3 fail."
    told = {"agent": "timmy", "step": "s", "task": 1}
    house.events.append("agent.timmy.say", "agent:timmy", **told, data={"text": report, "room": "forge"})
    did = {"text": "tell the result", "said": report, "index": 6, "of": 6}
    house.events.append("agent.timmy.did", "agent:timmy", **told, data=did)
    house.events.append("task.completed", "agent:timmy", agent="timmy", task=1, data={"n": 1, "result": report})
    lines = [without_colour(line).partition(" ")[2] for line in owner.got]
    assert lines == [f'Timmy says "{report}"', "Timmy plan 6/6  tell the result", "Timmy completed task 1"]


def test_a_flood_is_throttled_and_counted(owner: Player, house: House) -> None:
    with following(house, owner) as (made, later):
        owner.types("feed on")
        owner.got.clear()
        for _ in range(500):
            said(house, "timmy")
        assert len(owner.got) == house.runtime.settings.feed_rate - 1
        assert len(later) == 1
        later.pop()()
        assert "491 lines left out" in without_colour(owner.got[-1])
        house.runtime.clock.advance(1)  # type: ignore[attr-defined]
        for _ in range(500):
            said(house, "timmy")
        assert len(owner.got) == 2 * house.runtime.settings.feed_rate - 1
        made.end()
        assert "491 lines left out" in without_colour(owner.got[-1]), "a count was lost at the end"


@contextmanager
def following(house: House, *players: Player) -> Iterator[tuple[live.Live, list[Any]]]:
    """Live lines whose calls for later wait in a list, in place of those of the Server."""
    from typeclasses.actors import actor_of

    later: list[Any] = []
    made = live.Live(
        house, lambda: [p.session for p in players if p.session.logged_in], lambda s, f: later.append(f), actor_of
    )
    live.uninstall()
    stop = house.bus.subscribe("**", made.tell)
    yield made, later
    stop()


def said(house: House, slug: str) -> None:
    house.events.append(
        f"agent.{slug}.say", f"agent:{slug}", agent=slug, step="s", data={"text": "word", "room": "forge"}
    )


def test_w7_p2_several_watches_and_the_feed_share_one_limit_and_the_counts_add_up(
    owner: Player, visitor: Player, house: House
) -> None:
    """An event is one line, whatever it was followed by; in no second more than the limit, and none is
    lost uncounted.
    """
    with following(house, owner, visitor) as (made, later):
        for line in ("watch timmy ezra", "feed on", "watch bezalel"):
            owner.types(line)
            visitor.types(line)
        for player in (owner, visitor):
            player.got.clear()
        rate, happened, told = house.runtime.settings.feed_rate, 0, []
        for tick in range(100):
            before = len(owner.got)
            for slug in ("timmy", "ezra", "bezalel", "allegro")[: 1 + tick % 4]:
                said(house, slug)
                happened += 1
            house.runtime.clock.advance(0.1)  # type: ignore[attr-defined]
            if tick % 10 == 9:
                while later:
                    later.pop()()
            told.append(len(owner.got) - before)
        assert max(sum(told[i : i + 10]) for i in range(91)) <= rate
        made.end()
        for player in (owner, visitor):
            lines = [without_colour(line) for line in player.got]
            counts = [int(re.search(r"\((\d+) line", line)[1]) for line in lines if "left out" in line]  # type: ignore[index]
            assert len(lines) - len(counts) + sum(counts) == happened
            assert len(counts) >= 9


def test_a_count_is_not_told_to_whoever_comes_next_on_the_same_connection(
    owner: Player, visitor: Player, house: House
) -> None:
    with following(house, owner) as (_, later):
        owner.types("feed on")
        for _ in range(50):
            said(house, "timmy")
        owner.session.account, ours = visitor.account, owner.session.account
        owner.got.clear()
        later.pop()()
        assert owner.got == []
        owner.session.account = ours


def test_who_hangs_up_is_told_nothing_more(owner: Player, visitor: Player, house: House) -> None:
    with following(house, owner, visitor) as (_, later):
        visitor.types("feed on")
        for _ in range(50):
            said(house, "timmy")
        visitor.leave()
        visitor.got.clear()
        later.pop()()
        said(house, "timmy")
        assert visitor.got == [] and later == []


PRIVATE = [
    "agent.timmy.plan",
    "agent.timmy.did",
    "agent.timmy.replan",
    "agent.timmy.step.failed",
    "agent.timmy.stuck",
    "task.proposed",
    "approval.opened",
    "person.move",
]


def test_a_visitor_who_watches_and_follows_sees_deeds_and_nothing_private(
    owner: Player, visitor: Player, house: House
) -> None:
    visitor.types("watch timmy")
    visitor.types("feed on")
    owner.types("watch timmy")
    for player in (owner, visitor):
        player.got.clear()
    for topic in PRIVATE:
        data = {
            "text": "hush",
            "reason": "hush",
            "error": "hush",
            "title": "hush",
            "from": "hall",
            "to": "forge",
            "goal": "hush",
            "said": "hush",
        }
        house.events.append(
            topic, "owner:owner", agent="timmy" if topic.startswith("agent") else "", step="s", data=data
        )
    deed = {"agent": "timmy", "step": "s"}
    house.events.append("agent.timmy.move", "agent:timmy", **deed, data={"from": "workshop", "to": "forge"})
    house.events.append("agent.timmy.say", "agent:timmy", **deed, data={"text": "aloud", "room": "forge"})
    told = [without_colour(line).partition(" ")[2] for line in visitor.got]
    assert told == ["Timmy goes to Forge", 'Timmy says "aloud"']
    assert sum("hush" in line for line in owner.got) >= 4, "the owner sees what was private"
    assert "hush" not in visitor.types("feed 100") and "aloud" in visitor.types("feed 100")


def test_p2_the_last_hundred_are_kept_for_who_comes_new_whatever_else_happened(
    owner: Player, visitor: Player, house: House
) -> None:
    for _ in range(120):
        said(house, "timmy")
        for number in range(10):
            house.events.append(
                "agent.timmy.did", "agent:timmy", agent="timmy", step="s", data={"text": "x", "index": number, "of": 10}
            )
    assert visitor.types("feed 100").count('Timmy says "word"') == 100
    assert owner.types("feed 100").count('Timmy says "word"') == 100


def test_w16_who_comes_into_the_world_or_leaves_it_is_heard_everywhere_in_one_line(
    owner: Player, visitor: Player, house: House
) -> None:
    from server.composition import embody
    from world import places

    with following(house, owner, visitor) as (_, later):
        held = places.items()[0]
        held.location, nell = (
            places.body("ezra"),
            house.personas["timmy"].model_copy(update={"slug": "nell", "name": "Nell", "home": "shrine"}),
        )
        stood = places.body("ezra").location
        ezra = house.personas.pop("ezra")
        house.personas["nell"] = nell
        for player in (owner, visitor):
            player.got.clear()
        embody(house)
        assert owner.got == [], "at a reload nobody is connected yet: it waits"
        later.pop()()
        for player in (owner, visitor):
            lines = [line.partition(" ")[2] for line in without_colour("\n".join(player.got)).split("\n")]
            assert lines == ["Nell has come into the world, in Heartbeat Shrine", "Ezra has left the world"]
        assert places.body("nell").location == places.room("shrine")
        assert places.body("ezra").location is None and held.location == stood, "what it held stays in the world"
        assert [e.topic for e in house.events.last(2)] == ["agent.nell.came", "agent.ezra.gone"]
        embody(house)
        assert [e.topic for e in house.events.last(2)] == ["agent.nell.came", "agent.ezra.gone"], "it is told once"
        house.personas["ezra"] = ezra
        del house.personas["nell"]
        embody(house)
        assert {e.topic for e in house.events.last(2)} == {"agent.ezra.came", "agent.nell.gone"}
        assert places.body("ezra").location is not None


def test_news_waits_until_somebody_can_hear_it_and_not_for_ever(owner: Player, house: House) -> None:
    present: list[Any] = []
    with following(house) as (made, later):
        made._sessions = lambda: present
        house.events.append("agent.ezra.came", "system:world", via="system", agent="ezra", data={"room": "hall"})
        later.pop()()
        assert len(later) == 1
        present.append(owner.session)
        owner.got.clear()
        later.pop()()
        assert "Ezra has come into the world" in without_colour(owner.got[0])
        present.clear()
        house.events.append("agent.ezra.gone", "system:world", via="system", agent="ezra")
        for _ in range(live.TRIES):
            later.pop()()
        assert later == [] and made._news == []


def test_p3_a_persons_walk_is_on_record_and_told_to_nobody_else(owner: Player, visitor: Player, house: House) -> None:
    owner.types("feed on")
    owner.got.clear()
    visitor.types("workshop")
    walked = house.events.last(1)[0]
    assert (walked.topic, walked.actor, walked.data) == (
        "person.move",
        "person:mia",
        {"from": "hall", "to": "workshop"},
    )
    assert not any("goes to" in line for line in owner.got), "the feed does not follow people about"
    house.runtime.clock.advance(1)  # type: ignore[attr-defined]
    assert "mia from Fraternity Hall, still here" in owner.types("footprints in workshop")
    assert "mia from Fraternity Hall" in visitor.types("footprints")
    assert "mia arrives from the Fraternity Hall" in visitor.types("rewind 5m")
    visitor.types("footprints in hall")
    owner.types("feed off")


def test_p3_what_a_person_takes_puts_down_and_gives_is_on_record(owner: Player, visitor: Player, house: House) -> None:
    for player in (owner, visitor):
        player.types("workshop")
    owner.types("feed on")
    owner.got.clear()
    for line in ("get lens", "drop lens", "get lens", "give lens to owner"):
        visitor.does(line)
    took = {"item": "lens", "name": "survey lens", "room": "workshop"}
    told = [
        (e.topic, e.actor, e.data)
        for e in house.events.last(9, "person.**")
        if e.topic not in ("person.move", "person.came")
    ]
    assert told == [
        ("person.take", "person:mia", took),
        ("person.drop", "person:mia", took),
        ("person.take", "person:mia", took),
        ("person.give", "person:mia", {**took, "whom": "owner"}),
    ]
    assert not any("mia takes" in line for line in owner.got), "the feed does not follow people about"
    house.runtime.clock.advance(1)  # type: ignore[attr-defined]
    for player in (owner, visitor):
        assert "mia gives the survey lens to owner" in player.types("rewind 5m")
    visitor.does("get nothing")
    assert house.events.last(1, "person.**")[0].topic == "person.give"
    owner.types("feed off")


def test_p3_what_is_changed_by_the_engines_commands_is_on_record(owner: Player, visitor: Player, house: House) -> None:
    owner.does("@desc here = A hall with a |rred|n door.")
    owner.does("userpassword mia = battery-staple-7")
    visitor.got.clear()
    owner.does("force mia = password pass-word-1 = battery-staple-8")
    assert "Nobody can be forced" in without_colour("\n".join(visitor.got)), (
        "nobody is at a connection who could have typed it"
    )
    built, admin, forced = house.events.last(3)
    assert (built.topic, built.actor, built.data) == (
        "person.command",
        "owner:owner",
        {"command": "desc", "text": "here = A hall with a |rred|n door.", "room": "hall"},
    )
    assert (admin.topic, admin.data) == (
        "person.tried",
        {"command": "userpassword", "text": "", "length": 22, "room": "hall"},
    )
    assert (forced.topic, forced.data) == (
        "person.tried",
        {"command": "force", "text": "", "length": 45, "room": "hall"},
    )
    assert "battery" not in str(list(Event.objects.values()))
    assert "|rred|n" in owner.types("feed")
    assert "red" not in visitor.types("feed")
    visitor.types("@desc here = Mine.")
    visitor.types("look")
    owner.types("look")
    assert house.events.last(1)[0].seq == forced.seq, "neither what is refused nor what changes nothing"


@pytest.mark.parametrize(
    ("line", "topic", "words"),
    [
        ("@dig Cellar = down, up", "command", {"text": "Cellar = down, up"}),
        ("@dig", "tried", {"text": ""}),
        ("@tunnel nowhere", "tried", {"text": "nowhere"}),
        ("@destroy nothing-of-this-name", "tried", {"text": "nothing-of-this-name"}),
        ("@link nothing = hall", "tried", {"text": "nothing = hall"}),
        ("@set here/code = hunter2", "command", {"text": "", "length": 19}),
        ("@set nobody/code = hunter2", "tried", {"text": "", "length": 21}),
        ("@py 'hunter2'", "tried", {"text": "", "length": 9}),
        ("emit hunter2", "tried", {"text": "", "length": 7}),
        ("perm mia = hunter2", "command", {"text": "", "length": 13}),
    ],
)
def test_what_was_only_typed_is_not_told_as_done_and_no_words_are_kept_that_may_be_secret(
    owner: Player, visitor: Player, house: House, line: str, topic: str, words: dict[str, Any]
) -> None:
    owner.does(line)
    last = house.events.last(1, "person.*")[0]
    assert (last.topic, last.data) == (
        f"person.{topic}",
        {"command": line.split()[0].lstrip("@"), **words, "room": "hall"},
    )
    assert "hunter2" not in str(list(Event.objects.values()))
    told = owner.types("feed")
    assert ("changed something by" if topic == "command" else "owner typed") in told
    assert words.get("length") is None or f"({words['length']} characters, not kept)" in told


@pytest.mark.parametrize(("answer", "topic"), [("no", "tried"), ("yes", "command")])
def test_a_command_that_asks_is_recorded_by_what_came_of_the_answer(
    owner: Player, house: House, answer: str, topic: str
) -> None:
    from commands.recorded import Recorded

    class Asks(Recorded):
        key, help_category, args, switches, caller, session = (
            "@destroy",
            "building",
            " lamp",
            ("force",),
            owner.body,
            owner.session,
        )

        def func(self) -> Iterator[str]:  # type: ignore[override]
            if (yield "Sure?") == "yes":
                owner.body.db.lamps = 0

    command = Asks()
    command.at_pre_cmd()
    steps = command.func()
    assert next(steps) == "Sure?"
    owner.body.db.meanwhile = "somebody else does something"
    with pytest.raises(StopIteration):
        steps.send(answer)  # type: ignore[attr-defined]
    last = house.events.last(1, "person.*")[0]
    assert (last.topic, last.data["command"], last.data["text"]) == (f"person.{topic}", "destroy/force", "lamp")


def test_a_command_that_breaks_is_recorded_with_what_it_changed_before(
    owner: Player, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from evennia.commands.default.building import CmdDesc

    def breaks(command: Any) -> None:
        command.caller.location.db.desc = "half"
        raise ValueError("of the test")

    monkeypatch.setattr(CmdDesc, "func", breaks)
    owner.does("@desc here = all")
    assert house.events.last(1, "person.*")[0].topic == "person.command"


def test_a_visitor_who_follows_the_feed_sees_deeds_alone(owner: Player, visitor: Player, house: House) -> None:
    visitor.types("feed on")
    visitor.got.clear()
    owner.types("task add Chore secret plans")
    run(house, seconds=60)
    told = "\n".join(visitor.got)
    assert "secret" not in told
    assert told


def test_plain_mode_is_remembered_and_asked_until_answered(owner: Player) -> None:
    assert "Plain mode is off" in owner.types("plain")
    owner.types("plain on")
    assert owner.account.attributes.get("plain", category="screen") is True
    owner.types("agents")
    assert "\x1b" not in "".join(owner.got)
    owner.types("plain off")
    owner.types("agents")
    assert "\x1b[" in "".join(owner.got)


def test_history_repeats_what_was_shown_and_not_itself(owner: Player) -> None:
    owner.types("golden")
    owner.types("history 1")
    assert "GOLDEN_TIMMY is on" in owner.types("history 1")


def test_leaving_is_an_event_from_which_arrival_counts(owner: Player, house: House) -> None:
    from evennia.server import signals

    signals.SIGNAL_ACCOUNT_POST_LAST_LOGOUT.send(sender=owner.account, session=owner.session)
    assert house.events.last(1)[0].topic == welcome.LEFT
    assert "nothing new" in owner.types("arrival")


def test_here_tells_the_room(owner: Player) -> None:
    shown = owner.types("?")
    assert "FRATERNITY HALL" in shown
    assert "workshop" in shown
    assert "[Fraternity Hall]" in owner.types("map")
    owner.types("plain on")
    assert "You are in Fraternity Hall" in owner.types("map")


def test_the_map_shows_people_and_what_is_locked_for_whoever_looks(owner: Player, visitor: Player) -> None:
    from world import places

    way = next(way for way in places.exits() if places.key_of(way.location) == "hall" and way.key == "workshop")
    way.locks.add("traverse:false()")
    shown = visitor.types("map")
    assert "mia" in shown
    assert "owner" in shown
    assert "Workshop (locked)" in shown
    assert "(locked)" not in owner.types("map"), "the owner passes everywhere"
    visitor.types("plain on")
    assert "workshop leads to Workshop. Locked: " in visitor.types("map")


def test_the_world_is_built_and_exported(owner: Player, visitor: Player, house: House) -> None:
    for example in verbs.names()["world"].examples:
        assert "Not allowed" in visitor.types(example)
    assert "Made 0, changed 0" in owner.types("world build")
    assert "rooms" in owner.types("world export")
    assert list((house.runtime.settings.state_dir / "export").glob("*.yaml"))
    assert "already holds" in " ".join(owner.types("world export").split())
    assert "Wrote" in owner.types("world export --force")
    assert "absolute path" in owner.types("world export somewhere")
    assert "Try: world build" in owner.types("world destroy")


def test_a_mind_is_paused_and_resumed_by_the_owner_alone_and_stays_so(
    owner: Player, visitor: Player, house: House
) -> None:
    from typeclasses.scripts import attend

    run(house, seconds=5)
    assert "may not pause" in visitor.types("pause timmy")
    assert "Timmy is paused." in owner.types("pause timmy = he is to rest")
    assert house.minds.paused("timmy")
    assert any("asleep: is paused" in line for line in owner.types("agents timmy").splitlines())
    assert "Timmy is paused by owner" in owner.types("feed 5")
    house.mind("timmy").found = None  # a mind that rests from the start has not looked for its body
    assert "Fraternity Hall" in owner.types("agents timmy")
    house.minds.resume("timmy")  # as a house that has just begun has it
    assert attend(house) == ["timmy"]
    assert "Timmy is paused." in owner.types("pause tim"), "twice is as once"
    assert "may not resume" in visitor.types("resume timmy")
    assert "Timmy goes on." in owner.types("resume timmy")
    assert not house.minds.paused("timmy")
    assert attend(house) == []
    assert "No agent is called" in owner.types("pause frog")


def test_in_plain_mode_the_engine_sends_no_colour_either(owner: Player, house: House) -> None:
    from world import screen

    flags = owner.session.protocol_flags
    owner.types("plain on")
    assert flags["NOCOLOR"] is True
    owner.types("plain off")
    assert flags["NOCOLOR"] is False
    flags["NOCOLOR"] = True  # the client's own wish outlasts plain mode
    owner.types("plain on")
    owner.types("plain off")
    assert flags["NOCOLOR"] is True
    flags["NOCOLOR"] = False
    owner.account.attributes.add(screen.PLAIN_KEY, True, category=screen.PLAIN_CATEGORY)
    owner.session.data_out = lambda **_: None  # what the engine says at a login
    owner.account.at_post_login(session=owner.session)
    assert flags["NOCOLOR"] is True


def test_guests_are_added_listed_and_removed_by_the_owner_alone(
    owner: Player, visitor: Player, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from commands import adapter

    monkeypatch.setattr(adapter, "deferToThread", lambda _, rest: execute(rest))  # no reactor runs here
    from evennia.accounts.models import AccountDB
    from evennia.objects.models import ObjectDB

    from world import places

    for line in ("guest", "guest add eve", "guest remove mia = mia"):
        assert "visitors may not invite or remove guests" in visitor.types(line), line
    shown = owner.types("guest add ana")
    password = next(line for line in shown.splitlines() if len(line) == 14 and line.isalnum())
    account = AccountDB.objects.get(username="ana")
    assert account.check_password(password)
    assert not account.is_superuser
    body = account.characters.all()[0]
    assert body.location == places.room("hall")
    assert password not in str([event.data for event in house.events.last(50)])
    assert "owner made ana a guest" in owner.types("feed 5")
    listed = owner.types("guest list")
    assert "has never been here" in listed and "is here" in listed
    for line in (
        "guest add ana",
        "guest add ANA",
        "guest add timmy",
        "guest add owner",
        "guest add a|b",
        "guest add",
        "guest frog",
    ):
        assert "Try:" in owner.types(line), line
    assert "guest remove ana = ana" in owner.types("guest remove ana")
    assert AccountDB.objects.filter(username="ana").exists(), "the name was not typed again"
    assert "is no longer a guest" in owner.types("guest remove ana = ana")
    assert not AccountDB.objects.filter(username="ana").exists()
    assert not ObjectDB.objects.filter(id=body.id).exists()
    for line in ("guest remove ana = ana", "guest remove owner = owner"):
        assert "No guest is called" in owner.types(line), line
    assert AccountDB.objects.filter(username="owner").exists()


def test_a_room_that_stands_is_not_proposed_again(owner: Player, house: House) -> None:
    from agents.work.kinds.build_room import KIND

    house.work.kinds = {**house.work.kinds, "build": KIND}
    shown = owner.types('task add Build The Forge beside Library = "A second one."')
    assert "There is already a room called Forge" in shown
    assert "map forge" in shown
    assert house.work.board().total == 0
    assert "is proposed" in owner.types('task add Build Reading Nook beside Library = somewhere to read "Two chairs."')


def test_minds_that_wake_or_rest_together_are_one_line_of_the_feed(owner: Player, house: House) -> None:
    run(house, seconds=5)
    owner.types("feed on")
    owner.got.clear()
    house.stop()
    told = [line for line in without_colour("\n".join(owner.got)).splitlines() if "eyes" in line]
    assert len(told) == 1, owner.got
    assert "close their eyes" in told[0]
    shown = [line for line in owner.types("feed 40").splitlines() if "eyes" in line or "awake" in line]
    assert len(shown) == 2, shown
