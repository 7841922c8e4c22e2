"""`timmy ask`: a question to an agent, with the answer as it arrives."""

from __future__ import annotations

from agents.kernel.errors import BadInput
from server.verbs import question
from server.word import Args, Word


def _ask(args: Args) -> int:
    from server import chat

    agent, _, words = " ".join(args.rest).partition("=")
    if not agent.strip() or not words.strip():
        raise BadInput("Say whom to ask, and what.", next="timmy ask timmy = what are you doing?")
    return chat.say(agent.strip(), words.strip(), question("ask", words, args.json), as_json=args.json, chat=False)


WORD = Word(
    "ask",
    "ask an agent, and see the answer as it arrives: timmy ask timmy = what are you doing?",
    _ask,
    place=210,
    rest="AGENT = WORDS",
)
