"""Explanations of cases whose reasons are known."""

from __future__ import annotations

import pytest

from agents.goap import GOAL, Action, Domain, Fact, Goal, Plan, Solved, explain, run, search
from agents.kernel.errors import NotFound
from tests.support.goap_worlds import THINGS, facts, world

SURVEY = Goal(name="survey", condition=["reported(survey)"])


@pytest.fixture(scope="module")
def domain() -> Domain:
    return world()


def solve(domain: Domain, state: int, goal: Goal = SURVEY) -> Plan:
    outcome = run(search(domain, state, goal))
    assert isinstance(outcome, Solved)
    return outcome.plan


def texts(found: tuple[Fact, ...]) -> list[str]:
    return sorted(map(str, found))


def test_describe_says_what_and_how_far(domain):
    plan = solve(domain, domain.state(facts()))
    lines = explain.describe(plan, 2)
    assert lines[0] == "Goal survey: reported(survey). 2 of 13 steps done, cost 17."
    assert lines[1].startswith("1. done: go(hall, workshop) (at(me, workshop) for steps 2, 3, 4, 5, 6 and 7)")
    assert lines[3] == "3. next: survey-s0 (done(survey, s0) for step 4)"
    assert lines[13] == "13. then: survey-report (reported(survey) for the goal)"
    assert "13 of 13 steps done" in explain.describe(plan, 99)[0]


def test_words_and_deeds_replace_the_written_forms(domain):
    plan = solve(domain, domain.state(facts()))
    lines = explain.describe(plan, words=lambda f: f"<{f.predicate}>", deeds=lambda a: a.split("(")[0].upper())
    assert lines[1] == "1. next: GO (<at> for steps 2, 3, 4, 5, 6 and 7)"
    assert lines[0].startswith("Goal survey: <reported>.")


def test_why_follows_causal_links_up_to_the_goal(domain):
    plan = solve(domain, domain.state(facts()))
    told = explain.why(domain, plan, 1)
    assert [i for i, _ in told.chain] == [1, 2, 3, 4, 5, 9, 12]
    assert str(told.chain[0][1].fact) == "has(me, lens)"
    assert told.chain[-1][1].consumer == GOAL
    assert told.sentences[0] == (
        "Step 2, take(lens, workshop), brings about has(me, lens), which step 3, survey-s0, needs."
    )
    assert told.sentences[-1] == "Step 13, survey-report, brings about reported(survey), which is the goal survey."
    assert str(told).count("\n") == 6


def test_why_of_an_idle_step_says_so(domain):
    state = domain.state(facts())
    plan = Plan.of(
        domain, state, Goal(name="g", condition=["seen(porch)"]), ["look-hall", "go(hall, porch)", "look-porch"]
    )
    assert explain.why(domain, plan, 0).sentences == ("Step 1, look-hall, serves nothing that comes after it.",)
    for index in (-1, 3):
        with pytest.raises(NotFound, match="3 steps"):
            explain.why(domain, plan, index)


def test_a_locked_door_is_the_root(domain):
    state = domain.state(facts(shut=("open(hall, workshop)",)))
    told = explain.unreachable(domain, state, SURVEY)
    assert texts(told.missing) == ["reported(survey)"]
    assert texts(told.roots) == ["open(hall, workshop)"]
    assert told.sentences == (
        "reported(survey) cannot be reached, because open(hall, workshop) does not hold and cannot be brought about.",
        "reported(survey): survey-report would bring it about, but needs written(survey).",
        "written(survey): survey-write would bring it about, but needs done(survey, s3).",
        (
            "done(survey, s3): survey-s3 would bring it about, but needs at(me, workshop), done(survey, s2) and "
            "has(me, lens)."
        ),
        "at(me, workshop): go(hall, workshop) would bring it about, but needs open(hall, workshop).",
        "open(hall, workshop): it does not hold, and nothing brings it about.",
    )


def test_a_lost_tool_is_the_root(domain):
    state = domain.state(facts(lost=("in(lens, workshop)",)))
    told = explain.unreachable(domain, state, SURVEY)
    assert texts(told.roots) == ["has(me, lens)"]
    assert told.chain[-1].action == ""
    assert {f.predicate for f in told.chain[-1].needs} == {"in"}
    assert told.sentences[-1].startswith("has(me, lens): what would bring it about needs in(lens, achievement_hall)")


def test_a_tool_behind_a_locked_door_blames_the_door(domain):
    held = [*facts(lost=("in(lens, workshop)",), shut=("open(workshop, treasury)",)), "in(lens, treasury)"]
    told = explain.unreachable(domain, domain.state(held), SURVEY)
    assert texts(told.roots) == ["open(workshop, treasury)"]
    assert "take(lens, treasury)" in [b.action for b in told.chain]


def test_two_reasons_are_both_named(domain):
    held = facts(shut=("open(hall, archives)",), lost=("in(lens, workshop)",))
    told = explain.unreachable(domain, domain.state(held), SURVEY)
    assert texts(told.roots) == ["has(me, lens)", "open(hall, archives)"]
    assert (
        "and open(hall, archives) do not hold" in told.sentences[0] or "and has(me, lens) do not" in told.sentences[0]
    )


def test_only_the_parts_out_of_reach_are_missing(domain):
    goal = Goal(name="two", condition=["seen(porch)", "seen(kiln)"], negative=["open(hall, well)"])
    told = explain.unreachable(domain, domain.state(facts(shut=("open(workshop, kiln)",))), goal)
    assert texts(told.missing) == ["not-open(hall, well)", "seen(kiln)"]
    assert texts(told.roots) == ["not-open(hall, well)", "open(workshop, kiln)"]
    assert any(s.startswith("not open(hall, well): it does not hold") for s in told.sentences)


def test_unknown_facts_are_named(domain):
    told = explain.unreachable(domain, domain.state(facts()), Goal(name="g", condition=["reported(poem)"]))
    assert texts(told.missing) == texts(told.roots) == ["reported(poem)"]
    assert told.sentences == ("reported(poem): no action mentions it.",)


def test_what_cannot_hold_together_is_said(domain):
    goal = Goal(name="both", condition=["at(me, hall)", "at(me, porch)"])
    state = domain.state(facts())
    assert explain.unreachable(domain, state, goal).missing == ()
    told = explain.unreachable(domain, state, goal, outcome=run(search(domain, state, goal)))
    assert told.sentences == (
        "at(me, hall) and at(me, porch) cannot hold together: of the 25 facts of their kind only one holds at a time.",
    )


def test_why_not_planned_unneeded_dearer(domain):
    state = domain.state(facts())
    planned = explain.why_not(domain, state, SURVEY, "survey-s1")
    assert (planned.verdict, texts(planned.missing)) == (
        "planned",
        ["at(me, workshop)", "done(survey, s0)", "has(me, lens)"],
    )
    assert planned.sentences[0] == "survey-s1 is in the plan: step 4."
    unneeded = explain.why_not(domain, state, SURVEY, "take(gauge, workshop)", plan=solve(domain, state))
    assert unneeded.verdict == "unneeded"
    assert unneeded.sentences == (
        (
            "take(gauge, workshop) is not needed for survey. It brings about has(me, gauge), which nothing on "
            "the way needs."
        ),
        "It cannot be done now: at(me, workshop) does not hold.",
    )
    dearer = explain.why_not(domain, state, SURVEY, "go(hall, grove)")
    assert (dearer.verdict, dearer.extra, dearer.missing) == ("dearer", 2, ())
    assert dearer.sentences == ("go(hall, grove) costs 2 more: 19 with it, 17 without.",)


def test_why_not_equal_and_penalised():
    domain = Domain.compile([Action(name="a", add=["p"]), Action(name="b", add=["p"])], {})
    goal = Goal(name="g", condition=["p"])
    assert explain.why_not(domain, domain.state([]), goal, "b").verdict == "equal"
    told = explain.why_not(domain, domain.state([]), goal, "a", penalties={"a": 7})
    assert (told.verdict, told.extra) == ("dearer", 7)


def test_why_not_impossible_names_what_it_lacks(domain):
    state = domain.state(facts(shut=("open(workshop, forge)",)))
    told = explain.why_not(domain, state, SURVEY, "drop(lens, forge)")
    assert told.verdict == "impossible"
    assert told.sentences[0] == (
        "No plan for survey can contain drop(lens, forge): it needs at(me, forge), which cannot be reached."
    )


def test_why_not_without_any_plan_says_so(domain):
    told = explain.why_not(domain, domain.state(facts(lost=tuple(THINGS))), SURVEY, "survey-s0")
    assert told.verdict == "unknown"
    assert told.sentences[0] == "There is no plan for survey to compare survey-s0 with."


def test_why_not_names_the_nearest_action(domain):
    with pytest.raises(NotFound, match="nearest is survey-report"):
        explain.why_not(domain, domain.state(facts()), SURVEY, "survey-rport")


def test_why_not_admits_a_cheaper_way():
    domain = Domain.compile([Action(name="slow", add=["p"], cost=5), Action(name="quick", add=["p"])], {})
    goal, state = Goal(name="g", condition=["p"]), domain.state([])
    told = explain.why_not(domain, state, goal, "quick", plan=Plan.of(domain, state, goal, ["slow"]))
    assert (told.verdict, told.extra) == ("cheaper", -4)
    assert told.sentences == ("quick would be cheaper: 1 with it, 5 as planned.",)
