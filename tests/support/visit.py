"""A browser by hand: requests to the pages and sockets to the world, with cookies as a browser keeps them.

Owns one browser's cookies. Refuses to know a library of HTTP: a library would not send what is wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.support import wire
from tests.support.wire import Peer
from tests.system.harness import World

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
TICKET = re.compile(rb'\["ticket", \["(\w+)"\]')


@dataclass
class Answer:
    """What a page answered."""

    status: int
    head: str
    text: str


def sent(world: World, data: bytes, door: str = "web", source: str = "") -> bytes:
    """All that is answered to these bytes until the world hangs up."""
    peer = Peer(world.ports[door], data, source)
    assert peer.hung_up(), f"still open after {data[:60]!r}"
    return peer.heard


class Visit:
    """One browser."""

    def __init__(self, world: World, **cookies: str) -> None:
        self.world, self.cookies = world, dict(cookies)

    @property
    def key(self) -> str:
        """Of its session; empty where it has none."""
        return self.cookies.get("sessionid", "").strip('"')

    def ask(
        self, method: str, path: str, form: dict[str, str] | None = None, source: str = "", **headers: str
    ) -> Answer:
        """One request; the cookies of the answer are kept."""
        body = urlencode(form).encode() if form is not None else b""
        told = {"Host": f"127.0.0.1:{self.world.ports['web']}", "Connection": "close"}
        if form is not None:
            told |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
        told |= {name.replace("__", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items()) + self._cookie()
        head, _, text = sent(
            self.world, f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body, source=source
        ).partition(b"\r\n\r\n")
        for name, value in re.findall(rb"Set-Cookie: (\w+)=([^;]*)", head):
            self.cookies[name.decode()] = value.decode()
        return Answer(int(head.split()[1]), head.decode(), text.decode("utf-8", "replace"))

    def post(self, path: str, page: str, source: str = "", **form: str) -> Answer:
        """Send a form as the page at `page` has it."""
        return self.ask("POST", path, {**form, "csrfmiddlewaretoken": self.token(page)}, source)

    def token(self, page: str) -> str:
        """The CSRF token of a page."""
        found = TOKEN.search(self.ask("GET", page).text)
        assert found, f"no form at {page}"
        return found[1]

    def log_in(self, name: str, password: str) -> Answer:
        """By the form."""
        return self.post("/auth/login/", "/auth/login/", username=name, password=password, next="/")

    def inside(self, name: str) -> bool:
        """Whether pages take it for that account's."""
        return f"Log out {name}" in self.ask("GET", "/").text

    def socket(self) -> Peer:
        """The web client's socket."""
        port = self.world.ports["websocket"]
        opening = wire.handshake(port, f"http://127.0.0.1:{self.world.ports['web']}", "/?&1&robot")
        return Peer(port, opening[:-2] + self._cookie().encode() + b"\r\n")

    def exchange(self, socket: Peer) -> Answer:
        """What the web client's page does with the ticket that a socket is given after a login there."""
        assert socket.hears(b'["ticket"'), socket.heard[-300:]
        found = TICKET.findall(socket.heard)
        assert found
        return self.post("/webclient/entered/", "/webclient/", ticket=found[-1].decode())

    def _cookie(self) -> str:
        return (
            f"Cookie: {'; '.join(f'{name}={value}' for name, value in self.cookies.items())}\r\n"
            if self.cookies
            else ""
        )
