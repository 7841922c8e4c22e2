"""The web client's socket speaks one form of messages, and logs nothing of what else it is asked for."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from autobahn.websocket.types import ConnectionDeny
from evennia.server.portal import webclient, wire_formats
from evennia.utils import logger

from web.socket import GuardedSocket


def request(*protocols: str, origin: str | None = None) -> Any:
    """A handshake that asks for these forms of messages."""
    headers = {"host": "127.0.0.1:4002", **({"origin": origin} if origin else {})}
    return SimpleNamespace(headers=headers, protocols=list(protocols))


OTHERS = sorted(set(wire_formats.WIRE_FORMATS) - {"v1.evennia.com"})


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ((), None),
        (("v1.evennia.com",), "v1.evennia.com"),
        ((*OTHERS, "v1.evennia.com"), "v1.evennia.com"),
        (OTHERS, None),
        (("\x1b[2J", "x" * 9000), None),
    ],
)
def test_one_form_is_spoken_whatever_is_asked_for(
    asked: tuple[str, ...], answer: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged: list[str] = []
    monkeypatch.setattr(logger, "log_warn", logged.append)
    socket, sent = GuardedSocket(), []
    socket.protocol_flags = {}
    assert socket.onConnect(request(*asked)) == answer
    monkeypatch.setattr(socket, "sendMessage", lambda data, isBinary=False: sent.append((data, isBinary)))
    socket.send_text("<b>", options={"raw": True})
    assert [json.loads(data)[0] for data, _ in sent] == ["text"] and not sent[0][1]
    assert "&lt;b&gt;" in sent[0][0].decode() and not logged


def test_no_other_site_opens_it() -> None:
    with pytest.raises(ConnectionDeny):
        GuardedSocket().onConnect(request("v1.evennia.com", origin="http://elsewhere.example"))


def test_the_engine_has_no_other_forms_switched_on() -> None:
    assert webclient._get_supported_subprotocols() == []
