"""Attacks on the web port and the websocket of a real world: sessions that are stolen or kept, requests that are none,
doors that are held open.
"""

from __future__ import annotations

import random
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support import wire
from tests.support.visit import TICKET, Visit, sent
from tests.support.wire import Peer
from tests.system import harness, jobs, siege
from tests.system.harness import OWNER, PASSWORD, Telnet, World, until
from tests.system.siege import Siege
from tests.system.test_faults_doors import fetch
from tests.system.test_wire import held, refused

HEAD, BODY = 6, 8
GUEST, GUESTS_PASSWORD = "ana", "anas-first-horse"
PLANTED = "k" * 32
LOCAL_MANY = sys.platform == "linux"  # where all of 127.0.0.0/8 is this machine


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[World]:
    """A running world of this file's own; nothing of it may have broken in the end."""
    with harness.world(
        tmp_path_factory.mktemp("d"), prepared, web_head_seconds=HEAD, web_body_seconds=BODY, login_failures=100
    ) as made:
        yield made
        assert jobs.faults(made) == []


@pytest.fixture(scope="module")
def guest(attacked: World) -> tuple[str, str]:
    """The name and password of somebody who is not the owner."""
    made = attacked.told("guest", f"add {GUEST}")
    return made["name"], made["password"]


def sessions(world: World) -> set[str]:
    """The keys of all browser sessions on record."""
    return {row["session_key"] for row in jobs.rows(world, "select session_key from django_session")}


# -- sessions ----------------------------------------------------------------------------------------


def test_visitors_leave_no_session_behind(attacked: World) -> None:
    before = sessions(attacked)
    for number in range(8):
        visit = Visit(attacked, sessionid=PLANTED) if number % 2 else Visit(attacked)
        for path in ("/", "/help/", "/webclient/", "/auth/login/", "/admin/", "/router/", "/nothing"):
            visit.ask("GET", path)
        assert visit.key == "", "a visitor's browser is given a session, or keeps one that is none"
    wrong = Visit(attacked)
    assert "password do not match" in wrong.log_in(OWNER, "guess").text
    assert wrong.key == ""
    assert sessions(attacked) == before


def test_a_login_at_the_socket_is_none_for_whoever_planted_the_key(attacked: World) -> None:
    """Session fixation: the attacker knows the key that the victim's browser has before the login."""
    victim, attacker = Visit(attacked, sessionid=PLANTED), Visit(attacked, sessionid=PLANTED)
    socket = victim.socket()
    socket.send(wire.said("text", [f"connect {OWNER} {PASSWORD}"], {}))
    assert socket.hears(b"FRATERNITY HALL")
    assert victim.exchange(socket).status == 200
    assert victim.inside(OWNER) and victim.key not in ("", PLANTED)
    assert not attacker.inside(OWNER)
    other = Visit(attacked, sessionid=PLANTED).socket()
    assert other.hears(b"connect &lt;name&gt;")
    other.close()
    back = victim.socket()
    assert back.hears(b"FRATERNITY HALL"), "the browser's next socket is not inside by itself"
    back.send(wire.said("text", ["quit"], {}))
    assert back.hung_up() and socket.hung_up(), "the other socket of a browser that was logged out stays"
    assert not victim.inside(OWNER)
    assert victim.key not in sessions(attacked)


def test_a_ticket_is_good_once_with_the_page_s_token_and_while_its_socket_lives(
    attacked: World, guest: tuple[str, str]
) -> None:
    sockets = [Visit(attacked).socket() for _ in range(2)]
    for socket in sockets:
        socket.send(wire.said("text", [f"connect {' '.join(guest)}"], {}))
        assert socket.hears(b'["ticket"')
    ticket = TICKET.findall(sockets[0].heard)[-1].decode()
    assert Visit(attacked).ask("POST", "/webclient/entered/", {"ticket": ticket}).status == 403, (
        "a page of another site logs browsers in"
    )
    assert Visit(attacked).ask("GET", f"/webclient/entered/?ticket={ticket}").status == 405
    visit = Visit(attacked)
    assert visit.exchange(sockets[0]).status == 200
    assert Visit(attacked).exchange(sockets[0]).status == 403, "a ticket is good twice"
    sockets[1].send(wire.said("text", ["quit"], {}))
    assert sockets[1].hung_up()
    assert Visit(attacked).exchange(sockets[1]).status == 403, "a ticket outlives its socket"
    assert visit.inside(guest[0])
    page = visit.post("/auth/logout/", "/")
    assert page.status == 302 and sockets[0].hung_up() and not visit.inside(guest[0])
    assert b"Logged out in this browser" in sockets[0].heard


def test_a_new_password_ends_all_that_was_entered_with_the_old(attacked: World, guest: tuple[str, str]) -> None:
    name, password = guest
    mine, other = Visit(attacked), Visit(attacked)
    for visit in (mine, other):
        before = visit.key
        assert visit.log_in(name, password).status == 302 and visit.key != before
    here, there, telnet = mine.socket(), other.socket(), attacked.login(name, password)
    assert here.hears(b"FRATERNITY HALL") and there.hears(b"FRATERNITY HALL")
    here.send(wire.said("text", [f"@password {password} = {GUESTS_PASSWORD}"], {}))
    assert here.hears(b"has a new password")
    assert there.hung_up() and b"has a new password. Log in with it" in there.heard
    until(telnet.hung_up, "the telnet that came in with the old password is gone")
    assert not other.inside(name) and not mine.inside(name)
    again = other.socket()
    assert again.hears(b"connect &lt;name&gt;")
    again.close()
    assert mine.exchange(here).status == 200 and mine.inside(name), "whoever changed it is asked to log in again"
    here.send(wire.said("text", ["look"], {}))
    assert here.hears(b"Exits:")
    owner = attacked.login()
    owner.ask(f"userpassword {name} = {password}", "has a new password")
    assert here.hung_up() and not mine.inside(name)
    owner.ask("look", "Exits:")


def test_a_reload_keeps_who_is_inside_and_clears_what_is_over(attacked: World, guest: tuple[str, str]) -> None:
    visit = Visit(attacked)
    visit.log_in(*guest)
    socket = visit.socket()
    assert socket.hears(b"FRATERNITY HALL")
    with closing(sqlite3.connect(attacked.state / "timmy.db3", timeout=30)) as link, link:
        link.execute("insert into django_session values (?, '', '2001-01-01 00:00:00')", ("o" * 32,))
    attacked.reload()
    until(lambda: "o" * 32 not in sessions(attacked), "a session that is over is cleared")
    socket.heard = b""
    socket.send(wire.said("text", ["look"], {}))
    assert socket.hears(b"Exits:") and visit.inside(guest[0])
    assert visit.post("/auth/logout/", "/").status == 302
    assert socket.hung_up()


def test_who_comes_while_the_server_is_away_is_judged_when_it_is_back(attacked: World, guest: tuple[str, str]) -> None:
    visit, stranger = Visit(attacked), Visit(attacked)
    visit.log_in(*guest)
    stranger.cookies["sessionid"] = "x" * 32
    old = attacked.kill("server")
    until(lambda: not attacked.ready(), "the Portal has seen it")
    inside, outside = visit.socket(), stranger.socket()
    attacked.back("server", old)
    assert inside.hears(b"FRATERNITY HALL") and outside.hears(b"connect &lt;name&gt;")
    inside.send(wire.said("text", ["look"], {}))
    assert inside.hears(b"Exits:") and b"FRATERNITY HALL" not in outside.heard
    assert visit.post("/auth/logout/", "/").status == 302
    assert inside.hung_up()
    outside.close()


def test_cookies_pages_and_ways_on_are_strict(attacked: World, guest: tuple[str, str]) -> None:
    visit = Visit(attacked)
    form = {"username": guest[0], "password": guest[1]}
    for place in (
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:0",
        "http:///evil.example",
        "\thttps://evil.example",
    ):
        answer = Visit(attacked).post("/auth/login/", "/auth/login/", **form, next=place)
        assert answer.status == 302 and "Location: /\r\n" in answer.head + "\r\n", (place, answer.head)
    answer = visit.log_in(*guest)
    for cookie in [line for line in answer.head.split("\r\n") if line.startswith("Set-Cookie: ")]:
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie, cookie
    for path in ("/", "/webclient/", "/help/"):
        page = visit.ask("GET", path)
        assert "Cache-Control: no-store" in page.head and "X-Frame-Options: DENY" in page.head, page.head
        assert visit.key not in page.text, "a page tells scripts the session's key"
    for path in ("/admin/", "/router/"):
        assert visit.ask("GET", path).status in (302, 403)
    for path in (
        "/static/",
        "/static/timmy/",
        "/static/../timmy.db3",
        "/static/%2e%2e%2ftimmy.db3",
        "/media/",
        "/media/%2e%2e/secret-key",
        "//etc/passwd",
        "/api/",
        "/auth/register",
        "/characters/create/",
        "/webclientdata",
    ):
        assert visit.ask("GET", path).status in (403, 404), path
    assert visit.ask("GET", "/auth/logout/").status == 405 and visit.inside(guest[0]), "a link logs people out"
    visit.post("/auth/logout/", "/")


# -- who asks ----------------------------------------------------------------------------------------


@pytest.mark.skipif(not LOCAL_MANY, reason="one loopback address")
def test_nobody_says_where_he_comes_from(attacked: World) -> None:
    """The limit on wrong passwords counts each address by itself, and a browser cannot choose it."""
    visit = Visit(attacked)
    form = {"username": "nobody", "password": "guess", "csrfmiddlewaretoken": visit.token("/auth/login/")}
    told = {
        "X__Forwarded__For": "198.51.100.1",
        "X_Forwarded_For": "198.51.100.2",
        "Forwarded": "for=198.51.100.3",
        "X__Real__IP": "198.51.100.4",
    }
    assert "password do not match" in visit.ask("POST", "/auth/login/", form, "127.0.0.7", **told).text
    failures = [line for line in attacked.log().splitlines() if "Authentication Failure: nobody" in line]
    assert "(IP: 127.0.0.7)" in failures[-1]
    socket = Peer(
        attacked.ports["websocket"],
        wire.handshake(attacked.ports["websocket"])[:-2] + b"X-Forwarded-For: 198.51.100.1\r\n\r\n",
        "127.0.0.8",
    )
    assert socket.hears(b"connect &lt;")
    socket.send(wire.said("text", ["connect nobody guess"], {}))
    assert socket.hears(b"password do not match")
    socket.close()
    assert "198.51.100" not in attacked.log()


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://127.0.0.1:8000", ""),
        ("http://evil.example:{web}", "evil.example"),
        ("", "evil.example"),
        ("https://127.0.0.1", ""),
        ("http://localhost:{web}", ""),
    ],
)
def test_only_our_own_pages_open_a_socket(attacked: World, origin: str, host: str) -> None:
    """Not those of another port of this machine, nor of a name that was led to it."""
    port = attacked.ports["websocket"]
    opening = wire.handshake(port, origin.format(**attacked.ports))
    assert sent(
        attacked, opening.replace(b"Host: 127.0.0.1", b"Host: " + host.encode()) if host else opening, "websocket"
    ).startswith(b"HTTP/1.1 403 ")


# -- requests that are none ----------------------------------------------------------------------------

FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
ODD: tuple[tuple[bytes, bytes, bytes, int], ...] = (
    (b"GET", b"/", b"Host: evil.example\r\n", 400),
    (b"GET", b"/", b"", 400),
    (b"GET", b"/", b"Host: 127.0.0.1\r\nHost: evil.example\r\n", 400),
    (b"GET", b"/", b"Host: 127.0.0.1:x\r\n", 400),
    (b"GET", b"/", b"Host: \xff\r\n", 400),
    (b"GET", b"/%zz", b"", 400),
    (b"GET", b"/%", b"", 400),
    (b"GET", b"/static/%00", b"", 400),
    (b"GET", b"/?a=%ff", b"", 400),
    (b"GET", b"/\xff?\xfe", b"", 400),
    (b"GET", b"/?next=%0d%0aSet-Cookie:a", b"", 400),
    (b"GET", b"http://evil.example/", b"", 400),
    (b"OPTIONS", b"*", b"", 400),
    (b"BREW", b"/", b"", 405),
    (b"M" * 9000, b"/", b"", 405),
    (b"TRACE", b"/", b"", 405),
    (b"CONNECT", b"evil:80", b"", 405),
    (b"PUT", b"/", b"", 405),
    (b"GET", b"/" + b"a" * 20_000, b"", 431),
    (b"GET", b"/", b"A: b\r\n" * 600, 400),
    (b"GET", b"/", b"no colon\r\n", 400),
    (
        b"GET",
        b"/",
        b'Cookie: sessionid=\xff; ;;=;a="\x01\r\nCookie: messages=zz; csrftoken=' + b"y" * 4000 + b"\r\n",
        200,
    ),
    (
        b"GET",
        b"/static/timmy/world.css",
        b"Range: bytes=9-1,\xff\r\nIf-Modified-Since: \xff\r\nIf-None-Match: \xff\r\n",
        200,
    ),
    (b"GET", b"/nothing/" + b"\xf0".hex().encode() * 999, b"Accept-Language: \xff\r\nUser-Agent: \x1b[2J\r\n", 404),
    (b"POST", b"/auth/login/", FORM + b"Content-Length: -1\r\n", 400),
    (b"POST", b"/auth/login/", FORM + b"Content-Length: 1\r\nContent-Length: 2\r\n", 400),
    (b"POST", b"/auth/login/", FORM + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400),
    (b"POST", b"/auth/login/", FORM + b"Transfer-Encoding: gzip\r\n", 400),
    (
        b"POST",
        b"/auth/login/",
        b"Content-Type: application/x-www-form-urlencoded; charset=base64\r\nContent-Length: 0\r\n",
        400,
    ),
    (b"POST", b"/auth/login/", FORM + b"Content-Length: 0\r\n", 403),
    (b"POST", b"/auth/login/", FORM + b"Origin: http://[\r\nReferer: \xff\r\nContent-Length: 0\r\n", 403),
    (b"POST", b"/auth/login/", FORM + b"Origin: https://evil.example\r\nContent-Length: 0\r\n", 403),
    (b"POST", b"/auth/logout/", b"", 403),
)


def test_what_is_no_request_is_answered_plainly_and_counted(attacked: World) -> None:
    faults, before = jobs.faults(attacked), refused(attacked)
    for method, path, more, status in ODD:
        host = b"" if path == b"/" and (not more or b"Host" in more) else b"Host: 127.0.0.1\r\n"
        told = sent(attacked, b"%s %s HTTP/1.1\r\n%sConnection: close\r\n%s\r\n" % (method, path, host, more))
        assert told.startswith(b"HTTP/1.1 %d " % status), (method[:20], path[:40], more[:60], told[:200])
        assert b"Traceback" not in told and b"Exception" not in told
    now = refused(attacked)
    assert now["unknown host"] >= before.get("unknown host", 0) + 5
    assert {"malformed request", "odd method", "forbidden page", "no such page"} <= set(now)
    assert jobs.faults(attacked) == faults


def test_forms_that_are_malformed_behind_the_token(attacked: World) -> None:
    visit = Visit(attacked)
    token = visit.token("/webclient/")
    bodies = (
        ("multipart/form-data", b"abc"),
        ("multipart/form-data; boundary=\xff", b"abc"),
        ("multipart/form-data; boundary=" + "x" * 300, b"abc"),
        (
            "multipart/form-data; boundary=x",
            (
                b'--x\r\nContent-Disposition: form-data; name="ticket"; '
                b'filename="\xff\0/../a"\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--x--\r\n'
            ),
        ),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=" % number for number in range(3000))),
        ("application/x-www-form-urlencoded", b"ticket=%ff%00%zz"),
        ("text/plain", b"ticket=1"),
        ("\xff/\xff", b"x"),
    )
    for kind, body in bodies:
        head = (
            f"POST /webclient/entered/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-CSRFToken: "
            f"{token}\r\nCookie: csrftoken={visit.cookies['csrftoken']}\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode("latin-1")
        assert sent(attacked, head + body)[:13] in (b"HTTP/1.1 400 ", b"HTTP/1.1 403 "), kind
    for _ in range(20):  # who goes before the answer comes
        Peer(attacked.ports["web"], b"GET /webclient/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").close()


def test_a_request_hides_in_no_other(attacked: World) -> None:
    """What follows a chunked body, or lies in one, is never read as a request with a head of the attacker's own."""
    hidden = (
        b"POST /auth/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 198.51.100.9\r\nContent-Length: 0\r\n\r\n"
    )
    inner = b"0\r\n\r\n" + hidden
    for more in (
        b"Connection: close\r\n",
        b"Connection: keep-alive, transfer-encoding\r\n",
        b"Connection: close\r\nExpect: 100-continue\r\nUpgrade: h2c\r\n",
    ):
        told = sent(
            attacked,
            b"POST /webclient/entered/ HTTP/1.1\r\nHost: 127.0.0.1\r\n%sTransfer-Encoding: "
            b"chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (more, len(inner), inner),
        )
        assert told.count(b"HTTP/1.1 403 ") == 1 and told.replace(b"HTTP/1.1 100 ", b"").count(b"HTTP/1.1 ") == 1, told[
            :300
        ]


def test_a_flood_of_wrong_requests_is_a_few_lines_of_log(attacked: World) -> None:
    watch = Siege(attacked)
    shapes = (
        b"GET / HTTP/1.1\r\nHost: evil.example\r\n",
        b"GET /{} HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"GET /%ff HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"POST /auth/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n",
        b"GET /static/{} HTTP/1.1\r\nHost: 127.0.0.1\r\n",
    )

    def attack() -> dict[str, int]:
        for number in range(300):
            shape = shapes[number % len(shapes)].replace(b"{}", b"%d" % number)
            sent(
                attacked,
                shape + b"Connection: close\r\nReferer: http://127.0.0.1/\r\n\r\n",
                source=f"127.0.0.{2 + number % 5}" if LOCAL_MANY else "",
            )
        return {"requests": 300}

    lines = sum(attacked.log(name).count("\n") for name in ("portal", "server"))
    before = sum(refused(attacked).values())
    figures = held("wrong requests", watch.under(attack))
    told = sum(attacked.log(name).count("\n") for name in ("portal", "server")) - lines
    assert sum(refused(attacked).values()) >= before + 300
    assert told <= 20 + figures.seconds, "each wrong request is a line"


@pytest.mark.parametrize("count", [400, pytest.param(20_000, marks=pytest.mark.soak)])
def test_mutated_requests_break_nothing(attacked: World, count: int) -> None:
    """Recorded requests, hurt by a seed; whatever is answered is HTTP, and nothing breaks."""
    dice, watch = random.Random(40_400), Siege(attacked)
    recorded = [
        b"GET /webclient/?a=%41&b HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid="
        + b"a" * 32
        + b"; csrftoken=b\r\nAccept: */*\r\nConnection: close\r\n\r\n",
        b"POST /auth/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n"
        + FORM
        + b"Content-Length: 21\r\nConnection: close\r\n\r\nusername=a&password=b",
        (
            b"POST /webclient/entered/ HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nConnection: "
            b"close\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        ),
        (
            b"GET /static/timmy/world.css HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-Modified-Since: Sun, 29 Nov 2026 "
            b"10:00:00 GMT\r\nRange: bytes=0-5\r\nConnection: close\r\n\r\n"
        ),
    ]

    def attack() -> dict[str, int]:
        answered = 0
        for number in range(count):
            peer = Peer(
                attacked.ports["web"],
                wire.mutated(dice.choice(recorded), dice),
                f"127.0.0.{2 + number % 9}" if LOCAL_MANY else "",
            )
            peer.finish()
            assert peer.hung_up()
            assert not peer.heard or peer.heard.startswith(b"HTTP/1."), peer.heard[:100]
            answered += bool(peer.heard)
        return {"mutants": count, "answered": answered}

    rows = sessions(attacked)
    held(f"{count} mutated requests", watch.under(attack))
    assert sessions(attacked) == rows


# -- doors held open -------------------------------------------------------------------------------------


def come(world: World) -> Telnet | None:
    """A newcomer who has logged in by telnet; None when there was no room."""
    client = world.telnet()
    if "connect <" not in client.expect(r"(?i)connect <|from your address|Wait a moment")[0].lower():
        return None
    client.ask(f"connect {OWNER} {PASSWORD}", "(?i)fraternity hall")
    return client


def test_a_hundred_half_sent_requests_keep_nobody_out(attacked: World) -> None:
    """At each of the three doors, all from one address: newcomers come in by each, and those inside do not feel it."""
    watch, ports = Siege(attacked), attacked.ports
    halves = {
        "web": (
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
            b"POST /auth/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 90\r\n\r\nuser",
            b"G",
            b"",
        ),
        "websocket": (wire.handshake(ports["websocket"])[:-2], b"G", b""),
        "telnet": (b"", b"he", b"help\r\n"),
    }

    def attack() -> dict[str, object]:
        peers = {
            door: [Peer(ports[door], shapes[number % len(shapes)]) for number in range(100)]
            for door, shapes in halves.items()
        }
        until(lambda: fetch(attacked, "/")[0] == 200, "a page for a newcomer of the same address")
        assert any(peer.take() for peer in peers["web"]), "none of the half-sent requests is left"
        newcomer = until(lambda: come(attacked), "a newcomer by telnet, where a hundred of his address wait")
        newcomer.ask("look", "Exits:")
        socket = siege.socket_of(attacked)
        assert socket.hears(b"connect &lt;"), socket.heard
        for peer in peers["web"][1:]:  # drop by drop, which does not lengthen the time
            peer.send(b"x")
        ended = [peer.hung_up() for door in ("web", "websocket") for peer in peers[door]]
        for peer in peers["telnet"]:
            peer.close()
        newcomer.ask("look", "Exits:")
        newcomer.close()
        socket.close()
        return {"half-sent that ended": sum(ended), "of": len(ended)}

    result = held("300 half-sent", watch.under(attack)).result
    assert result == {"half-sent that ended": 200, "of": 200}
    assert refused(attacked)["slow request"] >= 100
    watch.player.ask("look", "Exits:")


def test_who_asked_is_answered_however_full_the_door(fresh_world: Callable[..., World]) -> None:
    """A small world: strangers give way in the order they came, whoever is inside stays, and only then is there no
    room.
    """
    world = fresh_world(connections=10, connections_address=100)
    first = Peer(world.ports["telnet"])
    assert first.hears(b"connect <")
    inside = [world.login() for _ in range(5)]

    strangers = [Peer(world.ports["telnet"]) for _ in range(4)]
    assert all(peer.hears(b"connect <") for peer in strangers) and first.take()
    strangers.append(Peer(world.ports["telnet"]))
    assert first.hung_up() and b"to make room for others" in first.heard, "the first stranger does not give way"
    assert fetch(world, "/health") == (200, "ok\n"), "a full telnet closes the web"
    assert all(peer.take(0.1) for peer in strangers)
    for client in inside:
        client.ask("look", "Exits:")
    for peer in strangers:
        peer.close()
    while len(inside) < 10:
        inside.append(world.login())
    last = Peer(world.ports["telnet"])
    assert last.hung_up() and b"There is no room" in last.heard, "there is room where all are inside"
    assert world.status()["refused"]["too many connections"] >= 2
