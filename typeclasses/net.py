"""The text net: what the engine or others send through `msg` is defused here.

Owns the last sieve before a terminal for text that does not come by the world's screen:
escape sequences and control characters go, link markup is shown instead of followed.
Colour marks stay, since the engine's own commands use them. Our own output does not pass
here; it goes by `world.screen.show`, which trusts nothing.
"""

from __future__ import annotations

from typing import Any

from evennia.utils.ansi import raw

from agents.kernel.text import clean
from world import foreign
from world.screen import show, unmarked


def defused(text: Any) -> Any:
    """`text` (a string, or the engine's tuple of string and options) that cannot act on a client."""
    if isinstance(text, tuple):
        return (defused(text[0]), *text[1:])
    return foreign.defused(text) if isinstance(text, str) else text


def literal(text: str) -> str:
    """One line of somebody's words: no control characters, no line breaks, no markup that acts."""
    return str(raw(clean(text, keep_lines=False)))


class Picture(str):
    """Lines of the screen that travel through an engine command that expects text.

    As text it is the lines without styles and with all markup escaped, for whoever does not
    know better; `TextNet.msg` knows better and shows the lines.
    """

    lines: list[str]

    def __new__(cls, lines: list[str]) -> Picture:
        """A picture of `lines`, which may hold style marks of the screen."""
        made = super().__new__(cls, "\n".join(raw(unmarked(line)) for line in lines))
        made.lines = lines
        return made


class TextNet:
    """Mixed into every typeclass that has a `msg`."""

    def msg(self, text: Any = None, from_obj: Any = None, session: Any = None, **kwargs: Any) -> None:
        """Show a picture by the screen; send on what is left of anything else once it is defused."""
        words, options = (*text, {})[:2] if isinstance(text, tuple) else (text, {})
        if isinstance(words, Picture):
            for target in session if isinstance(session, (list, tuple)) else [session or self]:
                show(target, words.lines, kind=str(options.get("type", "")))
            return
        super().msg(text=defused(text), from_obj=from_obj, session=session, **kwargs)  # type: ignore[misc]
