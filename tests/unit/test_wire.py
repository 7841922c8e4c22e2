"""The rules of the wire: what is taken in, how much of it, and what of a flood is logged."""

from __future__ import annotations

import contextlib
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.kernel.settings import Settings
from server.wire import inputs, refusals
from server.wire.admission import Gate
from server.wire.allowance import LONGEST_PAUSE, Bucket
from server.wire.inputs import Input, Refused
from tests.support import wire

LONGEST = 100
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
)


def message(*parts: object) -> Input | None:
    return inputs.of_json(json.dumps(parts).encode(), LONGEST)


def fit(taken: Input | None) -> None:
    """What reaches the Server is one line of bounded length, or options of bounded size."""
    if taken is None:
        return
    if taken.name == "text":
        (line,) = taken.args
        assert isinstance(line, str) and len(line) <= LONGEST and not taken.kwargs
    else:
        assert taken.name == "client_options" and not taken.args and taken.kwargs
        for key, value in taken.kwargs.items():
            assert key in {*inputs.SIZES, *inputs.SWITCHES, *inputs.NAMES}
            assert isinstance(value, (bool, int)) or len(value) <= inputs.NAME_LENGTH


# -- what is taken in ----------------------------------------------------------------------------


def test_a_line_and_the_options_of_the_web_client_pass() -> None:
    assert message("text", ["look"], {}) == Input("text", ("look",))
    assert message("TEXT", ["look"], {"options": 1}) == Input("text", ("look",))
    assert message("client_options", [], {"screenwidth": 120, "screenheight": 40}) == Input(
        "client_options", (), {"screenwidth": 120, "screenheight": 40}
    )
    assert message() is None


@pytest.mark.parametrize(("value", "kept"), [(0, 10), (-1e308, 10), (10**9, 1000), (79.9, 79), (1000, 1000)])
def test_sizes_are_brought_within_what_can_be_laid_out(value: float, kept: int) -> None:
    taken = message("client_options", [], {"screenwidth": value})
    assert taken and taken.kwargs == {"screenwidth": kept}


@pytest.mark.parametrize("value", ["wide", True, None, [80], {"0": 80}])
def test_a_size_that_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(Refused, match="is not valid"):
        message("client_options", [], {"screenwidth": value})


@pytest.mark.parametrize(
    "name",
    [
        "session",
        "self",
        "options",
        "monitor",
        "repeat",
        "login",
        "echo",
        "default",
        "get_inputfuncs",
        "",
        "\x1b[2J" * 50,
    ],
)
def test_other_inputs_are_refused_in_words(name: str) -> None:
    with pytest.raises(Refused, match="There is no input") as refused:
        message(name, [], {})
    assert refused.value.what == "unknown input"
    assert "\x1b" not in str(refused.value) and len(str(refused.value)) < 200


def test_a_line_is_too_long_by_its_characters() -> None:
    assert message("text", ["ä" * LONGEST], {})
    with pytest.raises(Refused, match="at most 100 characters") as refused:
        message("text", ["x" * (LONGEST + 1)], {})
    assert refused.value.what == "line too long"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[",
        b"nonsense",
        b"\xff",
        b"NaN",
        b"[1, 2, 3]",
        b'["text", "look", {}]',
        b'["text", ["look"]]',
        b'{"text": ["look"]}',
        b"null",
        b"5",
        b'["text", ["a", "b"], {}]',
        b'["text", [5], {}]',
        b'["text", [' + b"9" * 5000 + b"], {}]",
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_what_is_malformed_is_refused(payload: bytes) -> None:
    with pytest.raises(Refused) as refused:
        inputs.of_json(payload, LONGEST)
    assert refused.value.what == "malformed message"


@pytest.mark.parametrize(
    ("uri", "rest", "size"),
    [
        ("/?&p&ua&size=53x40", "/?&p&ua", {"screenwidth": 53, "screenheight": 40}),
        ("/?&p&ua&size=1x0", "/?&p&ua", {"screenwidth": 10, "screenheight": 1}),
        ("/?&p&ua&size=9999x9999", "/?&p&ua", {"screenwidth": 1000, "screenheight": 1000}),
        ("/?&p&ua&size=53", "/?&p&ua&size=53", {}),
        ("/?&p&ua&size=-5x40", "/?&p&ua&size=-5x40", {}),
        ("/", "/", {}),
    ],
)
def test_a_page_names_its_size_in_the_handshake(uri: str, rest: str, size: dict[str, int]) -> None:
    assert inputs.of_address(uri) == (rest, size)


def test_gmcp_says_the_same_by_its_own_names() -> None:
    assert inputs.of_gmcp(b'Core.Hello {"client": "Mudlet", "version": "4.17"}', LONGEST) == Input(
        "client_options", (), {"client": "Mudlet", "version": "4.17"}
    )
    for silent in (
        b'Core.Supports.Set ["Char 1"]',
        b"Core.KeepAlive",
        b"External.Discord.Hello {}",
        b"",
        b"Client.GUI 5",
    ):
        assert inputs.of_gmcp(silent, LONGEST) is None
    for odd in (b"Core.Hello 5 5", b"Char.Monitor.Update {}", b"\xff\xff {}", b"Core.Hello " + b"[" * 5000):
        with pytest.raises(Refused):
            inputs.of_gmcp(odd, LONGEST)


@given(JSON)
def test_whatever_json_holds_only_what_is_fit_comes_through(value: Any) -> None:
    for parts in (
        value,
        ["text", [value], {}],
        ["client_options", [], value],
        [value, value, value],
        ["client_options", [], {"screenwidth": value, "client": value}],
    ):
        for read, data in ((inputs.of_json, b""), (inputs.of_gmcp, b"Core.Hello ")):
            with contextlib.suppress(Refused):
                fit(read(data + json.dumps(parts).encode(), LONGEST))


@given(st.binary(max_size=200))
def test_whatever_bytes_come_they_are_taken_or_refused(data: bytes) -> None:
    for read in (inputs.of_json, inputs.of_gmcp):
        with contextlib.suppress(Refused):
            fit(read(data, LONGEST))
    for flags in (False, True):
        told = inputs.terminal(data, flags=flags)
        assert len(told) <= inputs.NAME_LENGTH and told.isascii()
        assert not flags or told.removeprefix(b"MTTS ").isdigit()


def test_mutants_are_the_same_for_a_seed_and_mostly_hurt() -> None:
    sound = {piece for stream in wire.TELNET for piece in stream} | {
        wire.frame(json.dumps(m).encode(), wire.BINARY) for m in wire.MESSAGES
    }
    for source in (wire.telnet_mutants, wire.message_mutants):
        first, second = source(random.Random(5)), source(random.Random(5))
        made = [next(first) for _ in range(500)]
        assert made == [next(second) for _ in range(500)]
        assert 250 < sum(one not in sound for one in made) < 480


# -- how much of it --------------------------------------------------------------------------------


def test_a_bucket_says_how_long_to_wait() -> None:
    bucket = Bucket(10, 0.0)
    assert bucket.take(20, 0.0) == 0
    assert bucket.take(10, 0.0) == 1.0
    assert bucket.take(0, 1.0) == 0
    assert bucket.take(10**9, 1.0) == LONGEST_PAUSE
    assert bucket.take(0, 1.0 + LONGEST_PAUSE) == 0


def test_a_bucket_has_what_was_spared_and_no_more_than_twice_its_rate() -> None:
    bucket = Bucket(2, 0.0)
    assert [bucket.spare(1, 0.0) for _ in range(5)] == [True] * 4 + [False]
    assert not bucket.full(1.0)
    assert [bucket.spare(1, 1.0) for _ in range(3)] == [True, True, False]
    assert bucket.full(1000.0)
    assert sum(bucket.spare(1, 1000.0) for _ in range(10)) == 4


def test_a_clock_that_stands_still_or_goes_back_gives_nothing() -> None:
    bucket = Bucket(1, 100.0)
    assert bucket.spare(2, 100.0)
    assert not bucket.spare(1, 50.0)


# -- who comes in, and what is logged ----------------------------------------------------------------


def test_there_is_room_until_there_is_none() -> None:
    gate = Gate(Settings(connections=11, connections_address=10))
    gate.here["192.0.2.1"] = 10
    assert "from your address" in gate.full("192.0.2.1")
    assert gate.full("192.0.2.2") == ""
    gate.here["192.0.2.2"] = 1
    assert "There is no room" in gate.full("192.0.2.3")
    gate.leave("192.0.2.2")
    assert gate.full("192.0.2.3") == "" and "192.0.2.2" not in gate.here


def test_allowances_are_kept_for_so_many_addresses_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.wire.admission.ADDRESSES", 100)
    gate = Gate(Settings())
    spent = gate.bytes_of("192.0.2.1")
    spent.take(10**9, 0.0)
    for number in range(1000):
        gate.bytes_of(f"198.51.100.{number}")
    assert len(gate._bytes) <= 102
    assert gate.bytes_of("198.51.100.999") is gate.bytes_of("198.51.100.999")


def test_of_a_flood_every_refusal_is_counted_and_few_are_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[dict[str, Any]] = []

    class Log:
        def info(self, text: str, **values: Any) -> None:
            lines.append(values)

    monkeypatch.setattr(refusals, "log", Log())
    kept = refusals.Refusals(0.0)
    for number in range(60_000):  # a minute, a thousand a second, from many addresses
        kept.note("line too long", f"198.51.{number % 200}.{number % 250}", number / 1000)
    assert kept.counts == {"line too long": 60_000}
    assert len(lines) <= 1 + 60 * refusals.LINES_A_SECOND + 2
    assert sum(line["more"] for line in lines) + len(lines) <= 60_000
    assert len(kept._told) <= refusals.REMEMBERED


class Somebody:
    """A connection at a door."""

    def __init__(self, *, stranger: bool = True) -> None:
        self.stranger = stranger

    def give_way(self, why: str) -> None:
        """Not asked here."""


def come(gate: Gate, address: str, *guests: Somebody) -> list[Somebody]:
    for guest in guests:
        gate.enter(address, guest)
    return [*guests]


def test_a_full_door_is_made_room_at_by_the_stranger_who_waited_longest_of_whoever_has_most() -> None:
    gate = Gate(Settings(connections=10, connections_address=8))
    inside = come(gate, "192.0.2.1", *(Somebody(stranger=False) for _ in range(5)))
    many, few = (
        come(gate, "192.0.2.2", *(Somebody() for _ in range(3))),
        come(gate, "192.0.2.3", Somebody(), Somebody()),
    )
    assert gate.gives_way("192.0.2.4") is many[0]
    gate.leave("192.0.2.2", many[0])
    gate.leave("192.0.2.2", many[0])  # asked to give way, and then gone
    assert gate.here.total() == 9
    gate.leave("192.0.2.2", many[1])
    assert gate.gives_way("192.0.2.4") is few[0]
    for guest in (*few, many[2]):
        guest.stranger = False
    assert gate.gives_way("192.0.2.4") is None
    assert inside


def test_of_his_own_full_address_a_stranger_gives_way_after_a_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock:
        now = 100.0

        def monotonic(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr("server.wire.admission.clock", clock)
    gate = Gate(Settings(connections=100, connections_address=5), grace=10)
    first, *_ = come(gate, "2001:db8::1", *(Somebody() for _ in range(5)))
    assert "from your address" in gate.crowded("2001:db8::ffff"), "another address of the same network counts by itself"
    assert gate.gives_way("2001:db8::ffff") is None
    clock.now += 10
    assert gate.gives_way("2001:db8::ffff") is first
    assert gate.crowded("2001:db8:0:1::1") == ""
