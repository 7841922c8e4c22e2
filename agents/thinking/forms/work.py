"""Wordings of tasks, of what waits and of what was found, as data."""

from __future__ import annotations

from collections.abc import Mapping

STATES: Mapping[str, str] = {
    "PENDING_APPROVAL": "waiting for the owner's word",
    "APPROVED": "approved and not begun",
    "RUNNING": "under way",
    "PAUSED": "paused",
    "FAILED": "failed",
    "COMPLETED": "done",
    "BACKLOGGED": "put aside",
    "VETOED": "vetoed",
}
"""What the states of a task are called."""
STANDS: Mapping[str, str] = {state: f"is {word}" for state, word in STATES.items()} | {"FAILED": "has failed"}
"""How a task stands, by its state."""
FORMS: Mapping[str, tuple[str, ...]] = {
    "mine": ('Task {number}, "{title}", is mine; it {stands}.', 'I have task {number}, "{title}", which {stands}.'),
    "mine.why": (
        'Task {number}, "{title}", is mine; it {stands}: {reason}.',
        'My task {number}, "{title}", {stands}: {reason}.',
    ),
    "mine.none": ("No task is given to me.", "I have no task in hand."),
    "completed": (
        '{ago} ago I completed task {number}, "{title}": {result}.',
        'I completed task {number}, "{title}", {ago} ago: {result}.',
    ),
    "task": ('Task {number} is "{title}"; it {stands}, {whose}.',),
    "task.none": ("There is no task {number}.", "No task has the number {number}."),
    "task.why": (
        'Task {number}, "{title}", {stands}: {reason}.',
        'The reason on record for task {number}, "{title}", which {stands}: {reason}.',
    ),
    "task.ended": (
        "Task {number} came to its end {ago} ago, on {day} at {time} UTC.",
        "The end of task {number} was {ago} ago, on {day} at {time} UTC.",
    ),
    "task.took": ("It took {length}.", "From its beginning to its end: {length}."),
    "task.begun": ("Task {number} was begun {ago} ago.", "Its beginning was {ago} ago: task {number}."),
    "task.when": (
        "When task {number} will be done I cannot tell: it {stands}.",
        "No end of task {number} is on record yet: it {stands}.",
    ),
    "task.who": ('{who} did task {number}, "{title}".', 'Task {number}, "{title}", was done by {who}.'),
    "task.whose": (
        '{who} has task {number}, "{title}", which {stands}.',
        'Task {number}, "{title}", is with {who}; it {stands}.',
    ),
    "task.free": ('Nobody has task {number}, "{title}", which {stands}.',),
    "task.proposed": ("It was proposed by {who} {ago} ago.", "{ago} ago it was proposed by {who}."),
    "found": ('From task {number}, "{title}": {result}.', 'What task {number}, "{title}", brought: {result}.'),
    "found.report": ('The report is "task {number}/report".', 'Read the whole with "task {number}/report".'),
    "found.hidden": (
        "What came out of task {number} is for the owner to show.",
        "The outcome of task {number} is the owner's to show, so I keep it.",
    ),
    "found.none": (
        "No finished task of {mine} is on record, so {I} {have} found nothing to tell of.",
        "{I} {have} finished no task, so there is nothing found to tell.",
    ),
    "wrong.none": ("No task of {mine} is failed or paused.", "Nothing of {mine} stands as failed or paused."),
    "wrong.none.house": (
        "No task in this house is failed or paused.",
        "Nothing stands as failed or paused in this house.",
    ),
    "waits": ('{items} for the owner\'s word; the oldest, for {ago}: {ref}, "{title}".',),
    "waits.you": (
        '{items} for your word; the oldest, for {ago}: {ref}, "{title}". "lectern" lists all.',
        'On the lectern {items} for you; the oldest, for {ago}: {ref}, "{title}".',
    ),
    "waits.none": ("Nothing waits for the owner's word.", "The lectern is empty: nothing waits for the owner's word."),
    "open.you": (
        'Task {number}, "{title}", {stands} and asks for you: "task {number}" shows it.',
        'You may want to look at task {number}, "{title}", which {stands}.',
    ),
    "free.you": (
        'You can give me work with "task add", for example "task add {example}".',
        'If you have work: "task add {example}" proposes it.',
    ),
    "guest": (
        "Decisions here are the owner's; you can look about and ask.",
        "You are a guest here: look about and ask what you like; the owner decides.",
    ),
    "board": ("On the board: {tally}.", "The board has {tally}."),
    "counted.state": ("{count} {stand}.", "By the board {count} {stand}."),
    "counted.all": ("There {are} {count} on record.", "In all, {count} {are} on record."),
    "can.kinds": ("Kinds of task that are done here: {kinds}.", "Work that can be asked for: {kinds}."),
    "can.kind": (
        'Yes, as a task: "{kind}" {purpose}. Ask for it with "task add {usage}".',
        'That is a kind of task, "{kind}", which {purpose}: "task add {usage}" proposes it.',
    ),
    "can.not": (
        "That is no kind of task of this house; these are: {kinds}.",
        "No, not that. What I can be given is one of these: {kinds}.",
    ),
}
