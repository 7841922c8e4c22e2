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
        reversed(actions()), {"item": ["trowel", "lens", "gauge"], "room": list(reversed(ROOMS))}, static=reversed(DOORS)
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
