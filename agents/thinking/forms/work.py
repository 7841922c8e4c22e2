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
        '{ago} ago I completed task {number}, "{title}": "{result}".',
        'I completed task {number}, "{title}", {ago} ago: "{result}".',
    ),
    "task": ('Task {number} is "{title}", {whose}; it {stands}.',),
    "task.none": ("There is no task {number}.", "No task has the number {number}."),
    "task.why": (
        'Task {number}, "{title}", {stands}: {reason}.',
        'Task {number}, "{title}", {stands}. The reason: {reason}.',
    ),
    "task.ended": (
        "Task {number} ended {ago} ago, on {day} at {time} UTC.",
        "Task {number} was over {ago} ago, on {day} at {time} UTC.",
    ),
    "task.took": ("It took {length}.", "From start to finish it took {length}."),
    "task.begun": ("Task {number} was started {ago} ago.", "Work on task {number} started {ago} ago."),
    "task.when": (
        "I cannot tell when task {number} will be done: it {stands}.",
        "Task {number} has not ended yet: it {stands}.",
    ),
    "task.who": ('{who} did task {number}, "{title}".', 'Task {number}, "{title}", was done by {who}.'),
    "task.whose": (
        '{who} has task {number}, "{title}", which {stands}.',
        'Task {number}, "{title}", is with {who}; it {stands}.',
    ),
    "task.free": ('Nobody has task {number}, "{title}", which {stands}.',),
    "failures": ('"{title}" has failed {times} in all.', 'By the record, "{title}" failed {times}.'),
    "failures.none": ('"{title}" has never failed, by the record.', 'There is no failure of "{title}" on record.'),
    "how": ('Task {number}, "{title}", is of the kind "{kind}", which {purpose}.',),
    "verdicts": ("{lead}{who} {did} {count}: {titles}.",),
    "verdicts.none": ("{lead}nothing was {did}.",),
    "decided": (
        '{who} {did} task {number}, "{title}", {ago} ago.',
        '{ago} ago {who} {did} task {number}, "{title}".',
    ),
    "decided.none": ("Nobody has decided on task {number} yet.", "There is no verdict on task {number} yet."),
    "changed": ("{who} {did} task {number} {ago} ago.", "{ago} ago {who} {did} task {number}."),
    "changed.none": ("By the record, nobody {did} task {number}.",),
    "task.proposed": ("{who} proposed it {ago} ago.", "It was proposed by {who} {ago} ago."),
    "found": (
        '{My} report on task {number}, "{title}": "{result}".',
        'Task {number}, "{title}", in {my} words: "{result}".',
    ),
    "found.report": ('The report is "task {number}/report".', '"task {number}/report" shows the whole report.'),
    "found.hidden": (
        "Only the owner can show what came out of task {number}.",
        "The outcome of task {number} is the owner's to show, so I keep it.",
    ),
    "found.none": (
        "{I} {have} no finished task on record, and so no findings.",
        "{I} {have} not finished a task, so there is nothing to report.",
    ),
    "wrong.none": ("None of {my} tasks has failed or is paused.", "Nothing of {my} work has failed or is paused."),
    "wrong.none.house": (
        "No task in this house has failed or is paused.",
        "Nothing has gone wrong here: no task has failed or is paused.",
    ),
    "waits": ('{items} for the owner\'s word, the oldest for {ago}: {ref}, "{title}".',),
    "waits.you": (
        '{items} for your word, the oldest for {ago}: {ref}, "{title}". "lectern" lists them.',
        '{items} for you on the lectern, the oldest for {ago}: {ref}, "{title}".',
    ),
    "waits.none": ("Nothing waits for the owner's word.", "The lectern is empty: nothing waits for the owner's word."),
    "open.you": (
        'Task {number}, "{title}", {stands} and needs you; "task {number}" shows it.',
        'You may want to look at task {number}, "{title}", which {stands}.',
    ),
    "free.you": (
        'You can give me work with "task add", for example "task add {example}".',
        'If you have work: "task add {example}" proposes it.',
    ),
    "guest": (
        "The owner makes the decisions here; you can look around and ask.",
        "You are a guest here: look around and ask what you like; the owner decides.",
    ),
    "board": ("On the board: {tally}.", "The board has {tally}."),
    "counted.state": ("{count} {stand}.", "By the board {count} {stand}."),
    "counted.all": ("There {are} {count} on record.", "In all, {count} {are} on record."),
    "can.kinds": ("You can ask for these kinds of work: {kinds}.", "The kinds of task we do here: {kinds}."),
    "can.kind": (
        'Yes, as a task: "{kind}" {purpose}. Ask for it with "task add {usage}".',
        'That is a kind of task, "{kind}", which {purpose}: "task add {usage}" proposes it.',
    ),
    "can.not": (
        "No kind of task here does that. What there is: {kinds}.",
        "Not that, no. The work you can give me: {kinds}.",
    ),
}
