"""Talking with agents: asking from afar, cutting an answer short, reading what was said.

Renders messages. Refuses to give anybody but the owner what others said, and to read an answer as anything but words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred

from agents.governance.allowance import TALK
from agents.kernel.errors import BadInput
from agents.kernel.text import visible
from agents.thinking.conversation import Conversation
from agents.thinking.messages import MOST_PAGES, PAGE, WHOLE
from agents.thinking.models import Message
from commands import grammar, lookup
from commands.layout import clock, count, heading, hint, plain_data
from commands.talking import closing, line, mark, recorded
from commands.verbs import Caller, Reply, verb
from world.screen import HANG, paint

if TYPE_CHECKING:
    from agents.house.house import House


def as_data(message: Message) -> dict[str, Any]:
    """A message as plain data."""
    names = "id at channel via conversation room sender to text source answers state note records"
    told = {name: plain_data(getattr(message, name)) for name in names.split()}
    return {"from" if name == "sender" else name: value for name, value in told.items()}


class Waiting:
    """A command line that waits for the whole answer, and may be shown its parts meanwhile."""

    def __init__(self, caller: Caller, name: str, told: int = 0) -> None:
        """`told`: so many characters of the answer were told before."""
        self.done: Deferred[Reply] = Deferred()
        self._caller, self._name, self._told = caller, name, told

    def thinking(self) -> None:
        """It is told so, where it sees parts."""
        if self._caller.hears is not None:
            self._caller.hears({"thinking": self._name})

    def told(self, part: str, source: str) -> None:
        """Pass it on; `upto`: after it so many characters of the answer were told."""
        self._told += len(part)
        if self._caller.hears is not None:
            self._caller.hears({"part": line(part), "source": source, "upto": self._told})

    def ended(self, answer: Message) -> None:
        """All of it, as the verb's answer."""
        said = (
            []
            if self._caller.hears
            else [f"{paint('name', self._name)}{mark(answer.source)}: {HANG}{line(answer.text)}"] * bool(answer.text)
        )
        last = closing(self._name, answer)
        self.done.callback(
            Reply([*said, *([paint("dim", last)] if last else [])], as_data(answer), 0 if answer.state == WHOLE else 1)
        )


def followed(house: House, caller: Caller, id: str, after: int) -> Reply:
    """The answer with this number from its character `after` on, for who heard the beginning before the world went
    away.
    """
    waiting = Waiting(caller, "", after)
    house.need(Conversation).follow(id, waiting, after)
    return Reply(rest=waiting.done)


@verb(
    "ask",
    syntax=("ask <agent> = <words>",),
    help="Speak to an agent from anywhere; only you hear the answer.",
    examples=("ask timmy = what are you doing?", "ask ezra = what did you do today?"),
    see=("say", "hush", "messages", "why"),
)
def ask(house: House, caller: Caller, argument: str) -> Reply:
    """Show what was asked; the answer is told by `commands.talking`, or waited for by a command line.

    The answer comes sentence by sentence, from a model if there is one, else from the agent's records, which is
    marked `(reflex)`. A new question to the same agent cuts the answer before it. An answer is words: it approves
    nothing and runs nothing, whatever it says. `say` speaks to an agent in the same room, by its name, or without it
    where nobody else could be meant. All of it is in the message log, which the owner reads whole.
    """
    name, words = grammar.split_reason(argument)
    if not name or not words:
        raise BadInput("Say whom to ask, and what.", next="ask timmy = what are you doing?")
    house.governance.allowance.take(caller.actor, TALK, words)
    slug = lookup.agent(house, name)
    called = visible(house.roster[slug].name)
    waiting = Waiting(caller, called) if caller.via == "cli" else None
    answer = house.need(Conversation).ask(
        caller.actor, slug, words, channel=caller.channel, via=caller.via, hearer=waiting
    )
    if caller.hears is not None:
        caller.hears({"message": answer.pk})
    lines = [f'You ask {paint("name", called)}, "{line(words)}"']
    return Reply(lines, as_data(answer), rest=waiting.done if waiting else None)


@verb(
    "hush",
    syntax=("hush <agent>", "hush"),
    help="Interrupt an agent that is answering you.",
    examples=("hush timmy", "hush"),
    see=("ask", "messages", "pause"),
)
def hush(house: House, caller: Caller, argument: str) -> Reply:
    """Cut them.

    What was told of it stays in the log as interrupted. The owner also cuts what the agent he names is answering
    others.
    """
    slug = lookup.agent(house, argument) if argument else ""
    cut = house.need(Conversation).hush(caller.actor, slug)
    whose = visible(house.roster[slug].name) if slug else "Nobody"
    if not cut:
        return Reply([f"{whose} is not answering you now." if slug else "Nobody is answering you now."], [])
    return Reply([f"{count(len(cut), 'answer')} cut short."], [as_data(answer) for answer in cut])


@verb(
    "messages",
    syntax=("messages", "messages <agent>", "messages <agent> <page>", "messages <page>"),
    help="Read what was said between people and agents, the newest page first.",
    examples=("messages", "messages timmy"),
    see=("ask", "hush", "feed", "history"),
)
def messages(house: House, caller: Caller, argument: str) -> Reply:
    """Show a page.

    You see what you said and were answered; the owner sees all. Each answer names its source: a provider and its model,
    or reflex, which is the agent's own records.
    """
    name, page = grammar.name_and_number(argument, "a page")
    number, slug = page or 1, lookup.agent(house, name) if name else ""
    if number > MOST_PAGES:
        raise BadInput(f"At most {MOST_PAGES} pages can be read this way.", next="messages")
    found, earlier = house.need(Conversation).log.page(caller.actor, slug, number)
    of = f" with {visible(house.roster[slug].name)}" if slug else ""
    at = f", page {number}" if number > 1 else ""
    lines = [
        heading(f"MESSAGES{of}{at}."),
        *(f"{paint('dim', clock(message.at))} {HANG}{recorded(house, message)}" for message in found),
    ]
    if not found:
        lines.append("Nothing was said." if number == 1 else "There is no such page.")
    named = f"{slug} " if slug else ""
    lines.append(
        hint(f"messages {named}{number + 1} shows the {PAGE} before" if earlier else f"ask {slug or 'timmy'} = <words>")
    )
    return Reply(lines, [as_data(message) for message in found])
