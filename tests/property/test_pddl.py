"""Any problem that can be said is written and read back the same; any text is read or refused."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.goap.pddl import PddlError, read, write_domain, write_problem
from tests.support.pddl_samples import STRIPS, STRIPS_PROBLEM

TYPES = ("t", "u", "v")
OBJECTS = {"k": "t", "a": "t", "b": "u", "c": "v"}
ARITIES = {"p": 0, "q": 1, "not-q": 1, "r": 2}


@st.composite
def atoms(draw, terms):
    name = draw(st.sampled_from(sorted(ARITIES)))
    return f"({' '.join([name, *(draw(st.sampled_from(terms)) for _ in range(ARITIES[name]))])})"


@st.composite
def conditions(draw, terms):
    parts = [
        draw(st.sampled_from(["{}", "(not {})", "(and {})"])).format(draw(atoms(terms)))
        for _ in range(draw(st.integers(0, 3)))
    ]
    if draw(st.booleans()):
        a, b = draw(st.sampled_from(terms)), draw(st.sampled_from(terms))
        parts.append(draw(st.sampled_from([f"(= {a} {b})", f"(not (= {a} {b}))"])))
    return f"(and {' '.join(parts)})"


@st.composite
def problems(draw):
    kinds = st.sampled_from(["t", "object", "(either t u)", "v"])
    actions = []
    for number in range(draw(st.integers(0, 3))):
        names = [f"?x{i}" for i in range(draw(st.integers(0, 3)))]
        parameters = " ".join(f"{n} - {draw(kinds)}" for n in names)
        cost = draw(
            st.sampled_from(
                ["", "(increase (total-cost) 1.5)", "(increase (total-cost) (f k))", "(increase (total-cost) 0)"]
            )
        )
        effects = [
            draw(st.sampled_from(["{}", "(not {})"])).format(draw(atoms([*names, "k"])))
            for _ in range(draw(st.integers(0, 3)))
        ]
        actions.append(
            f"(:action A{number} :parameters ({parameters}) :precondition {draw(conditions([*names, 'k']))} "
            f":effect (and {' '.join(effects)} {cost}))"
        )
    domain = (
        f"(define (domain d) (:types u - t t v) (:constants k - t) (:functions (total-cost) (f ?x - t)) "
        f"(:predicates (p) (q ?x) (not-q ?x) (r ?x ?y)) {' '.join(actions)})"
    )
    init = " ".join(draw(st.lists(atoms(sorted(OBJECTS)), max_size=6)))
    metric = draw(st.sampled_from(["", "(:metric minimize (total-cost))"]))
    values = draw(st.sampled_from(["(= (f k) 0.125)", "(= (f k) 7) (= (f a) 1)"]))
    problem = (
        f"(define (problem p) (:domain d) (:objects a - t b - (either u v) c - v) (:init {init} {values}) "
        f"(:goal {draw(conditions(sorted(OBJECTS)))}) {metric})"
    )
    return domain, problem


@settings(max_examples=60)
@given(problems())
def test_written_and_read_again_it_is_the_same(texts):
    first = read(*texts)
    again = read(write_domain(first), write_problem(first))
    assert again == first
    (domain, state, goal), (other, same, wanted) = first.compile(), again.compile()
    assert (domain, state, goal) == (other, same, wanted)


@settings(max_examples=150)
@given(st.data())
def test_any_text_is_read_or_refused(data):
    pair = [STRIPS, STRIPS_PROBLEM]
    which = data.draw(st.integers(0, 1))
    at = data.draw(st.integers(0, len(pair[which])))
    cut = data.draw(st.integers(0, 30))
    put = data.draw(
        st.one_of(
            st.text(max_size=8),
            st.sampled_from(["(", ")", "?", "-", "(either", ":", "=", "(not ", "\0", "\udcff", "((((", "- t"]),
        )
    )
    pair[which] = pair[which][:at] + put + pair[which][at + cut :]
    try:
        read(*pair).compile()
    except PddlError as error:
        assert str(error)  # noqa: PT017


@settings(max_examples=60)
@given(st.binary(max_size=60))
def test_any_bytes_are_refused(data):
    for texts in (data, STRIPS_PROBLEM), (STRIPS, data):
        try:
            read(*texts)
        except PddlError:
            continue
        raise AssertionError(data)
