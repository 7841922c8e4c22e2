"""The rooms of the Spire: live, told with their age, and nothing shown that is not so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agents.cascade import told
from agents.governance.rules import Actor
from agents.house.house import install
from agents.lineage import tiers
from agents.mind import independence
from tests.support import cascade, light_house
from tests.support.furnished import Furnished as House
from tests.support.light_world import LightWorld
from world import functions
from world.functions import _cascade

pytestmark = pytest.mark.django_db
ROOMS = ("spire", "sanctum", "independence_hall")
NOUNS = [(room, noun) for room in ROOMS for noun in functions.all_functions()[room].details]
MIA = Actor("person", "mia")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    made = light_house.house(
        tmp_path, LightWorld.founding(), [light_house.persona("timmy"), light_house.persona("ezra")]
    )
    monkeypatch.setattr("agents.house.house._current", None)
    install(made)
    return made


def looks(room: str) -> str:
    """The first line of the room, as a visitor sees it."""
    return functions.headline(functions.all_functions()[room], "", MIA)


def examines(room: str, noun: str) -> str:
    return "\n".join(functions.detail(functions.all_functions()[room], noun, MIA) or [])


def fetched(house: House, said: object) -> cascade.Told:
    """A service that says so, seen just now."""
    told = house.connect(cascade.Told(said))
    house.cascade.ask()
    return told


def test_without_a_service_each_room_says_so(house: House) -> None:
    for room in ROOMS:
        assert looks(room).startswith("No model service is running, so everyone answers by reflex")
    for room, noun in NOUNS:
        assert "No model service is running" in examines(room, noun)


def test_before_the_first_report_it_is_said_to_be_coming(house: House) -> None:
    house.connect(cascade.Told(cascade.busy(), held=True))
    for room in ROOMS:
        assert looks(room) == _cascade.COMING
    for room, noun in NOUNS:
        assert examines(room, noun) == _cascade.COMING


def test_each_room_shows_the_report_and_how_old_it_is(house: House) -> None:
    fetched(house, cascade.busy())
    house.runtime.clock.advance(3)  # type: ignore[attr-defined]
    assert (
        looks("sanctum")
        == "2 of 3 providers ready, llamacpp first; 1 answer being made, 3 waiting (read 3 seconds ago)."
    )
    assert (
        looks("independence_hall")
        == "50 % of what models wrote, 4,000 of 8,000 tokens, was made on this machine (read 3 seconds ago)."
    )
    assert looks("spire").startswith("50 % of what models wrote") and "llamacpp first" in looks("spire")
    dials = examines("sanctum", "dial")
    assert (
        "ollama: left alone, here; 0 of 4 slots" in dials and "Off: claude." in dials and "Read 3 seconds ago." in dials
    )
    assert "cost" not in dials and "https://models.example" not in dials, "a visitor learns no addresses and no costs"
    assert "llamacpp: phi3:3.8b, phi3, 2.3 GB, 4,096 tokens of context" in examines("sanctum", "bay")
    assert "moonshot" not in examines("sanctum", "rack"), "what is elsewhere stands in no bay"
    assert "Ezra's conversation: answered elsewhere by kimi" in examines("sanctum", "tile")
    assert "2026-03-31: 100 %, 500 of 500 tokens" in examines("independence_hall", "balance")
    assert "Ezra had 4,000 of 5,000 tokens made elsewhere" in examines("independence_hall", "weight")
    assert "Timmy: 100 %, all 3,000 tokens made here; tier none yet, basic lacks" in examines(
        "independence_hall", "tray"
    )


def test_a_tier_stands_on_what_the_server_tells_of_the_model(house: House) -> None:
    """Not on its name alone: one whose name tells nothing counts by its server's figures."""
    said = cascade.quiet()
    said["providers"][0]["models"] = [
        {
            "name": "house-blend:latest",
            "local": True,
            "context": 131072,
            "size": 5 * 10**9,
            "family": "llama",
            "parameters": 8_030_261_248,
            "quantisation": "Q4_K_M",
        }
    ]
    report = told.read(said)
    having = independence.having(house, "timmy", report)
    assert (having.model, having.parameters, having.context) == ("house-blend:latest", 8_030_261_248, 131072)
    enhanced = next(tier for tier in tiers.TIERS if tier.name == "enhanced")
    assert [need.met(having) for need in enhanced.needs if "parameters" in need.what or "context" in need.what] == [
        True,
        True,
    ]
    assert enhanced.needs[0].has(having) == "house-blend:latest, 8.03B"
    fetched(house, said)
    assert "ollama: house-blend:latest, llama, 8.03B, Q4_K_M, 5.0 GB, 131,072 tokens of context" in examines(
        "sanctum", "bay"
    )
    del said["providers"][0]["models"][0]["parameters"]
    assert independence.having(house, "timmy", told.read(said)).parameters is None, "nothing is guessed"


def test_a_quiet_cascade_has_no_score_and_no_share(house: House) -> None:
    fetched(house, cascade.quiet())
    assert looks("independence_hall").startswith("No score yet: no model has written a word")
    whole = "\n".join(examines(room, noun) for room, noun in NOUNS) + "".join(map(looks, ROOMS))
    assert "%" not in whole


def test_a_service_that_fell_silent_is_not_shown_as_it_was(house: House) -> None:
    told = fetched(house, cascade.busy())
    told.say = cascade.DOWN
    house.cascade.ask()
    house.runtime.clock.advance(2)  # type: ignore[attr-defined]
    for room in ROOMS:
        assert looks(room) == (
            "The model service does not answer. Until then everyone answers by reflex. (Asked 2 seconds ago.)"
        )
    for room, noun in NOUNS:
        assert "50 %" not in examines(room, noun) and "does not answer" in examines(room, noun)


def test_who_stands_in_the_spire_has_it_fetched(house: House) -> None:
    world: Any = house.world
    told = house.connect(cascade.Told(cascade.busy()))
    house.cascade.attended = lambda: _cascade.attended(house.world)

    def beats(seconds: int) -> int:
        before = told.asked
        for _ in range(seconds):
            house.cascade.beat()
            house.runtime.clock.advance(1)  # type: ignore[attr-defined]
        return told.asked - before

    world.visitors["mia"] = "hall"
    assert beats(30) == 0
    world.visitors["mia"] = "spire"
    assert beats(1) == 1, "who climbs the stair finds the rooms above read"
    world.visitors["mia"] = "sanctum"
    assert 0 < beats(40) <= 10
    world.visitors["mia"] = "hall"
    assert beats(60) <= 1


def test_words_of_providers_are_cleaned(house: House) -> None:
    said = cascade.busy()
    said["providers"][0]["breaker"]["last_said"] = "\x1b[2J\u202egone\n\n\uf600" + "long " * 200
    said["providers"][1]["models"][0]["name"] = "\x1b[31mmodel"
    fetched(house, said)
    whole = "\n".join(examines(room, noun) for room, noun in NOUNS) + "".join(map(looks, ROOMS))
    assert not set(whole) & {"\x1b", "\u202e", "\uf600"}
    assert all(len(line) <= _cascade.LONGEST for room, noun in NOUNS for line in examines(room, noun).split("\n"))
