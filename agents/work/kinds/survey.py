"""Survey: what is in a git repository, what is stale, what is broken.

Owns the request and the order of the parts; `_survey` reads and reports. Every figure comes from real git in the
sandbox. Refuses paths outside TIMMY_READ_PATHS and whatever is not a repository, when it is requested and again
when it is done.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from agents.kernel.errors import BadInput
from agents.kernel.settings import Settings
from agents.kernel.text import visible
from agents.work import paths
from agents.work.act import StepContext
from agents.work.effect import Effect
from agents.work.kind import Kind, WorkStep
from agents.work.kinds import _survey
from agents.work.kinds._survey.report import report, summary, upshot
from agents.work.probe import probe

USAGE = "Survey <path of a git repository> [= what you want to know; files older than 90 days]"
EXAMPLE = "Survey ~/src/project = what is in it, what is stale, what is broken"
STALE_DAYS = 365

_DAYS = re.compile(r"older than (\d{1,6}) days?\b", re.IGNORECASE)


class Params(BaseModel):
    """`path`: the repository, with links resolved; `also`: folders outside it that hold its objects.

    `stale_days`: age from which a file is called old.
    """

    path: str
    also: tuple[str, ...] = ()
    stale_days: int = Field(STALE_DAYS, ge=1, le=999_999)


def parse(subject: str, description: str, settings: Settings) -> Params:
    """Parse the path and, if the text says so, after how many days a file is old."""
    if not subject:
        raise BadInput("Survey needs the path of a git repository.", next=f"task add {EXAMPLE}")
    path = paths.readable(subject, settings)
    also = tuple(str(paths.readable(folder, settings)) for folder in repository_folders(path)[1:])
    days = _DAYS.search(description)
    if days and not int(days[1]):
        raise BadInput("A file cannot be older than 0 days: give 1 or more.")
    return Params(path=str(path), also=also, stale_days=int(days[1]) if days else STALE_DAYS)


def repository_folders(path: Path) -> tuple[Path, ...]:
    """The repository at `path` and the folders outside it that hold its objects.

    Those are the git folder of a linked work tree, and what a clone borrows objects from. Raises BadInput if there
    is no repository, naming the nearest one around it.
    """
    shown = visible(str(path))
    if not path.is_dir():
        raise BadInput(f"{shown} is a file: Survey needs the folder of a git repository.")
    inner = path / ".git"
    if inner.is_file():
        inner = path / _line(inner).removeprefix("gitdir:").strip()
    elif not inner.exists():
        inner = path
    inner = inner.resolve()
    if not ((inner / "HEAD").is_file() or (inner / "HEAD").is_symlink()):
        around = next((p for p in path.parents if (p / ".git").exists()), None)
        hint = f" It lies in the repository {visible(str(around))}." if around else ""
        raise BadInput(f"{shown} is not a git repository.{hint}", next=f"task add Survey {around}" if around else "")
    common = (inner / _line(inner / "commondir")).resolve() if (inner / "commondir").is_file() else inner
    folders = [path, inner, common]
    for store in folders[2:]:
        if len(folders) > 20:
            break
        lent = store / "objects" / "info" / "alternates"
        if lent.is_file():
            lines = (line for line in _beginning(lent).splitlines() if line and line[0] != "#")
            folders += [(store / "objects" / line).resolve().parent for line in lines]
    outside: list[Path] = []
    for folder in folders:
        if not any(folder.is_relative_to(seen) for seen in outside):
            outside.append(folder)
    return tuple(outside)


def _line(file: Path) -> str:
    return _beginning(file).partition("\n")[0].strip()


def _beginning(file: Path) -> str:
    """More than any genuine file of this sort contains: it is read outside the sandbox, and may have any size."""
    with file.open("rb") as opened:
        return opened.read(1 << 16).decode("utf-8", "replace")


def _part(name: str) -> Callable[[StepContext], Awaitable[dict[str, Any]]]:
    async def run(ctx: StepContext) -> dict[str, Any]:
        return await read(ctx, name, KIND.asked(ctx)[1])

    return run


async def read(ctx: StepContext, part: str, params: Params) -> dict[str, Any]:
    """One part of the survey, read in the sandbox.

    Raises StepFailed with git's message if it cannot read the repository.
    """
    now = ctx.runtime.clock.now()
    asked = {"part": part, "path": params.path, "now": int(now.timestamp()), "stale_days": params.stale_days}
    answer = await probe(
        ctx,
        _survey.__name__,
        ("agents.kernel.git", "conventions", "checks", "reading", "parts"),
        asked,
        map(Path, (params.path, *params.also)),
        f"The {part} of {visible(params.path)} could not be read",
    )
    return {**answer, "asked_at": now.isoformat()}


def _action(params: Params) -> str:
    also = f" and of its objects in {', '.join(params.also)}" if params.also else ""
    return (
        f"read every commit and file at HEAD of the git repository {params.path}{also} "
        f"(files unchanged for more than {params.stale_days} days count as old)"
    )


KIND = Kind(
    name="survey",
    purpose="tells what is in a git repository, what is stale and what is broken",
    usage=USAGE,
    example=EXAMPLE,
    params=Params,
    parse=parse,
    action=_action,
    steps=(
        WorkStep("commits", _part("commits"), "holds the lens to the history and counts commits"),
        WorkStep("files", _part("files"), "sorts the files by language and weighs them"),
        WorkStep("tests", _part("tests"), "looks for tests"),
        WorkStep("markers", _part("markers"), "searches for marks that say what is left to do"),
        WorkStep("old", _part("old"), "looks for files that nobody has touched in a long time"),
        WorkStep("broken", _part("broken"), "tries each file and each link for cracks"),
    ),
    report=report,
    summary=summary,
    upshot=upshot,
    equipment="lens",
    category="read",
    effects=lambda params: tuple(Effect("read", path) for path in (params.path, *params.also)),
    tools=("terminal",),
    told=("surveyed", "folder"),
)
