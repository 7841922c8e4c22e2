"""Describes the results of a survey: a readable report, and one line for the Hall.

Owns the words. All figures come from the results of steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any

from agents.kernel.text import shorten, visible
from agents.work.kind import Upshot
from agents.work.markdown import code, count, items, size, together
from agents.work.paths import homely

Results = Mapping[str, dict[str, Any]]


def report(params: Any, results: Results) -> str:
    """The survey as Markdown."""
    commits = results["commits"]
    head = [f"# Survey of {code(params.path)}", f"Read at {_time(commits['asked_at'])}, {_where(commits)}."]
    if not commits["head"]:
        return together([*head, "## In short", _empty(commits)])
    return together(
        [
            *head,
            "## In short",
            _in_short(params, results),
            "## What is in it",
            *_history(commits),
            *_files(results["files"]),
            *_tests(results["tests"]),
            "## What is stale",
            *_stale(params, results),
            "## What is broken",
            *_broken(results["broken"]),
            *_limits(results),
        ]
    )


def summary(params: Any, results: Results) -> str:
    """What is said in the Hall."""
    name = shorten(visible(PurePath(params.path).name), 60)
    commits, files, broken = results["commits"], results["files"], results["broken"]
    if not commits["head"]:
        return f"I have surveyed {name}. It has no commits yet, so there is nothing in it to judge."
    return (
        f"I have surveyed {name}: {count(commits['commits'], 'commit')} by {count(commits['author_count'], 'author')}, "
        f"{count(files['files'], 'file')}, {count(results['tests']['tests'], 'test')}, "
        f"{count(results['markers']['count'], 'open marker')}, {count(results['old']['count'], 'old file')}, "
        f"{count(broken['count'], 'broken thing')}. The report is in my repository."
    )


def upshot(params: Any, results: Results) -> Upshot:
    """The outcome: broken files first, because somebody must deal with them."""
    where = shorten(homely(params.path), 80)
    if not results["commits"]["head"]:
        return Upshot(f"{where} has no commits yet")
    found, broken = f"{count(results['files']['files'], 'file')} in {where}", results["broken"]["count"]
    if broken:
        return Upshot(f"{count(broken, 'broken thing')} among {found}", well=False)
    left = f", {count(results['markers']['count'], 'open marker')}" if results["markers"]["count"] else ""
    return Upshot(f"nothing is broken among {found}{left}")


def _time(text: str | None) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M} UTC" if text else "a time that no calendar holds"


def _day(text: str | None) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d}" if text else "a day that no calendar holds"


def _where(commits: dict[str, Any]) -> str:
    at = f"commit {code(commits['head'][:12])}" if commits["head"] else "no commit"
    branch = f"branch {code(commits['branch'])}" if commits["branch"] else "no branch (a detached HEAD)"
    return f"{at} of {branch}{', a bare repository' if commits['bare'] else ''}"


def _empty(commits: dict[str, Any]) -> str:
    others = commits["branches"]
    more = f" It has {count(others, 'other branch', 'other branches')}, which HEAD does not name." if others else ""
    return f"The repository is empty: HEAD has no commit yet, so there are no files, tests or marks to count.{more}"


def _in_short(params: Any, results: Results) -> str:
    commits, files, tests = results["commits"], results["files"], results["tests"]
    markers, old, broken = results["markers"], results["old"], results["broken"]
    main = next((row for row in files["languages"] if row["language"] != "other"), None)
    mostly = f", mostly {main['language']}" if main else ""
    return (
        f"{count(files['files'], 'file')} with {count(files['lines'], 'line')} of text{mostly}, grown in "
        f"{count(commits['commits'], 'commit')} by {count(commits['author_count'], 'author')} from "
        f"{_day(commits['first'])} to {_day(commits['last'])}. There are {count(tests['tests'], 'test')} in "
        f"{count(tests['files'], 'test file')}. {count(markers['count'], 'open marker')} and "
        f"{count(old['count'], 'file')} unchanged for more than {count(params.stale_days, 'day')} wait for somebody. "
        f"{count(broken['count'], 'thing')} {'is' if broken['count'] == 1 else 'are'} broken."
    )


def _history(commits: dict[str, Any]) -> list[str]:
    recent = commits["recent"]
    facts = [
        f"{count(commits['commits'], 'commit')} ({count(commits['merges'], 'merge')}), "
        f"the first on {_day(commits['first'])}, the last on {_day(commits['last'])}",
        f"{count(commits['branches'], 'branch', 'branches')}, {count(commits['tags'], 'tag')}",
        f"in the last 7 days {recent['7']:,}, 30 days {recent['30']:,}, 90 days {recent['90']:,}, "
        f"365 days {recent['365']:,} commits",
    ]
    if commits["future"]:
        facts.append(f"{count(commits['future'], 'commit')} dated in the future")
    if commits["shallow"]:
        facts.append("the clone is shallow: earlier commits are missing and not counted")
    authors = [
        f"{code(a['name'])} {code(a['email'])}: {count(a['commits'], 'commit')}, {_day(a['first'])} to "
        f"{_day(a['last'])}"
        for a in commits["authors"]
    ]
    latest = [f"{_day(c['at'])} {code(c['subject'])} by {code(c['author'])}" for c in commits["latest"]]
    return [
        "### History",
        items(facts),
        f"### Authors ({commits['author_count']:,})",
        items(authors, commits["author_count"], 50),
        "### Latest commits",
        items(latest),
    ]


def _files(files: dict[str, Any]) -> list[str]:
    facts = [
        f"{count(files['files'], 'file')}, {size(files['bytes'])} in all",
        f"{files['text']:,} of text with {count(files['lines'], 'line')}, {files['binary']:,} binary",
        f"{count(files['symlinks'], 'symbolic link')}, {count(files['submodules'], 'submodule')}",
    ]
    table = ["| language | files | lines | bytes |", "|---|---:|---:|---:|"] + [
        f"| {row['language']} | {row['files']:,} | {row['lines']:,} | {row['bytes']:,} |" for row in files["languages"]
    ]
    largest = [f"{code(f['path'])}: {size(f['bytes'])}" for f in files["largest"]]
    large = [f"{code(f['path'])}: {size(f['bytes'])}" for f in files["large_list"]]
    return [
        "### Files",
        items(facts),
        "\n".join(table) if files["languages"] else "",
        f"### Files over {size(files['large_over'])}: {files['large']:,}",
        items(large, files["large"], 50),
        "### The largest files" if largest else "",
        items(largest),
    ]


def _tests(tests: dict[str, Any]) -> list[str]:
    if not tests["files"]:
        return ["### Tests", "No tests were found by the conventions of any known language."]
    facts = [
        f"{language}: {count(row['tests'], 'test')} in {count(row['files'], 'file')}"
        for language, row in tests["languages"].items()
    ]
    if tests["unparsed"]:
        facts.append(f"{count(tests['unparsed'], 'test file')} could not be parsed, so no tests in it are counted")
    return ["### Tests", items(facts), items([code(path) for path in tests["list"]], tests["files"], 50)]


def _stale(params: Any, results: Results) -> list[str]:
    old, markers = results["old"], results["markers"]
    files = [f"{_day(f['at'])} {code(f['path'])}" for f in old["list"]]
    marks = [f"{code(m['path'])} line {m['line']:,}, {m['kind']}: {code(m['text'])}" for m in markers["list"]]
    kinds = ", ".join(f"{kind} {number:,}" for kind, number in markers["kinds"].items())
    return [
        f"### Old files: {old['count']:,} of {old['of']:,}",
        f"Last changed before {_day(old['cutoff'])}, more than {count(params.stale_days, 'day')} before this survey.",
        items(files, old["count"], 50),
        f"### Open markers: {markers['count']:,} in {count(markers['files'], 'file')}",
        f"{kinds}." if kinds else "No file contains TODO, FIXME, XXX or HACK.",
        items(marks, markers["count"], 100),
    ]


def _broken(broken: dict[str, Any]) -> list[str]:
    if not broken["listed_of"]:
        return [f"Nothing was found to be broken (Python read as {broken['python']}, JSON, TOML, merges, links)."]
    kinds = ", ".join(f"{what}: {number:,}" for what, number in broken["kinds"].items())
    found = [f"{code(b['path'])}: {b['what']}, {code(b['why'])}" for b in broken["list"]]
    return [f"{kinds}. Python was read as {broken['python']}." if kinds else "", items(found, broken["listed_of"], 100)]


def _limits(results: Results) -> list[str]:
    """What was left out because of limits of time and size; empty if everything was read."""
    said = []
    if not results["commits"]["complete"]:
        said.append("the history is longer than the time allowed: older commits are not counted")
    for part, what in (
        ("files", "lines and languages"),
        ("tests", "tests"),
        ("markers", "markers"),
        ("broken", "breakage"),
    ):
        if unread := results[part]["unread"]:
            said.append(f"{count(unread, 'file')} not read for {what}: too large, missing, or the time was up")
    if unknown := results["old"]["unknown"]:
        said.append(
            f"for {count(unknown, 'file')} no last change was found in the time allowed; they are not counted as old"
        )
    return ["## What was not read", items(said), "The figures above leave these out."] if said else []
