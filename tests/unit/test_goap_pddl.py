"""PDDL as it is found is read; what cannot be read is refused with its place."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from fractions import Fraction

import pytest

from agents.goap import Solved, Unsolvable, run, search
from agents.goap.optimal import optimal
from agents.goap.pddl import PddlError, Problem, decimal, read, write_domain, write_problem
from agents.kernel.location import PROJECT
from tests.support import others
from tests.support.pddl_samples import DEPOT, DEPOT_PROBLEM, STRIPS, STRIPS_PROBLEM
from tests.support.planning_instances.known import KNOWN

PAIRS = [(DEPOT, DEPOT_PROBLEM), (STRIPS, STRIPS_PROBLEM)]
_TOKENS = re.compile(r";[^\n]*|[()]|[^\s()]+")


def solve(problem: Problem) -> Solved | Unsolvable:
    outcome = run(search(*problem.compile()))
    assert isinstance(outcome, Solved | Unsolvable)
    return outcome


def refusal(domain: str | bytes, problem: str | bytes) -> PddlError:
    with pytest.raises(PddlError) as caught:
        read(domain, problem, domain_name="d.pddl", problem_name="p.pddl").compile()
    return caught.value


def test_a_problem_with_everything_is_read_and_solved():
    problem = read(DEPOT, DEPOT_PROBLEM)
    assert (problem.domain, problem.name, problem.warnings) == ("depot-small", "p1", ())
    assert problem.types == {
        "truck": ("vehicle",),
        "van": ("vehicle",),
        "vehicle": ("thing",),
        "crate": ("thing",),
        "thing": (),
        "place": (),
    }
    assert problem.objects["yard"] == ("place",)
    assert problem.objects["x"] == ("object",)
    assert (problem.scale, problem.metric) == (4, True)
    outcome = solve(problem)
    assert isinstance(outcome, Solved)
    cheapest = run(optimal(*problem.compile()))
    assert isinstance(cheapest, Solved)
    assert problem.cost(cheapest.plan.cost) == 3
    assert decimal(Fraction(13, 4)) == "3.25"


@pytest.mark.parametrize(("domain", "problem"), PAIRS)
def test_what_is_written_reads_the_same(domain, problem):
    first = read(domain, problem)
    again = read(write_domain(first), write_problem(first))
    assert again == first
    assert again.compile()[0] == first.compile()[0]


def test_problems_as_the_competitions_write_them():
    """Ours of the same kinds and, where they lie beside the project, the competitions' own."""
    ours = [(known.domain, known.problem) for name, (known, _) in KNOWN.items() if name != "large"]
    for texts in [*ours, *(tuple(path.read_text() for path in pair) for pair in others.problems())]:
        first = read(*texts)
        assert first.warnings == ()
        assert read(write_domain(first), write_problem(first)) == first
        assert read(*(text.upper() for text in texts)) == first
        assert isinstance(solve(first), Solved)


def test_without_a_metric_each_action_costs_one():
    problem = read(DEPOT, DEPOT_PROBLEM.replace("(:metric minimize (total-cost))", ""))
    assert {a.cost for a in problem.actions} == {1}
    assert isinstance(solve(problem), Solved)
    timed = read(DEPOT, DEPOT_PROBLEM.replace("minimize (total-cost)", "minimize (total-time)"))
    assert timed == problem


def test_a_type_of_two_parents_as_in_the_storage_domain():
    domain = """(define (domain d) (:types surface area - object area crate - surface store - area)
      (:predicates (clear ?s - surface)) (:action a :parameters (?s - area) :effect (clear ?s)))"""
    problem = read(domain, "(define (problem p) (:domain d) (:objects s - store) (:init) (:goal (clear s)))")
    assert len(problem.warnings) == 1
    assert "area is declared again" in problem.warnings[0]
    assert isinstance(solve(problem), Solved)


def test_a_problem_of_another_domain_is_a_warning():
    problem = read(STRIPS, STRIPS_PROBLEM.replace("switches", "levers"), problem_name="p.pddl")
    assert problem.warnings == ("p.pddl:1:34: the problem is of the domain levers, the domain given is switches",)


@pytest.mark.parametrize(
    ("goal", "solvable"),
    [
        ("(= a a)", True),
        ("(not (= a b))", True),
        ("(= a b)", False),
        ("(not (= a a))", False),
        ("()", True),
        ("(and)", True),
    ],
)
def test_equality_in_goals(goal, solvable):
    problem = read(STRIPS, STRIPS_PROBLEM.replace("(and (on c) (done))", goal))
    assert isinstance(solve(problem), Solved) is solvable


def test_adding_wins_over_deleting():
    domain = STRIPS.replace(":effect (done))", ":effect (and (done) (not (done)) (not (on ?s))))")
    assert isinstance(solve(read(domain, STRIPS_PROBLEM.replace("(on c) ", ""))), Solved)


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ("(on ?a) (next", "(att ?a) (next", "4:25", "the predicate att is not declared"),
        ("(on ?a) (next", "(onn ?a) (next", "4:25", "did you mean on?"),
        ("(on ?a) (next", "(on ?a b) (next", "4:24", "the predicate on takes 1 argument, here it has 2"),
        ("(on ?a) (next", "(on ?z) (next", "4:28", "?z is not among the parameters"),
        ("(on ?a) (next", "(on c) (next", "4:28", "the object c is not declared"),
        ("(on ?a) (next", "(or (on ?a)) (next", "4:24", "alternatives (or) are not supported"),
        ("(on ?a) (next", "(exists (?x) (on ?x)) (next", "4:24", "quantifiers (exists) are not supported"),
        ("(on ?a) (next", "(not (and (on ?a))) (next", "4:29", "not before and is not supported"),
        ("(on ?a) (next", "(> (f) 3) (next", "4:24", "numeric conditions (>) are not supported"),
        ("(on ?a) (next", "(at start (on ?a)) (next", "4:24", "durative conditions"),
        ("(on ?b) (not", "(when (on ?a) (on ?b)) (not", "5:18", "conditional effects (when) are not supported"),
        ("(on ?b) (not", "(increase (fuel) 1) (not", "5:18", "numeric effects (increase) are not supported"),
        ("(on ?b) (not", "(= ?a ?b) (not", "5:18", "an effect cannot change ="),
        ("(on ?b) (not", "(increase (total-cost) -1) (not", "5:41", "must not be negative"),
        ("(on ?b) (not", "(increase (total-cost) (+ 1 2)) (not", "5:41", "arithmetic (+) is not supported"),
        ("(?a ?b)\n", "(?a ?a)\n", "3:33", "the parameter ?a appears twice"),
        ("(?a ?b)\n", "(?a - lamp ?b)\n", "3:35", "the type lamp is not declared"),
        ("(?a ?b)\n", "(?a ?b -)\n", "3:36", "expected a type after the -"),
        ("(?a ?b)\n", "(a ?b)\n", "3:30", "expected a parameter such as ?x, found a"),
        (":action end", ":action flip", "6:12", "the action flip appears twice"),
        (":action end", ":durative-action end", "6:3", "durative actions are not supported"),
        (":action end", ":acton end", "6:3", "did you mean :action?"),
        (":effect (done)", ":efect (done)", "6:55", "did you mean :effect?"),
        (":effect (done)", ":effect", "6:55", "expected something in brackets after :effect"),
        ("(done))\n  (:a", "(done) (done))\n  (:a", "2:45", "the predicate done is declared twice"),
        ("(:predicates", "(:types a a) (:predicates", "2:13", "the type a is declared twice"),
        ("(:predicates", "(:types a - b b - c c - a) (:predicates", "2:11", "kinds of each other: a - b - c - a"),
        ("(:predicates", "(:types a - a) (:predicates", "2:11", "a kind of itself"),
        ("(:predicates", "(:constants k k) (:predicates", "2:17", "the object k is declared twice"),
        ("(:predicates", "(:predicates) (:predicates", "2:17", "the section :predicates appears twice"),
        ("(domain switches)", "(domain)", "1:9", "expected (domain NAME)"),
        ("(domain switches)", "(problem switches)", "1:9", "the order is DOMAIN PROBLEM"),
        ("(done)))\n", "(done))\n", "1:1", "this bracket is never closed"),
        ("(done)))\n", "(done)))) x\n", "6:71", "expected the end of the file"),
        ("flip", "fl,ip", "3:14", "the character , cannot be part of a name"),
        ("flip", "fl\xa0ip", "3:14", "the character U+00A0 cannot be part of a name"),
    ],
)
def test_errors_in_the_domain_have_their_place(old, new, where, words):
    assert STRIPS.count(old) == 1
    error = refusal(STRIPS.replace(old, new), STRIPS_PROBLEM)
    assert str(error).startswith(f"d.pddl:{where}: "), error
    assert words in str(error)
    assert (error.exit_code, f"{error.line}:{error.column}", error.file) == (1, where, "d.pddl")


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ("a b c)", "a b c a)", "2:19", "the object a is declared twice"),
        ("(on a)", "(on d)", "3:14", "the object d is not declared"),
        ("(on a)", "(on)", "3:10", "the predicate on takes 1 argument, here it has 0"),
        ("(on a)", "(on a) (not (on a))", "3:17", "both true and false"),
        ("(on a)", "(= (f a) 3)", "3:14", "the function f is not declared"),
        ("(on a)", "(at 5 (on a))", "3:10", "timed facts"),
        ("(:goal (and", "(:goal (or", "4:10", "alternatives (or)"),
        ("(done))))", "(done))) (:metric maximize (total-cost)))", "4:40", "expected minimize, found maximize"),
        ("(done))))", "(done))) (:metric minimize (fuel)))", "4:49", "metrics other than (total-cost)"),
        ("(done))))", "(done))) (:constraints (and)))", "4:31", "constraints are not supported"),
        ("(done))))", "(done))) (:types t))", "4:31", "belongs to a domain"),
        ("(:goal (and (on c) (done)))", "", "1:1", "no section (:goal"),
    ],
)
def test_errors_in_the_problem_have_their_place(old, new, where, words):
    assert STRIPS_PROBLEM.count(old) == 1
    error = refusal(STRIPS, STRIPS_PROBLEM.replace(old, new))
    assert str(error).startswith(f"p.pddl:{where}: "), error
    assert words in str(error)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "(at c2 yard) (not-l",
            "(at hub yard) (not-l",
            "p.pddl:3:63: hub is of type place; at takes vehicle or crate here",
        ),
        (" (= (road yard hub) 1)", "", "d.pddl:10:12: drive(v1, yard, hub) costs road(yard, hub), which has no value."),
        ("(road yard hub) 1)", "(road yard hub) 1) (= (road yard hub) 2)", "road(yard, hub) has two values"),
        ("(road yard hub) 1)", "(road yard hub) -1)", "p.pddl:5:49: a cost must not be negative"),
        ("(road yard hub) 1)", "(road yard hub) 1e9)", "expected a number, found 1e9"),
        ("(road yard hub) 1)", f"(road yard hub) 0.{'0' * 50}1)", "so many decimals"),
        ("(= (total-cost) 0)", "(= (total-cost) 5)", "total-cost must begin at 0"),
    ],
)
def test_errors_of_types_and_costs(old, new, words):
    assert DEPOT_PROBLEM.count(old) == 1
    assert words in str(refusal(DEPOT, DEPOT_PROBLEM.replace(old, new)))


def test_encodings():
    assert read(b"; caf\xe9 \xff\n" + STRIPS.encode(), STRIPS_PROBLEM) == read(STRIPS, STRIPS_PROBLEM)
    assert read(STRIPS.replace("\n", "\r"), STRIPS_PROBLEM.replace("\n", "\r\n")) == read(STRIPS, STRIPS_PROBLEM)
    assert str(refusal(STRIPS.encode().replace(b"flip", b"fl\xe9p"), STRIPS_PROBLEM)) == (
        "d.pddl:3:14: the byte 0xe9 is not UTF-8; save the file as UTF-8"
    )
    assert "is in UTF-16" in str(refusal(STRIPS.encode("utf-16"), STRIPS_PROBLEM))
    assert "a zero byte" in str(refusal(STRIPS.encode("utf-16-le"), STRIPS_PROBLEM))
    for nothing in b"", b"  ; only words\n":
        assert "the file is empty" in str(refusal(nothing, STRIPS_PROBLEM))


def broken(text: str) -> list[str]:
    """The text with each token in turn left out, doubled, and exchanged with the next."""
    spans = [m.span() for m in _TOKENS.finditer(text)]
    out = []
    for i, (a, b) in enumerate(spans):
        out += [text[:a] + text[b:], f"{text[:b]} {text[a:]}"]
        if i + 1 < len(spans):
            c, d = spans[i + 1]
            out.append(f"{text[:a]}{text[c:d]} {text[a:b]}{text[d:]}")
    return out


@pytest.mark.parametrize(("domain", "problem"), PAIRS)
def test_broken_at_every_token_it_is_read_or_refused_with_its_place(domain, problem):
    refused = []
    for d, p in [*((x, problem) for x in broken(domain)), *((domain, x) for x in broken(problem))]:
        try:
            read(d, p, domain_name="d.pddl", problem_name="p.pddl").compile()
        except PddlError as error:
            refused.append(str(error))
    assert len(refused) > 100
    assert [said for said in refused if not re.match(r"[dp]\.pddl:\d+:\d+: .", said)] == []


HUGE = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (700 << 20,) * 2)
from agents.goap.optimal import optimal
from agents.goap.pddl import PddlError, read
good = "(define (domain d) (:predicates (p)) (:action a :effect (p)))"
goal = "(define (problem p) (:domain d) (:init) (:goal (p)))"
chain = " ".join(f"t{i} - t{i + 1}" for i in range(900))
texts = {
    "open": "(" * 10_000_000, "close": ")" * 10_000_000, "pairs": "()" * 4_000_000, "deep": "(" * 7_000_000,
    "define": "(define " + "()" * 3_900_000 + ")", "name": "(define (domain " + "x" * 7_000_000 + "))",
    "comment": ";" * 7_900_000,
    "nested": good.replace("(:action a :effect (p))", "(:action a :effect " + "(and " * 5000),
    "words": "(define (domain d) (:predicates " + "(p) " * 300_000 + "))",
    "cycle": f"(define (domain d) (:types {chain} t900 - t0) (:predicates (p)))",
    "types": "(define (domain d) (:types " + " ".join(f"t{i}" for i in range(5000)) + "))",
    "parameters": good.replace(":effect", ":parameters (" + " ".join(f"?x{i}" for i in range(5000)) + ") :effect"),
}
for name, text in texts.items():
    try:
        read(text.encode(), goal, domain_name=name).compile()
        print(name, "read")
    except PddlError as error:
        print(error)
"""


def test_huge_texts_are_refused_in_bounded_memory():
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(HUGE)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    said = dict(line.split(":", 1) for line in done.stdout.splitlines())
    assert len(said) == 12
    assert "the file is too long" in said["open"]
    assert "the file is too long" in said["close"]
    assert "over 100 brackets inside each other" in said["deep"]
    assert "over 100 brackets inside each other" in said["nested"]
    assert "expected the end of the file" in said["pairs"]
    assert "over 1,000,000 words" in said["define"]
    assert "a word of 7,000,000 characters" in said["name"]
    assert "the file is empty" in said["comment"]
    assert "declared twice" in said["words"]
    assert "kinds of each other" in said["cycle"]
    assert "over 1000 types" in said["types"]
    assert "too many parameters" in said["parameters"]
