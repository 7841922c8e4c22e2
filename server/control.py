"""The Server's control socket: a line of JSON in, one verb run, a line of JSON out; before it, on request, a line for
each part of an agent's answer.

Owns `run/timmy.sock` and the translation between it and `commands.verbs`. Whoever can open the socket owns the
world's files, and acts as the owner, through `cli`. Decides nothing; refuses lines over 2 MB and anything that is
not a verb with its argument.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, execute, maybeDeferred, succeed
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import Factory
from twisted.internet.threads import deferToThread
from twisted.logger import Logger
from twisted.protocols.basic import LineOnlyReceiver

from agents.governance.rules import Actor
from agents.house.record import doubts
from agents.kernel import location
from agents.kernel.errors import BadInput
from server import unix, vitals

if TYPE_CHECKING:
    from server.records import Records

log = Logger()
LONGEST_LINE = 2_000_000
"""Maximum bytes of a request: more than the longest argument that a verb accepts, however it is escaped."""


def owner_name() -> str:
    """The name of the owner's account, #1."""
    from evennia.accounts.models import AccountDB

    return str(AccountDB.objects.get(id=1).username)


def listen(house: Any, records: Records) -> IListeningPort:
    """Serve the control socket for `house`; `records` are reported by `health`."""

    class Control(LineOnlyReceiver):
        delimiter = b"\n"
        MAX_LENGTH = LONGEST_LINE

        def lineReceived(self, line: bytes) -> None:
            answered = maybeDeferred(answer, house, line, records, self.tell)
            answered.addCallback(self.tell)
            answered.addErrback(lambda failure: log.failure("no answer to a question", failure))

        def tell(self, said: dict[str, Any]) -> None:
            self.sendLine(json.dumps(said, default=str).encode())

        def lineLengthExceeded(self, line: bytes) -> None:
            self.tell(unusable(f"A question has at most {LONGEST_LINE} bytes."))
            self.transport.loseConnection()

    return unix.listen(location.run_dir() / "timmy.sock", Factory.forProtocol(Control))


def answer(
    house: Any, line: bytes, records: Records | None = None, tell: Callable[[dict[str, Any]], None] | None = None
) -> dict[str, Any] | Deferred[dict[str, Any]]:
    """Run the verb in `line`: {"lines", "data", "exit"}, with lines ready for a terminal. With "stream" in the request
    `tell` gets an agent's answer as it arrives; {"verb": "follow", "argument": "ID AFTER"} resumes one.
    """
    try:
        ask = json.loads(line)
        verb, argument = str(ask["verb"]), str(ask.get("argument", ""))
        width, plain, colour = int(ask.get("width", 80)), bool(ask.get("plain")), bool(ask.get("colour"))
        hears, channel = tell if ask.get("stream") else None, "chat" if ask.get("chat") else "ask"
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return unusable('The control socket takes {"verb": …, "argument": …} on one line.')
    if verb == "health":
        return {"lines": [], "data": health(house) | (vitals.inside(house, records) if records else {}), "exit": 0}
    return asked(
        house,
        owner_name(),
        verb,
        argument,
        deferToThread,
        width=width,
        plain=plain,
        colour=colour,
        channel=channel,
        hears=hears,
    )


def unusable(why: str) -> dict[str, Any]:
    """The response to an invalid request."""
    return {"lines": [why], "data": None, "exit": BadInput.exit_code}


def run(
    house: Any, owner: str, verb: str, argument: str, *, width: int = 80, plain: bool = False, colour: bool = False
) -> dict[str, Any]:
    """Run a verb as the owner at a command line and wait for it: for reading without a Server."""
    answers: list[dict[str, Any]] = []
    asked(house, owner, verb, argument, execute, width=width, plain=plain, colour=colour).addCallback(answers.append)
    return answers[0]


def asked(
    house: Any,
    owner: str,
    verb: str,
    argument: str,
    away: Callable[..., Any],
    *,
    width: int,
    plain: bool,
    colour: bool,
    channel: str = "ask",
    hears: Callable[[dict[str, Any]], None] | None = None,
) -> Deferred[dict[str, Any]]:
    """Run a verb as the owner; `away` does slow reading. `channel` and `hears`: see `verbs.Caller`."""
    from commands import verbs
    from commands.verbs.talk import followed
    from world.screen import NARROWEST, WIDEST, Profile, render

    columns = min(max(width, NARROWEST), WIDEST)
    caller = verbs.Caller(
        actor=Actor("owner", owner), via="cli", plain=plain, width=columns, channel=channel, hears=hears
    )
    if verb == "follow":
        id, _, after = argument.partition(" ")
        reply = verbs.guarded(house, verb, lambda: followed(house, caller, id, int(after) if after.isdecimal() else 0))
    else:
        reply = verbs.run(house, caller, verb, argument)

    def told(reply: verbs.Reply) -> dict[str, Any]:
        text = render(reply.lines, Profile(colour=colour, width=columns))
        return {"lines": text.split("\n") if reply.lines else [], "data": reply.data, "exit": reply.exit}

    if not reply.waits:
        return succeed(told(reply))
    later: Deferred[Any] = verbs.later(house, verb, reply, away)
    return later.addCallback(told)


def health(house: Any) -> dict[str, Any]:
    """What `timmy status` shows about the inside of the Server."""
    return {
        "owner": owner_name(),
        "sandbox": house.sandbox.name,
        "agents": sorted(house.roster),
        "problems": [{"what": p.what, "file": p.file, "line": p.line, "reason": p.reason} for p in house.problems],
        "doubts": doubts(house),
    }
