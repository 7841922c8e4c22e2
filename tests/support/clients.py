"""Clients on the far side of the engine's real protocols: what bytes would they get, what would they show?"""

from __future__ import annotations

import re
import warnings
from collections import deque
from html.parser import HTMLParser
from typing import Any

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_LOCKED = "\x1b[2z"


class Ndb:
    """The engine's non-persistent attributes: what is not there is None."""

    def __getattr__(self, name: str) -> Any:
        return None


class Attributes:
    """The engine's attribute handler, as far as the screen and live lines use it."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Any] = {}

    def get(self, key: str, category: str = "") -> Any:
        return self.kept.get((key, category))

    def add(self, key: str, value: Any, category: str = "") -> None:
        self.kept[key, category] = value


class Sessions:
    """The connections of an account: none but those it is given."""

    def __init__(self) -> None:
        self.given: list[Session] = []

    def all(self) -> list[Session]:
        return self.given


class Account:
    def __init__(self, name: str = "owner") -> None:
        self.key, self.attributes, self.sessions = name, Attributes(), Sessions()


class Session:
    """A server session whose far end is the engine's own telnet or websocket protocol."""

    def __init__(self, protocol_key: str = "telnet", **flags: Any) -> None:
        self.protocol_key, self.protocol_flags, self.ndb = protocol_key, {"ENCODING": "utf-8", **flags}, Ndb()
        self.account: Account | None = None
        self.puppet: Any = None
        self.logged_in = True
        self.sent: deque[bytes] = deque()

    def msg(self, text: tuple[str, dict[str, Any]], options: dict[str, Any]) -> None:
        import evennia

        from server.outgoing import ready

        cleaned = evennia.SESSION_HANDLER.clean_senddata(self, ready(self, {"text": text, "options": options}))
        args, kwargs = cleaned["text"]
        self._portal().send_text(*args, **kwargs)

    def _portal(self) -> Any:
        with warnings.catch_warnings():  # the engine's sources hold escapes that newer compilers dislike
            warnings.simplefilter("ignore")
            from evennia.server.portal.telnet import TelnetProtocol
            from evennia.server.portal.webclient import WebSocketClient
        if self.protocol_key == "telnet":
            protocol = TelnetProtocol()
            protocol.transport = self
        else:
            protocol = WebSocketClient()
            protocol.sendLine = lambda line: self.write(line.encode())
        protocol.protocol_flags = self.protocol_flags
        return protocol

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def telnet_text(self) -> str:
        """All that came, decoded as the client would (doubled IAC undone)."""
        joined = b"".join(self.sent).replace(b"\xff\xff", b"\xff")
        return joined.decode(self.protocol_flags["ENCODING"])

    def telnet_lines(self) -> list[str]:
        return self.telnet_text().removesuffix("\r\n").split("\r\n")


def without_colour(text: str) -> str:
    """What a terminal shows of text with SGR sequences."""
    return _ANSI.sub("", text)


def mxp_shown(line: str) -> str:
    """What an MXP client shows of a line: in locked mode nothing is parsed. Fails in any other mode."""
    assert line.startswith(_LOCKED), f"not in locked mode: {line!r}"
    rest = line.removeprefix(_LOCKED)
    assert not re.search(r"\x1b\[\d+z", rest), f"the mode is changed within the line: {line!r}"
    return rest


class Page(HTMLParser):
    """A browser: the text shown and the tags met."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, str]] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, str(dict(attrs))))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.tags.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.tags.append(("decl", decl))
