"""An event stream, parsed by the standard's grammar (WHATWG, server-sent events).

Pure. Owns lines, whichever of the three endings they have and wherever they are cut, and the events made of them.
Does not know what an event's data means. More lenient than the standard in three ways, for careless servers: text
before the end of a stream without an empty line is an event; data that is complete is not joined with the next; and
a field named `error`, which the standard ignores, is reported.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_BOM = "\ufeff"


@dataclass(frozen=True)
class Event:
    """One event. `name`: its `event` field, '' if it has none; `error` if that was the field."""

    data: str
    name: str = ""


class Stream:
    """One stream as it arrives. `whole`: whether data is complete by itself, so that more data belongs to another
    event.
    """

    def __init__(self, whole: Callable[[str], bool] = lambda data: False) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._whole, self._rest, self._begun, self._after_cr = whole, "", False, False
        self._data: list[str] = []
        self._name = ""

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events completed by these bytes."""
        text = self._decoder.decode(data)
        if not text:
            return
        if not self._begun:
            self._begun, text = True, text.removeprefix(_BOM)
        if self._after_cr:
            text = text.removeprefix("\n")
        self._after_cr = text.endswith("\r")
        text = self._rest + text
        *lines, self._rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for line in lines:
            yield from self._line(line)

    def end(self) -> Iterator[Event]:
        """What remains at the end, which the standard would drop."""
        rest, self._rest = self._rest + self._decoder.decode(b"", True), ""
        if rest:
            yield from self._line(rest)
        yield from self._told()

    def _line(self, line: str) -> Iterator[Event]:
        if not line:
            yield from self._told()
            return
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            if self._data and self._whole("\n".join(self._data)):
                yield from self._told(again=True)
            self._data.append(value)
        elif field == "event":
            self._name = value
        elif field == "error":
            yield from self._told()
            yield Event(value, "error")

    def _told(self, *, again: bool = False) -> Iterator[Event]:
        data, name = self._data, self._name
        self._data = []
        if not again:
            self._name = ""
        if data:
            yield Event("\n".join(data), name)
