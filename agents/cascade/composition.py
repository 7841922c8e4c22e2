"""The providers that the settings configure, and the cascade over them.

Owns which ones are created and from what. An unavailable provider is no reason to fail: it is reported, with the
reason and what to set, and the others are used.
"""

from __future__ import annotations

import importlib.util
import logging
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

from agents.cascade.breaker import Policy
from agents.cascade.budget import Budget, Price
from agents.cascade.cascade import Cascade
from agents.cascade.health import Health
from agents.cascade.ports import Model, Timeouts
from agents.cascade.roster import Entry, Missing, Roster
from agents.cascade.settings import CascadeSettings, ServersSettings
from agents.cascade.store import Store
from agents.kernel import providers
from agents.kernel.clock import Clock
from agents.kernel.errors import TimmyError
from agents.kernel.settings import Settings
from agents.kernel.text import shorten, visible

_log = logging.getLogger("timmy.cascade")


def cascade(settings: Settings, clock: Clock) -> Cascade:
    """The cascade according to the settings, with its tables in the state folder."""
    ours = settings.of(CascadeSettings)
    return of(
        entries(settings, clock),
        opened(settings.state_dir / "cascade.sqlite3"),
        clock,
        timeouts(settings),
        Policy(ours.breaker_failures, ours.breaker_seconds),
        Budget(ours.tokens_a_day, ours.money_a_day),
    )


def opened(path: Path) -> Store:
    """The tables in the file. A file that is not a database is renamed, because old figures must not prevent
    answers.
    """
    try:
        return Store(path)
    except sqlite3.OperationalError:  # locked, or no room: it may be intact
        raise
    except sqlite3.DatabaseError as error:
        aside = path.with_suffix(".broken")
        _log.error("%s cannot be read (%s); it is kept as %s and a new one is begun", path, error, aside.name)
        path.replace(aside)
        for left in ("-wal", "-shm"):
            path.with_name(path.name + left).unlink(missing_ok=True)
        return Store(path)


def of(
    made: Iterable[Entry | Missing], store: Store, clock: Clock, times: Timeouts, policy: Policy, daily: Budget
) -> Cascade:
    """The cascade over these providers."""
    made = list(made)
    health = Health(store, clock, policy, {one.name: one.slots for one in made if isinstance(one, Entry)})
    return Cascade(Roster(made, health, clock), health, store, clock, times, daily)


def timeouts(settings: Settings) -> Timeouts:
    """The time limits."""
    ours = settings.of(CascadeSettings)
    return Timeouts(ours.model_connect_seconds, ours.model_first_seconds, ours.model_whole_seconds)


def entries(settings: Settings, clock: Clock) -> list[Entry | Missing]:
    """Each provider in order, or why it is missing."""
    found: list[Entry | Missing] = []
    for name in providers.order(settings.of(CascadeSettings).cascade_order):
        make: Callable[[str, Settings, Clock], Entry | Missing] = {
            "ollama": _ollama,
            "llama": _llama,
            "airllm": _air,
        }.get(name, _api)
        try:
            found.append(make(name, settings, clock))
        except ImportError as error:
            found.append(Missing(name, f"what it needs is not installed: {error}"))
        except TimmyError as error:
            found.append(Missing(name, error.message))
        except Exception as error:  # noqa: BLE001  a library may fail in any way: it costs its own provider alone
            _log.exception("provider %s cannot be made", name)
            found.append(
                Missing(name, f"it cannot be made: {type(error).__name__}: {visible(shorten(str(error), 200))}")
            )
    for one in found:
        if isinstance(one, Missing):
            _log.info("provider %s: %s", one.name, one.why)
    return found


def _ollama(name: str, settings: Settings, clock: Clock) -> Entry | Missing:
    ours = settings.of(CascadeSettings)
    if not ours.ollama_url:
        return Missing(name, "TIMMY_OLLAMA_URL is empty")
    from agents.cascade.providers.ollama import Ollama

    here = providers.is_here(ours.ollama_url)
    made = Ollama(ours.ollama_url, timeouts=timeouts(settings), context=ours.ollama_context)
    return Entry(
        made,
        "ollama",
        here,
        ours.ollama_url,
        ours.ollama_model,
        _slots(settings, here=here),
        Price(0.0, 0.0) if here else None,
    )


def _llama(name: str, settings: Settings, clock: Clock) -> Entry | Missing:
    ours = settings.of(CascadeSettings)
    if not ours.llama_gguf:
        return Missing(name, "TIMMY_LLAMA_GGUF names no model file")
    from agents.cascade.providers.llama import Llama

    path = Path(ours.llama_gguf).expanduser()
    made = Llama(path, ours.llama_sha256.lower(), timeouts=timeouts(settings), context=ours.llama_context)
    return Entry(made, "llama", True, str(path), slots=_slots(settings, here=True), price=Price(0.0, 0.0))


def _air(name: str, settings: Settings, clock: Clock) -> Entry | Missing:
    ours = settings.of(CascadeSettings)
    if not ours.air_model:
        return Missing(name, "TIMMY_AIR_MODEL names no folder of a model")
    if importlib.util.find_spec("airllm") is None:
        return Missing(name, "AirLLM is not installed: .venv/bin/pip install -e '.[air]'")
    from agents.cascade.providers.air import Air

    path = Path(ours.air_model).expanduser()
    return Entry(Air(path, timeouts=timeouts(settings)), "airllm", True, str(path), slots=1, price=Price(0.0, 0.0))


def _api(name: str, settings: Settings, clock: Clock) -> Entry | Missing:
    servers = settings.of(ServersSettings)
    url, key, model = (str(getattr(servers, f"{name}_{what}")) for what in ("url", "key", "model"))
    here, upper = providers.is_here(url), name.upper()
    if not url:
        return Missing(name, f"TIMMY_{upper}_URL is empty")
    if not here and not key:
        return Missing(name, f"TIMMY_{upper}_KEY is not set")
    if not here and not model:
        return Missing(name, f"TIMMY_{upper}_MODEL is not set")
    from agents.cascade.providers.openai_api import ABILITIES, ABLE, OpenAIApi

    made = OpenAIApi(
        name, url, key, timeouts=timeouts(settings), local=here, abilities=ABLE.get(name, ABILITIES), clock=clock
    )
    price = providers.price(str(getattr(servers, f"{name}_price")))
    fixed = None if here else (Model(model, local=False),)
    return Entry(
        made,
        "openai",
        here,
        url,
        model,
        _slots(settings, here=here),
        Price(*price) if price else Price(0.0, 0.0) if here else None,
        fixed,
    )


def _slots(settings: Settings, *, here: bool) -> int:
    ours = settings.of(CascadeSettings)
    return ours.model_slots if here else ours.model_slots_remote
