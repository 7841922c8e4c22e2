"""The first minutes: a greeting by name, a demo that is a task like any other, a tour, what belongs to a connection."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from evennia.utils.ansi import ANSIString
from twisted.internet import reactor

from agents.events.models import Event
from agents.governance.rules import Actor
from agents.work.kinds.survey import KIND
from agents.work.models import Task
from commands.connection import GUIDED, recall
from commands.verbs.welcome import STOPS
from tests.integration.test_commands_game import house, owner, visitor  # noqa: F401
from tests.integration.test_guests import limited
from tests.support import light_house
from tests.support.clients import without_colour
from tests.support.furnished import Furnished as House
from tests.support.light_house import run
from tests.support.light_world import LightWorld
from tests.support.players import Player
from typeclasses.accounts import JOINED
from world.screen import display_width

pytestmark = pytest.mark.django_db


@pytest.fixture
def again(owner: Player) -> Iterator[Player]:
    """The owner at a second client."""
    player = Player("owner", True, 903, known=(owner.account, owner.body))
    yield player
    player.leave()


def greetings() -> list[str]:
    return [event.data["text"] for event in Event.objects.filter(topic__endswith=".greeted")]


def test_who_comes_first_is_greeted_once_by_name_by_whoever_is_first_of_the_line(tmp_path: Path) -> None:
    world = LightWorld.founding()
    people = [light_house.persona("timmy"), light_house.persona("ezra", extra="parent: timmy")]
    made = light_house.house(tmp_path, world, people)
    run(made, seconds=30)
    made.events.append("person.came", Actor("person", "mia"), via="system")
    world.visitors["Mia"] = "forge"
    run(made, seconds=30)
    assert greetings() == [], "they have not met"
    world.visitors["Mia"] = made.body_of("timmy").where()
    made.minds.pause("timmy")
    run(made, seconds=30)
    assert greetings() == [], "who rests greets nobody"
    made.minds.resume("timmy")
    run(made, seconds=30)
    assert len(greetings()) == 1 and greetings()[0].startswith("Welcome, Mia. I am Timmy.")
    assert "demo" not in greetings()[0], "what only the owner may is not offered to a guest"
    made.stop()
    after = light_house.house(tmp_path, world, people, clock=made.runtime.clock)  # type: ignore[arg-type]
    run(after, seconds=60)
    assert len(greetings()) == 1


def test_following_belongs_to_a_connection(owner: Player, again: Player, house: House) -> None:
    owner.types("feed on")
    owner.types("watch timmy")
    assert "You are not watching anybody" in again.types("watch")
    for player in (owner, again):
        player.got.clear()
    house.events.append("agent.timmy.paused", Actor("owner", "owner"), via="telnet", agent="timmy", data={})
    assert any("Timmy" in line for line in owner.got)
    assert not again.got


def test_a_second_client_prints_nothing_into_the_first(owner: Player) -> None:
    second = Player("owner", True, 903, known=(owner.account, owner.body))
    try:
        assert without_colour(" ".join(owner.got)) == JOINED
    finally:
        second.leave()


def test_what_is_seen_in_the_room_is_not_told_again_by_watch(owner: Player, house: House) -> None:
    owner.types("watch timmy")
    body = house.body_of("timmy")
    for room, told in (("hall", False), ("forge", True)):
        for topic, data in (
            ("agent.timmy.emote", {"text": "counts the candles.", "room": room}),
            ("agent.timmy.did", {"action": "look", "text": "counts the candles", "index": 1, "of": 2}),
        ):
            owner.got.clear()
            house.events.append(topic, "agent:timmy", via="mind", agent="timmy", step=f"S{room}", data=data)
            assert bool(owner.got) is (told and topic.endswith(".did")), (room, topic, owner.got)
    assert body.slug == "timmy"


def test_the_demo_is_a_task_that_the_owner_approves_and_is_explained_as_it_goes(
    owner: Player, again: Player, visitor: Player, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path / "clone")], check=True)
    house.teach({"survey": KIND})
    limited(house, read_paths=(tmp_path,))
    monkeypatch.setattr("commands.verbs.welcome.PROJECT", tmp_path / "clone")
    run(house, seconds=5)
    assert "only the owner" in visitor.types("demo") and not Task.objects.exists()
    shown = " ".join(owner.types("demo").split())
    assert "Nothing runs until you type ok 1" in shown and f"repository {tmp_path / 'clone'}" in shown
    assert house.work.get(1).status == "PENDING_APPROVAL" and house.work.get(1).assignee == "timmy"
    assert "APPROVAL 1" in owner.types("demo") and Task.objects.count() == 1, "it is proposed once"
    again.got.clear()

    def told() -> str:
        for call in reactor.getDelayedCalls():  # type: ignore[attr-defined]
            if isinstance(said := call.func, partial):
                call.cancel()
                said()
        return " ".join(without_colour(" ".join(owner.got)).split())

    owner.types("ok 1")
    assert "sealed for 10 seconds" in told()
    owner.got.clear()
    house.runtime.clock.advance(11)  # type: ignore[attr-defined]
    house.work.settle()
    house.work.claim(1, "timmy")
    house.work.complete(1, "timmy", "I have surveyed it.")
    assert "The seal has run out" in told() and "has taken it up" in told() and "task 1/report shows what" in told()
    assert not any("sealed for" in line for line in again.got), "it is told to whoever asked"
    assert recall(owner.session, GUIDED) is None
    assert "Task 2 is proposed" in owner.types("demo"), "and again, whenever it is wanted"


@pytest.mark.parametrize("who", ["owner", "visitor"])
def test_the_tour_walks_through_five_rooms_where_what_it_names_can_be_typed(
    who: str, request: pytest.FixtureRequest, house: House
) -> None:
    from world import places

    player: Player = request.getfixturevalue(who)
    run(house, seconds=5)
    assert len({stop.room for stop in STOPS}) == len(STOPS) == 5
    assert "not being shown round" in player.types("next")
    for number, stop in enumerate(STOPS, 1):
        shown = player.types("tour" if number == 1 else "next")
        assert f"{number} of 5: " in shown and stop.word in shown
        assert places.key_of(player.body.location) == stop.room
        answer = player.types(stop.word)
        assert answer and "There is no" not in answer and "Not allowed" not in answer, (stop.word, answer)
    assert "That was the tour." in player.types("next")
    assert ("demo" in player.types("tour stop")) is False
    way = next(w for w in places.exits() if places.key_of(w.location) == "archives" and w.key == "hall")
    way.locks.add("traverse:false()")
    if who == "visitor":
        assert "No open way leads from here to the Fraternity Hall" in player.types("tour")


TABLES = ("who", "time", "@scripts", "@objects", "@accounts", "look me", "@objects 3", "@scripts mind")


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("width", [80, 40])
def test_tables_of_the_engine_fit_the_screen_and_tell_no_falsehood(owner: Player, width: int, plain: bool) -> None:
    owner.session.protocol_flags["SCREENWIDTH"] = {0: width}
    owner.types(f"plain {'on' if plain else 'off'}")
    owner.session.data_out = lambda text=None, **_: owner.got.append(text[0] if isinstance(text, tuple) else text or "")
    for line in TABLES:
        shown = ANSIString(owner.types(line)).clean()
        assert shown.strip(), line
        assert all(display_width(piece) <= width for piece in shown.splitlines()), (line, shown)
        assert "+~" not in shown and "| |" not in shown
    assert "Real time" not in owner.types("time") and "by this machine's clock" in " ".join(owner.types("time").split())
    told = " ".join(owner.types("@scripts").split())
    assert "SCRIPTS. 5 scripts, 5 with a timer that runs." in told and "mind of Timmy" in told
    assert "owner" in owner.types("who") and "User #1" not in owner.types("look me")


def test_a_guest_sees_who_is_here_and_no_address(visitor: Player, owner: Player) -> None:
    for player, sees in ((visitor, False), (owner, True)):
        shown = player.types("who")
        assert "mia" in shown and "owner" in shown
        assert ("localhost" in shown) is sees
