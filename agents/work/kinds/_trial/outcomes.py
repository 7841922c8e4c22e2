"""Parses the output of test runners: how many tests passed and failed, and which, with their messages.

Pure functions over text. Owns the output formats of pytest, unittest, Go, Cargo, TAP (Node), Mocha and Jest, and
the messages with which they and make, npm and Vitest say that there was no test. Never guesses: the output of an
unknown runner has no counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

EXCERPT = 30
"""Number of lines kept of one failure, from its end."""
LISTED = 100
"""Maximum number of failures listed; all are counted."""

Outcome = dict[str, Any]
"""runner, passed, failed, errors, skipped, ran (tests that did anything), and failures: a list of {name, excerpt}."""


def outcome(output: str) -> Outcome | None:
    """What the runner reported; None if it is unknown."""
    return next((found for reader in READERS if (found := reader(output))), None)


def _made(runner: str, counts: dict[str, int], failures: Iterable[tuple[str, str]]) -> Outcome:
    listed = [{"name": name, "excerpt": "\n".join(text.strip("\n").split("\n")[-EXCERPT:])} for name, text in failures]
    told = {**dict.fromkeys(("passed", "failed", "errors", "skipped"), 0), **counts}
    told.setdefault("ran", told["passed"] + told["failed"] + told["errors"])
    return {"runner": runner, **told, "failures": listed[:LISTED]}


def _number(pattern: str, text: str) -> int:
    """The sum of the numbers that the pattern's group finds."""
    return sum(int(found) for found in re.findall(pattern, text, re.MULTILINE))


def _block(text: str, start: str, stop: str) -> str:
    """The text after the first line that matches `start`, up to one that matches `stop`."""
    begun = re.search(start, text, re.MULTILINE)
    if not begun:
        return ""
    rest = text[begun.end() :]
    ended = re.search(stop, rest, re.MULTILINE)
    return rest[: ended.start()] if ended else rest


def pytest(text: str) -> Outcome | None:
    """`3 failed, 2 passed in 0.12s`, with the short summary's FAILED and ERROR lines."""
    words = r"passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?|rerun"
    ends = re.findall(rf"^=*\s*((?:\d+ (?:{words})(?:, )?)+) in [\d.]+s", text, re.MULTILINE)
    if not ends:
        return _made("pytest", {}, ()) if re.search(r"^=*\s*no tests ran in [\d.]+s", text, re.MULTILINE) else None
    counts = {
        word.rstrip("s") if word.startswith("error") else word: int(n)
        for n, word in re.findall(r"(\d+) (\w+)", ends[-1])
    }
    failures = []
    for kind, name in re.findall(r"^(FAILED|ERROR) (.+?)(?: - .*)?$", text, re.MULTILINE):
        title = name.partition("::")[2].replace("::", ".")
        head = rf"^_+ (?:ERROR (?:at setup of|at teardown of|collecting) )?{re.escape(title or name)} _+$"
        failures.append(
            (
                f"{name} ({kind.lower()})" if kind == "ERROR" else name,
                _block(text, head, r"^_{3,} |^={3,} |^-{3,} Captured"),
            )
        )
    return _made(
        "pytest",
        {
            "passed": counts.get("passed", 0) + counts.get("xpassed", 0),
            "failed": counts.get("failed", 0),
            "errors": counts.get("error", 0),
            "skipped": counts.get("skipped", 0) + counts.get("xfailed", 0),
            "ran": sum(counts.get(word, 0) for word in ("passed", "failed", "error", "xfailed", "xpassed")),
        },
        failures,
    )


def unittest(text: str) -> Outcome | None:
    """`Ran 5 tests in 0.001s`, then `FAILED (failures=1, errors=1)`."""
    ran = re.search(r"^Ran (\d+) tests? in [\d.]+s\s+(OK|FAILED|NO TESTS RAN)(?: \((.*)\))?$", text, re.MULTILINE)
    if not ran:
        return None
    extra = {key: int(n) for key, n in re.findall(r"([a-z ]+)=(\d+)", ran[3] or "")}
    failed = extra.get("failures", 0) + extra.get(" unexpected successes", extra.get("unexpected successes", 0))
    errors, skipped = (
        extra.get("errors", extra.get(" errors", 0)),
        sum(n for k, n in extra.items() if "skipped" in k or "expected failures" in k),
    )
    failures = [
        (name, body)
        for name, body in re.findall(r"^(?:FAIL|ERROR): (.+)\n-{70}\n((?:(?!={70}$|-{70}$).*\n)*)", text, re.MULTILINE)
    ]
    passed = max(int(ran[1]) - failed - errors - skipped, 0)
    left_out = sum(number for name, number in extra.items() if "skipped" in name)
    told = {"passed": passed, "failed": failed, "errors": errors, "skipped": skipped}
    return _made("unittest", {**told, "ran": max(int(ran[1]) - left_out, errors)}, failures)


def go(text: str) -> Outcome | None:
    """`--- FAIL: TestName` from `go test -v`, and packages that do not build."""
    results = re.findall(r"^\s*--- (PASS|FAIL|SKIP): (\S+)", text, re.MULTILINE)
    unbuilt = re.findall(r"^FAIL\s+(\S+) \[(?:build|setup) failed\]", text, re.MULTILINE)
    if not results and not unbuilt:
        return None
    failures = [
        (name, _block(text, rf"^=== RUN\s+{re.escape(name)}$", r"^=== RUN|^\s*--- (?:PASS|SKIP)|^(?:ok|FAIL|PASS)\b"))
        for verdict, name in results
        if verdict == "FAIL"
    ]
    failures += [
        (f"{name} (does not build)", _block(text, rf"^# {re.escape(name)}", r"^#|^FAIL|^ok")) for name in unbuilt
    ]
    kinds = [verdict for verdict, _ in results]
    return _made(
        "go",
        {
            "passed": kinds.count("PASS"),
            "failed": kinds.count("FAIL"),
            "skipped": kinds.count("SKIP"),
            "errors": len(unbuilt),
        },
        failures,
    )


def cargo(text: str) -> Outcome | None:
    """`test result: FAILED. 3 passed; 1 failed; 0 ignored`, once for each test program."""
    if not re.search(r"^test result: \w+\. \d+ passed; \d+ failed", text, re.MULTILINE):
        return None
    names = re.findall(r"^test (\S+)(?: - .*)? \.\.\. FAILED$", text, re.MULTILINE)
    failures = [(name, _block(text, rf"^---- {re.escape(name)} stdout ----$", r"^---- |^failures:")) for name in names]
    return _made(
        "cargo",
        {
            "passed": _number(r"^test result: .*?(\d+) passed", text),
            "failed": _number(r"^test result: .*?(\d+) failed", text),
            "skipped": _number(r"^test result: .*?(\d+) ignored", text),
        },
        failures,
    )


def tap(text: str) -> Outcome | None:
    """Node's TAP: totals in comments at the end, and a block for each failure."""
    if not re.search(r"^# tests \d+$", text, re.MULTILINE):
        return None
    pattern = r"^( *)not ok \d+ - (.*?)(?: # .*)?$\n?((?:^\1  .*\n?)*)"
    found = [
        (name.replace("\\#", "#"), body)
        for _, name, body in re.findall(pattern, text, re.MULTILINE)
        if "subtestsFailed" not in body
    ]
    return _made(
        "tap",
        {
            "passed": _number(r"^# pass (\d+)$", text),
            "failed": _number(r"^# fail (\d+)$", text),
            "errors": _number(r"^# cancelled (\d+)$", text),
            "skipped": _number(r"^# skipped (\d+)$", text) + _number(r"^# todo (\d+)$", text),
        },
        found,
    )


def mocha(text: str) -> Outcome | None:
    """`12 passing (30ms)`, `1 failing`."""
    if not re.search(r"^\s*\d+ passing\b", text, re.MULTILINE):
        return None
    names = re.findall(r"^ +\d+\) ((?:.+\n)*?.+):$", _block(text, r"^\s*\d+ failing$", r"\Z"), re.MULTILINE)
    return _made(
        "mocha",
        {
            "passed": _number(r"^\s*(\d+) passing\b", text),
            "failed": _number(r"^\s*(\d+) failing\b", text),
            "skipped": _number(r"^\s*(\d+) pending\b", text),
        },
        ((re.sub(r"\s*\n\s*", " ", name), "") for name in names),
    )


def jest(text: str) -> Outcome | None:
    """`Tests:       1 failed, 2 passed, 3 total`."""
    ends = re.findall(r"^Tests:\s+(.*\d+ total)", text, re.MULTILINE)
    if not ends:
        return None
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (\w+)", ends[-1])}
    names = list(dict.fromkeys(re.findall(r"^\s*● (.+ › .+)$", text, re.MULTILINE)))
    return _made(
        "jest",
        {
            "passed": counts.get("passed", 0),
            "failed": counts.get("failed", 0),
            "skipped": counts.get("skipped", 0) + counts.get("todo", 0),
        },
        ((name, _block(text, rf"^\s*● {re.escape(name)}$", r"^\s*● |^Tests:")) for name in names),
    )


_NONE = {
    "go": r"^\?\s+\S+\s+\[no test files\]|^(?:ok\s.*|testing: warning: )\[?no tests to run\]?$|matched no packages",
    "jest": r"^No tests found\b",
    "vitest": r"^No test (?:suite )?files? found\b",
    "npm": r"[Nn]o test specified|Missing script: \"?test\b",
    "make": r"^make(?:\[\d+\])?: (?:Nothing to be done for [`']\S*test\S*'|[`']\S*test\S*' is up to date)",
    "tap": r"^1\.\.0\b",
}
"""What runners say if they found nothing to run."""
_GO_RAN = re.compile(r"^ok\s+(?!.*\[no tests to run\]$)", re.MULTILINE)


def none(text: str) -> Outcome | None:
    """The message of a runner that says there was no test, without figures; otherwise None."""
    for runner, said in _NONE.items():
        if re.search(said, text, re.MULTILINE):
            return None if runner == "go" and _GO_RAN.search(text) else _made(runner, {}, ())
    return None


READERS: tuple[Callable[[str], Outcome | None], ...] = (pytest, unittest, go, cargo, tap, mocha, jest, none)
