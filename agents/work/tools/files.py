"""Read files, and write files in the agent's own home.

A simple program inside the sandbox does each of these, so a link, a pipe, an expensive pattern or a huge file can
neither lead outside nor block the world. The toolbox checks paths first, for an answer that names the setting.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from agents.kernel.errors import BadInput, StepFailed
from agents.kernel.text import clean
from agents.work.effect import Effect
from agents.work.sandbox import Result
from agents.work.tool import Call, Tool, ToolInput, ToolOutput

_READ = 'exec 3<"$1" && tail -c "+$2" <&3 | head -c "$3"'
_WRITE = 'mkdir -p -- "$(dirname -- "$1")" && cat >"$1.part" && mv -f -- "$1.part" "$1"'
_LIST = "%y\\t%s\\t%TY-%Tm-%TdT%TH:%TM\\t%P\\0"
_NO_MATCH = 1


class ReadInput(ToolInput):
    """A file and which part of it: `limit` bytes from byte `offset` on."""

    path: Path
    offset: int = Field(0, ge=0)
    limit: int = Field(100_000, ge=1, le=1_000_000)


class ReadOutput(ToolOutput):
    """The text, with undecodable bytes replaced. `more`: the file continues."""

    text: str
    more: bool


class ListInput(ToolInput):
    """A folder, and how many levels of it."""

    path: Path
    depth: int = Field(1, ge=1, le=20)
    limit: int = Field(1000, ge=1, le=20_000)


class Entry(ToolOutput):
    """One file. `kind` is f (file), d (folder), l (link) or another letter of find(1)."""

    path: str
    kind: str
    size: int
    modified: str


class ListOutput(ToolOutput):
    """Entries by path. `more`: there were others."""

    entries: tuple[Entry, ...]
    more: bool


class SearchInput(ToolInput):
    """An extended regular expression (grep -E) and where to search; `glob` restricts the files' names."""

    path: Path
    pattern: str = Field(min_length=1, max_length=1000)
    glob: str = "*"
    ignore_case: bool = False
    limit: int = Field(200, ge=1, le=5000)


class Match(ToolOutput):
    """A matching line; `path` is relative to the searched folder."""

    path: str
    line: int
    text: str


class SearchOutput(ToolOutput):
    """Matches in the order found. `more`: there were others."""

    matches: tuple[Match, ...]
    more: bool


class WriteInput(ToolInput):
    """A file in the agent's own home (relative to it) and its complete new text."""

    path: Path
    text: str = Field(max_length=5_000_000)


class WriteOutput(ToolOutput):
    """Where it is now, relative to the home, and its size in bytes."""

    path: str
    size: int
    untrusted: bool = False


def _done(call: Call, result: Result, *fine: int) -> Result:
    """`result`, unless it failed or a limit cut it short: then raises StepFailed."""
    if result.ended and not result.cut:
        raise StepFailed(f"{call.tool.name} was ended by the limit of {result.ended}.")
    if result.code not in (0, *fine) and not result.cut:
        raise StepFailed(f"{call.tool.name}: {clean(result.err.decode(errors='replace').strip())[-300:]}")
    return result


async def _read(call: Call, given: ReadInput) -> ReadOutput:
    path = call.box.readable(given.path)
    argv = ("sh", "-c", _READ, "sh", str(path), str(given.offset + 1), str(given.limit + 1))
    out = _done(call, await call.sandboxed(argv, read=(path,))).out
    return ReadOutput(text=out[: given.limit].decode(errors="replace"), more=len(out) > given.limit)


async def _list(call: Call, given: ListInput) -> ListOutput:
    path = call.box.readable(given.path)
    if not path.is_dir():
        raise BadInput(f"{given.path} is a file: use files.read.")
    argv = ("find", str(path), "-mindepth", "1", "-maxdepth", str(given.depth), "-printf", _LIST)
    result = _done(call, await call.sandboxed(argv, read=(path,)), 1)  # 1: some folder may not be entered
    rows = [row.split("\t", 3) for row in result.out.decode(errors="replace").split("\0")[:-1]]
    entries = sorted((Entry(kind=k, size=int(s), modified=m, path=p) for k, s, m, p in rows), key=lambda e: e.path)
    return ListOutput(entries=tuple(entries[: given.limit]), more=len(entries) > given.limit or result.cut)


async def _search(call: Call, given: SearchInput) -> SearchOutput:
    path = call.box.readable(given.path)
    argv = ["grep", "-rIHnEZ", "--exclude-dir=.git", f"--include={given.glob}", *(["-i"] if given.ignore_case else [])]
    result = _done(call, await call.sandboxed([*argv, "-e", given.pattern, "--", str(path)], read=(path,)), _NO_MATCH)
    matches = []
    for row in result.out.decode(errors="replace").splitlines()[: given.limit]:
        name, _, rest = row.partition("\0")
        line, _, text = rest.partition(":")
        if line.isdigit():
            matches.append(Match(path=_below(name, path), line=int(line), text=text))
    return SearchOutput(matches=tuple(matches), more=result.cut or result.out.count(b"\n") > given.limit)


def _below(name: str, folder: Path) -> str:
    return str(Path(name).relative_to(folder)) if Path(name) != folder else folder.name


async def _write(call: Call, given: WriteInput) -> WriteOutput:
    path, home = call.box.writable(given.path), call.box.home
    data = given.text.encode("utf-8", "replace")
    argv = ("sh", "-c", _WRITE, "sh", str(path))
    _done(call, await call.sandboxed(argv, write=home, cwd=home, stdin=data))
    return WriteOutput(path=str(path.relative_to(home)), size=len(data))


def _reads(given: ReadInput | ListInput | SearchInput) -> tuple[Effect, ...]:
    return (Effect("read", str(given.path)),)


TOOLS = (
    Tool("files.read", "Read a file, or a part of it.", "core", ReadInput, ReadOutput, "read", _read, _reads, 30, True),
    Tool("files.list", "List what is in a folder.", "core", ListInput, ListOutput, "read", _list, _reads, 60, True),
    Tool(
        "files.search",
        "Find lines that match a pattern.",
        "core",
        SearchInput,
        SearchOutput,
        "read",
        _search,
        _reads,
        120,
        True,
    ),
    Tool(
        "files.write",
        "Write a file in the own home.",
        "hands",
        WriteInput,
        WriteOutput,
        "write",
        _write,
        timeout=30,
        sandboxed=True,
    ),
)
