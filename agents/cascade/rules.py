"""What each fault of a provider means, and which providers a question goes to. Pure.

Owns the table of faults, a question's needs, the reason for each provider that is left out, and the choice of
model. Calls nobody: what is known about the providers is passed in as plain data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from agents.cascade.ports import Abilities, Fault, Model, Question, Step
from agents.cascade.tokens import estimate, tokens, weight


class Then(StrEnum):
    """What is done after a fault."""

    NEXT = "next"
    """Use the next provider."""
    WAIT = "wait"
    """Try this one again, once, after the time that it named, if that is short; otherwise the next."""
    REPAIR = "repair"
    """Try this one again, once, in a way that helps; then the next."""
    STOP = "stop"
    """Try nobody else: the same request would be refused everywhere."""


@dataclass(frozen=True)
class Rule:
    """`counts`: whether the breaker counts the fault. `everything`: whether it concerns the whole provider, not one
    model.
    """

    then: Then
    counts: bool
    everything: bool = False


RULES: dict[Fault, Rule] = {
    Fault.DEAD: Rule(Then.NEXT, counts=True, everything=True),
    Fault.SILENT: Rule(Then.NEXT, counts=True),
    Fault.NO_MODEL: Rule(Then.NEXT, counts=False),
    Fault.BUSY: Rule(Then.WAIT, counts=False),
    Fault.LIMITED: Rule(Then.WAIT, counts=False),
    Fault.DENIED: Rule(Then.NEXT, counts=True, everything=True),
    Fault.REFUSED: Rule(Then.STOP, counts=False),
    Fault.BROKEN: Rule(Then.NEXT, counts=True),
    Fault.CUT: Rule(Then.NEXT, counts=True),
    Fault.EMPTY: Rule(Then.REPAIR, counts=True),
    Fault.ONLY_THOUGHT: Rule(Then.REPAIR, counts=False),
    Fault.TOO_MUCH: Rule(Then.NEXT, counts=True),
    Fault.SHORTENED: Rule(Then.NEXT, counts=False),
}
EMBEDDERS = "bert"
"""Part of the family name of embedding models, if their server does not say what they can do."""
LONGEST_WAIT = 5.0
"""Seconds to wait for a busy or rate-limited provider; if it names a longer time, the next one is used."""
SHORTEST_WAIT = 0.5
"""The wait if it named no time."""


def wait_of(retry_after: float | None) -> float | None:
    """Seconds to wait before a busy provider is tried again; None if that is too long."""
    seconds = SHORTEST_WAIT if retry_after is None else max(retry_after, 0.0)
    return seconds if seconds <= LONGEST_WAIT else None


@dataclass(frozen=True)
class Known:
    """What is known about a provider when a question arrives.

    `models` is None if it could not say which it has, and `why` then gives the reason. `closed` names its models
    that a breaker excludes ("" stands for all), each with the reason. `local`: whether what is sent to it stays on
    this machine, as far as its models do.
    """

    name: str
    local: bool
    abilities: Abilities
    models: tuple[Model, ...] | None
    default: str = ""
    why: str = ""
    closed: tuple[tuple[str, str], ...] = ()
    spent: str = ""
    """Why the agent's budget excludes everything remote; '' if it does not."""


@dataclass(frozen=True)
class Choice:
    """The provider to use, and the model."""

    provider: str
    model: Model


@dataclass(frozen=True)
class Needs:
    """What a question needs. `tokens`: roughly what its context must have room for."""

    embed: bool = False
    json: bool = False
    tokens: int = 0


def needs_of(question: Question, texts: tuple[str, ...] | None = None) -> Needs:
    """`texts`: those to be embedded, each of which counts alone."""
    if texts is not None:
        return Needs(embed=True, tokens=tokens(max(map(weight, texts), default=0)))
    shown = estimate(*(message.content for message in question.messages))
    return Needs(json=question.schema is not None, tokens=shown + question.max_tokens)


def barred(question: Question, known: Known, needs: Needs) -> str:
    """Why a provider is not used whatever its models are; '' if it may be."""
    if not known.local and known.name not in question.remote:
        return f"not enabled for {question.agent}"
    if not known.local and known.spent:
        return known.spent
    return lack(known.abilities, needs) or dict(known.closed).get("", "")


def lack(can: Abilities | None, needs: Needs) -> str:
    """What a provider or a model lacks; '' if nothing. What is unknown does not count as lacking."""
    if can is None:
        return ""
    if not (can.embed if needs.embed else can.chat):
        return f"it cannot {'embed' if needs.embed else 'chat'}"
    return "it cannot produce JSON" if needs.json and not can.json else ""


def makes_only_vectors(family: str, can: Abilities | None) -> bool:
    """Whether a model is only for embeddings: as its server says, or else judging by its name."""
    return EMBEDDERS in family if can is None else can.embed and not can.chat


def choose(question: Question, known: Known, needs: Needs) -> Choice | Step:
    """With which model a provider is used, or why it is left out."""
    one = barred(question, known, needs) or _model(question, known, needs)
    return Choice(known.name, one) if isinstance(one, Model) else Step(known.name, one)


def _model(question: Question, known: Known, needs: Needs) -> Model | str:
    if known.models is None:
        return known.why or "its models are unknown"
    closed = dict(known.closed)
    stays = [model for model in known.models if model.local or (known.name in question.remote and not known.spent)]
    if not stays:
        return "its models are not on this machine" if known.models else "it has no model"
    wanted = [w.removeprefix(f"{known.name}/") for w in question.models]
    named = [model for w in wanted for model in stays if same(w, model.name)]
    if not named and wanted and question.purpose == "other":
        return f"it has no model {wanted[0]}"
    pool = named if question.purpose == "other" and named else stays
    able = [model for model in pool if not lack(model.abilities, needs)]
    if not able:
        return lack(pool[0].abilities, needs)
    usual = [
        model for model in able if model in named or makes_only_vectors(model.family, model.abilities) == needs.embed
    ] or able
    fit = [model for model in usual if not 0 < model.context < needs.tokens]
    if not fit:
        return (
            f"its context of {max(model.context for model in usual):,} tokens is too small for about "
            f"{math.ceil(needs.tokens / 100) * 100:,}"
        )
    wished = [model for model in named if model in fit] or sorted(
        fit, key=lambda model: not same(known.default, model.name)
    )[:1]
    return next((model for model in wished if model.name not in closed), closed.get(wished[0].name, ""))


def same(wanted: str, name: str) -> bool:
    """Whether a model's name matches; without a tag, the latest is meant."""
    return wanted != "" and (wanted == name or f"{wanted}:latest" == name)
