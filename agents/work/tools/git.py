"""Look into git repositories, and commit in the agent's own.

Git reads in the sandbox, whatever a repository's own settings say (see `kernel.git`). Commits go through
`artifacts`, the only way into an agent's repository; repeated in the same plan step, a commit is made once.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from pydantic import Field

from agents.kernel import git
from agents.kernel.errors import StepFailed
from agents.kernel.text import clean
from agents.work import artifacts
from agents.work.effect import Effect
from agents.work.tool import Call, Tool, ToolInput, ToolOutput

_FORMAT = "%H%x1f%an%x1f%ae%x1f%aI%x1f%s"


class LogInput(ToolInput):
    """A repository and where to begin; newest first."""

    path: Path
    revision: str = "HEAD"
    count: int = Field(50, ge=1, le=5000)


class Commit(ToolOutput):
    """One commit."""

    sha: str
    author: str
    email: str
    when: datetime
    subject: str


class LogOutput(ToolOutput):
    """Commits, newest first."""

    commits: tuple[Commit, ...]


class TreeInput(ToolInput):
    """A repository and a revision of it."""

    path: Path
    revision: str = "HEAD"


class TreeFile(ToolOutput):
    """A file of a revision. `size` is None for a submodule."""

    path: str
    mode: str
    sha: str
    size: int | None


class TreeOutput(ToolOutput):
    """All files of a revision. `more`: the listing was cut."""

    files: tuple[TreeFile, ...]
    more: bool


class ShowInput(ToolInput):
    """A revision, or with `file` that file in it."""

    path: Path
    revision: str = "HEAD"
    file: str = ""


class ShowOutput(ToolOutput):
    """The file's text, or the commit with its changes. `more`: it was cut."""

    text: str
    more: bool


class CommitInput(ToolInput):
    """Files of the agent's own home by relative path, with their complete text, and the message."""

    files: dict[str, str] = Field(min_length=1)
    message: str = Field(min_length=1, max_length=10_000)


class CommitOutput(ToolOutput):
    """The commit that holds each file, by path."""

    commits: dict[str, str]
    untrusted: bool = False


async def _git(call: Call, path: Path, *words: str) -> tuple[str, bool]:
    """What git prints for the repository at `path`, and whether it was cut. Raises StepFailed."""
    real = call.box.readable(path)
    result = await call.sandboxed(git.script(str(real), *words), read=(real,))
    if not result.ok and not result.cut:
        why = clean(result.err.decode(errors="replace").strip())[-300:] or f"ended by the limit of {result.ended}"
        raise StepFailed(f"{call.tool.name}: {why}")
    return result.out.decode(errors="replace"), result.cut


async def _log(call: Call, given: LogInput) -> LogOutput:
    words = ("log", "-z", f"--max-count={given.count}", f"--format={_FORMAT}")
    text, _ = await _git(call, given.path, *words, "--end-of-options", given.revision)
    rows = [row.split("\x1f", 4) for row in text.split("\0") if row.count("\x1f") >= 4]
    names = ("sha", "author", "email", "when", "subject")
    return LogOutput(commits=tuple(Commit.model_validate(dict(zip(names, row, strict=True))) for row in rows))


async def _tree(call: Call, given: TreeInput) -> TreeOutput:
    words = ("ls-tree", "-r", "-l", "-z", "--full-tree", "--end-of-options", given.revision)
    text, cut = await _git(call, given.path, *words)
    files = []
    for row in text.split("\0")[:-1]:  # what follows the last mark is cut or empty
        facts, _, path = row.partition("\t")
        mode, _, sha, size = facts.split()
        files.append(TreeFile(path=path, mode=mode, sha=sha, size=int(size) if size.isdigit() else None))
    return TreeOutput(files=tuple(files), more=cut)


async def _show(call: Call, given: ShowInput) -> ShowOutput:
    what = f"{given.revision}:{given.file}" if given.file else given.revision
    words = ("show", "--end-of-options", what)
    text, cut = await _git(call, given.path, *words)
    return ShowOutput(text=text, more=cut)


async def _commit(call: Call, given: CommitInput) -> CommitOutput:
    box = call.box
    for path in given.files:
        box.writable(path)
    files = {path: text.encode("utf-8", "replace") for path, text in given.files.items()}
    runtime = box.runtime
    content = hashlib.sha256(given.model_dump_json().encode()).hexdigest()[:16]
    key = f"{box.step or runtime.new_id()}/{content}"  # two commits in one step are two
    done = await call.away(
        artifacts.commit_files, runtime.settings, box.agent, files, given.message, runtime.clock.now(), key
    )
    return CommitOutput(commits={path: made.commit for path, made in done.items()})


def _reads(given: LogInput | TreeInput | ShowInput) -> tuple[Effect, ...]:
    return (Effect("read", str(given.path)),)


TOOLS = (
    Tool("git.log", "List commits.", "core", LogInput, LogOutput, "read", _log, _reads, 120, True),
    Tool("git.tree", "List the files of a revision.", "core", TreeInput, TreeOutput, "read", _tree, _reads, 120, True),
    Tool("git.show", "Show a commit or a file of it.", "core", ShowInput, ShowOutput, "read", _show, _reads, 60, True),
    Tool("git.commit", "Commit in the own home.", "hands", CommitInput, CommitOutput, "write", _commit, timeout=60),
)
