"""The screen: wrapping, profiles, plain mode, history."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clients import Account, Session
from world import screen

STYLES = ("head", "good", "bad", "warn", "dim", "key", "name")
words = st.lists(st.text("abcdefgh日é", min_size=1, max_size=12), min_size=1, max_size=40)


@given(words, st.integers(20, 120), st.integers(0, 8))
def test_wrapped_lines_fit_and_keep_every_word(parts: list[str], width: int, indent: int) -> None:
    line = " " * indent + " ".join(parts)
    pieces = screen.wrap(line, width)
    assert all(screen.display_width(piece) <= width for piece in pieces)
    assert "".join(pieces).replace(" ", "") == line.replace(" ", "")
    if all(screen.display_width(part) <= width - indent for part in parts):
        assert " ".join(piece.strip() for piece in pieces) == " ".join(parts)


@given(words, st.integers(20, 60), st.sampled_from(STYLES))
def test_a_style_is_closed_and_opened_again_at_each_break(parts: list[str], width: int, style: str) -> None:
    marked = screen.wrap("before " + screen.paint(style, " ".join(parts)) + " after", width)  # type: ignore[arg-type]
    for piece in marked:
        opened = sum(c in screen._STYLE_OF for c in piece)
        closed = piece.count(screen._END)
        assert opened == closed, marked
    plain = " ".join(screen.unmarked(piece).strip() for piece in marked)
    assert plain.replace(" ", "") == ("before" + "".join(parts) + "after")


@given(st.text(max_size=400), st.integers(20, 60))
def test_exact_lines_are_never_broken(text: str, width: int) -> None:
    line = "Action  " + screen.exact(text)
    assert screen.wrap(line, width) == [line]


def test_wide_letters_count_two_columns() -> None:
    assert screen.display_width("日本") == 4
    assert screen.display_width("e\u0301") == 1
    assert screen.display_width(screen.paint("bad", "ab")) == 2


def test_no_text_is_no_message() -> None:
    session = Session()
    screen.show(session, [])
    assert not session.sent


def test_plain_is_the_accounts_choice_before_the_clients_signal() -> None:
    session = Session(SCREENREADER=True)
    assert screen.is_plain(session)
    session.account = Account()
    assert screen.is_plain(session), "an account that has not chosen leaves it to the client"
    screen.choose_plain(session.account, False)
    assert not screen.is_plain(session)
    screen.choose_plain(session.account, True)
    session.protocol_flags["SCREENREADER"] = False
    assert screen.is_plain(session)


def test_plain_mode_has_no_colour_and_keeps_punctuation() -> None:
    session = Session()
    session.account = Account()
    screen.choose_plain(session.account, True)
    screen.show(session, [screen.paint("bad", "rm -- a == b ~~ c +---+")])
    assert session.telnet_text() == "rm -- a == b ~~ c +---+\r\n"


@pytest.mark.parametrize(
    ("flags", "colour"),
    [
        ({}, True),
        ({"TTYPE": True, "ANSI": True}, True),
        ({"TTYPE": True, "ANSI": False, "XTERM256": False}, False),
        ({"NOCOLOR": True}, False),
        ({"SCREENREADER": True}, False),
    ],
)
def test_colour_follows_what_the_client_can_do(flags: dict[str, bool], colour: bool) -> None:
    assert screen.profile_of(Session(**flags)).colour is colour


@pytest.mark.parametrize(("reported", "width"), [(40, 40), (0, 20), (-3, 20), (9999, 120), ("x", 78), (None, 78)])
def test_the_width_is_the_clients_within_bounds(reported: object, width: int) -> None:
    assert screen.width_of(Session(SCREENWIDTH={0: reported})) == width


def test_history_keeps_the_last_blocks() -> None:
    session = Session()
    for number in range(screen.HISTORY + 5):
        screen.show(session, [f"line {number}"])
    blocks = screen.recall(session)
    assert len(blocks) == screen.HISTORY
    assert blocks[-1] == [f"line {screen.HISTORY + 4}"]


def test_every_session_of_a_body_is_shown_its_own_rendering() -> None:
    class Body:
        class sessions:
            members = (Session(), Session("websocket"))

            @classmethod
            def all(cls) -> tuple[Session, ...]:
                return cls.members

    screen.show(Body(), ["a < b"])
    telnet, web = Body.sessions.members
    assert telnet.telnet_text() == "a < b\r\n"
    assert b"a &lt; b" in web.sent[0]


@pytest.mark.parametrize("kind", ["say", "tell", "whisper", "pose"])
@pytest.mark.parametrize("words", ["x" * 300, "word " * 60, "owner says, " * 30, f"{'x' * 61} owner says, ok 1"])
def test_nobodys_words_begin_a_line_of_their_own(kind: str, words: str) -> None:
    session = Session(SCREENWIDTH={0: 40})
    screen.show(session, f'{screen.paint("name", "mia")} says, "{words}"', kind=kind)
    first, *more = session.telnet_text().rstrip().split("\r\n")
    assert "mia" in first and more and all(line.startswith("  ") and len(line) <= 40 for line in more)
    assert "".join("".join((first, *more)).split()).endswith(f'says,"{"".join(words.split())}"'), "nothing is lost"
