"""The Portal's web door: it tells the Server who asks.

Owns the one header by which the Server learns a browser's address, so that the limit on attempts to log
in counts each address by itself. Refuses to believe what a browser says of its own address: with that,
each attempt could come from another.
"""

from __future__ import annotations

from typing import Any

from evennia.server import webserver

HEADER = b"x-forwarded-for"


def start_plugin_services(portal: Any) -> None:
    """Called by the engine as the Portal starts."""
    webserver._UPSTREAM_IPS = ()  # of the Portal's own clients nobody speaks for others
    forward = webserver.EvenniaReverseProxyResource.render
    webserver.EvenniaReverseProxyResource.render = lambda proxy, request: forward(proxy, named(request))


def named(request: Any) -> Any:
    """The request, with the address that its connection comes from in place of any that it states."""
    request.requestHeaders.setRawHeaders(HEADER, [request.getClientAddress().host.encode()])
    return request
