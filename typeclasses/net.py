"""Pictures: lines of the screen that travel through the engine's commands as text.

Owns how they come out again at whatever has a `msg`. Our own output goes by `world.screen.show`; what
the engine or others send through `msg` is rendered at the end of its way (`server.outgoing`).
"""

from __future__ import annotations

from typing import Any

from evennia.utils.ansi import raw

from agents.kernel.text import clean
from world.screen import show, unmarked


def literal(text: str) -> str:
    """One line of somebody's words: no control characters, no line breaks, no markup that acts."""
    return str(raw(clean(text, keep_lines=False)))


class Picture(str):
    """Lines of the screen that travel through an engine command that expects text.

    As text it is the lines without styles and with all markup escaped, for whoever does not
    know better; `Pictured.msg` knows better and shows the lines.
    """

    lines: list[str]

    def __new__(cls, lines: list[str]) -> Picture:
        """A picture of `lines`, which may hold style marks of the screen."""
        made = super().__new__(cls, "\n".join(raw(unmarked(line)) for line in lines))
        made.lines = lines
        return made


class Pictured:
    """Mixed into every typeclass that has a `msg`."""

    def msg(self, text: Any = None, from_obj: Any = None, session: Any = None, **kwargs: Any) -> None:
        """Show a picture by the screen; send anything else on."""
        words, options = (*text, {})[:2] if isinstance(text, tuple) else (text, {})
        if isinstance(words, Picture):
            for target in session if isinstance(session, (list, tuple)) else [session or self]:
                show(target, words.lines, kind=str(options.get("type", "")))
            return
        super().msg(text=text, from_obj=from_obj, session=session, **kwargs)  # type: ignore[misc]
