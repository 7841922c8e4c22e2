"""What passes between the Portal's web port and the Server's pages: whose request it is, and for which address.

Owns both ends of that: the headers that the Portal sets, and the Server's request, which believes them. They pass
over a Unix socket on which the Server listens only to this user's processes (`server.unix`), so that nobody else
can claim an address.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address

from agents.kernel.settings import current
from server import ports
from server.wire.http import BoundedRequest

WHO, HOW = b"x-forwarded-for", b"x-forwarded-proto"


def spoken_for(address: str, behind_tls: bool) -> dict[bytes, bytes]:
    """What the Portal says about a request from `address`."""
    return {WHO: address.encode(), HOW: b"https" if behind_tls else b"http"}


class PassedRequest(BoundedRequest):
    """A request at the Server's end, where connections have no addresses."""

    def getClientAddress(self) -> Any:
        """Who sent the request to the Portal."""
        return _address(self.requestHeaders.getRawHeaders(WHO, [b""])[-1].decode("latin-1"), 0)

    def getHost(self) -> Any:
        """For which address."""
        return _address(current().interface, ports.of(current().port_base)["web"])


def _address(host: str, port: int) -> IPv4Address | IPv6Address:
    kind = IPv6Address if ":" in host else IPv4Address
    return kind("TCP", host, port)
