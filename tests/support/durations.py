"""How long tests took the last time, so that what takes longest is begun first and no worker is left alone with it.

Owns the seconds of each test in pytest's cache, and the order that follows from them. Refuses to order tests within
their group, and to guess seconds: a group of which nothing is known comes before all others, and by what it starts.
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
    tests: Iterable[Test],
    seconds: Mapping[str, float],
    group: Callable[[Test], str],
    test: Callable[[Test], str],
    starts: Callable[[Test], Iterable[str]] = lambda one: (),
) -> list[Test]:
    """The tests by their groups: those that are unknown, then the longest; else as given.

    `starts`: what has to be started for a test, by names that the tests of a group share where they share it. Of
    unknown groups those come first for which most is started, and of equals those with fewest tests, for what is
    started for a test alone is started for a long one; last those for which nothing is, with most tests first.
    """
    found = list(tests)
    took: Counter[str] = Counter()
    for one in found:
        took[group(one)] += seconds.get(test(one), 0.0)
    many = Counter(map(group, found))
    begun = Counter(name for name, _ in {(group(one), what) for one in found for what in starts(one)})
    first = {name: at for at, name in reversed([*enumerate(map(group, found))])}

    def place(name: str) -> tuple[bool, float, int, int]:
        if took[name] > 0:
            return True, -took[name], 0, first[name]
        return False, -begun[name], many[name] if begun[name] else -many[name], first[name]

    return sorted(found, key=lambda one: place(group(one)))
