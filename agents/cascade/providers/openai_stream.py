"""Answers of servers that speak the OpenAI API, as they arrive: from an event stream, or from what is sent in its
place.

Owns which shape an answer has: an event stream, one JSON value for all of it (from a server that does not stream),
or one on each line. Judges by the content, not by the headers. Stops reading a stream that reports an error.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import httpx

from agents.cascade.ports import Fault, Piece, ProviderFault
from agents.cascade.providers import http
from agents.cascade.providers.events import Event, Stream

DONE = {"choices": [{"finish_reason": "stop"}]}
"""What the end of a stream says, unless a choice of an answer already said it."""
_BOM = "\ufeff".encode()
_LONGEST_LINES = 65_536
"""Size in bytes up to which multi-line JSON is parsed after each line; larger JSON is parsed only at its end."""
_THOUGHT = ("reasoning_content", "reasoning")
_TEXTS, _THOUGHTS = ("text", "output_text"), ("thinking", "reasoning")


async def values(response: httpx.Response, key: str) -> AsyncGenerator[dict[str, Any], None]:
    """The values of an answer, up to `DONE` if that arrives. `key`: removed from a server's words. Raises the error
    that one of them reports.
    """
    assert isinstance(response.stream, httpx.AsyncByteStream)
    parts = aiter(response.stream)
    begin = b""
    async for part in parts:
        begin += part
        if begin.removeprefix(_BOM).strip() and (len(begin) > len(_BOM) or not _BOM.startswith(begin)):
            break
    read = _Lines() if begin.removeprefix(_BOM).lstrip().startswith(b"{") else _Events(key)
    for value in read.feed(begin):
        yield _checked(value, key)
    while not read.done and (more := await anext(parts, None)) is not None:
        for value in read.feed(more):
            yield _checked(value, key)
    if read.done:
        await http.rest(parts)
        return
    for value in read.end():
        yield _checked(value, key)


def piece(choice: dict[str, Any]) -> Piece:
    """What a choice of an answer contains: more of it, or all of it."""
    told = choice.get("delta") or choice.get("message") or {}
    text, thinking = _said(told.get("content"))
    thinking = next((more for name in _THOUGHT if (more := http.text(told.get(name)))), "") + thinking
    return Piece(text or http.text(told.get("refusal")) or http.text(choice.get("text")), thinking)


def calls(choice: dict[str, Any]) -> bool:
    """Whether it calls a tool. (None is ever offered.)"""
    told = choice.get("delta") or choice.get("message") or {}
    return bool(told.get("tool_calls") or told.get("function_call"))


def _said(content: Any) -> tuple[str, str]:
    """Text and thinking in what is one text, or a list of parts."""
    if not isinstance(content, list):
        return http.text(content), ""
    text = thinking = ""
    for part in content:
        kind = part["type"]
        if kind in _TEXTS:
            text += http.text(part.get("text"))
        elif kind in _THOUGHTS:
            inner = part.get("thinking", part.get("text"))
            thinking += "".join(_said(inner)) if isinstance(inner, list) else http.text(inner)
    return text, thinking


def _checked(value: Any, key: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("no object")
    error = value.get("error") or (value if value.get("object") == "error" else None)
    if error is None:
        return value
    code = error.get("code") if isinstance(error, dict) else None
    words = http.words(json.dumps({"error": error}).encode(), key)
    if isinstance(code, int) and 400 <= code < 600:
        raise http.of_status(code, words)
    raise ProviderFault(Fault.BROKEN, words)


class _Events:
    """An event stream."""

    def __init__(self, key: str) -> None:
        self._stream, self._key, self._any, self._other = Stream(whole=_is_json), key, False, False
        self.done = False

    def feed(self, data: bytes) -> Iterator[Any]:
        self._other = self._other or bool(data.strip())
        for event in self._stream.feed(data):
            yield from self._value(event)

    def end(self) -> Iterator[Any]:
        for event in self._stream.end():
            if event.data == "[DONE]" or event.name == "error" or _is_json(event.data):
                yield from self._value(event)
        if self._other and not self._any:
            raise ValueError("no event stream")

    def _value(self, event: Event) -> Iterator[Any]:
        self._any = True
        if event.name == "error":
            raise _error(event.data, self._key)
        if event.data == "[DONE]":
            self.done = True
            yield DONE
        elif event.data:
            yield json.loads(event.data)


def _error(data: str, key: str) -> ProviderFault:
    try:
        value = json.loads(data)
        told = value if "error" in value else {"error": value}
        _checked(told, key)
    except ProviderFault as fault:
        return fault
    except http.MALFORMED:
        pass  # a plain-text error
    return ProviderFault(Fault.BROKEN, http.said(data, key) or "it reported an error")


class _Lines:
    """One JSON value, or one on each line."""

    def __init__(self) -> None:
        self._held, self.done = b"", False

    def feed(self, data: bytes) -> Iterator[Any]:
        *lines, rest = (self._held + data).removeprefix(_BOM).split(b"\n")
        self._held = b""
        for line in lines:
            self._held += line + b"\n"
            if len(self._held) < _LONGEST_LINES and line.rstrip().endswith(b"}") and _is_json(self._held):
                yield json.loads(self._held)
                self._held = b""
        self._held += rest

    def end(self) -> Iterator[Any]:
        if self._held.strip():
            yield json.loads(self._held)


def _is_json(data: str | bytes) -> bool:
    try:
        return isinstance(json.loads(data), dict)
    except (ValueError, RecursionError):
        return False
