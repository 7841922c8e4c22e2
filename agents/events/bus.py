"""The event bus of one process: topics with wildcards, and isolated subscribers.

Owns who is notified of what. Stores nothing (that is the log), and keeps one subscriber's failure from the others
and the publisher.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agents.events.models import Event

Handler = Callable[["Event"], None]
MOST_TOPICS = 65_536
"""Number of topics whose subscribers are cached."""

logger = logging.getLogger(__name__)


@lru_cache(maxsize=1024)
def pattern_regex(pattern: str) -> str:
    """The regular expression of a topic pattern: `*` is one word, `**` is one or more.

    `agent.*.move`, `task.*`, `**`. Anchored at both ends; valid in Python, SQLite and PostgreSQL.
    """
    words = {"*": r"[^.]+", "**": r".+"}
    return "^" + r"\.".join(words.get(word, re.escape(word)) for word in pattern.split(".")) + "$"


class Bus:
    """Notifies subscribers of events, in the order in which they subscribed."""

    def __init__(self) -> None:
        self._subscriptions: list[tuple[re.Pattern[str], Handler]] = []
        self._hear: dict[str, tuple[Handler, ...]] = {}

    def subscribe(self, pattern: str, handler: Handler) -> Callable[[], None]:
        """Call `handler` with each event whose topic matches `pattern`.

        Returns a function that ends the subscription; calling it again does nothing.
        """
        entry = (re.compile(pattern_regex(pattern)), handler)
        self._subscriptions.append(entry)
        self._hear.clear()

        def unsubscribe() -> None:
            self._subscriptions = [s for s in self._subscriptions if s is not entry]
            self._hear.clear()

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Notify all matching subscribers; if a handler fails, the error is logged and the others are still called."""
        handlers = self._hear.get(event.topic)
        if handlers is None:
            if len(self._hear) >= MOST_TOPICS:
                self._hear.clear()
            handlers = tuple(handler for regex, handler in self._subscriptions if regex.match(event.topic))
            self._hear[event.topic] = handlers
        for handler in handlers:
            try:
                handler(event)
            except Exception:
                logger.exception("subscriber %r failed on %s (event %s)", handler, event.topic, event.seq)
