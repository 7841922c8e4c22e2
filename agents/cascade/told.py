"""The cascade's report about itself, validated as a whole before it is believed.

Owns the shape of `/status` as the world reads it. Fills no gaps: an answer without one of the figures is not a
report of this cascade, and is treated as none. Other people's words in it (names, providers' messages) are text to
be shown, never markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.cascade.ports import Abilities, Model
from agents.kernel.errors import Unavailable

State = Literal["closed", "open", "half-open"]


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Breaker(_Told):
    """Whether a provider or a model is used: `closed` it is, `open` it is left alone until `again_at` (None: until it
    is closed by hand), `half-open` one request tries it.
    """

    state: State
    failures: int
    again_at: datetime | None = None
    last_fault: str = ""
    last_said: str = ""


class ModelTold(_Told):
    """A model that a provider has; 0 and '' where the server does not say. `first_ms`: half of its last `answers` began
    within so many milliseconds, None while it has none.
    """

    name: str
    local: bool
    context: int = 0
    size: int = 0
    family: str = ""
    parameters: int = 0
    quantisation: str = ""
    abilities: Abilities | None = None
    breaker: Breaker = Breaker(state="closed", failures=0)
    first_ms: float | None = None
    answers: int = 0

    @property
    def plain(self) -> Model:
        """What its provider tells of it."""
        return Model(
            self.name,
            self.local,
            self.context,
            self.size,
            self.family,
            self.parameters,
            self.quantisation,
            self.abilities,
        )


class Queue(_Told):
    """How many requests a server gets at once, how many it is working on, how many wait."""

    slots: int
    running: int
    waiting: int


class Percentiles(_Told):
    """Milliseconds; None as long as nothing was measured."""

    p50: float | None = None
    p95: float | None = None


class Latency(_Told):
    """Until the first piece of an answer arrived, and until all of it had."""

    first: Percentiles = Percentiles()
    whole: Percentiles = Percentiles()


class ProviderTold(_Told):
    """One provider. `where`: its address or file; `local`: whether its output is generated on this machine; `why`:
    what makes it unavailable, or kept it from listing its models again; `requests`: those it answered.
    """

    name: str
    kind: str
    local: bool
    enabled: bool
    where: str = ""
    why: str = ""
    abilities: Mapping[str, bool] = Field(default_factory=dict)
    breaker: Breaker
    models: tuple[ModelTold, ...]
    default: str = ""
    """The model that is asked where none is wished for; '': the first."""
    queue: Queue
    latency_ms: Latency = Latency()
    requests: int
    faults: Mapping[str, int]
    tokens_in: int
    tokens_out: int
    cost: float

    @property
    def can(self) -> Abilities:
        """What it can do, as far as this version knows of it."""
        known = {field.name for field in fields(Abilities)}
        return Abilities(**{name: able for name, able in self.abilities.items() if name in known})

    @property
    def ready(self) -> tuple[ModelTold, ...]:
        """Its models that can be used now."""
        if not self.enabled or self.breaker.state != "closed":
            return ()
        return tuple(model for model in self.models if model.breaker.state == "closed")


class StepTold(_Told):
    """One provider considered for a question: used, or why not."""

    provider: str
    said: str
    fault: str = ""


class CallTold(_Told):
    """One question and where it went; `provider` is empty if nobody answered."""

    at: datetime
    id: str = ""
    agent: str = ""
    purpose: str = ""
    provider: str = ""
    model: str = ""
    local: bool = False
    ms: float | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    fault: str = ""
    way: tuple[StepTold, ...] = ()


class Budget(_Told):
    """What an agent may use of remote providers in a day, and what it has used; None: no limit."""

    tokens: int | None = None
    money: float | None = None
    spent_tokens: int = 0
    spent_money: float = 0


class AgentTold(_Told):
    """What one agent used. `tokens_local`: how many of the tokens generated for it (`tokens_out`) came from this
    machine.
    """

    agent: str
    requests: int
    tokens_in: int
    tokens_out: int
    tokens_local: int
    cost: float
    budget: Budget = Budget()


class ModelUse(_Told):
    """What one model of one provider has answered since the tables began."""

    provider: str
    model: str
    local: bool
    requests: int
    tokens_in: int
    tokens_out: int
    cost: float


class Day(_Told):
    """One day of the score."""

    day: date
    score: float | None = None
    tokens_local: int
    tokens_all: int


class Sovereignty(_Told):
    """The share of tokens made on this machine; None if none were made."""

    score: float | None
    tokens_local: int
    tokens_all: int
    days: tuple[Day, ...]

    @property
    def history(self) -> list[Day]:
        """The days, oldest first."""
        return sorted(self.days, key=lambda day: day.day)


class Turn(_Told):
    """The strategy was changed."""

    at: datetime
    state: str
    why: str = ""


class Strategy(_Told):
    """How the cascade uses what it has (L11): all slots, the next provider, or wider again."""

    state: str
    since: datetime | None = None
    why: str = ""
    history: tuple[Turn, ...] = ()


class Report(_Told):
    """The whole report; `since`: when the service started."""

    since: datetime
    providers: tuple[ProviderTold, ...]
    calls: tuple[CallTold, ...]
    models: tuple[ModelUse, ...] = ()
    agents: tuple[AgentTold, ...]
    sovereignty: Sovereignty
    strategy: Strategy

    @property
    def recent(self) -> list[CallTold]:
        """The last calls, newest first."""
        return sorted(self.calls, key=lambda call: call.at, reverse=True)

    @property
    def local_models(self) -> dict[str, ModelTold]:
        """The models on this machine that can be used now, by name."""
        return {model.name: model for one in self.providers for model in one.ready if model.local}

    def agent(self, slug: str) -> AgentTold | None:
        """The report on an agent; None if it never asked."""
        return next((one for one in self.agents if one.agent == slug), None)


class Calls(_Told):
    """Questions, oldest first."""

    calls: tuple[CallTold, ...]


class SentTold(_Told):
    """What was sent to a provider on another machine: (role, words) in order, each up to the requested length. `n` is
    its number, `size` the total number of characters.
    """

    n: int
    at: datetime
    id: str
    agent: str
    provider: str
    model: str
    size: int
    messages: tuple[tuple[str, str], ...]


class Sent(_Told):
    """Some of it, newest first; `left`: how many older ones there are."""

    sent: tuple[SentTold, ...]
    left: int


def read(status: object) -> Report:
    """The report in `status`. Raises Unavailable if it is invalid, naming the first error."""
    return read_as(Report, status)


def read_as[T: BaseModel](form: type[T], told: object) -> T:
    """What the service sent, in this form. Raises Unavailable if it is invalid, naming the first error."""
    try:
        return form.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "all of it"
        raise Unavailable(
            f"The model service reports its state in a form that this world does not know ({where}: {first['msg']}); "
            "it may be of another version.",
            next="timmy stop; timmy run",
        ) from error
