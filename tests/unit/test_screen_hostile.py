"""What is shown is what is done: hostile text through the screen and the engine's real protocols."""

from __future__ import annotations

import json

import pytest

from agents.kernel.text import visible
from tests.support.clients import Page, Session, mxp_shown, without_colour
from tests.support.hostile import PLANTED, naughty
from world import screen

CONTROLS = {chr(c) for c in (*range(0x20), *range(0x7F, 0xA0))}
ALL = [*PLANTED, *naughty()]

TELNETS = {
    "colour": {},
    "colour known": {"TTYPE": True, "ANSI": True, "XTERM256": True},
    "no colour": {"NOCOLOR": True},
    "screen reader": {"SCREENREADER": True, "TTYPE": True, "ANSI": True},
    "narrow": {"SCREENWIDTH": {0: 40}},
    "latin": {"ENCODING": "latin-1"},
}


def test_there_are_enough_hostile_strings() -> None:
    assert len(PLANTED) >= 200
    assert len(naughty()) > 400


@pytest.mark.parametrize("name", TELNETS)
def test_telnet_gets_the_text_or_its_escapes_and_nothing_else(name: str) -> None:
    for text in ALL:
        session = Session(**TELNETS[name])
        screen.show(session, [screen.exact(text)])
        encoding = session.protocol_flags["ENCODING"]
        expected = visible(text).encode(encoding, "backslashreplace").decode(encoding)
        got = session.telnet_text()
        assert got == expected + "\r\n", (text, got)
        assert not set(got.removesuffix("\r\n")) & CONTROLS


@pytest.mark.parametrize("flags", [{}, {"NOCOLOR": True}, {"SCREENREADER": True}])
def test_mxp_clients_parse_nothing(flags: dict[str, bool]) -> None:
    for text in ALL:
        session = Session(MXP=True, **flags)
        screen.show(session, ["Action", screen.exact(text)])
        head, line = session.telnet_lines()
        assert (mxp_shown(head), mxp_shown(line)) == ("Action", visible(text))


def test_the_web_gets_no_tag_of_theirs() -> None:
    for text in ALL:
        session = Session("websocket")
        screen.show(session, [screen.paint("head", "Action"), screen.exact(text)])
        command, args, _ = json.loads(session.sent[0])
        page = Page(args[0])
        assert command == "text"
        assert page.text == f"Action\n{visible(text)}"
        assert page.tags == [("span", "{'class': 'color-015'}")]


@pytest.mark.parametrize("flags", list(TELNETS.values()))
def test_even_text_that_nobody_sanitised_cannot_act(flags: dict[str, object]) -> None:
    """The last net: a template that forgot to sanitise shows escapes; style marks alone would be ours."""
    for text in ALL:
        if any(mark in text for mark in screen._MARKS):
            continue
        session = Session(**flags)
        screen.show(session, [f"Title {text} end"])
        shown = session.telnet_text()
        assert "\x1b" not in without_colour(shown)
        assert not set(shown.replace("\r\n", "")) & CONTROLS


def test_colours_are_ours_and_closed() -> None:
    session = Session(TTYPE=True, ANSI=True)
    screen.show(session, [screen.paint("bad", "failed") + " |r not " + screen.paint("good", "ok")])
    assert session.telnet_text() == "\x1b[31mfailed\x1b[0m |r not \x1b[32mok\x1b[0m\r\n"


def test_latin_terminals_get_no_control_bytes_from_wider_letters() -> None:
    session = Session(ENCODING="latin-1")
    screen.show(session, ["\u269b"])  # its UTF-8 form holds 0x9b, a control to an 8-bit terminal
    assert session.sent[0] == b"\\u269b\r\n"


def test_an_encoding_the_client_made_up_does_no_harm() -> None:
    session = Session(ENCODING="no-such-encoding")
    screen.show(session, ["caf\u00e9"])
    assert b"".join(session.sent) == "caf\u00e9\r\n".encode()
