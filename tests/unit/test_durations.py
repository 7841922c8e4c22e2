"""What took longest is begun first, as the last run has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import durations


def ordered(tests: str, **seconds: float) -> str:
    """Tests `a1 b2`: the letter is their group."""
    return " ".join(durations.longest_first(tests.split(), seconds, lambda one: one[0], str))


def test_unknown_groups_come_first_then_the_longest_each_together() -> None:
    assert ordered("a1 b1 a2 c1 b2 d1", a1=1, a2=1, b1=5, b2=1, d1=0.5) == "c1 b1 b2 a1 a2 d1"


def test_without_a_run_before_those_of_many_tests_come_first_each_together() -> None:
    assert ordered("c1 b1 a1 b2 d1") == "b1 b2 c1 a1 d1"


def test_without_a_run_before_what_starts_most_comes_first_and_of_equals_what_has_fewest_tests() -> None:
    starts = {"a1": ("x",), "a2": ("x",), "c1": ("x", "c1"), "d1": ("d1",)}
    found = durations.longest_first(
        ["a1", "b1", "a2", "b2", "d1", "e1", "c1"], {}, lambda one: one[0], str, lambda one: starts.get(one, ())
    )
    assert found == ["c1", "d1", "a1", "a2", "b1", "b2", "e1"]


def test_equals_stay_as_they_are_and_what_is_new_in_a_known_group_counts_nothing() -> None:
    assert ordered("b1 a1 c1 a2", b1=2, a1=2, c1=2) == "b1 a1 a2 c1"


@pytest.mark.parametrize(
    ("nodeid", "test"),
    [
        ("tests/system/test_a.py::test_b@test_a", "tests/system/test_a.py::test_b"),
        ("tests/system/test_a.py::test_b[x@y]@world", "tests/system/test_a.py::test_b[x@y]"),
        ("tests/system/test_a.py::test_b[x@y]", "tests/system/test_a.py::test_b[x@y]"),
        ("tests/system/test_a.py::test_b", "tests/system/test_a.py::test_b"),
    ],
)
def test_a_test_is_the_same_in_whatever_group_it_runs(nodeid: str, test: str) -> None:
    assert durations.name(nodeid) == test


def test_a_run_leaves_what_it_took_beside_what_others_left(pytester_cache: pytest.Cache) -> None:
    for test, phases in (("a", (("passed", 1.0), ("passed", 2.0))), ("b", (("passed", 0.5), ("failed", 9.0)))):
        run = durations.Durations(pytester_cache)
        for outcome, took in phases:
            run.pytest_runtest_logreport(report(test, outcome, took))
        run.pytest_sessionfinish()
    assert durations.known(pytester_cache) == {"a": 3.0, "b": 0.5}


def report(test: str, outcome: str, took: float) -> pytest.TestReport:
    return pytest.TestReport(test, ("", None, ""), {}, outcome, None, "call", duration=took)  # type: ignore[arg-type]


@pytest.fixture
def pytester_cache(tmp_path: Path, pytestconfig: pytest.Config) -> pytest.Cache:
    return pytest.Cache(tmp_path, pytestconfig, _ispytest=True)
