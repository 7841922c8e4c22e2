"""`timmy doctor`: what is wrong with this world or this machine, and the command that mends it.

Owns the examinations, each of which looks and changes nothing. Refuses to guess: what could not
be looked at is told as such.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from agents.kernel import location
from agents.kernel.errors import TimmyError
from agents.kernel.text import shorten, visible
from server import holders, locks

LEAST_FREE_MB = 500


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `level`: ok, note or bad; `mend`: the command or change that helps."""

    what: str
    level: str
    said: str
    mend: str = ""

    @property
    def bad(self) -> bool:
        """Whether the world cannot run well with it."""
        return self.level == "bad"

    def as_dict(self) -> dict[str, str]:
        """For `--json`."""
        return asdict(self)


def examine() -> list[Finding]:
    """Every examination, in the order one would mend what it finds."""
    parts: tuple[Callable[[], Iterator[Finding]], ...] = (
        _python, _tools, _settings, _state, _secrets, _database, _sandbox, _model_server, _processes, _models,
    )
    found = []
    for part in parts:
        try:
            found += list(part())
        except TimmyError as error:
            mend = error.next if error.next != "timmy doctor" else "see docs/settings.md"
            if error.message not in {f.said for f in found}:
                found.append(Finding(part.__name__.strip("_"), "bad", error.message, mend))
        except (OSError, ImportError, sqlite3.Error) as error:
            found.append(Finding(part.__name__.strip("_"), "bad", f"could not be looked at: {error}", "make install"))
    return found


def lines(findings: list[Finding]) -> list[str]:
    """For people: what is wrong first seen, each with what mends it."""
    said = []
    for one in findings:
        said.append(f"{one.level:<5} {one.what}: {one.said}")
        if one.mend:
            said.append(f"      mend: {one.mend}")
    bad = sum(f.bad for f in findings)
    said.append("Nothing is wrong." if not bad else f"{bad} thing{'s' if bad > 1 else ''} to mend.")
    return said


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    fits = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Finding("python", "ok" if fits else "bad", version, "" if fits else "install Python 3.11 to 3.13; make install")


def _tools() -> Iterator[Finding]:
    for program, package, level in (("git", "git", "bad"), ("bwrap", "bubblewrap", "note")):
        if where := shutil.which(program):
            yield Finding(package, "ok", where)
        elif sys.platform != "darwin" or level == "bad":
            yield Finding(package, level, "missing", "make install")


def _settings() -> Iterator[Finding]:
    from agents.kernel import settings

    ours = settings.load()
    yield Finding("settings", "ok", f"read; state in {ours.state_dir}")
    if ours.owner_password and len(ours.owner_password) < 12:
        yield Finding("owner password", "note", "TIMMY_OWNER_PASSWORD is shorter than 12 characters",
                      "choose a longer one; in the game: @password <old> = <new>")
    if not ours.interface.startswith("127.") and ours.interface != "::1":
        yield Finding("interface", "note", f"other machines may connect to {ours.interface}", "TIMMY_INTERFACE=127.0.0.1")
    if ours.sandbox == "bare":
        yield Finding("sandbox", "note", "tools run without any sandbox", "TIMMY_SANDBOX=auto")


def _state() -> Iterator[Finding]:
    folder = location.state_dir()
    if not folder.exists():
        yield Finding("state", "note", f"{folder} is not there yet", "timmy run")
        return
    from server.prepare import writable

    writable(folder)
    free = shutil.disk_usage(folder).free // 1_000_000
    full = free < LEAST_FREE_MB
    yield Finding("disk", "bad" if full else "ok", f"{free} MB free at {folder}",
                  "free some space, or move TIMMY_STATE_DIR" if full else "")


def _secrets() -> Iterator[Finding]:
    from server import cascading, secret

    folder = location.state_dir()
    for name in (secret.KEY, secret.PASSWORD, cascading.TOKEN):
        path = folder / name
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding(name, "bad", f"others on this machine may read {path}", f"chmod 600 {path}")
    if (folder / secret.KEY).exists():
        secret.key(folder)
        yield Finding("secret key", "ok", "present")
    env = location.PROJECT / ".env"
    secrets = ("PASSWORD", "_KEY", "TOKEN")
    if env.exists() and any(word in env.read_text(errors="replace") for word in secrets) and stat.S_IMODE(env.stat().st_mode) & 0o077:
        yield Finding(".env", "note", "it holds a password or a key and others on this machine may read it", f"chmod 600 {env}")


def _database() -> Iterator[Finding]:
    path = location.state_dir() / "timmy.db3"
    if not path.exists():
        return
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as link:
        verdict = link.execute("PRAGMA quick_check(1)").fetchone()[0]
        mode = link.execute("PRAGMA journal_mode").fetchone()[0]
    yield Finding("database", "ok" if verdict == "ok" else "bad", f"{verdict}, journal {mode}",
                  "" if verdict == "ok" else f"timmy stop; restore a copy of {path}")


def _sandbox() -> Iterator[Finding]:
    from agents.kernel import settings
    from agents.work import sandbox

    rows = sandbox.survey(settings.load())
    for name, usable, reason in rows:
        yield Finding(f"sandbox {name}", "ok" if usable else "note", reason or "usable", "" if usable else "make install")
    if not any(usable for name, usable, _ in rows if name != "bare"):
        yield Finding("sandbox", "bad", "none can be had, so tools that need one are refused", "make install")


def _model_server() -> Iterator[Finding]:
    """Whether other machines may use the model server of this one. (Ollama asks nobody for a password.)"""
    from urllib.parse import urlsplit

    from agents.cascade.providers.http import is_loopback
    from agents.kernel import settings
    from server import listeners

    where = urlsplit(settings.load().ollama_url)
    if not is_loopback(where.hostname or ""):
        return
    port = where.port or (443 if where.scheme == "https" else 80)
    if (found := listeners.on(port)) is None:
        yield Finding("model server", "note", f"who may reach port {port} could not be looked at", f"lsof -nP -iTCP:{port} -sTCP:LISTEN")
    elif beyond := listeners.beyond_loopback(port):
        said = f"other machines may reach it: it listens on {', '.join(sorted({str(one) for one in beyond}))}, port {port}"
        yield Finding("model server", "note", said, f"OLLAMA_HOST=127.0.0.1:{port}, where Ollama is started; start it anew")
    elif found:
        yield Finding("model server", "ok", f"it listens on this machine alone, port {port}")


def _processes() -> Iterator[Finding]:
    from server import lifecycle, status

    now: dict[str, Any] = status.gather()
    missing = [p["name"] for p in now["processes"] if p["pid"] is None]
    if now["ready"] and not missing:
        yield Finding("processes", "ok", "supervisor, Portal, Server and cascade run; the world is ready")
    elif now["ready"]:
        yield Finding("processes", "bad", f"not running: {', '.join(missing)}", "timmy run")
    elif now["world"] == "down":
        yield Finding("processes", "note", "the world is down", "timmy run")
        from agents.kernel import settings

        lifecycle.check_ports(settings.load())
    else:
        yield Finding("processes", "bad", f"the Server is {now['phase']}", f"read {location.log_dir()}/server.log; timmy reload")
    for one in now["problems"]:
        yield Finding(one["what"], "bad", f"left out: {status.problem(one)}", f"mend {one['file']}; timmy reload")
    yield from _inside(now["inside"])
    crashes = now["processes"][2].get("crashes") or 0
    if crashes:
        yield Finding("crashes", "note", f"the Server has crashed {crashes} times since the Portal started",
                      f"read {location.log_dir()}/server.log")


def _freed(why: str) -> str:
    """What makes the records writable again; who holds the database is looked up."""
    if "locked" not in why:
        return f"free some space at {location.state_dir()}, or make it writable"
    path = location.state_dir() / "timmy.db3"
    ours = {pid for name in locks.NAMES if (pid := locks.holder(location.run_dir(), name))}
    found = [f"{pid} ({visible(shorten(command, 100))})" for pid, command in holders.of(path, ours | {os.getpid()})]
    return f"end the program that holds {path}: " + (", ".join(found) or "none of yours does; look as root")


def _models() -> Iterator[Finding]:
    from server import model_service

    yield from model_service.findings()


SLOW_MS, FULL_MB = 250.0, 2_000
"""A lag that people feel, and a database that wants pruning."""


def _inside(now: dict[str, Any]) -> Iterator[Finding]:
    """What the Server tells of itself, each trouble with what mends it."""
    if not now:
        return
    log = location.log_dir() / "server.log"
    records, lag, minds = now["records"], now["lag_ms"], now["minds"]
    if records["ok"]:
        yield Finding("records", "ok", "can be written")
    else:
        yield Finding("records", "bad", f"cannot be written: {records['why']}", _freed(records["why"]))
    slow = lag["p99"] > SLOW_MS
    yield Finding("lag", "bad" if slow else "ok", f"p99 {lag['p99']} ms, most {lag['max']} ms",
                  "timmy agents; timmy pause <the busiest agent>" if slow else "")
    yield Finding("minds", "ok" if minds["awake"] == minds["seated"] else "note",
                  f"{minds['awake']} of {minds['seated']} awake, longest visit {minds['longest_ms']} ms, {minds['late']} late",
                  "" if minds["awake"] == minds["seated"] else "timmy agents")
    for one in now["troubled"]:
        mend = f"mend the action, then timmy reload; timmy resume {one['agent']}" if one["aside"] else f"read {log}"
        yield Finding(f"mind {one['agent']}", "bad", one["why"], mend)
    if waiting := now["approvals_waiting"]:
        yield Finding("approvals", "note", f"{waiting} wait for your verdict", "timmy approvals")
    big = now["bytes"]["database"] > FULL_MB * 1_000_000
    yield Finding("files", "note" if big else "ok", f"database {now['bytes']['database'] // 1_000_000} MB, "
                  f"logs {now['bytes']['logs'] // 1_000_000} MB", "move TIMMY_STATE_DIR to a larger disk" if big else "")
    for one in now["errors"]:
        yield Finding("error", "note", f"{one['count']} times, last {one['last']}: {one['title']}", f"timmy task {one['task']}")
    if now["clock"]["jumps"]:
        yield Finding("clock", "note", f"it jumped {now['clock']['jumps']} times, last by {now['clock']['last_seconds']} s; "
                      "what was to come kept the time it had left", "keep the machine's clock by NTP (timedatectl)")
