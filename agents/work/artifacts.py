"""Each agent's git repository, and the files that tasks leave in it.

Owns `homes/<slug>`: creating it, committing to it in the agent's name, reading back what was committed. A commit
carries a key, so repeating it after a crash makes no second one. Does not trust the contents of a home, because
sandboxed programs may write there: the repository's hooks and settings are never used, and no link is followed out
of it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from agents.events.unit import Unit
from agents.kernel import text
from agents.kernel.errors import BadInput, Conflict, NotFound, StepFailed
from agents.kernel.runtime import Runtime
from agents.kernel.settings import Settings
from agents.work.history import History
from agents.work.markdown import count
from agents.work.models import Artifact, Task
from agents.work.ports import Offload

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")
_CONFIG = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
\tlogallrefupdates = true
\thooksPath = /dev/null
[user]
\tname = {name}
\temail = {email}
"""
_ELSEWHERE = (
    "commondir",
    "gitdir",
    "config.worktree",
    "info/attributes",
    "info/grafts",
    "objects/info/alternates",
    "shallow",
)
"""Files through which a repository gets settings, drivers, objects or history from elsewhere; an agent's needs none."""
_UNREADABLE = (StepFailed, ValueError, OSError)


@dataclass(frozen=True)
class Committed:
    """A file in a commit: the commit's name, the path in the home, the bytes."""

    commit: str
    path: str
    content: bytes


def home_of(settings: Settings, slug: str) -> Path:
    """The folder of an agent's repository; raises BadInput if `slug` is not valid."""
    if not _SLUG.fullmatch(slug):
        raise BadInput(f"{text.visible(slug)} is not an agent's slug.")
    return settings.homes / slug


def ensure_home(settings: Settings, slug: str) -> Path:
    """The agent's repository, created if it does not exist, with its own settings restored.

    Raises StepFailed if what exists there is not one of our repositories.
    """
    home = home_of(settings, slug)
    with _alone(home):
        _prepare(home)
    return home


def commit_files(
    settings: Settings, slug: str, files: Mapping[str, bytes], message: str, when: datetime, key: str
) -> dict[str, Committed]:
    """Write `files` (paths relative to the home) and commit them together in the agent's name.

    Blocking. If `key` was used before, or all of it is already committed, nothing is committed and the first commit
    is returned. Raises BadInput for a path outside the home or in `.git`, StepFailed if the repository is unusable.
    """
    home = home_of(settings, slug)
    with _alone(home):
        _prepare(home)
        try:
            history = History(home)
            if made := _made_before(history, files, key):
                return made
            for path, content in files.items():
                _write(home, path, content)
            commit = history.commit(files, f"{message}\n\nKey: {key}\n", (slug, _email(slug)), when)
            return {path: Committed(commit, path, content) for path, content in files.items()}
        except _UNREADABLE as error:
            raise StepFailed(f"The repository of {slug} cannot be written: {text.clean(str(error))}") from error


async def commit_artifact(
    runtime: Runtime,
    offload: Offload,
    task: Task,
    agent: str,
    name: str,
    content: str,
    suffix: str = "md",
    unit: Unit | None = None,
) -> Artifact:
    """Commit `content` as the artifact `name` of this attempt at `task`, and record it; an event of `unit` vouches for
    it.

    Repeated after a crash, it finds the first commit and row. A later attempt replaces the file in a new commit;
    the earlier one stays in the history.
    """
    if not _SLUG.fullmatch(name):
        raise BadInput(f"{text.visible(name)} is not a valid name for an artifact.")
    path = f"reports/task-{task.id}/{name}.{suffix}"
    made = await offload(
        commit_files,
        runtime.settings,
        agent,
        {path: content.encode("utf-8", "replace")},
        f"Task {task.id}: {name}\n\n{text.shorten(text.clean(task.title, keep_lines=False), 200)}",
        runtime.clock.now(),
        f"task-{task.id}/attempt-{task.attempt}/{name}",
    )
    done = made[path]
    columns = {
        "agent": agent,
        "path": path,
        "commit": done.commit,
        "size": len(done.content),
        "sha256": hashlib.sha256(done.content).hexdigest(),
    }
    unit = unit or Unit()
    with unit():
        row, _ = Artifact.objects.update_or_create(
            task=task, name=name, defaults=columns, create_defaults=columns | {"created_at": runtime.clock.now()}
        )
        unit.vouch(row)
    return row


def read_artifact(settings: Settings, artifact: Artifact) -> str:
    """The artifact's text as committed, whatever happened to the file since.

    Raises NotFound if the commit is gone, Conflict if its content differs from what was recorded.
    """
    home = home_of(settings, artifact.agent)
    try:
        with _reading(home) as history:
            content = history.content(artifact.commit, artifact.path)
        return _as_recorded(content, artifact).decode("utf-8", "replace")
    except _UNREADABLE as error:
        raise NotFound(f"{artifact.path} is not in the repository of {artifact.agent} any more.") from error


def altered(settings: Settings) -> Iterator[str]:
    """Every artifact that is not in its agent's repository as it was committed, in words."""
    for agent, rows in groupby(
        Artifact.objects.order_by("agent", "task_id", "name").iterator(1000), lambda row: row.agent
    ):
        held = list(rows)
        try:
            with _reading(home_of(settings, agent)) as history:
                found = history.contents((row.commit, row.path) for row in held)
                for row, content in zip(held, found, strict=True):
                    try:
                        _as_recorded(content, row)
                    except (NotFound, Conflict) as error:
                        yield error.message
        except (BadInput, *_UNREADABLE) as error:
            yield f"{count(len(held), 'artifact')} of {text.visible(agent)} cannot be read: {text.visible(str(error))}"


@contextmanager
def _reading(home: Path) -> Iterator[History]:
    """The history, for reading; does not create one."""
    if not (home / ".git").exists():
        raise FileNotFoundError(f"there is no repository in {home}")
    with _alone(home):
        _prepare(home)
        yield History(home)


def _as_recorded(content: bytes | None, artifact: Artifact) -> bytes:
    if content is None:
        raise NotFound(f"{artifact.path} is not in the repository of {artifact.agent} any more.")
    if hashlib.sha256(content).hexdigest() != artifact.sha256:
        raise Conflict(f"{artifact.path} is not what was committed for task {artifact.task_id}.")
    return content


def _email(slug: str) -> str:
    return f"{slug}@timmys-world.invalid"  # RFC 2606: a domain that nobody can own


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One writer for each home. The kernel releases the lock when its holder dies."""
    home.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(home.parent / f".{home.name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _prepare(home: Path) -> None:
    """Create the repository, or make sure that it cannot lead us elsewhere."""
    inner = home / ".git"
    if not inner.exists() and not inner.is_symlink():
        home.mkdir(mode=0o700, exist_ok=True)
        History(home).begin()
    if home.is_symlink() or inner.is_symlink() or not inner.is_dir():
        raise StepFailed(f"{home} is not an agent's repository: its .git is not a folder.")
    for folder, folders, names in os.walk(inner):
        here = Path(folder)
        for entry in (*folders, *names):
            if (here / entry).is_symlink():
                raise StepFailed(f"{home} is not used: {text.visible(str(here / entry))} is a link.")
            # We hold our own lock, so whoever left this one is dead, and git would wait for it for ever.
            if entry.endswith(".lock"):
                (here / entry).unlink()
        if here.name == "objects" and here.parent == inner:
            folders.clear()  # written by rename, which replaces a link instead of following it
    for name in _ELSEWHERE:
        (inner / name).unlink(missing_ok=True)
    wanted = _CONFIG.format(name=home.name, email=_email(home.name))
    config = inner / "config"
    if not config.is_file() or config.read_bytes() != wanted.encode():
        _replace(config, wanted.encode())


def _made_before(history: History, files: Mapping[str, bytes], key: str) -> dict[str, Committed]:
    """The files as committed, if all of them were committed under `key` before or are already in this state; otherwise
    {}.
    """
    made = {}
    for path, content in files.items():
        last = history.last(path)
        before = history.content(last, path) if last else None
        if before is None:  # or the last commit that touched it removed it
            return {}
        keyed = history.message(last).rstrip().endswith(f"\nKey: {key}")
        if not keyed and before != content:
            return {}
        made[path] = Committed(last, path, before)
    return made


def _write(home: Path, path: str, content: bytes) -> None:
    """Write a file in the home without following links; raises BadInput for a path outside it."""
    parts = Path(path).parts
    if not parts or Path(path).is_absolute() or {"..", ".git"} & {part.lower() for part in parts}:
        raise BadInput(f"{text.visible(path)} is not a path in an agent's home.")
    folder = home
    for part in parts[:-1]:
        folder /= part
        if folder.is_symlink():
            raise BadInput(f"{text.visible(str(folder))} is a link, so nothing is written through it.")
        folder.mkdir(exist_ok=True)
    _replace(folder / parts[-1], content)


def _replace(target: Path, content: bytes) -> None:
    """Write all or nothing: readers and crashes see either the old file or the new one."""
    fresh = target.with_name(f".{target.name}.new")
    fresh.unlink(missing_ok=True)
    with open(fresh, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, target)
