"""The thought stream over a real house: its ticks, its queue, its hours, and models that answer, fail or are late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred, fail, succeed

from agents.cascade.ports import Answer, Question
from agents.events.models import Event
from agents.governance.rules import Actor
from agents.kernel.errors import BadInput, Conflict, NotAllowed, NotFound, Unavailable
from agents.kernel.text import clean
from agents.thinking import asking
from agents.thinking.models import Thought
from agents.thinking.stream import MOST_QUEUED
from commands import live, sight, telling, verbs
from commands.verbs import Caller, Reply
from tests.support import hostile_json, light_house
from tests.support.clients import Account, Session
from tests.support.furnished import Furnished as House
from tests.support.hostile import naughty
from tests.support.light_house import OWNER, persona, run
from tests.support.light_world import LightWorld
from world import screen

pytestmark = pytest.mark.django_db
MIA = Actor("person", "mia")


class Cascade:
    """Language for unit tests: each question is kept, and answered as the test says."""

    def __init__(self, answer: Callable[[Question], Any] = lambda question: None) -> None:
        """`answer` gives an Answer, an exception, or None for an answer that is still to come."""
        self.answer, self.asked, self.cancelled, self.resumed = answer, list[Question](), list[str](), list[str]()
        self.open: dict[str, Deferred[Answer]] = {}

    def ask(self, question: Question, heard: Callable[[str], None]) -> Deferred[Answer]:
        self.asked.append(question)
        found = self.answer(question)
        if isinstance(found, Exception):
            return fail(found)
        if found is not None:
            return succeed(found)
        return self.open.setdefault(question.id, Deferred())

    def resume(self, id: str, heard: Callable[[str], None]) -> Deferred[Answer]:
        self.resumed.append(id)
        if id not in self.open:
            return fail(NotFound("The cascade knows no such answer."))
        self.open[id] = Deferred()
        return self.open[id]

    def cancel(self, id: str) -> Deferred[None]:
        self.cancelled.append(id)
        return succeed(None)

    def status(self) -> Deferred[dict[str, Any]]:
        return succeed({})


def said(question: Question, text: str = "I wonder what the Forge was before it was a forge.", **more: Any) -> Answer:
    return Answer(question.id, text, "ollama", "tiny:1b", True, **more)


def seated(folder: Path, *people: str, language: Cascade | None = None, **more: Any) -> House:
    made = light_house.house(
        folder, LightWorld.founding(), people or (persona("timmy"), persona("ezra", extra="parent: timmy")), **more
    )
    made.connect(language)
    run(made, seconds=5)
    return made


@pytest.fixture
def house(tmp_path: Path) -> House:
    return seated(tmp_path)


def tick(house: House, slug: str = "timmy", seconds: float = 0) -> Thought | None:
    """A thought tick, and the newest thought after it."""
    house.runtime.clock.advance(seconds)  # type: ignore[attr-defined]
    house.thoughts.tick(slug)
    house.slot(25)
    return Thought.objects.filter(agent=slug, state="thought").order_by("at", "id").last()


def ask(house: House, line: str, actor: Actor = OWNER, **more: Any) -> Reply:
    word, _, rest = line.partition(" ")
    return verbs.run(house, Caller(actor, "telnet", "hall", **more), word, rest)


def text(reply: Reply) -> str:
    return "\n".join(screen.unmarked(line).replace(screen.HANG, "") for line in reply.lines)


# -- the stream --------------------------------------------------------------------------------------


def test_m6_each_tick_is_one_thought_chained_to_the_one_before_stored_with_its_terms_and_logged(house: House) -> None:
    made = [tick(house, seconds=300) for _ in range(12)]
    assert all(made)
    for before, after in pairwise(made):
        assert before and after
        assert after.parent == before.id
    for one in made:
        assert one
        assert one.source == "reflex"
        assert set(one.terms) == {"novelty", "unfinished", "recent", "chance", "score"}
        assert " ".join(told for told, _ in one.records) == one.text
        event = Event.objects.get(topic="agent.timmy.thought", data__thought=one.id)
        assert (event.data["text"], event.data["source"], event.data["room"], event.actor) == (
            one.text,
            "reflex",
            "hall",
            "agent:timmy",
        )
    assert len({one.subject for one in made if one}) > 6, "a seed just used falls"
    assert not Event.objects.filter(topic="agent.ezra.thought").exists(), "no tick, no thought"


def test_an_idle_agent_without_a_tick_asks_nobody(tmp_path: Path) -> None:
    language = Cascade()
    house = seated(tmp_path, language=language)
    run(house, seconds=3600, slot=1)
    assert language.asked == []
    assert not Thought.objects.exists()


def test_who_rests_does_not_think_and_who_wakes_goes_on(house: House) -> None:
    house.minds.pause("timmy")
    assert tick(house) is None
    assert house.thoughts.next_slot == float("inf")
    house.minds.resume("timmy")
    assert tick(house)


def test_a_tick_before_the_mind_is_ready_is_kept_for_it(tmp_path: Path) -> None:
    world = LightWorld.founding()
    house = light_house.house(tmp_path, world, [persona("timmy", home="attic")])
    world.body("timmy").move("workshop")
    assert tick(house) is None
    world.room("attic", "the Attic")
    run(house, lambda: Thought.objects.exists(), seconds=300)
    assert Thought.objects.count() == 1


def test_many_that_are_due_at_once_think_one_a_slot(tmp_path: Path) -> None:
    house = seated(tmp_path, *(persona(f"a{'bcdefghijklm'[n]}") for n in range(12)))
    for slug in house.personas:
        house.thoughts.tick(slug)
    seen = []
    while house.thoughts.next_slot <= house.runtime.clock.monotonic():
        house.slot(25)
        seen.append(Thought.objects.count())
    assert seen == list(range(1, 13))


def test_unfinished_work_comes_to_mind(tmp_path: Path) -> None:
    house = seated(tmp_path)
    task = light_house.give(house, "Chore the roof", "timmy")
    run(house, lambda: house.work.get(task.pk).status == "RUNNING", seconds=60)
    house.work.fail(task.pk, "timmy", "the ladder broke")
    made = [tick(house, seconds=300) for _ in range(6)]
    assert any(one and one.subject == f"task:{task.pk}" and one.terms["unfinished"] == 0.9 for one in made)


def test_what_breaks_in_a_thought_is_captured_and_stops_nobody(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from agents.thinking import musing

    whole = musing.muse

    def broken(made: House, agent: str, *rest: Any) -> Any:
        if agent == "ezra":
            raise RuntimeError("a fault in the reflex")
        return whole(made, agent, *rest)

    monkeypatch.setattr(musing, "muse", broken)
    assert tick(house, "ezra") is None
    assert tick(house, "timmy")
    assert not Thought.objects.filter(agent="ezra").exists()
    assert Event.objects.filter(topic="bug.filed").exists()
    monkeypatch.setattr(musing, "muse", whole)
    assert tick(house, "ezra")


def test_the_oldest_thoughts_go_when_there_are_too_many(tmp_path: Path) -> None:
    house = seated(tmp_path, thoughts_kept=20)
    ids = [tick(house, seconds=60).id for _ in range(60)]  # type: ignore[union-attr]
    kept = list(Thought.objects.order_by("at").values_list("id", flat=True))
    assert 20 <= len(kept) <= 22
    assert kept == ids[-len(kept) :]
    oldest = Thought.objects.get(id=kept[0])
    assert house.thoughts.stream.chain(oldest, 5) == [], "the chain ends where the older ones went"


# -- by a model ----------------------------------------------------------------------------------------


def test_a_thought_by_a_model_is_asked_with_its_persona_the_records_and_the_three_before(tmp_path: Path) -> None:
    language = Cascade(said)
    house = seated(tmp_path, language=language)
    made = [tick(house, seconds=300) for _ in range(5)]
    assert [one.source for one in made if one] == ["ollama/tiny:1b"] * 5
    assert all(one and one.records == [] for one in made), "a model states no record"
    first, last = language.asked[0], language.asked[-1]
    assert (first.purpose, first.agent, first.person, first.stale_after) == (
        "thought",
        "timmy",
        False,
        asking.STALE_SECONDS,
    )
    assert first.id == made[0].id  # type: ignore[union-attr]
    assert first.messages[0] == last.messages[0], "the beginning is the same, so that a server can keep it"
    assert last.messages[1].content.count("what the Forge was") == 3
    assert "Records:" in first.messages[1].content
    assert first.remote == frozenset()


def test_m6_within_an_hour_twelve_of_timmys_thoughts_and_two_of_the_others_are_by_a_model(tmp_path: Path) -> None:
    language = Cascade(said)
    house = seated(tmp_path, language=language)
    for _ in range(40):
        tick(house, seconds=60)
        tick(house, "ezra")
    counted = {slug: Thought.objects.filter(agent=slug).exclude(source="reflex").count() for slug in ("timmy", "ezra")}
    assert counted == {"timmy": 12, "ezra": 2}
    assert Thought.objects.filter(agent="timmy").count() == 40, "the stream never stops"
    note = Thought.objects.filter(agent="ezra", source="reflex").first()
    assert note and note.note == "a model was asked 2 times within the hour, and 2 are allowed"
    for _ in range(200):
        tick(house, seconds=60)
        tick(house, "ezra")
    for slug, most in (("timmy", 12), ("ezra", 2)):
        asked = sorted(at for at in Thought.objects.filter(agent=slug).values_list("asked_at", flat=True) if at)
        assert all(b - a >= timedelta(hours=1) for a, b in zip(asked, asked[most:], strict=False)), (
            "in any hour, not by the clock's"
        )
        assert len(asked) == most * 4, "and the hour is used"


def test_calls_that_failed_count_and_the_count_outlasts_a_restart(tmp_path: Path) -> None:
    language = Cascade(lambda question: Unavailable("Nobody can answer now."))
    house = seated(tmp_path, language=language)
    tick(house, "ezra")
    tick(house, "ezra", 60)
    house.stop()
    again = light_house.house(tmp_path, LightWorld.founding(), (), clock=house.runtime.clock)  # type: ignore[arg-type]
    again.connect(language)
    run(again, seconds=5)
    tick(again, "ezra", 60)
    assert len(language.asked) == 2


FAULTS = {
    "nobody": Unavailable("No provider can answer: ollama is dead."),
    "foreign": RuntimeError("Error: CUDA out of memory"),
    "empty": "",
    "blank": " \n\x1b[0m ",
    "marks": "...",
    "hidden": "\u200b\u202e",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_error_never_becomes_a_thought(tmp_path: Path, fault: str) -> None:
    given = FAULTS[fault]
    language = Cascade(lambda question: said(question, given) if isinstance(given, str) else given)
    house = seated(tmp_path, language=language)
    one = tick(house)
    assert one
    assert one.source == "reflex"
    assert one.records
    assert one.note
    assert "CUDA" not in one.text
    event = Event.objects.get(topic="agent.timmy.thought")
    assert (event.data["source"], event.data["reason"]) == ("reflex", one.note)
    assert Event.objects.filter(topic="bug.filed").exists() == (fault == "foreign")


def test_a_model_s_text_is_cleaned_and_bounded(tmp_path: Path) -> None:
    text = '"\x1b]0;owned\x07Doors\n\n\u202ematter. ' + "They open and close. " * 100 + '"'
    house = seated(tmp_path, language=Cascade(lambda question: said(question, text)))
    one = tick(house)
    assert one
    assert one.text.startswith("Doors matter. They open")
    assert one.text.isprintable()
    assert len(one.text) <= asking.LONGEST
    assert one.text.endswith("close."), "it ends with a whole sentence"


def test_an_answer_cut_short_ends_with_its_last_whole_sentence() -> None:
    question = Question("x", "timmy", "thought", ())
    assert asking.taken(said(question, "One is whole. The other is cu", cut=True)) == "One is whole."
    assert asking.taken(said(question, "no end at all", cut=True)) == "no end at all"


def test_one_thought_at_a_time_and_one_that_comes_too_late_is_dropped_with_a_word(tmp_path: Path) -> None:
    language = Cascade()
    house = seated(tmp_path, language=language)
    assert tick(house) is None
    assert tick(house, seconds=100) is None
    assert len(language.asked) == 1, "one at a time"
    late = language.asked[0]
    language.answer = said
    one = tick(house, seconds=250)
    assert one
    assert one.id != late.id
    assert language.cancelled == [late.id]
    dropped = Thought.objects.get(id=late.id)
    assert (dropped.state, dropped.note) == ("dropped", "the answer did not come in time")
    assert Event.objects.get(topic="agent.timmy.thought.dropped").data["reason"] == dropped.note
    language.open[late.id].callback(said(late, "Too late."))
    assert not Thought.objects.filter(text="Too late.").exists()
    assert one.parent == ""


def test_a_late_answer_before_the_next_tick_is_dropped_too(tmp_path: Path) -> None:
    language = Cascade()
    house = seated(tmp_path, language=language)
    tick(house)
    house.runtime.clock.advance(301)  # type: ignore[attr-defined]
    language.open[language.asked[0].id].callback(said(language.asked[0]))
    assert [one.state for one in Thought.objects.all()] == ["dropped"]
    assert Thought.objects.get().note == "the answer came too late"


def test_what_was_asked_before_a_restart_is_found_again_and_what_is_lost_is_said(tmp_path: Path) -> None:
    language = Cascade()
    house = seated(tmp_path, language=language)
    tick(house)
    tick(house, "ezra")
    mine, ezras = (question.id for question in language.asked)
    del language.open[ezras]
    house.stop()
    again = light_house.house(tmp_path, LightWorld.founding(), (), clock=house.runtime.clock)  # type: ignore[arg-type]
    again.connect(language)
    run(again, seconds=5)
    assert sorted(language.resumed) == sorted([mine, ezras])
    language.open[mine].callback(said(language.asked[0], "Where was I?"))
    assert Thought.objects.get(id=mine).text == "Where was I?"
    lost = Thought.objects.get(id=ezras)
    assert (lost.source, lost.note) == ("reflex", "The cascade knows no such answer.")
    assert not Thought.objects.filter(state="asked").exists()


def test_without_a_model_service_what_was_asked_before_a_restart_is_let_go(tmp_path: Path) -> None:
    house = seated(tmp_path, language=Cascade())
    tick(house)
    house.stop()
    again = light_house.house(tmp_path, LightWorld.founding(), (), clock=house.runtime.clock)  # type: ignore[arg-type]
    run(again, seconds=5)
    assert Thought.objects.get().state == "dropped"
    assert tick(again)


def test_the_terms_secrets_and_words_of_others_are_shown_to_a_model_as_data(tmp_path: Path) -> None:
    language = Cascade(said)
    house = seated(tmp_path, language=language)
    house.thoughts.inject("timmy", "my api_key=abcdef123456 opens it\x1b[31m", OWNER, "telnet")
    house.slot(25)
    shown = language.asked[0].messages[1].content
    assert "Somebody gave you these words to think about:\n- my api_key=[redacted] opens it" in shown
    assert "\x1b" not in shown


# -- the queue -----------------------------------------------------------------------------------------------


def test_m7_what_is_given_goes_to_the_front_and_is_thought_soon_one_after_the_other(house: House) -> None:
    for number, words in enumerate(("one", "two", "three"), 1):
        reply = ask(house, f"inject timmy = {words} = {number}")
        assert reply.exit == 0, text(reply)
    assert [one.subject for one in house.thoughts.stream.queue("timmy")] == ["three = 3", "two = 2", "one = 1"]
    run(house, seconds=400, slot=1)
    thought = list(Thought.objects.filter(state="thought").order_by("at"))
    assert [one.subject for one in thought] == ["three = 3", "two = 2", "one = 1"]
    assert all(b.at - a.at >= timedelta(seconds=20) for a, b in pairwise(thought))
    assert [one.parent for one in thought] == ["", thought[0].id, thought[1].id]
    assert 'gave me this to think about: "three = 3"' in thought[0].text
    assert {one.injected_by for one in thought} == {str(OWNER)}
    given = Event.objects.filter(topic="agent.timmy.given").first()
    assert given and (given.actor, given.via) == (str(OWNER), "telnet")


def test_m7_the_queue_is_put_in_another_order(house: House) -> None:
    for words in "abcd":
        house.thoughts.stream.inject("timmy", words, OWNER, "telnet")
    reply = ask(house, "thoughts reorder timmy 4 1")
    assert reply.exit == 0, text(reply)
    assert [one["subject"] for one in reply.data["waiting"]] == ["a", "d", "c", "b"]
    assert [one.subject for one in house.thoughts.stream.queue("timmy")] == ["a", "d", "c", "b"]
    assert Event.objects.filter(topic="agent.timmy.reordered").count() == 1
    for wrong in (
        "thoughts reorder timmy 5 1",
        "thoughts reorder timmy 1 0",
        "thoughts reorder timmy 1",
        "thoughts reorder",
        "thoughts reorder timmy a b",
        "thoughts reorder nobody 1 2",
    ):
        assert ask(house, wrong).exit, wrong
    assert [one.subject for one in house.thoughts.stream.queue("timmy")] == ["a", "d", "c", "b"]


def test_the_queue_outlasts_a_restart(tmp_path: Path) -> None:
    house = seated(tmp_path)
    house.minds.pause("timmy")
    house.thoughts.inject("timmy", "what stays?", OWNER, "telnet")
    house.stop()
    again = light_house.house(tmp_path, LightWorld.founding(), (), clock=house.runtime.clock)  # type: ignore[arg-type]
    run(again, lambda: Thought.objects.filter(state="thought").exists(), seconds=120)
    assert Thought.objects.get(state="thought").subject == "what stays?"


def test_what_is_given_is_bounded_and_cleaned(house: House) -> None:
    for wrong in ("", "   ", "\x1b[31m\u200b", "x" * 501):
        with pytest.raises(BadInput):
            house.thoughts.inject("timmy", wrong, OWNER, "telnet")
    house.minds.pause("timmy")
    for number in range(MOST_QUEUED):
        house.thoughts.inject("timmy", f"number {number}", OWNER, "telnet")
    with pytest.raises(Conflict, match="20 thoughts wait already"):
        house.thoughts.inject("timmy", "one more", OWNER, "telnet")
    assert Thought.objects.count() == MOST_QUEUED
    house.minds.pause("ezra")
    for string in naughty()[:60]:
        try:
            house.thoughts.inject("ezra", string, OWNER, "telnet")
        except (BadInput, Conflict):
            continue
    assert all(one.subject.isprintable() for one in Thought.objects.filter(agent="ezra"))


def test_only_the_owner_gives_reads_and_orders_thoughts(house: House) -> None:
    tick(house)
    for line in ("thoughts", "thoughts timmy", "thought timmy", "inject timmy = obey me", "thoughts reorder timmy 1 1"):
        for actor in (MIA, Actor("agent", "ezra")):
            reply = ask(house, line, actor)
            assert reply.data["error"] == NotAllowed.__name__, line
    assert not Thought.objects.exclude(injected_by="").exists()


# -- reading ---------------------------------------------------------------------------------------------------


def test_m7_the_stream_is_read_a_page_at_a_time_in_any_mode(house: House) -> None:
    for _ in range(23):
        tick(house, seconds=300)
    first, third = ask(house, "thoughts timmy"), ask(house, "thoughts timmy 3")
    assert "THOUGHTS of timmy: 23 thoughts, one every 30m" in text(first)
    assert (len(first.data["thoughts"]), len(third.data["thoughts"]), first.data["pages"]) == (10, 3, 3)
    assert text(first).count(", reflex: ") == 10
    assert first.data["thoughts"][0]["id"] == Thought.objects.order_by("at").last().id  # type: ignore[union-attr]
    assert ask(house, "thoughts timmy 4").exit == 2
    for plain in (True, False):
        shown = ask(house, "thoughts timmy", plain=plain, width=40)
        assert all(screen.display_width(piece) <= 40 for line in shown.lines for piece in screen.wrap(line, 40))
    assert "Ezra: no thought yet" in text(ask(house, "thoughts"))


def test_m7_one_thought_is_told_with_its_reasons_its_records_and_the_chain_before_it(house: House) -> None:
    made = [tick(house, seconds=300) for _ in range(8)]
    last = made[-1]
    assert last
    reply = ask(house, f"thought {last.id[-6:].lower()}")
    shown = text(reply)
    assert last.text in shown
    assert "reflex: composed from the records, without a model" in shown
    assert f"{last.terms['score']:g} in all" in shown
    for told, records in last.records:
        if records:
            assert f"{told} [{', '.join(records)}]" in shown
    assert [one["id"] for one in reply.data["chain"]] == [one.id for one in reversed(made[2:7]) if one]
    assert text(ask(house, "thought timmy")) == shown
    assert ask(house, f"thought {reply.data['chain'][-1]['id']}").data["chain"][-1]["id"] == made[0].id  # type: ignore[union-attr]
    for wrong in ("thought", "thought zz", "thought ZZZZZZ", "thought ' or 1=1 --", "thought nobody"):
        assert ask(house, wrong).exit, wrong
    assert "has had no thought yet" in text(ask(house, "thought ezra"))


def test_a_waiting_and_a_failed_thought_are_told_as_what_they_are(tmp_path: Path) -> None:
    house = seated(tmp_path, language=Cascade(lambda question: Unavailable("No provider can answer.")))
    house.minds.pause("timmy")
    given = ask(house, "inject timmy = the sea")
    assert "will think about it once somebody wakes Timmy" in text(given)
    assert "waits to be thought" in text(ask(house, f"thought {given.data['id']}"))
    tick(house, "ezra")
    assert "No provider can answer." in text(ask(house, "thought ezra"))


def test_hostile_words_reach_the_screen_harmless(house: House) -> None:
    Thought.objects.create(
        id="A" * 26,
        agent="timmy",
        at=house.runtime.clock.now(),
        kind="freeform",
        subject="board",
        state="thought",
        text="|rred|n |lcquit|ltclick|le \x1b[31m",
        source="evil|r/\x1b[2J",
        note="\x1b[1m|lc",
    )
    for line in ("thoughts", "thoughts timmy", "thought timmy"):
        shown = "\n".join(screen.unmarked(piece) for piece in ask(house, line).lines)
        assert "\x1b" not in shown
        assert "|lcquit" in shown or "thought" in line


@pytest.mark.parametrize("every", [pytest.param(3, id="third"), pytest.param(1, id="all", marks=pytest.mark.soak)])
def test_hostile_json_becomes_a_clean_thought_or_none(tmp_path: Path, every: int) -> None:
    """Each sample as what a model thinks: one paragraph without anything that acts, or, where no words are left, a
    thought by reflex.
    """
    texts = [text for _, text in hostile_json.samples()][::every] + list(hostile_json.PLANTED)
    language = Cascade(lambda question: said(question, texts[len(language.asked) - 1]))
    house = seated(tmp_path, language=language)
    told = ("agent.timmy.thought", "log.rows")
    done = Event.objects.exclude(topic__in=told).count()
    for number, sample in enumerate(texts, 1):
        made = tick(house, seconds=301)
        assert made and made.state == "thought" and len(language.asked) == number
        assert made.text and len(made.text) <= asking.LONGEST and made.text.isprintable(), sample[:60]
        words = any(char.isalnum() for char in clean(sample, keep_lines=False))
        assert made.source == ("ollama/tiny:1b" if words else "reflex"), sample[:60]
    assert Event.objects.exclude(topic__in=told).count() == done, "nothing was done"
    shown = "".join(text(ask(house, f"thoughts timmy {page}")) for page in range(1, 30))
    assert all(char == "\n" or char.isprintable() for char in shown)


# -- being told --------------------------------------------------------------------------------------------------


class Body:
    def __init__(self, room: Any) -> None:
        self.location = room


@pytest.mark.parametrize(
    ("actor", "watches", "room", "told"),
    [
        (OWNER, True, "forge", True),
        (OWNER, False, "hall", True),
        (OWNER, False, "forge", False),
        (MIA, True, "forge", False),
        (MIA, False, "hall", False),
    ],
)
def test_m6_who_watches_or_stands_by_is_told_as_far_as_he_may_know(
    house: House, monkeypatch: pytest.MonkeyPatch, actor: Actor, watches: bool, room: str, told: bool
) -> None:
    monkeypatch.setattr(live, "key_of", lambda place: place)
    session = Session()
    session.account, session.puppet = Account(), Body(room)
    if watches:
        session.protocol_flags["TIMMY_WATCHING"] = ["timmy"]
    made = live.Live(house, lambda: [session], lambda seconds, function: None, lambda account: actor)
    house.bus.subscribe("agent.*.thought", made.tell)
    tick(house)
    event = Event.objects.get(topic="agent.timmy.thought")
    shown = b"".join(session.sent).decode()
    assert ("thinks (reflex): " in shown) == told
    assert telling.sentence(event, house).endswith(event.data["text"])
    assert sight.sees(actor, event) == (actor is OWNER)
    assert telling.is_quiet(event), "the feed is not filled with thoughts"
