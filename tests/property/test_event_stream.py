"""Event streams: the standard's examples, and any stream cut anywhere and ended in any way."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.cascade.providers.events import Event, Stream

CUTS = st.lists(st.integers(0, 400), max_size=20)
ENDS = st.sampled_from(["\n", "\r", "\r\n"])
LINE = st.text(alphabet="ab: \u00e9\u4e16\U0001f642{}", max_size=12)


def read(data: bytes, at: list[int] = [], *, last: bool = False) -> list[Event]:  # noqa: B006  it is not changed
    """The events of a stream that comes in pieces. `last`: with what the standard would drop at its end."""
    stream, found = Stream(), []
    for a, b in pairwise(sorted({0, len(data), *(place % (len(data) + 1) for place in at)})):
        found += stream.feed(data[a:b])
    return found + list(stream.end()) if last else found


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("data: YHOO\ndata: +2\ndata: 10\n\n", [Event("YHOO\n+2\n10")]),
        (
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
            [Event("first event"), Event("second event"), Event(" third event")],
        ),
        ("data\n\ndata\ndata\n\ndata:", [Event(""), Event("\n")]),
        ("data:test\n\ndata: test\n\n", [Event("test"), Event("test")]),
        (
            "event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n",
            [Event("73857293", "add"), Event("2153", "remove"), Event("113411", "add")],
        ),
        ("\ufeffdata: x\n\n", [Event("x")]),
        ("\ufeff\ufeffdata: x\n\n", []),
        ("retry: 10000\nnonsense: 1\nDATA: 2\ndata: x\nmore\n\n", [Event("x")]),
        ("event: only a name\n\n", []),
        ("data: it has no end", []),
    ],
)
@given(at=CUTS, end=ENDS)
def test_the_examples_of_the_standard(text: str, events: list[Event], at: list[int], end: str) -> None:
    assert read(text.replace("\n", end).encode(), at) == events


@given(st.lists(st.lists(LINE, min_size=1, max_size=3), max_size=5), ENDS, CUTS, st.booleans())
def test_data_comes_as_it_was_sent(events: list[list[str]], end: str, at: list[int], bom: bool) -> None:
    text = "".join("".join(f"data: {line}{end}" for line in event) + end for event in events)
    data = ("\ufeff" if bom else "").encode() + text.encode()
    assert read(data, at) == read(data, at, last=True) == [Event("\n".join(event)) for event in events]


@given(st.binary(max_size=200), CUTS)
def test_any_bytes_are_read_alike_wherever_they_are_cut(data: bytes, at: list[int]) -> None:
    assert read(data, at, last=True) == read(data, last=True)


def test_what_servers_do_that_the_standard_does_not_know() -> None:
    assert read(b"data: x", last=True) == [Event("x")]
    assert read(b'error: {"code": 500}\n', last=True) == [Event('{"code": 500}', "error")]
    stream = Stream(whole=lambda data: data == "{}")
    assert list(stream.feed(b"data: {}\ndata: {\ndata: }\n\n")) == [Event("{}"), Event("{\n}")]
