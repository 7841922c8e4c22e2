"""Settings of tasks, tools and the sandbox.

Owns them. Only `agents/kernel/settings.py` reads the environment.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from agents.kernel.location import PROJECT
from agents.kernel.section import OlderSection


class WorkSettings(OlderSection):
    """Tasks, tools and the sandbox"""

    read_paths: Annotated[tuple[Path, ...], NoDecode] = Field(
        (Path.home(), PROJECT),
        description="Folders that agents' tools may read, separated by `:`. Paths outside them are refused.",
    )
    grace_seconds: float = Field(
        0,
        ge=0,
        le=86400,
        description=(
            "Seconds that an approved task without assignee waits, after the seal, before a suitable agent claims it."
        ),
    )
    step_budget: int = Field(
        50, ge=1, le=10000, description="Plan steps that a task may take before it is paused and you are asked."
    )
    stall_minutes: float = Field(
        30, gt=0, description="Minutes without progress after which a task is paused and you are asked."
    )
    sandbox: Literal["auto", "bubblewrap", "landlock", "bare"] = Field(
        "auto",
        description=(
            "The sandbox in which tools run: `auto` (bubblewrap, or else Landlock), `bubblewrap`, `landlock`, or "
            "`bare`, which means none at all and is shown as a danger everywhere."
        ),
    )
    sandbox_seconds: float = Field(
        120, gt=0, le=86400, description="Time limit of one sandboxed command, in seconds of real time."
    )
    sandbox_memory_mb: int = Field(1024, ge=64, description="Memory limit of one sandboxed process, in megabytes.")
    sandbox_processes: int = Field(128, ge=8, description="How many processes one sandboxed command may have.")
    sandbox_file_mb: int = Field(
        64,
        ge=1,
        description=(
            "Size of the largest file that a sandboxed command may write, in megabytes. In total it may write "
            "four times that."
        ),
    )
    sandbox_output_kb: int = Field(
        2048,
        ge=16,
        description="How much output of one sandboxed command is kept, in kilobytes. The rest is cut off, with a note.",
    )

    @field_validator("read_paths", mode="before")
    @classmethod
    def _split_paths(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(Path(part).expanduser() for part in value.split(":") if part)
        return value


SECTIONS = (WorkSettings,)
