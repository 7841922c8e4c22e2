"""The far side of the wire, byte by byte: what honest clients send, and what hostile ones make of it.

Owns raw websocket frames and recorded streams of telnet and websocket clients, and their mutations
by a seed. Refuses to know a library of either protocol: a library would not send what is wrong.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import socket
import struct
import time
from collections.abc import Iterator

IAC, DONT, DO, WONT, WILL, SB, SE, NOP = 255, 254, 253, 252, 251, 250, 240, 241
TTYPE, NAWS, LINEMODE, SGA, MSDP, MSSP, MCCP, MXP, GMCP = 24, 31, 34, 3, 69, 70, 86, 91, 201
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def sub(option: int, data: bytes = b"") -> bytes:
    """A telnet subnegotiation."""
    return bytes((IAC, SB, option)) + data.replace(b"\xff", b"\xff\xff") + bytes((IAC, SE))


def frame(payload: bytes, opcode: int = TEXT, *, fin: bool = True, length: int | None = None) -> bytes:
    """A client's websocket frame (masked with zeros); `length` is what it claims to be long."""
    size = len(payload) if length is None else length
    head = bytes((opcode | (0x80 if fin else 0),))
    if size < 126:
        head += bytes((0x80 | size,))
    elif size < 65536:
        head += b"\xfe" + struct.pack(">H", size)
    else:
        head += b"\xff" + struct.pack(">Q", size)
    return head + bytes(4) + payload


def said(*message: object) -> bytes:
    """A message of the web client as a frame: `said("text", ["look"], {})`."""
    return frame(json.dumps(message).encode())


def handshake(port: int, origin: str = "", path: str = "/") -> bytes:
    """The request that opens a websocket."""
    more = f"Origin: {origin}\r\n" if origin else ""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
    ).encode()


class Peer:
    """A connection that sends any bytes and takes in whatever comes, until it is closed."""

    def __init__(self, port: int, first: bytes = b"", source: str = "") -> None:
        """Connect, from the address `source` if one is given, and send what comes `first`."""
        self.link = socket.create_connection(
            ("127.0.0.1", port), timeout=60, source_address=(source, 0) if source else None
        )
        self.link.setblocking(False)
        self.heard = b""
        self.open = True
        self.sent = 0
        if first:
            self.send(first)

    def take(self, seconds: float = 0.0) -> bool:
        """Take in what has come, or comes within `seconds`; False when the other side has hung up."""
        while self.open and select.select([self.link], [], [], seconds)[0]:
            try:
                data = self.link.recv(65536)
            except BlockingIOError:
                break
            except ConnectionError:
                data = b""
            self.heard += data
            seconds = 0.0
            if not data:
                self.close()
        return self.open

    def send(self, data: bytes, patience: float = 60.0) -> bool:
        """Send all of it, unless the other side hangs up or takes nothing for `patience` seconds."""
        view = memoryview(data)
        end = time.monotonic() + patience
        while view and self.open and time.monotonic() < end:
            readable, writable, _ = select.select([self.link], [self.link], [], 0.2)
            if readable:
                self.take()
            if writable and self.open:
                try:
                    count = self.link.send(view[: 1 << 20])
                except BlockingIOError:
                    continue
                except ConnectionError:
                    self.take()
                    self.close()
                    break
                view, self.sent, end = view[count:], self.sent + count, time.monotonic() + patience
        return not view

    def hears(self, *any_of: bytes, patience: float = 60.0) -> bool:
        """Wait until one of these has come, or the other side hung up without it."""
        end = time.monotonic() + patience
        while not (found := any(one in self.heard for one in any_of)) and self.take(0.2) and time.monotonic() < end:
            pass
        return found or any(one in self.heard for one in any_of)

    def hung_up(self, patience: float = 60.0) -> bool:
        """Wait until the other side hangs up."""
        end = time.monotonic() + patience
        while self.take(0.2) and time.monotonic() < end:
            pass
        return not self.open

    def finish(self) -> None:
        """Say that nothing more comes; what was sent is read all the same."""
        with contextlib.suppress(OSError):  # it has been closed
            self.link.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Hang up, without a word."""
        self.open = False
        self.link.close()


def memory(pid: int) -> int:
    """What a process holds in memory now, in bytes."""
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


# -- recorded streams, and what a seed makes of them ------------------------------------------------------

TELNET: tuple[tuple[bytes, ...], ...] = (
    (  # Mudlet
        bytes((IAC, WILL, TTYPE)),
        sub(TTYPE, b"\0MUDLET 4.17"),
        sub(TTYPE, b"\0ANSI-256COLOR"),
        sub(TTYPE, b"\0MTTS 2349"),
        bytes((IAC, WILL, NAWS)),
        sub(NAWS, b"\0\x78\0\x28"),
        bytes((IAC, DO, GMCP)),
        sub(GMCP, b'Core.Hello {"client": "Mudlet", "version": "4.17"}'),
        sub(GMCP, b'Core.Supports.Set ["Char 1", "Char.Skills 1", "Room 1"]'),
        sub(GMCP, b'External.Discord.Hello {"private": 1}'),
        bytes((IAC, DO, MXP)),
        bytes((IAC, DO, MSSP)),
        bytes((IAC, DONT, MCCP)),
        bytes((IAC, WONT, LINEMODE)),
        b"help\r\n",
        b"look\r\n",
    ),
    (  # TinTin++
        bytes((IAC, WILL, TTYPE)),
        sub(TTYPE, b"\0TINTIN++"),
        sub(TTYPE, b"\0xterm-256color"),
        sub(TTYPE, b"\0MTTS 271"),
        bytes((IAC, WILL, NAWS)),
        sub(NAWS, b"\0\x50\0\x18"),
        bytes((IAC, DO, MSDP)),
        sub(MSDP, b"\x01LIST\x02COMMANDS"),
        sub(MSDP, b"\x01REPORT\x02\x05\x02ROOM\x02CHAR\x06"),
        sub(MSDP, b"\x01SET\x02\x03\x01KEY\x02VALUE\x04"),
        bytes((IAC, DO, SGA)),
        bytes((IAC, DO, MCCP)),
        b"who\n",
        b"connect nobody wrong-password\n",
    ),
    (  # a plain telnet
        bytes((IAC, DO, SGA, IAC, WILL, TTYPE, IAC, WILL, NAWS, IAC, WILL, LINEMODE)),
        sub(LINEMODE, b"\x01\x03"),
        sub(NAWS, b"\0\x84\0\x2b"),
        bytes((IAC, NOP)),
        b"quote \xc3\xa4\xff\xff\r\0",
        b"idle\r\n",
        b"help connect\r\n",
    ),
)
MESSAGES: tuple[tuple[object, ...], ...] = (
    ("client_options", [], {"screenwidth": 120, "screenheight": 40}),
    ("client_options", [], {"client": "robot", "nocolor": True}),
    ("text", ["help"], {}),
    ("text", ["connect nobody wrong-password"], {}),
    ("text", ["who ä ≠ 日本"], {}),
    ("hello", [], {"client": "robot"}),
    ("monitor", [], {"name": "location"}),
    ("repeat", [], {"callback": "test1", "interval": 1}),
    ("get_inputfuncs", [], {}),
    ("webclient_options", [], {"a": 1}),
    ("login", [], {"name": "x", "password": "y"}),
)
FRAMES: tuple[tuple[bytes, ...], ...] = (
    (said("client_options", [], {"screenwidth": 120}), said("text", ["help"], {}), frame(b"", PING), frame(b"x", PONG)),
    (frame(b'["text", ["wh', fin=False), frame(b'o"], {}]', 0), frame(b"\x03\xe8", CLOSE)),
)
_ODD: tuple[object, ...] = (
    None,
    True,
    -1,
    1e308,
    2**70,
    "",
    "\0",
    "\ud800",
    "x" * 3000,
    [],
    {},
    [[]],
    [1, "a"],
    {"a": []},
    {"session": 1},
    "text",
    "self",
    "options",
)
_SPICE = (
    b"\xff",
    b"\xff\xfa",
    b"\xff\xf0",
    b"\xff\xff",
    b"\0",
    b"\r",
    b"\n",
    b"\r\0",
    b"[" * 900,
    b'{"a":' * 300,
    b'"',
    b"\\",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"NaN",
    b"1e999",
    b"-1",
    b"9" * 5000,
    b"null",
    b"text",
    b"session",
    b"self",
    b"options",
    b"__class__",
    b"\x81\xfe\xff\xff",
    b"\x88\x80\0\0\0\0",
    b"x" * 3000,
)


def mutated(piece: bytes, dice: random.Random) -> bytes:
    """`piece` with one to four hurts."""
    data = bytearray(piece)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(data) + 1)
        match dice.randrange(7):
            case 0 if data:
                data[at % len(data)] ^= 1 << dice.randrange(8)
            case 1 if data:
                data[at % len(data)] = dice.randrange(256)
            case 2:
                del data[at : at + dice.randint(1, 12)]
            case 3:
                data[at:at] = dice.choice(_SPICE)
            case 4:
                data[at:at] = data[max(0, at - dice.randint(1, 40)) : at]
            case 5:
                data[at:at] = dice.randbytes(dice.randint(1, 20))
            case _:
                del data[at:]
    return bytes(data)


def telnet_mutants(dice: random.Random) -> Iterator[bytes]:
    """For ever: a piece of a recorded stream, out of order at times, hurt most of the time."""
    while True:
        stream = list(dice.choice(TELNET))
        if dice.random() < 0.3:
            dice.shuffle(stream)
        for piece in stream:
            yield mutated(piece, dice) if dice.random() < 0.8 else piece


def message_mutants(dice: random.Random) -> Iterator[bytes]:
    """For ever: a sound frame around a message that is hurt, in its values or in its bytes."""
    while True:
        message = [*dice.choice(MESSAGES)]
        for _ in range(dice.randrange(3)):
            message[dice.randrange(len(message))] = dice.choice(
                (
                    dice.choice(_ODD),
                    [dice.choice(_ODD)],
                    {dice.choice(("screenwidth", "client", "x")): dice.choice(_ODD)},
                )
            )
        payload = json.dumps(message).encode()
        if dice.random() < 0.5:
            payload = mutated(payload, dice)
        yield frame(payload, BINARY)  # where bytes that are no text do not end the connection


def frame_mutant(dice: random.Random) -> bytes:
    """A frame that is hurt itself, which mostly ends the connection."""
    return mutated(dice.choice(dice.choice(FRAMES)), dice)
