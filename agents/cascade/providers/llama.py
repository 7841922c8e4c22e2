"""llama.cpp on one GGUF file, in a worker process.

Owns the instructions for llama.cpp's worker, and embeddings. Refuses files that `model_file` refuses.
"""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path

from agents.cascade.ports import Abilities, Timeouts, Usage, Vectors
from agents.cascade.providers import http, model_file
from agents.cascade.providers.worked import Worked


class Llama(Worked):
    """One model file. `binding`: which of `llama_engine.BINDINGS` is used; if empty, the first that is installed."""

    name = "llama"
    abilities = Abilities(embed=True, json=True)

    def __init__(
        self, path: Path, sha256: str, *, timeouts: Timeouts, context: int = 4096, threads: int = 0, binding: str = ""
    ) -> None:
        """Does not start anything yet. `threads`: 0 leaves their number to llama.cpp."""
        wanted = {"engine": "llama", "sha256": sha256, "context": context, "threads": threads, "binding": binding}
        super().__init__(path, path.stem, wanted, timeouts=timeouts, context=context)
        self._sha256 = sha256

    def _seen(self) -> model_file.Look:
        return model_file.look(self._path, self._sha256)

    async def embed(self, model: str, texts: tuple[str, ...]) -> Vectors:
        """Embeddings: the mean of the model's output for the tokens."""
        self._known(model)
        async with self._turn:
            link = await self._ready()
            async with aclosing(link.ask({"embed": list(texts)})) as told:
                rows = [(one["row"], one["tokens"]) async for one in told if "row" in one]
        usage = Usage(sum(tokens for _, tokens in rows), 0, True, model=self._title)
        return http.vectors([row for row, _ in rows], len(texts), usage)
