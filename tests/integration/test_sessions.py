"""An agent's session replayed as text: everything on record once, in order, and nothing besides."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred, fail, succeed

from agents.cascade.refusal import NoAnswer
from agents.cascade.told import Calls, read_as
from agents.events import declared
from agents.events.models import Event
from agents.governance.rules import Actor
from agents.kernel.text import clean
from agents.thinking.models import Message
from commands import moments, verbs
from commands.verbs import Caller, Reply
from tests.support import cascade, light_house
from tests.support.furnished import Furnished as House
from tests.support.hostile import PLANTED
from tests.support.light_house import OWNER
from tests.support.light_world import LightWorld
from world import screen

pytestmark = pytest.mark.django_db
MIA = Actor("person", "mia")


class Telling:
    """A language that tells of calls, or fails to."""

    def __init__(self, *calls: dict[str, Any]) -> None:
        self.calls_told, self.asked = calls, list[tuple[Any, ...]]()

    def calls(self, *asked: Any) -> Deferred[Calls]:
        self.asked.append(asked)
        return (
            succeed(read_as(Calls, {"calls": self.calls_told}))
            if self.calls_told
            else fail(NoAnswer("The model service does not run."))
        )


@pytest.fixture
def house(tmp_path: Path) -> House:
    people = [light_house.persona("timmy", "visited(workshop) 1m 2"), light_house.persona("ezra")]
    made = light_house.house(tmp_path, LightWorld.founding(), people)
    light_house.run(made, seconds=5)
    return made


def types(house: House, line: str, actor: Actor = OWNER, **more: Any) -> Reply:
    word, _, rest = line.partition(" ")
    reply = verbs.run(house, Caller(actor, "telnet", "hall", **more), word, rest)
    if reply.waits:
        found: list[Reply] = []
        verbs.later(house, word, reply, lambda *_: None).addCallback(found.append)
        (reply,) = found
    return reply


def text(reply: Reply) -> str:
    return "\n".join(screen.unmarked(line) for line in reply.lines)


def pages(house: House, line: str) -> list[dict[str, Any]]:
    """Every entry, by typing what the last line of each page says."""
    found: list[dict[str, Any]] = []
    while line:
        reply = types(house, line)
        assert not reply.exit, text(reply)
        found += reply.data["entries"]
        assert (reply.data["next"] in text(reply)) and (not reply.data["next"] or "SESSION PAUSED" in text(reply))
        assert reply.data["next"] != line, "it goes on"
        line = reply.data["next"]
    return found


def test_m11_a_session_tells_what_was_planned_done_said_thought_and_what_failed(house: House) -> None:
    light_house.run(house, seconds=600)
    house.conversation.ask(MIA, "timmy", "What did you do?", channel="ask", via="telnet")
    light_house.run(house, seconds=2)
    house.conversation.beat()
    house.thoughts.tick("timmy")
    light_house.run(house, seconds=1)
    house.events.append(
        "agent.timmy.tool",
        "agent:timmy",
        via="mind",
        agent="timmy",
        step="s",
        data={"tool": "terminal", "in": 30, "out": 900, "ms": 12, "error": ""},
    )
    house.events.append(
        "agent.timmy.tool",
        "agent:timmy",
        via="mind",
        agent="timmy",
        step="s",
        data={"tool": "git", "in": 3, "out": 0, "ms": 1, "error": "no such file"},
    )
    house.events.append(
        "agent.timmy.step.failed",
        "agent:timmy",
        via="mind",
        agent="timmy",
        data={"action": "walk(hall, forge)", "error": "the door is locked"},
    )
    house.runtime.clock.advance(1)  # type: ignore[attr-defined]
    entries = pages(house, "session timmy today")
    told, line = "", "session timmy today"
    while line:
        reply = types(house, line)
        told, line = f"{told}\n{text(reply)}", reply.data["next"]
    for words in (
        "plan 0/",
        "plan 1/",
        "is done with",
        "mia to Timmy: What did you do?",
        "Timmy to mia [reflex]:",
        "Timmy thinks (reflex):",
        "uses terminal: 30 characters in, 900 out, 12 ms",
        "used git: no such file",
        "FAIL",
        "the door is locked",
        "goes to",
        "is awake",
        "is waking (TOOL_INIT: ",
    ):
        assert words in told, words
    events = [e["seq"] for e in entries if e["entry"] == "event"]
    skipped = [f"agent.timmy.{topic.kind}" for topic in declared.found().values() if topic.twice]
    assert events == list(
        Event.objects.filter(agent="timmy").exclude(topic__in=skipped).order_by("seq").values_list("seq", flat=True)
    ), "each once, in order"
    assert [e["id"] for e in entries if e["entry"] == "message"] == list(
        Message.objects.order_by("id").values_list("id", flat=True)
    )
    assert all(e.get("agent", "timmy") == "timmy" for e in entries), "and nothing of others"


def test_questions_to_models_stand_where_they_were_asked(house: House) -> None:
    now = house.runtime.clock.now()
    way = [
        {"provider": "ollama", "said": "nothing listens", "fault": "dead"},
        {"provider": "kimi", "said": "answered with moonshot", "fault": ""},
    ]
    telling = house.connect(
        Telling(
            cascade.call("timmy", "kimi", now.isoformat(), model="moonshot", local=False, way=way),
            cascade.call(
                "timmy", "", (now + timedelta(seconds=60)).isoformat(), model="", fault="nobody", purpose="talk"
            ),
        )
    )
    house.runtime.clock.advance(30)  # type: ignore[attr-defined]
    house.events.append(
        "agent.timmy.stuck", "agent:timmy", via="mind", agent="timmy", data={"goal": "x", "reason": "between the two"}
    )
    house.runtime.clock.advance(60)  # type: ignore[attr-defined]
    reply = types(house, "session timmy 10m")
    kinds = [e["entry"] for e in reply.data["entries"][-3:]]
    assert kinds == ["call", "event", "call"], text(reply)
    told = text(reply)
    assert (
        "asks a model (thought): answered elsewhere by kimi, moonshot" in told
        and "ollama: nothing listens [dead]; kimi: answered" in told
    )
    assert "asks a model (conversation): not answered (nobody)" in told
    assert telling.asked[0][0] == "timmy"


def test_a_service_that_is_silent_is_told_and_the_rest_as_well(house: House) -> None:
    house.connect(Telling())
    reply = types(house, "session timmy")
    assert "What models were asked is not known now: The model service does not run." in text(reply)
    assert reply.data["lacking"] and reply.data["entries"]


def test_more_in_one_second_than_a_page_holds_is_said_and_the_rest_goes_on(house: House) -> None:
    for number in range(moments.LONGEST_PAGE + 30):
        house.events.append(
            "agent.ezra.stuck", "agent:ezra", via="mind", agent="ezra", data={"goal": "x", "reason": f"number {number}"}
        )
    house.runtime.clock.advance(5)  # type: ignore[attr-defined]
    house.events.append(
        "agent.ezra.stuck", "agent:ezra", via="mind", agent="ezra", data={"goal": "x", "reason": "afterwards"}
    )
    house.runtime.clock.advance(5)  # type: ignore[attr-defined]
    assert "the rest of that second is left out" in text(types(house, "session ezra today")) + text(
        types(house, types(house, "session ezra today").data["next"])
    )
    assert pages(house, "session ezra today")[-1]["data"]["reason"] == "afterwards"


def test_where_nothing_is_on_record_the_last_before_is_named(house: House) -> None:
    house.minds.pause("timmy")
    house.runtime.clock.advance(3 * 3600)  # type: ignore[attr-defined]
    reply = types(house, "session timmy")
    assert "nothing is on record" in text(reply) and "The last before was" in text(reply)
    again = text(reply).rpartition("Try: ")[2]
    assert types(house, again).data["entries"], again


@pytest.mark.parametrize(
    ("line", "actor"),
    [
        ("session", OWNER),
        ("session nobody", OWNER),
        ("session timmy 99:99", OWNER),
        ("session timmy 2999-01-01", OWNER),
        ("session timmy 40d", OWNER),
        ("session timmy", MIA),
        ("session timmy", Actor("agent", "ezra")),
        ("session today", OWNER),
        ("session timmy ezra", OWNER),
    ],
)
def test_what_cannot_be_told_is_refused(house: House, line: str, actor: Actor) -> None:
    reply = types(house, line, actor)
    assert reply.exit and "fault in the world" not in text(reply)
    assert "timmy" not in str(reply.data.get("entries", ""))


def test_hostile_words_in_the_records_are_shown_harmless(house: House) -> None:
    for words in PLANTED[::9]:
        house.conversation.log.said(MIA, clean(words), channel="ask", via="telnet", to="timmy")
        house.events.append(
            "agent.timmy.step.failed", "agent:timmy", via="mind", agent="timmy", data={"action": words, "error": words}
        )
        house.runtime.clock.advance(1)  # type: ignore[attr-defined]
    house.connect(Telling(cascade.call("timmy", "|r\x1b[2J", house.runtime.clock.now().isoformat(), model="\x9b31m")))
    line, seen = "session timmy today", ""
    while line:
        reply = types(house, line)
        seen += screen.render(reply.lines, screen.Profile(colour=False))
        line = reply.data["next"]
    assert all(char == "\n" or char.isprintable() or not screen.is_control(char) for char in seen)
    assert "\x1b" not in seen and "\x9b" not in seen


def test_the_first_event_from_an_instant_on_is_found_through_gaps(house: House) -> None:
    made = []
    for number in range(60):
        made.append(
            house.events.append(
                "agent.ezra.stuck", "agent:ezra", via="mind", agent="ezra", data={"reason": str(number)}
            )
        )
        house.runtime.clock.advance(7)  # type: ignore[attr-defined]
    house.events.unit.flush()
    Event.objects.filter(seq__in=[e.seq for e in made[5:40:3]]).delete()
    stays = list(Event.objects.order_by("seq"))
    for event in stays:
        for at in (event.at, event.at - timedelta(seconds=1), event.at + timedelta(microseconds=1)):
            wanted = next((e.seq for e in stays if e.at >= at), stays[-1].seq + 1)
            found = house.events.first_at(at)
            assert not Event.objects.filter(seq__gte=found, seq__lt=wanted).exists() and found <= wanted
    assert house.events.first_at(house.runtime.clock.now()) == stays[-1].seq + 1


def test_it_reads_a_bounded_number_of_rows(house: House, django_assert_max_num_queries: Any) -> None:
    for number in range(3000):
        house.events.append(
            "agent.timmy.stuck", "agent:timmy", via="mind", agent="timmy", data={"goal": "x", "reason": str(number)}
        )
        house.runtime.clock.advance(1)  # type: ignore[attr-defined]
    with django_assert_max_num_queries(60):
        assert len(types(house, "session timmy 5m").data["entries"]) == moments.PAGE
