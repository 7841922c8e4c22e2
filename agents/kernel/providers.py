"""The settings of model providers, parsed: names, addresses, prices. Pure.

Owns which providers can be configured and what a usable address is. Refuses to send a key in clear text: another
machine that needs a key is reached by https.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from urllib.parse import urlsplit

APIS = ("api", "openai", "grok", "kimi", "claude")
"""Servers with the OpenAI API that can be configured; `api` is any other."""
NAMES = ("ollama", "llama", "airllm", *APIS)
_API_REQUEST = re.compile(r"(?<!/)/+(chat/completions|completions|embeddings|models|responses|messages)$")
_OLLAMA_ITSELF = re.compile(r"/api/(chat|generate|tags|show|ps|embed|version)$")
_OLLAMA_REQUEST = re.compile(r"(?<!/)/+(api|v1)(/+(chat|generate|tags|show|ps|embed|chat/completions|models))?$")
"""Paths of requests, at the end of an address."""


def order(text: str) -> tuple[str, ...]:
    """Names separated by commas or spaces. Raises ValueError for one that is unknown or repeated."""
    names = tuple(text.replace(",", " ").split())
    for name in names:
        if name not in NAMES:
            near = difflib.get_close_matches(name, NAMES, 1)
            raise ValueError(
                f"there is no provider {name!r}; "
                f"{f'did you mean {near[0]}?' if near else 'there are: ' + ', '.join(NAMES)}"
            )
    if len(set(names)) < len(names):
        raise ValueError("a provider is listed twice")
    return names


def url(text: str, *, secret: bool) -> str:
    """The address of a server, from which its requests' addresses are built: without the last slash, and without the
    path of a request, which manuals show; '' stays ''. `secret`: whether a key is sent along, as to a server with
    the OpenAI API. Raises ValueError.
    """
    if not text:
        return text
    try:
        parts = urlsplit(text)
        port_fits = parts.port is None or 0 < parts.port < 65536
    except ValueError:
        port_fits = False
    if not port_fits or parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() for c in text):
        raise ValueError("that is not the address of a server; the form is http://host:port or https://host/path")
    if parts.username or parts.password:
        raise ValueError("an address must not contain a name or a password; keys have their own settings")
    if parts.query or parts.fragment:
        raise ValueError("an address must end with its path")
    if secret and parts.scheme == "http" and not is_here(text):
        raise ValueError("a key is sent to another machine over https only")
    base = text.rstrip("/")
    if not secret:
        return _OLLAMA_REQUEST.sub("", base)
    if _OLLAMA_ITSELF.search(base):
        raise ValueError("that is Ollama's own API, which TIMMY_OLLAMA_URL is for; its OpenAI API ends with /v1")
    return _API_REQUEST.sub("", base)


def is_here(text: str) -> bool:
    """Whether an address belongs to this machine."""
    host = urlsplit(text).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def price(text: str) -> tuple[float, float] | None:
    """Two numbers, `0.15 0.60`; None for an empty text. Raises ValueError."""
    words = text.replace(",", " ").split()
    if not words:
        return None
    try:
        shown, made = map(float, words)
    except ValueError:
        raise ValueError("a price is two numbers, for a million tokens shown and a million made: 0.15 0.60") from None
    if not (0 <= shown < 1e6 and 0 <= made < 1e6):
        raise ValueError("a price is not negative, and below a million")
    return shown, made
