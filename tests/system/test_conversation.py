"""Talking with agents of a real world: by telnet, from a shell, at once, with a model and without any."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.terminal import Terminal
from tests.system.harness import Telnet, World, until


@pytest.fixture
def guest(world: World) -> Iterator[Telnet]:
    """The guest Mia, in the Hall."""
    password = world.told("guest", "add mia")["password"]
    client = world.login("mia", password)
    yield client
    client.close()
    world.told("guest", "remove mia = mia")


def told(client: Telnet, name: str = "Timmy") -> str:
    """What an agent says next, from its records."""
    return client.expect(rf'{name} (?:tells you|says(?: from [^,(]*)?) \(reflex\), "([^"]+)"')[1]


def test_without_a_model_the_records_answer_everybody_at_once(world: World, guest: Telnet) -> None:
    owner = world.login()
    owner.send("ask timmy = Where are you?")
    guest.send("ask timmy = What did you do?")
    guest.send("ask ezra = What are you doing?")
    assert told(owner)
    for name in ("Timmy", "Ezra"):
        until(
            lambda name=name: guest.pump(0.2) and re.search(rf'{name} tells you \(reflex\), "[^"]+"', guest.text),
            f"{name} has answered",
        )
    owner.ask("messages timmy", r"MESSAGES with Timmy")
    owner.expect(r"mia to Timmy: What did you do\?")
    owner.expect(r"Timmy to mia \[reflex\]: ")
    guest.ask("messages", r"MESSAGES\.")
    mine = guest.expect(r"(?s)(.*)ask timmy = <words>")[1]
    assert "owner" not in mine
    assert world.log().count("Traceback") == 0


def test_an_agent_that_is_laid_to_rest_does_not_answer(world: World, guest: Telnet) -> None:
    owner = world.login()
    owner.ask("pause timmy", "Timmy is paused")
    guest.ask("ask timmy = Are you there?", "does not answer now: is paused")
    assert world.typed("ask", "timmy = Are you there?").returncode == 1
    owner.ask("resume timmy", "Timmy goes on")
    guest.send("ask timmy = Are you there now?")
    assert told(guest)
    assert not [m for m in world.told("messages") if m["text"] == "Are you there?"], (
        "what was refused is not kept as asked"
    )


def test_a_note_is_pinned_in_the_game_seen_in_the_room_and_read_from_a_shell(world: World, guest: Telnet) -> None:
    guest.send("note The gauge sticks; knock twice & wait.")
    number = guest.expect(r"You pin note (\d+): The gauge sticks; knock twice & wait\.")[1]
    guest.ask("look", r'pinned here.* by mia: "The gauge sticks; knock twice & wait\."')
    pinned = next(one for one in world.told("notes", "hall") if one["id"] == int(number))
    assert (pinned["author"], pinned["text"]) == ("person:mia", "The gauge sticks; knock twice & wait.")
    guest.ask(f"note remove {number}", f"Note {number} is taken down")
    assert int(number) not in [one["id"] for one in world.told("notes", "hall")]


def test_a_shell_asks_and_talks(world: World) -> None:
    done = world.cli("ask", "timmy", "=", "Where", "are", "you?")
    assert done.returncode == 0, done.stderr
    assert re.match(r"Timmy \(reflex\): \S", done.stdout)
    answer = world.told("ask", "timmy = What did you do?")
    assert (answer["from"], answer["source"], answer["state"], answer["channel"]) == (
        "agent:timmy",
        "reflex",
        "whole",
        "ask",
    )
    assert answer["records"]
    assert all(sentence in answer["text"] for sentence, _ in answer["records"])
    for wrong, code in ((("ask", "timmy"), 2), (("ask", "frog = hello"), 1), (("chat", "frog"), 1)):
        refused = world.typed(*wrong)
        assert refused.returncode == code, refused
        assert refused.stderr and not refused.stdout


def test_a_conversation_goes_line_by_line_through_a_pipe(world: World) -> None:
    talk = subprocess.run(
        [sys.executable, "-m", "server.cli", "chat", "ezra", "--json"],
        cwd=world.project,
        env=world.environment(),
        text=True,
        input="Where are you?\n\nWhat did you do?\n",
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert talk.returncode == 0, talk.stderr
    records = [json.loads(line) for line in talk.stdout.splitlines()]
    answers = [record["answer"] for record in records if "answer" in record]
    assert [answer["channel"] for answer in answers] == ["chat", "chat"]
    numbers = [record["message"] for record in records if "message" in record]
    assert numbers == [answer["id"] for answer in answers]
    parts = " ".join(record["part"] for record in records if "part" in record)
    assert parts == " ".join(answer["text"] for answer in answers)


def test_at_a_terminal_ctrl_d_ends_a_conversation(world: World) -> None:
    with Terminal(
        [sys.executable, "-m", "server.cli", "chat"], world.project, world.environment() | {"NO_COLOR": "1"}
    ) as person:
        person.expect("You speak with Timmy.")
        person.expect("> ")
        person.type("Where are you?\n")
        person.expect("Timmy (reflex): ")
        person.expect("> ")
        person.type("\x04")
        assert person.child.wait(60) == 0
