"""Asks a cascade with the world's own client, in a process with a reactor: `python -m tests.support.language_child`.

Takes a line of JSON for each deed (`ask`, `resume`, `cancel`, `status`, `calls`, `sent`, `drop`), answers with a line
for each thing that happens. Before them comes `begin`, with `port`, `token` and `patience`; after them `end`, and
then it can begin anew, as if nothing had been asked.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from twisted.internet import reactor, stdio
from twisted.internet.defer import CancelledError, Deferred
from twisted.protocols.basic import LineReceiver

from agents.cascade.client import CascadeClient
from agents.cascade.ports import Message, Question


def plain(value: Any) -> Any:
    """An answer as JSON."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return asdict(value) if hasattr(value, "way") else value


class Deeds(LineReceiver):
    delimiter = b"\n"

    def __init__(self) -> None:
        self.client: CascadeClient | None = None
        self.out: dict[str, Deferred[Any]] = {}

    def lineReceived(self, line: bytes) -> None:
        told = json.loads(line)
        do, id = told["do"], told.get("id", "")
        if do == "begin":
            self.client = CascadeClient(told["port"], lambda: told["token"], reactor, told["patience"])
            self.out = {}
            return
        assert self.client is not None
        if do == "end":
            self.out = {}
            self.client.close()
            self.sendLine(json.dumps({"ended": True}).encode())
            return
        out = self.out

        def say(**what: Any) -> None:
            if self.out is out:
                self.sendLine(json.dumps({"id": id, **what}).encode())

        def heard(text: str) -> None:
            say(heard=text)

        if do == "ask":
            more = told.get("more", {})
            more["remote"] = frozenset(more.get("remote", ()))
            question = Question(id, "timmy", "talk", (Message("user", told["text"]),), **more)
            going: Deferred[Any] = self.client.ask(question, heard)
        elif do == "drop":
            self.out[id].cancel()
            return
        else:
            going = {
                "resume": lambda: self.client.resume(id, heard),
                "cancel": lambda: self.client.cancel(id),
                "status": self.client.status,
                "sent": lambda: self.client.sent(**told["more"]),
                "calls": lambda: self.client.calls(
                    told["more"]["agent"],
                    *(datetime.fromisoformat(told["more"][end]) for end in ("since", "until")),
                    100,
                ),
            }[do]()
        self.out[id] = going
        going.addCallback(lambda value: say(done=plain(value)))
        going.addErrback(
            lambda f: say(
                failed=f.type.__name__,
                said=str(f.value),
                way=[asdict(s) for s in getattr(f.value, "way", ())],
                cancelled=bool(f.check(CancelledError)),
            )
        )

    def connectionLost(self, reason: Any = None) -> None:
        if self.client is not None:
            self.client.close()
        reactor.callLater(0, reactor.stop)


if __name__ == "__main__":
    stdio.StandardIO(Deeds())
    reactor.run()
