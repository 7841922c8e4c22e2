"""Whether the world's web page can be reached at its address.

Owns one request, made as a browser makes it. Does not judge the page's content.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator

from agents.kernel import location
from agents.kernel.addresses import in_url
from agents.kernel.text import shorten, visible
from server.finding import Finding

SECONDS, LONGEST = 10.0, 200
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  what is listened on so is reached so from here


def findings(interface: str, port: int) -> Iterator[Finding]:
    """The result of requesting the first page."""
    host = EVERYWHERE.get(interface, interface)
    where = f"http://{in_url(host)}:{port}/"
    if why := _wrong(host, port):
        mend = f"read {location.log_dir() / 'portal.log'} and server.log; timmy reload"
        yield Finding("web page", "bad", f"{where} {visible(shorten(why, LONGEST))}", mend)
    else:
        yield Finding("web page", "ok", f"{where} answers")


def _wrong(host: str, port: int) -> str:
    """What is wrong with the page, as words to follow its address; '' if nothing is."""
    link = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        link.request("GET", "/")
        answer = link.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return f"unavailable: {error or type(error).__name__}"
    finally:
        link.close()
    if answer.status != http.client.OK:
        return f"answers with status {answer.status}: {body.decode(errors='replace').strip()}"
    return "" if body else "answers with an empty page"
