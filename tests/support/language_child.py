"""Asks a cascade with the world's own client, in a process with a reactor: `python -m tests.support.language_child PORT TOKEN`.

Takes a line of JSON for each deed (`ask`, `resume`, `cancel`, `status`, `calls`, `sent`, `drop`), answers with a line for each thing that happens.
"""

from __future__ import annotations

import json
import sys
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

    def __init__(self, client: CascadeClient) -> None:
        self.client = client
        self.out: dict[str, Deferred[Any]] = {}

    def lineReceived(self, line: bytes) -> None:
        told = json.loads(line)
        do, id = told["do"], told.get("id", "")

        def heard(text: str) -> None:
            self.say(id, heard=text)

        if do == "ask":
            more = told.get("more", {})
            more["remote"] = frozenset(more.get("remote", ()))
            question = Question(id, "timmy", "talk", (Message("user", told["text"]),), **more)
            going: Deferred[Any] = self.client.ask(question, heard)
        elif do == "drop":
            self.out[id].cancel()
            return
        else:
            going = {"resume": lambda: self.client.resume(id, heard), "cancel": lambda: self.client.cancel(id),
                     "status": self.client.status, "sent": lambda: self.client.sent(**told["more"]),
                     "calls": lambda: self.client.calls(told["more"]["agent"], *(datetime.fromisoformat(told["more"][end]) for end in ("since", "until")), 100),
                     }[do]()  # fmt: skip
        self.out[id] = going
        going.addCallback(lambda value: self.say(id, done=plain(value)))
        going.addErrback(lambda f: self.say(
            id, failed=f.type.__name__, said=str(f.value), way=[asdict(s) for s in getattr(f.value, "way", ())],
            cancelled=bool(f.check(CancelledError)),
        ))  # fmt: skip

    def say(self, id: str, **what: Any) -> None:
        self.sendLine(json.dumps({"id": id, **what}).encode())

    def connectionLost(self, reason: Any = None) -> None:
        self.client.close()
        reactor.callLater(0, reactor.stop)


if __name__ == "__main__":
    stdio.StandardIO(Deeds(CascadeClient(int(sys.argv[1]), lambda: sys.argv[2], reactor, float(sys.argv[3]))))
    reactor.run()
