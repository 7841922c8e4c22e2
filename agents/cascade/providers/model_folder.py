"""The folder of a local model: what it must be before AirLLM, which would run programs it finds there, may read it.

Owns the cheap checks: is everything there, and is all of it data. Refuses pickled weights and models that bring
their own program: either could do anything, and nobody should have to hash hundreds of gigabytes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agents.cascade.ports import Fault, ProviderFault
from agents.cascade.providers.model_file import Look
from agents.kernel.text import visible

CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
PICKLED = "pytorch_model.bin.index.json"
"""AirLLM prefers this one to safetensors."""
PROGRAM = "auto_map"
"""The key with which a model names Python files to run."""
_MAY_NAME_ONE = (
    CONFIG,
    "tokenizer_config.json",
    "generation_config.json",
    "processor_config.json",
    "preprocessor_config.json",
)
MOST_BYTES = 64_000_000


def look(folder: Path) -> Look:
    """The folder as it is now. Raises ProviderFault if it cannot be a model that AirLLM may read."""
    shown = visible(str(folder))
    try:
        if not folder.is_dir():
            raise _no(
                f"{shown} is not a folder; name the one that the model's {CONFIG} is in"
                if folder.exists()
                else f"there is no folder {shown}"
            )
        if not (folder / CONFIG).is_file():
            raise _no(f"{shown} holds no model: there is no {CONFIG} in it")
        for name in _MAY_NAME_ONE:
            if (folder / name).is_file() and _names_program(_read(folder / name)):
                raise _no(f"the model in {shown} brings its own program ({PROGRAM} in {name}); such models are not run")
        if (folder / PICKLED).exists():
            raise _no(f"{shown} holds pickled weights ({PICKLED}), which may run programs; only safetensors are read")
        weights = [folder / name for name in _weights(folder)]
        missing = next((one.name for one in weights if not one.is_file()), "")
        if missing:
            raise _no(f"{shown} lacks {visible(missing)}, which {INDEX} names")
        stats = [one.stat() for one in (folder / CONFIG, *weights)]
        return Look(folder.stat().st_ino, sum(one.st_size for one in stats[1:]), max(one.st_mtime_ns for one in stats))
    except OSError as error:
        raise _no(f"{shown} cannot be read ({error.strerror or error})") from None


def _weights(folder: Path) -> list[str]:
    if not (folder / INDEX).is_file():
        if not (folder / WEIGHTS).is_file():
            raise _no(f"{visible(str(folder))} holds no model: there is neither {WEIGHTS} nor {INDEX} in it")
        return [WEIGHTS]
    index = _read(folder / INDEX)
    named = index.get("weight_map") if isinstance(index, dict) else None
    names = (
        set(named.values())
        if isinstance(named, dict) and all(isinstance(one, str) for one in named.values())
        else set()
    )
    if not names or any(Path(one).name != one or not one.endswith(".safetensors") for one in names):
        raise _no(f"{INDEX} in {visible(str(folder))} does not say which files the weights are in")
    return sorted(names)


def _read(path: Path) -> Any:
    with path.open("rb") as file:
        text = file.read(MOST_BYTES + 1)
    try:
        if len(text) > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES} bytes")
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _no(f"{visible(str(path))} is not JSON ({type(error).__name__})") from None


def _names_program(value: Any) -> bool:
    if isinstance(value, dict):
        return PROGRAM in value or any(map(_names_program, value.values()))
    return isinstance(value, list) and any(map(_names_program, value))


def _no(said: str) -> ProviderFault:
    return ProviderFault(Fault.NO_MODEL, said)
