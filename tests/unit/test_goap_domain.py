"""Compilation: what is grounded, in which order, and what is refused."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from agents import goap
from agents.goap import Action, Domain, Fact, Goal, WorldState
from agents.kernel.errors import BadInput, NotFound
from tests.support.goap_worlds import DOORS, ROOMS, actions, world

GO = Action(
    name="go",
    parameters={"?a": "room", "?b": "room"},
    preconditions=["at(me, ?a)", "open(?a, ?b)"],
    add=["at(me, ?b)"],
    delete=["at(me, ?a)"],
)


def test_grounds_over_typed_objects_in_order_of_cost_and_name():
    domain = Domain.compile([GO, Action(name="rest", cost=3), Action(name="blink")], {"room": ["b", "a"]})
    assert domain.texts == ("blink", "go(a, a)", "go(a, b)", "go(b, a)", "go(b, b)", "rest")
    assert domain.costs == (1, 1, 1, 1, 1, 3)


def test_static_facts_prune_grounding_but_are_still_tested():
    domain = Domain.compile([GO], {"room": ["a", "b", "c"]}, static=["open(a, b)", "open(b, c)"])
    assert domain.texts == ("go(a, b)", "go(b, c)")
    assert domain.applicable(domain.state(["at(me, a)", "open(a, b)"])) == (0,)
    assert domain.applicable(domain.state(["at(me, a)"])) == ()


def test_static_does_not_prune_what_an_action_can_change():
    unlock = Action(name="unlock", add=["open(c, a)"])
    domain = Domain.compile([GO, unlock], {"room": ["a", "b", "c"]}, static=["open(a, b)"])
    assert len(domain) == 10


def test_a_predicate_absent_from_static_is_left_open():
    site = Action(name="work", parameters={"?r": "room"}, preconditions=["site(?r)"], add=["done"])
    domain = Domain.compile([GO, site], {"room": ["a", "b"]}, static=["open(a, b)"])
    assert domain.texts == ("go(a, b)", "work(a)", "work(b)")


def test_state_and_facts_are_inverse_and_unknown_facts_are_left_out():
    domain = Domain.compile([GO], {"room": ["a", "b"]}, ["seen(moon)"])
    held = ["at(me, a)", "open(a, b)", "seen(moon)"]
    state = domain.state([*held, "colour(sky, blue)"])
    assert domain.facts(state) == frozenset(map(Fact.parse, held))
    assert domain.state(WorldState.of(held)) == state


def test_negative_preconditions_become_facts_to_test():
    domain = Domain.compile([Action(name="light", negative=["lit"], add=["lit"])], {})
    dark, lit = domain.state([]), domain.state(["lit"])
    assert domain.applicable(dark) == (0,)
    assert domain.applicable(lit) == ()
    assert domain.apply(dark, 0) == lit


def test_adding_wins_over_deleting_the_same_fact():
    domain = Domain.compile([GO], {"room": ["a"]})
    state = domain.state(["at(me, a)", "open(a, a)"])
    assert domain.apply(state, domain.index("go(a, a)")) == state
    assert domain.action("go(a, a)").delete == ()


def test_contradictory_groundings_are_left_out():
    swap = Action(name="swap", parameters={"?a": "x", "?b": "x"}, preconditions=["p(?a)"], negative=["p(?b)"])
    assert Domain.compile([swap], {"x": ["1", "2"]}).texts == ("swap(1, 2)", "swap(2, 1)")


def test_ground_action_reads_like_its_schema():
    domain = world()
    action = domain.action("take( lens ,workshop )")
    assert action.text == "take(lens, workshop)"
    assert (action.name, action.args) == ("take", ("lens", "workshop"))
    assert [str(f) for f in action.preconditions] == ["at(me, workshop)", "in(lens, workshop)"]
    assert [str(f) for f in action.add] == ["has(me, lens)"]
    assert [str(f) for f in action.delete] == ["in(lens, workshop)"]
    assert domain.action(action.index) == action


def test_unknown_action_names_the_nearest():
    with pytest.raises(NotFound, match=r"nearest is take\(lens, workshop\)"):
        world().action("take(lense, workshop)")
    with pytest.raises(NotFound):
        world().action(10**9)


def test_equal_content_is_equal_and_hashes_the_same():
    again = Domain.compile(
        reversed(actions()),
        {"item": ["trowel", "lens", "gauge"], "room": list(reversed(ROOMS))},
        static=reversed(DOORS),
    )
    assert again == world()
    assert len({again, world()}) == 1
    assert Domain.compile([GO], {"room": ["a"]}) != Domain.compile([GO], {"room": ["b"]})
    assert Domain.compile([GO], {"room": ["a"]}) != "a"


@pytest.mark.parametrize(
    ("schemas", "objects", "words"),
    [
        ([GO], {}, "no objects of type room"),
        ([Action(name="x", add=["p(?a)"])], {}, r"uses \?a"),
        ([Action(name="x", parameters={"a": "room"})], {"room": ["r"]}, r"as \?a"),
        ([Action(name="x"), Action(name="x")], {}, "two actions called x"),
        ([Action(name="x", add=["not-p"])], {}, "may not begin"),
        ([GO], {"room": ["a,b"]}, "cannot name an object"),
        ([GO], {"room": ["?a"]}, "cannot name an object"),
        ([GO], {"room": ["a(b)"]}, "cannot name an object"),
        ([GO], {"room": [str(i) for i in range(300)]}, "too many parameters"),
    ],
)
def test_bad_input_is_refused_in_words(schemas, objects, words):
    with pytest.raises(BadInput, match=words):
        Domain.compile(schemas, objects)


def test_goals_name_what_the_domain_does_not_know():
    domain = Domain.compile([GO], {"room": ["a"]})
    goal = Goal(name="g", condition=["at(me, a)", "seen(moon)"], negative=["tired"])
    assert [str(f) for f in domain.unknown(goal)] == ["seen(moon)", "not-tired"]
    assert not domain.holds(domain.state(["at(me, a)"]), goal)
    with pytest.raises(NotFound, match="seen"):
        domain.goal(goal)


def test_importing_the_planner_imports_no_framework():
    code = (
        "import sys, agents.goap; "
        "bad = [m for m in sys.modules if m.split('.')[0] in ('django', 'twisted', 'evennia')]; "
        "print(*bad)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")


def test_the_usage_shown_in_the_package_works():
    shown = textwrap.dedent("\n".join(x for x in goap.__doc__.splitlines() if x.startswith("    ")))
    scope = {name: getattr(goap, name) for name in goap.__all__}
    exec(shown, scope)
    assert scope["outcome"].plan.steps[0].action == "go(hall, forge)"
    assert goap.explain.why(scope["domain"], scope["outcome"].plan, 0).sentences == (
        "Step 1, go(hall, forge), brings about at(me, forge), which is the goal visit.",
    )


def test_what_may_hold_is_no_reason_against_a_negative_precondition():
    enter = Action(name="enter", parameters={"?r": "room"}, negative=["locked(?r)"], add=["in(?r)"])
    assert Domain.compile([enter], {"room": ["a", "b"]}, static=["locked(a)"]).texts == ("enter(a)", "enter(b)")
    assert Domain.compile([enter], {"room": ["a", "b"]}, init=["locked(a)"]).texts == ("enter(b)",)


def test_from_a_known_start_only_what_can_come_about_is_made():
    doors = ["open(a, b)", "open(b, c)", "open(d, a)"]
    domain = Domain.compile([GO], {"room": ["a", "b", "c", "d"]}, init=["at(me, a)", *doors])
    assert domain.texts == ("go(a, b)", "go(b, c)")
    assert [str(f) for f in domain.action(0).preconditions] == ["at(me, a)"]


def test_an_action_that_changes_nothing_is_left_out_when_the_start_is_known():
    actions = [Action(name="look", add=["lit"]), Action(name="nap"), Action(name="wake", delete=["asleep"])]
    assert Domain.compile(actions, {}, init=["lit"]).texts == ()


def test_costs_of_terms_are_looked_up():
    drive = Action(
        name="drive",
        parameters={"?a": "p", "?b": "p"},
        distinct=[("?a", "?b")],
        add=["at(?b)"],
        cost=1,
        cost_of="road(?a, ?b)",
    )
    domain = Domain.compile([drive], {"p": ["x", "y"]}, values={"road(x, y)": 4, "road(y, x)": 0})
    assert [(t, c) for t, c in zip(domain.texts, domain.costs, strict=True)] == [("drive(y, x)", 1), ("drive(x, y)", 5)]
    for value, words in ({}, "has no value"), ({"road(x, y)": -1}, "must not be negative"):
        with pytest.raises(BadInput, match=words):
            Domain.compile([drive], {"p": ["x", "y"]}, values=value)


def test_equality_is_decided_when_grounding():
    meet = Action(
        name="meet",
        parameters={"?a": "p", "?b": "p"},
        add=["met(?a, ?b)"],
        preconditions=[Fact(predicate="=", args=("?a", "?b"))],
    )
    assert Domain.compile([meet], {"p": ["x", "y"]}).texts == ("meet(x, x)", "meet(y, y)")
    apart = meet.model_copy(update={"preconditions": (), "negative": meet.preconditions})
    assert Domain.compile([apart], {"p": ["x", "y"]}).texts == ("meet(x, y)", "meet(y, x)")
    with pytest.raises(BadInput, match="No action can change ="):
        Domain.compile([Action(name="x", add=[Fact(predicate="=", args=("a", "b"))])], {})


def test_a_parameter_used_twice_in_a_fact_is_the_same_object():
    loop = Action(name="loop", parameters={"?a": "p"}, preconditions=["road(?a, ?a)"], add=["done"])
    assert Domain.compile([loop], {"p": ["x", "y"]}, init=["road(x, y)", "road(y, y)"]).texts == ("loop(y)",)


@pytest.mark.parametrize("need", [[], ["p(?x0)", "q(?x11)"]])
def test_too_many_parameters_are_refused_at_once(need):
    wide = Action(name="wide", parameters={f"?x{i}": "t" for i in range(12)}, preconditions=need, add=["done"])
    things = [str(i) for i in range(100)]
    with pytest.raises(BadInput, match="too many parameters"):
        Domain.compile([wide], {"t": things}, init=[f"{p}({i})" for p in "pq" for i in things])


def test_a_join_that_leads_nowhere_is_given_up(monkeypatch):
    monkeypatch.setattr("agents.goap.join.MAX_WORK", 10_000)
    chain = Action(
        name="chain",
        parameters={f"?x{i}": "t" for i in range(12)},
        add=["done"],
        distinct=[("?x11", "?x11")],
        preconditions=[f"p(?x{i}, ?x{i + 1})" for i in range(11)],
    )
    things = [str(i) for i in range(40)]
    with pytest.raises(BadInput, match="too many parameters"):
        Domain.compile([chain], {"t": things}, init=[f"p({a}, {b})" for a in things for b in things])
