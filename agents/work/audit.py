"""The audit: compares tables and repositories with the record, and the record with its anchors.

Owns what a finding is, and which findings the owner may accept. Repairs nothing: on the owner's orders `accept`
writes the current state into the record, and a broken chain cannot be accepted at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from agents.events import anchoring, anchors, rows
from agents.events.anchoring import Anchoring, Compared
from agents.events.chain import ChainReport, fingerprint
from agents.events.log import EventLog
from agents.events.settings import EventsSettings
from agents.kernel.errors import TimmyError
from agents.kernel.settings import Settings
from agents.work import artifacts, replay

ANCHOR, ROW, RANK, TASK, FILE = "anchor", "row", "rank", "task", "file"
MOST_TOLD = 20
"""Maximum number of findings that an acceptance event holds in words."""
ACCEPTABLE = frozenset({ANCHOR, ROW, RANK})
"""What can be accepted as it is. A task or a file that differs from what was approved or reported cannot."""


@dataclass(frozen=True)
class Finding:
    """Something that differs from the record: its sort, and what is wrong in words; `key` is the row or rank."""

    sort: str
    words: str
    key: str = ""


class Ranks(Protocol):
    """The ranks, which are known on the engine's side."""

    wrong: tuple[str, ...]
    """How ranks differed from the record when this world started."""

    def compare(self) -> Iterable[tuple[str, str]]:
        """(which account or body, what is wrong in words)."""
        ...

    def accept(self, of: list[str]) -> None:
        """Record their current state."""
        ...


@dataclass(frozen=True)
class Audit:
    """The result of an audit. `unseen`: what could not be checked."""

    chain: ChainReport
    findings: tuple[Finding, ...]
    anchors: int = 0
    unseen: str = ""

    @property
    def ok(self) -> bool:
        """Whether everything matches the record."""
        return self.chain.ok and not self.findings

    @property
    def acceptable(self) -> bool:
        """Whether the owner may accept it as it is."""
        return self.chain.ok and bool(self.findings) and all(one.sort in ACCEPTABLE for one in self.findings)

    @property
    def code(self) -> str:
        """What the owner types to accept exactly these findings."""
        return fingerprint([[one.sort, one.words] for one in self.findings])[:8]


def examine(events: EventLog, settings: Settings, ranks: Ranks | None) -> Audit:
    """Check everything; call it inside one view of the tables, before anything else reads them."""
    store = anchors.Store(anchoring.folder(settings))
    compared = anchoring.compare(store)
    copy = settings.of(EventsSettings).anchor_copy
    strange, unseen = anchors.told_apart(store, compared.line, copy) if copy else ("", "")
    found = [
        *(
            Finding(ANCHOR, words)
            for words in (*compared.wrong, *([strange] if strange else []), *_damage(store, compared))
        ),
        *(Finding(TASK, words) for words in replay.compare()),
        *(Finding(ROW, words, key) for key, words in rows.compare()),
        *(Finding(FILE, words) for words in artifacts.altered(settings)),
        *(Finding(RANK, words, key) for key, words in (ranks.compare() if ranks else ())),
    ]
    return Audit(events.verify(), tuple(found), len(compared.line), unseen)


def _damage(store: anchors.Store, compared: Compared) -> Iterator[str]:
    if compared.line:
        try:
            store.check()
        except TimmyError as error:
            yield f"the repository of the anchors is damaged: {error.message}"


def accept(events: EventLog, audit: Audit, anchoring: Anchoring, ranks: Ranks | None, actor: str, via: str) -> None:
    """Record the current state of everything that the audit found, and anchor that."""
    keys = {sort: [one.key for one in audit.findings if one.sort == sort] for sort in (ROW, RANK)}
    events.vouch({name: rows.digest(row) if row is not None else None for name, row in rows.standing(keys[ROW])})
    if ranks and keys[RANK]:
        ranks.accept(keys[RANK])
    anchoring.accept(actor, via, audit.code, [one.words for one in audit.findings][:MOST_TOLD])
