"""Whether a model is quick enough for talk, by what the model service last told of itself. Pure.

Owns that rule. Refuses to guess: where nothing was measured the model is asked.
"""

from __future__ import annotations

from collections.abc import Collection

from agents.cascade.told import Report


def too_slow(report: Report | None, most: float, remote: Collection[str] = ()) -> bool:
    """Whether the provider that would be asked first lets its first word be waited for longer than `most` seconds, in
    half of the cases it has on record (0: that is never too slow). `remote`: the providers elsewhere that may be asked.
    """
    if report is None or not most:
        return False
    first = next((one for one in report.providers if one.ready and (one.local or one.name in remote)), None)
    waited = first.latency_ms.first.p50 if first else None
    return waited is not None and waited > most * 1000
