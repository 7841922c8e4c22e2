"""The engine's replies, with other people's text in them: colours of the palette, and characters."""

from __future__ import annotations

import re

import pytest

from tests.support.clients import Page, mxp_shown
from tests.support.hostile import PLANTED
from world.foreign import harmless, rendered
from world.screen import Profile, Rendered

PROFILES = {
    "telnet": Profile(),
    "plain": Profile(colour=False),
    "MXP": Profile(mxp=True),
    "latin": Profile(encoding="latin-1"),
    "web": Profile(protocol="web"),
}
_SGR = re.compile(r"\x1b\[(0|1|3[1-7]|1;3[1-7])m")
_ACTING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ue000-\uf8ff]"
)


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("name", PROFILES)
def test_nothing_of_anybody_acts(name: str, raw: bool) -> None:
    profile = PROFILES[name]
    for text in PLANTED:
        for given in (text, f"|gThe {text}|n is |wyours|n.", f"{text}|", f"|{text}"):
            made = rendered(given, profile, raw=raw)
            assert isinstance(made, Rendered)
            if profile.protocol == "web":
                page = Page(made)
                assert {tag for tag, _ in page.tags} <= {"span"}, (given, made)
                assert all(
                    re.fullmatch(r"\{'class': 'color-0(0[1-9]|1[0-5])'\}", attributes) for _, attributes in page.tags
                ), made
                shown = page.text
            else:
                lines = made.split("\n")
                shown = "\n".join(_SGR.sub("", mxp_shown(line) if profile.mxp else line) for line in lines)
            assert not _ACTING.search(shown), (given, made)
            assert profile.colour or "\x1b" not in made


def test_colours_come_from_the_palette_and_end() -> None:
    assert rendered("|rred|n and |Gdark |xno|n", Profile()) == "\x1b[1;31mred\x1b[0m and \x1b[32mdark \x1b[0mno"
    assert rendered("a |[r|*|^|Xhidden", Profile(colour=False)) == "a hidden"
    assert rendered("|rred", Profile(protocol="web")) == '<span class="color-009">red</span>'
    assert rendered("|rred", Profile()).endswith("\x1b[0m")
    for hiding in ("|X", "|[r", "|^", "|*", "|=a", "|000", "|[500"):
        assert not re.search(r"\x1b\[[0-9;]*(30|4[0-9]|5|7|8|38|48)m", rendered(f"{hiding}hidden|n", Profile())), hiding


def test_links_and_breaks_are_shown() -> None:
    assert (
        rendered("|lcok all|ltclick|le ||lcx a|/b ||/c", Profile(colour=False)) == "|lcok all|ltclick|le |lcx a|/b |/c"
    )
    assert rendered("two\nlines\tand", Profile(mxp=True, colour=False)) == "\x1b[2ztwo\n\x1b[2zlines   and"


def test_raw_is_text_too() -> None:
    assert rendered("|r<send>\x1b[31m", Profile(mxp=True), raw=True) == "\x1b[2z|r<send>"
    assert rendered("|r<b>", Profile(protocol="web"), raw=True) == "|r&lt;b&gt;"


def test_what_is_no_text_is_cleaned_through() -> None:
    assert harmless({"a\x07": ["\x1b[2Jb", ("c\x01", 1, None)]}) == {"a": ["b", ("c", 1, None)]}
