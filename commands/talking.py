"""Answers of agents, told to people: aloud in a room, or to the one who asked from afar.

Owns their look: who speaks, that he is thinking, where the words come from. Words of models and records are shown as
one harmless line each, by the world's screen, whatever they hold. Refuses to read them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from agents.kernel.text import clean, shorten, visible
from agents.thinking.conversation import Conversation
from agents.thinking.messages import FAILED, INTERRUPTED, REFLEX, RUNNING, WHOLE
from agents.thinking.models import Message
from agents.thinking.ports import Known
from agents.thinking.talk import Hearer, Silence
from commands.telling import who
from world import places
from world.screen import Style, paint, show
from world.telling import placed

if TYPE_CHECKING:
    from agents.house.house import House


SHOWN = 1000
"""Characters of one message in a list."""


def line(text: str) -> str:
    """Somebody's words in one harmless line."""
    return " ".join(clean(text, keep_lines=False).split())


def mark(source: str) -> str:
    """What follows the name of whoever speaks without a model."""
    return f" {paint('dim', '(reflex)')}" if source == REFLEX else ""


def closing(name: str, answer: Message) -> str:
    """What is told when an answer is over: where it came from, or why there is no more ('' where all was
    told already).
    """
    why = f": {visible(answer.note)}" if answer.note else ""
    if answer.state == INTERRUPTED:
        return f"{name} breaks off{why}."
    if answer.state == FAILED:
        return f"{name} {'breaks off' if answer.text else 'has no answer'}{why}."
    return f"({name}, by {visible(answer.source)}{why})" if answer.source != REFLEX and answer.state == WHOLE else ""


def recorded(house: House, message: Message) -> str:
    """A message of the log in one line: who said it to whom, where, by what, and how it ended."""
    place = visible(house.need(Known).room_name(message.room)) if message.room else ""
    where = {"room": f" ({place})", "whisper": f" ({place}, whispered)"}.get(message.channel, "")
    heard = f" to {visible(who(message.to))}" if message.to else ""
    source = (
        f" [{visible(message.source or 'source not known')}]" if message.answers and message.state != RUNNING else ""
    )
    state = (
        "" if message.state == WHOLE else f" ({message.state}{': ' + visible(message.note) if message.note else ''})"
    )
    style: Style = "dim" if message.source == REFLEX else "key"
    name, text = paint("name", visible(who(message.sender))), visible(shorten(line(message.text), SHOWN))
    return f"{name}{heard}{where}{paint(style, source) if source else ''}: {text}{state}"


class Voice:
    """What both ways of hearing an agent have in common."""

    def __init__(self, house: House, asked: Message) -> None:
        self._house, self._slug, self._room = house, asked.to.removeprefix("agent:"), asked.room
        persona = house.roster.get(self._slug)
        self._name = visible(persona.name if persona else self._slug)

    def _show(self, text: str) -> None:
        raise NotImplementedError

    def _says(self) -> str:
        raise NotImplementedError

    def thinking(self) -> None:
        """It takes longer than a moment."""
        self._show(paint("dim", f"{self._name} is thinking…"))

    def told(self, part: str, source: str) -> None:
        """More of the answer."""
        if words := line(part):
            self._show(f'{paint("name", self._name)} {self._says()}{mark(source)}, "{words}"')

    def ended(self, answer: Message) -> None:
        """Nothing more will come."""
        if last := closing(self._name, answer):
            self._show(paint("dim", last))


class Aloud(Voice):
    """Heard by all who are in the room where it was asked, also when the agent has walked on meanwhile."""

    def _show(self, text: str) -> None:
        room = places.room(self._room)
        if room is not None and hasattr(room, "tell"):
            room.tell(text, kind="say")

    def _says(self) -> str:
        where = self._house.need(Known).presence(self._slug).room
        return (
            "says" if where == self._room else f"says from {placed(visible(self._house.need(Known).room_name(where)))}"
        )


class Aside(Voice):
    """Heard by the one who asked, on all his connections, and by nobody else; who whispered is whispered to."""

    def __init__(self, house: House, asked: Message) -> None:
        super().__init__(house, asked)
        self._asker = asked.sender.partition(":")[2]
        self._verb, self._kind = ("whispers to you", "whisper") if asked.channel == "whisper" else ("tells you", "tell")

    def _show(self, text: str) -> None:
        for session in _sessions(self._asker):
            show(session, text, kind=self._kind)

    def _says(self) -> str:
        return self._verb


def _sessions(name: str) -> Iterable[Any]:
    """The connections of an account."""
    from evennia import SESSION_HANDLER

    for session in SESSION_HANDLER.get_sessions():
        if session.logged_in and session.account and session.account.username == name:
            yield session


def install(house: House) -> None:
    """Have the answers of this house's agents heard by people; those of the command line are brought by
    its own link.
    """

    def voice(asked: Message) -> Hearer:
        if asked.via == "cli" or asked.sender.startswith("agent:"):
            return Silence()
        return Aloud(house, asked) if asked.channel == "room" else Aside(house, asked)

    house.need(Conversation).voice = voice
