"""The way of a question through the providers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from agents.cascade.breaker import Policy, State
from agents.cascade.budget import Budget, Price
from agents.cascade.cascade import Cascade, Sampling
from agents.cascade.ports import Abilities, Answer, Call, Fault, Model, Piece, Timeouts, Usage
from agents.cascade.providers.ollama import Ollama
from agents.cascade.refusal import NoAnswer
from agents.cascade.run import Run
from agents.cascade.strategy import Strategy
from agents.kernel.errors import BadInput, Conflict, NotFound
from tests.support import ollama_standin
from tests.support.scripted import Part, Scripted, cascade, fault, question, tables


def play(story: Callable[[], Awaitable[Any]]) -> Any:
    """Run a story to its end; nothing takes a minute."""

    async def bounded() -> Any:
        async with asyncio.timeout(60):
            return await story()

    return asyncio.run(bounded())


async def heard(run: Run) -> Answer:
    """The answer, after all of it was heard."""
    text = "".join([piece async for piece in run.follow()])
    assert run.answer is not None
    assert text == run.answer.text == run.text
    return run.answer


async def gather(run: Run, pieces: list[str]) -> None:
    async for piece in run.follow():
        pieces.append(piece)


async def asked(made: Cascade, *more: Any, **kinds: Any) -> Answer:
    return await heard(made.ask(question(*more, **kinds)))


async def refused(made: Cascade, **kinds: Any) -> NoAnswer:
    with pytest.raises(NoAnswer) as found:
        await asked(made, **kinds)
    return found.value


def script(*calls: tuple[Part, ...]) -> Callable[[Call], tuple[Part, ...]]:
    """A script for each call in turn, the last one for all others."""
    left = list(calls)
    return lambda call: left.pop(0) if len(left) > 1 else left[0]


def test_an_answer_says_where_it_came_from() -> None:
    async def story() -> None:
        made = cascade(Scripted("near", models=("small",)), llama="TIMMY_LLAMA_GGUF names no model file")
        answer = await asked(made, "hello")
        assert (answer.text, answer.provider, answer.model, answer.local) == (
            "small hears: hello",
            "near",
            "small",
            True,
        )
        assert (answer.tokens_in, answer.tokens_out) == (10, 5)
        assert [(s.provider, s.said) for s in answer.way] == [("near", "answered with small")]

    play(story)


@pytest.mark.parametrize("kind", [k for k in Fault if k not in (Fault.REFUSED,)])
def test_every_fault_before_the_first_piece_ends_at_the_next_provider(kind: Fault) -> None:
    async def story() -> None:
        bad, good = Scripted("bad", lambda call: (fault(kind, "so it is", retry_after=0.01),)), Scripted("good")
        answer = await asked(cascade(bad, good))
        again = kind in (Fault.BUSY, Fault.LIMITED, Fault.EMPTY, Fault.ONLY_THOUGHT)
        assert len(bad.calls) == (2 if again else 1)
        assert answer.provider == "good"
        assert [(s.provider, s.fault) for s in answer.way] == [*[("bad", kind.value)] * len(bad.calls), ("good", "")]

    play(story)


def test_a_request_that_is_wrong_is_asked_of_nobody_else() -> None:
    async def story() -> None:
        bad, good = Scripted("bad", lambda call: (fault(Fault.REFUSED, "too many messages"),)), Scripted("good")
        failure = await refused(cascade(bad, good))
        assert failure.status == 400 and "too many messages" in failure.message
        assert not good.calls

    play(story)


def test_after_the_first_piece_nobody_else_is_asked() -> None:
    async def story() -> None:
        bad, good = Scripted("bad", lambda call: ("Once upon ", fault(Fault.CUT, "the line is dead"))), Scripted("good")
        made = cascade(bad, good)
        run = made.ask(question())
        pieces: list[str] = []
        with pytest.raises(NoAnswer, match="broke off: the line is dead") as found:
            await gather(run, pieces)
        assert pieces == ["Once upon "]
        assert not good.calls
        assert found.value.status == 502

    play(story)


def test_a_long_wait_is_not_waited() -> None:
    async def story() -> None:
        bad, good = (
            Scripted("bad", lambda call: (fault(Fault.LIMITED, "too often", retry_after=3600),)),
            Scripted("good"),
        )
        made = cascade(bad, good, slots=4)
        assert (await asked(made)).provider == "good"
        assert len(bad.calls) == 1
        second = await asked(made, id="q2", text="again")
        assert len(bad.calls) == 1
        assert "left alone for" in second.way[0].said
        assert made.health.strategy[0] is Strategy.FALLBACK
        assert made.health.width("bad") == 1

    play(story)


def test_when_nobody_can_the_way_says_why() -> None:
    async def story() -> None:
        failure = await refused(
            cascade(Scripted("far", local=False), Scripted("bad", listing=fault(Fault.DEAD, "nothing listens")))
        )
        assert failure.status == 503
        assert [(s.provider, s.said) for s in failure.way] == [
            ("far", "not enabled for timmy"),
            ("bad", "nothing listens"),
        ]
        assert (await refused(cascade())).message == "No model can answer now: no provider is set."

    play(story)


def test_a_question_that_nobody_can_meet_is_told_why_and_asked_of_nobody() -> None:
    async def story() -> None:
        plain, good = Scripted("plain", abilities=Abilities()), Scripted("good", lambda call: ('{"n": 3}',))
        good._models = (Model("small", True, context=2048),)
        made = cascade(plain, good)
        assert [s.said for s in (await asked(made, schema=SCHEMA)).way] == [
            "it cannot produce JSON",
            "answered with small",
        ]
        failure = await refused(made, id="q2", text="x" * 8000, schema=SCHEMA)
        assert failure.message == (
            "No model can answer now. plain: it cannot produce JSON; good: its context of 2,048 tokens is too "
            "small for about 2,600"
        )
        with pytest.raises(
            NoAnswer, match="plain: it cannot embed; good: its context of 2,048 tokens is too small for about 3,000"
        ):
            await made.embed(question(id="e1"), ("short", "x" * 12_000))
        assert not plain.calls and len(good.calls) == 1

    play(story)


def test_time_limits_hold_for_every_provider() -> None:
    async def story() -> None:
        never = asyncio.Event()
        mute, slow = Scripted("mute", lambda call: (never,)), Scripted("slow", lambda call: ("a ", never))
        made = cascade(mute, slow, times=Timeouts(1, 0.1, 0.3))
        with pytest.raises(NoAnswer, match=r"broke off: the answer was not complete within 0\.3 s") as found:
            await asked(made)
        assert found.value.way[0].said == "no answer began within 0.1 s"
        assert len(mute.stopped) == len(slow.stopped) == 1

    play(story)


def test_a_question_waits_for_no_models_but_those_it_would_ask_next() -> None:
    async def story() -> None:
        never = asyncio.Event()
        far, good, late = Scripted("far", local=False, listing=never), Scripted("good"), Scripted("late", listing=never)
        made = cascade(far, good, late)
        assert [step.said for step in (await asked(made)).way] == ["not enabled for timmy", "answered with small"]
        assert [made.roster.entries[name].asked_at is None for name in ("far", "good", "late")] == [True, False, True]
        await made.close()

    play(story)


def test_a_model_list_that_hangs_is_waited_for_no_longer_than_a_connection() -> None:
    async def story() -> None:
        async with ollama_standin.Ollama(script=deque(["tags:hang"])) as standin:
            hanging, good = Ollama(standin.url, timeouts=Timeouts(connect=0.2)), Scripted("good")
            made = cascade(hanging, good, times=Timeouts(0.2, 5.0, 10.0))
            answers = [await asked(made), await asked(made, id="q2", text="again")]
            assert [a.way[0].said for a in answers] == ["it has not listed its models within 0.2 s"] * 2
            assert [a.provider for a in answers] == ["good"] * 2
            assert (
                made.roster.entries["ollama"].asked_at is None and len(standin.seen) == 1
            )  # it is waited for on, by nobody
            await made.close()

    play(story)


@pytest.mark.parametrize("kind", list(Fault))
def test_a_provider_whose_list_is_late_keeps_the_models_that_it_told_of(kind: Fault) -> None:
    gone = kind in (Fault.DEAD, Fault.DENIED, Fault.NO_MODEL)

    async def story() -> None:
        near, other = Scripted("near"), Scripted("other")
        made = cascade(near, other)
        first = await asked(made)
        near.listing = fault(kind, "so it is")
        await made.roster.probe(["near"])
        known = made.roster.known("near", {})
        assert known.why == "so it is" and [m.name for m in known.models or ()] == ([] if gone else ["small"])
        second = await asked(made, id="q2", text="again")
        away = gone or kind is Fault.LIMITED  # that one asked to be left alone
        assert (first.provider, second.provider) == ("near", "other" if away else "near")
        near.listing, near._models = None, ()
        await made.roster.probe(["near"])
        assert made.roster.known("near", {}).models == (), "it says itself that it has none"

    play(story)


def test_a_list_that_failed_is_asked_for_again_as_soon_as_one_that_never_came(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        monkeypatch.setattr("agents.cascade.roster.FRESH_FAULT", 0.0)
        near = Scripted("near")
        made = cascade(near)
        await asked(made)
        near.listing = fault(Fault.SILENT, "it fell silent")
        await made.roster.probe()
        near.listing = None
        await asked(made, id="q2", text="again")
        await asyncio.sleep(0.01)
        assert near.listed == 3 and made.roster.entries["near"].why == ""

    play(story)


def test_thought_counts_as_a_sign_of_life_and_is_not_told() -> None:
    async def story() -> None:
        thinker = Scripted(says=lambda call: (Piece(thinking="hm"), 0.2, "Yes."))
        assert (await asked(cascade(thinker, times=Timeouts(1, 0.1, 5)))).text == "Yes."

    play(story)


def test_a_provider_that_only_thought_is_asked_to_answer_at_once() -> None:
    async def story() -> None:
        thinker = Scripted(says=script((Piece(thinking="hm"),), ("Yes.",)))
        answer = await asked(cascade(thinker))
        assert answer.text == "Yes." and thinker.calls[1].max_tokens == 2 * thinker.calls[0].max_tokens
        assert answer.way[0].fault == "only thought"

    play(story)


def test_a_provider_that_breaks_its_word_is_one_that_fails() -> None:
    async def story() -> None:
        answer = await asked(cascade(Scripted("bad", lambda call: (KeyError("x"),)), Scripted("good")))
        assert answer.way[0].said == "it failed by KeyError"

    play(story)


def test_too_long_an_answer_is_ended() -> None:
    async def story() -> None:
        flood = Scripted(says=lambda call: ("x" * 100_000 for _ in range(1000)))
        failure = await refused(cascade(flood))
        assert "more than 1,000,000" in failure.message and failure.fault == "too much"

    play(story)


def test_a_breaker_opens_is_kept_and_closes_by_its_probe() -> None:
    async def story() -> None:
        store, down = tables(), [True]
        bad = Scripted("bad", lambda call: (fault(Fault.BROKEN, "500"),) if down[0] else ("Back.",))
        policy = Policy(after=2, cool=0.2)
        made = cascade(bad, Scripted("good"), store=store, policy=policy)
        for n in range(4):
            await asked(made, id=f"q{n}", text=str(n))
        assert len(bad.calls) == 2
        assert made.health.breaker("bad", "small").state is State.OPEN
        again = cascade(bad, Scripted("good"), store=store, policy=policy)
        assert again.health.breaker("bad", "small").failures == 2
        answer = await asked(again, id="r1")
        assert answer.provider == "good" and "breaker is open" in answer.way[0].said
        down[0] = False
        await asyncio.sleep(0.25)
        assert (await asked(again, id="r2", text="now")).provider == "bad"
        assert again.health.breaker("bad", "small").state is State.CLOSED

    play(story)


def test_of_many_questions_one_is_the_probe() -> None:
    async def story() -> None:
        bad = Scripted("bad", lambda call: (0.05, fault(Fault.BROKEN, "500")))
        made = cascade(bad, Scripted("good"), policy=Policy(after=1, cool=0.1), slots=10)
        await asked(made)
        await asyncio.sleep(0.15)
        bad.calls.clear()
        await asyncio.gather(*(asked(made, id=f"r{n}", text=str(n)) for n in range(10)))
        assert len(bad.calls) == 1

    play(story)


def test_a_dead_provider_is_found_again_without_a_model_call_however_long_it_was_dead() -> None:
    async def story() -> None:
        late = Scripted("late", listing=fault(Fault.DEAD, "nothing listens"))
        made = cascade(late, Scripted("good"), policy=Policy(after=1, cool=3600, longest=86400))
        assert (await asked(made)).provider == "good"
        opened = made.health.breaker("late")
        assert opened.state is State.OPEN
        for _ in range(3):
            await look(made)
        assert made.health.breaker("late") == opened, "looking makes no cool-down longer"
        assert late.listed == 4
        late.listing = None
        await look(made)
        assert made.health.breaker("late").state is State.CLOSED and not late.calls
        assert (await asked(made, id="q2", text="again")).provider == "late"
        made.health.by_hand("late", open=True)
        await look(made)
        assert made.health.breaker("late").state is State.OPEN

    play(story)


async def look(made: Cascade) -> None:
    """What the service does every few seconds, some while after the last time."""
    for entry in made.roster.entries.values():
        entry.asked_at = -1e9
    made.attend()
    await asyncio.sleep(0.05)


def test_a_breaker_by_hand_stays_as_it_was_put() -> None:
    async def story() -> None:
        near = Scripted("near")
        made = cascade(near)
        made.health.by_hand("near", open=True)
        assert "by hand" in (await refused(made)).message and not near.calls
        made.health.by_hand("near", open=False)
        assert (await asked(made)).provider == "near"

    play(story)


FAR = frozenset({"far"})


def test_a_spent_budget_keeps_questions_here_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        far, near = Scripted("far", local=False), Scripted("near")
        made = cascade(far, near, daily=Budget(tokens=12), prices={"far": Price(1, 1)})
        assert (await asked(made, remote=FAR)).provider == "far"
        second = await asked(made, id="q2", text="more", remote=FAR)
        assert second.provider == "near"
        assert second.way[0].said == "timmy's budget of 12 tokens for today is spent"
        assert (await asked(made, id="q3", agent="ezra", remote=FAR)).provider == "far"
        assert (await asked(made, id="q4", text="mine", remote=FAR, tokens_a_day=10_000)).provider == "far"

    with caplog.at_level("WARNING", "timmy.cascade"):
        play(story)
    assert sum("budget of 12 tokens" in r.message for r in caplog.records) == 1


def test_what_is_out_is_held_against_the_budget() -> None:
    async def story() -> None:
        gate = asyncio.Event()
        far, near = Scripted("far", lambda call: (gate, "Yes."), local=False), Scripted("near")
        made = cascade(far, near, daily=Budget(tokens=100), slots=9)
        runs = [made.ask(question(str(n), id=f"q{n}", remote=FAR)) for n in range(5)]
        await asyncio.sleep(0.05)
        assert len(far.calls) == 1, (
            "one question of 512 tokens may spend the rest of the budget; no second may begin meanwhile"
        )
        gate.set()
        assert [(await heard(run)).provider for run in runs] == ["far", *["near"] * 4]

    play(story)


@pytest.mark.parametrize("way", ["cut", "cancelled", "refused"])
def test_what_came_to_nothing_elsewhere_is_held_against_the_budget(way: str) -> None:
    async def story() -> None:
        end: Part = 30 if way == "cancelled" else fault(Fault.CUT) if way == "cut" else ""
        far = Scripted("far", lambda call: ("word " * 100, end), local=False)
        made = cascade(far, prices={"far": Price(0, 1_000_000)})
        run = made.ask(question(remote=FAR, schema=SCHEMA if way == "refused" else None))
        await asyncio.sleep(0.05)
        if way == "cancelled":
            made.cancel("q1")
            await asyncio.sleep(0.02)
        assert run.ended and run.answer is None
        times = 2 if way == "refused" else 1
        used = made.store.used(made.store.by_day()[0]["day"], "timmy")
        assert used.money == 125 * times and used.tokens == 125 * times + 5

    play(story)


def test_money_is_not_spent_where_no_price_is_known() -> None:
    async def story() -> None:
        made = cascade(Scripted("far", local=False), daily=Budget(money=1.0))
        assert "price is not set" in (await refused(made, remote=FAR)).message

    play(story)


def test_what_leaves_is_written_down_without_secrets() -> None:
    async def story() -> None:
        far = Scripted("far", local=False)
        made = cascade(far)
        await asked(made, "the password: hunter2secret", remote=FAR)
        assert "hunter2secret" not in far.calls[0].messages[-1].content
        assert "hunter2secret" not in str(made.store.sent()) and "redacted" in str(made.store.sent())
        await made.embed(question(id="e1", remote=FAR), ("the password: hunter3secret",))
        assert "hunter3secret" not in str(made.store.sent()) and len(made.store.sent()[0]) == 2
        near = Scripted("near")
        await asked(other := cascade(near), "the password: hunter2secret")
        assert "hunter2secret" in near.calls[0].messages[-1].content and other.store.sent() == ([], 0)

    play(story)


SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}


def test_an_answer_that_misses_its_schema_is_asked_for_again_once() -> None:
    async def story() -> None:
        near = Scripted(says=script(('{"n": "three"}',), ('{"n": 3}',)))
        answer = await asked(cascade(near), schema=SCHEMA)
        assert answer.text == '{"n": 3}' and answer.tokens_out == 10
        assert "'three' is not of type 'integer'" in near.calls[1].messages[-1].content
        assert answer.way[0].fault == "schema"

    play(story)


@pytest.mark.parametrize("text", ['{"n": 1, "n": 2}', "[" * 5000, "NaN", "I refuse.", '{"n": 1e999}'])
def test_an_answer_that_misses_it_twice_is_refused_whole(text: str) -> None:
    async def story() -> None:
        near, other = Scripted(says=lambda call: (text,)), Scripted("other")
        made = cascade(near, other)
        run = made.ask(question(schema=SCHEMA))
        pieces: list[str] = []
        with pytest.raises(NoAnswer, match="did not answer in the form"):
            await gather(run, pieces)
        assert pieces == [] and len(near.calls) == 2 and not other.calls

    play(story)


def test_what_is_no_schema_is_refused_at_once() -> None:
    async def story() -> None:
        with pytest.raises(BadInput, match="not a JSON schema"):
            cascade(Scripted()).ask(question(schema={"type": 7}))

    play(story)


def test_equal_questions_are_answered_once_and_each_is_found_by_its_id() -> None:
    async def story() -> None:
        gate = asyncio.Event()
        near = Scripted(says=lambda call: ("One ", gate, "answer."))
        made = cascade(near, slots=5)
        runs = [made.ask(question(id=f"q{n}")) for n in range(5)]
        await asyncio.sleep(0.02)
        made.cancel("q0")  # four others want it still
        gate.set()
        assert {(await heard(run)).text for run in runs} == {"One answer."}
        assert len(near.calls) == 1 and made.find("q4") is runs[0]
        await asked(made, id="later")
        assert len(near.calls) == 2, "an answer that has ended is not given to others"

    play(story)


@pytest.mark.parametrize("second", [False, True])
def test_a_person_who_joins_a_ticks_question_takes_it_to_a_persons_place(second: bool) -> None:
    async def story() -> None:
        gate, before = asyncio.Event(), asyncio.Event()
        far = Scripted(
            "far",
            lambda call: (before, fault(Fault.BROKEN)) if call.messages[-1].content == "d" else (fault(Fault.BROKEN),),
        )
        near = Scripted(says=lambda call: (gate, call.messages[-1].content))
        made = cascade(*([far] if second else []), near)
        runs = [
            made.ask(question(text, id=text, agent=agent))
            for text, agent in (("a", "x"), ("b", "y"), ("c", "z"), ("d", "w"))
        ]
        while made.route.running().get("near") != (
            (1, 2) if second else (1, 3)
        ):  # `d` waits here, or is with the first provider yet
            await asyncio.sleep(0.01)
        assert made.ask(question("d", id="person", agent="w", person=True)) is runs[3]
        before.set()
        while made.route.running()["near"] != (1, 3):
            await asyncio.sleep(0.01)
        gate.set()
        for run in runs:
            await heard(run)
        assert [call.messages[-1].content for call in near.calls] == ["a", "d", "b", "c"]

    play(story)


def test_a_tick_that_a_person_joined_is_not_dropped_as_stale() -> None:
    async def story() -> None:
        gate = asyncio.Event()
        made = cascade(Scripted(says=lambda call: (gate, "Yes.")))
        first, tick = made.ask(question("a", id="a")), made.ask(question("b", id="b", stale_after=0.05))
        await asyncio.sleep(0.01)
        assert made.ask(question("b", id="person", person=True)) is tick
        await asyncio.sleep(0.1)
        gate.set()
        assert (await heard(first)).text == (await heard(tick)).text == "Yes."

    play(story)


def test_programs_get_samples_of_their_own() -> None:
    async def story() -> None:
        near = Scripted(says=lambda call: (0.02, "Yes."))
        made = cascade(near, slots=5)
        runs = [made.ask(question(id=f"q{n}", purpose="other")) for n in range(3)]
        runs += [made.ask(question(id=f"s{n}", purpose="other"), Sampling(seed=1)) for n in range(3)]
        for run in runs:
            await heard(run)
        assert len(near.calls) == 4

    play(story)


def test_cancelling_reaches_the_provider_and_the_queue() -> None:
    async def story() -> None:
        near = Scripted(says=lambda call: ("a", 30))
        made = cascade(near)
        first, second = made.ask(question("1", id="a")), made.ask(question("2", id="b"))
        await asyncio.sleep(0.02)
        assert made.route.running() == {"near": (1, 1)}
        made.cancel("b")
        made.cancel("a")
        await asyncio.sleep(0.02)
        assert len(near.stopped) == len(near.calls) == 1 and made.route.running() == {"near": (0, 0)}
        assert first.ended and second.ended
        assert [c["fault"] for c in made.store.calls()] == ["cancelled", "cancelled"]
        with pytest.raises(NotFound):
            made.cancel("nobody")

    play(story)


def test_an_id_is_one_question() -> None:
    async def story() -> None:
        made = cascade(Scripted(says=script((fault(Fault.BROKEN),), ("Yes.",))))
        await refused(made)
        assert (await asked(made)).text == "Yes.", "what failed may be asked again"
        run = made.ask(question())
        assert run.answer is not None, "what was answered is found again"
        with pytest.raises(Conflict):
            made.ask(question("something else"))

    play(story)


def test_ended_answers_are_forgotten_and_running_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        monkeypatch.setattr("agents.cascade.cascade.KEPT", 3)
        gate = asyncio.Event()
        made = cascade(
            Scripted(says=lambda call: (gate, "x") if call.messages[-1].content == "long" else ("x",)), slots=2
        )
        long = made.ask(question("long", id="long"))
        for n in range(10):
            await asked(made, id=f"q{n}", text=str(n))
        made.attend()
        assert made.find("long") is long and made.find("q9")
        with pytest.raises(NotFound):
            made.find("q2")
        gate.set()
        await heard(long)

    play(story)


def test_slots_bound_what_a_server_is_asked_and_stale_ticks_are_dropped() -> None:
    async def story() -> None:
        near = Scripted(says=lambda call: (0.05, "Yes."))
        made = cascade(near, slots=2)
        runs = [made.ask(question(str(n), id=f"q{n}")) for n in range(6)]
        old = made.ask(question("old", id="old", stale_after=0.01, agent="ezra"))
        person = made.ask(question("me", id="me", person=True))
        await heard(person)
        assert sum(run.ended for run in runs) <= 3
        with pytest.raises(NoAnswer, match="any longer"):
            await heard(old)
        for run in runs:
            await heard(run)
        assert near.most == 2

    play(story)


def test_what_was_used_is_kept_by_provider_model_agent_and_day() -> None:
    async def story() -> None:
        far = Scripted("far", lambda call: ("Yes.", Usage(100, 50, False)), local=False)
        made = cascade(Scripted("near"), far, prices={"far": Price(1, 2)})
        await asked(made)
        made.health.by_hand("near", open=True)
        await asked(made, id="q2", text="2", agent="ezra", remote=FAR)
        agents = {row["agent"]: row for row in made.store.by_agent()}
        assert agents["timmy"]["tokens_local"] == 5 and agents["ezra"]["tokens_local"] == 0
        assert agents["ezra"]["cost"] == pytest.approx(0.0002)
        assert made.store.tokens() == (5, 55)
        assert made.store.calls()[0]["way"][0]["said"] == "its breaker was opened by hand"

    play(story)


def test_the_end_reaches_every_provider() -> None:
    async def story() -> None:
        near = Scripted(says=lambda call: (30,))
        made = cascade(near)
        run = made.ask(question())
        await asyncio.sleep(0.01)
        await made.close()
        assert near.closed and near.stopped and run.ended

    play(story)


def test_a_full_disk_keeps_no_answer_from_whoever_waits(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        far = Scripted("far", local=False)
        made = cascade(
            Scripted(
                "near", lambda call: (fault(Fault.BROKEN, "500"),) if call.messages[-1].content == "bad" else ("Yes.",)
            ),
            far,
        )
        await asked(made, id="q0")
        made.store._link.execute("PRAGMA query_only = ON")
        assert (await asked(made, id="q1", text="more")).text == "Yes."
        assert "500" in (await refused(made, id="q2", text="bad")).message
        made.health.by_hand("near", open=True)
        assert (await refused(made, id="q3", text="x", remote=FAR)).status == 503
        assert not far.calls, "what cannot be written down does not leave"

    with caplog.at_level("ERROR", "timmy.cascade"):
        play(story)
    assert "cannot be written" in caplog.text
