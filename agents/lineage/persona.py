"""Who an agent is: one readable YAML file each, validated completely before it is used.

Owns the shape of a persona and how its file is read (safe loader, bounded size, no aliases, no duplicate keys). Refuses
to guess: a wrong file is reported with its line and the reason, and only that agent is left out. What a persona says of
its mind is a preference; which models are really connected is for the cascade to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo
from yaml.constructor import SafeConstructor

from agents.goap.model import Goal
from agents.kernel import providers
from agents.kernel.plain_yaml import LOADER
from agents.kernel.problem import Problem
from agents.lineage.aims import Aim, Condition, name_of
from agents.lineage.voice import SILENT, Voice

MAX_BYTES, DEEPEST = 32_768, 12
FOLDER = Path(__file__).parent / "personas"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SLUG = r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$"


def seconds(value: object) -> object:
    """A period in seconds from `30s`, `10m`, `2h`, `1d` or a plain number."""
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhd])\s*", value)
        if not match:
            raise ValueError("a period is a number and s, m, h or d, such as 10m")
        return float(match[1]) * _UNITS[match[2]]
    return value


def _hours(value: tuple[int, int]) -> tuple[int, int]:
    if not all(0 <= hour <= 24 for hour in value) or value[0] == value[1]:
        raise ValueError("hours are two different numbers from 0 to 24, such as [6, 22]")
    return value


def _aims(value: tuple[Aim, ...]) -> tuple[Aim, ...]:
    if len({aim.name for aim in value}) < len(value):
        raise ValueError("two aims have one name")
    return value


ModelName = Annotated[str, Field(pattern=r"^[\w.:/@+-]+$", max_length=200)]
"""What a model may be called. Its length is not in the pattern: `\\w{1,200}` would take 9 MB, compiled."""
Period = Annotated[float, BeforeValidator(seconds), Field(ge=1, le=30 * 86400)]
Gesture = Annotated[str, Field(min_length=3, max_length=160, pattern=r"^[a-z][^{}\n]*\.$")]
"""A phrase behind the agent's name: `counts his tools before he lends one.`"""
Hours = Annotated[tuple[int, int], AfterValidator(_hours)]


def _within(hours: tuple[int, int] | None, now: datetime) -> bool:
    if hours is None:
        return True
    start, end = hours
    return start <= now.hour < end if start < end else now.hour >= start or now.hour < end


class Errand(BaseModel):
    """Something an agent does of itself, again and again: facts to bring about, how often, how much
    it matters. `hours` (from, until, by the local hour) limits it to a part of the day; `seen` are gestures, one of
    which it is seen making when it comes to it: another each time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    achieve: Condition
    every: Period
    weight: int = Field(1, ge=1, le=100)
    why: str = Field("", max_length=200)
    hours: Hours | None = None
    seen: tuple[Gesture, ...] = Field((), max_length=12)

    @cached_property
    def name(self) -> str:
        """How it is named in plans: its facts, `seen(board)`."""
        return name_of(self.achieve)

    def in_season(self, now: datetime) -> bool:
        """Whether the errand belongs to this hour of the day."""
        return _within(self.hours, now)

    @cached_property
    def period(self) -> timedelta:
        """`every` as a span of time."""
        return timedelta(seconds=self.every)

    @cached_property
    def goal(self) -> Goal:
        """The errand as the planner takes it."""
        return Goal(name=self.name, condition=self.achieve, priority=self.weight)


class Activity(Errand):
    """A part of an agent's day: what it does once within these hours."""

    hours: Hours
    every: Period = 4 * 3600.0
    weight: int = Field(8, ge=1, le=100)


@lru_cache(maxsize=4096)
def _shared[E: Errand](errand: E) -> E:
    """The errand, or the equal one that another persona has."""
    return errand


@lru_cache(maxsize=256)
def _set_of(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(names)


def _errands[E: Errand](errands: tuple[E, ...]) -> tuple[E, ...]:
    return tuple(map(_shared, errands))


def _of_hours(hours: tuple[int, int]) -> frozenset[int]:
    start, end = hours
    return frozenset(range(start, end) if start < end else (*range(start, 24), *range(end)))


def _day(day: tuple[Activity, ...], given: ValidationInfo) -> tuple[Activity, ...]:
    taken: dict[str, frozenset[int]] = {}
    up = _of_hours(given.data["schedule"]) if given.data.get("schedule") else frozenset(range(24))
    for one in day:
        hours = _of_hours(one.hours)
        if hours - up:
            raise ValueError(
                f"{one.name} at {one.hours[0]} to {one.hours[1]} lies outside of its schedule: it sleeps then"
            )
        if hours & taken.get(one.name, frozenset()):
            raise ValueError(f"{one.name} stands in the day twice for the same hour")
        taken[one.name] = taken.get(one.name, frozenset()) | hours
    return day


def _enabled(value: tuple[str, ...]) -> tuple[str, ...]:
    return providers.order(" ".join(value))


class MindPreference(BaseModel):
    """Which models an agent thinks with: `prefers` in words, `models` by name, the first that is there is taken
    (`provider/model` means that provider's alone). `remote`: the providers that what it is told may be sent to although
    they are not on this machine; none, unless it says so. What it may use of them in a day; None: the setting.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    prefers: str = Field(max_length=200)
    models: tuple[ModelName, ...] = Field((), max_length=20)
    remote: Annotated[tuple[str, ...], AfterValidator(_enabled)] = ()
    tokens_a_day: int | None = Field(None, ge=0)
    money_a_day: float | None = Field(None, ge=0)
    thought_every: Period | None = None
    """How far apart its thoughts are; None: the setting."""
    note: str = Field("", max_length=300)

    @cached_property
    def choice(self) -> dict[str, Any]:
        """What goes with each question that is asked for it (fields of `agents.cascade.ports.Question`)."""
        return {
            "models": self.models,
            "remote": frozenset(self.remote),
            "tokens_a_day": self.tokens_a_day,
            "money_a_day": self.money_a_day,
        }


@lru_cache(maxsize=256)
def _thinking(mind: MindPreference) -> MindPreference:
    """The preference, or the equal one that another persona has."""
    return mind


class Persona(BaseModel):
    """One agent, as its file describes it. Hours are local; `born` is empty where it is not known; `heeds`
    names the states of the machine that it does something about; `day` is what it does at which hours of its day, and
    out of its `schedule` it sleeps.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    slug: str = Field(pattern=_SLUG, max_length=60)
    name: str = Field(min_length=1, max_length=60, pattern=r"^[^\W\d_][\w' -]*$")
    role: str = Field(min_length=1, max_length=200)
    temperament: str = Field(min_length=1, max_length=300)
    description: str = Field(min_length=1, max_length=600)
    mind: Annotated[MindPreference, AfterValidator(_thinking)]
    parent: str = Field("", max_length=60)
    born: str = Field("", max_length=40)
    home: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    toolsets: tuple[str, ...] = ()
    errands: Annotated[tuple[Errand, ...], AfterValidator(_errands)] = ()
    aims: Annotated[tuple[Aim, ...], AfterValidator(_aims)] = Field((), max_length=12)
    heeds: tuple[Literal["disk_low", "swap_high"], ...] = ()
    schedule: Hours | None = None
    day: Annotated[tuple[Activity, ...], AfterValidator(_errands), AfterValidator(_day)] = Field((), max_length=24)
    most_steps: int | None = Field(None, ge=1, le=10000)
    voice: Voice = SILENT

    @cached_property
    def having(self) -> frozenset[str]:
        """Its toolsets, as a set that all who have the same share."""
        return _set_of(self.toolsets)

    @cached_property
    def seasonal(self) -> bool:
        """Whether the hour of the day changes what it wants."""
        return self.schedule is not None or any(errand.hours for errand in self.habits)

    @cached_property
    def habits(self) -> tuple[Errand, ...]:
        """All that it does of itself: the parts of its day, and its errands."""
        return (*self.day, *self.errands)

    def habit(self, name: str) -> Errand | None:
        """The habit called so."""
        return next((one for one in self.habits if one.name == name), None)

    def awake_at(self, now: datetime) -> bool:
        """Whether its schedule has it up and about; tasks wake it at any hour."""
        return _within(self.schedule, now)


def _composed(text: str) -> yaml.Node | None:
    """The nodes of a file; an alias could make a small file huge, so there are none. Raises MarkedYAMLError."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > DEEPEST:
            why = "nested too deeply" if depth > DEEPEST else "aliases (*name) are not taken"
            mark: Any = event.start_mark  # of either reader
            raise yaml.MarkedYAMLError(problem=why, problem_mark=mark)
    return yaml.compose(text, Loader=LOADER)


class _Constructor(SafeConstructor):
    """Plain data only, and each key once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value!r} appears here twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _line(node: yaml.Node | None, path: Iterable[int | str]) -> int:
    """Line of the value at `path`, or of the nearest thing around it."""
    line = 1
    for part in path:
        found = None
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = node.value[part]
        if found is None:
            break
        node, line = found, found.start_mark.line + 1
    return line


def load(path: Path) -> Persona | Problem:
    """Read one file: a persona, or what is wrong with it."""

    def problem(line: int, reason: str) -> Problem:
        return Problem(path.stem, path.name, line, reason)

    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            return problem(1, f"larger than {MAX_BYTES} bytes")
        node = _composed(raw.decode())
        data = _Constructor().construct_document(node) if node else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return problem(mark.line + 1 if mark else 1, error.problem or "not readable as YAML")
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError, RecursionError) as error:
        return problem(1, f"cannot be read: {error or 'nested too deeply'}")
    if not isinstance(data, dict):
        return problem(1, "a persona is a list of `key: value` lines")
    try:
        persona = Persona.model_validate(data)
    except ValidationError as error:
        # A misspelt key is both unknown and missing; the misspelling is what helps.
        found = error.errors()
        first = next((e for e in found if e["type"] == "extra_forbidden"), found[0])
        where = ".".join(map(str, first["loc"]))
        return problem(_line(node, first["loc"]), f"{where}: {first['msg']}" if where else first["msg"])
    if persona.slug != path.stem:
        return problem(_line(node, ("slug",)), f"slug {persona.slug!r} differs from the file's name {path.stem!r}")
    return persona


def load_all(folder: Path = FOLDER) -> tuple[dict[str, Persona], list[Problem]]:
    """All personas of a folder by slug, in the order of their file names, and what is wrong with the rest.

    A parent that is named but has no good file is no problem of the child: lineages outlive files.
    """
    personas: dict[str, Persona] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yaml")):
        read = load(path)
        if isinstance(read, Problem):
            problems.append(read)
        else:
            personas[read.slug] = read
    return personas, problems
