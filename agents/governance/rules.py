"""Who may do what, and what a decision requires: pure functions over plain values.

Owns `may()`, the one place where permission is decided; lock functions, commands and bodies all call it. Knows no
tables, sessions or model output.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from agents.kernel.errors import BadInput, NotAllowed, TimmyError


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: the owner, another person, an agent, the system itself, or nobody (a body through which
    nobody is connected).

    `name` is an account name or an agent's slug. `toolsets` are an agent's own. Somebody who only `looks` is shown
    what a thing, a room or a file has chosen, not something they asked for, so nothing else is done in their name.
    """

    kind: Literal["owner", "person", "agent", "system", "nobody"]
    name: str
    toolsets: frozenset[str] = frozenset()
    looks: bool = False

    def __str__(self) -> str:
        """`kind:name`, as in events."""
        return f"{self.kind}:{self.name}"


SYSTEM = Actor("system", "world")


def called(actor: str) -> str:
    """What people call an actor given in written form: `agent:allegro-primus` is Allegro-Primus, `owner:ada` ada."""
    kind, _, name = actor.partition(":")
    return name.title() if kind == "agent" else "the world" if kind == "system" else name or kind


@dataclass(frozen=True)
class Permit:
    """Whether an act is allowed, and why or why not; true if it is."""

    allowed: bool
    reason: str

    def __bool__(self) -> bool:
        """Whether it is allowed."""
        return self.allowed


@dataclass(frozen=True)
class Receipt:
    """The result for one item of a decision.

    `ref` is what was typed (`3`, `a7`), `verdict` approved, rejected or lifted, `id` the receipt's number. The
    verdict takes effect at `sealed_until` (None: it already has). A failed item has `error`.
    """

    ref: str
    verdict: str = ""
    id: str = ""
    title: str = ""
    sealed_until: datetime | None = None
    error: TimmyError | None = None

    @property
    def ok(self) -> bool:
        """Whether it was carried out."""
        return self.error is None


_ALL = frozenset({"owner", "person", "agent"})
_OWNER = frozenset({"owner"})

ACTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        **dict.fromkeys(("look", "move", "say", "emote", "take", "drop", "note"), _ALL),
        "propose": _ALL | {"system"},
        **dict.fromkeys(
            (
                "decide",
                "undo",
                "later",
                "assign",
                "pause",
                "resume",
                "retry",
                "prioritise",
                "reopen",
                "overhear",
                "inject",
                "show",
            ),
            _OWNER,
        ),
        **dict.fromkeys(("policy", "py", "build", "backlog", "edit", "invite", "unpin"), _OWNER),
        **dict.fromkeys(("read", "execute", "write", "world", "network", "money", "permission"), _OWNER),
        **dict.fromkeys(("claim", "delegate", "perform", "report"), frozenset({"agent"})),
        **dict.fromkeys(("settle", "expire", "drain"), frozenset({"system"})),
    }
)
"""Which kinds of actor may do an act unconditionally."""

IN_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "decide": "approve or refuse anything",
        "undo": "take back a verdict",
        "later": "put off what waits for a verdict",
        "assign": "give tasks to agents",
        "pause": "pause tasks or agents",
        "resume": "resume tasks or agents",
        "retry": "have a task tried again",
        "prioritise": "change the order of tasks",
        "reopen": "reopen tasks",
        "overhear": "read what agents think",
        "inject": "give agents thoughts",
        "show": "show what came out of a task",
        "policy": "see or change how the house is run",
        "py": "run code in the world",
        "build": "build",
        "backlog": "shelve tasks of others",
        "edit": "change tasks of others",
        "invite": "invite or remove guests",
        "unpin": "take down notes of others",
    }
)
"""What refusals call each act that is reserved for the owner; other acts are called by their names."""

OWN: Mapping[str, str] = MappingProxyType({"edit": "proposal", "backlog": "proposal", "unpin": "note"})
"""What people and agents may do to what is their own: a proposal while it waits, a note; `target` names whose it is."""

NEEDS_EFFECT: Mapping[str, str] = MappingProxyType(
    {"build": "world", **{k: k for k in ("read", "execute", "write", "world", "network", "money", "permission")}}
)
"""What an agent may do only if an approved item declares that kind of effect on that target."""


def may(
    actor: Actor, act: str, target: str = "", *, effects_approved: frozenset[tuple[str, str]] = frozenset()
) -> Permit:
    """Whether `actor` may do `act` to `target`.

    `effects_approved` are the (kind, target) pairs of the approved item the actor works under.
    For `edit`, `backlog` and `unpin` the target is the written form of whose it is. Unknown acts are refused.
    """
    if actor.looks and act != "look":
        return Permit(False, "looking at something does nothing else")
    if act.startswith("tool:"):
        return _may_use(actor, act.removeprefix("tool:"))
    if act not in ACTS:
        return Permit(False, f"nobody may {act}: there is no such act")
    if actor.kind in ACTS[act]:
        return Permit(True, f"{_plural(actor)} may {act}")
    if actor.kind == "agent" and act in NEEDS_EFFECT:
        effect = (NEEDS_EFFECT[act], target)
        if effect in effects_approved:
            return Permit(True, f"an approved item declares {effect[0]} {target}")
        return Permit(False, f"no approved item declares {effect[0]} {target or 'anything'}")
    if act in OWN and actor.kind not in ("system", "nobody") and target == str(actor):
        return Permit(True, f"it is {actor.name}'s own {OWN[act]}")
    if actor.kind == "owner":
        return Permit(False, f"only agents or the system {act}; the owner acts as nobody else")
    return Permit(False, f"{_plural(actor)} may not {IN_WORDS.get(act, act)}; {_KINDS[min(ACTS[act])]} may")


def _may_use(actor: Actor, tool: str) -> Permit:
    if actor.kind != "agent":
        return Permit(False, f"tools are used by agents, not by {_plural(actor)}")
    if tool in actor.toolsets:
        return Permit(True, f"{actor.name} has the tool {tool}")
    return Permit(False, f"{actor.name} is not given the tool {tool}")


_KINDS = {
    "owner": "the owner",
    "person": "visitors",
    "agent": "agents",
    "system": "the system",
    "nobody": "bodies without a person",
}


def _plural(actor: Actor) -> str:
    return _KINDS[actor.kind]


def require(permit: Permit) -> None:
    """Raise NotAllowed with the permit's reason unless it allows the act."""
    if not permit:
        raise NotAllowed(f"Not allowed: {permit.reason}.", next="help permissions")


_REF = re.compile(r"#?(a?)([1-9][0-9]{0,8})")


def parse_ref(text: str) -> tuple[Literal["task", "approval"], int]:
    """Parse `3` (a task) or `a7` (an approval that belongs to no task); raises BadInput."""
    match = _REF.fullmatch(text.strip().lower())
    if not match:
        raise BadInput(f"{text[:40]!r} is not the number of a task (3) or an approval (a7).", next="approvals")
    return ("approval" if match[1] else "task", int(match[2]))


VERDICTS: Mapping[str, str] = MappingProxyType({"ok": "approved", "no": "rejected"})


def parse_verdict(word: str) -> str:
    """The state to which `ok` or `no` leads; raises BadInput for any other word."""
    if word not in VERDICTS:
        raise BadInput(f"{word[:40]!r} is not a verdict; the verdicts are ok and no.", next="approvals")
    return VERDICTS[word]
