"""The models that the owner has chosen for agents. They are kept apart from the personas, which belong to the project.

Owns `models.json` in the state folder, which lists models by an agent's slug; the first one available is used. Refuses
to guess at a file that cannot be read: the personas then apply unchanged, and the log says why.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from agents.kernel.errors import BadInput
from agents.kernel.settings import Settings
from agents.lineage.persona import ModelName, Persona

_log = logging.getLogger("timmy.lineage")
_NAME = TypeAdapter(ModelName)
_CHOICES = TypeAdapter(dict[str, tuple[ModelName, ...]])


def path(settings: Settings) -> Path:
    """Where the choices are kept."""
    return settings.state_dir / "models.json"


def read(file: Path) -> dict[str, tuple[str, ...]]:
    """The choices. Raises BadInput for a file that holds something else."""
    try:
        return _CHOICES.validate_json(file.read_bytes()[:100_000])
    except FileNotFoundError:
        return {}
    except ValidationError:
        raise BadInput(
            f'{file} cannot be read: it holds lines such as {{"timmy": ["llama3.2"]}}. Mend it, or remove it.'
        ) from None


def choose(file: Path, slug: str, model: str) -> tuple[str, ...]:
    """Have an agent think with `model`, before those it had; '' takes the choice back. What is chosen now."""
    try:
        model = model and _NAME.validate_python(model)
    except ValidationError:
        raise BadInput(f"{model!r} is not the name of a model.", next="timmy model list") from None
    chosen = read(file)
    models = (model, *(m for m in chosen.get(slug, ()) if m != model))[:5] if model else ()
    told = {name: list(names) for name, names in chosen.items() if name != slug} | (
        {slug: list(models)} if models else {}
    )
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(told, indent=2, sort_keys=True) + "\n")
    fresh.replace(file)
    return models


def applied(personas: Mapping[str, Persona], file: Path) -> dict[str, Persona]:
    """The personas of those for whom something was chosen, with the choice before their own preferences."""
    try:
        chosen = read(file)
    except BadInput as error:
        _log.error("%s", error)
        return {}
    return {
        slug: persona.model_copy(
            update={
                "mind": persona.mind.model_copy(
                    update={
                        "models": (*chosen[slug], *(m for m in persona.mind.models if m not in chosen[slug])),
                    }
                )
            }
        )
        for slug, persona in personas.items()
        if slug in chosen
    }
