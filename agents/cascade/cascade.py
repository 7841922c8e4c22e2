"""The cascade: takes a question through the providers until one answers.

Owns the current questions and recent answers, so that an answer can be found again by its id. Leaves calling
providers to `route`, and never makes up an answer: if no provider can answer, it says so, with what was tried.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace

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
from agents.cascade.route import Route
from agents.cascade.rules import Choice, needs_of
from agents.cascade.run import Listening, Run
from agents.cascade.store import Called, Store
from agents.cascade.thoughts import may_leave_out_the_first
from agents.cascade.tokens import weight
from agents.cascade.windows import Windows
from agents.kernel.clock import Clock
from agents.kernel.errors import Conflict, NotFound, TimmyError

_log = logging.getLogger("timmy.cascade")
KEPT, KEPT_SECONDS = 500, 900.0
"""How many finished answers can be found again, and for how long."""


@dataclass(frozen=True)
class Sampling:
    """How a model should choose its words, if the asker cares."""

    temperature: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()


class Cascade:
    """Runs in one event loop."""

    def __init__(
        self, roster: Roster, health: Health, store: Store, clock: Clock, times: Timeouts, daily: Budget
    ) -> None:
        """`daily`: the budget of agents without their own."""
        self.roster, self.health, self.store, self.clock, self.times = roster, health, store, clock, times
        self.purse = Purse(store, clock, daily, {name: entry.price for name, entry in roster.entries.items()})
        self.route = Route(roster, health, store, clock, self.purse, times)
        self.since = clock.now().timestamp()
        self._runs: dict[str, Run] = {}
        self._joined: dict[str, Run] = {}
        self._pruned = ""
        self._windows = Windows(store)
        self._leaves_out = dict.fromkeys(store.habits(), True)
        """Whether a model, by provider and name, is known to omit the opening tag of its thinking."""

    # -- asking ---------------------------------------------------------------------------------------
    def ask(self, question: Question, sampling: Sampling = Sampling()) -> Run:
        """The answer under way. An equal question that is already running is joined. Raises BadInput for an invalid
        schema, Conflict for an id that belongs to another question.
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
            self.route.joined(same)
            return same
        run = self._runs[question.id] = Run(question)
        if key is not None:
            run.key = key
            self._joined[key] = run
        run.task = asyncio.create_task(self._go(run, sampling, checker), name=f"question {question.id}")
        return run

    def find(self, id: str) -> Run:
        """The answer with this id, running or recently finished. Raises NotFound."""
        if (run := self._runs.get(id)) is None:
            raise NotFound(
                f"No question with the id {id} is known; answers are kept for {KEPT_SECONDS / 60:.0f} minutes."
            )
        return run

    def cancel(self, id: str) -> None:
        """The asker no longer wants the answer; if nobody else does, it is stopped. Raises NotFound."""
        run = self.find(id)
        if run.ended:
            return
        del run.askers[id]
        if run.askers:
            del self._runs[id]
        else:
            run.cancel("the answer was no longer wanted", self.clock.monotonic())

    async def embed(self, question: Question, texts: tuple[str, ...]) -> tuple[Vectors, Choice]:
        """Vectors for texts, and who made them. Raises NoAnswer."""
        begun, run = self.clock.monotonic(), Run(question)

        async def do(entry: Entry, choice: Choice) -> Vectors:
            shown = self.route.shown(question, choice, tuple(Message("user", text) for text in texts))
            return await attempt.embed(entry.provider, choice.model.name, tuple(m.content for m in shown), self.times)

        try:
            vectors, choice = await self.route.through(run, do, sum(map(weight, texts)), needs_of(question, texts))
        except NoAnswer as failure:
            self._note(question, begun, run.way, failure.fault or "nobody")
            raise
        self._note(question, begun, run.way, "", choice, vectors.usage)
        return vectors, choice

    async def close(self) -> None:
        """Stop what is running, and close the providers and the tables."""
        for run in list(self._runs.values()):
            if not run.ended:
                run.cancel("the cascade ends", self.clock.monotonic())
        tasks = [run.task for run in self._runs.values() if run.task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.roster.close()
        self.store.close()

    # -- one question -----------------------------------------------------------------------------------
    async def _go(self, run: Run, sampling: Sampling, checker: structured.Checker | None) -> None:
        begun, question = self.clock.monotonic(), run.question
        shown = sum(weight(m.content) for m in question.messages)

        needs = needs_of(question)
        aside = checker is not None or question.purpose == "thought"  # nobody may, or wants to, hear it as it comes

        async def do(entry: Entry, choice: Choice) -> attempt.Got:
            key = (choice.provider, choice.model.name)
            hold = self._leaves_out.get(key, may_leave_out_the_first(choice.model.name))

            async def chat(asked: Call) -> attempt.Got:
                try:
                    got = await attempt.chat(entry.provider, asked, self.times, self.clock, hearing, hold=hold)
                except ProviderFault as fault:
                    if fault.kind is Fault.SHORTENED:
                        self._windows.shortened(choice)
                    raise
                self._windows.read(choice, asked.messages, got.usage)
                self._leaves_out.setdefault(key, got.left_out)
                return got

            call = Call(
                choice.model.name,
                self.route.shown(question, choice, question.messages),
                question.schema,
                question.max_tokens,
                sampling.temperature,
                sampling.seed,
                sampling.stop,
            )
            if run.way and run.way[-1].provider == entry.name and run.way[-1].fault == Fault.ONLY_THOUGHT:
                call = replace(call, think=False, max_tokens=call.max_tokens * 2)
            # Whether all of the prompt was read is told at the end: what may turn out to be no answer is not heard.
            held = aside or not self._windows.holds(choice, call.messages, needs.tokens)
            needed = 0 if aside else needs.tokens
            hearing = Listening(run, lambda: self._learn(key), aside=held, needed=needed)
            before = run.made
            try:
                got = await chat(call)
                return got if checker is None else await self._checked(run, entry.name, call, got, checker, chat)
            except BaseException:  # however it ended: what another machine has generated must be paid for
                self.purse.charge(question, choice, shown, run.made - before)
                raise

        outcome: Answer | TimmyError = NoAnswer("the cascade failed", status=500, fault="broken")
        try:
            got, choice = await self.route.through(run, do, shown, needs)
            if not run.pieces:
                run.give(got.text)
            usage = got.usage
            outcome = Answer(
                question.id,
                got.text,
                choice.provider,
                usage.model or choice.model.name,
                usage.local,
                usage.tokens_in,
                usage.tokens_out,
                usage.cut,
                tuple(run.way),
            )
            self._note(question, begun, run.way, "", choice, usage, got.first)
        except asyncio.CancelledError:
            outcome = NoAnswer("the answer was no longer wanted", tuple(run.way), status=499, fault="cancelled")
            self._note(question, begun, run.way, "cancelled")
        except NoAnswer as failure:
            outcome = failure
            self._note(question, begun, run.way, failure.fault or "nobody")
        except Exception as error:  # noqa: BLE001  a fault of ours: whoever waits must hear of it
            _log.exception("question %s failed", question.id)
            outcome = NoAnswer(
                f"the cascade failed: {type(error).__name__}", tuple(run.way), status=500, fault="broken"
            )
            self._note(question, begun, run.way, "broken")
        finally:
            if run.key is not None and self._joined.get(run.key) is run:
                del self._joined[run.key]
            run.end(outcome, self.clock.monotonic())

    async def _checked(
        self,
        run: Run,
        name: str,
        call: Call,
        got: attempt.Got,
        checker: structured.Checker,
        chat: Callable[[Call], Awaitable[attempt.Got]],
    ) -> attempt.Got:
        """The answer if it matches its schema; otherwise, once, the answer of the model after being told what was
        wrong. Raises NoAnswer.
        """
        try:
            structured.check(got.text, checker)
            return got
        except structured.Wrong as wrong:
            run.way.append(Step(name, f"its answer was refused and asked for again: {wrong}", "schema"))
            told = (
                *call.messages,
                Message("assistant", got.text[: structured.LARGEST_SCHEMA]),
                Message("user", structured.repair(str(wrong))),
            )
        second = await chat(replace(call, messages=told))
        usage = replace(
            second.usage,
            tokens_in=got.usage.tokens_in + second.usage.tokens_in,
            tokens_out=got.usage.tokens_out + second.usage.tokens_out,
        )
        try:
            structured.check(second.text, checker)
        except structured.Wrong as wrong:
            run.way.append(Step(name, f"its second answer was refused, too: {wrong}", "schema"))
            raise NoAnswer(
                f"{name} did not answer in the form that was asked for: {wrong}",
                tuple(run.way),
                status=422,
                fault="schema",
            ) from None
        return replace(second, usage=usage, first=got.first)

    # -- records ----------------------------------------------------------------------------------
    def attend(self) -> None:
        """Now and then: check whether providers are back, and delete old records."""
        self.roster.attend()
        self._forget()
        if (today := self.purse.today) != self._pruned:
            self._pruned = today
            self.store.prune(today)

    def _learn(self, key: tuple[str, str]) -> None:
        """A model was found to omit the opening tag of its thinking: from now on its answers are held back until the
        closing one.
        """
        if not self._leaves_out.get(key):
            self._leaves_out[key] = True
            self.store.note_habit(*key)

    def _note(
        self,
        question: Question,
        begun: float,
        way: Iterable[Step],
        fault: str,
        choice: Choice | None = None,
        usage: Usage | None = None,
        first: float | None = None,
    ) -> None:
        """Record the result of a question. `begun` is the time of its arrival, so that waiting counts."""
        provider = choice.provider if choice else ""
        cost = self.purse.cost(provider, usage.tokens_in, usage.tokens_out) if usage and not usage.local else 0.0
        self.store.note(
            self.purse.today,
            Called(
                self.clock.now().timestamp(),
                question.id,
                question.agent,
                question.purpose,
                provider,
                (usage.model if usage else "") or (choice.model.name if choice else ""),
                usage.local if usage else True,
                round((self.clock.monotonic() - begun) * 1000, 2),
                None if first is None else round(first * 1000, 2),
                usage.tokens_in if usage else 0,
                usage.tokens_out if usage else 0,
                fault,
                tuple(way),
                choice.model.name if choice else "",
            ),
            cost,
        )

    def _forget(self) -> None:
        """Drop answers that ended long ago or are too many; running ones stay."""
        limit = self.clock.monotonic() - KEPT_SECONDS
        ended = [id for id, run in self._runs.items() if run.ended]
        for n, id in enumerate(ended):
            if self._runs[id].ended_at >= limit and len(ended) - n <= KEPT:
                break
            del self._runs[id]
