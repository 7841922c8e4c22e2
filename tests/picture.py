"""`make picture`: the animated picture of the README, from a real first visit by telnet.

Owns the visit that is recorded and the drawing of it as an SVG that any browser plays by itself. Refuses to retouch:
what is seen was sent by a world, but for the path of the clone, which is renamed, and for long waits, which are cut.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from agents.kernel import location
from tests.system.harness import PASSWORD, Telnet, World

COLUMNS, ROWS = 80, 24
LONGEST_WAIT, END_WAIT = 1.6, 6.0
"""Seconds that a wait in the visit takes in the picture at most, and that its last screen stands."""
TYPE_SECONDS = 0.05
"""Seconds in which a letter is typed."""
RENAMED = "/home/you/timmys-world"
_WIDTH, _HEIGHT, _MARGIN = 8.4, 18, 14
_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_OTHER = re.compile(r"\x1b\[[0-9;?]*[A-Za-ln-z]")
_IAC = re.compile(rb"\xff\xfa.*?\xff\xf0|\xff[\xfb-\xfe].|\xff[\xf1-\xf9]", re.DOTALL)
_COLOURS = ("#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4")
_BRIGHT = ("#6e7681", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#f0f6fc")


@dataclass
class Recording:
    """What came, by when: text with its colours as sent, and the second of the picture in which it is seen."""

    moments: list[tuple[float, str]] = field(default_factory=list)
    now: float = 0.0

    def add(self, waited: float, text: str) -> None:
        """`text` came after `waited` seconds."""
        self.now += min(waited, LONGEST_WAIT)
        if text:
            self.moments.append((self.now, text))


class Visit(Telnet):
    """A telnet client that records what it sees and what is typed."""

    def __init__(self, port: int, recording: Recording) -> None:
        super().__init__(port)
        self.recording, self._at, self._seen = recording, time.monotonic(), 0

    def pump(self, seconds: float) -> bool:
        """Take in what arrives within `seconds`, and record it."""
        open_ = super().pump(seconds)
        new = _IAC.sub(b"", self.raw[self._seen :]).decode("utf-8", "replace").replace("\r", "")
        if new:
            now = time.monotonic()
            self.recording.add(now - self._at, new)
            self._at, self._seen = now, len(self.raw)
        return open_

    def type(self, line: str, shown: str = "") -> None:
        """Type a line, letter by letter in the picture; `shown` stands for what is not to be seen."""
        self.recording.add(LONGEST_WAIT, "\x1b[1m> ")
        for letter in shown or line:
            self.recording.add(TYPE_SECONDS, letter)
        self.recording.add(TYPE_SECONDS * 4, "\x1b[0m\n")
        self._at = time.monotonic()
        self.send(line)

    def rest(self, seconds: float) -> None:
        """Read on for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.pump(0.2)


def visit(world: World) -> Recording:
    """A first visit: the welcome, the demo from the proposal to the report."""
    recording = Recording()
    owner = Visit(world.ports["telnet"], recording)
    owner.expect(r"(?i)connect <")
    recording.moments.clear()
    recording.now = 0.0
    owner.type(f"connect owner {PASSWORD}", "connect owner ********")
    owner.expect(r'Timmy says, "Welcome')
    owner.rest(1)
    owner.type("demo")
    number = owner.expect(r"Nothing runs until you type ok (\d+)")[1]
    owner.rest(1)
    owner.type(f"ok {number}")
    owner.expect(r"It is done\.", 300)
    owner.rest(1)
    owner.type(f"task {number}/report")
    owner.rest(2)
    owner.close()
    return recording


@dataclass
class Line:
    """One line of the screen: pieces of text, each with the second it is seen from, its colour and its weight."""

    pieces: list[tuple[float, int, str, str, bool]] = field(default_factory=list)
    width: int = 0


def lines_of(recording: Recording, columns: int = COLUMNS) -> list[Line]:
    """All lines of a recording, one below the other, broken at `columns`."""
    lines, colour, bold = [Line()], "", False
    for at, text in recording.moments:
        place = 0
        text = _OTHER.sub("", text)
        while place < len(text):
            if found := _SGR.match(text, place):
                for code in (int(one or 0) for one in found[1].split(";")):
                    if code == 0:
                        colour, bold = "", False
                    elif code == 1:
                        bold = True
                    elif code == 22:
                        bold = False
                    elif 30 <= code <= 37:
                        colour = (_BRIGHT if bold else _COLOURS)[code - 30]
                    elif 90 <= code <= 97:
                        colour = _BRIGHT[code - 90]
                    elif code == 39:
                        colour = ""
                place = found.end()
                continue
            end = min(
                (at_ for at_ in (text.find("\x1b", place), text.find("\n", place)) if at_ >= 0), default=len(text)
            )
            for start in range(place, end, columns):
                piece = text[start : min(end, start + columns)]
                if lines[-1].width + len(piece) > columns:
                    lines.append(Line())
                lines[-1].pieces.append((at, lines[-1].width, piece, colour, bold))
                lines[-1].width += len(piece)
            if end < len(text) and text[end] == "\n":
                lines.append(Line())
                end += 1
            place = max(end, place + (end == place and end < len(text) and text[end] != "\x1b"))
    while lines and not lines[-1].pieces:
        lines.pop()
    return lines


def drawn(recording: Recording, title: str) -> str:
    """The picture: every piece of text appears in its second, and the screen moves up as it fills; who wants no motion
    sees the end.
    """
    lines = lines_of(recording)
    whole = recording.now + END_WAIT
    instants = sorted({piece[0] for line in lines for piece in line.pieces})
    name = {at: f"a{n}" for n, at in enumerate(instants)}
    style = [
        f".{name[at]}{{animation:{name[at]} {whole:.1f}s infinite}}"
        f"@keyframes {name[at]}{{0%,{at / whole * 100:.2f}%{{visibility:hidden}}"
        f"{min(at / whole * 100 + 0.01, 100):.2f}%,100%{{visibility:visible}}}}"
        for at in instants
    ]
    last = {at: max(n for n, line in enumerate(lines) if any(p[0] <= at for p in line.pieces)) for at in instants}
    moves = [(at / whole * 100, max(0, last[at] - ROWS + 1) * _HEIGHT) for at in instants]
    end = moves[-1][1] if moves else 0
    steps = "".join(f"{percent:.2f}%{{transform:translateY(-{y}px)}}" for percent, y in moves)
    body = []
    for n, line in enumerate(lines):
        for at, column, text, colour, bold in line.pieces:
            if text.strip():
                extra = (f' fill="{colour}"' if colour else "") + (' font-weight="700"' if bold else "")
                body.append(
                    f'<text class="{name[at]}" x="{_MARGIN + column * _WIDTH:.1f}" y="{(n + 1) * _HEIGHT}"{extra} '
                    f'textLength="{len(text) * _WIDTH:.1f}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'
                )
    width, height = COLUMNS * _WIDTH + 2 * _MARGIN, ROWS * _HEIGHT + 2 * _MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" '
        f'height="{height}" role="img" aria-label="{escape(title)}"><title>{escape(title)}</title><style>'
        "text{font:14px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre}"
        f"{''.join(style)}#all{{animation:move {whole:.1f}s steps(1,end) infinite}}"
        f"@keyframes move{{0%{{transform:translateY(0)}}{steps}100%{{transform:translateY(-{end}px)}}}}"
        f"@media(prefers-reduced-motion:reduce){{text,#all{{animation:none!important}}"
        f"#all{{transform:translateY(-{end}px)}}}}</style>"
        f'<clipPath id="screen"><rect y="{_MARGIN}" width="{width:.0f}" height="{ROWS * _HEIGHT + 4}"/></clipPath>'
        f'<rect width="100%" height="100%" rx="8" fill="#0d1117"/>'
        f'<g clip-path="url(#screen)"><g transform="translate(0 {_MARGIN - 4})">'
        f'<g id="all" fill="#c9d1d9">{"".join(body)}</g></g></g>'
        "</svg>\n"
    )


def main() -> int:
    """Record a visit to a world of this clone, and write the picture."""
    with tempfile.TemporaryDirectory(prefix="tp-") as folder:
        world = World(Path(folder), read_paths=location.PROJECT, step_seconds=0.8)
        try:
            recording = visit(world.run())
        finally:
            world.close()
    picture = drawn(recording, "A first visit by telnet: Timmy surveys this clone once the owner allows it")
    path = location.PROJECT / "docs" / "picture.svg"
    path.write_text(picture.replace(str(location.PROJECT), RENAMED))
    sys.stdout.write(f"{path.relative_to(location.PROJECT)}: {recording.now:.0f} s, {len(picture) // 1024} KiB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
