"""What test runners print is read for what it says, and nothing is read into other output."""

from __future__ import annotations

import pytest

from agents.work.kinds._trial.outcomes import outcome

NODE = """TAP version 13
# Subtest: good
ok 1 - good
  ---
  duration_ms: 21.4
  ...
# Subtest: bad one \\# x
not ok 2 - bad one \\# x
  ---
  failureType: 'testCodeFailure'
  error: '1 == 2'
  ...
ok 3 - later # SKIP
  ---
  ...
# Subtest: group
    # Subtest: inner bad
    not ok 1 - inner bad
      ---
      failureType: 'testCodeFailure'
      error: 'oh'
      ...
    1..1
not ok 5 - group
  ---
  failureType: 'subtestsFailed'
  ...
1..5
# tests 6
# suites 1
# pass 2
# fail 2
# cancelled 0
# skipped 1
# todo 1
"""
GO = """=== RUN   TestGood
--- PASS: TestGood (0.00s)
=== RUN   TestBad
    a_test.go:4: before
    a_test.go:4: one is not 2
--- FAIL: TestBad (0.00s)
=== RUN   TestLater
    a_test.go:5: later
--- SKIP: TestLater (0.00s)
FAIL
FAIL\tx\t0.002s
# x/bad [x/bad.test]
bad/b.go:2:19: too many return values
FAIL\tx/bad [build failed]
FAIL
"""
CARGO = """running 3 tests
test good ... ok
test later ... ignored
test bad ... FAILED

failures:

---- bad stdout ----

thread 'bad' (4540) panicked at src/lib.rs:2:20:
assertion `left == right` failed: no

failures:
    bad

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.28s

running 2 tests
test doc (line 1) ... ok

test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.28s
"""
MOCHA = """
  thing
    ✔ works
    1) breaks

  12 passing (30ms)
  2 pending
  1 failing

  1) thing
       breaks:
     AssertionError: no
"""
JEST = """  ● sum › adds

    expect(received).toBe(expected)

Tests:       1 failed, 1 skipped, 2 passed, 4 total
"""
UNITTEST = """.E
======================================================================
ERROR: test_worse (t.T.test_worse)
----------------------------------------------------------------------
Traceback (most recent call last):
RuntimeError: oh

----------------------------------------------------------------------
Ran 7 tests in 0.001s

FAILED (failures=1, errors=1, skipped=2, expected failures=1, unexpected successes=1)
"""
PYTEST = """F
=================================== FAILURES ===================================
___________________________________ T.test_b ___________________________________
    assert 1 == 2
E   assert 1 == 2
=========================== short test summary info ============================
FAILED tests/t.py::T::test_b - assert 1 == 2
ERROR tests/u.py - ImportError: x
========= 1 failed, 20 passed, 3 skipped, 1 xfailed, 2 xpassed, 1 warning, 1 error in 62.01s (0:01:02) =========
"""


@pytest.mark.parametrize(
    ("text", "runner", "figures", "names"),
    [
        (NODE, "tap", (2, 2, 0, 2), ["bad one # x", "inner bad"]),
        (GO, "go", (1, 1, 1, 1), ["TestBad", "x/bad (does not build)"]),
        (CARGO, "cargo", (3, 1, 0, 1), ["bad"]),
        (MOCHA, "mocha", (12, 1, 0, 2), ["thing breaks"]),
        (JEST, "jest", (2, 1, 0, 1), ["sum › adds"]),
        (UNITTEST, "unittest", (1, 2, 1, 3), ["test_worse (t.T.test_worse)"]),
        (PYTEST, "pytest", (22, 1, 1, 4), ["tests/t.py::T::test_b", "tests/u.py (error)"]),
        ("no tests ran in 0.01s\n", "pytest", (0, 0, 0, 0), []),
        (
            "----------------------------------------------------------------------\nRan 0 tests in 0.000s\n\nOK\n",
            "unittest",
            (0, 0, 0, 0),
            [],
        ),
    ],
)
def test_each_runner_is_read(text: str, runner: str, figures: tuple[int, ...], names: list[str]) -> None:
    found = outcome(text)
    assert found is not None
    assert found["runner"] == runner
    assert tuple(found[k] for k in ("passed", "failed", "errors", "skipped")) == figures
    assert [f["name"] for f in found["failures"]] == names


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (NODE, "1 == 2"),
        (GO, "one is not 2"),
        (GO, "too many return values"),
        (CARGO, "left == right"),
        (JEST, "toBe(expected)"),
        (UNITTEST, "RuntimeError: oh"),
        (PYTEST, "E   assert 1 == 2"),
    ],
)
def test_a_failure_keeps_its_words(text: str, words: str) -> None:
    found = outcome(text)
    assert found is not None
    assert any(words in failure["excerpt"] for failure in found["failures"])


@pytest.mark.parametrize(
    "text", ["", "5 passed", "all 3 tests passed in a good mood", "Ran away", "# tests many", "x\n" * 1000]
)
def test_other_output_has_no_figures(text: str) -> None:
    assert outcome(text) is None


NO_TEST = (
    "no tests ran in 0.01s\n",
    "3 deselected in 0.02s\n",
    "== 2 skipped in 0.03s ==\n",
    "----------------------------------------------------------------------\nRan 0 tests in 0.000s\n\nOK\n",
    "----------------------------------------------------------------------\nRan 0 tests in 0.000s\n\nNO TESTS RAN\n",
    "----------------------------------------------------------------------\nRan 2 tests in 0.000s\n\nOK (skipped=2)\n",
    "running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n",
    "?   \texample.org/x\t[no test files]\n",
    "testing: warning: no tests to run\nPASS\nok  \texample.org/x\t0.002s [no tests to run]\n",
    'go: warning: "./..." matched no packages\nno packages to test\n',
    "TAP version 13\n1..0\n# tests 0\n# suites 0\n# pass 0\n# fail 0\n# cancelled 0\n# skipped 0\n# todo 0\n",
    "\n  0 passing (1ms)\n\n",
    "No tests found, exiting with code 1\n",
    "No test files found, exiting with code 1\n",
    "Error: no test specified\n",
    'npm error Missing script: "test"\n',
    "make: Nothing to be done for 'test'.\n",
    "make: 'test' is up to date.\n",
)


@pytest.mark.parametrize("text", NO_TEST)
def test_a_run_without_a_test_is_known(text: str) -> None:
    found = outcome(text)
    assert found is not None
    assert found["ran"] == 0


@pytest.mark.parametrize("text", [NODE, GO, CARGO, MOCHA, JEST, UNITTEST, PYTEST, "== 2 xfailed in 0.01s ==\n"])
def test_a_run_with_tests_is_known(text: str) -> None:
    found = outcome(text)
    assert found is not None
    assert found["ran"] > 0


def test_packages_of_go_without_tests_beside_others_are_no_run_without_a_test() -> None:
    assert outcome("ok  \texample.org/x\t0.002s\n?   \texample.org/x/y\t[no test files]\n") is None
