"""docs/planning.md is typed into Python as it stands, and must answer as it says."""

from __future__ import annotations

import doctest

from agents.kernel.location import PROJECT


def test_the_page_that_teaches_planning_says_what_python_says():
    found = doctest.testfile(str(PROJECT / "docs" / "planning.md"), module_relative=False, encoding="utf-8")
    assert found.failed == 0
    assert found.attempted > 15
