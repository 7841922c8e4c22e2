"""What stand-ins for model servers share: HTTP over a real socket, and how a request is answered or let down.

Owns connections, the record of what was asked (`seen`), the list of what is to go wrong (`script`), and the
three ways to run one: inside an asyncio test (`async with`), in a thread (`in_thread`), as a process of its
own (`main`). Refuses to know any server's protocol: `ollama_standin` and `openai_standin` speak those. Written
on bare sockets, because a library would not send what is wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from tests.support.raw_http import Left, Reply, Seen, request

BEHAVIOURS = (
    "good",  # the answer, piece by piece
    "drip",  # the same, a piece each fifth of a second
    "slow",  # the same, the first piece after a second
    "hang",  # nothing, not even headers
    "hang_mid",  # two pieces, then nothing
    "refused",  # 400
    "denied",  # 401
    "unpaid",  # 402
    "no_model",  # 404
    "limited",  # 429, with `retry_after`
    "failed",  # 500
    "busy",  # 503
    "error_page",  # 502 with a page of HTML, as a proxy sends
    "error_line",  # two pieces, then an error in the stream
    "empty",  # an answer without text
    "only_thought",  # thinking, and no answer
    "thought",  # thinking, then the answer
    "broken_json",  # two pieces, then half a line of JSON
    "wrong_shape",  # JSON that is not what the protocol says
    "garbage",  # bytes that are no HTTP
    "garbage_body",  # good headers, a body of random bytes
    "huge",  # 50 MB of answer, piece by piece
    "huge_line",  # 50 MB without the end of a line
    "cut",  # two pieces, then the connection is reset
    "cut_clean",  # two pieces, then the body ends as if it were whole
    "uncounted",  # the answer, without the numbers of tokens
    "redirect",  # 302 to another host
    "hang_end",  # the answer, and then the body does not end
    "babble_end",  # the answer, and then 50 MB more
)
HUGE = 50_000_000


@dataclass
class ModelServer:
    """A stand-in. `script`: how the next requests for answers or embeddings are met, one each (a name of
    `BEHAVIOURS`, or `{"behave": name, "text": …}`); when it is used up, by `default`. `text`: the answer; a
    request with a JSON schema gets the least value that meets it instead, unless its script names a text.
    """

    text: str = "The sun is low and the hall is warm."
    thought: str = "They ask how it is. It is evening."
    default: str = "good"
    script: deque[Any] = field(default_factory=deque)
    seen: list[Seen] = field(default_factory=list)
    retry_after: str = "7"
    pause: float = 0.0
    """Seconds between two pieces."""
    dimension: int = 8
    secret: str = ""
    """What a request's bearer token has to be, if anything."""
    port: int = 0
    connections: int = 0
    """How many were ever made."""
    ending: asyncio.Future[None] = field(init=False, repr=False)
    NAME: ClassVar[str] = "a model server"

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def open_connections(self) -> int:
        """How many clients are connected now."""
        return len(self._connections)

    async def start(self) -> None:
        """Listen on `port`, or on a free one."""
        self.ending = asyncio.get_running_loop().create_future()
        self._connections: set[asyncio.StreamWriter] = set()
        self._listener = await asyncio.start_server(self._connection, "127.0.0.1", self.port, limit=2**22)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Let everybody go and listen no longer."""
        self._listener.close()
        if not self.ending.done():
            self.ending.set_result(None)
        for writer in tuple(self._connections):
            writer.transport.abort()
        for _ in range(500):
            if not self._connections:
                break
            await asyncio.sleep(0.01)
        await self._listener.wait_closed()

    async def __aenter__(self) -> ModelServer:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    @contextlib.contextmanager
    def in_thread(self) -> Iterator[ModelServer]:
        """The same in a thread with a loop of its own, for tests that are not asyncio's."""
        ready = threading.Event()

        async def run() -> None:
            self._wanted = asyncio.Event()
            self._loop = asyncio.get_running_loop()
            async with self:
                ready.set()
                await self._wanted.wait()

        thread = threading.Thread(target=asyncio.run, args=(run(),), name=self.NAME)
        thread.start()
        assert ready.wait(30), f"{self.NAME} did not start"
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._wanted.set)
            thread.join(30)

    # -- what each protocol says in its own way ------------------------------------------------

    async def answer(self, reply: Reply) -> None:
        """One request, answered by the rules of the protocol."""
        raise NotImplementedError

    def mistake(self, status: int, said: str) -> Any:
        """The body of an error."""
        raise NotImplementedError

    # -- what is common to all ------------------------------------------------------------------

    def next(self) -> tuple[str, str | None]:
        """The behaviour that is due, and the text it brings."""
        due = self.script.popleft() if self.script else self.default
        name, text = (due, None) if isinstance(due, str) else (due.get("behave", "good"), due.get("text"))
        assert name in BEHAVIOURS, f"{name} is no behaviour; there are {', '.join(BEHAVIOURS)}"
        return name, text

    async def mishap(self, reply: Reply, name: str, model: str) -> bool:
        """Let a request down before any answer begins, if that is what `name` says; whether it did."""
        errors = {
            "refused": (400, "invalid options: top_k must be a number"),
            "denied": (401, f"Incorrect API key provided: {self.shown_key(reply)}"),
            "unpaid": (402, "insufficient balance"),
            "no_model": (404, f"model '{model}' not found"),
            "limited": (429, "rate limit exceeded"),
            "failed": (500, "llama runner process has terminated: exit status 2"),
            "busy": (503, "server busy, please try again.  maximum pending requests exceeded"),
        }
        if name in errors:
            status, said = errors[name]
            more = {"Retry-After": self.retry_after} if status in (429, 503) and self.retry_after else None
            await reply.whole(status, self.mistake(status, said), more)
        elif name == "error_page":
            await reply.whole(502, b"<html><body><h1>502 Bad Gateway</h1></body></html>", kind="text/html")
        elif name == "redirect":
            await reply.whole(302, b"", {"Location": "http://192.0.2.1/elsewhere"})
        elif name == "hang":
            await reply.pause(None)
        elif name == "garbage":
            await reply.send(bytes(range(256)) * 8 + b"\r\n\r\n")
            raise Left
        elif name == "slow":
            await reply.pause(1.0)
            return False
        else:
            return False
        return True

    def shown_key(self, reply: Reply) -> str:
        """The key a client sent, as careless servers repeat it in their errors."""
        return reply.seen.headers.get("authorization", "").removeprefix("Bearer ")

    async def stream(
        self, reply: Reply, name: str, pieces: Iterator[bytes], error: bytes, huge: bytes, kind: str
    ) -> None:
        """Send `pieces`, lines of the protocol, in the way that `name` says. `error`: an error line; `huge`:
        one line with a megabyte of text.
        """
        await reply.begin(kind)
        broken = {"hang_mid", "error_line", "broken_json", "wrong_shape", "cut", "cut_clean"}
        if name == "garbage_body":
            await reply.chunk(bytes((n * 73 + 41) % 256 for n in range(4096)))
        elif name == "huge":
            for _ in range(HUGE // len(huge) + 1):
                await reply.chunk(huge)
        elif name == "huge_line":
            for _ in range(HUGE // 65536 + 1):
                await reply.chunk(b"x" * 65536)
        else:
            for number, piece in enumerate(pieces):
                if name in broken and number == 2:
                    break
                if number:
                    await reply.pause(0.2 if name == "drip" else self.pause)
                await reply.chunk(piece)
                reply.seen.pieces += 1
        if name in ("hang_mid", "hang_end"):
            await reply.pause(None)
        elif name == "babble_end":
            for _ in range(HUGE // len(huge) + 1):
                await reply.chunk(huge)
        elif name == "cut":
            reply.reset()
            raise Left
        elif name == "error_line":
            await reply.chunk(error)
        elif name == "broken_json":
            await reply.chunk(error[: len(error) // 2] + b"\n\n")
        elif name == "wrong_shape":
            await reply.chunk(error.replace(b'"error"', b'"choices":7,"message"', 1))
        await reply.finish()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        self.connections += 1
        try:
            while (seen := await request(reader)) is not None:
                self.seen.append(seen)
                reply = Reply(seen, reader, writer, self.ending)
                try:
                    await self._serve(reply)
                    seen.ended = "whole"
                finally:
                    seen.ended = seen.ended or "left"
                    await reply.close()
        except (Left, ConnectionError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            self._connections.discard(writer)

    async def _serve(self, reply: Reply) -> None:
        seen = reply.seen
        if seen.path == "/_script":  # how a process of its own is told what is to go wrong
            self.seen.remove(seen)
            self.script.extend(seen.body.get("script", ()))
            self.default = seen.body.get("default", self.default)
            await reply.whole(200, {"script": list(self.script), "default": self.default})
        elif seen.path == "/_seen":
            self.seen.remove(seen)
            await reply.whole(200, [asdict(one) for one in self.seen])
        elif self.secret and seen.headers.get("authorization") != f"Bearer {self.secret}":
            await reply.whole(401, self.mistake(401, f"Incorrect API key provided: {self.shown_key(reply)}"))
        else:
            await self.answer(reply)

    @classmethod
    def main(cls) -> None:
        """As a program: says its address on the first line, and serves until it is ended."""
        parser = argparse.ArgumentParser(description=cls.__doc__)
        parser.add_argument("--port", type=int, default=0)
        parser.add_argument("--default", choices=BEHAVIOURS, default="good")
        parser.add_argument("--pause", type=float, default=0.0)
        parser.add_argument("--text", default=cls.text)
        given = parser.parse_args()

        async def run() -> None:
            async with cls(port=given.port, default=given.default, pause=given.pause, text=given.text) as server:
                print(server.url, flush=True)
                await asyncio.Event().wait()

        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(run())


def words(text: str) -> list[str]:
    """A text in the pieces in which a model gives it."""
    found = text.split(" ")
    return [word if number == 0 else f" {word}" for number, word in enumerate(found)]


def least(schema: dict[str, Any], root: dict[str, Any] | None = None) -> Any:
    """A value that meets a JSON schema as pydantic writes them, with as little in it as may be."""
    root = root or schema
    if ref := schema.get("$ref"):
        return least(root["$defs"][ref.rpartition("/")[2]], root)
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return least(schema[key][0], root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        wanted = schema.get("required", ())
        return {name: least(part, root) for name, part in schema.get("properties", {}).items() if name in wanted}
    if kind == "array":
        return [least(schema.get("items", {}), root) for _ in range(schema.get("minItems", 0))]
    if kind == "string":
        return "quiet evening hall"[: schema.get("maxLength", 99)].ljust(schema.get("minLength", 0), ".")
    if kind in ("integer", "number"):
        low = schema.get("minimum", schema["exclusiveMinimum"] + 1 if "exclusiveMinimum" in schema else None)
        return low if low is not None else min(schema.get("maximum", 1), 1)
    return kind == "boolean" or None
