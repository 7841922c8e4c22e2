"""Words: any work that no other kind can do.

Owns the tasks whose first word names no kind. Refuses to pretend: there are no steps to take,
so such a task stays on the board, and says so.
"""

from __future__ import annotations

from pydantic import BaseModel, Field

from agents.kernel.errors import BadInput
from agents.kernel.settings import Settings
from agents.work.kind import Kind, Results

EXAMPLE = "Explain how the cache works = for somebody new"


class Params(BaseModel):
    """`ask`: what is wanted, in the owner's words; `more`: the description."""

    ask: str = Field(min_length=1)
    more: str = ""


def parse(subject: str, description: str, settings: Settings) -> Params:
    """Any words will do, but there must be some."""
    if not subject.strip():
        raise BadInput("A task needs a title.", next=f"task add {EXAMPLE}")
    return Params(ask=subject.strip(), more=description.strip())


def _tell(params: Params, results: Results) -> str:
    return f"Asked: {params.ask}"


KIND = Kind(
    name="words",
    purpose="any other work, in your own words; it stays on the board, for no agent can do it yet",
    usage="<what you want, in words> [= more about it]",
    example=EXAMPLE,
    params=Params,
    parse=parse,
    action=lambda params: f"nothing, for no agent can carry it out yet: {params.ask}",
    steps=(),
    report=_tell,
    summary=_tell,
    not_yet="no agent can carry out a request in words yet, so it stays on the board",
)
