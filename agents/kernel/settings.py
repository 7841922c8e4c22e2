"""The one settings model: environment variables and `.env`, prefix `TIMMY_`.

Owns every knob and its default; `docs/settings.md` describes each (a test compares).
Nothing else in the project reads the environment. Refuses unknown `TIMMY_` names in
`.env` and values out of range with a message that names the variable.
"""

from __future__ import annotations

import difflib
import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from agents.kernel import location, providers
from agents.kernel.errors import BadInput
from agents.kernel.location import PROJECT


class Settings(BaseSettings):
    """All settings, validated at start."""

    model_config = SettingsConfigDict(
        env_prefix="TIMMY_", env_file=PROJECT / ".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    # -- who and where -------------------------------------------------------------------
    owner: str = Field("owner", pattern=r"^[A-Za-z][A-Za-z0-9_-]{1,29}$", description="name of the owner's account and character")
    owner_password: str = Field("", repr=False, description="the owner's first password; made at random and kept in a 0600 file when empty")
    state_dir: Path = Field(PROJECT / "server" / "state", description="database, agents' homes, secrets, run files")
    interface: str = Field("127.0.0.1", description="address that telnet, web and websocket listen on")
    port_base: int = Field(4000, ge=1024, le=65000, description="telnet; +1 web, +2 websocket, +3 the cascade, +5 and +6 internal")
    web_hosts: str = Field("", pattern=r"^[A-Za-z0-9.:\[\], -]*$", description="more names, split by commas, that browsers may reach the web by")
    open_registration: bool = Field(False, description="whether strangers may make accounts at the login screen")
    # -- the wire ----------------------------------------------------------------------------
    connections: int = Field(400, ge=10, le=100_000, description="connections in all, by telnet, websocket and web")
    connections_address: int = Field(100, ge=5, le=100_000, description="connections from one address")
    login_seconds: float = Field(600, ge=1, le=86400, description="how long somebody who has not logged in may be silent before the connection is closed")
    line_chars: int = Field(6000, ge=200, le=100_000, description="longest line that may be typed")
    session_kb: float = Field(32, ge=1, le=100_000, description="kilobytes a second that one connection may send")
    stranger_kb: float = Field(32, ge=1, le=100_000, description="kilobytes a second that all who are not logged in may send from one address")
    stranger_lines: float = Field(20, ge=1, le=10_000, description="lines a second that all who are not logged in may send from one address")
    web_body_kb: int = Field(1024, ge=16, le=100_000, description="largest body of a request to the web port")
    login_failures: int = Field(5, ge=1, le=1000, description="how many wrong passwords one address may try before it waits")
    login_name_failures: int = Field(20, ge=1, le=10000, description="how many may be tried for one name, from all addresses together")
    login_minutes: float = Field(5, gt=0, le=1440, description="for how long a wrong password counts")
    login_waiting: int = Field(128, ge=8, le=10000, description="how many passwords may wait to be checked; one address may have half of them")
    # -- work and governance -----------------------------------------------------------
    read_paths: Annotated[tuple[Path, ...], NoDecode] = Field((Path.home(), PROJECT), description="folders that tools may read, separated by ':'")
    seal_seconds: float = Field(10, ge=0, le=3600, description="how long a verdict can be undone before it takes effect")
    grace_seconds: float = Field(60, ge=0, le=86400, description="how long an approved task waits for an assignee before a fitting agent claims it")
    approval_days: float = Field(7, gt=0, le=365, description="after which a pending approval expires into the backlog")
    step_budget: int = Field(50, ge=1, le=10000, description="plan steps a task may take before it is paused and escalated")
    stall_minutes: float = Field(30, gt=0, description="minutes without progress before a task is paused and escalated")
    # -- minds ----------------------------------------------------------------------------
    step_seconds: float = Field(3, ge=0, le=3600, description="least time between two visible steps of one agent")
    thought_seconds: float = Field(1800, ge=1, le=30 * 86400, description="seconds between two thoughts of an agent whose persona names none")
    thoughts_hour: int = Field(2, ge=0, le=3600, description="thoughts of one agent that a model may be asked for within an hour; the others are reflex")
    thoughts_hour_first: int = Field(12, ge=0, le=3600, description="the same for the first of the line, who has no parent")
    questions_hour: int = Field(5, ge=0, le=3600, description="questions that one agent may put to others of itself within an hour")
    thoughts_kept: int = Field(5000, ge=10, le=10_000_000, description="newest thoughts of each agent that are kept")
    messages_kept: int = Field(5000, ge=100, le=10_000_000, description="newest messages that are kept of each conversation (a person and an agent, two agents, or what is said to nobody)")
    visit_seconds: float = Field(2, ge=0.2, le=60, description="how long one mind may hold the world up at a time before it is ended")
    visit_overruns: int = Field(3, ge=1, le=1000, description="how often within an hour before it is set aside until the owner resumes it")
    prove_seconds: float = Field(20, gt=0, le=600, description="how long the cheapest plan is looked for when somebody asks for it")
    # -- sandbox ---------------------------------------------------------------------------
    sandbox: Literal["auto", "bubblewrap", "landlock", "bare"] = Field("auto", description="which sandbox; 'bare' runs tools without one and is shown as a danger everywhere")
    sandbox_seconds: float = Field(120, gt=0, le=86400, description="wall-clock limit of one sandboxed command")
    sandbox_memory_mb: int = Field(1024, ge=64, description="memory limit of one sandboxed process")
    sandbox_processes: int = Field(128, ge=8, description="processes one sandboxed command may have")
    sandbox_file_mb: int = Field(64, ge=1, description="largest file a sandboxed command may write; its whole disk is four times that")
    sandbox_output_kb: int = Field(2048, ge=16, description="output kept of one sandboxed command; the rest is cut with a word")
    # -- the model cascade -----------------------------------------------------------------
    cascade_order: str = Field("ollama, llama, airllm, api, openai, grok, kimi, claude", description="providers of models, in the order in which they are asked")
    ollama_url: str = Field("http://127.0.0.1:11434", description="where Ollama listens")
    ollama_model: str = Field("", max_length=200, description="its model for agents that name none; empty: the first it has")
    llama_gguf: str = Field("", max_length=1000, description="a model file that llama.cpp serves in a process of its own")
    llama_sha256: str = Field("", pattern=r"^([0-9a-fA-F]{64})?$", description="what that file must hash to")
    llama_context: int = Field(4096, ge=256, le=1_048_576, description="tokens that model can be shown")
    air_model: str = Field("", max_length=1000, description="folder of a model that AirLLM reads layer by layer, in a process of its own; empty: none")
    api_url: str = Field("", description="any other server of the OpenAI API")
    api_key: str = Field("", repr=False, max_length=1000, description="its key")
    api_model: str = Field("", max_length=200, description="its model; empty: the first it has")
    api_price: str = Field("", description="money for a million tokens shown and made")
    openai_url: str = Field("https://api.openai.com/v1", description="where OpenAI's API is")
    openai_key: str = Field("", repr=False, max_length=1000, description="its key")
    openai_model: str = Field("", max_length=200, description="its model")
    openai_price: str = Field("", description="money for a million tokens shown and made")
    grok_url: str = Field("https://api.x.ai/v1", description="where xAI's API is")
    grok_key: str = Field("", repr=False, max_length=1000, description="its key")
    grok_model: str = Field("", max_length=200, description="its model")
    grok_price: str = Field("", description="money for a million tokens shown and made")
    kimi_url: str = Field("https://api.moonshot.ai/v1", description="where Moonshot's API is")
    kimi_key: str = Field("", repr=False, max_length=1000, description="its key")
    kimi_model: str = Field("", max_length=200, description="its model")
    kimi_price: str = Field("", description="money for a million tokens shown and made")
    claude_url: str = Field("https://api.anthropic.com/v1", description="where Anthropic's API is")
    claude_key: str = Field("", repr=False, max_length=1000, description="its key")
    claude_model: str = Field("", max_length=200, description="its model")
    claude_price: str = Field("", description="money for a million tokens shown and made")
    model_connect_seconds: float = Field(2, gt=0, le=60, description="how long a provider may take to be connected to")
    model_first_seconds: float = Field(60, gt=0, le=3600, description="how long it may take until its answer begins")
    model_whole_seconds: float = Field(300, gt=0, le=86400, description="how long until its answer is whole")
    model_slots: int = Field(1, ge=1, le=256, description="questions that a provider on this machine is asked at a time, per model")
    model_slots_remote: int = Field(4, ge=1, le=256, description="questions that any other is asked at a time, per model")
    breaker_failures: int = Field(5, ge=1, le=1000, description="failures in a row after which a provider is left alone")
    breaker_seconds: float = Field(10, gt=0, le=3600, description="for how long at first; it doubles up to ten minutes")
    tokens_a_day: int = Field(100_000, ge=0, description="tokens of remote providers that an agent may use in a day, where its persona says nothing")
    money_a_day: float | None = Field(None, ge=0, description="money that an agent may spend on them in a day")
    # -- screens ---------------------------------------------------------------------------
    feed_rate: int = Field(10, ge=2, le=1000, description="lines a second that one connection is told at most of what it follows; the rest is counted")
    # -- operation -------------------------------------------------------------------------
    hang_seconds: float = Field(30, ge=5, le=3600, description="a Server that has answered and then is silent so long is killed and started anew")
    boot_seconds: float = Field(180, ge=10, le=3600, description="how long one may take to answer for the first time")
    lock_seconds: float = Field(1, ge=0.05, le=30, description="how long the world waits for records that another program has locked before it refuses")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least severity that is logged")
    metrics_token: str = Field("", repr=False, description="who shows it may read /metrics from anywhere; without one only this machine may")
    log_mb: int = Field(10, ge=1, description="size at which a log file rotates; five are kept")

    @field_validator("state_dir", mode="after")
    @classmethod
    def _anchor(cls, value: Path) -> Path:
        return location.anchored(value)

    @field_validator("read_paths", mode="before")
    @classmethod
    def _split_paths(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(Path(part).expanduser() for part in value.split(":") if part)
        return value

    @field_validator("cascade_order", mode="after")
    @classmethod
    def _order(cls, value: str) -> str:
        return ", ".join(providers.order(value))

    @field_validator("ollama_url", *(f"{name}_url" for name in providers.APIS), mode="after")
    @classmethod
    def _url(cls, value: str, info: ValidationInfo) -> str:
        return providers.url(value, secret=info.field_name != "ollama_url")

    @field_validator(*(f"{name}_price" for name in providers.APIS), mode="after")
    @classmethod
    def _price(cls, value: str) -> str:
        providers.price(value)
        return value

    @property
    def homes(self) -> Path:
        """Where each agent's own git repository lives, one folder a slug."""
        return self.state_dir / "homes"


def load() -> Settings:
    """Read the settings afresh.

    Raises BadInput that names each wrong variable and what was expected, or each name
    in `.env` or the environment that is no setting at all, with the nearest that is.
    """
    known = [f"TIMMY_{name.upper()}" for name in Settings.model_fields]
    given = [*location.dotenv(), *(name for name in os.environ if name.startswith("TIMMY_"))]
    if unknown := sorted(set(given) - set(known)):
        hints = (difflib.get_close_matches(name, known, 1) for name in unknown)
        said = "; ".join(f"{n} (did you mean {h[0]}?)" if h else n for n, h in zip(unknown, hints, strict=True))
        raise BadInput(f"There is no such setting: {said}. docs/settings.md lists them all.", next="timmy doctor")
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"TIMMY_{'_'.join(str(p) for p in e['loc'][:1]).upper()}: {e['msg']}" for e in error.errors()
        )
        raise BadInput(f"Settings are not usable: {wrong}.", next="timmy doctor") from error


@lru_cache(maxsize=1)
def current() -> Settings:
    """The settings of this process, read once."""
    return load()
