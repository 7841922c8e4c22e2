"""`timmy plan DOMAIN PROBLEM`: what is printed, the exit codes, the limits; and the planner's process."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agents.goap import Domain, GaveUp, Goal, Outcome, Progress, Solved, Unsolvable, worker
from agents.kernel.errors import BadInput
from agents.kernel.location import PROJECT
from tests.support.goap_worlds import facts, world
from tests.support.pddl_samples import DEPOT, DEPOT_PROBLEM, STRIPS_PROBLEM, files
from tests.support.process import alive, until
from tests.support.terminal import heed_ctrl_c

COMMAND = [sys.executable, "-m", "server.cli", "plan"]
HARD = """(define (domain tiles) (:predicates (at ?t ?p) (next ?a ?b) (free ?p))
  (:action slide :parameters (?t ?a ?b) :precondition (and (at ?t ?a) (free ?b) (next ?a ?b))
    :effect (and (at ?t ?b) (free ?a) (not (at ?t ?a)) (not (free ?b)))))"""


def hard_problem(size: int = 5) -> str:
    """A sliding puzzle far from its goal: the cheapest plan takes long to prove."""
    places = [(x, y) for x in range(size) for y in range(size)]
    near = [
        f"(next p{a}-{b} p{a + i}-{b + j})"
        for a, b in places
        for i, j in ((0, 1), (1, 0), (0, -1), (-1, 0))
        if (a + i, b + j) in places
    ]
    start = [f"(at t{i} p{a}-{b})" for i, (a, b) in enumerate(places[1:])]
    goal = [f"(at t{i} p{a}-{b})" for i, (a, b) in enumerate(reversed(places[1:]))]
    names = " ".join([f"p{a}-{b}" for a, b in places] + [f"t{i}" for i in range(len(places) - 1)])
    return (
        f"(define (problem p) (:domain tiles) (:objects {names}) (:init (free p0-0) {' '.join(near + start)}) "
        f"(:goal (and {' '.join(goal)})))"
    )


def plan(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)


def test_a_plan_is_printed_as_validators_read_it(tmp_path):
    done = plan(*files(tmp_path, DEPOT, DEPOT_PROBLEM), "--optimal")
    assert (done.returncode, done.stderr) == (0, "")
    *steps, cost = done.stdout.splitlines()
    assert cost == "; cost = 3"
    assert steps
    assert all(re.fullmatch(r"\([a-z]+( [a-z0-9]+)+\)", step) for step in steps)


def test_as_json(tmp_path):
    names = files(tmp_path, DEPOT, DEPOT_PROBLEM.replace("depot-small", "other"))
    done = plan(*names, "--json", "--timeout", "50")
    data = json.loads(done.stdout)
    assert done.returncode == 0
    assert (data["status"], data["optimal"], data["length"]) == ("solved", False, len(data["plan"]))
    assert isinstance(data["cost"], int | float)
    assert data["facts"] > 0 < data["actions"]
    assert "of the domain other" in done.stderr
    assert data["warnings"] == [done.stderr.strip().removeprefix("Warning: ")]


def test_a_goal_that_cannot_be_reached(tmp_path):
    names = files(tmp_path, problem=STRIPS_PROBLEM.replace("(next b c)", ""))
    done = plan(*names)
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr == "There is no plan: (on c) cannot be reached.\n"
    again = plan(*names, "--json", "--optimal")
    assert again.returncode == 5
    assert (json.loads(again.stdout)["status"], json.loads(again.stdout)["missing"]) == ("unsolvable", ["(on c)"])


def test_when_time_is_up_the_process_is_gone(tmp_path):
    started = time.monotonic()
    done = plan(*files(tmp_path, HARD, hard_problem()), "--optimal", "--timeout", "0.7", "--json")
    assert done.returncode == 6
    assert (json.loads(done.stdout)["status"], json.loads(done.stdout)["reason"]) == ("limit", "time")
    assert "The limit after 0.7 s is reached" in done.stderr
    assert time.monotonic() - started < 30


def test_an_interrupt_ends_both_processes(tmp_path):
    child = subprocess.Popen(
        [*COMMAND, *files(tmp_path, HARD, hard_problem()), "--optimal"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_ctrl_c,
    )
    children = Path(f"/proc/{child.pid}/task/{child.pid}/children")
    while not children.read_text():
        time.sleep(0.02)
    worker_pid = children.read_text().split()[0]
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=20)
    assert (child.returncode, said) == (1, "Interrupted.\n")
    # Interrupted while it starts the worker, it cannot know it yet: that one ends by the end of its input.
    until(lambda: not alive(int(worker_pid)), "the worker has ended")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.pddl", "p.pddl"], "nowhere.pddl: there is no such file"),
        (["d.pddl"], "Two files are needed, not 1"),
        (["d.pddl", "p.pddl", "x.pddl"], "Two files are needed, not 3"),
        ([".", "p.pddl"], ".: this is a folder"),
        (["d.pddl", "p.pddl", "--timeout", "soon"], "--timeout 'soon': expected a number of seconds"),
        (["d.pddl", "p.pddl", "--timeout", "0"], "expected a number of seconds above 0"),
        (["d.pddl", "p.pddl", "--timeout", "nan"], "expected a number of seconds above 0"),
        (
            ["p.pddl", "d.pddl"],
            "p.pddl:1:9: expected (domain NAME); this file is a problem: the order is DOMAIN PROBLEM",
        ),
        (["d.pddl", "p.pddl", "--cheapest"], "unrecognized arguments: --cheapest"),
    ],
)
def test_bad_input_is_usage(tmp_path, monkeypatch, capsys, arguments, words):
    from server import cli

    files(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["plan", *arguments]) == 2
    assert words in capsys.readouterr().err
    if "--cheapest" not in arguments:
        assert cli.main(["plan", *arguments, "--json"]) == 2
        said = json.loads(capsys.readouterr().out)
        assert (said["status"], words in said["message"]) == ("error", True)


def test_one_name_is_an_agent(monkeypatch):
    from server import cli, verbs

    asked = []
    monkeypatch.setattr(verbs, "ask", lambda verb, argument, as_json: asked.append((verb, argument)) or 0)
    assert cli.main(["plan", "timmy"]) == 0
    assert asked == [("plan", "timmy")]


def test_the_command_imports_no_library():
    code = (
        "import sys, server.cli, server.planning; print(*{'pydantic', 'django', 'evennia', 'twisted'} & "
        "set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("\n", "")


# -- the process, as a program with a compiled domain asks it ---------------------------------


def ask(request: bytes, domain: Domain, state: int, goal: Goal) -> Outcome | Progress | None:
    done = subprocess.run(
        [sys.executable, *worker.COMMAND], cwd=PROJECT, input=request, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return [worker.decode(line, domain, state, goal) for line in done.stdout.splitlines()][-1]


@pytest.mark.parametrize("optimal", [False, True])
def test_a_compiled_domain_is_planned_in(optimal):
    domain, goal = world(), Goal(name="survey", condition=["reported(survey)"])
    state = domain.state(facts())
    outcome = ask(worker.encode(domain, state, goal, optimal=optimal), domain, state, goal)
    assert isinstance(outcome, Solved)
    assert outcome.optimal is optimal
    assert outcome.plan.domain is domain
    assert outcome.plan.cost == 17


def test_a_compiled_domain_without_a_plan():
    domain, goal = world(), Goal(name="survey", condition=["reported(survey)"])
    state = domain.state(facts(lost=("in(lens, workshop)",)))
    outcome = ask(worker.encode(domain, state, goal), domain, state, goal)
    assert isinstance(outcome, Unsolvable)
    assert [str(f) for f in outcome.missing] == ["reported(survey)"]


def test_memory_is_bounded(tmp_path):
    request = {
        "pddl": {"domain": HARD, "problem": hard_problem(9), "domain_name": "d", "problem_name": "p"},
        "optimal": True,
        "memory_mb": 90,
    }
    done = subprocess.run(
        [sys.executable, *worker.COMMAND],
        cwd=PROJECT,
        input=json.dumps(request).encode() + b"\n",
        capture_output=True,
        timeout=60,
        check=False,
    )
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["status"], result["reason"]) == ("limit", "memory")


def test_a_refusal_and_a_limit_are_decoded():
    domain, goal = world(), Goal(name="g", condition=["at(me, hall)"])
    with pytest.raises(BadInput, match="no good"):
        worker.decode('{"event": "result", "status": "error", "message": "no good"}', domain, 0, goal)
    assert worker.decode('{"event": "result", "status": "limit", "limit": 5, "nodes": 6}', domain, 0, goal) == GaveUp(
        5, 6
    )
    assert worker.decode('{"event": "compiled"}', domain, 0, goal) is None
