"""Vetoes as a part of the house: agents say what was refused before and why, and a model's prompt holds it.

Owns the vetoes that stand, read when one is asked about and kept until another is given or lifted, and which of them
somebody's words bear on. Refuses to keep anybody from proposing: the work service does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from agents.governance.rules import Actor
from agents.house.core import Core
from agents.house.part import Part
from agents.house.values import Sentence
from agents.kernel.text import shorten
from agents.thinking.forms.wording import span
from agents.work.vetoes import Veto

KNOWN, TOLD = 100, 3
"""So many of the newest vetoes are known to agents, and told at once."""
LONGEST = 160
SHORTEST = 4
"""Letters of the shortest word of a title that tells one task from others."""
_ASKED = re.compile(
    r"\b(?:veto(?:e[ds]|es|ing)?|refus(?:e|ed|al|als|ing)|reject(?:ed|s)?|turned? down)\b", re.IGNORECASE
)
_WORD = re.compile(r"[\w~./-]+")


class VetoesPart(Part):
    """What is known of vetoes in one house."""

    name = "vetoes"

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._standing: list[Veto] | None = None
        self._unsubscribe: list[Callable[[], None]] = []

    def start(self) -> None:
        """Hear of vetoes that are given and lifted."""
        topics = ("task.vetoed", "task.reopened")
        self._unsubscribe = [self.core.bus.subscribe(topic, lambda event: self.lose()) for topic in topics]

    def stop(self) -> None:
        """Hear no more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    def lose(self) -> None:
        """What is kept may not be so any more: read it again."""
        self._standing = None

    def restore(self, kept: None) -> None:
        """The tables are others now."""
        self.lose()

    def recalls(self, slug: str, words: str, asker: Actor) -> Iterable[Sentence]:
        """The vetoes that the words bear on, the newest first."""
        if self._standing is None:
            self._standing = [veto for veto in self.core.work.vetoes(KNOWN) if veto.stands]
        found = [veto for veto in self._standing if bears_on(veto, words)]
        if not found and _ASKED.search(words):
            found = self._standing
        now = self.core.runtime.clock.now()
        for veto in found[:TOLD]:
            ago = span((now - veto.at).total_seconds())
            reason = shorten(veto.reason, LONGEST).rstrip(".")
            why = f" because: {reason}" if reason else " without a reason"
            title = shorten(veto.title, LONGEST)
            said = f'Task {veto.task}, "{title}", was vetoed {ago} ago{why}.'
            yield Sentence(said, (f"task:{veto.task}", f"event:{veto.event}"))


def bears_on(veto: Veto, words: str) -> bool:
    """Whether the words speak of the like: they hold a task's kind, and a telling word of its title besides."""
    asked = {word.strip(".,!?").casefold() for word in _WORD.findall(words)}
    telling = {word.casefold() for word in _WORD.findall(veto.title) if len(word) >= SHORTEST} - {veto.kind}
    return veto.kind in asked and bool(telling & asked)


PARTS = (VetoesPart,)
