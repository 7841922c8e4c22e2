"""The map that comes with the project: W2's rooms, walkable, drawn, and every noun examinable."""

from __future__ import annotations

import re

import networkx
import pytest

from world.mapfile import read

ROOMS = [
    "hall",
    "birth_chamber",
    "library",
    "shrine",
    "observatory",
    "spire",
    "sanctum",
    "offline_archives",
    "independence_hall",
    "grove",
    "lesson_stones",
    "practice_grounds",
    "assessment_circles",
    "archives",
    "birth_records",
    "achievement_hall",
    "memorial_wall",
    "workshop",
    "forge",
    "treasury",
    "signal_tower",
    "orb_chamber",
]
DESIGN = read()


def test_every_room_of_the_specification_is_there():
    assert sorted(DESIGN.rooms) == sorted(ROOMS)


def test_tools_and_fixtures_are_there():
    things = {key: (room, thing.typeclass) for room, r in DESIGN.rooms.items() for key, thing in r.things.items()}
    assert {things[key] for key in ("lens", "gauge", "trowel")} == {("workshop", "item")}
    assert things["board"] == things["lectern"] == ("hall", "fixture")
    assert {"orb", "lesson_stone", "plaque", "candles"} <= set(things)


def test_every_room_can_be_reached_and_left():
    graph = networkx.DiGraph((key, way.to) for key, room in DESIGN.rooms.items() for way in room.exits)
    assert set(graph) == set(ROOMS)
    assert networkx.is_strongly_connected(graph)
    assert all(graph.has_edge(b, a) for a, b in graph.edges), "a way in without a way back"


def test_compass_words_agree_with_the_coordinates():
    winds = {
        "north": (0, 1, 0),
        "south": (0, -1, 0),
        "east": (1, 0, 0),
        "west": (-1, 0, 0),
        "northeast": (1, 1, 0),
        "northwest": (-1, 1, 0),
        "southeast": (1, -1, 0),
        "southwest": (-1, -1, 0),
        "up": (0, 0, 1),
        "down": (0, 0, -1),
    }
    checked = 0
    for key, room in DESIGN.rooms.items():
        for way in room.exits:
            there = (*DESIGN.rooms[way.to].at, 0)[:3]
            step = tuple(b - a for a, b in zip((*room.at, 0)[:3], there, strict=True))
            for wind in winds.keys() & set(way.aliases):
                assert winds[wind] == step, f"{key}: {way.name} is not {wind}"
                checked += 1
    assert checked == sum(len(room.exits) for room in DESIGN.rooms.values())


DETERMINERS = ["a", "an", "the", "its", "their", "every", "two", "three", "four", "eight", "nine"]
STOP = re.compile(
    r"[,.;:]| (?:is|are|of|in|on|at|and|with|to|for|from|under|behind|above|below|before|that|runs?|hang|stands?) "
)


def _known(room):
    words = {word for noun in room.details for word in noun.lower().split()}
    words |= {word for way in room.exits for name in (way.name, *way.aliases) for word in name.lower().split()}
    return words | {
        word for thing in room.things.values() for name in (thing.name, *thing.aliases) for word in name.lower().split()
    }


@pytest.mark.parametrize("key", ROOMS)
def test_every_noun_phrase_of_a_description_can_be_examined(key):
    """Each `the …`, `a …`, `nine …` up to the next joint holds a word that a detail, thing or exit answers to."""
    from typeclasses.rooms import singulars

    room = DESIGN.rooms[key]
    known = _known(room) | {word for name in (room.name, *room.aliases) for word in name.lower().split()}
    for match in re.finditer(rf"\b(?:{'|'.join(DETERMINERS)})\b ", room.description, re.IGNORECASE):
        phrase = STOP.split(room.description[match.end() :] + " ")[0].lower()
        words = re.findall(r"[a-z'-]+", phrase)[:4]
        held = any(one in known for word in words for one in singulars(word))
        assert held, f"{key}: nothing in '{match.group()}{phrase}' can be examined"


@pytest.mark.parametrize("key", ROOMS)
def test_rooms_never_tell_people_what_they_feel(key):
    room = DESIGN.rooms[key]
    texts = [room.description, *room.details.values(), *(t.description for t in room.things.values())]
    assert not any(re.search(r"\byou(r|rs)?\b", text, re.IGNORECASE) for text in texts)


@pytest.mark.parametrize("key", ROOMS)
def test_details_are_nouns_of_the_room(key):
    """No detail that nothing in the description, another detail or a thing mentions."""
    room = DESIGN.rooms[key]
    for noun in room.details:
        others = [text for other, text in room.details.items() if other != noun]
        text = " ".join([room.description, *others, *(t.description for t in room.things.values())]).lower()
        assert noun in text or noun.rstrip("f") in text, f"{key}: {noun}"
