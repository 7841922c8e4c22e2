"""Talking with an agent from the command line: a line in, an answer as it arrives.

Owns the loop, and finding an answer again when the world goes down in the middle of it. Does not interpret answers:
it prints each part as the harmless line that the world made of it. Standard library only.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from agents.kernel import location
from agents.kernel.errors import Unavailable
from server import client, terminal

SECONDS = 400.0
"""How long an answer may be silent, in seconds; the world ends it earlier."""
TRIES = 90
"""How long to wait for a world that went down, in seconds."""
Heard = Callable[[dict[str, Any]], None]


def spoken(question: dict[str, Any], heard: Heard) -> dict[str, Any]:
    """The answer to a question to an agent, passed to `heard` as it arrives; resumed if the world went down in
    between.

    Raises Unavailable if it is down, or does not come back.
    """
    known: dict[str, Any] = {"message": "", "upto": 0}

    def hear(part: dict[str, Any]) -> None:
        known.update({key: part[key] for key in known if key in part})
        heard(part)

    path = location.run_dir() / "timmy.sock"
    try:
        return client.ask(path, question, SECONDS, hear)
    except Unavailable:
        if not known["message"]:
            raise
    heard({"away": True})
    for _ in range(TRIES):
        time.sleep(1)
        again = question | {"verb": "follow", "argument": f"{known['message']} {known['upto']}"}
        try:
            return client.ask(path, again, SECONDS, hear)
        except Unavailable:
            continue
    raise Unavailable(
        "The world went down and has not come back; the answer will be in the message log.", next="timmy messages"
    )


class Printed:
    """An answer on a terminal or in a pipe: `Timmy: …`, part after part."""

    def __init__(self, name: str, colour: bool) -> None:
        self._name, self._colour, self._begun, self._waits = name, colour, False, False

    def __call__(self, part: dict[str, Any]) -> None:
        """One record of the stream."""
        if part.get("thinking") or part.get("away"):
            self._progress(
                f"{self._name} is thinking…" if part.get("thinking") else "The world went down; waiting for it…"
            )
        elif part.get("part"):
            self._write(part["part"], part.get("source", ""))

    def _progress(self, text: str) -> None:
        if self._begun:
            terminal.write("\n")
            terminal.write("", now=True)
            self._begun = False
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def _write(self, words: str, source: str) -> None:
        mark = f" ({source})" if source else ""
        lead = f"\x1b[1;36m{self._name}\x1b[0m{mark}: " if self._colour else f"{self._name}{mark}: "
        terminal.write(" " + words if self._begun else lead + words)
        terminal.write("", now=True)
        self._begun = True

    def end(self) -> None:
        """End the line."""
        if self._begun:
            terminal.write("\n")
            terminal.write("", now=True)


class Records:
    """An answer as JSON, one object a line, as it arrives."""

    def __call__(self, part: dict[str, Any]) -> None:
        """One record of the stream, in ASCII, because a terminal interprets characters that JSON does not escape."""
        terminal.write(json.dumps(part) + "\n")
        terminal.write("", now=True)

    def end(self) -> None:
        """Each record is on its own line."""


def say(agent: str, words: str, question: dict[str, Any], *, as_json: bool, chat: bool) -> int:
    """Ask once and print the answer as it arrives; Ctrl-C cuts it short. Returns the exit code.

    With `as_json` and outside a chat only the answer is printed, as a whole, like every verb's.
    """
    name = agent.strip().title()
    shown = Records() if as_json else Printed(name, question["colour"])
    asked = question | {"verb": "ask", "argument": f"{agent} = {words}", "chat": chat, "stream": chat or not as_json}
    try:
        answer = spoken(asked, shown)
    except KeyboardInterrupt:
        answer = client.ask(location.run_dir() / "timmy.sock", question | {"verb": "hush", "argument": agent})
        if not chat:
            raise
    shown.end()
    if as_json:
        terminal.write(
            json.dumps(
                {"answer": answer["data"], "exit": answer["exit"]} if chat else answer["data"],
                indent=None if chat else 2,
            )
            + "\n"
        )
        terminal.write("", now=True)
    elif answer["lines"]:
        sys.stderr.write("\n".join(answer["lines"]) + "\n")
        sys.stderr.flush()
    return int(answer["exit"])


def loop(agent: str, question: dict[str, Any], *, as_json: bool) -> int:
    """Ask line by line until Ctrl-D. Returns the exit code of the last line."""
    known = client.ask(location.run_dir() / "timmy.sock", question | {"verb": "agents", "argument": agent})
    if known["exit"]:
        sys.stderr.write("\n".join(known["lines"]) + "\n")
        return int(known["exit"])
    asks = sys.stdin.isatty() and not as_json
    if asks:
        import readline  # noqa: F401  lines can be edited from here on

        sys.stderr.write(f"You speak with {agent.title()}. Ctrl-C cuts an answer short, Ctrl-D ends.\n")
    code = 0
    while True:
        try:
            words = input("> " if asks else "").strip()
        except EOFError:
            if asks:
                sys.stderr.write("\n")
            return code
        except KeyboardInterrupt:
            sys.stderr.write("\n")
            continue
        if words:
            code = say(agent, words, question, as_json=as_json, chat=True)
