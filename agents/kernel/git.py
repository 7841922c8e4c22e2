"""How git is called, in one place, for other people's repositories and our own.

Settings change what git prints and does, name programs that it starts, and stop it if one is unknown or malformed:
settings of the repository, the user, the machine and the environment. Owns the environment in which none of them is
read, and the view of a repository that is not ours: a git folder with its history, refs and index, and nothing else
of it. Refuses every subcommand that is not listed. Runs unchanged in the sandbox (see `work.probe` and `script`),
so it uses only the standard library.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

_NO_PROGRAM = "false"
SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "advice.graftFileDeprecated": "false",
        "core.attributesFile": "/dev/null",
        "core.excludesFile": "/dev/null",
        "core.fsmonitor": "false",
        "core.hooksPath": "/dev/null",
        "core.quotePath": "false",
        "attr.tree": "none",
        "gc.auto": "0",
        "init.templateDir": "",
        "maintenance.auto": "false",
        "protocol.allow": "never",
        "safe.directory": "*",
    }
)
"""Overrides for what git would otherwise read from files that no environment variable disables, or do unasked."""

ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_GRAFT_FILE": "/dev/null",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_PAGER": "cat",
        "GIT_EDITOR": _NO_PROGRAM,
        "GIT_ASKPASS": _NO_PROGRAM,
        "SSH_ASKPASS": _NO_PROGRAM,
        "GIT_SSH_COMMAND": _NO_PROGRAM,
        "PATH": "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin",
        "HOME": "/nonexistent",
        "LC_ALL": "C",
    }
)
"""The complete environment of a call; nothing is inherited from the calling process."""

_DIFFS = ("--no-ext-diff", "--no-textconv", "--no-show-signature")
_CALLS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(("cat-file", "for-each-ref", "ls-files", "ls-tree", "rev-parse", "symbolic-ref"), ()),
        **dict.fromkeys(("log", "show"), _DIFFS),
    }
)
"""Subcommands allowed on other people's repositories, with their mandatory options. None reads files of the work tree,
which may have filters, or looks into submodules.
"""
_OF_A_TREE = frozenset({"ls-files"})
"""Subcommands that get a work tree. The others are told that there is none, so that they read no attributes there."""
_FORMATS = {"objectformat": ("sha1", "sha256"), "refstorage": ("files", "reftable")}
"""The repository's settings that say how its files are to be read."""
_LINKED = ("packed-refs", "reftable", "shallow")
_HEAD = re.compile(r"ref:\s*refs/\S[^\n]*|[0-9a-f]{40}|[0-9a-f]{64}")
_SETTING = re.compile(r'\s*+(?:\[\s*+([\w.-]++)[^\]]*+\]\s*+)?(?:([\w-]++)\s*+=\s*+"?([\w.-]*+)"?)?')
"""The beginning of a line in a settings file: its section, name and value."""
_READ = 1 << 20
"""Maximum number of bytes read from one of git's files."""


class Unreadable(Exception):
    """There is no repository, or git cannot read it; the message says why."""


@dataclass(frozen=True)
class Seen:
    """A repository that is not ours, as git sees it. `bare`: it has no work tree."""

    path: str
    environment: Mapping[str, str]
    bare: bool

    def argv(self, subcommand: str, *words: str) -> tuple[str, ...]:
        """The command line, to be run in `environment`. Raises KeyError for a subcommand that is not listed."""
        always = _CALLS[subcommand]
        tree = () if self.bare or subcommand not in _OF_A_TREE else (f"--work-tree={self.path}",)
        return ("git", "--no-pager", "-C", self.path, *options(), *tree, subcommand, *always, *words)


def options(more: Mapping[str, str] = MappingProxyType({})) -> tuple[str, ...]:
    """`SETTINGS` and `more` as arguments for git."""
    return tuple(word for name, value in {**SETTINGS, **more}.items() for word in ("-c", f"{name}={value}"))


def look(path: str, into: str) -> Seen:
    """Create the view of the repository at `path` in the empty folder `into`. Raises Unreadable."""
    inner, bare = _inner(path)
    common = os.path.join(inner, _line(os.path.join(inner, "commondir")) or ".")
    objects = os.path.join(common, "objects")
    if not os.path.isdir(objects):
        raise Unreadable(f"{path} is not a git repository: it has no objects")
    _write(into, "HEAD", _head(inner))
    _write(into, "config", _config(_text(os.path.join(common, "config"))))
    names = [name for name in _LINKED if os.path.lexists(os.path.join(common, name))]
    links = {name: os.path.join(common, name) for name in names}
    links["refs"] = os.path.join(common, "refs")
    links |= {name: os.path.join(inner, name) for name in os.listdir(inner) if name.startswith("sharedindex.")}
    os.mkdir(os.path.join(into, "info"))
    links[os.path.join("info", "exclude")] = os.path.join(common, "info", "exclude")
    for name, target in links.items():
        os.symlink(os.path.abspath(target), os.path.join(into, name))
    if not os.path.isdir(links["refs"]):  # all its refs are packed
        os.unlink(os.path.join(into, "refs"))
        os.mkdir(os.path.join(into, "refs"))
    shown = {"GIT_DIR": into, "GIT_OBJECT_DIRECTORY": objects, "GIT_INDEX_FILE": os.path.join(inner, "index")}
    return Seen(path, {**ENVIRONMENT, **{name: os.path.abspath(at) for name, at in shown.items()}}, bare)


def _inner(path: str) -> tuple[str, bool]:
    """The git folder that belongs to `path`, and whether it is `path` itself."""
    beside = os.path.join(path, ".git")
    if os.path.isfile(beside):
        return os.path.join(path, _line(beside).removeprefix("gitdir:").strip()), False
    inner = beside if os.path.isdir(beside) else path
    if not os.path.lexists(os.path.join(inner, "HEAD")):
        raise Unreadable(f"{path} is not a git repository")
    return inner, inner == path and os.path.basename(os.path.abspath(path)) != ".git"


def _head(inner: str) -> str:
    file = os.path.join(inner, "HEAD")
    if os.path.islink(file) and (target := os.readlink(file)).startswith("refs/"):
        return f"ref: {target}\n"
    head = _text(file).strip()
    if not _HEAD.fullmatch(head):
        raise Unreadable("HEAD names neither a branch nor a commit, so it is not a git repository that can be read")
    return f"{head}\n"


def _config(told: str) -> str:
    found, section = dict.fromkeys(_FORMATS, ""), ""
    for line in told.splitlines():
        match = _SETTING.match(line)
        if match is None:
            continue
        section = (match[1] or section).lower()
        name, value = (match[2] or "").lower(), (match[3] or "").lower()
        if section == "extensions" and value in _FORMATS.get(name, ()):
            found[name] = value
    extensions = "".join(f"\t{name} = {value}\n" for name, value in found.items() if value not in ("", "sha1", "files"))
    core = f"[core]\n\trepositoryFormatVersion = {int(bool(extensions))}\n\tbare = true\n"
    return core + (f"[extensions]\n{extensions}" if extensions else "")


def _text(file: str) -> str:
    try:
        with open(file, "rb") as opened:
            return opened.read(_READ).decode("utf-8", "surrogateescape")
    except OSError:
        return ""


def _line(file: str) -> str:
    return _text(file).partition("\n")[0].strip() if os.path.isfile(file) else ""


def _write(folder: str, name: str, text: str) -> None:
    with open(os.path.join(folder, name), "wb") as file:
        file.write(text.encode("utf-8", "surrogateescape"))


# -- one call in the sandbox ----------------------------------------------------------------------


def script(path: str, subcommand: str, *words: str) -> tuple[str, ...]:
    """A command line for the sandbox that creates the view and calls git on it."""
    if subcommand not in _CALLS:
        raise KeyError(subcommand)
    source = Path(__file__).read_text("utf-8")
    return (str(Path(sys.executable).resolve()), "-I", "-c", source, path, subcommand, *words)


def _run(path: str, *words: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        try:
            seen = look(path, folder)
        except (Unreadable, OSError) as error:
            sys.stderr.write(f"fatal: {error}\n")
            return 128
        return subprocess.run(seen.argv(*words), env=seen.environment, stdin=subprocess.DEVNULL, check=False).returncode


# -- repositories of our own ------------------------------------------------------------------------


def own(
    folder: str | Path,
    words: Sequence[str],
    given: bytes = b"",
    *,
    settings: Mapping[str, str] = MappingProxyType({}),
    environment: Mapping[str, str] = MappingProxyType({}),
    seconds: float | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Call git on a git folder that this world created and whose settings it maintains; `words` begin with the
    subcommand.

    Raises OSError if git cannot be run, or TimeoutExpired.
    """
    from agents.kernel import location  # not available in the sandbox

    asked = ("git", "--no-pager", *options(settings), f"--git-dir={folder}", *words)
    held = {**ENVIRONMENT, "PATH": location.environment("PATH") or os.defpath, **environment}
    return subprocess.run(asked, input=given, capture_output=True, timeout=seconds, check=False, env=held, cwd="/")


if __name__ == "__main__":
    sys.exit(_run(*sys.argv[1:]))
