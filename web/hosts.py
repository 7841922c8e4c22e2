"""Under which names this world is reached, and pages from which origins may open its socket.

Owns both decisions. A browser lets any page on any site, and on any port of this machine, open a socket here, and
sends our cookie to all ports of a host name; only our own pages may. A name that a stranger points to this machine
is not one of ours.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

USUAL = {"http": 80, "https": 443}


def ours(host: str) -> bool:
    """Whether a Host header names this world."""
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def welcome(origin: str | None, host: str) -> bool:
    """Whether a page from `origin` may open a socket that it reaches as `host` (a Host header).

    Programs that are not browsers send no origin. Our pages come from the web port of the same host, from the
    socket's own, or, under a name from TIMMY_WEB_HOSTS, from a web server's usual port; or they are those that
    Django trusts to send forms.
    """
    if not ours(host):
        return False
    if origin is None or origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        page, here = urlsplit(origin), urlsplit(f"//{host}")
        port = page.port or USUAL.get(page.scheme)
        allowed = {*(web for web, _ in settings.WEBSERVER_PORTS), here.port or USUAL.get(page.scheme)}
    except ValueError:
        return False
    if page.scheme not in USUAL or not page.hostname or page.hostname != here.hostname:
        return False
    return port in allowed or (port in USUAL.values() and validate_host(page.hostname, settings.PROXIED_HOSTS))
