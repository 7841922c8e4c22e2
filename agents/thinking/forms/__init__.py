"""The sentences that can be said without a model, each by its form: a few wordings with named blanks.

Owns the wordings, as data in the modules beside this one. Refuses to fill a blank with anything but what a record says;
what a blank means is the same in every wording, so that a sentence can be read back and compared with the records
it names (`tests/support/truths.py` does). Nothing here claims to have reasoned, felt or remembered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from agents.house.values import Sentence
from agents.thinking.forms import deeds, house, itself, manners, work
from agents.thinking.forms.wording import LONGEST, counted, harmless, listed, span
from agents.thinking.forms.work import STATES

__all__ = [
    "FORMS",
    "LONGEST",
    "STATES",
    "SUBJECTS",
    "WITHOUT_RECORD",
    "Said",
    "counted",
    "listed",
    "say",
    "span",
    "together",
]

FORMS: Mapping[str, tuple[str, ...]] = {
    **itself.FORMS,
    **deeds.FORMS,
    **house.FORMS,
    **work.FORMS,
    **manners.FORMS,
}
WITHOUT_RECORD = (*manners.FORMS, "guest")
"""Forms that state nothing of the world."""
SUBJECTS: Mapping[str, str] = {
    "task": "task {key}",
    "event": "what another did with a task",
    "agent": "{name}",
    "self": "who I am by my file",
    "errand": "what I see to of myself",
    "aim": 'my aim "{key}"',
    "room": "{room}",
    "plan": "a plan I left",
    "doing": "what I do",
    "deed": "a step I finished",
    "journal": "my journal",
    "thought": "an earlier thought",
    "rule": "a rule of this house",
    "board": "the board",
    "machine": "the disk",
    "waits": "what waits for the owner's word",
}
"""What a thought is of, by the sort of its subject."""
OF_ANOTHER_PART = "{key}"
"""The same, where another part of the house brought the subject."""


@dataclass(frozen=True)
class Said:
    """Some sentences, and their text together. `source` says that no model had a part in it."""

    text: str
    sentences: tuple[Sentence, ...]
    source: str = "reflex"


def say(form: str, salt: int, records: Iterable[str], *, avoid: Collection[str] = (), **blanks: object) -> Sentence:
    """A sentence of this form; `salt` chooses among its wordings, if possible one that is not in `avoid`."""
    return worded(FORMS[form], salt, records, avoid, blanks)


def worded(
    wordings: Sequence[str], salt: int, records: Iterable[str], avoid: Collection[str], blanks: Mapping[str, object]
) -> Sentence:
    """A sentence by one of these wordings."""
    filled = {name: harmless(value) if name != "lead" else str(value) for name, value in blanks.items()}
    text = ""
    for turn in range(len(wordings)):
        told = wordings[(salt + turn) % len(wordings)].format_map(filled)
        told = told[0].upper() + told[1:]
        text = text or told
        if told not in avoid:
            text = told
            break
    return Sentence(text, tuple(records))


def together(sentences: Iterable[Sentence]) -> Said:
    """Each sentence once, in this order."""
    found = tuple(dict.fromkeys(sentences))
    return Said(" ".join(sentence.text for sentence in found), found)
