"""Clients that show what reaches a person: a telnet terminal that negotiates, and a web client.

Owns their protocols, byte by byte: telnet options (MXP, terminal type, window size), MXP's line
modes, websocket frames. Refuses to be kind: what a real client would act upon is kept as an act.
"""

from __future__ import annotations

import base64
import html
import json
import os
import re
import socket
import time
from collections import deque
from dataclasses import dataclass, field

from tests.support.clients import Page
from tests.system.harness import OWNER, PASSWORD, PATIENCE, World

IAC, DONT, DO, WONT, WILL, SB, SE = (bytes([n]) for n in (255, 254, 253, 252, 251, 250, 240))
TTYPE, NAWS, MXP = (bytes([n]) for n in (24, 31, 91))
MTTS_READER = "MTTS 69"
"""ANSI, UTF-8 and a screen reader, in the bits of the Mud Terminal Type Standard."""
OUR_COLOURS = frozenset(
    {"0", "1", "2", "22", *(f"{weight}{colour}" for weight in ("", "1;") for colour in range(31, 38))}
)
"""Red to white, bright or not: nothing that blinks, hides or lies behind the letters."""
PACE = 30
"""Lines a second that a client sends at most: the world takes 40 a second for long, and 80 at once."""

_TOKEN = re.compile(rb"\xff\xfa.*?\xff\xf0|\xff[\xfb-\xfe].|\xff\xff|\xff[\xf0-\xf9]|\r\n", re.DOTALL)
_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_MODE = re.compile(r"(\x1b\[\d+z)")
_TAG = re.compile(r"<[^>]*>")
_LOCKED = frozenset({"2", "7"})


class Lines:
    """What both clients have in common: a line typed, and the lines that answer it."""

    lines: list[str]

    def __init__(self) -> None:
        self.lines = []
        self._typed: deque[float] = deque(maxlen=PACE)
        self._asked = 0
        self.typed: list[str] = []

    def send(self, text: str) -> None:
        """Type a line."""
        raise AssertionError("a client sends")

    def pump(self) -> None:
        """Take in what has come; fails when nothing more will."""
        raise AssertionError("a client receives")

    def paced(self) -> None:
        """Wait while more than PACE lines would be sent within a second."""
        if len(self._typed) == PACE:
            time.sleep(max(0.0, self._typed[0] + 1 - time.monotonic()))
        self._typed.append(time.monotonic())

    def ask(self, *typed: str) -> list[str]:
        """Type lines and yield all that is shown until an unknown word typed behind them is answered.

        Half of PACE at a time: a Portal that was held up would else take several seconds' lines for one's, and refuse
        some.
        """
        start = len(self.lines)
        self.typed += typed
        shown: list[str] = []
        for at in range(0, max(1, len(typed)), PACE // 2):
            self._asked += 1
            end = f"zq{self._asked}zq"
            for line in (*typed[at : at + PACE // 2], end):
                self.send(line)
            answer = self.until(f"There is no '{end}'", start)
            start += len(answer) + 1
            shown += answer
        return shown

    def until(self, text: str, start: int = 0) -> list[str]:
        """The lines from `start` until one holds `text`."""
        limit = time.monotonic() + PATIENCE
        seen = start
        while True:
            for place in range(seen, len(self.lines)):
                if text in self.lines[place]:
                    return self.lines[start:place]
            seen = len(self.lines)
            if time.monotonic() > limit:
                raise AssertionError(f"never saw {text!r}; last: {self.lines[-20:]}")
            self.pump()


class Terminal(Lines):
    """A telnet client. `lines` are as sent, with their escape sequences; `acts` is what they would do."""

    def __init__(self, world: World, *, mxp: bool = False, reader: bool = False, columns: int = 0) -> None:
        """Connect; with MXP, as a screen reader (by MTTS), or so many columns wide."""
        super().__init__()
        self.link = socket.create_connection(("127.0.0.1", world.ports["telnet"]), timeout=PATIENCE)
        self.mxp, self.columns = mxp, columns
        self._names = deque(("TESTTERM", "XTERM", MTTS_READER)) if reader else deque()
        self._rest = b""
        self._open = b""
        self.raw = b""

    def enter(self, name: str = OWNER, password: str = PASSWORD, where: str = "FRATERNITY HALL") -> Terminal:
        """Log in and stand in the room that is headed `where`."""
        self.until("Log in:")
        self.send(f"connect {name} {password}")
        self.until(where)
        self.ask()
        return self

    def send(self, text: str) -> None:
        self.paced()
        self.link.sendall(text.encode("utf-8", "surrogatepass").replace(IAC, IAC + IAC) + b"\r\n")

    def pump(self) -> None:
        data = self.link.recv(65536)
        assert data, f"the world hung up; last: {self.lines[-20:]}"
        self.raw += data
        data = self._rest + data
        end = 0
        for token in _TOKEN.finditer(data):
            self._open += data[end : token.start()]
            end = token.end()
            self._take(token[0])
        rest = data[end:]
        cut = next((at for mark in (b"\xff", b"\r") if (at := rest.find(mark)) >= 0), len(rest))
        self._open, self._rest = self._open + rest[:cut], rest[cut:]

    def _take(self, token: bytes) -> None:
        if token == b"\r\n":
            self.lines.append(self._open.decode("utf-8"))
            self._open = b""
        elif token == IAC + IAC:
            self._open += IAC
        elif token[1:2] == DO:
            wanted = {TTYPE: self._names, NAWS: self.columns}.get(token[2:])
            self.link.sendall(IAC + (WILL if wanted else WONT) + token[2:])
            if token[2:] == NAWS and self.columns:
                self.link.sendall(IAC + SB + NAWS + bytes([0, self.columns, 0, 24]) + IAC + SE)
        elif token[1:2] == WILL:
            self.link.sendall(IAC + (DO if token[2:] == MXP and self.mxp else DONT) + token[2:])
        elif token[1:4] == SB + TTYPE + b"\x01":
            name = self._names[0] if len(self._names) == 1 else self._names.popleft()
            self.link.sendall(IAC + SB + TTYPE + b"\x00" + name.encode() + IAC + SE)

    def shown(self, lines: list[str]) -> list[str]:
        """What the lines look like, MXP and colours done; fails when they do anything else."""
        told = [self._interpreted(line) for line in lines]
        for line in told:
            assert not {c for c in line if c < " " or "\x7f" <= c <= "\x9f"}, f"it acts on a terminal: {line!r}"
        return told

    def _interpreted(self, line: str) -> str:
        if self.mxp:
            seen = mxp(line)
            assert not seen.tags, f"it acts on an MXP client: {line!r}"
            line = seen.text
        strange = {found[1] for found in _SGR.finditer(line)} - OUR_COLOURS
        assert not strange, f"colours that are not ours: {line!r}"
        return _SGR.sub("", line)

    def close(self) -> None:
        """Hang up."""
        self.link.close()


@dataclass
class Seen:
    """What an MXP client makes of a line: the text it shows, the tags it obeys."""

    text: str = ""
    tags: list[str] = field(default_factory=list)


def mxp(line: str) -> Seen:
    """A line as the MXP specification reads it: open mode at first, what `ESC[2z` locks is literal."""
    seen, mode = Seen(), "0"
    for piece in _MODE.split(line):
        if _MODE.fullmatch(piece):
            mode = piece[2:-1]
        elif mode in _LOCKED:
            seen.text += piece
        else:
            seen.tags += _TAG.findall(piece)
            seen.text += html.unescape(_TAG.sub("", piece))
    return seen


class Browser(Lines):
    """The web client on its websocket. `lines` are of the text a page would show; `tags` what it would hold."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.link = socket.create_connection(("127.0.0.1", world.ports["websocket"]), timeout=PATIENCE)
        self.tags: list[tuple[str, str]] = []
        self.commands: set[str] = set()
        self.sources: list[str] = []
        key = base64.b64encode(os.urandom(16)).decode()
        self.link.sendall(
            f"GET /?x&1&test HTTP/1.1\r\nHost: 127.0.0.1:{world.ports['websocket']}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Origin: http://127.0.0.1:{world.ports['web']}\r\n\r\n".encode()
        )
        self.stream = self.link.makefile("rb")
        assert b" 101 " in self.stream.readline()
        while self.stream.readline() not in (b"\r\n", b""):
            pass

    def enter(self, name: str = OWNER, password: str = PASSWORD) -> Browser:
        """Log in and be in the world."""
        self.until("Log in:")
        self.send(f"connect {name} {password}")
        self.until("FRATERNITY HALL")
        self.ask()
        self.tags.clear()  # those of the engine's welcome
        return self

    def send(self, text: str) -> None:
        self.paced()
        self._frame(1, json.dumps(["text", [text], {}]).encode())

    def _frame(self, kind: int, data: bytes) -> None:
        mask = os.urandom(4)
        size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
        masked = bytes(b ^ mask[i % 4] for i, b in enumerate(data))
        self.link.sendall(bytes([0x80 | kind]) + size + mask + masked)

    def pump(self) -> None:
        kind, data = self._received()
        if kind == 9:
            self._frame(10, data)
        assert kind != 8, f"the world hung up: {data!r}; last: {self.lines[-20:]}"
        if kind == 1:
            command, args, _ = json.loads(data)
            self.commands.add(command)
            if command == "text" and args:
                page = Page(str(args[0]))
                self.sources.append(str(args[0]))
                self.tags += page.tags
                self.lines += page.text.split("\n")

    def _received(self) -> tuple[int, bytes]:
        first, second = self.stream.read(2)
        size = second & 0x7F
        if size > 125:
            size = int.from_bytes(self.stream.read(2 if size == 126 else 8), "big")
        return first & 0x0F, self.stream.read(size)

    def close(self) -> None:
        """Hang up."""
        self.stream.close()
        self.link.close()
