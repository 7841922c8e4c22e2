"""The settings of this world: environment variables and `.env`, prefix `TIMMY_`, one model combined from all sections.

Owns the names that all parts use, and reads and checks all settings. Every other setting is in the `settings.py` of
the package that uses it, which is found automatically; `docs/settings.md` is generated from them (`make pages`).
Nothing else in the project reads the environment. Refuses unknown `TIMMY_` names in `.env` and values out of range,
with a message that names the variable.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import Field, ValidationError, create_model, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from agents.kernel import location, parts
from agents.kernel.errors import BadInput
from agents.kernel.location import PROJECT
from agents.kernel.problem import Problem
from agents.kernel.section import OlderSection, Section

S = TypeVar("S", bound=Section)


class World(BaseSettings):
    """The world as a whole"""

    model_config = SettingsConfigDict(
        env_prefix="TIMMY_", env_file=PROJECT / ".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    owner: str = Field(
        "owner",
        pattern=r"^[A-Za-z][A-Za-z0-9_-]{1,29}$",
        description=(
            "Name of the owner's account and character, which are created at the first start: a letter, followed "
            "by letters, digits, `_` or `-`, 2 to 30 characters in all. Changing it later does not rename "
            "anybody."
        ),
    )
    owner_password: str = Field(
        "",
        repr=False,
        description=(
            "The owner's first password. If it is empty, a random one is created, shown once, and kept in "
            "`owner-password` in the state folder (mode 0600)."
        ),
    )
    state_dir: Path = Field(
        PROJECT / "server" / "state",
        description=(
            "Folder for everything the world keeps: database, secret key, agents' homes, logs, run files. A "
            "relative path starts at the project. The path can have at most about 85 bytes, because of the "
            "sockets inside."
        ),
    )
    interface: str = Field(
        "127.0.0.1",
        description=(
            "Address on which telnet, web and websocket listen. Anything but loopback lets other machines "
            "connect, so check your firewall first. The model cascade always stays on loopback."
        ),
    )
    port_base: int = Field(
        4000,
        ge=1024,
        le=65000,
        description=(
            "The telnet port; the web uses the next one (+1), the websocket +2, the model cascade +3. Two worlds "
            "on one machine need bases at least 4 apart."
        ),
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Lowest severity that is logged: `debug`, `info`, `warning` or `error`."
    )
    log_mb: int = Field(
        10, ge=1, description="Size in megabytes at which a log file is rotated; each process keeps five old ones."
    )

    @field_validator("state_dir", mode="after")
    @classmethod
    def _anchor(cls, value: Path) -> Path:
        return location.anchored(value)

    @property
    def homes(self) -> Path:
        """Where each agent's git repository is, one folder for each slug."""
        return self.state_dir / "homes"

    def of(self, section: type[S]) -> S:
        """The settings of one section. Raises LookupError for one that was not found at the start."""
        if not isinstance(self, section):
            raise LookupError(f"{section.__name__} is in no SECTIONS of a settings.py")
        return self


@lru_cache(maxsize=1)
def discover() -> tuple[Mapping[str, type[Section]], list[Problem]]:
    """The section of each variable that is not the world's own, and what is wrong with the files that were left out."""
    return parts.of_packages("settings", "settings", _held)


def _held(module: ModuleType) -> Iterator[tuple[str, type[Section]]]:
    if module.__name__ == __name__:
        return
    sections = getattr(module, "SECTIONS", None)
    if not isinstance(sections, tuple) or not all(isinstance(s, type) and issubclass(s, Section) for s in sections):
        raise TypeError("it has no SECTIONS = (…Settings, …)")
    part = module.__name__.split(".")[-2]
    for section in sections:
        for name in section.model_fields:
            if not issubclass(section, OlderSection) and not name.startswith(f"{part}_"):
                raise ValueError(f"{name} does not begin with {part}_")
            if name in World.model_fields:
                raise ValueError(f"{_variable(name)} is already the world's own")
            yield _variable(name), section


def sections() -> tuple[type[Section], ...]:
    """All sections, in the order of their packages."""
    return tuple(dict.fromkeys(discover()[0].values()))


def _variable(name: str) -> str:
    return f"TIMMY_{name.upper()}"


def whole() -> type[World]:
    """One model with all sections."""
    bases: tuple[Any, ...] = (World, *sections())
    return create_model("Settings", __base__=bases, __doc__="All settings, validated at start.")


if TYPE_CHECKING:
    Settings = World
else:
    Settings = whole()
"""The world's own settings and those of every section: one model, checked together. `of` returns a section."""


def load() -> Settings:
    """Read the settings again.

    Raises BadInput that names each wrong variable and what was expected, or each name in `.env` or the environment
    that is not a setting, with the nearest one that is.
    """
    known = [_variable(name) for name in Settings.model_fields]
    given = {*location.dotenv(), *(name for name in os.environ if name.startswith("TIMMY_"))}
    if unknown := sorted(name for name in given - set(known) if not name.startswith(tuple(_left_out()))):
        hints = (difflib.get_close_matches(name, known, 1) for name in unknown)
        said = "; ".join(f"{n} (did you mean {h[0]}?)" if h else n for n, h in zip(unknown, hints, strict=True))
        raise BadInput(f"There is no such setting: {said}. docs/settings.md lists them all.", next="timmy doctor")
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"TIMMY_{'_'.join(str(p) for p in e['loc'][:1]).upper()}: {e['msg']}" for e in error.errors())
        raise BadInput(f"Some settings are not valid: {wrong}.", next="timmy doctor") from error


def _left_out() -> Iterable[str]:
    """Prefixes of parts whose settings could not be read; variables with them are not counted as mistakes."""
    return (f"{_variable(Path(problem.file).parent.name)}_" for problem in discover()[1])


@lru_cache(maxsize=1)
def current() -> Settings:
    """The settings of this process, read once."""
    return load()
