"""The screen: the only way text reaches a person's client.

Owns style marks, wrapping, and their rendering for each kind of client (telnet with and without colour or MXP,
screen readers, the web). Trusts no text: whatever is neither a mark of ours nor a printable character is shown as a
visible escape, and nothing is handed to the engine's own markup parsers.

Why each client gets what it gets:

* Style marks are private-use characters. `clean` and `visible` of the kernel remove or
  escape that category, so text that passed them cannot carry a mark.
* Everything is sent `raw`, so that `|r`, `|lc…|lt…|le` and `$func()` stay what was typed, and
  without the engine's screen-reader filter, which eats `--` and `==` out of commands.
* Telnet with MXP: an MXP client reads `<` and `&` as markup in its default open mode. Each
  line is sent in locked mode (`ESC[2z`), in which the MXP specification has clients parse
  nothing until the line ends. Entities would be undone by some clients and shown by others.
* Web: the stock client inserts what it receives as HTML, so the text is escaped here, and
  colour is added as our own spans (`client_raw` keeps the engine from escaping twice).
* A client that does not speak UTF-8 gets escapes for what its encoding lacks: the engine
  would fall back to UTF-8 bytes, some of which are control codes to an 8-bit terminal.
"""

from __future__ import annotations

import contextlib
import html
import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from agents.kernel.text import is_control, visible

Style = Literal["head", "good", "bad", "warn", "dim", "key", "name"]

_FIRST = 0xF600
# style -> (SGR parameters of ECMA-48, classes of the web client's style sheet)
_STYLES: dict[str, tuple[str, str]] = {
    "head": ("1", "color-015"),
    "good": ("32", "color-010"),
    "bad": ("31", "color-009"),
    "warn": ("33", "color-011"),
    "dim": ("2", "color-008"),
    "key": ("36", "color-014"),
    "name": ("1;36", "color-014"),
}
_MARK = {style: chr(_FIRST + i) for i, style in enumerate(_STYLES)}
_STYLE_OF = {mark: style for style, mark in _MARK.items()}
_END = chr(_FIRST + 0x10)
_EXACT, _EXACT_END = chr(_FIRST + 0x11), chr(_FIRST + 0x12)
HANG = chr(_FIRST + 0x13)
"""Put once into one of our lines: wrapped text continues below this place."""
_MARKS = frozenset((*_STYLE_OF, _END, _EXACT, _EXACT_END, HANG))
_ANY_MARK = re.compile("[" + "".join(_MARKS) + "]")

_SPOKEN = frozenset({"say", "whisper", "pose", "tell"})
"""Kinds of lines that contain somebody's words."""

NARROWEST, WIDEST = 20, 120
DEFAULT_WIDTH = 78
HISTORY = 100
"""Blocks of text kept for each connection, for `history`."""

PLAIN_KEY, PLAIN_CATEGORY = "plain", "screen"
"""Where an account's choice of plain mode is stored; absent until it is made."""


@dataclass(frozen=True)
class Profile:
    """What one client can show. `width` is in columns; `encoding` is that of its bytes."""

    protocol: Literal["telnet", "web"] = "telnet"
    colour: bool = True
    mxp: bool = False
    width: int = DEFAULT_WIDTH
    encoding: str = "utf-8"


def paint(style: Style, text: str) -> str:
    """`text`, already sanitised, in a style; styles cannot be nested."""
    return f"{_MARK[style]}{text}{_END}"


def exact(text: str) -> str:
    """`text` byte for byte, or visibly escaped, on a line that is never wrapped or cut."""
    return f"{_EXACT}{visible(text)}{_EXACT_END}"


def unmarked(line: str) -> str:
    """`line` without style marks."""
    return _ANY_MARK.sub("", line)


def display_width(text: str) -> int:
    """Columns that `text` takes: wide characters count as two, combining ones and marks as none."""
    if text.isascii():
        return len(text)
    return sum(_columns(c) for c in text)


def _columns(char: str) -> int:
    if char in _MARKS or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def wrap(line: str, width: int) -> list[str]:
    """`line` in pieces of at most `width` columns, broken at spaces, indented like itself or to HANG.

    Styles are closed and reopened at breaks. A line with an exact part stays whole: a break or a lost space could
    change what is read.
    """
    if _EXACT in line or display_width(line) <= width:
        return [line]
    before, hung, _ = line.partition(HANG)
    body = line.lstrip(" ")
    first = len(line) - len(body)
    indent = " " * min(display_width(before) if hung else first, width // 2)
    lead = " " * min(first, width // 2)
    pieces: list[str] = []
    current, used, space, active = lead, len(lead), -1, ""
    for char in body:
        if char == " ":
            if pieces and current == indent + active:  # a piece does not begin with the space it broke at
                continue
            space = len(current)
        if used + _columns(char) > width:
            head, tail = (current, "") if char == " " or space < 0 else (current[:space], current[space + 1 :])
            opened = _open_style(head)
            pieces.append(head + (_END if opened else ""))
            current, active, space = indent + opened + tail, opened, -1
            used = display_width(current)
            if char == " ":
                continue
        current += char
        used += _columns(char)
        if char in _STYLE_OF:
            active = char
        elif char == _END:
            active = ""
    if unmarked(current).strip():
        pieces.append(current)
    return pieces


def _open_style(text: str) -> str:
    for char in reversed(text):
        if char == _END:
            return ""
        if char in _STYLE_OF:
            return char
    return ""


class Rendered(str):
    """Text that is ready for one client; anything else is rendered before it is sent (`server.outgoing`)."""


def render(lines: Iterable[str], profile: Profile) -> Rendered:
    """The text for one client: wrapped, escaped, styled as that client can show it."""
    out: list[str] = []
    for line in lines:
        for part in line.split("\n"):
            out.extend(_render_line(piece, profile) for piece in wrap(part, profile.width))
    return Rendered("\n".join(out))


def _render_line(line: str, profile: Profile) -> str:
    parts, opened = [], False
    for token in re.split(f"({_ANY_MARK.pattern})", line):
        if token in _STYLE_OF or token == _END:
            if profile.colour:
                parts.append(_close(profile) if opened else "")
                opened = token != _END
                parts.append(_open(_STYLE_OF[token], profile) if opened else "")
        elif token not in _MARKS:
            parts.append(carried(token, profile))
    if opened:
        parts.append(_close(profile))
    return locked("".join(parts), profile)


def locked(line: str, profile: Profile) -> str:
    """`line` in a form that an MXP client shows without parsing; for all others the line."""
    return f"\x1b[2z{line}" if profile.mxp and profile.protocol == "telnet" else line


def _open(style: str, profile: Profile) -> str:
    sgr, css = _STYLES[style]
    return f'<span class="{css}">' if profile.protocol == "web" else f"\x1b[{sgr}m"


def _close(profile: Profile) -> str:
    return "</span>" if profile.protocol == "web" else "\x1b[0m"


def carried(text: str, profile: Profile) -> str:
    """`text` as characters that are safe for this client: no control works, no letter is a tag."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(visible(c) if is_control(c) else c for c in text)
        with contextlib.suppress(LookupError):  # a name that the client made up; the engine then sends UTF-8
            text = text.encode(profile.encoding, "backslashreplace").decode(profile.encoding)
    return html.escape(text) if profile.protocol == "web" else text


# -- sessions -------------------------------------------------------------------------------


def is_plain(session: Any) -> bool:
    """Whether this connection is in plain mode: the account's choice, or else the client's own screen-reader signal
    (MTTS).
    """
    choice = plain_choice(getattr(session, "account", None))
    return bool(session.protocol_flags.get("SCREENREADER")) if choice is None else choice


def plain_choice(account: Any) -> bool | None:
    """The account's choice; None if it has not been asked or has not answered."""
    if not account:
        return None
    choice: bool | None = account.attributes.get(PLAIN_KEY, category=PLAIN_CATEGORY)
    return choice


def choose_plain(account: Any, choice: bool) -> None:
    """Store the account's choice, and apply it to all its connections."""
    account.attributes.add(PLAIN_KEY, choice, category=PLAIN_CATEGORY)
    for session in account.sessions.all():
        hush(session)


def hush(session: Any) -> None:
    """Make the engine send none of its colour to a connection in plain mode.

    Its replies (`quit`, `@dig`) do not go through `show`, and end in a colour code even if they contain none. What
    the client itself declined stays declined when plain mode ends.
    """
    flags, plain = session.protocol_flags, is_plain(session)
    if plain and not flags.get("NOCOLOR"):
        session.update_flags(NOCOLOR=True, HUSHED=True)
    elif not plain and flags.get("HUSHED"):
        session.update_flags(NOCOLOR=False, HUSHED=False)


def width_of(session: Any) -> int:
    """The client's width in columns, within reasonable limits."""
    sizes = session.protocol_flags.get("SCREENWIDTH") or {}
    width = sizes.get(0, DEFAULT_WIDTH) if isinstance(sizes, dict) else DEFAULT_WIDTH
    return min(max(width if isinstance(width, int) else DEFAULT_WIDTH, NARROWEST), WIDEST)


def profile_of(session: Any) -> Profile:
    """What this session's client can show."""
    flags = session.protocol_flags
    known = bool(flags.get("TTYPE"))  # without it colour is assumed, as in the engine
    capable = not known or bool(flags.get("ANSI") or flags.get("XTERM256"))
    web = str(session.protocol_key).startswith(("websocket", "webclient", "ajax"))
    return Profile(
        protocol="web" if web else "telnet",
        colour=capable and not flags.get("NOCOLOR") and not is_plain(session),
        mxp=bool(flags.get("MXP")),
        width=width_of(session),
        encoding=str(flags.get("ENCODING") or "utf-8"),
    )


def _sessions(target: Any) -> Iterator[Any]:
    if target is None:
        return
    if hasattr(target, "protocol_flags"):
        yield target
    elif isinstance(target, list):
        yield from target
    else:
        yield from target.sessions.all()


def show(target: Any, lines: str | Iterable[str], *, kind: str = "") -> None:
    """Show lines to a session, to several, or to every session of an account or an object.

    `kind` is the message's type for web clients (`help`, `feed`), which plugins use.
    """
    block = [lines] if isinstance(lines, str) else list(lines)
    if not block:
        return
    if kind in _SPOKEN:
        block = [_inset(line) for line in block]
    for session in _sessions(target):
        if kind != "history":  # what repeats the past is not part of it
            remember(session, block)
        session.msg(
            text=(render(block, profile_of(session)), {"type": kind} if kind else {}),
            options={"raw": True, "client_raw": True, "screenreader": False},
        )


def _inset(line: str) -> str:
    """A line that is indented by two columns where it wraps, so that nobody's words begin a line of their own."""
    at = next((at for at in range(len(line)) if display_width(line[:at]) >= 2), 0)
    return f"{line[:at]}{HANG}{line[at:]}"


def remember(session: Any, block: list[str]) -> None:
    """Keep a block for `history`; beyond HISTORY the oldest is dropped."""
    if session.ndb.shown is None:
        session.ndb.shown = deque(maxlen=HISTORY)
    session.ndb.shown.append(block)


def recall(session: Any) -> list[list[str]]:
    """The blocks shown to this session, oldest first, none older than its connection."""
    return list(session.ndb.shown or ())
