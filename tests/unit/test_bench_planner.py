"""The planner's measures have the shape that is promised, and plans are checked by others' programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from agents.goap import Solved, run, search
from tests.bench import __main__ as bench
from tests.bench import planner
from tests.bench.planning import peers, problems
from tests.support import plan_check
from tests.support.planning_instances import KINDS, make
from tests.support.planning_instances.known import KNOWN

SHAPE = {
    "problems": {"name", "facts", "actions", "compile_ms", "ours", "peers", "times_faster"},
    "optimal": {"name", "cost", "known", "cpu_s"},
    "unsolvable": {"name", "kind", "cpu_ms", "said"},
}
OURS = {"median_ms", "cost", "length", "expanded", "plan", "valid_by"}


@pytest.mark.filterwarnings("default")
def test_a_quick_run_has_the_promised_shape() -> None:
    told = json.loads(json.dumps(planner.measure(quick=True)))
    assert set(told) == {*SHAPE, "slices", "agents", "hash_seeds"}
    for part, keys in SHAPE.items():
        assert told[part]
        assert all(keys <= set(row) for row in told[part])
    for problem in told["problems"]:
        assert set(problem["ours"]) >= OURS
        assert problem["peers"].keys() == problem["times_faster"].keys()
        assert all({"median_ms", "cost"} <= set(peer) for peer in problem["peers"].values())
        assert len(problem["ours"]["plan"]) == problem["ours"]["length"]
    assert set(told["slices"]) >= {"p50_ms", "p99_ms", "max_ms"}
    assert set(told["agents"]) >= {"n", "cold_core_share", "warm_core_share"}
    assert set(told["hash_seeds"]) >= {"tried", "same"}
    assert told["hash_seeds"]["same"]
    assert all(row["cost"] == row["known"] for row in told["optimal"])
    assert "targets" in planner.table(told)
    assert ElementTree.fromstring(planner.plot(told)).tag.endswith("svg")


@pytest.mark.parametrize("kind", KINDS)
def test_plans_for_made_problems_are_valid(kind: str) -> None:
    instance = make(kind, 1, 1)
    case = problems.generated(kind, 1, 1)
    domain, state, goal = case.compiled
    outcome = run(search(domain, state, goal))
    assert isinstance(outcome, Solved)
    assert not plan_check.flaw(instance.domain, instance.problem, outcome.plan.texts)
    assert not plan_check.Ground(domain, goal).flaw(state, outcome.plan.texts)


@pytest.mark.parametrize("name", [name for name in KNOWN if name != "large"])
def test_plans_for_known_problems_are_valid(name: str) -> None:
    case = problems.known(name)
    domain, state, goal = case.compiled
    outcome = run(search(domain, state, goal))
    assert isinstance(outcome, Solved)
    assert outcome.plan.cost >= KNOWN[name][1]
    assert not plan_check.flaw(case.domain_text, case.problem_text, outcome.plan.texts)


def test_plans_that_do_not_work_are_refused() -> None:
    instance = make("gripper", 1)
    domain, state, goal = problems.generated("gripper", 1, 0).compiled
    outcome = run(search(domain, state, goal))
    assert isinstance(outcome, Solved)
    texts = outcome.plan.texts
    ground = plan_check.Ground(domain, goal)
    for wrong in (texts[1:], texts[:-1], texts[::-1], (), ("fly(away)",)):
        assert plan_check.flaw(instance.domain, instance.problem, wrong)
        assert ground.flaw(state, wrong)


def test_made_problems_are_the_same_in_every_process() -> None:
    program = "from tests.support.planning_instances import KINDS, make\nfor k in KINDS: print(make(k, 3, 7).problem)"
    printed = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1
    assert make("depots", 3, 7) == make("depots", 3, 7) != make("depots", 3, 8)


def test_the_starts_of_a_problem_are_distinct_and_have_plans() -> None:
    case = problems.generated("logistics", 2, 0)
    domain, first, goal = case.compiled
    found = problems.starts(case, 5)
    assert found[0] == first
    assert len(set(found)) == 5
    assert all(isinstance(run(search(domain, state, goal)), Solved) for state in found)


def test_another_planner_is_asked_from_the_same_start() -> None:
    case = problems.generated("gripper", 1, 0)
    domain, state, goal = case.compiled
    with peers.Downward(case.domain_text, case.problem_text) as planner:
        costs = []
        for action in ((), run(search(domain, state, goal)).plan.actions[:2]):  # type: ignore[union-attr]
            for i in action:
                state = domain.apply(state, i)
            planner.start(map(str, domain.facts(state)))
            costs.append(planner.search(peers.Downward.OPTIMAL).cost)
    assert costs == [5, 3]


def test_a_missing_peer_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lacking(quick: bool) -> object:
        raise ModuleNotFoundError("No module named 'pyperplan'", name="pyperplan.search")

    monkeypatch.setattr(planner, "measure", lacking)
    assert bench.main(["planner"]) == 1
    assert "Try: make install" in capsys.readouterr().err


def test_without_a_name_the_measures_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main([]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(bench.MEASURES)
