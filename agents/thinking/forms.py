"""The sentences that can be said without a model, each by its form: a few wordings with named blanks.

Owns the wordings, as data. Refuses to fill a blank with anything but what a record says; what a blank
means is the same in every wording, so that a sentence can be read back and compared with the records
it names (`tests/integration/test_reflex.py` does). Nothing here claims to have reasoned, felt or remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agents.kernel.text import clean, shorten

FORMS: Mapping[str, tuple[str, ...]] = {
    "self": ("I am {name}, {role}.", "My file says: {name}, {role}."),
    "errand": ("Of myself I see to {goal} every {every}: {why}.", "My file gives me {goal} to see to, every {every}: {why}."),
    "aim": ('My aim "{aim}" stands at {done} of {of} ({method}).', 'Of my aim "{aim}" {done} of {of} is done ({method}).'),
    "aim.shut": ('My aim "{aim}" is out of reach for now by every method.',),
    "place": ("I stand in {room}.", "I am in {room}."),
    "nowhere": ("I have no body in any room.",),
    "company": ("With me in {room}: {people}.", "I share {room} with {people}."),
    "alone": ("Nobody else is in {room}.", "I have {room} to myself."),
    "ways": ("From {room} ways lead to {rooms}.", "{room} opens on {rooms}."),
    "barred": ("The way from {room} to {other} is barred: {reason}.",),
    "map": ("The map has {count}.", "There are {count} on the map."),
    "room": ("In {room}: {people}.", "Now in {room}: {people}."),
    "doing": ("I am at step {i} of {n} of a plan for {goal}: {deed}.",
              "My plan for {goal} has {n} steps; the one in hand is number {i}: {deed}."),
    "done": ("My plan for {goal} is at its end, with {count} done.",),
    "next": ("After it the plan goes on: {rest}.", "Then come, by the plan: {rest}."),
    "idle": ("I follow no plan now: {doing}.", "No plan of mine is in force: {doing}."),
    "plan.task": ('The plan is for task {number}, "{title}".', 'It is made for task {number}, "{title}".'),
    "left": ("{ago} ago I left a plan for {goal}: {reason}.", "My last plan, for {goal}, was left {ago} ago: {reason}."),
    "did": ("{ago} ago I finished a step: {deed}.", "On record as done {ago} ago: {deed}."),
    "did.none": ("No finished step of mine is on record.",),
    "journal": ("My last entry in the journal is {ago} old and tells of {deeds}.",),
    "journal.none": ("I have written no entry in my journal yet.",),
    "mine": ('Task {number}, "{title}", is mine and {state}.', 'In my hands: task {number}, "{title}", which is {state}.'),
    "mine.why": ('Task {number}, "{title}", is mine and {state}: {reason}.', 'My task {number}, "{title}", is {state}: {reason}.'),
    "mine.none": ("No task is given to me.",),
    "completed": ('{ago} ago I completed task {number}, "{title}": {result}.',
                  'Done {ago} ago: task {number}, "{title}", with this result: {result}.'),
    "task": ('Task {number} is "{title}"; it is {state}, {whose}.',),
    "task.none": ("There is no task {number}.",),
    "event": ('{ago} ago {who} {did} task {number}, "{title}".', 'On record {ago} ago: {who} {did} task {number}, "{title}".'),
    "waits": ("{items} for the owner's word; the oldest, for {ago}: {ref}, \"{title}\".",),
    "waits.none": ("Nothing waits for the owner's word.",),
    "board": ("On the board: {tally}.", "The board has {tally}."),
    "machine": ("{free} of the disk is free.", "The disk is {free} free."),
    "agent": ("{name} is in {room}: {doing}.", "In {room} is {name}: {doing}."),
    "rule": ("A rule of this house: {rule}.", "It is written in this house: {rule}."),
    "thought": ("My thought {ago} ago was of {subject}.", "Before this, {ago} ago, stands a thought of {subject}."),
    "given": ('{who} gave me this to think about: "{text}".',),
    "only": ("No model has a part in this, so I have only my records to lay beside it.",),
    "beside": ("Two records, side by side.", "I lay two records next to each other."),
    "unknown": ("I cannot answer that from what is on record.", "The records I have give me no answer to that."),
    "askable": ("I can be asked what I do, what I did, what I plan, where I am, who is here, what waits for approval, how the work "
                "stands, and about a task, an agent or a room by its name.",),
}  # fmt: skip
WITHOUT_RECORD = ("only", "beside", "unknown", "askable")
"""Forms that state nothing of the world."""
STATES: Mapping[str, str] = {
    "PENDING_APPROVAL": "waiting for the owner's word", "APPROVED": "approved and not begun", "RUNNING": "under way", "PAUSED": "paused",
    "FAILED": "failed", "COMPLETED": "done", "BACKLOGGED": "put aside", "VETOED": "vetoed",
}  # fmt: skip
"""What the states of a task are called."""
SUBJECTS: Mapping[str, str] = {
    "task": "task {key}", "event": "what another did with a task", "agent": "{name}", "self": "who I am by my file",
    "errand": "what I see to of myself", "aim": 'my aim "{key}"', "room": "{room}", "plan": "a plan I left", "doing": "what I do",
    "deed": "a step I finished", "journal": "my journal", "thought": "an earlier thought", "rule": "a rule of this house",
    "board": "the board", "machine": "the disk", "waits": "what waits for the owner's word",
}  # fmt: skip
"""What a thought is of, by the sort of its subject."""
LONGEST = 160
"""Characters of a title, a reason or a result that are told."""


@dataclass(frozen=True)
class Sentence:
    """One sentence and the records that it states: `event:<seq>`, `task:<id>`, `plan:<id>`, `step:<id>`, `approval:<id>`,
    `thought:<id>`, `room:<key>`, `agent:<slug>`, `rule:<n>`, `board`, `map`, `machine`.
    """

    text: str
    records: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """Some sentences, and their text together. `source` says that no model had a part in it."""

    text: str
    sentences: tuple[Sentence, ...]
    source: str = "reflex"


def say(form: str, salt: int, records: Iterable[str], **blanks: object) -> Sentence:
    """A sentence of this form; `salt` chooses among its wordings."""
    wordings = FORMS[form]
    told = wordings[salt % len(wordings)].format_map({name: _harmless(value) for name, value in blanks.items()})
    return Sentence(told[0].upper() + told[1:], tuple(records))


def together(sentences: Iterable[Sentence]) -> Said:
    """Each sentence once, in this order."""
    found = tuple(dict.fromkeys(sentences))
    return Said(" ".join(sentence.text for sentence in found), found)


def _harmless(value: object) -> str:
    """Somebody's words as one line of bounded length, without the full stop that the form brings."""
    return shorten(" ".join(clean(str(value), keep_lines=False).split()), LONGEST).rstrip(".")


def span(seconds: float) -> str:
    """A length of time in its largest unit: `less than a minute`, `1 hour`, `12 days`."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if (count := int(seconds // size)) >= 1:
            return counted(count, unit)
    return "less than a minute"


def counted(number: int, noun: str) -> str:
    """`1 room`, `3 rooms`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def listed(parts: Iterable[str]) -> str:
    """`a, b and c`."""
    *head, last = list(parts) or ["nobody"]
    return f"{', '.join(head)} and {last}" if head else last
