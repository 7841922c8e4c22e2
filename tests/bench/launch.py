"""`true` started in the sandbox of this machine beside `true` started bare, by the same code."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from agents.kernel.settings import Settings
from agents.work import sandbox
from agents.work.sandbox import Job
from agents.work.sandbox.bare import Bare


def median_ms(function: Callable[[], object], times: int) -> float:
    """The median of the wall-clock milliseconds of several calls."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        function()
        taken.append((time.perf_counter() - begin) * 1000)
    return round(statistics.median(taken), 3)


def measure(quick: bool = False) -> dict[str, Any]:
    """Medians and their ratio."""
    times = 3 if quick else 15
    settings = Settings()
    boxed, bare, job = sandbox.choose_or_missing(settings), Bare(), Job(("true",))
    told: dict[str, Any] = {"sandbox": boxed.name, "bare_ms": median_ms(lambda: bare.run(job), times)}
    if isinstance(boxed, sandbox.Missing):
        return told | {"reason": boxed.reason}
    told["sandbox_ms"] = median_ms(lambda: boxed.run(job), times)
    return told | {"ratio": round(told["sandbox_ms"] / told["bare_ms"], 1)}
