"""`timmy doctor`: what is wrong with this world or this machine, and the command that fixes it.

Owns the checks, each of which looks and changes nothing. Never guesses: what could not be checked is reported as
such.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator

from agents.kernel import location
from agents.kernel.errors import NoRoom, TimmyError, unwritable
from agents.kernel.problem import Problem
from server import pythons
from server.finding import Finding

LEAST_FREE_MB = 500


def examine(broken: Iterable[Problem] = ()) -> list[Finding]:
    """All checks, in the order in which one would fix what they find; `broken` are commands of the command line that
    could not be loaded.
    """
    parts: tuple[Callable[[], Iterator[Finding]], ...] = (
        _python,
        _tools,
        _settings,
        _state,
        _secrets,
        _database,
        _sandbox,
        _model_server,
        _world,
        _models,
    )
    found = list(_words(broken))
    for part in parts:
        try:
            found += list(part())
        except TimmyError as error:
            mend = error.next if error.next != "timmy doctor" else "see docs/settings.md"
            if error.message not in {f.said for f in found}:
                found.append(Finding(part.__name__.strip("_"), "bad", error.message, mend))
        except (OSError, ImportError, sqlite3.Error) as error:
            found.append(Finding(part.__name__.strip("_"), "bad", f"could not be checked: {error}", _helps(error)))
    return found


def _helps(error: Exception) -> str:
    if isinstance(unwritable(error), NoRoom):
        return f"free some space: df -h {location.state_dir()} {tempfile.gettempdir()}"
    return "make install" if isinstance(error, ImportError) else "check that you can read it; make install"


def lines(findings: list[Finding]) -> list[str]:
    """For people: problems first, each with its remedy."""
    said = []
    for one in findings:
        said.append(f"{one.level:<5} {one.what}: {one.said}")
        if one.mend:
            said.append(f"      mend: {one.mend}")
    bad = sum(f.bad for f in findings)
    said.append("No problems found." if not bad else f"{bad} thing{'s' if bad > 1 else ''} to fix.")
    return said


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    fits = pythons.fits(sys.version_info)
    yield Finding("python", "ok" if fits else "bad", version, "" if fits else f"install {pythons.RANGE}; make install")


def _tools() -> Iterator[Finding]:
    if where := shutil.which("git"):
        yield Finding("git", "ok", where)
    else:
        yield Finding("git", "bad", "missing", "make install")


def _words(broken: Iterable[Problem]) -> Iterator[Finding]:
    for problem in broken:
        yield Finding("word", "bad", f"left out: {problem}", f"mend {problem.file}")


def _settings() -> Iterator[Finding]:
    from agents.kernel import settings
    from agents.work.settings import WorkSettings

    ours = settings.load()
    yield Finding("settings", "ok", f"read; state in {ours.state_dir}")
    if ours.owner_password and len(ours.owner_password) < 12:
        yield Finding(
            "owner password",
            "note",
            "TIMMY_OWNER_PASSWORD is shorter than 12 characters",
            "choose a longer one; in the game: @password <old> = <new>",
        )
    if not ours.interface.startswith("127.") and ours.interface != "::1":
        yield Finding(
            "interface", "note", f"other machines may connect to {ours.interface}", "TIMMY_INTERFACE=127.0.0.1"
        )
    if ours.of(WorkSettings).sandbox == "bare":
        yield Finding("sandbox", "note", "tools run without any sandbox", "TIMMY_SANDBOX=auto")


def _state() -> Iterator[Finding]:
    folder = location.state_dir()
    if not folder.exists():
        yield Finding("state", "note", f"{folder} does not exist yet", "timmy run")
        return
    from server.prepare import writable

    writable(folder)
    free = shutil.disk_usage(folder).free // 1_000_000
    full = free < LEAST_FREE_MB
    yield Finding(
        "disk",
        "bad" if full else "ok",
        f"{free} MB free at {folder}",
        "free some space, or move TIMMY_STATE_DIR" if full else "",
    )


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
    if (
        env.exists()
        and any(word in env.read_text(errors="replace") for word in secrets)
        and stat.S_IMODE(env.stat().st_mode) & 0o077
    ):
        yield Finding(
            ".env", "note", "it holds a password or a key and others on this machine may read it", f"chmod 600 {env}"
        )


def _database() -> Iterator[Finding]:
    path = location.state_dir() / "timmy.db3"
    if not path.exists():
        return
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as link:
        verdict = link.execute("PRAGMA quick_check(1)").fetchone()[0]
        mode = link.execute("PRAGMA journal_mode").fetchone()[0]
    yield Finding(
        "database",
        "ok" if verdict == "ok" else "bad",
        f"{verdict}, journal {mode}",
        "" if verdict == "ok" else f"timmy stop; restore a copy of {path}",
    )


def _sandbox() -> Iterator[Finding]:
    from server.checks import sandbox

    yield from sandbox.findings()


def _model_server() -> Iterator[Finding]:
    """Whether other machines may use this machine's model server. (Ollama asks nobody for a password.)"""
    from urllib.parse import urlsplit

    from agents.cascade.providers.http import is_loopback
    from agents.cascade.settings import CascadeSettings
    from agents.kernel import settings
    from server import listeners

    where = urlsplit(settings.load().of(CascadeSettings).ollama_url)
    if not is_loopback(where.hostname or ""):
        return
    port = where.port or (443 if where.scheme == "https" else 80)
    if (found := listeners.on(port)) is None:
        yield Finding(
            "model server",
            "note",
            f"who may reach port {port} could not be checked",
            f"lsof -nP -iTCP:{port} -sTCP:LISTEN",
        )
    elif beyond := listeners.beyond_loopback(port):
        said = (
            f"other machines may reach it: it listens on {', '.join(sorted({str(one) for one in beyond}))}, port {port}"
        )
        yield Finding(
            "model server", "note", said, f"OLLAMA_HOST=127.0.0.1:{port}, where Ollama is started; then restart it"
        )
    elif found:
        yield Finding("model server", "ok", f"it listens on this machine alone, port {port}")


def _world() -> Iterator[Finding]:
    from server.checks import world

    yield from world.findings()


def _models() -> Iterator[Finding]:
    from server import model_service

    yield from model_service.findings()
