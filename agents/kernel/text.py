"""The one sanitiser for text from outside: people's, models', files', bridges'.

`clean` removes what could control a terminal or a browser; `visible` keeps every character but shows the dangerous
ones as escapes, for anything that will be executed or decided on. Neither knows colours or clients: that is the
world's screen.
"""

from __future__ import annotations

import re
import unicodedata

# ECMA-48 control sequences (CSI, OSC, DCS, SOS, PM, APC, two-character escapes) in their 7-bit and 8-bit forms, removed
# whole so that no "[31m" debris remains. A string that another escape interrupts is removed with its text, as on
# terminals. So no match ever fails, and the time is linear in the length.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|(?=\x1b)|$)"
    r"|\x1b[ -/]*[0-~]?"
)
_KEPT = "\n\t"
_LETTERS = ("n", "t", "r", "x", "u", "U", "\\", "")
"""What may follow the backslash of an escape; the end of a text counts, too."""
# Spaces other than the usual one, and what Unicode calls default-ignorable outside category C (joiners, fillers,
# variation selectors), with the blank Braille pattern.
_UNSEEN = re.compile(
    "[\xa0\u034f\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200a\u202f\u205f\u2800\u3000\u3164"
    "\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_SECRET = re.compile(
    r"(?i)\b((?:api[_-]?key|token|secret|password|passwd|authorization|bearer)\b[\"']?\s*(?:[:=]\s*)?)"
    r"([\"']?)[^\s\"',;]{6,}\2"
)


_PATH = re.compile(r"(?<![\w./~])~?/[^\s\"'`;,:()]+")


def is_control(character: str) -> bool:
    """Whether the character is in Unicode category C (controls, format, surrogates, unassigned)
    or is a line or paragraph separator.
    """
    category = unicodedata.category(character)
    return category[0] == "C" or category in ("Zl", "Zp")


def is_hidden(character: str) -> bool:
    """Whether a reader could not see that the character is there, or which one it is."""
    return is_control(character) or bool(_UNSEEN.match(character))


def clean(text: str, *, keep_lines: bool = True) -> str:
    """`text` without escape sequences and without characters of category C.

    With `keep_lines` newlines and tabs stay; otherwise each becomes one space.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _SEQUENCE.sub("", text.replace("\r\n", "\n"))
    if not keep_lines:
        text = re.sub(r"[\n\t\r\u2028\u2029]+", " ", text)
    return "".join(c for c in text if c in _KEPT or not is_control(c))


def settled(text: str) -> int:
    """How many characters of an incoming text can be cleaned already: none of them belongs to an escape sequence that
    later text could extend.
    """
    if text.isascii() and text.isprintable():
        return len(text)
    whole = text.removesuffix("\x1b")  # it may end a sequence, or begin one
    last = max(_SEQUENCE.finditer(whole), key=re.Match[str].end, default=None)
    return last.start() if last is not None and last.end() == len(whole) else len(whole)


def visible(text: str) -> str:
    """`text` with each control, format and bidirectional character written as an escape, and also each invisible one:
    spaces other than the usual one, fillers, variation selectors.

    Readers can reverse it, and it is one line long: newline is `\\n`, ESC is `\\x1b`, U+202E is `\\u202e`. A
    backslash is doubled only before an escape or an escape's letter, so that an escape shown is never mistaken for
    one that was typed.
    """
    if text.isascii() and text.isprintable() and "\\" not in text:
        return text
    out: list[str] = []
    for i, char in enumerate(text):
        code = ord(char)
        if char == "\\" and ((after := text[i + 1 : i + 2]) in _LETTERS or is_hidden(after)):
            out.append("\\\\")
        elif char in "\n\t\r":
            out.append({"\n": "\\n", "\t": "\\t", "\r": "\\r"}[char])
        elif not is_hidden(char):
            out.append(char)
        elif code < 0x100:
            out.append(f"\\x{code:02x}")
        elif code < 0x10000:
            out.append(f"\\u{code:04x}")
        else:
            out.append(f"\\U{code:08x}")
    return "".join(out)


def shorten(text: str, limit: int) -> str:
    """`text` cut to at most `limit` characters, with an ellipsis at the cut."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def redact(text: str) -> str:
    """`text` with the values of things with secret-sounding names replaced by `[redacted]`."""
    return _SECRET.sub(r"\1[redacted]", text)


def without_paths(text: str) -> str:
    """`text` without file paths, for people who must not learn what is on this machine."""
    return _PATH.sub("…", text)
