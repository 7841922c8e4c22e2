"""The Portal's web port: requests that passed the gate, forwarded to the Server's pages.

Owns what the Portal says when it forwards a request: the few headers that pages see, and whose request it is. Also
counts what the pages refused. Never forwards what a browser says about its own address, or about how to parse its
request: with the first, each login attempt could come from another address; with the second, one request could hide
in another.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from evennia.server import webserver
from twisted.web.proxy import ProxyClient, ProxyClientFactory
from twisted.web.server import NOT_DONE_YET

from server import unix
from server.wire import requests
from server.wire.http import BoundedChannel
from server.wire.proxy import spoken_for

REQUEST_COST = 1500  # bytes that a request takes from the allowance in addition to its own: making a page is work
REFUSED = {
    400: requests.MALFORMED,
    403: "forbidden page",
    404: "no such page",
    405: "odd method",
    413: "web body too large",
}
"""What answers of the pages are counted as."""


class DoorChannel(BoundedChannel):
    """A connection behind the gate."""

    def allContentReceived(self) -> None:
        """A request is complete, and will be answered."""
        self.transport.charge(REQUEST_COST)
        super().allContentReceived()

    def note(self, what: str) -> None:
        """Count a refusal."""
        self.transport.gate.note(what, self.transport.address)


class Answer(ProxyClient):
    """The Server's answer, on its way to a browser that may be gone."""

    answered = False

    def handleStatus(self, version: bytes, code: bytes, message: bytes) -> None:
        """Its status."""
        super().handleStatus(version, code, message)
        self.answered = True
        if (what := REFUSED.get(int(code))) is not None:
            self.father.note(what)

    def handleResponseEnd(self) -> None:
        """Its end."""
        if self.father.gone:
            self.transport.loseConnection()
            return
        if not self.answered:  # the Server died over it
            away(self.father)
        super().handleResponseEnd()


class Question(ProxyClientFactory):
    """A request on its way to the Server."""

    protocol = Answer
    noisy = False

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:
        """The Server is down."""
        if not self.father.gone:
            away(self.father)
            self.father.finish()


def away(request: Any) -> None:
    """Answer for the Server, which does not."""
    request.setResponseCode(503)
    request.setHeader(b"content-type", b"text/plain; charset=utf-8")
    request.setHeader(b"retry-after", b"5")
    request.write(b"The world is being set up again. Try again in a moment.\n")


def passed_on(proxy: Any, request: Any) -> int:
    """Forward the request to the Server: replaces the engine's own `render`."""
    request.gone, request.note = False, request.channel.note
    request.notifyFinish().addErrback(lambda _: setattr(request, "gone", True))
    body = request.content.read()
    headers = {
        **requests.passed_on(request.stated()),
        **spoken_for(request.getClientAddress().host, settings.SESSION_COOKIE_SECURE),
    }
    if body or request.method == b"POST":
        headers[b"content-length"] = b"%d" % len(body)
    unix.connect(unix.web(), Question(request.method, request.uri, request.clientproto, headers, body, request))
    return NOT_DONE_YET


def start_plugin_services(portal: Any) -> None:
    """Called by the engine as the Portal starts."""
    webserver.EvenniaReverseProxyResource.render = passed_on
