"""Small kinds of task for tests of work and governance: they do nothing, but are shaped as real ones.

`count` reads a folder, `publish` reaches the network and cannot be undone, `words` takes the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from agents.kernel.errors import BadInput
from agents.kernel.settings import Settings
from agents.work.act import StepContext
from agents.work.effect import Effect
from agents.work.kind import Kind, WorkStep


class CountParams(BaseModel):
    path: str


class PublishParams(BaseModel):
    address: str
    sats: int


class WordsParams(BaseModel):
    text: str


async def _nothing(ctx: StepContext) -> dict[str, Any]:
    return {"args": list(ctx.args)}


def _count(subject: str, description: str, settings: Settings) -> CountParams:
    if not subject:
        raise BadInput("count needs a path.", next="task add Count /srv")
    return CountParams(path=subject)


def _publish(subject: str, description: str, settings: Settings) -> PublishParams:
    address, _, sats = subject.partition(" ")
    if not sats.isdigit():
        raise BadInput("publish needs an address and an amount.", next="task add Publish relay.example 900")
    return PublishParams(address=address, sats=int(sats))


def _kind(name: str, params: type[BaseModel], parse: Any, action: Any, **more: Any) -> Kind:
    return Kind(
        name=name,
        purpose=f"{name} in tests",
        usage=f"{name} <subject>",
        example=f"{name.title()} x",
        params=params,
        parse=parse,
        action=action,
        steps=(WorkStep("only", _nothing, "does it."),),
        report=lambda params, results: "# done\n",
        summary=lambda params, results: "Done.",
        **more,
    )


COUNT = _kind(
    "count",
    CountParams,
    _count,
    lambda p: f"ls {p.path}",
    category="read",
    tools=("terminal",),
    effects=lambda p: (Effect("read", p.path),),
)
PUBLISH = _kind(
    "publish",
    PublishParams,
    _publish,
    lambda p: f"send {p.sats} sats to {p.address}",
    category="money",
    undo="no",
    effects=lambda p: (Effect("network", p.address), Effect("money", str(p.sats))),
    confirm=lambda p: str(p.sats),
)
WORDS = _kind(
    "words",
    WordsParams,
    lambda s, d, settings: WordsParams(text=s),
    lambda p: f"talk about {p.text}",
    not_yet="nobody can do it yet",
)

KINDS: Mapping[str, Kind] = {k.name: k for k in (COUNT, PUBLISH, WORDS)}
