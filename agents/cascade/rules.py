"""What each fault of a provider means, and which providers a question goes to. Pure.

Owns the table of faults, what a question needs, the reason for each provider that is left out, and the choice of the
model. Refuses to ask anybody: what is known of the providers is given to it as plain data.
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
    """Ask the next provider."""
    WAIT = "wait"
    """Ask this one again, once, after the time that it named, if that is short; else the next."""
    REPAIR = "repair"
    """Ask this one again, once, in a way that helps; then the next."""
    STOP = "stop"
    """Ask nobody: the same request would be refused everywhere."""


@dataclass(frozen=True)
class Rule:
    """`counts`: whether the breaker counts the fault. `everything`: whether it tells of the provider as a whole,
    not of one model.
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
"""Part of the family's name of models that make vectors and nothing else, where their server does not say what they can
do.
"""
LONGEST_WAIT = 5.0
"""Seconds a busy or limited provider is waited for; one that asks for more is left for the next."""
SHORTEST_WAIT = 0.5
"""Where it named no time."""


def wait_of(retry_after: float | None) -> float | None:
    """Seconds to wait before a busy provider is asked again; None when that is too long."""
    seconds = SHORTEST_WAIT if retry_after is None else max(retry_after, 0.0)
    return seconds if seconds <= LONGEST_WAIT else None


@dataclass(frozen=True)
class Known:
    """What is known of a provider at the moment a question comes.

    `models` is None where it could not say which it has, and `why` then tells why. `closed` names its models
    that a breaker keeps from being asked ("" stands for all), each with the reason. `local`: whether what is
    sent to it stays on this machine, as far as its models do.
    """

    name: str
    local: bool
    abilities: Abilities
    models: tuple[Model, ...] | None
    default: str = ""
    why: str = ""
    closed: tuple[tuple[str, str], ...] = ()
    spent: str = ""
    """Why the agent's budget keeps it from what is not local, '' when it does not."""


@dataclass(frozen=True)
class Choice:
    """A provider to be asked, and the model."""

    provider: str
    model: Model


@dataclass(frozen=True)
class Needs:
    """What a question asks of whoever answers it. `tokens`: about what has to have room in its context."""

    embed: bool = False
    json: bool = False
    tokens: int = 0


def needs_of(question: Question, texts: tuple[str, ...] | None = None) -> Needs:
    """`texts`: those of which vectors are asked for; each is looked at by itself."""
    if texts is not None:
        return Needs(embed=True, tokens=tokens(max(map(weight, texts), default=0)))
    shown = estimate(*(message.content for message in question.messages))
    return Needs(json=question.schema is not None, tokens=shown + question.max_tokens)


def barred(question: Question, known: Known, needs: Needs) -> str:
    """Why a provider is not asked whatever its models are, '' when it may be."""
    if not known.local and known.name not in question.remote:
        return f"not enabled for {question.agent}"
    if not known.local and known.spent:
        return known.spent
    return lack(known.abilities, needs) or dict(known.closed).get("", "")


def lack(can: Abilities | None, needs: Needs) -> str:
    """What a provider or a model cannot do that is needed, '' nothing; what is not known to be lacking is not."""
    if can is None:
        return ""
    if not (can.embed if needs.embed else can.chat):
        return f"it cannot {'embed' if needs.embed else 'chat'}"
    return "it cannot produce JSON" if needs.json and not can.json else ""


def makes_only_vectors(family: str, can: Abilities | None) -> bool:
    """Whether a model is one for embeddings alone: as its server says, else by its name."""
    return EMBEDDERS in family if can is None else can.embed and not can.chat


def choose(question: Question, known: Known, needs: Needs) -> Choice | Step:
    """With which model a provider is asked, or why it is left out."""
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
    """Whether a model's name is meant; a tag that is not given is the latest."""
    return wanted != "" and (wanted == name or f"{wanted}:latest" == name)
