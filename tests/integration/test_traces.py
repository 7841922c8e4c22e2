"""What rooms remember: footprints and rewind, told from the log and from nothing else."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from agents.events import declared, seen
from agents.events.models import CAME, LEFT, PLACE, Event
from agents.events.seen import Span
from agents.governance.rules import Actor
from commands import sight, telling, verbs
from commands.layout import clock
from commands.moments import LONGEST_PAGE, PAGE
from commands.verbs import Caller, Reply
from commands.verbs.traces import CROSSINGS
from tests.support import light_house
from tests.support.furnished import Furnished as House
from tests.support.light_house import OWNER
from tests.support.light_world import LightWorld
from world import screen

pytestmark = pytest.mark.django_db
MIA = Actor("person", "mia")
ALL = sight.seen_by(OWNER)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Two agents that want nothing."""
    made = light_house.house(
        tmp_path, LightWorld.founding(), [light_house.persona("timmy"), light_house.persona("ezra")]
    )
    light_house.run(made, seconds=5)
    return made


def now(house: House) -> datetime:
    return house.runtime.clock.now()


def pass_(house: House, **span: float) -> None:
    house.runtime.clock.advance(timedelta(**span).total_seconds())  # type: ignore[attr-defined]


def deed(house: House, slug: str, what: str, *, step: str = "s", **data: str) -> Event:
    return house.events.append(f"agent.{slug}.{what}", f"agent:{slug}", via="mind", agent=slug, step=step, data=data)


def move(house: House, slug: str, origin: str, target: str, step: str = "s") -> Event:
    return deed(house, slug, "move", step=step, **{"from": origin, "to": target})


def walk(house: House, actor: Actor, origin: str, target: str) -> Event:
    return house.events.append("person.move", actor, via="telnet", data={"from": origin, "to": target})


def ask(house: House, line: str, actor: Actor = OWNER, room: str = "forge", **more: Any) -> Reply:
    word, _, rest = line.partition(" ")
    return verbs.run(house, Caller(actor, "telnet", room, **more), word, rest)


def text(reply: Reply) -> str:
    return "\n".join(screen.unmarked(line).replace(screen.HANG, "") for line in reply.lines)


def lines(reply: Reply) -> list[str]:
    return text(reply).split("\n")


# -- footprints ----------------------------------------------------------------------------------


def test_w17_footprints_tell_who_crossed_when_from_where_to_where_and_why(tmp_path: Path) -> None:
    errand = light_house.persona("timmy", "checked(disk) 3600 1")
    house = light_house.house(tmp_path, LightWorld.founding(), [errand])
    assert light_house.run(house, lambda: Event.objects.filter(topic="agent.timmy.reached").exists())
    task = light_house.give(house, "Chore the attic", "timmy")
    assert light_house.run(house, lambda: house.work.get(task.pk).status == "COMPLETED")
    shown = text(ask(house, "footprints", room="workshop"))
    walked = [
        e
        for e in Event.objects.filter(topic="agent.timmy.move").order_by("seq")
        if "workshop" in (e.data["from"], e.data["to"])
    ]
    assert [e.data["to"] for e in walked] == ["workshop", "forge", "workshop", "hall"]
    assert "FOOTPRINTS. the Workshop, today: 2 crossings." in shown
    assert re.search(
        rf"^{clock(walked[0].at)}\S* Timmy from the Hall to the Forge, for a check of the disk$", shown, re.MULTILINE
    ), shown
    assert re.search(
        rf"^{clock(walked[2].at)}\S* Timmy from the Forge to the Hall, for .*task {task.pk}, Chore the attic$",
        shown,
        re.MULTILINE,
    ), shown


def test_a_crossing_may_be_open_at_either_end(house: House) -> None:
    move(house, "timmy", "forge", "workshop")
    move(house, "ezra", "workshop", "forge")
    pass_(house, minutes=3)
    shown = lines(ask(house, "footprints"))
    begun = clock(now(house) - timedelta(minutes=3))
    assert shown[1:3] == [
        f"{begun} Timmy was here and left for the Workshop, for what is not on record",
        # The body stands in the Hall.
        f"{begun} Ezra from the Workshop, leaving not on record, for what is not on record",
    ]
    house.world.body("ezra").move("workshop")
    house.world.body("ezra").move("forge")
    assert "Ezra from the Workshop, still here" in text(ask(house, "footprints"))
    move(house, "ezra", "forge", "workshop")
    assert f"{begun}-{clock(now(house))} Ezra from the Workshop and back" in text(ask(house, "footprints"))


def test_of_many_crossings_the_newest_are_told_and_the_rest_are_counted(house: House) -> None:
    for _ in range(57):
        move(house, "timmy", "workshop", "forge")
        pass_(house, seconds=1)
        move(house, "timmy", "forge", "workshop")
        pass_(house, seconds=1)
    reply = ask(house, "footprints")
    assert "57 crossings." in lines(reply)[0]
    assert "(37 earlier ones left out" in lines(reply)[1]
    assert len(reply.data["crossings"]) == CROSSINGS
    assert all(one["came"] and one["left"] for one in reply.data["crossings"])
    came = [one["came"]["at"] for one in reply.data["crossings"]]
    assert came == sorted(came) and came[-1] == Event.objects.filter(data__to="forge").last().at.isoformat()  # type: ignore[union-attr]


def test_footprints_of_one_and_of_another_time_and_place(house: House) -> None:
    move(house, "timmy", "hall", "workshop")
    move(house, "ezra", "hall", "workshop")
    move(house, "timmy", "workshop", "forge")
    pass_(house, hours=24)
    assert "nobody has crossed it" in text(ask(house, "footprints"))
    assert "Timmy from the Workshop" in text(ask(house, "footprints yesterday"))
    both = text(ask(house, "footprints 25h in workshop", room="hall"))
    assert "Timmy from the Hall to the Forge" in both and "Ezra from the Hall" in both
    assert "Ezra" not in text(ask(house, "footprints timmy yesterday", room="workshop"))
    assert "Timmy" not in text(ask(house, "footprints yesterday ezra", room="workshop"))


def test_where_nobody_crossed_the_last_who_did_is_named_with_the_command_that_shows_it(house: House) -> None:
    assert lines(ask(house, "footprints")) == [
        "FOOTPRINTS. the Forge, today: nobody has crossed it.",
        "No earlier print is on record.",
    ]
    move(house, "timmy", "workshop", "forge")
    pass_(house, hours=50)
    shown = text(ask(house, "footprints in forge", room="hall"))
    command = re.search(r"Try: (footprints .*)$", shown)
    assert command and "The last before was Timmy" in shown
    assert "Timmy from the Workshop" in text(ask(house, command[1], room="hall"))


def test_a_persons_prints_are_the_owners_and_his_own(house: House) -> None:
    walk(house, MIA, "workshop", "forge")
    walk(house, OWNER, "workshop", "forge")
    move(house, "timmy", "workshop", "forge")
    pass_(house, seconds=1)
    assert [one["who"] for one in ask(house, "footprints").data["crossings"]] == [str(MIA), str(OWNER), "agent:timmy"]
    assert [one["who"] for one in ask(house, "footprints", MIA).data["crossings"]] == [str(MIA), "agent:timmy"]
    assert [one["who"] for one in ask(house, "footprints", Actor("person", "bo")).data["crossings"]] == ["agent:timmy"]
    assert "mia from the Workshop" in text(ask(house, "footprints mia"))
    assert "mia from the Workshop" in text(ask(house, "footprints me", MIA))
    assert ask(house, "footprints mia", Actor("person", "bo")).exit == 1
    assert ask(house, "footprints timy").exit == 1


@pytest.mark.parametrize(
    "line",
    [
        "footprints soonish",
        "footprints 99:99",
        "rewind soon",
        "rewind 2026-12-12",
        "rewind 03:10 in nowhere",
        "footprints in",
        "rewind 8d",
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(house: House, line: str) -> None:
    reply = ask(house, line)
    assert reply.exit != 0
    assert reply.data["error"] in ("BadInput", "NotFound")


def test_without_a_room_one_must_be_named(house: House) -> None:
    for line in ("footprints", "rewind 20m"):
        reply = ask(house, line, room="")
        assert "name one" in text(reply) and reply.exit == 2
        assert ask(house, f"{line} in forge", room="").exit == 0


# -- rewind -----------------------------------------------------------------------------------------


def test_w17_rewind_tells_what_was_seen_here_and_nothing_else(house: House) -> None:
    deed(house, "timmy", "say", text="before", room="forge")
    pass_(house, hours=1)
    since = now(house)
    told = [
        move(house, "timmy", "workshop", "forge"),
        deed(house, "timmy", "emote", text="reads the gauges: disk 9% free.", room="forge"),
        deed(house, "timmy", "say", text="The disk is nearly full.", room="forge"),
        deed(house, "timmy", "take", item="gauge", room="forge"),
        deed(house, "timmy", "build", room="attic", name="Attic", beside="forge"),
    ]
    deed(house, "ezra", "say", text="elsewhere", room="hall")
    deed(house, "timmy", "did", text="read the gauges", said="", index=1, of=2)  # type: ignore[arg-type]
    told.append(move(house, "timmy", "forge", "workshop"))
    pass_(house, minutes=1)
    deed(house, "timmy", "say", text="after", room="forge")
    reply = ask(house, f"rewind {since.astimezone():%H:%M:%S}-{now(house).astimezone():%H:%M:%S}")
    stamp = f"{since.astimezone():%H:%M:%S}"
    assert "This is past" in lines(reply)[0]
    assert lines(reply)[1:-1] == [
        f"{stamp} Timmy arrives from the Workshop",
        f"{stamp} Timmy reads the gauges: disk 9% free.",
        f'{stamp} Timmy says "The disk is nearly full."',
        f"{stamp} Timmy takes the gauge",
        f"{stamp} Timmy builds Attic",
        f"{stamp} Timmy leaves for the Workshop",
    ]
    assert lines(reply)[-1].startswith("END OF REWIND. It is ")
    assert [event["seq"] for event in reply.data["events"]] == [event.seq for event in told]
    live = [screen.unmarked(telling.sentence(event, house)) for event in told[1:5]]
    assert [line.split(" ", 1)[1] for line in lines(reply)[2:6]] == live, "it is told otherwise than it was live"


@pytest.mark.parametrize("crowd", [1, 3, 50, LONGEST_PAGE + 30])
def test_a_long_replay_goes_on_where_it_stopped_until_all_was_told_once(house: House, crowd: int) -> None:
    begun = now(house)
    for number in range(40):
        for one in range(crowd if number in (7, 8) else 1):
            deed(house, "timmy", "say", text=f"{number}.{one}", room="forge")
        pass_(house, seconds=7)
    command, told, left_out = (
        f"rewind {begun.astimezone():%H:%M:%S}-{now(house).astimezone() + timedelta(minutes=1):%H:%M}",
        [],
        0,
    )
    pages = 0
    while command:
        reply = ask(house, command)
        assert PAGE <= len(reply.data["events"]) <= LONGEST_PAGE or not reply.data["next"]
        told += [event["seq"] for event in reply.data["events"]]
        left_out += reply.data["left_out"]
        total = Event.objects.filter(data__room="forge").count()
        assert len(told) + left_out + reply.data["to_come"] == total
        assert (reply.data["next"] in text(reply)) if reply.data["next"] else "END OF REWIND" in text(reply)
        command, pages = reply.data["next"], pages + 1
    assert told == sorted(set(told))
    assert (left_out > 0) == (crowd > LONGEST_PAGE)
    assert 2 <= pages <= 6


def test_where_nothing_happened_then_the_nearest_times_are_named_with_the_commands_that_show_them(house: House) -> None:
    assert "Nothing is on record of this room." in text(ask(house, "rewind 5m"))
    deed(house, "timmy", "say", text="first", room="forge")
    pass_(house, hours=2)
    quiet = now(house)
    pass_(house, hours=2)
    deed(house, "ezra", "say", text="second", room="forge")
    pass_(house, minutes=1)
    shown = text(ask(house, f"rewind {quiet.astimezone():%H:%M}"))
    assert "nothing was done or said here" in shown
    before, after = re.findall(r"Try: (rewind .*)$", shown, re.MULTILINE)
    assert '"first"' in text(ask(house, before)) and '"second"' not in text(ask(house, before))
    assert '"second"' in text(ask(house, after))
    there = text(ask(house, f"rewind {quiet.astimezone():%H:%M} in forge", room="hall"))
    assert len(re.findall(r"Try: rewind .* in forge$", there, re.MULTILINE)) == 2


def test_a_guest_sees_in_a_rewind_what_was_done_in_the_open_and_his_own_steps(house: House) -> None:
    walk(house, OWNER, "hall", "forge")
    walk(house, MIA, "workshop", "forge")
    deed(house, "timmy", "say", text="hello", room="forge")
    house.events.append("agent.timmy.did", "agent:timmy", agent="timmy", data={"room": "forge", "text": "hush"})
    pass_(house, seconds=1)
    assert [event["actor"] for event in ask(house, "rewind 1m", MIA).data["events"]] == [str(MIA), "agent:timmy"]
    assert "hush" not in text(ask(house, "rewind 1m", MIA))
    assert len(ask(house, "rewind 1m").data["events"]) == 4


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("width", [39, 79])
def test_both_fit_the_screen(house: House, width: int, plain: bool) -> None:
    for number in range(30):
        move(house, "timmy", "workshop", "forge")
        deed(house, "timmy", "say", text="a long word about the disk " * 9, room="forge")
        move(house, "timmy", "forge", "workshop")
        pass_(house, seconds=number)
    for line in ("footprints", "rewind 20m", "footprints ezra", "rewind yesterday 03:10"):
        reply = ask(house, line, width=width, plain=plain)
        assert reply.exit == 0
        for part in reply.lines:
            assert all(screen.display_width(piece) <= width for piece in screen.wrap(part, width)), part
        json.dumps(reply.data)


def test_hostile_words_are_harmless_in_a_replay(house: House) -> None:
    deed(house, "timmy", "say", text="\x1b[2Jwiped |rred|n {to} %s", room="forge")
    pass_(house, seconds=1)
    shown = text(ask(house, "rewind 1m"))
    assert "\x1b" not in shown and "|rred|n {to} %s" in shown


# -- the rule, and the tables ---------------------------------------------------------------------------


TOPICS = [name.replace("<slug>", "timmy") for name in declared.found()]


@pytest.mark.parametrize("viewer", [OWNER, MIA, Actor("person", "bo")])
def test_one_rule_decides_for_the_tables_and_for_one_event(house: House, viewer: Actor) -> None:
    for topic in TOPICS:
        for actor in (OWNER, MIA):
            house.events.append(topic, actor, agent="timmy" if topic.startswith("agent.") else "")
    every = list(Event.objects.all())
    assert {e.seq for e in every if sight.sees(viewer, e)} == set(
        Event.objects.filter(sight.seen_by(viewer)).values_list("seq", flat=True)
    )


@pytest.mark.parametrize(("side", "index"), [(CAME, "event_came"), (LEFT, "event_left"), (PLACE, "event_place")])
@pytest.mark.parametrize("viewer", [OWNER, MIA])
def test_each_question_is_answered_from_its_index_in_the_order_of_that(
    house: House, side: Any, index: str, viewer: Actor
) -> None:
    span = Span(now(house) - timedelta(days=1), now(house))
    found = seen._of(house.events, "forge", side, sight.seen_by(viewer), span)
    for query in (found.order_by("at", "agent", "seq")[:20], found.order_by("-at", "-agent", "-seq")[:20]):
        sql, params = query.query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            plan = [row[3] for row in cursor.fetchall()]
        assert any(f"USING INDEX {index}" in step for step in plan), plan
        assert not any("TEMP B-TREE" in step or "SCAN" in step for step in plan), plan


def test_the_rooms_remember_what_an_older_version_wrote(house: House) -> None:
    """The index is over what the events held all along: nothing is copied, and the chain is as it was."""
    old = move(house, "timmy", "workshop", "forge")
    assert seen.crossings(house.events, "forge", Span(old.at, old.at + timedelta(seconds=1)), ALL, 5)[0][0].came == old
    assert house.events.verify().ok


@given(st.data())
def test_every_walk_is_in_one_crossing(data: st.DataObject) -> None:
    """However people come and go (also by other means than doors), no walk is told twice or lost."""
    walks = data.draw(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30))
    start = datetime(2026, 4, 1).astimezone()
    events = [(Event(seq=n, at=start + timedelta(seconds=n), actor=who), comes) for n, (who, comes) in enumerate(walks)]
    found = seen._paired(
        [e for e, comes in events if comes], [e for e, comes in events if not comes], start + timedelta(days=1)
    )
    came = [one.came for one in found if one.came]
    assert [e.seq for e in came] == [e.seq for e, comes in events if comes]
    left = [one.left.seq for one in found if one.left]
    assert len(left) == len(set(left))
    for who in "abc":
        mine = [comes for (one, comes) in walks if one == who]
        expected = (not mine[0] if mine else 0) + sum(a and not b for a, b in pairwise(mine))
        assert sum(1 for one in found if one.actor == who and one.left) == expected
