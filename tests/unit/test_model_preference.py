"""The models that the owner has chosen for agents."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.kernel.errors import BadInput
from agents.lineage import preference
from agents.lineage.persona import load_all


def test_a_choice_goes_before_what_the_persona_prefers_and_is_taken_back(tmp_path: Path) -> None:
    file, people = tmp_path / "models.json", load_all()[0]
    assert preference.applied(people, file) == {}
    assert preference.choose(file, "ezra", "qwen2.5:1.5b") == ("qwen2.5:1.5b",)
    assert preference.choose(file, "ezra", "ollama/llama3.2") == ("ollama/llama3.2", "qwen2.5:1.5b")
    assert preference.choose(file, "timmy", "llama3.2") == ("llama3.2",)
    chosen = preference.applied(people, file)
    assert set(chosen) == {"ezra", "timmy"}
    assert chosen["ezra"].mind.models == ("ollama/llama3.2", "qwen2.5:1.5b", *people["ezra"].mind.models)
    assert chosen["ezra"].mind.remote == people["ezra"].mind.remote
    assert preference.choose(file, "ezra", "") == ()
    assert set(preference.read(file)) == {"timmy"}


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"timmy": "llama"}', '{"timmy": [7]}', '{"timmy": ["a b"]}', "[" * 100_000]
)
def test_a_file_that_holds_something_else_is_left_and_named(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "models.json"
    file.write_text(text)
    assert preference.applied(load_all()[0], file) == {}
    assert "models.json" in caplog.text
    with pytest.raises(BadInput, match=r"models\.json"):
        preference.choose(file, "timmy", "llama3.2")
    assert file.read_text() == text


def test_what_is_no_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not the name of a model"):
        preference.choose(tmp_path / "models.json", "timmy", "a b\x1b[31m")
    assert not (tmp_path / "models.json").exists()
