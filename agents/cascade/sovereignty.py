"""How much of the agents' thinking is generated on this machine, what is generated elsewhere, and what would change
that.

Owns the calculation, from the cascade's report and the persona files. Pure. Guesses nothing: without tokens there
is no score, and nothing is promised that the figures do not support.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agents.cascade.rules import makes_only_vectors, same
from agents.cascade.told import CallTold, ProviderTold, Report


@dataclass(frozen=True)
class Wish:
    """What an agent's persona file says about its mind: preferred models, in order, and the remote providers it may
    use.
    """

    slug: str
    name: str
    models: tuple[str, ...] = ()
    remote: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gap:
    """What one agent has generated elsewhere. `serves`: the model on this machine that could have answered ('' for
    none); `to`: the providers its last calls went to; `last`: the newest of those.
    """

    wish: Wish
    score: float | None
    tokens_local: int
    tokens_all: int
    serves: str
    to: tuple[str, ...] = ()
    last: CallTold | None = None

    @property
    def elsewhere(self) -> int:
        """Tokens generated on other machines."""
        return self.tokens_all - self.tokens_local


@dataclass(frozen=True)
class Raise:
    """One thing that would raise the score: the situation, what to do, and the score it would have given (None if
    unknown).
    """

    said: str
    do: str
    score: float | None = None


def percent(score: float | None) -> str:
    """A score as shown: never rounded up to all, nor down to nothing."""
    if score is None:
        return "none yet"
    whole = round(score * 100)
    if (whole == 100 and score < 1) or (whole == 0 and score > 0):
        return "above 99 %" if whole else "below 1 %"
    return f"{whole} %"


def serving(report: Report, wish: Wish) -> str:
    """The model on this machine that would answer the agent: at the first provider that has one, the first that the
    agent prefers, otherwise the first that writes ('' for none).
    """
    for one in report.providers:
        here = (
            [model.name for model in one.ready if model.local and not makes_only_vectors(model.family, model.abilities)]
            if one.local
            else []
        )
        wanted = [name.removeprefix(f"{one.name}/") for name in wish.models]
        if here:
            return next((name for want in wanted for name in here if same(want, name)), here[0])
    return ""


def gap(report: Report, wish: Wish) -> Gap:
    """What one agent has generated elsewhere."""
    used = report.agent(wish.slug)
    away = [call for call in report.recent if call.agent == wish.slug and call.provider and not call.local]
    local, whole = (used.tokens_local, used.tokens_out) if used else (0, 0)
    return Gap(
        wish,
        local / whole if whole else None,
        local,
        whole,
        serving(report, wish),
        tuple(dict.fromkeys(call.provider for call in away)),
        away[0] if away else None,
    )


def gaps(report: Report, wishes: Iterable[Wish]) -> list[Gap]:
    """Every agent's, those with the most generated elsewhere first; includes others who used the cascade."""
    known = list(wishes)
    others = {one.agent for one in report.agents} - {wish.slug for wish in known}
    found = [gap(report, wish) for wish in (*known, *(Wish(name, name or "other programs") for name in sorted(others)))]
    return sorted(found, key=lambda one: (-one.elsewhere, one.wish.name))


def in_words(one: Gap) -> str:
    """An agent's gap in a few words."""
    if not one.tokens_all:
        return f"no token yet; {one.serves} would serve" if one.serves else "no token yet; no model here would serve"
    if one.elsewhere <= 0:
        return f"all {one.tokens_all:,} tokens made here"
    return f"{one.elsewhere:,} of {one.tokens_all:,} tokens made elsewhere"


def raises(report: Report, wishes: Iterable[Wish]) -> list[Raise]:
    """What would raise the score, obstacles for all first; empty if nothing would."""
    found = [_mending(one) for one in report.providers if one.local and one.enabled and one.breaker.state != "closed"]
    if not report.local_models:
        found.append(
            Raise(
                "No model on this machine can be asked now",
                "ollama pull qwen2.5:1.5b, or name a model file by TIMMY_LLAMA_GGUF; then timmy cascade probe",
            )
        )
    whole = report.sovereignty
    for one in gaps(report, wishes):
        if one.elsewhere > 0:
            found.append(_bringing_home(one, whole.tokens_local, whole.tokens_all))
    return found


def of(report: Report, wish: Wish) -> list[Raise]:
    """What would raise one agent's own score, apart from obstacles for all."""
    one = gap(report, wish)
    return [_bringing_home(one, one.tokens_local, one.tokens_all)] if one.elsewhere > 0 else []


def _bringing_home(one: Gap, tokens_local: int, tokens_all: int) -> Raise:
    to = f" (recently by {', '.join(one.to)})" if one.to else ""
    said = f"{one.wish.name} had {one.elsewhere:,} of {one.tokens_all:,} tokens made elsewhere{to}"
    if not one.serves:
        return Raise(said, "No model on this machine could have served instead")
    served = f"{one.serves} is here and could serve"
    score = min((tokens_local + one.elsewhere) / tokens_all, 1.0) if tokens_all else None
    if not one.wish.remote:
        return Raise(said, served, score)
    file = f"agents/lineage/personas/{one.wish.slug}.yaml"
    return Raise(
        said, f"{served}: take {', '.join(one.wish.remote)} out of `remote` in {file}, then timmy reload", score
    )


def _mending(one: ProviderTold) -> Raise:
    why = one.breaker.last_said or one.breaker.last_fault or "its breaker was opened by hand"
    return Raise(
        f"{one.name}, on this machine, is not asked: {why}",
        f"Make sure {one.name} is running, then timmy cascade probe",
    )
