"""The route of one question: from one provider to the next, until one can answer it.

Owns the turns at each model, and the consequences of a provider's fault. Never changes providers once a piece was
passed on, and never sends anything to another machine that the agent does not allow.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from agents.cascade.health import Health
from agents.cascade.ports import Fault, Message, ProviderFault, Question, Step, Timeouts
from agents.cascade.purse import Purse
from agents.cascade.refusal import NoAnswer
from agents.cascade.roster import Entry, Roster
from agents.cascade.rules import RULES, Choice, Needs, Then, barred, choose, wait_of
from agents.cascade.run import Run
from agents.cascade.store import Store
from agents.cascade.turns import Full, Stale, Turns
from agents.kernel.clock import Clock
from agents.kernel.text import redact

_log = logging.getLogger("timmy.cascade")


class Route:
    """Runs in the cascade's event loop."""

    def __init__(
        self, roster: Roster, health: Health, store: Store, clock: Clock, purse: Purse, times: Timeouts
    ) -> None:
        """`purse`: what agents may still use of other machines."""
        self._roster, self._health, self._store, self._clock = roster, health, store, clock
        self._purse, self._times = purse, times
        self._turns: dict[tuple[str, str], Turns] = {}

    async def through[T](
        self, run: Run, do: Callable[[Entry, Choice], Awaitable[T]], shown: int, needs: Needs
    ) -> tuple[T, Choice]:
        """The answer of the first provider that can give one, and which provider that is. Raises NoAnswer."""
        question, way = run.question, run.way
        spent = self._purse.spent(question)
        self._roster.refresh()
        for name in self._roster.entries:
            known = self._roster.known(name, spent)
            if known.models is None and not barred(question, known, needs):
                await self._roster.met(name, self._times.connect)
                known = self._roster.known(name, spent)
            if isinstance(one := choose(question, known, needs), Step):
                way.append(one)
                continue
            try:
                made = await self._of(run, one, do, shown)
            except ProviderFault as fault:
                way.append(Step(one.provider, fault.said, fault.kind))
                if fault.kind is Fault.SHORTENED:
                    self._roster.narrowed(one.provider, one.model.name, needs.tokens)
                    run.turn(fault.said)
                if run.pieces:
                    raise NoAnswer(
                        f"the answer broke off: {fault.said}", tuple(way), status=502, fault=fault.kind
                    ) from None
                if RULES[fault.kind].then is Then.STOP:
                    raise NoAnswer(
                        f"{one.provider} refused the request: {fault.said}", tuple(way), status=400, fault=fault.kind
                    ) from None
            except Full as full:
                way.append(Step(one.provider, f"its queue is full: {full}", "full"))
            except Stale:
                way.append(Step(one.provider, "its turn did not come in time", "stale"))
                raise NoAnswer(
                    "nobody needed the answer any longer when its turn came", tuple(way), fault="stale"
                ) from None
            except _Shut as shut:
                way.append(Step(one.provider, str(shut)))
            else:
                way.append(Step(one.provider, f"answered with {one.model.name}"))
                return made, one
        crowded = bool(way) and way[-1].fault == "full"
        raise NoAnswer(_nobody(way), tuple(way), status=429 if crowded else 503, fault="full" if crowded else "nobody")

    async def _of[T](self, run: Run, choice: Choice, do: Callable[[Entry, Choice], Awaitable[T]], shown: int) -> T:
        """One provider's answer, with a second attempt if the rule for its fault says so."""
        entry, name = self._roster.entries[choice.provider], choice.model.name
        first = True
        while True:
            try:
                async with self._turns_of(choice).turn(run):
                    if why := self._health.admit(choice.provider, name):
                        raise _Shut(why)
                    made = await self._held_to(run.question, choice, entry, do, shown)
            except ProviderFault as fault:
                self._fault(choice, fault)
                then = RULES[fault.kind].then
                seconds = wait_of(fault.retry_after) if then is Then.WAIT else 0.0 if then is Then.REPAIR else None
                if run.pieces or not first or seconds is None:
                    raise
                run.way.append(Step(choice.provider, f"{fault.said}; asked again", fault.kind))
                await asyncio.sleep(seconds + (0.01 if seconds else 0.0))
                first = False
            else:
                self._health.worked(choice.provider, name)
                self._widen(choice.provider)
                return made

    async def _held_to[T](
        self, question: Question, choice: Choice, entry: Entry, do: Callable[[Entry, Choice], Awaitable[T]], shown: int
    ) -> T:
        """One call; while it is running, its maximum cost is charged to the agent's budget."""
        if choice.model.local:
            return await do(entry, choice)
        if why := self._purse.spent(question).get(choice.provider):  # others may have spent it while this one waited
            raise _Shut(why)
        with self._purse.held(question, choice, shown):
            return await do(entry, choice)

    def shown(self, question: Question, choice: Choice, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        """What a model is shown; what leaves the machine has secrets removed and is recorded."""
        if choice.model.local:
            return messages
        messages = tuple(replace(m, content=redact(m.content)) for m in messages)
        told = json.dumps([[m.role, m.content] for m in messages])
        if not self._store.note_sent(
            self._clock.now().timestamp(), question.id, question.agent, choice.provider, choice.model.name, told
        ):
            raise _Shut("what would leave this machine cannot be written down")
        return messages

    def joined(self, run: Run) -> None:
        """Somebody else is waiting for the run's answer, too."""
        for turns in self._turns.values():
            turns.joined(run)

    def running(self) -> dict[str, tuple[int, int]]:
        """For each provider: how many questions it is working on, and how many wait for it."""
        found: dict[str, tuple[int, int]] = {}
        for (name, _), turns in self._turns.items():
            running, waiting = found.get(name, (0, 0))
            found[name] = running + turns.queue.running, waiting + turns.queue.waiting
        return found

    def _turns_of(self, choice: Choice) -> Turns:
        key = (choice.provider, choice.model.name)
        if key not in self._turns:
            self._turns[key] = Turns(self._health.width(choice.provider), self._clock)
        return self._turns[key]

    def _widen(self, provider: str) -> None:
        for (name, _), turns in self._turns.items():
            if name == provider:
                turns.widen(self._health.width(provider))

    def _fault(self, choice: Choice, fault: ProviderFault) -> None:
        self._health.failed(choice.provider, choice.model.name, fault)
        self._widen(choice.provider)
        self._store.note_fault(self._purse.today, choice.provider, choice.model.name, fault.kind)
        _log.info("%s with %s failed (%s): %s", choice.provider, choice.model.name, fault.kind, fault.said)


class _Shut(Exception):
    """The provider may not be used any more; the text says why."""


def _nobody(way: Iterable[Step]) -> str:
    said = "; ".join(f"{step.provider}: {step.said}" for step in way)
    return f"No model can answer now. {said}" if said else "No model can answer now: no provider is set."
