"""Where untrusted commands run: which sandboxes exist and which is usable.

Owns the choice. Never runs anything without a sandbox unless the setting says so: if none is usable, the tools that
need one are refused with the reason.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from agents.kernel.errors import BadInput, Unavailable
from agents.kernel.settings import Settings
from agents.work.sandbox import namespaces
from agents.work.sandbox.bare import Bare
from agents.work.sandbox.bubblewrap import Bubblewrap
from agents.work.sandbox.job import Job, Limits, Result, Sandbox
from agents.work.sandbox.landlock import Landlock
from agents.work.sandbox.view import Guard
from agents.work.settings import WorkSettings

__all__ = ["Guard", "Job", "Limits", "Missing", "Result", "Sandbox", "choose", "choose_or_missing", "limits", "survey"]

_TRIAL = Job(("sh", "-c", "true & wait $!"), limits=Limits(seconds=30))


def limits(settings: Settings) -> Limits:
    """The limits that the settings give each command."""
    ours = settings.of(WorkSettings)
    return Limits(
        ours.sandbox_seconds,
        ours.sandbox_memory_mb,
        ours.sandbox_processes,
        ours.sandbox_file_mb,
        ours.sandbox_output_kb,
    )


def _all(guard: Guard) -> tuple[Sandbox, ...]:
    """The real sandboxes, best first."""
    return (Bubblewrap(guard), Landlock(guard))


@lru_cache(maxsize=4)
def survey(settings: Settings) -> tuple[tuple[str, bool, str], ...]:
    """Each sandbox's name, whether it is usable, and why not or for what it is not: found by running a command in it.

    Blocks for some tens of milliseconds the first time; cached for the same settings.
    """
    rows = tuple(_try(sandbox, settings.homes) for sandbox in _all(Guard(settings)))
    if not any(usable for _, usable, _ in rows) and (refusal := namespaces.refusal()) is not None:
        return tuple((name, False, refusal.said) for name, _, _ in rows)
    return rows


def _try(sandbox: Sandbox, homes: Path) -> tuple[str, bool, str]:
    try:
        result = sandbox.run(_TRIAL)
    except (Unavailable, BadInput) as error:
        return sandbox.name, False, error.message
    if result.ok:
        return sandbox.name, True, _why_not_to_write(sandbox, homes)
    words = (result.err or result.out).decode(errors="replace").strip()
    return sandbox.name, False, words or f"a trial command ended with code {result.code} {result.ended}"


def _why_not_to_write(sandbox: Sandbox, homes: Path) -> str:
    """Why no program may write to agents' homes, if that can be tried: not every disk supports the overlay for it."""
    if not homes.is_dir():
        return ""
    try:
        with tempfile.TemporaryDirectory(prefix=".trial-", dir=homes) as folder:
            sandbox.run(replace(_TRIAL, write=Path(folder)))
    except (Unavailable, BadInput) as error:
        return f"but not by what writes into an agent's home: {error.message}"
    except OSError as error:
        return f"but not by what writes into an agent's home: {error.strerror}"
    return ""


def choose(settings: Settings) -> Sandbox:
    """The sandbox to use: the configured one, or with `auto` the best usable one.

    Raises Unavailable with the reason for each that was tried. Blocks like `survey`.
    """
    wanted = settings.of(WorkSettings).sandbox
    if wanted == "bare":
        return Bare()
    tried = [entry for entry in survey(settings) if wanted in ("auto", entry[0])]
    usable = {name for name, good, _ in tried if good}
    for sandbox in _all(Guard(settings)):
        if sandbox.name in usable:
            return sandbox
    reasons = "; ".join(f"{name}: {reason}" for name, _, reason in tried)
    raise Unavailable(
        f"No sandbox can be used here ({reasons}). Commands are not run without one.", next="timmy doctor"
    )


class Missing:
    """Used if no sandbox is available: refuses every job with the reason."""

    name = "none"

    def __init__(self, reason: str) -> None:
        """`reason` is the message of each refusal."""
        self.reason = reason

    def run(self, job: Job) -> Result:
        """Always raises Unavailable."""
        raise Unavailable(self.reason, next="timmy doctor")

    def stop(self) -> None:
        """Nothing runs here."""


def choose_or_missing(settings: Settings) -> Sandbox:
    """Like `choose`, but a world without a sandbox still starts: it gets a `Missing`."""
    try:
        return choose(settings)
    except Unavailable as error:
        return Missing(error.message)
