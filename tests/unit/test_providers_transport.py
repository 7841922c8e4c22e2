"""The transport under the providers: how responses end, what connections are used again, and what is refused, over real
sockets.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agents.cascade.providers import transport
from agents.cascade.providers.transport import MOST_HEAD, Transport

OK = b"HTTP/1.1 200 OK\r\n"
SIZED = OK + b"Content-Length: 5\r\n\r\nhello"


class Server:
    """Answers each request with the next of `answers`: bytes, or a list of them that are sent one by one; None hangs
    up.
    """

    def __init__(self, *answers: bytes | list[bytes] | None) -> None:
        self.answers, self.connections, self.asked = list(answers), 0, list[bytes]()
        self.port, self.sent = 0, 0
        self.tasks: set[asyncio.Task[object] | None] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.tasks.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                size = next(
                    (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
                )
                self.asked.append(head + await reader.readexactly(size))
                answer = self.answers.pop(0)
                for part in [answer] if isinstance(answer, bytes) else answer or []:
                    writer.write(part)
                    await writer.drain()
                    self.sent += len(part)
                    if isinstance(answer, list):
                        await asyncio.sleep(0.001)
                if not (
                    answer
                    and b"connection: close" not in b"".join([answer] if isinstance(answer, bytes) else answer).lower()
                ):
                    break
            else:
                await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def served(server: Server, context: ssl.SSLContext | None = None) -> AsyncIterator[Transport]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=context)
    server.port = listening.sockets[0].getsockname()[1]
    made = Transport()
    try:
        yield made
    finally:
        await made.aclose()
        listening.close()
        await asyncio.gather(*(task for task in server.tasks if task is not None))


async def get(
    made: Transport, server: Server, scheme: str = "http", host: str = "127.0.0.1", seconds: float = 20.0
) -> bytes:
    timeout = httpx.Timeout(seconds).as_dict()
    request = httpx.Request(
        "POST", f"{scheme}://{host}:{server.port}/v1/x?y=1", content=b"question", extensions={"timeout": timeout}
    )
    response = await made.handle_async_request(request)
    try:
        return await response.aread()
    finally:
        await response.aclose()


def run(story: Callable[[], Awaitable[None]]) -> None:
    """Play a story in the loop of the tests, and in that of the cascade's process."""

    async def bounded() -> None:
        async with asyncio.timeout(60):
            await story()

    for factory in (asyncio.new_event_loop, uvloop.new_event_loop):
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(bounded())


@pytest.mark.parametrize(
    "answer",
    [
        SIZED,
        [SIZED[n : n + 1] for n in range(len(SIZED))],
        OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nX-End: 1\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + SIZED,
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + SIZED,
    ],
)
def test_a_response_is_whole_and_its_connection_serves_the_next(answer: bytes | list[bytes]) -> None:
    async def story() -> None:
        server = Server(answer, answer, answer)
        async with served(server) as made:
            assert [await get(made, server) for _ in range(3)] == [b"hello"] * 3
            assert server.connections == 1
            assert server.asked[0].startswith(b"POST /v1/x?y=1 HTTP/1.1\r\nHost: 127.0.0.1:") and server.asked[
                0
            ].endswith(b"\r\n\r\nquestion")

    run(story)


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Connection: close\r\n\r\nhello",
        OK + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        SIZED + b"more than was announced",
    ],
)
def test_a_connection_that_cannot_serve_another_is_not_used_again(answer: bytes) -> None:
    async def story() -> None:
        server = Server(answer, SIZED)
        async with served(server) as made:
            assert [await get(made, server) for _ in range(2)] == [b"hello"] * 2
            assert server.connections == 2

    run(story)


def test_a_connection_that_rests_too_long_or_was_closed_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        monkeypatch.setattr(transport, "IDLE_SECONDS", 4.0)
        server = Server(SIZED, SIZED, SIZED)
        async with served(server) as made:
            await get(made, server)
            monkeypatch.setattr(transport, "IDLE_SECONDS", 0.01)
            await get(made, server)
            while made._all:
                await asyncio.sleep(0.01)
            assert await get(made, server) == b"hello" and server.connections == 2

    run(story)


def test_a_request_that_crosses_the_closing_of_its_connection_is_sent_anew() -> None:
    async def story() -> None:
        server = Server(SIZED, None, SIZED)
        async with served(server) as made:
            assert [await get(made, server) for _ in range(2)] == [b"hello"] * 2
            assert server.connections == 2 and len(server.asked) == 3

    run(story)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 2", b"\x00garbage"])
def test_a_connection_that_fails_after_its_first_byte_is_not_asked_again(answer: bytes) -> None:
    async def story() -> None:
        server = Server(SIZED, answer, SIZED)
        async with served(server) as made:
            await get(made, server)
            with pytest.raises((httpx.RemoteProtocolError, httpx.ReadTimeout)):
                await get(made, server, seconds=0.5)
            assert len(server.asked) == 2

    run(story)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (None, httpx.RemoteProtocolError, "disconnected"),
        (OK + b"Connection: close\r\nContent-Length: 9\r\n\r\nhello", httpx.RemoteProtocolError, "incomplete"),
        (b"\x00\x01garbage", httpx.RemoteProtocolError, None),
        (OK + b"X: " + b"y" * (MOST_HEAD + 9), httpx.RemoteProtocolError, "no end"),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", httpx.RemoteProtocolError, None),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", httpx.RemoteProtocolError, None),
        (
            OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            httpx.RemoteProtocolError,
            None,
        ),
        (OK + b"Content-Length: 9\r\n\r\nhello", httpx.ReadTimeout, None),
        (b"HTTP/1.1 200", httpx.ReadTimeout, None),
    ],
)
def test_what_is_no_response_fails_by_its_own_error_and_leaves_nothing_open(
    answer: bytes | None, kind: type[Exception], words: str | None
) -> None:
    async def story() -> None:
        server = Server(answer)
        async with served(server) as made:
            with pytest.raises(kind, match=words):
                await get(made, server, seconds=0.5)
            while made._all:
                await asyncio.sleep(0.01)

    run(story)


def test_a_server_is_made_to_wait_for_a_slow_reader() -> None:
    async def story() -> None:
        part = b"%x\r\n%b\r\n" % (65536, b"x" * 65536)
        server = Server([OK + b"Transfer-Encoding: chunked\r\n\r\n", *[part] * 1000, b"0\r\n\r\n"])
        async with served(server) as made:
            request = httpx.Request("GET", f"http://127.0.0.1:{server.port}/")
            response = await made.handle_async_request(request)
            last = -1
            while last != server.sent:  # until nothing more goes out
                last = server.sent
                await asyncio.sleep(0.2)
            assert last < 30_000_000, "the rest of 65 MB waits at the server"
            assert len(await response.aread()) == 65_536_000

    run(story)


def test_the_end_of_a_line_in_a_header_is_not_sent() -> None:
    async def story() -> None:
        server = Server(SIZED)
        async with served(server) as made:
            with pytest.raises(httpx.LocalProtocolError):
                await made.handle_async_request(
                    httpx.Request("GET", f"http://127.0.0.1:{server.port}/", headers={"X": "a\r\nY: b"})
                )
            assert not server.connections

    run(story)


def test_another_address_is_tried_where_the_first_takes_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        server = Server(SIZED)
        async with served(server) as made:

            async def both(*args: object, **more: object) -> list[tuple[object, ...]]:
                return [(2, 1, 6, "", ("127.0.0.2", server.port)), (2, 1, 6, "", ("127.0.0.1", server.port))]

            monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both)
            made_to = await get(made, server, host="model.example")
            assert made_to == b"hello"

    run(story)


def certificate(folder: Path) -> Path:
    """A key with a certificate for `localhost` that it has signed itself."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "both.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


def test_https_is_spoken_and_a_certificate_of_nobodys_is_refused(tmp_path: Path) -> None:
    async def story() -> None:
        file = certificate(tmp_path)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(file)
        server = Server(SIZED, SIZED)
        async with served(server, context) as made:
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await get(made, server, "https", "localhost")
            assert not server.asked
            made._context.load_verify_locations(file)
            assert await get(made, server, "https", "localhost") == b"hello"

    run(story)
