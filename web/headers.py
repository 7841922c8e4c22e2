"""What a browser may do with our pages: load only from here, run no script except our files, cache none of them.

Owns the Content-Security-Policy and that pages are not stored. Django's own middleware sets the other protective
headers.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port


def policy(request: HttpRequest) -> str:
    """The policy for a page; the web client's socket is on another port of the same host."""
    host, _ = split_domain_port(request.get_host())
    scheme = "wss" if request.is_secure() else "ws"
    socket = settings.WEBSOCKET_CLIENT_URL or f"{scheme}://{host}:{settings.WEBSOCKET_CLIENT_PORT}"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src 'self' {socket}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


class Strict:
    """Middleware: adds both to every response."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """The form that Django's middleware has."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Respond, with the policy; what somebody was shown is gone after logging out."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy(request))
        response.headers.setdefault("Cache-Control", "no-store")
        return response
