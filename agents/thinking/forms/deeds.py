"""Wordings of what was done and what is being done, as data."""

from __future__ import annotations

from collections.abc import Mapping

FORMS: Mapping[str, tuple[str, ...]] = {
    "doing": (
        "I am at step {i} of {n} of a plan for {goal}: {deed}.",
        "My plan for {goal} has {n} steps; I am at number {i}: {deed}.",
    ),
    "done": ("My plan for {goal} is at its end, with {count} done.",),
    "next": ("After that: {rest}.", "Then, by my plan: {rest}."),
    "idle": ("I have no plan in hand: {doing}.", "Nothing is planned for me now: {doing}."),
    "plan.task": ('It is for task {number}, "{title}".', 'That plan is for task {number}, "{title}".'),
    "why.errand": ("I do it because {why}.", "The reason, by my file: {why}."),
    "why.task": ("I do it because the owner approved it {ago} ago.", "It was approved {ago} ago, so I do it."),
    "left": (
        "{ago} ago I left a plan for {goal}: {reason}.",
        "My last plan, for {goal}, was left {ago} ago: {reason}.",
    ),
    "did": ("{ago} ago I {deed}.", "The last I did, {ago} ago: I {deed}."),
    "did.none": ("I have finished no step yet, as far as records go.", "No finished step of mine is on record."),
    "day.failed": (
        '{lead}{I} failed at task {number}, "{title}": {reason}.',
        '{lead}task {number}, "{title}", failed in {my} hands: {reason}.',
    ),
    "day.failed.bare": (
        '{lead}{I} failed at task {number}, "{title}".',
        '{lead}task {number}, "{title}", failed in {my} hands.',
    ),
    "day.failed.many": (
        '{lead}{I} failed {times} at "{title}", the last time because {reason}.',
        '{lead}"{title}" failed {times} in {my} hands, the last time because {reason}.',
    ),
    "day.one": (
        '{lead}{I} completed task {number}, "{title}": {result}.',
        '{lead}{I} finished task {number}, "{title}": {result}.',
    ),
    "day.one.bare": ('{lead}{I} completed task {number}, "{title}".', '{lead}{I} finished task {number}, "{title}".'),
    "day.many": ("{lead}{I} {did} {count}: {subjects}.",),
    "day.again": ("{lead}{I} {did} {subject} {times}.",),
    "day.result": ("Of task {number}: {result}.", "What came of task {number}: {result}."),
    "day.rounds": ("On {my} rounds {I} {deeds}.", "Besides, {I} {deeds}."),
    "day.none": ("{lead}{I} finished no task.", "{lead}no task was finished by {me}."),
    "day.nothing": ("{I} {have} nothing on record for {noun}.", "For {noun} nothing of {mine} is on record."),
    "day.open": ('Task {number}, "{title}", is still {state}.', 'Still {state}: task {number}, "{title}".'),
    "last.task": (
        'The last task {I} finished, {ago} ago, is task {number}, "{title}".',
        '{ago} ago {I} finished {my} last task, number {number}, "{title}".',
    ),
    "streak": (
        'That is {count} times in a row that "{title}" has failed.',
        '"{title}" has now failed {count} times in a row.',
    ),
    "streak.days": (
        '"{title}" has failed {count} days in a row.',
        'That is {count} days in a row on which "{title}" failed.',
    ),
    "news.none": ("{lead}no task was finished in the house.", "{lead}nobody here finished a task."),
    "news.proposed": (
        '{lead}{who} proposed task {number}, "{title}".',
        '{lead}task {number}, "{title}", was proposed by {who}.',
    ),
    "journal": (
        "My last entry in the journal is {ago} old and tells of {deeds}.",
        "I wrote in my journal {ago} ago, of {deeds}.",
    ),
    "journal.none": ("I have written no entry in my journal yet.", "My journal has no entry yet."),
    "event": (
        '{ago} ago {who} {did} task {number}, "{title}".',
        'On record {ago} ago: {who} {did} task {number}, "{title}".',
    ),
    "counted.did": ("{lead}{I} finished {count}.", "{lead}{count} of {mine} came to an end."),
    "counted.kind": (
        "{lead}{I} finished {count} of the kind {kind}.",
        "{lead}of the kind {kind} {I} finished {count}.",
    ),
}
