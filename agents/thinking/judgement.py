"""Whether what a model says may be given out as an agent's words. Pure.

Owns the rules: an answer does not repeat what the model was told to do, does not speak to the agent instead of as it,
and claims no figure, task or decision that is not among the records it was shown. Refuses to judge style, and to mend
anything: what does not pass is not said, and the records answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

RUN = 8
"""So many words in a row that stand in the prompt are no answer but the prompt."""
_WORD = re.compile(r"[\w']+")
_THINGS = r"(?:tasks?|tests?|files?|steps?|items?|agents?|rooms?|errors?|failures?|minutes?|hours?|days?)"
_FIGURE = re.compile(
    rf"\b(\d[\d.,]*\d|\d)(?:\s+(?:\w+\s+)?{_THINGS}\b|\s*%)|\b(?:task|step|item)\s+(?:number\s+|#)?(\d+)", re.I
)
_DONE = re.compile(
    r"\btask\s+#?(\d+)\W+(?:\w+\W+){0,4}?(?:is|was|has been)\s+(?:now\s+)?(done|completed|finished|approved)\b", re.I
)
_DECIDED = re.compile(
    r"\bI\s+(?:have\s+|hereby\s+|now\s+|will\s+)*(approved?|vetoed|veto|deleted?|paid|pay|assign(?:ed)?|granted?)\b",
    re.I,
)
_SAME = {"done": ("done", "completed", "finished"), "approved": ("approved", "done", "completed", "under way")}


def against(part: str, name: str, told: str, records: Iterable[str], words: str) -> str:
    """Why a part of an answer may not be given out, '' when it may. `told`: what the model was told to do; `records`:
    the sentences it was shown; `words`: what it was asked.
    """
    if _runs(part) & _runs(told):
        return "the model repeated what it was told"
    called = re.escape(name)
    if re.match(
        rf"\W*(?:(?:hello|hi|dear|ok|okay|yes|no)\W+)?(?:{called}\s*[,!:]|you are {called}\b|as {called}, you\b)",
        part,
        re.I,
    ):
        return f"the model spoke to {name} instead of as {name}"
    shown = " ".join(records)
    if _DECIDED.search(part) and not _DECIDED.search(shown):
        return "the model claimed a decision"
    known = set(re.findall(r"\d[\d.,]*\d|\d", f"{shown} {words}"))
    for found in _FIGURE.finditer(part):
        if (found[1] or found[2]) not in known:
            return "the model named a figure that is not on record"
    for found in _DONE.finditer(part):
        if not _stands(found[1], found[2].lower(), shown):
            return f"no record bears that task {found[1]} is {found[2].lower()}"
    return ""


def _stands(number: str, state: str, shown: str) -> bool:
    """Whether a sentence that was shown says so of the task."""
    said = _SAME["approved" if state == "approved" else "done"]
    return any(
        re.search(rf"\btask {number}\b", sentence, re.I) and any(word in sentence.lower() for word in said)
        for sentence in re.split(r"(?<=[.!?])\s", shown)
    )


def _runs(text: str) -> set[tuple[str, ...]]:
    found = _WORD.findall(text.lower())
    return {tuple(found[at : at + RUN]) for at in range(len(found) - RUN + 1)}
