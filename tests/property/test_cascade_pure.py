"""The pure parts of the cascade: breaker, queue, budgets, strategy, strict JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.cascade import structured
from agents.cascade.breaker import Breaker, Policy, State
from agents.cascade.budget import Budget, Price, Used, spent
from agents.cascade.fair import Queue, Ticket
from agents.cascade.ports import Fault
from agents.cascade.rules import RULES, Then, wait_of
from agents.cascade.strategy import Standing, Strategy, Width, judge
from agents.kernel.errors import BadInput

POLICY = Policy(after=3, cool=10, longest=100)

# -- rules ----------------------------------------------------------------------------------------------


def test_every_fault_has_a_rule_and_each_way_on_is_used() -> None:
    assert set(RULES) == set(Fault)
    assert {rule.then for rule in RULES.values()} == set(Then)


@given(st.none() | st.floats(allow_nan=False, min_value=-10, max_value=1e9))
def test_nobody_waits_for_long(retry_after: float | None) -> None:
    seconds = wait_of(retry_after)
    assert seconds is None or 0 <= seconds <= 5


# -- breaker --------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from(["fail", "work", "ask", "open", "close"]), st.floats(0, 300))))
def test_whatever_happens_a_breaker_lets_one_probe_through_at_a_time(deeds: list[tuple[str, float]]) -> None:
    breaker, now, row = Breaker(), 0.0, 0
    for deed, seconds in deeds:
        now += seconds
        if deed == "ask" and breaker.may(now, POLICY):
            before = breaker.state
            breaker = breaker.let(now, POLICY)
            if before is not State.CLOSED:
                assert breaker.state is State.HALF_OPEN
                assert not breaker.may(now, POLICY)
        elif deed == "fail":
            row += 1
            breaker = breaker.failed("dead", "nobody there", now, POLICY)
        elif deed == "work":
            by_hand = breaker.state is State.OPEN and breaker.again_at is None
            breaker = breaker.worked()
            assert (breaker.state is State.CLOSED) != by_hand
            row = 0 if not by_hand else row
        elif deed in ("open", "close"):
            breaker = breaker.by_hand(open=deed == "open")
            row = 0
        if breaker.state is State.CLOSED:
            assert breaker.failures < POLICY.after
            assert breaker.may(now, POLICY)
        elif breaker.again_at is not None:
            assert breaker.again_at - now + 300 * len(deeds) >= 0
            assert breaker.may(breaker.again_at, POLICY)
            assert breaker.may(now - 1e9, POLICY), "a clock that was set back must keep nobody out"
        else:
            assert not breaker.may(now + 1e9, POLICY)


def test_the_cool_down_grows_up_to_its_limit_and_is_forgiven() -> None:
    breaker, now, waits = Breaker(), 0.0, []
    for _ in range(3):
        assert breaker.may(now, POLICY)
        breaker = breaker.failed("dead", "no", now, POLICY)
    for _ in range(6):
        assert breaker.again_at is not None
        waits.append(breaker.again_at - now)
        assert not breaker.may(breaker.again_at - 0.1, POLICY)
        now = breaker.again_at
        breaker = breaker.let(now, POLICY).failed("dead", "no", now, POLICY)
    assert waits == [10, 20, 40, 80, 100, 100]
    assert breaker.worked() == Breaker(last_fault="dead", last_said="no")


# -- queue ----------------------------------------------------------------------------------------------


@given(
    st.lists(st.integers(1, 30), min_size=2, max_size=6),
    st.integers(1, 4),
    st.lists(st.floats(0.5, 2), min_size=50, max_size=50),
)
def test_agents_that_wait_have_equal_shares_of_work_however_much_they_ask(
    asks: list[int], width: int, costs: list[float]
) -> None:
    queue = Queue(width)
    for n, count in enumerate(asks):
        for _ in range(count):
            assert queue.join(Ticket(f"a{n}")) == ""
    done = dict.fromkeys((f"a{n}" for n in range(len(asks))), 0.0)
    left = {f"a{n}": count for n, count in enumerate(asks)}
    running: list[tuple[Ticket, float]] = []
    total = 0
    while True:
        while (ticket := queue.next(0)[0]) is not None:
            running.append((ticket, costs[total % len(costs)]))
            left[ticket.agent] -= 1
            total += 1
        assert queue.running == len(running) <= width
        if not running:
            break
        ticket, cost = running.pop(0)
        queue.done(ticket, cost)
        done[ticket.agent] += cost
        waiting = [done[name] for name, n in left.items() if n]
        if waiting:  # nobody who still waits is behind another by more than what is out at a time
            assert max(waiting) - min(waiting) <= 2 * (width + 1) * 2
    assert total == sum(asks)
    assert queue.waiting == 0


def test_people_go_before_ticks_and_what_is_stale_is_dropped() -> None:
    queue = Queue(1)
    first, old, tick, person = Ticket("a"), Ticket("b", stale_at=5), Ticket("c"), Ticket("d", person=True)
    assert [queue.join(t) for t in (first, old, tick)] == [""] * 3
    assert queue.next(0) == (first, [])
    assert queue.join(person) == ""
    assert queue.next(0) == (None, [])
    queue.done(first, 1)
    assert queue.next(1) == (person, [])
    queue.done(person, 1)
    assert queue.next(6) == (tick, [old])


def test_idleness_saves_up_nothing() -> None:
    queue = Queue(1)
    for n in range(50):
        busy = Ticket("busy")
        queue.join(busy)
        queue.join(Ticket("busy"))
        assert queue.next(n)[0] is not None
        queue.done(busy, 1)
        while (more := queue.next(n)[0]) is not None:
            queue.done(more, 1)
    tickets = [Ticket(name) for _ in range(10) for name in ("busy", "fresh")]
    for ticket in tickets:
        queue.join(ticket)
    turns = []
    while (one := queue.next(99)[0]) is not None:
        turns.append(one.agent)
        queue.done(one, 1)
    assert sorted(turns[:6]) == ["busy"] * 3 + ["fresh"] * 3


def test_a_full_queue_refuses_ticks_before_people_and_one_agent_before_others() -> None:
    queue = Queue(1, most=8, most_of_one=5)
    assert [queue.join(Ticket("a")) == "" for _ in range(6)] == [True] * 5 + [False]
    assert queue.join(Ticket("b")) == ""
    assert "6 questions wait" in queue.join(Ticket("c"))
    assert [queue.join(Ticket("d", person=True)) == "" for _ in range(3)] == [True, True, False]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.sampled_from(["join", "leave", "next", "done"]))))
def test_counts_are_kept_whoever_leaves(deeds: list[tuple[str, bool, str]]) -> None:
    queue, waiting, running = Queue(2), list[Ticket](), list[Ticket]()
    for agent, person, deed in deeds:
        if deed == "join":
            ticket = Ticket(agent, person)
            queue.join(ticket)
            waiting.append(ticket)
        elif deed == "leave" and waiting:
            queue.leave(waiting.pop())
        elif deed == "next" and (ticket := queue.next(0)[0]) is not None:
            waiting.remove(ticket)
            running.append(ticket)
        elif deed == "done" and running:
            queue.done(running.pop(), 1)
        assert (queue.waiting, queue.running) == (len(waiting), len(running))


# -- budgets and strategy ------------------------------------------------------------------------------------


@given(st.integers(0, 1000), st.integers(0, 2000), st.floats(0, 10), st.floats(0, 20))
def test_a_budget_is_spent_when_it_is_used_up_and_not_before(tokens: int, used: int, money: float, cost: float) -> None:
    price = Price(1, 2)
    assert bool(spent("t", Budget(tokens), Used(used, cost), None)) == (used >= tokens)
    assert bool(spent("t", Budget(None, money), Used(used, cost), price)) == (cost >= money)
    assert spent("t", Budget(), Used(used, cost), None) == ""
    assert "price" in spent("t", Budget(None, money), Used(), None)


def test_what_tokens_cost() -> None:
    assert Price(1.5, 6).cost(1_000_000, 500_000) == 4.5


def test_the_strategy_follows_the_providers() -> None:
    full, now = Width(4, 4), 100.0
    assert judge([Standing("a", "", full)])[0] is Strategy.BURN
    limited = full.limited(now + 5)
    assert judge([Standing("a", "it is asked too often", limited), Standing("b", "", full)]) == (
        Strategy.FALLBACK,
        "a: it is asked too often; b answers",
    )
    seen = []
    while limited.now < limited.full:
        seen.append(judge([Standing("a", "", limited)])[0])
        limited = limited.worked()
    assert seen == [Strategy.ACCELERATION] * 3
    assert judge([Standing("a", "", limited)])[0] is Strategy.BURN
    assert judge([]) == (Strategy.FALLBACK, "no provider is set")


# -- strict JSON ---------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_whatever_is_json_is_read_as_it_is(value: Any) -> None:
    assert structured.read(json.dumps(value)) == value
    assert structured.read(f"\n```json\n{json.dumps(value)}\n```\n") == value


@given(st.text(max_size=200))
def test_whatever_else_is_refused_in_one_way(text: str) -> None:
    said = ""
    try:
        structured.read(text)
    except structured.Wrong as wrong:
        said = str(wrong)
    assert not said or said.isprintable()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": 1, "a": 2}', "twice"),
        ("[NaN]", "not a JSON number"),
        ("[Infinity]", "not a JSON number"),
        ("[1e999]", "too large"),
        ("[" * 100_000, "nested"),
        ('{"a":' * 100_000, "nested"),
        ("1" * 5000, "too long"),
        ("", "not JSON"),
        ("{} {}", "not JSON"),
        ('"' + "x" * 2_000_000 + '"', "characters"),
        ('\\"' * 400_000, "not JSON"),
        ('"\\' * 300_000, "not JSON"),
        ("{'a': 1}", "not JSON"),
    ],
)
def test_hostile_json_is_refused(text: str, why: str) -> None:
    with pytest.raises(structured.Wrong, match=why):
        structured.read(text)


def test_an_answer_is_held_to_its_schema() -> None:
    checker = structured.validator(
        {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}, "required": ["n"]}
    )
    assert structured.check('{"n": 3}', checker) == {"n": 3}
    with pytest.raises(structured.Wrong, match="n: 0 is less"):
        structured.check('{"n": 0}', checker)
    with pytest.raises(structured.Wrong, match="the whole: 'n' is a required"):
        structured.check("{}", checker)


@pytest.mark.parametrize(
    "schema", [{"type": "nothing"}, {"minimum": "x"}, {"enum": ["x" * 40_000]}, {"const": float("nan")}]
)
def test_what_is_no_schema_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        structured.validator(schema)


def test_a_schema_fetches_nothing() -> None:
    checker = structured.validator({"$ref": "http://127.0.0.1:9/schema.json"})
    with pytest.raises(structured.Wrong, match="which is missing"):
        structured.check("{}", checker)
