"""Who listens where: the kernel's tables, and what `timmy doctor` makes of them."""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path

import pytest

from server import doctor, listeners

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def table(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "tcp"
    path.write_text(
        HEAD + "".join(f"   0: {row} 00000000:00000000 00:00000000 00000000     0        0 1 1 0\n" for row in rows)
    )
    return path


@pytest.mark.parametrize(
    ("local", "address", "beyond"),
    [
        ("0100007F:2CAA 00000000:0000 0A", "127.0.0.1", False),
        ("00000000:2CAA 00000000:0000 0A", "0.0.0.0", True),
        ("0702A8C0:2CAA 00000000:0000 0A", "192.168.2.7", True),
        ("00000000000000000000000001000000:2CAA 0:0 0A", "::1", False),
        ("00000000000000000000000000000000:2CAA 0:0 0A", "::", True),
        ("0000000000000000FFFF00000100007F:2CAA 0:0 0A", "127.0.0.1", False),
    ],
)
def test_addresses_are_read_as_the_kernel_writes_them(local: str, address: str, beyond: bool, tmp_path: Path) -> None:
    tables = (table(tmp_path, local),)
    assert listeners.on(11434, tables) == [ipaddress.ip_address(address)]
    assert bool(listeners.beyond_loopback(11434, tables)) is beyond
    assert listeners.on(11435, tables) == []


def test_connections_are_no_listeners_and_a_machine_without_proc_says_so(tmp_path: Path) -> None:
    assert listeners.on(11434, (table(tmp_path, "00000000:2CAA 0100007F:9999 01"),)) == []
    assert listeners.on(11434, (tmp_path / "nothing",)) is None


@pytest.mark.parametrize(("host", "level"), [("127.0.0.1", "ok"), ("0.0.0.0", "note")])
def test_the_doctor_tells_of_a_model_server_that_others_can_reach(
    host: str, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if listeners.on(1) is None:
        pytest.skip("this machine has no /proc/net")
    with socket.socket() as one:
        one.bind((host, 0))
        one.listen()
        port = one.getsockname()[1]
        monkeypatch.setenv("TIMMY_OLLAMA_URL", f"http://127.0.0.1:{port}")
        (found,) = doctor._model_server()
        assert found.level == level and str(port) in found.said
        assert ("OLLAMA_HOST=127.0.0.1" in found.mend) is (level == "note")
    assert list(doctor._model_server()) == [], "where nothing listens there is nothing to tell"


@pytest.mark.parametrize("url", ["http://192.0.2.7:11434", "https://models.example.org"])
def test_a_model_server_elsewhere_is_not_looked_for_here(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMMY_OLLAMA_URL", url)
    assert list(doctor._model_server()) == []
