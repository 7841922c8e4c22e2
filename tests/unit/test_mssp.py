"""What the world tells crawlers of itself, field by field against what it is."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import evennia
import pytest
from django.conf import settings
from evennia.server.portal import mssp as engine
from evennia.utils.utils import get_evennia_version

from server.conf import mssp
from server.wire.telnet import BoundedTelnet
from tests.support.wire import DO, GMCP, IAC, MCCP, MSDP, MSSP, MXP, SB, SE, WILL

PROTOCOLS = {"GMCP": GMCP, "MCCP": MCCP, "MXP": MXP, "MSDP": MSDP, "ATCP": 200, "MSP": 90, "ZMP": 93}
"""Options of telnet by which each is agreed upon."""
NEVER = ("MCP", "PUEBLO", "SSL", "VT100", "XTERM 256 COLORS")
"""Of these nothing is sent: colours are the eight of ANSI, and ports without encryption."""


class Crawler:
    """Who connects, asks, and reads what comes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, people: list[Any]) -> None:
        self.sent = b""
        monkeypatch.setattr(engine, "MSSPTable_CUSTOM", mssp.MSSPTable)
        nothing = SimpleNamespace(cancel=lambda: None)
        monkeypatch.setattr("server.wire.session.reactor.callLater", lambda *args, **more: nothing)
        monkeypatch.setattr("evennia.utils.utils.delay", lambda *args, **more: nothing)
        handler = SimpleNamespace(
            connect=lambda session: None,
            get_sessions=lambda **more: people,
            sync=lambda session: None,
            count_loggedin=lambda: 99,
            uptime=3.0,
            portal=None,
        )
        monkeypatch.setattr(evennia, "PORTAL_SESSION_HANDLER", handler)
        self.telnet = BoundedTelnet()
        self.telnet.factory = SimpleNamespace(sessionhandler=handler)
        self.telnet.transport = SimpleNamespace(
            client=("192.0.2.1", 1),
            charge=lambda amount: 0.0,
            write=self._write,
            setTcpKeepAlive=lambda on: None,
            gate=SimpleNamespace(note=lambda what, address: None),
            address="192.0.2.1",
        )
        self.telnet.connectionMade()
        if self.telnet.nop_keep_alive.running:
            self.telnet.nop_keep_alive.stop()
        self.offered = {
            self.sent[at + 2] for at in range(len(self.sent) - 2) if self.sent[at : at + 2] == bytes((IAC, WILL))
        }

    def _write(self, data: bytes) -> None:
        self.sent += data

    def asks(self) -> dict[str, list[str]]:
        """The fields, each with its values."""
        self.sent = b""
        self.telnet.dataReceived(bytes((IAC, DO, MSSP)))
        told = self.sent.partition(bytes((IAC, SB, MSSP)))[2].partition(bytes((IAC, SE)))[0]
        found: dict[str, list[str]] = {}
        for field in told.decode().split("\x01")[1:]:
            name, _, value = field.partition("\x02")
            found.setdefault(name, []).append(value)
        return found


def test_every_field_is_true(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [SimpleNamespace(logged_in=True, uid=uid) for uid in (1, 1, 2)]
    people.append(SimpleNamespace(logged_in=False, uid=None))
    crawler = Crawler(monkeypatch, people)
    told = crawler.asks()
    assert told.pop("NAME") == [settings.SERVERNAME]
    assert told.pop("PLAYERS") == ["2"], "people, and not their connections"
    (started,) = told.pop("UPTIME")
    assert 0 <= time.time() - int(started) < 3600, "the instant of the start"
    assert told.pop("PORT") == [str(settings.TELNET_PORTS[0])]
    assert told.pop("CODEBASE") == [get_evennia_version(mode="pretty")]
    assert told.pop("FAMILY") == ["Evennia"]
    assert told.pop("LANGUAGE") == ["English"]
    assert told.pop("CRAWL DELAY") == ["-1"]
    assert told.pop("ANSI") == told.pop("UTF-8") == ["1"]
    for name, option in PROTOCOLS.items():
        assert told.pop(name) == [str(int(option in crawler.offered))], name
    for name in NEVER:
        assert told.pop(name) == ["0"], name
    assert not settings.SSL_ENABLED
    assert told == {}, "each field is held against the world"
