"""How long tests took the last time, so that what takes longest is begun first and no worker is left alone with it.

Owns the seconds of each test in pytest's cache, and the order that follows from them. Refuses to order tests within
their group, and to guess: a group of which nothing is known comes before all others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import pytest

KEY = "timmy/durations"


class Durations:
    """A plugin that keeps the seconds of tests that passed, set-up and end included. One process of a run has it."""

    def __init__(self, cache: pytest.Cache) -> None:
        self.cache = cache
        self.taken: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A phase of a test has ended."""
        if report.passed:
            self.taken[name(report.nodeid)] += report.duration

    def pytest_sessionfinish(self) -> None:
        """Keep what this run has told beside what others have."""
        if self.taken:
            self.cache.set(KEY, {**known(self.cache), **{test: round(took, 2) for test, took in self.taken.items()}})


def name(nodeid: str) -> str:
    """The test, without the group that it is run in."""
    head, at, group = nodeid.rpartition("@")
    return head if at and not {"]", "/", ":"} & set(group) else nodeid


def known(cache: pytest.Cache | None) -> dict[str, float]:
    """Seconds of each test; empty where no run has left any."""
    return dict(cache.get(KEY, {})) if cache else {}


def longest_first[Test](
    tests: Iterable[Test], seconds: Mapping[str, float], group: Callable[[Test], str], test: Callable[[Test], str]
) -> list[Test]:
    """The tests by their groups: those that are unknown, with most tests first, then the longest; else as given."""
    found = list(tests)
    took: Counter[str] = Counter()
    for one in found:
        took[group(one)] += seconds.get(test(one), 0.0)
    many = Counter(map(group, found))
    first = {name: at for at, name in reversed([*enumerate(map(group, found))])}

    def place(name: str) -> tuple[bool, float, int]:
        return took[name] > 0, -(took[name] or many[name]), first[name]

    return sorted(found, key=lambda one: place(group(one)))
