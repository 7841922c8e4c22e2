"""Mutex groups found on domains where they are known, and declared ones."""

from __future__ import annotations

import pytest

from agents.goap import Action, Domain
from agents.goap.invariants import apart, conflict, dead, standing
from agents.kernel.errors import BadInput
from tests.support.goap_worlds import ROOMS, world


def groups(domain: Domain) -> list[list[str]]:
    return [[str(f) for f in domain.literals(g)] for g in domain.groups]


def blocks() -> Domain:
    four = [
        ("pick_up", ["clear(?x)", "ontable(?x)", "handempty"], ["holding(?x)"]),
        ("put_down", ["holding(?x)"], ["clear(?x)", "ontable(?x)", "handempty"]),
        ("stack", ["holding(?x)", "clear(?y)"], ["clear(?x)", "on(?x, ?y)", "handempty"]),
        ("unstack", ["clear(?x)", "on(?x, ?y)", "handempty"], ["holding(?x)", "clear(?y)"]),
    ]
    return Domain.compile(
        [
            Action(
                name=name,
                parameters={"?x": "block"} | ({"?y": "block"} if "stack" in name else {}),
                preconditions=pre,
                add=add,
                delete=pre,
                distinct=[("?x", "?y")] if "stack" in name else (),
            )
            for name, pre, add in four
        ],
        {"block": ["a", "b", "c"]},
    )


def test_the_map_and_each_thing_are_groups():
    found = groups(world())
    assert sorted(f"at(me, {room})" for room in ROOMS) in found
    assert ["has(me, lens)", *(f"in(lens, {room})" for room in ROOMS)] in found
    assert len(found) == 4


def test_blocks():
    """A block is in one place, has one thing on it at most, and the hand holds one."""
    found = groups(blocks())
    for x in "abc":
        others = [y for y in "abc" if y != x]
        assert [f"holding({x})", *(f"on({x}, {y})" for y in others), f"ontable({x})"] in found
        assert [f"clear({x})", f"holding({x})", *(f"on({y}, {x})" for y in others)] in found
    assert ["handempty", "holding(a)", "holding(b)", "holding(c)"] in found
    assert len(found) == 7


def test_logistics_has_one_group_for_each_thing_that_moves():
    ride = {"?p": "parcel", "?t": "truck", "?l": "place"}
    domain = Domain.compile(
        [
            Action(
                name="load",
                parameters=ride,
                preconditions=["at(?p, ?l)", "at(?t, ?l)"],
                add=["in(?p, ?t)"],
                delete=["at(?p, ?l)"],
            ),
            Action(
                name="unload",
                parameters=ride,
                preconditions=["in(?p, ?t)", "at(?t, ?l)"],
                add=["at(?p, ?l)"],
                delete=["in(?p, ?t)"],
            ),
            Action(
                name="drive",
                parameters={"?t": "truck", "?a": "place", "?b": "place"},
                distinct=[("?a", "?b")],
                preconditions=["at(?t, ?a)"],
                add=["at(?t, ?b)"],
                delete=["at(?t, ?a)"],
            ),
        ],
        {"parcel": ["p"], "truck": ["t", "u"], "place": ["x", "y", "z"]},
    )
    assert groups(domain) == [
        ["at(p, x)", "at(p, y)", "at(p, z)", "in(p, t)", "in(p, u)"],
        ["at(t, x)", "at(t, y)", "at(t, z)"],
        ["at(u, x)", "at(u, y)", "at(u, z)"],
    ]


def test_what_is_made_of_one_thing_is_a_group_with_it():
    made = [Action(name=f"make-{x}", preconditions=["wood"], delete=["wood"], add=[x]) for x in ("boat", "hut")]
    assert groups(Domain.compile(made, {})) == [["boat", "hut", "wood"]]


def test_negative_preconditions_and_plain_deletes_keep_a_group():
    locks = [Action(name=f"lock-{x}", negative=[y], add=[x]) for x, y in ("pq", "qp")]
    assert groups(Domain.compile(locks, {})) == [["p", "q"]]
    modes = [Action(name=f"set-{x}", add=[x], delete=[y for y in "pqr" if y != x]) for x in "pqr"]
    assert groups(Domain.compile(modes, {})) == [["p", "q", "r"]]


def test_no_group_where_a_thing_is_copied_or_comes_from_nothing():
    assert groups(Domain.compile([Action(name="copy", preconditions=["p"], add=["q"])], {})) == []
    assert groups(Domain.compile([Action(name="find", add=["p"], delete=["q"]), Action(name="f", add=["q"])], {})) == []
    assert groups(Domain.compile([Action(name="split", preconditions=["p"], delete=["p"], add=["q", "r"])], {})) != [
        ["p", "q", "r"]
    ]


def test_a_group_is_declared_for_each_binding_and_a_star_is_any_object():
    go = Action(
        name="go",
        parameters={"?who": "agent", "?to": "room"},
        add=["at(?who, ?to)"],
        mutex=[["at(?who, *)", "away(?who)"]],
    )
    domain = Domain.compile([go], {"agent": ["a", "b"], "room": ["x", "y"]}, ["away(a)"])
    assert groups(domain) == [["at(a, x)", "at(a, y)", "away(a)"], ["at(b, x)", "at(b, y)"]]
    assert domain.declared == domain.groups


def test_a_declared_group_that_an_action_breaks_is_refused():
    both = Action(name="both", add=["p", "q"], mutex=[["p", "q", "r"]])
    with pytest.raises(BadInput, match="both breaks a declared mutex group: after it p and q hold together"):
        Domain.compile([both], {})
    kept = Action(name="kept", preconditions=["p"], add=["q"], mutex=[["p", "q"]])
    with pytest.raises(BadInput, match="kept breaks"):
        Domain.compile([kept], {})
    with pytest.raises(BadInput, match=r"\?y, which is not among its parameters"):
        Domain.compile([Action(name="a", add=["p"], mutex=[["p", "q(?y)"]])], {})


def test_a_group_counts_only_where_it_stands():
    domain = world()
    two = domain.state(["at(me, hall)", "at(me, kiln)"])
    places = domain.groups[0]
    assert places not in standing(domain.groups, two)
    assert len(standing(domain.groups, two)) == 3
    target = domain.state(["at(me, hall)", "at(me, kiln)"]) & places
    assert conflict(domain, domain.state([]), target) == target
    assert conflict(domain, two, target) == 0


def test_actions_that_need_two_of_a_group_are_dead():
    domain = Domain.compile(
        [
            Action(name="on", preconditions=["off"], add=["lit"], delete=["off"]),
            Action(name="off", preconditions=["lit"], add=["off"], delete=["lit"]),
            Action(name="odd", preconditions=["lit", "off"], add=["done"]),
        ],
        {},
    )
    assert [domain.texts[i] for i in range(len(domain)) if dead(domain, domain.groups) >> i & 1] == ["odd"]
    lit, off = (domain.texts.index(x) for x in ("on", "off"))
    excluded = apart(domain, domain.groups)
    assert domain.literals(excluded[domain.gains[lit][0]])[0] == domain.literal(domain.gains[off][0])


def test_a_group_is_not_widened_by_what_rules_an_action_out():
    """`fix` uses up two things at once. A rule by which it never could be done is true, and of no use."""
    fix = Action(name="fix", preconditions=["down", "rested"], add=["up", "tired"], delete=["down", "rested"])
    rest = Action(name="rest", preconditions=["tired"], add=["rested"], delete=["tired"])
    assert groups(Domain.compile([fix, rest], {})) == [["down", "tired"], ["down", "up"], ["rested", "tired"]]
