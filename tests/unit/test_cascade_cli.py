"""What the command line asks the cascade."""

from __future__ import annotations

from typing import Any

import pytest

from agents.kernel.errors import Unavailable
from agents.kernel.settings import Settings
from server import cascade_cli


@pytest.mark.parametrize("order", ["ollama, openai", "ollama,openai", "ollama openai"])
def test_who_tests_a_providers_model_by_name_enables_it_for_this_once(
    order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def request(method: str, path: str, body: Any = None) -> Any:
        asked.append(body["timmy"])
        raise Unavailable("Nobody is there.")

    monkeypatch.setattr(cascade_cli, "_request", request)
    monkeypatch.setattr(cascade_cli.settings, "current", lambda: Settings(_env_file=None, cascade_order=order))  # type: ignore[call-arg]
    for name, remote in (("openai/gpt-4o", ["openai"]), ("gpt-4o", []), ("nobody/gpt-4o", [])):
        with pytest.raises(Unavailable):
            cascade_cli._answer(name, "Are you there?")
        assert (asked[-1]["models"], asked[-1]["remote"]) == ([name], remote)
