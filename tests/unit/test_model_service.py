"""What the doctor finds of the model service, over a real socket."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from agents.cascade import told
from agents.kernel import location
from agents.kernel.errors import Unavailable
from server import cascading, locks, model_service, ports, secret
from tests.support import cascade
from tests.support.process import free_base


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The port of the service of a world that is up."""
    base = free_base()
    monkeypatch.setenv("TIMMY_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("TIMMY_PORT_BASE", str(base))
    secret.keep(tmp_path, cascading.TOKEN, cascade.TOKEN)
    with locks.take(location.run_dir(), "supervisor"):
        yield ports.of(base)["cascade"]


def found() -> dict[str, tuple[str, str, str]]:
    return {one.what: (one.level, one.said, one.mend) for one in model_service.findings()}


def test_while_the_world_is_down_nothing_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMMY_STATE_DIR", str(tmp_path))
    assert found() == {}


def test_a_quiet_service_is_well(port: int) -> None:
    with cascade.stand_in(port, cascade.quiet()) as server:
        assert found() == {
            "model service": ("ok", f"127.0.0.1:{port}, 1 of 1 provider ready, ollama first", ""),
            "models ollama": ("ok", "qwen2.5:1.5b; not asked yet", ""),
        }
        assert server.asked == [("/status", f"Bearer {cascade.TOKEN}")]  # type: ignore[attr-defined]


def test_each_trouble_has_the_command_that_helps(port: int) -> None:
    said = cascade.busy()
    bare = cascade.provider("empty", models=[])
    denied = cascade.broken("grok", local=False) | {
        "breaker": {
            "state": "open",
            "failures": 5,
            "again_at": None,
            "last_fault": "denied",
            "last_said": "no such key",
        }
    }
    by_hand = cascade.provider("mine", breaker={"state": "open", "failures": 0, "again_at": None})
    lone = cascade.provider("lone")
    lone["models"][0]["breaker"] = {
        "state": "open",
        "failures": 5,
        "again_at": "2026-04-01T12:00:40Z",
        "last_fault": "broken",
        "last_said": "boom",
    }
    said["providers"] += [bare, denied, by_hand, lone]
    with cascade.stand_in(port, said):
        now = found()
    assert now["models ollama"] == (
        "note",
        "left alone: nothing listens at 127.0.0.1:11434",
        "make sure ollama is running; timmy cascade probe",
    )
    assert now["models empty"] == ("note", "it runs but has no model", "ollama pull qwen2.5:1.5b; timmy cascade probe")
    assert now["models grok"] == (
        "note",
        "left alone: it rejects the key (no such key)",
        "set TIMMY_GROK_KEY again; timmy stop; timmy run",
    )
    assert now["models mine"] == ("note", "left alone: its breaker was opened by hand", "timmy cascade close mine")
    assert now["models lone"][:2] == ("note", "left alone: its models are left alone")
    assert now["models off"] == ("ok", "claude (TIMMY_CLAUDE_KEY is not set)", "")


def test_a_service_that_is_down_is_told_with_where_to_read(port: int) -> None:
    level, said, mend = found()["model service"]
    assert level == "note" and "refused" in said and "reflex" in said and "cascade.log" in mend


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"{}", "form that this world does not know"),
        (b"\xff\xfe", "not JSON"),
        (b"", "not JSON"),
    ],
)
def test_a_service_that_speaks_otherwise_is_told_so(port: int, said: bytes, why: str) -> None:
    with cascade.stand_in(port, said):
        level, text, mend = found()["model service"]
    assert level == "note" and why in text and mend


def test_a_wrong_token_is_told_so(port: int) -> None:
    with cascade.stand_in(port, cascade.quiet()), pytest.raises(Unavailable, match="rejects this world's token"):
        model_service.status(port, "another")


def test_a_service_that_hangs_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_service, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", port)), pytest.raises(Unavailable, match="timed out"):
        model_service.status(port, cascade.TOKEN)


def test_a_service_that_hangs_up_is_told_so(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cascade.Handler, "do_GET", lambda handler: handler.connection.close())
    with cascade.stand_in(port, cascade.quiet()), pytest.raises(Unavailable, match="gives no status"):
        model_service.status(port, cascade.TOKEN)


def test_words_of_providers_are_shown_harmless() -> None:
    said = cascade.busy()
    said["providers"][0] |= {"name": "\x1b[31mo", "why": "\u202e" * 500}
    for one in model_service.of(told.read(said)):
        assert not {"\x1b", "\u202e"} & set(one.what + one.said + one.mend)
