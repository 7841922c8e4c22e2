"""Which paths the owner lets agents read.

Owns the check that every proposal and every tool makes: links resolved, inside
TIMMY_READ_PATHS, not one of the places that stay hidden even there. Refuses to read.
"""

from __future__ import annotations

from pathlib import Path

from agents.kernel.errors import BadInput, NotAllowed, NotFound
from agents.kernel.settings import Settings
from agents.kernel.text import visible
from agents.work.sandbox import Guard


def readable(path: Path | str, settings: Settings, *, also: tuple[Path, ...] = ()) -> Path:
    """`path` with `~` and links resolved, if it may be read; `also` are further folders granted.

    Raises BadInput for what is no whole path, NotAllowed that names the setting, NotFound.
    """
    shown = visible(str(path))
    try:
        given = Path(path).expanduser()
        real = given.resolve()
    except (ValueError, OSError, RuntimeError) as error:
        raise BadInput(f"{shown} is no path: {visible(str(error))}.") from error
    if not given.is_absolute():
        raise BadInput(f"{shown} is not a whole path: begin it with / or ~/.", next="task add Survey /home/you/project")
    grants = [*also, *(folder.resolve() for folder in settings.read_paths)]
    if not any(real.is_relative_to(grant) for grant in grants):
        folders = ":".join(str(folder) for folder in settings.read_paths)
        raise NotAllowed(
            f"{shown} may not be read: it is in none of the folders of TIMMY_READ_PATHS ({folders}).",
            next="timmy doctor",
        )
    if why := Guard(settings).why_hidden(real, grants):
        raise NotAllowed(f"{shown} may not be read: {why}, and TIMMY_READ_PATHS does not name it by itself.")
    try:
        if real.exists():
            return real
    except OSError as error:
        raise BadInput(f"{shown} cannot be looked at: {error.strerror}.") from error
    raise NotFound(f"There is no {shown}.")
