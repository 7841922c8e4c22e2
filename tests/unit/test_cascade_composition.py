"""The providers that settings ask for, and the file of figures."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from agents.cascade import composition
from agents.cascade.roster import Entry, Missing
from agents.kernel import providers
from agents.kernel.clock import SystemClock
from agents.kernel.settings import Settings


def made(**given: object) -> dict[str, str]:
    """Each provider with why there is none; '' where there is one."""
    found = composition.entries(Settings(_env_file=None, **given), SystemClock())  # type: ignore[call-arg, arg-type]
    return {one.name: one.why if isinstance(one, Missing) else "" for one in found}


def test_each_provider_that_cannot_be_had_says_what_to_set() -> None:
    assert made(cascade_order="llama api openai grok") == {
        "llama": "TIMMY_LLAMA_GGUF names no model file",
        "api": "TIMMY_API_URL is empty",
        "openai": "TIMMY_OPENAI_KEY is not set",
        "grok": "TIMMY_GROK_KEY is not set",
    }
    assert made(cascade_order="openai", openai_key="sk-1234567890") == {"openai": "TIMMY_OPENAI_MODEL is not set"}
    assert made(cascade_order="airllm") == {"airllm": "TIMMY_AIR_MODEL names no folder of a model"}
    assert made(cascade_order="ollama", ollama_url="") == {"ollama": "TIMMY_OLLAMA_URL is empty"}


@pytest.mark.parametrize(
    "error", [ValueError("Unknown scheme"), FileNotFoundError(2, "No such file"), ImportError("x")]
)
def test_a_provider_that_cannot_be_made_takes_no_other_along(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(composition, "_ollama", fail)
    found = made(cascade_order="ollama api", api_url="http://127.0.0.1:9/v1")
    assert str(error) in found["ollama"] and found["api"] == ""


@pytest.mark.parametrize(
    ("name", "given", "base"),
    [
        ("api_url", "http://127.0.0.1:8080/v1/chat/completions", "http://127.0.0.1:8080/v1"),
        ("api_url", "http://127.0.0.1:8080/v1/chat/completions/", "http://127.0.0.1:8080/v1"),
        ("api_url", "http://127.0.0.1:8080/v1//completions", "http://127.0.0.1:8080/v1"),
        ("api_url", "http://127.0.0.1:8080/v1/models", "http://127.0.0.1:8080/v1"),
        ("api_url", "http://127.0.0.1:1234/api/v0/embeddings", "http://127.0.0.1:1234/api/v0"),
        ("api_url", "http://127.0.0.1:8080/chat/completions", "http://127.0.0.1:8080"),
        ("claude_url", "https://api.anthropic.com/v1/messages", "https://api.anthropic.com/v1"),
        ("openai_url", "https://gate.example.org/openai", "https://gate.example.org/openai"),
        ("ollama_url", "http://127.0.0.1:11434/api/chat", "http://127.0.0.1:11434"),
        ("ollama_url", "http://127.0.0.1:11434/v1", "http://127.0.0.1:11434"),
        ("ollama_url", "http://127.0.0.1:11434/v1/chat/completions", "http://127.0.0.1:11434"),
        ("ollama_url", "http://127.0.0.1:11434/ollama/", "http://127.0.0.1:11434/ollama"),
    ],
)
def test_the_address_of_a_request_is_understood_as_its_servers(name: str, given: str, base: str) -> None:
    assert getattr(Settings(_env_file=None, **{name: given}), name) == base  # type: ignore[call-arg, arg-type]


def test_the_address_of_another_api_is_refused_with_the_setting_it_is_for() -> None:
    with pytest.raises(ValidationError, match="TIMMY_OLLAMA_URL"):
        Settings(_env_file=None, api_url="http://127.0.0.1:11434/api/chat")  # type: ignore[call-arg]


@pytest.mark.parametrize("installed", [True, False])
def test_airllm_is_had_where_it_is_installed(installed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        composition.importlib.util, "find_spec", lambda name: object() if installed and name == "airllm" else None
    )
    found = made(cascade_order="airllm", air_model="/models/big")
    assert found == {"airllm": "" if installed else "AirLLM is not installed: .venv/bin/pip install -e '.[air]'"}


@pytest.mark.parametrize(
    "given",
    [
        {"cascade_order": "olama"},
        {"cascade_order": "ollama ollama"},
        {"ollama_url": "localhost:1"},
        {"ollama_url": "ftp://h"},
        {"ollama_url": "http://"},
        {"ollama_url": "http://h:99999"},
        {"ollama_url": "http://[::1"},
        {"ollama_url": "http://a b"},
        {"openai_url": "http://api.example.org"},
        {"openai_url": "https://u:p@h"},
        {"openai_url": "https://h/v1?x=1"},
        {"api_price": "1"},
        {"api_price": "-1 2"},
        {"api_price": "nan 1"},
        {"tokens_a_day": -1},
        {"money_a_day": -0.1},
        {"llama_sha256": "abc"},
        {"model_slots": 0},
        {"breaker_failures": 0},
        {"model_first_seconds": 0},
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, **given)  # type: ignore[call-arg, arg-type]


def test_each_api_is_believed_able_as_far_as_its_documentation_says() -> None:
    given = {f"{name}_{what}": "something" for name in ("openai", "claude") for what in ("key", "model")}
    found = composition.entries(Settings(_env_file=None, cascade_order="openai claude", **given), SystemClock())  # type: ignore[call-arg, arg-type]
    able = [one.provider.abilities for one in found if isinstance(one, Entry)]
    assert [(one.chat, one.json, one.embed) for one in able] == [(True, True, True), (True, False, False)]


def test_keys_are_not_shown() -> None:
    ours = Settings(_env_file=None, **{f"{name}_key": f"sk-{name}-secret" for name in providers.APIS})  # type: ignore[call-arg, arg-type]
    assert "secret" not in repr(ours)


def test_what_is_this_machine() -> None:
    for url in ("http://127.0.0.1:1", "http://localhost", "http://[::1]:80/v1", "http://127.9.9.9"):
        assert providers.is_here(url)
    for url in ("http://192.168.0.2", "https://localhost.example.org", "http://0.0.0.0", ""):
        assert not providers.is_here(url)


def test_a_file_that_is_no_database_is_laid_aside(tmp_path: Path) -> None:
    path = tmp_path / "cascade.sqlite3"
    path.write_bytes(b"garbage " * 1000)
    store = composition.opened(path)
    assert store.calls() == [] and (tmp_path / "cascade.broken").read_bytes().startswith(b"garbage")
    store.close()
    composition.opened(path).close()
