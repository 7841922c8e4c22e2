"""Settings of the model cascade, and of the servers with the OpenAI API that can be configured.

Owns them, the same four for each server. Only `agents/kernel/settings.py` reads the environment.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, Field, create_model, field_validator

from agents.kernel import providers
from agents.kernel.section import OlderSection


class CascadeSettings(OlderSection):
    """The model cascade"""

    cascade_order: str = Field(
        "ollama, llama, airllm, api, openai, grok, kimi, claude",
        description=(
            "Language model providers, in the order in which they are asked. A provider that is not on the list "
            "is never asked. One whose settings below are empty is skipped, and `timmy cascade status` says why."
        ),
    )
    ollama_url: str = Field(
        "http://127.0.0.1:11434",
        description=(
            "The address of Ollama, which is detected automatically when it starts. On another machine it counts "
            "as remote."
        ),
    )
    ollama_model: str = Field(
        "",
        max_length=200,
        description="Ollama's model for agents whose persona names none. Empty: the first one it has.",
    )
    ollama_context: int = Field(
        16_384,
        ge=0,
        le=1_048_576,
        description=(
            "The largest context window, in tokens, with which Ollama is asked to load a model. A question is "
            "sent with a window that is large enough: the one already loaded, or else 4,096 tokens, doubled as "
            "often as necessary. Larger windows take more memory. `0`: Ollama's own default."
        ),
    )
    llama_gguf: str = Field(
        "", max_length=1000, description="Path of a model file (GGUF) for llama.cpp, which runs in a separate process."
    )
    llama_sha256: str = Field(
        "",
        pattern=r"^([0-9a-fA-F]{64})?$",
        description=(
            "The SHA-256 of that file, 64 hexadecimal digits, as printed by `sha256sum FILE`. A file with a "
            "different hash is not loaded, nor is any file as long as this is empty."
        ),
    )
    llama_context: int = Field(4096, ge=256, le=1_048_576, description="Context window of that model, in tokens.")
    air_model: str = Field(
        "",
        max_length=1000,
        description=(
            "Folder of a model (`config.json`, a tokenizer, weights as safetensors) that AirLLM reads layer by "
            "layer in a separate process, for models that do not fit into memory. It needs the extra `air`, disk "
            "space for a second copy of the weights, and patience: see [AirLLM](owner.md#airllm)."
        ),
    )
    model_connect_seconds: float = Field(2, gt=0, le=60, description="Seconds to wait for a connection to a provider.")
    model_first_seconds: float = Field(
        60,
        gt=0,
        le=3600,
        description=(
            "Seconds to wait for the beginning of an answer before the next provider is asked. Loading a large "
            "model takes time."
        ),
    )
    model_whole_seconds: float = Field(
        300, gt=0, le=86400, description="Seconds to wait for a whole answer before it is cut off."
    )
    model_slots: int = Field(
        1,
        ge=1,
        le=256,
        description=(
            "How many questions a provider on this machine is asked at the same time, for each of its models. "
            "Others wait in a fair queue."
        ),
    )
    model_slots_remote: int = Field(
        4,
        ge=1,
        le=256,
        description=(
            "The same for remote providers. One that complains of too many requests is sent fewer, then gradually"
            " more again."
        ),
    )
    breaker_failures: int = Field(
        5,
        ge=1,
        le=1000,
        description="Failures in a row after which a provider, or one of its models, is left alone for a while.",
    )
    breaker_seconds: float = Field(
        10,
        gt=0,
        le=3600,
        description=(
            "Seconds of that pause; afterwards the provider is tried with one question. The pause doubles with "
            "each further failure, up to ten minutes."
        ),
    )
    tokens_a_day: int = Field(
        100_000,
        ge=0,
        description=(
            "Tokens that an agent may use at remote providers in a day (UTC), unless its persona says otherwise. "
            "When they are used up, its questions are answered on this machine, and the answers say so."
        ),
    )
    money_a_day: float | None = Field(
        None,
        ge=0,
        description=(
            "Money that an agent may spend at remote providers in a day. Not set: only tokens are counted. If it "
            "is set, a provider without a price is not asked."
        ),
    )

    @field_validator("cascade_order", mode="after")
    @classmethod
    def _order(cls, value: str) -> str:
        return ", ".join(providers.order(value))

    @field_validator("ollama_url", mode="after")
    @classmethod
    def _url(cls, value: str) -> str:
        return providers.url(value, secret=False)


_MONEY = "Price of a million input tokens and of a million output tokens"


def _price(text: str) -> str:
    providers.price(text)
    return text


_Url = Annotated[str, AfterValidator(partial(providers.url, secret=True))]
_Price = Annotated[str, AfterValidator(_price)]


def _server(name: str, url: str, where: str, key: str, model: str, price: str) -> dict[str, Any]:
    """The four settings of a server: their names begin with `name`."""
    return {
        f"{name}_url": (_Url, Field(url, description=where)),
        f"{name}_key": (str, Field("", repr=False, max_length=1000, description=key)),
        f"{name}_model": (str, Field("", max_length=200, description=model)),
        f"{name}_price": (_Price, Field("", description=price)),
    }


def _service(name: str, called: str, url: str) -> dict[str, Any]:
    return _server(
        name,
        url,
        f"Address of the API of {called}.",
        f"The key for {called}. It alone sends nothing: an agent's persona must also name `{name}` in `mind: remote`.",
        f"The model of {called} to ask; without one, the provider is skipped.",
        f"{_MONEY}; required if a budget in money is set.",
    )


ServersSettings = create_model(
    "ServersSettings",
    __base__=OlderSection,
    __doc__="Servers of the OpenAI API",
    **_server(
        "api",
        "",
        "Address of any other server with the OpenAI API, such as `http://127.0.0.1:8080/v1`; the full address of a "
        "request (`…/v1/chat/completions`) works, too. A server on another machine needs https, a key and a model.",
        "Its key, if it needs one. Keys are never shown.",
        "Its model. Empty: the first one it has (only on this machine).",
        f"{_MONEY}, such as `0.15 0.60`.",
    ),
    **_service("openai", "OpenAI", "https://api.openai.com/v1"),
    **_service("grok", "xAI (Grok)", "https://api.x.ai/v1"),
    **_service("kimi", "Moonshot (Kimi)", "https://api.moonshot.ai/v1"),
    **_service("claude", "Anthropic (Claude)", "https://api.anthropic.com/v1"),
)


SECTIONS = (
    CascadeSettings,
    ServersSettings,
)
