"""Long-range aims: periods, methods in turn, progress derived from what happened (G9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from agents.lineage import persona as personas
from agents.lineage.aims import Aim, period
from agents.mind import aims
from agents.mind.aims import Happened
from world import mapfile

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)  # a Wednesday
AIM = Aim.model_validate(
    {
        "name": "the world stands",
        "phase": "immediate",
        "rank": "primary",
        "methods": [
            {"name": "by the gauges", "subgoals": ["checked(disk)", ["seen(board)", "at(me, hall)"], "checked(disk)"]},
            {"name": "by the candles", "subgoals": ["tended(shrine)"]},
        ],
    }
)
BOARD = "seen(board), at(me, hall)"


def minute(n: float) -> datetime:
    return NOON + timedelta(minutes=n)


def test_periods():
    at = NOON + timedelta(minutes=44)
    assert period("immediate", at) == (minute(30), minute(60))
    assert period("short-term", at) == (datetime(2026, 3, 30, tzinfo=UTC), datetime(2026, 4, 6, tzinfo=UTC))
    assert period("medium-term", at) == (datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
    assert period("medium-term", datetime(2026, 12, 31, 23, tzinfo=UTC))[1] == datetime(2027, 1, 1, tzinfo=UTC)


def test_subgoals_come_in_order_and_each_at_its_time():
    at = aims.standing(AIM, [], minute(3))
    assert (at.method.name, at.done, at.of, str(at.next[0]), at.due) == ("by the gauges", 0, 3, "checked(disk)", NOON)
    (wish,) = aims.wishes([at], minute(3))
    assert (wish.name, wish.weight, round(wish.score, 1), wish.aim) == ("checked(disk)", 6, 7.8, "the world stands")
    begun = [Happened("checked(disk)", minute(4), True)]
    at = aims.standing(AIM, begun, minute(5))
    assert (at.done, at.due) == (1, minute(10))
    assert aims.wishes([at], minute(5)) == []
    too_early = [*begun, Happened(BOARD, minute(6), True)]
    assert aims.standing(AIM, too_early, minute(11)).done == 1
    done = [*begun, Happened(BOARD, minute(12), True), Happened("checked(disk)", minute(21), True)]
    assert aims.standing(AIM, done, minute(22)).next is None


def test_who_comes_late_has_what_is_left_of_the_period():
    at = aims.standing(AIM, [], minute(18), first=minute(18), place=0.5)
    assert (at.due, at.share) == (minute(20), timedelta(minutes=4))
    assert aims.standing(AIM, [], minute(31), first=minute(18), place=0.5).due == minute(35)
    assert len({round(aims.place(slug, AIM), 3) for slug in ("timmy", "ezra", "bezalel")}) == 3


def test_a_new_period_begins_anew():
    done = [
        Happened("checked(disk)", minute(4), True),
        Happened(BOARD, minute(12), True),
        Happened("checked(disk)", minute(21), True),
    ]
    at = aims.standing(AIM, done, minute(30))
    assert (at.done, at.due) == (0, minute(30))


def test_what_is_out_of_reach_gives_way_to_the_next_method_for_a_while():
    failed = [Happened("checked(disk)", minute(1), False)]
    at = aims.standing(AIM, failed, minute(2))
    assert (at.method.name, at.left) == ("by the candles", ("by the gauges",))
    both = [*failed, Happened("tended(shrine)", minute(2), False)]
    none = aims.standing(AIM, both, minute(3))
    assert (none.method, none.next, none.left) == (None, None, ("by the gauges", "by the candles"))
    assert aims.standing(AIM, both, minute(9)).method.name == "by the gauges"
    later = [Happened("checked(disk)", minute(1), False), Happened("checked(disk)", minute(3), True)]
    assert aims.standing(AIM, later, minute(4)).done == 1


def test_every_agent_has_an_aim_of_each_rank_within_the_map():
    found, problems = personas.load_all()
    assert problems == []
    rooms = set(mapfile.read().rooms)
    for who in found.values():
        assert {aim.rank for aim in who.aims} == {"primary", "secondary", "tertiary"}
        visited = {n.partition("(")[2].rstrip(")") for n in aims.subgoals(who.aims) if n.startswith("visited(")}
        assert visited <= rooms


@pytest.mark.parametrize(
    "wrong",
    [
        {"methods": []},
        {"phase": "someday"},
        {"methods": [{"name": "a", "subgoals": ["seen(board"]}]},
        {"methods": [{"name": "a", "subgoals": ["p"]}, {"name": "a", "subgoals": ["p"]}]},
    ],
)
def test_a_wrong_aim_is_refused(wrong):
    with pytest.raises(ValidationError):
        Aim.model_validate(
            {
                "name": "a",
                "phase": "immediate",
                "rank": "primary",
                "methods": [{"name": "m", "subgoals": ["p"]}],
                **wrong,
            }
        )
