"""AirLLM, the project's `air` extra, on a folder that `model_folder` has checked.

Owns token-by-token generation. Never uses the network: what is not in the folder does not exist.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import airllm
import huggingface_hub.constants
import jinja2
import torch
import transformers

from agents.cascade.ports import Call, Fault, ProviderFault
from agents.cascade.providers.engine import Ended
from agents.cascade.providers.growing_text import Text

HALF = "\ufffd"
"""The replacement for a character whose tokens are incomplete."""
huggingface_hub.constants.HF_HUB_OFFLINE = True
transformers.logging.set_verbosity_error()


class Loaded:
    """One model. Its layers stay on disk, each in a file that AirLLM creates when it first sees the folder."""

    def __init__(self, folder: Path) -> None:
        """Raises ProviderFault if AirLLM cannot load the folder, or the folder has no chat template."""
        try:
            self._model = airllm.AutoModel.from_pretrained(
                str(folder), device="cuda:0" if torch.cuda.is_available() else "cpu"
            )
            self.context = int(self._model.config.get_text_config().max_position_embeddings)
        except Exception as error:  # whatever three libraries make of a folder: reported as a fault, which is logged
            raise ProviderFault(
                Fault.NO_MODEL, f"AirLLM cannot load the folder: {type(error).__name__}: {error}"
            ) from error
        self._tokenizer = self._model.tokenizer
        if not self._tokenizer.chat_template:
            raise ProviderFault(Fault.NO_MODEL, "the folder holds no chat template")
        # AirLLM collects garbage after every layer: half a second each while everything of PyTorch is scanned.
        gc.freeze()

    def chat(self, call: Call, give: Callable[[str, str], bool]) -> Ended:
        """One answer, token by token."""
        shown = self._shown(call)
        before = shown["input_ids"].shape[1]
        room = self.context - before
        if room <= 0:
            raise ProviderFault(
                Fault.NO_MODEL, f"the request is longer ({before} tokens) than the model's {self.context}"
            )
        text, given, stopped = Text(call.stop, exact=False), "", False

        def more(ids: Any, scores: Any, **kwargs: Any) -> Any:
            nonlocal given, stopped
            now = self._text(ids[0, before:])
            if not now.endswith(HALF):
                stopped, given = text.take(now[len(given) :].encode(), give), now
            else:
                stopped = give("", "")
            return torch.full((1,), stopped, dtype=torch.bool, device=ids.device)

        if call.seed is not None:
            torch.manual_seed(call.seed)
        heat = (
            {}
            if call.temperature is None
            else {"do_sample": True, "temperature": call.temperature}
            if call.temperature
            else {"do_sample": False}
        )
        try:
            made = self._model.generate(
                **shown,
                max_new_tokens=min(call.max_tokens, room),
                stopping_criteria=transformers.StoppingCriteriaList([more]),
                **heat,
            )
        except (
            RuntimeError,
            OSError,
            ValueError,
        ) as error:  # no memory, a failing disk, files that do not match the model
            raise ProviderFault(Fault.BROKEN, f"AirLLM failed: {error}") from None
        if not stopped:
            text.take(self._text(made[0, before:])[len(given) :].encode(), give)
        text.finish(give)
        ended = int(made[0, -1]) in self._ends()
        return Ended(before, made.shape[1] - before - ended, not (ended or stopped))

    def embed(self, texts: list[str]) -> Iterator[tuple[list[float], int]]:
        """Not supported."""
        raise ProviderFault(Fault.NO_MODEL, "AirLLM makes no embeddings")

    def _shown(self, call: Call) -> Any:
        told = [{"role": one.role, "content": one.content} for one in call.messages]
        try:
            shown = self._tokenizer.apply_chat_template(
                told, add_generation_prompt=True, return_tensors="pt", return_dict=True, enable_thinking=call.think
            )
        except (ValueError, jinja2.TemplateError) as error:
            raise ProviderFault(Fault.REFUSED, f"the model's chat template does not take it: {error}") from None
        return {name: shown[name].to(self._model.device) for name in ("input_ids", "attention_mask")}

    def _text(self, tokens: Any) -> str:
        text: str = self._tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text

    def _ends(self) -> set[int]:
        ends = self._model.generation_config.eos_token_id
        return set(ends) if isinstance(ends, list) else {ends}
