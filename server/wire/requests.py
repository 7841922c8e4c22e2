"""What a request to the web port must look like before anybody processes it. Pure.

Owns the rules for a request's head. Stricter than HTTP: what no page here needs (other methods, addresses with
bytes that are not text, forms in encodings other than UTF-8) is only of use to an attacker.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import unquote_to_bytes

METHODS = frozenset({b"GET", b"HEAD", b"POST", b"OPTIONS"})
MALFORMED = "malformed request"
ADDRESS = re.compile(rb"/(?:[!-$&-~]|%[0-9A-Fa-f]{2})*")
UNSEEN = re.compile(rb"[\x00-\x1f\x7f]")
CHARSET = re.compile(rb"charset\s*=\s*[\"']?([^\s;\"']*)", re.IGNORECASE)
PASSED_ON = frozenset(
    {
        b"accept",
        b"accept-language",
        b"authorization",
        b"cache-control",
        b"content-type",
        b"cookie",
        b"host",
        b"if-modified-since",
        b"if-none-match",
        b"origin",
        b"referer",
        b"user-agent",
        b"x-csrftoken",
        b"x-requested-with",
    }
)
"""The headers that the pages may see. Those left out say how to pass a request on, which is up to the Portal."""

Headers = Mapping[bytes, Sequence[bytes]]


def wrong(method: bytes, address: bytes, headers: Headers, ours: Callable[[str], bool]) -> tuple[int, str]:
    """The status with which to refuse a request and the kind as which it is counted; (0, "") for one that may pass.

    `headers` by their names in lower case; `ours`: whether a Host is one of our names.
    """
    if method not in METHODS:
        return 405, "odd method"
    if not ADDRESS.fullmatch(address) or not _text(unquote_to_bytes(address)):
        return 400, MALFORMED
    hosts = headers.get(b"host", ())
    if len(hosts) != 1 or not ours(hosts[0].decode("latin-1")):
        return 400, "unknown host"
    if any(
        len(headers.get(name, ())) > 1 for name in (b"content-type", b"content-length", b"origin", b"authorization")
    ):
        return 400, MALFORMED
    charset = CHARSET.search(b";".join(headers.get(b"content-type", ())))
    if charset and charset[1].lower() not in (b"utf-8", b"utf8"):
        return 400, MALFORMED
    return 0, ""


def passed_on(headers: Headers) -> dict[bytes, bytes]:
    """The headers of a request that reach the pages."""
    return {
        name: b"; ".join(values) if name == b"cookie" else values[-1]
        for name, values in headers.items()
        if name in PASSED_ON
    }


def _text(address: bytes) -> bool:
    try:
        address.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not UNSEEN.search(address)
