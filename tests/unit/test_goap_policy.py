"""The policy cache: what it gives back works, is the cheapest it knows, and is bounded."""

from __future__ import annotations

import pytest

from agents.goap import Action, Domain, Goal, Plan, Solved, policy, run, search
from agents.goap.policy import Policy
from tests.support.goap_worlds import ROOMS, facts, world

SURVEY = Goal(name="survey", condition=["reported(survey)"])


@pytest.fixture
def domain() -> Domain:
    return world()


def solve(domain: Domain, state: int, goal: Goal = SURVEY) -> Plan:
    outcome = run(search(domain, state, goal))
    assert isinstance(outcome, Solved)
    return outcome.plan


def reaches(domain: Domain, state: int, plan: Plan) -> bool:
    for action in plan.actions:
        if domain.pre[action] & ~state:
            return False
        state = domain.apply(state, action)
    return domain.holds(state, plan.goal)


def test_an_empty_policy_knows_nothing(domain):
    assert Policy(domain, SURVEY).advise(domain.state(facts())) is None


def test_what_one_agent_found_serves_all_who_stand_on_its_way(domain):
    shared = Policy.of(domain, SURVEY)
    found = solve(domain, domain.state(facts(at="well")))
    shared.learn(found)
    assert Policy.of(domain, Goal(name="another name", condition=["reported(survey)"])) is shared
    served = 0
    for room in ROOMS:
        state = domain.state(facts(at=room))
        advised = shared.advise(state)
        if advised is not None:
            served += 1
            assert reaches(domain, state, advised)
            assert advised.resume(domain, state) is not None
            assert advised.steps[0].index == 0
    assert served > 2


def test_the_cheapest_known_way_is_given_and_failed_actions_are_avoided():
    actions = [
        Action(name="walk", preconditions=["home"], add=["there"], delete=["home"], cost=5),
        Action(name="ride", preconditions=["home"], add=["there"], delete=["home"], cost=2),
        Action(name="sign", preconditions=["there"], add=["signed"]),
    ]
    domain, goal = Domain.compile(actions, {}), Goal(name="g", condition=["signed"])
    state = domain.state(["home"])
    known = Policy(domain, goal)
    known.learn(Plan.of(domain, state, goal, ["walk", "sign"]))
    assert known.advise(state).texts == ("walk", "sign")
    known.learn(Plan.of(domain, state, goal, ["ride", "sign"]))
    assert known.advise(state).texts == ("ride", "sign")
    assert known.advise(state, avoid=1 << domain.index("sign")) is None
    known.learn(Plan.of(domain, state, goal, ["walk", "sign"]))
    assert known.advise(state).texts == ("ride", "sign"), "a dearer way does not displace a cheaper one"
    assert known.advise(domain.state(["there"])).texts == ("sign",)
    assert known.advise(domain.state([])) is None


def test_it_is_bounded_and_forgets_the_oldest(domain, monkeypatch):
    monkeypatch.setattr(policy, "MOST_KERNELS", 20)
    known = Policy(domain, SURVEY)
    for room in sorted(ROOMS):
        known.learn(solve(domain, domain.state(facts(at=room))))
        assert len(known) <= 20
    last = sorted(ROOMS)[-1]
    assert known.advise(domain.state(facts(at=last))) is not None
    assert sum(map(len, known._drawers.values())) == len(known)
