"""Which paths the owner lets agents read.

Owns the check that every proposal and every tool makes: with links resolved, the path is inside TIMMY_READ_PATHS,
and not one of the places that stay hidden even there. Reads no files.
"""

from __future__ import annotations

from pathlib import Path

from agents.kernel.errors import BadInput, NotAllowed, NotFound
from agents.kernel.settings import Settings
from agents.kernel.text import visible
from agents.work.sandbox import Guard
from agents.work.settings import WorkSettings


def readable(path: Path | str, settings: Settings, *, also: tuple[Path, ...] = ()) -> Path:
    """`path` with `~` and links resolved, if it may be read; `also` are additional granted folders. Quotes around it
    are removed, as a shell would.

    Raises BadInput for anything but an absolute path, NotAllowed that names the setting, NotFound.
    """
    shown = visible(str(path))
    try:
        given = Path(_unquoted(str(path))).expanduser()
        real = given.resolve()
    except (ValueError, OSError, RuntimeError) as error:
        raise BadInput(f"{shown} is not a path: {visible(str(error))}.") from error
    if not given.is_absolute():
        raise BadInput(
            f"{shown} is not an absolute path: start it with / or ~/.", next="task add Survey /home/you/project"
        )
    grants = [*also, *(folder.resolve() for folder in settings.of(WorkSettings).read_paths)]
    if not any(real.is_relative_to(grant) for grant in grants):
        folders = ":".join(str(folder) for folder in settings.of(WorkSettings).read_paths)
        raise NotAllowed(
            f"{shown} may not be read: it is not in any folder of TIMMY_READ_PATHS ({folders}).",
            next="timmy doctor",
        )
    if why := Guard(settings).why_hidden(real, grants):
        raise NotAllowed(f"{shown} may not be read: {why}, and TIMMY_READ_PATHS does not list it explicitly.")
    try:
        if real.exists():
            return real
    except OSError as error:
        raise BadInput(f"{shown} cannot be examined: {error.strerror}.") from error
    raise NotFound(f"There is no {shown}.")


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 2 and text[0] in "\"'" and text[-1] == text[0] else text


def homely(path: Path | str) -> str:
    """A path as written in a sentence: below the home folder it begins with `~`."""
    real, home = Path(path), Path.home()
    return visible(f"~/{real.relative_to(home)}" if real != home and real.is_relative_to(home) else str(real))
