"""The cascade: takes a question through the providers until one answers.

Owns what is asked now and what was answered a while ago, so that an answer can be found again by its id. Refuses to
change providers once a piece was given out, to send what an agent did not allow to another machine, and to answer
from nothing: when nobody can, it says so, with the way.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from agents.cascade import attempt, joining, structured
from agents.cascade.budget import Budget
from agents.cascade.health import Health
from agents.cascade.ports import (
    Answer,
    Call,
    Fault,
    Message,
    ProviderFault,
    Question,
    Step,
    Timeouts,
    Usage,
    Vectors,
)
from agents.cascade.purse import Purse
from agents.cascade.refusal import NoAnswer
from agents.cascade.roster import Entry, Roster
from agents.cascade.rules import RULES, Choice, Needs, Then, barred, choose, needs_of, wait_of
from agents.cascade.run import Run
from agents.cascade.store import Called, Store
from agents.cascade.turns import Full, Stale, Turns
from agents.kernel.clock import Clock
from agents.kernel.errors import Conflict, NotFound, TimmyError
from agents.kernel.text import redact

T = TypeVar("T")
_log = logging.getLogger("timmy.cascade")
KEPT, KEPT_SECONDS = 500, 900.0
"""How many ended answers can be found again, and for how long."""


@dataclass(frozen=True)
class Sampling:
    """How a model is to choose its words, where the asker cares."""

    temperature: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()


class Cascade:
    """Runs in one loop."""

    def __init__(
        self, roster: Roster, health: Health, store: Store, clock: Clock, times: Timeouts, daily: Budget
    ) -> None:
        """`daily`: the budget of agents that have none of their own."""
        self.roster, self.health, self.store, self.clock, self.times = roster, health, store, clock, times
        self.purse = Purse(store, clock, daily, {name: entry.price for name, entry in roster.entries.items()})
        self.since = clock.now().timestamp()
        self._runs: dict[str, Run] = {}
        self._joined: dict[str, Run] = {}
        self._turns: dict[tuple[str, str], Turns] = {}
        self._pruned = ""

    # -- asking ---------------------------------------------------------------------------------------
    def ask(self, question: Question, sampling: Sampling = Sampling()) -> Run:
        """The answer on its way. An equal question that is out already is joined. Raises BadInput for a schema that is none,
        Conflict for an id that stands for another question.
        """
        checker = structured.validator(question.schema) if question.schema is not None else None
        if len(self._runs) >= 2 * KEPT:
            self._forget()
        if (known := self._runs.get(question.id)) is not None and known.failure is None:
            if known.askers[question.id] != question:
                raise Conflict(f"Another question has the id {question.id}.")
            return known
        key = joining.key(question, (sampling.temperature, sampling.seed, sampling.stop))
        if key is not None and (same := self._joined.get(key)) is not None and not same.ended:
            same.askers[question.id] = question
            self._runs[question.id] = same
            for turns in self._turns.values():
                turns.joined(same)
            return same
        run = self._runs[question.id] = Run(question)
        if key is not None:
            run.key = key
            self._joined[key] = run
        run.task = asyncio.create_task(self._go(run, sampling, checker), name=f"question {question.id}")
        return run

    def find(self, id: str) -> Run:
        """The answer with this id, running or ended a while ago. Raises NotFound."""
        if (run := self._runs.get(id)) is None:
            raise NotFound(f"No question with the id {id} is known; answers are kept for {KEPT_SECONDS / 60:.0f} minutes.")
        return run

    def cancel(self, id: str) -> None:
        """Who asked does not want the answer any more; when nobody else does, its making ends. Raises NotFound."""
        run = self.find(id)
        if run.ended:
            return
        del run.askers[id]
        if run.askers:
            del self._runs[id]
        else:
            run.cancel("the answer was not wanted any more", self.clock.monotonic())

    async def embed(self, question: Question, texts: tuple[str, ...]) -> tuple[Vectors, Choice]:
        """Vectors of texts, and who made them. Raises NoAnswer."""
        begun, run = self.clock.monotonic(), Run(question)

        async def do(entry: Entry, choice: Choice) -> Vectors:
            shown = self._shown(question, choice, tuple(Message("user", text) for text in texts))
            return await attempt.embed(entry.provider, choice.model.name, tuple(m.content for m in shown), self.times)

        try:
            vectors, choice = await self._through(run, do, sum(map(len, texts)), needs_of(question, texts))
        except NoAnswer as failure:
            self._note(question, begun, run.way, failure.fault or "nobody")
            raise
        self._note(question, begun, run.way, "", choice, vectors.usage)
        return vectors, choice

    async def close(self) -> None:
        """End what is out, and let go of the providers."""
        for run in list(self._runs.values()):
            if not run.ended:
                run.cancel("the cascade ends", self.clock.monotonic())
        tasks = [run.task for run in self._runs.values() if run.task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.roster.close()

    def running(self) -> dict[str, tuple[int, int]]:
        """Of each provider: how many questions are with it, and how many wait for it."""
        found: dict[str, tuple[int, int]] = {}
        for (name, _), turns in self._turns.items():
            running, waiting = found.get(name, (0, 0))
            found[name] = running + turns.queue.running, waiting + turns.queue.waiting
        return found

    # -- one question -----------------------------------------------------------------------------------
    async def _go(self, run: Run, sampling: Sampling, checker: structured.Checker | None) -> None:
        begun, question = self.clock.monotonic(), run.question
        shown = sum(len(m.content) for m in question.messages)

        def give(text: str) -> None:
            run.made += len(text)
            if checker is None:
                run.give(text)

        async def do(entry: Entry, choice: Choice) -> attempt.Got:
            call = Call(choice.model.name, self._shown(question, choice, question.messages), question.schema, question.max_tokens,
                        sampling.temperature, sampling.seed, sampling.stop)  # fmt: skip
            if run.way and run.way[-1].provider == entry.name and run.way[-1].fault == Fault.ONLY_THOUGHT:
                call = replace(call, think=False, max_tokens=call.max_tokens * 2)
            before = run.made
            try:
                got = await attempt.chat(entry.provider, call, self.times, self.clock, give)
                return got if checker is None else await self._checked(run, entry, call, got, checker, give)
            except BaseException:  # whatever ended it: what another machine has made is paid for
                self.purse.charge(question, choice, shown, run.made - before)
                raise

        outcome: Answer | TimmyError = NoAnswer("the cascade failed", status=500, fault="broken")
        try:
            got, choice = await self._through(run, do, shown, needs_of(question))
            if checker is not None:
                run.give(got.text)
            usage = got.usage
            outcome = Answer(
                question.id, got.text, choice.provider, usage.model or choice.model.name, usage.local, usage.tokens_in, usage.tokens_out,
                usage.cut, tuple(run.way),
            )  # fmt: skip
            self._note(question, begun, run.way, "", choice, usage, got.first)
        except asyncio.CancelledError:
            outcome = NoAnswer("the answer was not wanted any more", tuple(run.way), status=499, fault="cancelled")
            self._note(question, begun, run.way, "cancelled")
        except NoAnswer as failure:
            outcome = failure
            self._note(question, begun, run.way, failure.fault or "nobody")
        except Exception as error:  # noqa: BLE001  a fault of ours: whoever waits must hear of it
            _log.exception("question %s failed", question.id)
            outcome = NoAnswer(f"the cascade failed: {type(error).__name__}", tuple(run.way), status=500, fault="broken")
            self._note(question, begun, run.way, "broken")
        finally:
            if run.key is not None and self._joined.get(run.key) is run:
                del self._joined[run.key]
            run.end(outcome, self.clock.monotonic())

    async def _checked(
        self, run: Run, entry: Entry, call: Call, got: attempt.Got, checker: structured.Checker, give: Callable[[str], None]
    ) -> attempt.Got:
        """The answer when it meets its schema; else, once, that of the model told what was wrong. Raises NoAnswer."""
        try:
            structured.check(got.text, checker)
            return got
        except structured.Wrong as wrong:
            run.way.append(Step(entry.name, f"its answer was refused and asked for again: {wrong}", "schema"))
            told = (*call.messages, Message("assistant", got.text[: structured.LARGEST_SCHEMA]), Message("user", structured.repair(str(wrong))))
        second = await attempt.chat(entry.provider, replace(call, messages=told), self.times, self.clock, give)
        usage = replace(second.usage, tokens_in=got.usage.tokens_in + second.usage.tokens_in,
                        tokens_out=got.usage.tokens_out + second.usage.tokens_out)  # fmt: skip
        try:
            structured.check(second.text, checker)
        except structured.Wrong as wrong:
            run.way.append(Step(entry.name, f"its second answer was refused, too: {wrong}", "schema"))
            raise NoAnswer(f"{entry.name} did not answer in the form that was asked for: {wrong}", tuple(run.way), status=422,
                           fault="schema") from None  # fmt: skip
        return replace(second, usage=usage, first=got.first)

    async def _through(
        self, run: Run, do: Callable[[Entry, Choice], Awaitable[T]], shown: int, needs: Needs
    ) -> tuple[T, Choice]:
        """What the first provider that can do it makes of the question, and which that is. Raises NoAnswer."""
        question, way = run.question, run.way
        spent = self.purse.spent(question)
        self.roster.refresh()
        for name in self.roster.entries:
            known = self.roster.known(name, spent)
            if known.models is None and not barred(question, known, needs):
                await self.roster.met(name, self.times.connect)
                known = self.roster.known(name, spent)
            if isinstance(one := choose(question, known, needs), Step):
                way.append(one)
                continue
            try:
                made = await self._of(run, one, do, shown)
            except ProviderFault as fault:
                way.append(Step(one.provider, fault.said, fault.kind))
                if run.pieces:
                    raise NoAnswer(f"the answer broke off: {fault.said}", tuple(way), status=502, fault=fault.kind) from None
                if RULES[fault.kind].then is Then.STOP:
                    raise NoAnswer(f"{one.provider} refused the request: {fault.said}", tuple(way), status=400, fault=fault.kind) from None
            except Full as full:
                way.append(Step(one.provider, f"its queue is full: {full}", "full"))
            except Stale:
                way.append(Step(one.provider, "it was not its turn in time", "stale"))
                raise NoAnswer("nobody needed the answer any more when its turn came", tuple(way), fault="stale") from None
            except _Shut as shut:
                way.append(Step(one.provider, str(shut)))
            else:
                way.append(Step(one.provider, f"answered with {one.model.name}"))
                return made, one
        crowded = bool(way) and way[-1].fault == "full"
        raise NoAnswer(_nobody(way), tuple(way), status=429 if crowded else 503, fault="full" if crowded else "nobody")

    async def _of(self, run: Run, choice: Choice, do: Callable[[Entry, Choice], Awaitable[T]], shown: int) -> T:
        """What one provider makes of the question, asked a second time where the rule for its fault says so."""
        entry, name = self.roster.entries[choice.provider], choice.model.name
        first = True
        while True:
            try:
                async with self._turns_of(choice).turn(run):
                    if why := self.health.admit(choice.provider, name):
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
                self.health.worked(choice.provider, name)
                self._widen(choice.provider)
                return made

    async def _held_to(self, question: Question, choice: Choice, entry: Entry, do: Callable[[Entry, Choice], Awaitable[T]], shown: int) -> T:
        """One call; while it is out, what it may come to is held against the agent's budget."""
        if choice.model.local:
            return await do(entry, choice)
        if why := self.purse.spent(question).get(choice.provider):  # others may have spent it while this one waited
            raise _Shut(why)
        with self.purse.held(question, choice, shown):
            return await do(entry, choice)

    def _shown(self, question: Question, choice: Choice, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        """What a model is shown; what leaves the machine leaves without secrets, and is written down."""
        if choice.model.local:
            return messages
        messages = tuple(replace(m, content=redact(m.content)) for m in messages)
        told = json.dumps([[m.role, m.content] for m in messages])
        if not self.store.note_sent(self.clock.now().timestamp(), question.id, question.agent, choice.provider, choice.model.name, told):
            raise _Shut("what would leave this machine cannot be written down")
        return messages

    # -- turns and records ------------------------------------------------------------------------
    def attend(self) -> None:
        """Now and then: look whether providers came back, and forget what is long past."""
        self.roster.attend()
        self._forget()
        if (today := self.purse.today) != self._pruned:
            self._pruned = today
            self.store.prune(today)

    def _turns_of(self, choice: Choice) -> Turns:
        key = (choice.provider, choice.model.name)
        if key not in self._turns:
            self._turns[key] = Turns(self.health.width(choice.provider), self.clock)
        return self._turns[key]

    def _widen(self, provider: str) -> None:
        for (name, _), turns in self._turns.items():
            if name == provider:
                turns.widen(self.health.width(provider))

    def _fault(self, choice: Choice, fault: ProviderFault) -> None:
        self.health.failed(choice.provider, choice.model.name, fault)
        self._widen(choice.provider)
        self.store.note_fault(self.purse.today, choice.provider, choice.model.name, fault.kind)
        _log.info("%s with %s failed (%s): %s", choice.provider, choice.model.name, fault.kind, fault.said)

    def _note(
        self, question: Question, begun: float, way: Iterable[Step], fault: str, choice: Choice | None = None, usage: Usage | None = None,
        first: float | None = None,
    ) -> None:
        """Write down what became of a question. `begun` counts from its arrival, its waiting included."""
        provider = choice.provider if choice else ""
        cost = self.purse.cost(provider, usage.tokens_in, usage.tokens_out) if usage and not usage.local else 0.0
        self.store.note(self.purse.today, Called(
            self.clock.now().timestamp(), question.id, question.agent, question.purpose, provider,
            (usage.model if usage else "") or (choice.model.name if choice else ""), usage.local if usage else True,
            round((self.clock.monotonic() - begun) * 1000, 2), None if first is None else round(first * 1000, 2),
            usage.tokens_in if usage else 0, usage.tokens_out if usage else 0, fault, tuple(way),
        ), cost)  # fmt: skip

    def _forget(self) -> None:
        """Let go of answers that ended long ago, or are too many; those that are out stay."""
        limit = self.clock.monotonic() - KEPT_SECONDS
        ended = [id for id, run in self._runs.items() if run.ended]
        for n, id in enumerate(ended):
            if self._runs[id].ended_at >= limit and len(ended) - n <= KEPT:
                break
            del self._runs[id]


class _Shut(Exception):
    """The provider may not be asked any more; the text says why."""


def _nobody(way: Iterable[Step]) -> str:
    said = "; ".join(f"{step.provider}: {step.said}" for step in way)
    return f"No model can answer now. {said}" if said else "No model can answer now: no provider is set."
