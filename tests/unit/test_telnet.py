"""Telnet as clients speak it: keys that take back what was typed, options that are agreed to only when they are done,
and lines in other alphabets.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.wire import inputs, session
from server.wire.telnet import BoundedTelnet
from tests.support.wire import DO, DONT, IAC, LINEMODE, MCCP, NAWS, SGA, TTYPE, WILL, WONT

ECHO, EC, EL = 1, 247, 248


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


class Line:
    """A connection without a socket: bytes in, lines and answers out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = Clock()
        monkeypatch.setattr(session, "clock", self.clock)
        monkeypatch.setattr(session.reactor, "callLater", lambda *args, **more: SimpleNamespace(cancel=lambda: None))
        self.got: list[str] = []
        self.told: list[str] = []
        self.sent = b""
        self.telnet = BoundedTelnet()
        self.telnet.protocol_flags = {"ENCODING": "utf-8"}
        self.telnet.line_buffer = b""
        self.telnet.logged_in = True
        self.telnet.sessionhandler = SimpleNamespace(data_in=self._in, data_out=self._out)
        self.telnet.transport = SimpleNamespace(
            charge=lambda amount: 0.0,
            gate=SimpleNamespace(note=lambda what, address: None),
            address="192.0.2.1",
            write=self._write,
        )
        self.telnet.begin()

    def _in(self, telnet: Any, text: Any = None, **more: Any) -> None:
        self.got.append(text[0][0].rstrip("\n"))

    def _out(self, telnet: Any, text: Any = None, **more: Any) -> None:
        self.told.append(text[0][0])

    def _write(self, data: bytes) -> None:
        self.sent += data

    def types(self, *pieces: bytes) -> list[str]:
        """The lines that came of what was sent."""
        self.got.clear()
        for piece in pieces:
            self.telnet.dataReceived(piece)
        return list(self.got)

    def answers(self, *command: int) -> bytes:
        self.sent = b""
        self.telnet.dataReceived(bytes((IAC, *command)))
        return self.sent


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    return Line(monkeypatch)


def one_by_one(text: bytes) -> Iterable[bytes]:
    return (text[at : at + 1] for at in range(len(text)))


# -- what was typed is taken back --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (b"ok 12\x7f3", "ok 13"),
        (b"ok 12\b3", "ok 13"),
        (b"\x7f\x7flook\x7f\x7f\x7f\x7f\x7fwho", "who"),
        ("say Gr\u00fc\x7fu\u00df".encode(), "say Gru\u00df"),
        ("say cafe\u0301\x7fe".encode(), "say cafe"),
        (b"no 1 = too dear\x15ok 1", "ok 1"),
        (b"ok 1 2  3\x17\x17", "ok 1 "),
        (b"veto 7" + bytes((IAC, EC)) + b"8", "veto 8"),
        (b"veto 7" + bytes((IAC, EL)) + b"look", "look"),
    ],
)
def test_keys_that_take_back_are_obeyed(line: Line, typed: bytes, meant: str) -> None:
    assert line.types(typed + b"\r\n") == [meant]
    assert line.types(*one_by_one(typed + b"\r\0")) == [meant]


def test_taking_back_ends_at_the_beginning_of_the_line(line: Line) -> None:
    assert line.types(b"ok 1\r\n\x7f\x7f\x15\x172\r\n") == ["ok 1", "2"]


@given(st.lists(st.sampled_from(["a", "\u00e9", " ", "\b", "\x7f", "\x15", "\x17"]), max_size=30))
def test_what_is_left_is_what_an_editor_shows(keys: list[str]) -> None:
    shown = ""
    for key in keys:
        match key:
            case "\b" | "\x7f":
                shown = shown[:-1]
            case "\x15":
                shown = ""
            case "\x17":
                shown = shown.rstrip(" ")[: shown.rstrip(" ").rfind(" ") + 1]
            case _:
                shown += key
    assert inputs.typed("".join(keys)) == shown


# -- options -------------------------------------------------------------------------------------------


def test_it_never_says_that_it_echoes(line: Line) -> None:
    assert line.answers(DO, ECHO) == bytes((IAC, WONT, ECHO))


def test_a_client_that_is_told_to_hide_a_secret_may_confirm_it(line: Line) -> None:
    line.telnet.send_text("Password:", options={"echo": False, "raw": True})
    assert bytes((IAC, WILL, ECHO)) in line.sent
    assert bytes((IAC, WONT, ECHO)) not in line.answers(DO, ECHO)
    line.sent = b""
    line.telnet.send_text("Thank you.", options={"echo": True, "raw": True})
    assert bytes((IAC, WONT, ECHO)) in line.sent
    assert bytes((IAC, WILL, ECHO)) not in line.answers(DONT, ECHO)
    assert line.answers(DO, ECHO) == bytes((IAC, WONT, ECHO))


@pytest.mark.parametrize("option", range(256))
def test_only_what_is_understood_is_agreed_to(line: Line, option: int) -> None:
    wanted = DO if option in (LINEMODE, NAWS, SGA, TTYPE) else DONT
    assert bytes((IAC, wanted, option)) in line.answers(WILL, option)
    done = WILL if option in (SGA, MCCP) else WONT
    assert bytes((IAC, done, option)) in line.answers(DO, option)


# -- alphabets -----------------------------------------------------------------------------------------


def test_a_line_in_another_alphabet_is_told_of_each_time(line: Line) -> None:
    for _ in range(5):
        line.clock.now += 1
        assert line.types("say Gr\u00fc\u00dfe\r\n".encode("latin-1")) == []
    assert len(line.told) == 5
    assert all("not in utf-8" in told and "encoding latin-1" in told for told in line.told)


def test_a_flood_of_them_is_told_of_once_a_second(line: Line) -> None:
    line.clock.now += 10
    line.types(b"\xe9\r\n" * 30)
    line.clock.now += 1
    line.types(b"\xe9\r\n" * 30)
    assert len(line.told) == 2


def test_as_it_was_told_it_is_read(line: Line) -> None:
    line.telnet.protocol_flags["ENCODING"] = "latin-1"
    assert line.types("say Gr\u00fc\u00dfe\x7f\r\n".encode("latin-1")) == ["say Gr\u00fc\u00df"]


@pytest.mark.parametrize("name", ["zlib", "no-such", "undefined"])
def test_an_encoding_that_is_none_shuts_nobody_out(line: Line, name: str) -> None:
    line.telnet.protocol_flags["ENCODING"] = name
    assert line.types(b"encoding utf-8\r\n") == ["encoding utf-8"]
