"""What to report about the running world: its processes, its page, and the Server's figures.

Owns the judgement of what others have found out: which processes run (`server.status`), how the missing ones ended
(`server.ends`), and the figures of `server.vitals`. Looks, and changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from agents.kernel import location
from agents.kernel.text import shorten, visible
from server import ends, holders, locks, ports, processes, status
from server.checks import page
from server.finding import Finding

SLOW_MS, FULL_MB, LONG_BEAT_MS = 250.0, 2_000, 5.0
"""A lag that people notice, a database that should be pruned, and how long a part's beat may take."""


def findings() -> Iterator[Finding]:
    """All of it."""
    now = status.gather()
    yield from processes_run(now)
    for one in now["problems"]:
        yield Finding(one["what"], "bad", f"left out: {status.problem(one)}", f"mend {one['file']}; timmy reload")
    for said in now["doubts"]:
        yield Finding("record", "bad", said, "timmy audit verify")
    yield from inside(now["inside"])
    yield from parts(now["inside"].get("parts", {}))
    if now["ready"]:
        yield from page.findings(now["interface"], now["ports"]["web"])
    if crashes := status.crashes(now):
        yield Finding(
            "crashes",
            "note",
            f"the Server has crashed {crashes} times since the Portal started",
            f"read {location.log_dir()}/server.log",
        )


def processes_run(now: dict[str, Any]) -> Iterator[Finding]:
    """Whether the required processes are running, according to `server.status`; the last output of those that died at
    once.
    """
    died = {name: end for name in processes.NAMES if (end := ends.of(name)) is not None}
    running = {one["name"] for one in now["processes"] if one["pid"] is not None}
    missing = [name for name in processes.NAMES if name not in running and name not in died]
    if now["ready"] and not missing and not died:
        yield Finding("processes", "ok", f"{processes.titles(' and ')} run; the world is ready")
    elif now["ready"] and missing:
        yield Finding("processes", "bad", f"not running: {', '.join(missing)}", "timmy run")
    elif now["world"] == "down":
        yield Finding("processes", "note", "the world is down", "timmy run")
    elif not now["ready"]:
        log = location.log_dir() / "server.log"
        yield Finding("processes", "bad", f"the Server is {now['phase']}", f"read {log}; timmy reload")
    for name, end in died.items():
        state = "was started again" if name in running else "does not run"
        said = f"{state}: it {end.how} after {end.lived:g} s, and said last: {end.said or 'nothing'}"
        log = location.log_dir() / f"{name}.log"
        level = "note" if name in running and end.lived >= ends.SOON else "bad"
        yield Finding(processes.named(name).title, level, said, f"fix that, or read {log}; timmy stop; timmy run")
    if now["world"] == "down":
        from agents.kernel import settings

        ports.check(settings.load())


def parts(told: dict[str, Any]) -> Iterator[Finding]:
    """What the parts of the house report about themselves, and whose beats block the world."""
    for name, one in told.items():
        for check in one["checks"]:
            yield Finding(**check)
        if (taken := one["beat_ms"].get("p99", 0.0)) > LONG_BEAT_MS:
            said = f"one in a hundred of {name} takes {taken} ms"
            yield Finding("beats", "note", said, f"read {location.log_dir()}/server.log")


def _freed(why: str) -> str:
    """What makes the records writable again; looks up which program holds the database."""
    if "locked" not in why:
        return f"free some space at {location.state_dir()}, or make it writable"
    path = location.state_dir() / "timmy.db3"
    ours = {pid for name in processes.NAMES if (pid := locks.holder(location.run_dir(), name))}
    found = [f"{pid} ({visible(shorten(command, 100))})" for pid, command in holders.of(path, ours | {os.getpid()})]
    return f"end the program that holds {path}: " + (", ".join(found) or "none of yours does; look as root")


def inside(now: dict[str, Any]) -> Iterator[Finding]:
    """The Server's report, each problem with its remedy."""
    if not now:
        return
    log = location.log_dir() / "server.log"
    records, lag, minds = now["records"], now["lag_ms"], now["minds"]
    if records["ok"]:
        yield Finding("records", "ok", "can be written")
    else:
        yield Finding("records", "bad", f"cannot be written: {records['why']}", _freed(records["why"]))
    slow = lag["p99"] > SLOW_MS
    yield Finding(
        "lag",
        "bad" if slow else "ok",
        f"p99 {lag['p99']} ms, most {lag['max']} ms",
        "timmy agents; timmy pause <the busiest agent>" if slow else "",
    )
    yield Finding(
        "minds",
        "ok" if minds["awake"] == minds["seated"] else "note",
        f"{minds['awake']} of {minds['seated']} awake, longest visit {minds['longest_ms']} ms, {minds['late']} late",
        "" if minds["awake"] == minds["seated"] else "timmy agents",
    )
    for slug in minds["stopped"]:
        said = f"{slug} is awake but no longer thinks: its timer does not run"
        yield Finding("thoughts", "bad", said, f"timmy resume {slug}")
    for one in now["troubled"]:
        mend = f"fix the action, then timmy reload; timmy resume {one['agent']}" if one["aside"] else f"read {log}"
        yield Finding(f"mind {one['agent']}", "bad", one["why"], mend)
    if waiting := now["approvals_waiting"]:
        yield Finding("approvals", "note", f"{waiting} wait for your verdict", "timmy approvals")
    big = now["bytes"]["database"] > FULL_MB * 1_000_000
    yield Finding(
        "files",
        "note" if big else "ok",
        f"database {now['bytes']['database'] // 1_000_000} MB, logs {now['bytes']['logs'] // 1_000_000} MB",
        "move TIMMY_STATE_DIR to a larger disk" if big else "",
    )
    for one in now["errors"]:
        yield Finding(
            "error", "note", f"{one['count']} times, last {one['last']}: {one['title']}", f"timmy task {one['task']}"
        )
    if now["clock"]["jumps"]:
        yield Finding(
            "clock",
            "note",
            f"it jumped {now['clock']['jumps']} times, last by {now['clock']['last_seconds']} s; "
            "deadlines kept the time they had left",
            "keep the machine's clock by NTP (timedatectl)",
        )
