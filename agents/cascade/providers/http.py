"""What providers share that are reached by HTTP: a bounded transport, and one kind of fault for each way to fail.

Owns the limits on what a server may send, the meaning of its statuses and headers, and which of its words may be
shown. Never leads elsewhere: no redirects, no proxy from the environment, no login from a netrc file, no compressed
bodies (a few bytes of which may be gigabytes).
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import math
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from agents.cascade.ports import Fault, ProviderFault, Timeouts, Usage, Vectors
from agents.cascade.providers.transport import Transport
from agents.kernel.errors import BadInput
from agents.kernel.text import redact, shorten, visible

MOST_BYTES, MOST_LINE = 16_000_000, 2_000_000
"""Maximum bytes of one response, and of one line of a streamed one."""
MOST_ERROR, MOST_SAID = 16_384, 200
"""Maximum bytes read of an error, and characters of it that are shown."""
MOST_REST, REST_SECONDS = 8, 0.25
"""Maximum number of parts after the end of an answer before its connection is closed instead of reused, and how long
to wait for them.
"""
LONGEST_RETRY = 7 * 86400.0
HEADERS = {"Accept-Encoding": "identity"}
MALFORMED = (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)
"""What parsing a value of an unexpected shape raises (pydantic's and JSON's errors are ValueErrors)."""

_STATUS = {
    401: Fault.DENIED,
    402: Fault.DENIED,
    403: Fault.DENIED,
    404: Fault.NO_MODEL,
    408: Fault.SILENT,
    413: Fault.REFUSED,
    429: Fault.LIMITED,
    503: Fault.BUSY,
    504: Fault.SILENT,
    529: Fault.BUSY,
}


def of_status(status: int, said: str, retry_after: float | None = None) -> ProviderFault:
    """The fault for an HTTP status."""
    kind = _STATUS.get(status) or (Fault.REFUSED if 400 <= status < 500 else Fault.BROKEN)
    return ProviderFault(kind, f"{status}: {said}" if said else f"status {status}", retry_after=retry_after)


def said(text: object, *secrets: str) -> str:
    """A server's own words, fit to be shown: one line, short, without secrets."""
    words = text if isinstance(text, str) else json.dumps(text, default=str) if text is not None else ""
    for secret in filter(None, secrets):
        words = words.replace(secret, "[key]")
    return shorten(visible(redact(" ".join(words[:MOST_ERROR].split()))), MOST_SAID)


def words(data: bytes, *secrets: str) -> str:
    """What the body of an error says, in any of its usual shapes."""
    told: Any = data.decode(errors="replace")
    try:
        found = json.loads(told)
        found = found.get("error") or found.get("detail") or found.get("message")
        told = (found.get("message") or found) if isinstance(found, dict) else found or told
    except MALFORMED:
        pass  # not JSON, or JSON of another shape: its text is shown as it is
    return said(told, *secrets)


async def beginning(response: httpx.Response) -> bytes:
    """As much of a body as is read of an error."""
    data = b""
    async for part in response.aiter_bytes():
        data += part
        if len(data) > MOST_ERROR:
            break
    return data


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """After how many seconds the server wants the next request: a number, or a date by its own clock (`now` if it does
    not give the time).
    """
    given = headers.get("retry-after", "").strip()
    try:
        seconds = float(given)
    except ValueError:
        due, told = _instant(given), _instant(headers.get("date", ""))
        if due is None:
            return None
        seconds = (due - (told or now)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_RETRY) if math.isfinite(seconds) else None


def _instant(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@contextmanager
def translated(where: str = "there") -> Iterator[None]:
    """Turns whatever httpx or the parsing of the body raises into a ProviderFault. `where`: the server's host and
    port.
    """
    try:
        yield
    except ProviderFault:
        raise
    except (httpx.ConnectTimeout, httpx.PoolTimeout):
        raise ProviderFault(Fault.SILENT, "it took too long to connect") from None
    except httpx.TimeoutException:
        raise ProviderFault(Fault.SILENT, "it fell silent") from None
    except (httpx.ConnectError, ConnectionError) as error:
        raise ProviderFault(Fault.DEAD, _unreached(error, where)) from None
    except httpx.RemoteProtocolError as error:
        words = said(str(error))
        ended = "disconnected" in words or "closed connection" in words or "incomplete" in words
        raise ProviderFault(
            Fault.CUT if ended else Fault.BROKEN,
            f"{'it closed the connection' if ended else 'what it sent is not HTTP'} ({words})",
        ) from None
    except (httpx.ReadError, httpx.WriteError, httpx.CloseError, httpx.StreamError):
        raise ProviderFault(Fault.CUT, "it closed the connection") from None
    except httpx.HTTPError as error:
        raise ProviderFault(Fault.BROKEN, f"it cannot be asked ({said(str(error))})") from None
    except MALFORMED as error:
        raise ProviderFault(
            Fault.BROKEN, f"what it sent does not follow its protocol ({type(error).__name__})"
        ) from None


def place(url: httpx.URL) -> str:
    """A server's host and port, as they are shown."""
    return visible(f"{url.host}:{url.port or {'https': 443}.get(url.scheme, 80)}")


def _unreached(error: BaseException, where: str) -> str:
    """Why a server was not reached, from the system's own error underneath the libraries'."""
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, BaseExceptionGroup):
            below = below.exceptions[0]
        if isinstance(below, ConnectionRefusedError):
            return f"nothing listens at {where}"
        if isinstance(below, socket.gaierror):
            return f"the name of {where} cannot be resolved"
        if isinstance(below, OSError) and below.strerror:
            return f"{where} cannot be reached ({said(below.strerror)})"
        below = below.__cause__ or below.__context__
    return f"{where} cannot be reached"


class Bounded(httpx.AsyncBaseTransport):
    """A transport that ends responses which exceed their limits."""

    def __init__(self, inner: httpx.AsyncBaseTransport | None = None) -> None:
        """`inner`: what really sends and receives."""
        self._inner = inner or Transport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; the response's body is read within the limits."""
        response = await self._inner.handle_async_request(request)
        stream = response.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        if response.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
            await stream.aclose()
            raise ProviderFault(Fault.BROKEN, "it compressed its answer without being asked to")
        lines = "stream" in response.headers.get("content-type", "") or "ndjson" in response.headers.get(
            "content-type", ""
        )
        response.stream = _Counted(stream, MOST_LINE if lines else MOST_BYTES)
        return response

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


class Link:
    """One server, called through a bare transport: httpx's own client adds redirects, cookies, logins and hooks, none
    of which is wanted here, and half a millisecond to each request.
    """

    def __init__(self, base: httpx.URL, timeouts: Timeouts, headers: Mapping[str, str]) -> None:
        """`base`: the address to which paths are added."""
        self._base, self._headers = str(base).rstrip("/"), httpx.Headers(HEADERS | dict(headers))
        self._extensions = {"timeout": times(timeouts).as_dict()}
        self._transport = Bounded()

    @asynccontextmanager
    async def ask(self, method: str, path: str, body: object = None) -> AsyncIterator[httpx.Response]:
        """The response to a request, to be read inside the block; if the block is left early, the connection is
        closed.
        """
        request = httpx.Request(
            method, f"{self._base}/{path}", headers=self._headers, json=body, extensions=self._extensions
        )
        response = await self._transport.handle_async_request(request)
        try:
            yield response
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close its connections."""
        await self._transport.aclose()


class _Counted(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, line: int) -> None:
        self._inner, self._line = inner, line

    async def __aiter__(self) -> AsyncIterator[bytes]:
        whole = line = 0
        async for data in self._inner:
            whole += len(data)
            last = max(data.rfind(b"\n"), data.rfind(b"\r"))
            line = line + len(data) if last < 0 else len(data) - last - 1
            if whole > MOST_BYTES or line > self._line:
                raise ProviderFault(
                    Fault.TOO_MUCH, f"it sent more than {MOST_BYTES if whole > MOST_BYTES else self._line:,} bytes"
                )
            yield data

    async def aclose(self) -> None:
        await self._inner.aclose()


async def lines(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    """The lines of a streamed body. (httpx's own reader also splits lines at U+2028, U+0085 and others, which may be
    in the middle of a text, and takes half as long again for each piece.)
    """
    rest = b""
    assert isinstance(response.stream, httpx.AsyncByteStream)
    async for data in response.stream:
        *whole, rest = (rest + data).split(b"\n")
        for line in whole:
            yield line
    if rest:
        yield rest


async def rest(parts: AsyncIterator[object]) -> None:
    """Read what follows a complete answer, so that its connection serves the next one. The content is ignored."""
    with suppress(TimeoutError, StopAsyncIteration, ProviderFault), translated():
        async with asyncio.timeout(REST_SECONDS):
            for _ in range(MOST_REST):
                await anext(parts)


def times(timeouts: Timeouts) -> httpx.Timeout:
    """How long each part of an exchange may take. The caller cuts longer waits short."""
    return httpx.Timeout(timeouts.whole, connect=timeouts.connect)


def address(url: str, what: str) -> httpx.URL:
    """The address of a server, checked. Raises BadInput that names `what`."""
    try:
        found = httpx.URL(url.strip())
    except (httpx.InvalidURL, TypeError, ValueError) as error:
        raise BadInput(
            f"The address of {what} cannot be read: {visible(shorten(str(url), 100))}.", next="timmy doctor"
        ) from error
    if found.scheme not in ("http", "https") or not found.host:
        raise BadInput(
            f"The address of {what} has to begin with http:// or https:// and name a host.", next="timmy doctor"
        )
    if found.userinfo or found.query or found.fragment:
        raise BadInput(
            f"The address of {what} may hold a host, a port and a path, and nothing else.", next="timmy doctor"
        )
    return found


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, judging by its name."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def text(value: object) -> str:
    """A text from a server; nothing becomes an empty text. Lone surrogates, which cannot be encoded, are replaced."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError("no text")
    return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def number(value: object) -> int:
    """A count from a server; 0 if it gave none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else 0


def vectors(rows: Sequence[Sequence[Any]], count: int, usage: Usage) -> Vectors:
    """Rows of numbers, checked: one for each text, all of the same dimension, all finite. Raises ProviderFault."""
    found = tuple(tuple(float(value) for value in row) for row in rows)
    if not found and count:
        raise ProviderFault(Fault.EMPTY, "it answered with no vectors")
    sizes = {len(row) for row in found}
    if len(found) != count or len(sizes) > 1 or 0 in sizes:
        raise ProviderFault(Fault.BROKEN, f"it gave {len(found)} vectors of {sorted(sizes)} numbers for {count} texts")
    if not all(math.isfinite(value) for row in found for value in row):
        raise ProviderFault(Fault.BROKEN, "its vectors contain something that is not a number")
    return Vectors(found, usage)
