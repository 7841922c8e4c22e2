"""What a folder has to be before AirLLM may read it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.cascade.ports import Fault, ProviderFault, Timeouts
from agents.cascade.providers import model_folder
from agents.cascade.providers.air import Air


def whole(folder: Path, shards: int = 1) -> Path:
    """A folder that has everything, as far as one can tell from outside."""
    folder.mkdir()
    (folder / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    names = (
        ["model.safetensors"] if shards == 1 else [f"model-{n}-of-{shards}.safetensors" for n in range(1, shards + 1)]
    )
    for name in names:
        (folder / name).write_bytes(b"1234567890")
    if shards > 1:
        (folder / "model.safetensors.index.json").write_text(
            json.dumps({"weight_map": {f"layer.{n}": name for n, name in enumerate(names)}})
        )
    return folder


@pytest.mark.parametrize("shards", [1, 3])
def test_a_whole_folder_is_one_model_on_this_machine(tmp_path: Path, shards: int) -> None:
    folder = whole(tmp_path / "Big-3.1", shards)
    (model,) = asyncio.run(Air(folder, timeouts=Timeouts()).models())
    assert (model.name, model.local, model.size) == ("Big-3.1", True, 10 * shards)
    before = model_folder.look(folder)
    assert model_folder.look(folder) == before
    os.utime(folder / "config.json", ns=(1, before.changed + 1))
    assert model_folder.look(folder) != before


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "nothing in it": (lambda folder: (folder / "config.json").unlink(), "holds no model: there is no config.json"),
    "no weights": (
        lambda folder: (folder / "model.safetensors").unlink(),
        "neither model.safetensors nor model.safetensors.index.json",
    ),
    "no JSON": (lambda folder: (folder / "config.json").write_text("{"), "is not JSON"),
    "nested without end": (lambda folder: (folder / "config.json").write_text("[" * 100_000), "is not JSON"),
    "a program": (
        lambda folder: (folder / "config.json").write_text('{"auto_map": {"AutoConfig": "a.B"}}'),
        "its own program",
    ),
    "a program, hidden": (
        lambda folder: (folder / "tokenizer_config.json").write_text('{"a": [{"auto\\u005fmap": {}}]}'),
        "its own program",
    ),
    "pickled": (lambda folder: (folder / "pytorch_model.bin.index.json").write_text("{}"), "pickled"),
    "an index of nothing": (
        lambda folder: (folder / "model.safetensors.index.json").write_text("{}"),
        "does not say which files",
    ),
    "an index that is none": (
        lambda folder: (folder / "model.safetensors.index.json").write_text("[1]"),
        "does not say which files",
    ),
    "an index that leads out": (
        lambda folder: (folder / "model.safetensors.index.json").write_text(
            '{"weight_map": {"a": "../x.safetensors"}}'
        ),
        "does not say which files",
    ),
    "an index of pickles": (
        lambda folder: (folder / "model.safetensors.index.json").write_text('{"weight_map": {"a": "x.bin"}}'),
        "does not say which files",
    ),
    "a part away": (
        lambda folder: (folder / "model.safetensors.index.json").write_text('{"weight_map": {"a": "x.safetensors"}}'),
        "lacks x.safetensors",
    ),
}


@pytest.mark.parametrize("what", SPOILT)
def test_what_is_no_model_is_refused_in_plain_words(tmp_path: Path, what: str) -> None:
    folder = whole(tmp_path / "big")
    spoil, said = SPOILT[what]
    spoil(folder)
    with pytest.raises(ProviderFault, match=said) as caught:
        model_folder.look(folder)
    assert caught.value.kind is Fault.NO_MODEL


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for name, said in (("away", "there is no folder"), ("file", "is not a folder; name the one")):
        with pytest.raises(ProviderFault, match=said):
            model_folder.look(tmp_path / name)


def test_it_makes_no_embeddings(tmp_path: Path) -> None:
    provider = Air(whole(tmp_path / "big"), timeouts=Timeouts())
    assert not (provider.abilities.embed or provider.abilities.json)
    with pytest.raises(ProviderFault, match="no embeddings"):
        asyncio.run(provider.embed("big", ("a",)))
