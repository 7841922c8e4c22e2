"""What a job sees of the file system, as a list of mounts that every sandbox implements.

Owns the decision what is shown and what stays hidden even inside a readable folder: the world's own state and
secrets, and hidden entries (such as `.ssh`) of home folders. The deepest rule that contains a path decides; if two
are equally deep, a grant wins over a cover. Mounts nothing itself.
"""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agents.kernel.errors import BadInput
from agents.kernel.location import PROJECT
from agents.kernel.settings import Settings
from agents.work.sandbox.job import WHOLE, Job

HOME = Path("/tmp/home")  # noqa: S108 - a path inside the sandbox's private folder
USER = 61000
"""Numeric user and group inside, from the range that systemd's UIDS-GIDS leaves unused."""

MountKind = Literal["read", "write", "private", "proc", "dev", "link", "folder", "cover"]

_ETC = Path(__file__).with_name("etc")
_HOST_ETC = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "services")
_ROOTS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_NEVER = tuple(Path(p) for p in ("/proc", "/sys", "/dev"))
_NOT_WHOLE = tuple(Path(p) for p in ("/", "/tmp", "/usr", "/etc", "/run", "/var"))  # noqa: S108


@dataclass(frozen=True)
class Mount:
    """One step in building the view at `path`; `source` is a host path or a link's target.

    `private` is a new memory file system of `size` bytes, `cover` an empty read-only object over a file or folder
    of the host. `place`: what the source must be ('' for anything); `work`: a folder beside a writable one, in
    which the kernel may work.
    """

    kind: MountKind
    path: str
    source: str = ""
    size: int = 0
    place: str = ""
    work: str = ""


class Guard:
    """Knows what stays hidden even if a folder around it may be read."""

    def __init__(self, settings: Settings) -> None:
        """`settings` say where the world's own state is."""
        self._own = tuple(
            path.resolve()
            for path in (
                settings.state_dir,
                PROJECT / "server" / "run",
                PROJECT / "server" / "logs",
                PROJECT / "server" / "conf" / "secret_settings.py",
                PROJECT / ".env",
            )
        )

    def __repr__(self) -> str:
        """Remember what is the world's own."""
        return f"Guard({', '.join(map(str, self._own))})"

    def why_hidden(self, path: Path, granted: Iterable[Path]) -> str:
        """Why the resolved `path` may not be read although `granted` contains it; '' if it may.

        Says nothing about paths outside every grant: whether those may be read is not decided here.
        """
        depth = max((len(g.parts) for g in granted if path.is_relative_to(g)), default=0)
        for own in self._own:
            if path.is_relative_to(own) and len(own.parts) > depth:
                return f"{own} holds the world's own state or secrets"
        for home in _homes():
            if path.is_relative_to(home) and len(path.parts) > len(home.parts) >= depth:
                name = path.parts[len(home.parts)]
                if name.startswith("."):
                    return f"{home / name} is a hidden entry of a home folder"
        return ""

    def covers(self, folder: Path) -> Iterator[Path]:
        """Existing things strictly within the resolved `folder` that must be covered."""
        for own in self._own:
            if own != folder and own.is_relative_to(folder) and own.exists():
                yield own
        for home in _homes():
            if home.is_relative_to(folder):
                try:
                    names = [entry.name for entry in os.scandir(home) if not entry.is_symlink()]
                except OSError:
                    continue  # a home that we cannot list, the sandbox cannot list either
                yield from (home / name for name in names if name.startswith("."))


def _homes() -> tuple[Path, ...]:
    """Home folders of this machine's users."""
    paths = {Path(entry.pw_dir) for entry in pwd.getpwall()} | {Path.home()}
    return tuple(sorted(p.resolve() for p in paths if len(p.parts) > 1 and not p.is_relative_to("/usr")))


def granted(path: Path) -> Path:
    """`path` resolved, if it can be shown to a job.

    Raises BadInput if it does not exist, is a whole system folder, or is not an ordinary place on disk.
    """
    real = path.resolve()
    if real in _NOT_WHOLE or any(real.is_relative_to(never) for never in _NEVER):
        raise BadInput(f"{path} cannot be given to a sandbox as a whole: name a folder with files in it.")
    if not real.exists():
        raise BadInput(f"{path} does not exist, so it cannot be given to a sandbox.")
    return real


def folder(job: Job) -> Path:
    """Where the job's command starts. Raises BadInput if that is not one of its own folders."""
    if job.cwd is None:
        return HOME
    cwd = job.cwd.resolve()
    folders = (*job.read, *((job.write,) if job.write else ()))
    if not any(cwd.is_relative_to(f.resolve()) for f in folders) or not cwd.is_dir():
        raise BadInput(f"{job.cwd} is not a folder that this command may read or write, so it cannot start there.")
    return cwd


def environment(job: Job) -> dict[str, str]:
    """Exactly what the command finds in its environment."""
    path = f"/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:{sys.base_prefix}/bin"
    return {"PATH": path, "HOME": str(HOME), "LANG": "C.UTF-8", "PWD": str(folder(job)), **job.env}


def build(job: Job, guard: Guard, work: str = "") -> tuple[Mount, ...]:
    """The mounts for `job`, in order; `work` is the writable one's (see Mount).

    Raises BadInput for a grant that cannot be shown (see `granted`).
    """
    whole = WHOLE * job.limits.file_mb * 2**20
    mounts = [Mount("read", "/usr", "/usr")]
    for name in _ROOTS:
        path = Path("/", name)
        if path.is_symlink():
            mounts.append(Mount("link", str(path), os.readlink(path)))
        elif path.exists():
            mounts.append(Mount("read", str(path), str(path)))
    mounts += [Mount("read", f"/etc/{n}", f"/etc/{n}") for n in _HOST_ETC if Path("/etc", n).exists()]
    mounts += [Mount("read", f"/etc/{file.name}", str(file)) for file in sorted(_ETC.iterdir())]
    mounts += [
        Mount("proc", "/proc"),
        Mount("dev", "/dev"),
        Mount("private", "/dev/shm", size=whole),  # noqa: S108
        Mount("private", "/tmp", size=whole),  # noqa: S108
        Mount("folder", str(HOME)),
        Mount("link", "/var/tmp", "/tmp"),  # noqa: S108
    ]
    return (*mounts, *_grants(job, guard, work))


def _grants(job: Job, guard: Guard, work: str) -> list[Mount]:
    """Folders of the job and the Python installation, with covers, shallow before deep."""
    grants: dict[Path, Mount] = {}
    for path in (Path(sys.base_prefix), Path(sys.base_prefix).resolve()):
        if not path.is_relative_to("/usr"):
            grants[path] = Mount("read", str(path), str(path.resolve()))
    for given in job.read:
        path = granted(given)
        grants[path] = Mount("read", str(path), str(path), place=job.places.get(given, ""))
    if job.write is not None:
        path = granted(job.write)
        grants[path] = Mount("write", str(path), str(path), place=job.places.get(job.write, ""), work=work)
    covers = {cover: Mount("cover", str(cover)) for folder in tuple(grants) for cover in guard.covers(folder)}
    layers = {**covers, **grants}
    return [layers[path] for path in sorted(layers, key=lambda p: (len(p.parts), p))]
