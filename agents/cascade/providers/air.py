"""AirLLM on the folder of one model, in a worker process: models larger than memory, read layer by layer for each
token.

Owns the instructions for AirLLM's worker. Supports neither embeddings nor schemas, because AirLLM has neither.
"""

from __future__ import annotations

from pathlib import Path

from agents.cascade.ports import Abilities, Fault, ProviderFault, Timeouts, Vectors
from agents.cascade.providers import model_folder
from agents.cascade.providers.model_file import Look
from agents.cascade.providers.worked import Worked


class Air(Worked):
    """One folder, as models are published: `config.json`, a tokenizer, weights as safetensors."""

    name = "airllm"
    abilities = Abilities()

    def __init__(self, path: Path, *, timeouts: Timeouts) -> None:
        """Does not start anything yet."""
        super().__init__(path, path.name, {"engine": "airllm"}, timeouts=timeouts)

    def _seen(self) -> Look:
        return model_folder.look(self._path)

    async def embed(self, model: str, texts: tuple[str, ...]) -> Vectors:
        """Not supported."""
        raise ProviderFault(Fault.NO_MODEL, "AirLLM makes no embeddings")
