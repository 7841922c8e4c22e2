"""Vertical growth: the tiers of an agent, what each requires, and what is missing for the next. Pure.

Owns the table of tiers and the comparison with what an agent has. Refuses to give credit for what is not known: a
requirement that cannot be shown to be met counts as missing, and is reported as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

GB = 10**9


@dataclass(frozen=True)
class Having:
    """What an agent has. None: not known. `parameters`: as its server counts them, else as the model's name tells."""

    model: str = ""
    parameters: float | None = None
    context: int | None = None
    memory: int | None = None
    """Bytes of memory of the machine."""
    skills: int = 0
    """Skills in its own repository."""
    tools_lacking: tuple[str, ...] = ()
    """Toolsets of the house that it is not given."""
    fine_tune: bool = False
    """Whether the model was trained for this agent alone."""
    own_tools: int = 0
    """Tools that it made itself."""


@dataclass(frozen=True)
class Need:
    """One condition of a tier: how it is told, whether it is met, and what there is instead."""

    what: str
    met: Callable[[Having], bool]
    has: Callable[[Having], str]


@dataclass(frozen=True)
class Tier:
    """One step of growth. Who has it has met the needs of those below it, too."""

    name: str
    needs: tuple[Need, ...]


@dataclass(frozen=True)
class Grown:
    """Where an agent stands: its tier (None: below the first), the next (None: it has the last) and, of each need of
    the next, whether it is met.
    """

    tier: Tier | None
    next: Tier | None
    needs: tuple[tuple[Need, bool], ...]

    @property
    def lacking(self) -> tuple[Need, ...]:
        """The needs of the next tier that are not met."""
        return tuple(need for need, met in self.needs if not met)


def _model(billions: float, told: str) -> Need:
    return Need(
        f"a model of {told} parameters",
        lambda has: has.parameters is not None and has.parameters >= billions * 1e9,
        lambda has: (
            f"{has.model}, {has.parameters / 1e9:.3g}B"
            if has.parameters is not None
            else f"{has.model}, whose size is unknown"
            if has.model
            else "no model"
        ),
    )


def _memory(gigabytes: int) -> Need:
    # Counted in powers of ten: of 16 GiB the kernel shows somewhat less, and they count as 16 GB.
    return Need(
        f"{gigabytes} GB of memory",
        lambda has: has.memory is not None and has.memory >= gigabytes * GB,
        lambda has: "not known" if has.memory is None else f"{has.memory / GB:.1f} GB",
    )


def _skills(number: int) -> Need:
    return Need(
        f"{number} skills", lambda has: has.skills >= number, lambda has: f"{has.skills or 'none'} in its repository"
    )


def _context(thousands: int) -> Need:
    # 4K is said of 4,096 as of 4,000 tokens.
    return Need(
        f"a context of {thousands}K tokens",
        lambda has: has.context is not None and has.context >= thousands * 1000,
        lambda has: f"{has.context:,}" if has.context else "not known" if has.model else "no model",
    )


# Of 8x7B the experts share what is no expert's: 46.7 billion in all, which its name tells as 56.
TIERS = (
    Tier("basic", (_model(1.5, "1.5B"), _memory(4), _skills(10), _context(4))),
    Tier("enhanced", (_model(8, "8B"), _memory(16), _skills(50), _context(128))),
    Tier(
        "advanced",
        (
            _model(46, "8x7B"),
            _memory(32),
            _skills(100),
            Need(
                "every toolset of the house",
                lambda has: not has.tools_lacking,
                lambda has: f"lacks {', '.join(has.tools_lacking)}" if has.tools_lacking else "all of them",
            ),
        ),
    ),
    Tier(
        "mastery",
        (
            Need(
                "a fine-tune of its own",
                lambda has: has.fine_tune,
                lambda has: "its own" if has.fine_tune else "none on record",
            ),
            _memory(64),
            Need(
                "tools that it made itself",
                lambda has: has.own_tools > 0,
                lambda has: str(has.own_tools or "none on record"),
            ),
        ),
    ),
)

_SIZE = re.compile(r"(?<![a-z0-9.])(?:(\d{1,3})x)?(\d{1,4}(?:\.\d{1,3})?)b(?![a-z0-9])", re.IGNORECASE)


def parameters(model: str) -> float | None:
    """How many parameters a model's name tells (`qwen2.5:1.5b`, `mixtral:8x7b`); None when it tells none."""
    found = _SIZE.search(model)
    return float(found[1] or 1) * float(found[2]) * 1e9 if found else None


def grown(having: Having) -> Grown:
    """The tier of who has this, and how it stands with the next."""
    reached: Tier | None = None
    for tier in TIERS:
        judged = tuple((need, need.met(having)) for need in tier.needs)
        if not all(met for _, met in judged):
            return Grown(reached, tier, judged)
        reached = tier
    return Grown(reached, None, ())
