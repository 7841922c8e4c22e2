"""What the engine's commands list, laid out by the world: the same words, in columns or one a line, and at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from evennia.commands.command import Command

from commands.grid import Grid
from commands.ranked import Ranked
from tests.support.built import ensure_built
from tests.support.clients import without_colour
from tests.support.players import Player

pytestmark = pytest.mark.django_db
LISTS = ("option", "style", "who", "sessions", "time", "nick/list", "channel/list", "channel/all", "unban", "@service")
_CHANGES = re.compile(r"\d[\d:. ]*\d|\d+|\b(?:seconds?|minutes?|hours?|days?)\b")


class Listener(Player):
    """Who hears the engine's own words, too."""

    def _hear(self, **kwargs: object) -> None:
        text = kwargs.get("text")
        if text:
            self.got.append(str(text[0] if isinstance(text, tuple) else text))


@pytest.fixture
def owner() -> Iterator[Listener]:
    ensure_built()
    one = Listener("owner", True, 901)
    one.does("nick build = @dig")
    yield one
    one.leave()


def words(text: str) -> list[str]:
    plain = re.sub(r"\|\[?(?:[0-5]{3}|=[a-z]|[a-zA-Z])", "", without_colour(text))
    return sorted(re.findall(r"[^\W\d_]+", _CHANGES.sub(" ", plain)))


@pytest.mark.parametrize("line", LISTS)
@pytest.mark.parametrize("width", [120, 40])
def test_the_same_words_are_listed(owner: Listener, line: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    owner.session.protocol_flags["SCREENWIDTH"] = {0: width}
    ours = owner.types(line)
    assert "+--" not in ours and "+~~" not in ours
    assert ours.strip()
    with monkeypatch.context() as patch:
        patch.setattr(Ranked, "styled_table", Command.styled_table)
        theirs = owner.types(line)
    told = "".join(words(ours))
    assert [part for part in words(theirs) if part not in told] == [], "the engine cuts words, and leaves none out"
    if width == 120:
        assert len(told) == len("".join(words(theirs)))


def test_a_table_is_columns_or_a_list() -> None:
    wide, narrow, plain = (
        Grid(("|wName", "Value"), width=w, plain=p) for w, p in ((80, False), (40, False), (80, True))
    )
    for grid in (wide, narrow, plain):
        grid.add_row("|gANSI|n", True)
        grid.add_row("TERM", "xterm\n256")
    assert str(wide).split("\n") == ["|w|wName|n  |wValue|n", "|gANSI|n  True", "TERM  xterm 256"]
    assert str(narrow) == str(plain) == "Name: |gANSI|n, Value: True\nName: TERM, Value: xterm 256"


def test_an_encoding_that_cannot_be_read_is_not_chosen(owner: Listener) -> None:
    assert "no such encoding" in owner.types("option ENCODING = zlib")
    assert owner.session.protocol_flags.get("ENCODING") != "zlib"
    owner.types("option ENCODING = latin-1")
    assert owner.session.protocol_flags["ENCODING"] == "latin-1"
