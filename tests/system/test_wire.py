"""Strangers who send what they like, against the real world: refused early and in words, at their own cost.

Each test prints the figures it shows: what the Portal's memory grew by, how long a player's `look` took
beside calm in the same run, what broke, what was logged.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator

import pytest

from tests.support import wire
from tests.support.wire import IAC, SB, Peer
from tests.system import jobs, siege
from tests.system.harness import World, until
from tests.system.siege import Figures, Siege
from tests.system.test_faults_doors import fetch

MB = 1_000_000
GROWTH = 50.0  # MB that the Portal may grow by under any attack


@pytest.fixture(scope="module")
def besieged(busy_world: World) -> Iterator[Siege]:
    """A player in a world that is attacked; nothing of it may have broken in the end."""
    watch = Siege(busy_world)
    bugs = len(jobs.faults(busy_world))
    yield watch
    watch.look()
    assert jobs.faults(busy_world)[bugs:] == []


def held(name: str, figures: Figures) -> Figures:
    """Print the figures; the world must have held. The ratio is generous: the strict one is a measure."""
    print(f"\n{name}: {figures}")
    assert figures.faults == []
    assert figures.grown < GROWTH
    assert figures.siege_p95 <= 4 * figures.calm_p95 + 500
    return figures


def refused(world: World) -> dict[str, int]:
    """Counts of refusals so far."""
    told: dict[str, int] = world.status()["refused"]
    return told


# -- too much ------------------------------------------------------------------------------------


def test_a_line_of_40_mb_without_an_end(besieged: Siege) -> None:
    def attack() -> dict[str, object]:
        peer = Peer(besieged.world.ports["telnet"])
        whole = peer.send(b"x" * 40 * MB)
        assert peer.hung_up()
        return {
            "taken": peer.sent,
            "whole": whole,
            "told": b"at most 6000 characters" in peer.heard and b"has no end" in peer.heard,
        }

    result = held("40 MB line", besieged.under(attack)).result
    assert result["told"] and not result["whole"] and result["taken"] < 10 * MB, result


def test_a_subnegotiation_without_an_end(besieged: Siege) -> None:
    def attack() -> dict[str, object]:
        peer = Peer(besieged.world.ports["telnet"])
        whole = peer.send(bytes((IAC, SB, wire.GMCP)) + b"x" * 40 * MB)
        assert peer.hung_up()
        return {"taken": peer.sent, "whole": whole, "told": b"at most 8192 bytes" in peer.heard}

    result = held("40 MB subnegotiation", besieged.under(attack)).result
    assert result["told"] and not result["whole"] and result["taken"] < 10 * MB, result


@pytest.mark.parametrize("shape", ["frame", "claimed", "fragments"])
def test_a_websocket_message_of_16_mb(besieged: Siege, shape: str) -> None:
    def attack() -> dict[str, object]:
        peer = siege.socket_of(besieged.world)
        match shape:
            case "frame":
                whole = peer.send(wire.said("text", ["x" * 16 * MB], {}))
            case "claimed":
                whole = peer.send(wire.frame(b'["text", ["', length=16 * MB))
            case _:
                whole = peer.send(
                    wire.frame(b'["text", ["', fin=False) + wire.frame(b"x" * 1000, 0, fin=False) * 16_000
                )
        assert peer.hung_up()
        return {"taken": peer.sent, "whole": whole, "told": b"exceeds payload limit" in peer.heard}

    result = held(f"16 MB websocket message ({shape})", besieged.under(attack)).result
    assert result["told"] and result["taken"] < 10 * MB, result


def test_a_handshake_without_an_end(besieged: Siege) -> None:
    def attack() -> dict[str, object]:
        peer = Peer(besieged.world.ports["websocket"])
        whole = peer.send(b"GET / HTTP/1.1\r\nX-Long: " + b"y" * 40 * MB)
        assert peer.hung_up()
        return {"taken": peer.sent, "whole": whole, "answer": peer.heard[:60]}

    result = held("40 MB handshake", besieged.under(attack)).result
    assert result["answer"].startswith(b"HTTP/1.1 431 ") and result["taken"] < 10 * MB, result


@pytest.mark.parametrize("kind", ["announced", "chunked"])
def test_a_web_request_of_100_mb(besieged: Siege, kind: str) -> None:
    def attack() -> dict[str, object]:
        head = "Content-Length: 100000000" if kind == "announced" else "Transfer-Encoding: chunked"
        peer = Peer(
            besieged.world.ports["web"], f"POST /auth/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n\r\n".encode()
        )
        piece = b"f4240\r\n" + b"x" * MB + b"\r\n" if kind == "chunked" else b"x" * MB
        for _ in range(100):
            if not peer.send(piece, patience=120):
                break
        assert peer.hung_up()
        return {"taken": peer.sent, "answer": peer.heard[:40]}

    result = held(f"100 MB POST ({kind})", besieged.under(attack)).result
    assert result["answer"].startswith(b"HTTP/1.1 413 ") and result["taken"] < 10 * MB, result


def test_a_content_length_of_thousands_of_digits(besieged: Siege) -> None:
    for door, head in (("web", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n"),):
        peer = Peer(besieged.world.ports[door], head)
        assert peer.hung_up()
        assert peer.heard.startswith(b"HTTP/1.1 400 ")


def test_the_engine_s_long_polling_door_is_shut(besieged: Siege) -> None:
    peer = Peer(
        besieged.world.ports["web"],
        b"POST /webclientdata HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nmode=init",
    )
    assert peer.hears(b"\r\n\r\n")
    assert peer.heard.startswith(b"HTTP/1.1 404 ")
    peer.close()


def test_who_does_not_read_is_cut_off(besieged: Siege) -> None:
    def attack() -> dict[str, object]:
        peer = Peer(besieged.world.ports["telnet"])
        sent, end = 0, time.monotonic() + 10
        while time.monotonic() < end:  # never reads; each line would be answered
            try:
                sent += peer.link.send(b"help\r\n" * 100)
            except BlockingIOError:
                time.sleep(0.05)
            except ConnectionError:
                break
        peer.close()
        return {"taken": sent}

    result = held("asks and does not read", besieged.under(attack)).result
    assert result["taken"] < 20 * MB


# -- odd -----------------------------------------------------------------------------------------


def test_json_that_is_nested_deep_or_is_none(besieged: Siege) -> None:
    def attack() -> dict[str, int]:
        answers = 0
        for depth in (3, 100, 900, 5000, 12_000):
            for shape in ('["text", [%s], {}]', '{"a": %s}', '["client_options", [], {"screenwidth": %s}]'):
                peer = siege.socket_of(besieged.world)
                peer.send(wire.frame((shape % ("[" * depth + "]" * depth)).encode()))
                answers += peer.hears(b"message is", b"Text is sent as", b"is not valid")
                peer.close()
        for payload in (
            b"",
            b"[",
            b"\xff\xfe",
            b"NaN",
            b'["text", [1e999], {}]',
            b'["text", [' + b"9" * 5000 + b"], {}]",
            b"null",
            b'"text"',
            b'{"0": 1}',
        ):
            peer = siege.socket_of(besieged.world)
            peer.send(wire.frame(payload, wire.BINARY))
            answers += peer.hears(b"message is", b"Text is sent as")
            peer.close()
        for said in (b"Core.Hello " + b"[" * 3000, b"x " + b'{"a":' * 1000, b"\xff\xfe x", b"", b"Core.Hello {"):
            peer = Peer(besieged.world.ports["telnet"], wire.sub(wire.GMCP, said))
            peer.finish()
            assert peer.hung_up()
            peer.close()
        return {"answered": answers}

    before = refused(besieged.world).get("malformed message", 0)
    result = held("deep JSON", besieged.under(attack)).result
    assert result["answered"] == 24
    assert refused(besieged.world)["malformed message"] >= before + 28


STRANGE = (
    ["session", [], {}],
    ["self", [], {}],
    ["options", [1], {}],
    ["text", [[1]], {}],
    ["text", [None], {}],
    ["text", [{"a": 1}], {}],
    ["text", ["help", "me"], {}],
    ["text", [], {}],
    ["webclient_options", [], {}],
    ["webclient_options", [], {"a": 1}],
    ["get_inputfuncs", [], {}],
    ["monitor", [], {"name": "name"}],
    ["monitored", [], {}],
    ["repeat", [], {"callback": "test1", "interval": "x"}],
    ["repeat", [], {"callback": "test1"}],
    ["msdp_report", ["x"], {}],
    ["msdp_list", [1], {}],
    ["login", [], {"name": 5, "password": 5}],
    ["bot_data_in", ["x"], {}],
    ["echo", ["x"], {}],
    ["default", ["x"], {}],
    ["get_value", [], {"name": "key"}],
    ["websocket_close", [], {}],
    ["client_options", [], {"screenwidth": "wide"}],
    ["client_options", [], {"raw": True}],
    ["client_options", [], {"encoding": "zlib"}],
    ["client_options", [], {"screenheight": [1]}],
    ["client_options", [], {"client": 5}],
)


def test_inputs_of_the_engine_s_that_no_client_of_ours_needs(besieged: Siege) -> None:
    """Each is refused in words, and the connection lives: the next message is answered."""

    def attack() -> dict[str, int]:
        for message in STRANGE:
            peer = siege.socket_of(besieged.world)
            assert peer.hears(b"connect &lt;name&gt;")
            peer.heard = b""
            peer.send(wire.said(*message))
            assert peer.hears(b"There is no input", b"does not exist, or", b"Text is sent as"), (message, peer.heard)
            assert b"Traceback" not in peer.heard
            peer.send(wire.said("text", ["help"], {}))
            assert peer.hears(b"connect"), message
            peer.close()
        return {"refused": len(STRANGE)}

    held("strange inputs", besieged.under(attack))


def test_what_a_client_may_say_of_itself_is_heard(besieged: Siege) -> None:
    peer = siege.socket_of(besieged.world)
    assert peer.hears(b"connect &lt;name&gt;")
    peer.send(
        wire.said("client_options", [], {"screenwidth": 44, "screenheight": 1e9, "client": "x" * 5000, "nocolor": True})
    )
    peer.send(wire.said("text", ["connect owner correct-horse-battery"], {}))
    assert peer.hears(b"FRATERNITY HALL")
    peer.heard = b""
    peer.send(wire.said("text", ["help seals"], {}))
    assert peer.hears(b"SEALS")
    peer.take(1)
    lines = re.sub(r"<[^>]+>", "", json.dumps(peer.heard.decode("utf-8", "replace"))).split("\\n")
    assert all(len(line) < 60 for line in lines[1:-1]), lines
    peer.close()


def test_telnet_s_commands_and_terminals_out_of_order(besieged: Siege) -> None:
    streams = (
        b"\xff\xfa\xff\xf0",
        b"\xff\xf0help\r\n",
        bytes((IAC, 253, 201, IAC, 254, 201)) * 50,
        wire.sub(wire.NAWS, b"\0\0\0\0"),
        wire.sub(wire.NAWS, b"\xff"),
        bytes((IAC, 251, 24))
        + wire.sub(24, b"A\x1b[2J")
        + wire.sub(24, b"\xff\xfe")
        + wire.sub(24, b"MTTS ENCODING")
        + b"help\r\n",
        bytes((IAC, 251, 24))
        + wire.sub(24, b"A" * 4000)
        + wire.sub(24, b"B")
        + wire.sub(24, b"MTTS " + b"9" * 4000)
        + b"help\r\n",
        wire.sub(24, b"A") + wire.sub(24, b"B") + bytes((IAC, 251, 24)),
        wire.sub(wire.GMCP, b"session {}"),
        wire.sub(wire.GMCP, b"options [1]"),
        wire.sub(wire.MSDP, b"\x01session\x02x"),
        b"\xc3\x28\r\nhelp\r\n",
        bytes((IAC, 253, 86)) * 20 + bytes((IAC, 254, 86)) * 20,
        b"encoding undefined\r\nhelp\r\n",
        b"encoding zlib\r\nhelp\r\n",
        b"\0\r\0\n\r\r\0",
        b"\r\n" * 30,
    )

    def attack() -> dict[str, int]:
        for stream in streams:
            peer = Peer(besieged.world.ports["telnet"])
            assert peer.hears(b"connect <")
            peer.send(stream)
            peer.take(0.3)
            peer.finish()
            assert peer.hung_up()
            peer.close()
        return {"streams": len(streams)}

    held("telnet out of order", besieged.under(attack))


def test_text_over_the_limit_is_refused_alike_by_telnet_and_websocket(besieged: Siege) -> None:
    """Refused in words, once for many, and the connection lives."""

    def attack() -> dict[str, int]:
        telnet, web = Peer(besieged.world.ports["telnet"]), siege.socket_of(besieged.world)
        assert telnet.hears(b"connect <") and web.hears(b"connect &lt;")
        for size in (6001, 6001, 24_000):
            telnet.send(b"help " + b"x" * size + b"\r\n")
        for size in (6001, 6001, 20_000):
            web.send(wire.said("text", ["help " + "x" * size], {}))
        told = []
        for peer, after in ((telnet, b"help\r\n"), (web, wire.said("text", ["help"], {}))):
            assert peer.hears(b"at most 6000 characters"), peer.heard
            told.append(peer.heard.count(b"at most 6000 characters"))
            peer.heard = b""
            peer.send(after)
            assert peer.hears(b"connect"), peer.heard
            peer.close()
        return {"told by telnet": told[0], "told by websocket": told[1]}

    result = held("text over the limit", besieged.under(attack)).result
    assert result == {"told by telnet": 1, "told by websocket": 1}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example", "file://"])
def test_pages_of_other_sites_are_denied(besieged: Siege, origin: str) -> None:
    port = besieged.world.ports["websocket"]
    peer = Peer(port, wire.handshake(port, origin))
    assert peer.hung_up()
    assert peer.heard.startswith(b"HTTP/1.1 403 ")
    assert refused(besieged.world)["page of another site"]


def test_a_stranger_leaves_nothing_behind(besieged: Siege) -> None:
    """No session when his connection breaks off, no row for a browser session that he names."""
    world, port = besieged.world, besieged.world.ports["websocket"]
    rows = "select count(*) as n from django_session"
    before, connected = jobs.rows(world, rows)[0]["n"], world.status()["connections"]
    for number in range(10):
        peer = Peer(port, wire.handshake(port, path=f"/?{'abcdefgh' * 4 if number % 2 else 'x;y' * 1000}&1&robot"))
        assert peer.hears(b"connect &lt;")
        if number % 3:
            peer.send(wire.frame(b"\x03\xe8", wire.CLOSE))
        peer.close()
    until(lambda: world.status()["connections"] <= connected, "their sessions are gone")
    assert jobs.rows(world, rows)[0]["n"] == before


# -- many ----------------------------------------------------------------------------------------


def test_more_connections_than_there_is_room_for(fresh_world: Callable[..., World]) -> None:
    """All are told why; who is inside stays; when they go there is room again."""
    world = fresh_world(connections=60, connections_address=40)
    watch = Siege(world)

    def attack() -> dict[str, int]:
        compressed = bytes((IAC, 253, wire.MCCP))
        peers = [Peer(world.ports["telnet"], compressed) for _ in range(80)]
        until(lambda: sum(not peer.take() for peer in peers) == 41, "all are told for whom there is no room")
        full = [peer for peer in peers if b"from your address already" in peer.heard]
        web = fetch(world, "/health")
        for peer in peers:
            peer.close()
        return {"let in": 80 - len(full), "refused": len(full), "web": web[0]}

    result = held("80 connections", watch.under(attack)).result
    assert result == {"let in": 39, "refused": 41, "web": 200}
    assert refused(world)["too many connections"] >= 41
    code, text = fetch(world, "/metrics-portal")
    assert code == 200
    assert 'timmy_refused_total{what="too many connections"}' in text and "timmy_connections " in text


def test_who_comes_and_goes_leaves_no_memory_behind(besieged: Siege) -> None:
    """Hundreds of connections, each with a compressor of its own."""

    def attack() -> dict[str, int]:
        let_in = turned_away = 0
        while let_in < 300:
            peers = [Peer(besieged.world.ports["telnet"], bytes((IAC, 253, wire.MCCP))) for _ in range(20)]
            for peer in peers:
                peer.finish()
            assert all(peer.hung_up() for peer in peers)
            away = sum(b"Wait a moment" in peer.heard for peer in peers)
            let_in, turned_away = let_in + 20 - away, turned_away + away
        return {"let in": let_in, "turned away": turned_away}

    held("come and go", besieged.under(attack))


def test_strangers_are_asked_to_leave_whatever_they_say_unless_they_have_logged_in(
    fresh_world: Callable[..., World],
) -> None:
    world = fresh_world(login_seconds=3)
    inside = world.login()
    telnet, web = Peer(world.ports["telnet"]), siege.socket_of(world)
    while telnet.take(0.2) and telnet.send(b"help\r\n"):  # which lengthens nobody's time
        pass
    assert telnet.hears(b"nobody logged in for 3 seconds") and web.hears(b"nobody logged in for 3 seconds")
    assert telnet.hung_up() and web.hung_up()
    inside.ask("look", "Exits:")


def test_a_flood_does_not_fill_the_logs(fresh_world: Callable[..., World]) -> None:
    """Thousands of refusals are a few lines, and all logs together have an end."""
    world = fresh_world(log_mb=1, stranger_kb=2000, session_kb=2000)
    watch = Siege(world)

    def attack() -> dict[str, int]:
        lines = 0
        for _ in range(5):
            peer = Peer(world.ports["telnet"])
            lines += 2000 * peer.send(b"\xff\xf0bad\r\n" * 2000, 10)
            peer.finish()
            peer.hung_up()
            peer.close()
            for _ in range(20):
                Peer(world.ports["websocket"], b"GET / HTTP/1.1\r\n" + b"x" * 200 + b"\r\n\r\n").hung_up()
                peer = siege.socket_of(world)
                peer.send(wire.said("monitor", ["x" * 5000], {}) * 20)
                peer.finish()
                assert peer.hung_up()
        return {"lines": lines}

    figures = held("flood", watch.under(attack))
    told = [line for line in world.log("portal").splitlines() if "Refused: " in line]
    count = sum(refused(world).values())
    print(f"{count} refusals, {len(told)} lines of log, logs {watch.logged()} bytes")
    assert count > 1000
    assert len(told) <= 2 + figures.seconds  # one in two seconds, and two at once
    assert watch.logged() < 2 * 6 * 1.1 * MB  # two processes, a file and five old ones each


def test_a_client_that_sends_each_key_at_once_is_understood(besieged: Siege) -> None:
    """As PuTTY does by default: it asks for an echo and sends every key as it is pressed."""
    do, wont, echo = 253, 252, 1
    peer = Peer(besieged.world.ports["telnet"], bytes((IAC, do, echo)))
    assert peer.hears(bytes((IAC, wont, echo)))
    assert bytes((IAC, 251, echo)) not in peer.heard
    for key in b"hepl\x7f\x7flp\r\n":
        peer.send(bytes((key,)))
    assert peer.hears(b"You have not logged in yet"), peer.heard
    for _ in range(2):
        peer.heard = b""
        peer.send(b"help \xe4\r\n")
        assert peer.hears(b"encoding latin-1"), peer.heard
        time.sleep(1)
    peer.send(b"encoding latin-1\r\nconnect owner correct-horse-battery\r\n")
    assert peer.hears(b"FRATERNITY HALL"), peer.heard
    peer.heard = b""
    peer.send("say Gr\u00fc\u00dfe\r\n".encode("latin-1"))
    assert peer.hears("Gr\u00fc\u00dfe".encode("latin-1")), peer.heard
    peer.send(b"encoding utf-8\r\nquit\r\n")
    assert peer.hung_up()
