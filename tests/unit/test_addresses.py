"""Addresses of either kind: how they stand in a URL, whether a world can listen there, whether its page can be had."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.kernel import settings
from agents.kernel.addresses import in_url
from agents.kernel.errors import Conflict, TimmyError
from agents.kernel.location import PROJECT
from server import ports, secret
from server.checks import page


def six() -> bool:
    """Whether this machine can listen on ::1."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::1", 0))
        return True
    return False


needs_six = pytest.mark.skipif(not six(), reason="this machine has no ::1")


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "[::1]"),
        ("[::1]", "[::1]"),
        ("fd00::7", "[fd00::7]"),
        ("localhost", "localhost"),
        ("world.example", "world.example"),
    ],
)
def test_an_address_of_ipv6_stands_in_brackets(host: str, shown: str) -> None:
    assert in_url(host) == shown


@contextlib.contextmanager
def answering(host: str, answer: bytes) -> Iterator[int]:
    """A port at which each request gets these bytes, and no more."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as door:
        asked: list[bytes] = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    link, _ = door.accept()
                    with link:
                        asked.append(link.recv(10_000))
                        link.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield door.getsockname()[1]
        finally:
            door.shutdown(socket.SHUT_RDWR)
            thread.join()
        shown = in_url(host)
        assert all(f"Host: {shown}:".encode() in one for one in asked)


GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("::1", marks=needs_six)])
def test_the_doctor_asks_for_a_page(host: str) -> None:
    with answering(host, GOOD) as port:
        (found,) = page.findings(host, port)
    assert (found.level, found.said) == ("ok", f"http://{in_url(host)}:{port}/ answers")
    (found,) = page.findings(host, port)
    assert found.bad and "refused" in found.said


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "unavailable: Remote end closed connection without response"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "answers with an empty page"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", "unavailable: "),
        (b"HTTP/1.1 400 Bad\r\nContent-Length: 5\r\n\r\nno\x1b[1", "answers with status 400: no\\x1b[1"),
        (b"SSH-2.0-OpenSSH\r\n", "unavailable: "),
    ],
)
def test_the_doctor_is_not_content_with_less(answer: bytes, said: str) -> None:
    with answering("127.0.0.1", answer) as port:
        (found,) = page.findings("0.0.0.0", port)
    assert found.bad and f"http://127.0.0.1:{port}/ {said}" in found.said


def test_pages_are_answered_under_the_address_that_they_are_served_at(tmp_path: Path) -> None:
    """A browser names an address of IPv6 in brackets."""
    secret.ensure_key(tmp_path)
    program = (
        "from server.conf import settings as world; from django.conf import settings; settings.configure("
        "ALLOWED_HOSTS=world.ALLOWED_HOSTS, DEBUG=False); from web.hosts import ours; "
        "print(*map(ours, ('[fd00::7]:4001', '[fd00::8]:4001', '[fd00::9]', '[::1]:4001')))"
    )
    more = {"TIMMY_STATE_DIR": str(tmp_path), "TIMMY_INTERFACE": "fd00::7", "TIMMY_WEB_HOSTS": "fd00::8, world.example"}
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, cwd=PROJECT, env=os.environ | more, capture_output=True, text=True, check=False)
    assert done.stdout == "True True False True\n", done.stderr


def test_an_address_that_is_not_this_machines_is_told_as_such() -> None:
    ours = settings.load()
    for interface in ("192.0.2.7", "no.such.name.invalid", "eth0 "):
        with pytest.raises(TimmyError) as refused:
            ports.check(ours.model_copy(update={"interface": interface}))
        assert not isinstance(refused.value, Conflict)
        assert "TIMMY_INTERFACE" in str(refused.value) and "Another program" not in str(refused.value)


@needs_six
def test_a_port_in_use_is_named_for_ipv6_too() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as door:
        ours = settings.load().model_copy(update={"interface": "::1", "port_base": door.getsockname()[1]})
        with pytest.raises(Conflict, match=r"Another program holds port \d+ \(telnet"):
            ports.check(ours)
