"""Choosing under noise and for long: nobody dithers, nothing is put off for ever (G8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agents.house.values import Wish
from agents.lineage.persona import Persona
from agents.mind import goals
from agents.mind.goals import Weighed

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
HALF = goals.HYSTERESIS**0.5 * 0.999
scores = st.floats(1, 140)
noises = st.floats(1 / HALF, HALF)


def wish(name: str, score: float) -> Wish:
    return Wish(goals.Goal(name=name, condition=()), score, "")


@given(st.lists(st.tuples(scores, st.integers(0, 200), noises), min_size=2, max_size=6))
def test_noise_below_the_hysteresis_never_changes_the_goal(drawn: list[tuple[float, int, float]]) -> None:
    weighed = [Weighed(wish(f"w{i}", score), cost) for i, (score, cost, _) in enumerate(drawn)]
    best = goals.pick(weighed)
    assert best is not None
    noisy = [
        Weighed(wish(w.wish.name, min(w.wish.score * n, 149)), w.cost)
        for w, (_, _, n) in zip(weighed, drawn, strict=True)
    ]
    held = next(w for w in noisy if w.wish.name == best.wish.name)
    assert held.cost is not None
    assert not any(goals.leaves(held.wish, held.cost, w.wish, w.cost or 0) for w in noisy if w is not held)


@given(st.lists(st.tuples(st.integers(1, 10), st.integers(1, 10), st.integers(1, 60)), min_size=2, max_size=8))
def test_a_long_due_errand_is_not_starved(drawn: list[tuple[int, int, int]]) -> None:
    """Each round takes a minute; periods of a minute or more would fill every round with the strongest."""
    errands = [
        {"achieve": f"seen(thing{i})", "every": f"{every}m", "weight": weight}
        for i, (weight, every, _) in enumerate(drawn)
    ]
    who = Persona.model_validate(
        {
            "slug": "timmy",
            "name": "Timmy",
            "role": "r",
            "temperament": "t",
            "description": "d",
            "mind": {"prefers": "none"},
            "home": "hall",
            "errands": errands,
        }
    )
    costs = {f"seen(thing{i})": cost for i, (_, _, cost) in enumerate(drawn)}
    last = dict.fromkeys(costs, NOW)
    done: set[str] = set()
    now = NOW
    for _ in range(1500):
        now += timedelta(minutes=1)
        wishes, weighed = goals.ranked(goals.of_errands(goals.due(who, last, now)[0], last, now)), []
        while (one := goals.next_to_weigh(wishes, weighed)) is not None:
            weighed.append(Weighed(one, costs[one.name]))
        if (best := goals.pick(weighed)) is not None:
            last[best.wish.name] = now
            done.add(best.wish.name)
        if done == costs.keys():
            return
    raise AssertionError(f"never done: {costs.keys() - done}")
