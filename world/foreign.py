"""Text that does not come through the world's screen: the engine's own replies, with other people's text in them.

Owns what clients get of it: its colours in the screen's palette, and every other character as a character. The
engine's markup is parsed here and nowhere after, so that nobody's link, escape sequence, tag or hidden letter
reaches a client. Does not know which words are whose.
"""

from __future__ import annotations

import re
from typing import Any

from evennia.utils.ansi import ANSIParser, parse_ansi

from agents.kernel.text import clean
from world.screen import Profile, Rendered, carried, locked

_LINK = re.compile(r"(?<!\|)(\|+)l(?=[cu])")
_BREAK = re.compile(r"(?<!\|)(\|+)(?=/)")
_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_UNLINKED = r"((?:(?!\|l[cute]).)*+)"
# The engine's own expressions search from each beginning of a link to the end of the text, twice: eleven seconds for
# one line.
ANSIParser.mxp_sub = re.compile(rf"\|lc{_UNLINKED}\|lt{_UNLINKED}\|le", re.DOTALL)
ANSIParser.mxp_url_sub = re.compile(rf"\|lu{_UNLINKED}\|lt{_UNLINKED}\|le", re.DOTALL)
_COLOURS = frozenset(map(str, range(31, 38)))
"""Red to white. Black is invisible, and nobody may set what blinks, hides or lies behind the letters."""
_WEIGHTS = frozenset({"1", "22"})
_END = {"telnet": "\x1b[0m", "web": "</span>"}


def _defused(text: str) -> str:
    """`text` without escape sequences and control characters, with its links and line break marks shown instead of
    followed: a line that begins with a name belongs to somebody.
    """
    # A doubled bar does not stop the engine's link parser, which sees only the second one, so an empty colour mark goes
    # between the bar and the letter.
    text = _BREAK.sub(lambda found: found[1] + "|" * (len(found[1]) % 2), clean(text))
    return _LINK.sub(lambda found: found[1] + "|" * (len(found[1]) % 2) + "|nl", text)


def rendered(text: str, profile: Profile, *, raw: bool = False) -> Rendered:
    """`text` for one client; with `raw` the engine's markup in it is text, too."""
    if raw:
        text = clean(text)
    else:
        text = parse_ansi(_defused(text), strip_ansi=not profile.colour, xterm256=False, mxp=False).replace(
            "\r\n", "\n"
        )
    parts, bold, colour, begun = [], False, "", ""
    for at, part in enumerate(_SGR.split(text)):
        if at % 2:
            bold = part == "1" if part in _WEIGHTS else bold and part in _COLOURS
            colour = part if part in _COLOURS else colour if part in _WEIGHTS else ""
        elif part:
            wanted = _mark(bold, colour, profile)
            if wanted != begun:
                parts.append(_END[profile.protocol] * bool(begun) + wanted)
                begun = wanted
            parts.append("\n".join(carried(line.expandtabs(4), profile) for line in part.split("\n")))
    parts.append(_END[profile.protocol] * bool(begun))
    return Rendered("\n".join(locked(line, profile) for line in "".join(parts).split("\n")))


def _mark(bold: bool, colour: str, profile: Profile) -> str:
    """The start of a span of letters in this colour; nothing for the default."""
    if not (bold or colour):
        return ""
    if profile.protocol == "telnet":
        return "\x1b[" + ";".join(filter(None, ("1" * bold, colour))) + "m"
    return f'<span class="color-{(int(colour) - 30 if colour else 7) + 8 * bold:03d}">'


def harmless(value: Any) -> Any:
    """`value`, of any plain type, with each string in it cleaned."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {harmless(key): harmless(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(harmless(one) for one in value)
    return value
