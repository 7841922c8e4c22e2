"""Wordings of what was done and what is being done, as data."""

from __future__ import annotations

from collections.abc import Mapping

FORMS: Mapping[str, tuple[str, ...]] = {
    "doing": (
        "I am on step {i} of {n} in my plan for {goal}: {deed}.",
        "My plan for {goal} has {n} steps, and I am on number {i}: {deed}.",
    ),
    "done": ("I have carried out my plan for {goal}, all {count} of it.",),
    "next": ("After that: {rest}.", "Next in my plan: {rest}."),
    "idle": ("I have nothing planned at the moment: {doing}.", "Nothing is planned for me now: {doing}."),
    "plan.task": ('It is for task {number}, "{title}".', 'That plan is for task {number}, "{title}".'),
    "why.errand": ("I do it because {why}.", "The reason in my file: {why}."),
    "why.of": ("The reason in {name}'s file: {why}.", "By {name}'s file: {why}."),
    "why.task": ("I do it because the owner approved it {ago} ago.", "It was approved {ago} ago, so I do it."),
    "left": (
        "{ago} ago I gave up a plan for {goal}: {reason}.",
        "I gave up my last plan, for {goal}, {ago} ago: {reason}.",
    ),
    "did": ("{ago} ago I {deed}.", "The last thing I did, {ago} ago: I {deed}."),
    "did.none": (
        "I have not finished a step yet, as far as the record goes.",
        "No finished step of mine is on record.",
    ),
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
        '{lead}{I} completed task {number}, "{title}": "{result}".',
        '{lead}{I} finished task {number}, "{title}": "{result}".',
    ),
    "day.one.bare": ('{lead}{I} completed task {number}, "{title}".', '{lead}{I} finished task {number}, "{title}".'),
    "day.many": ("{lead}{I} {did} {count}: {subjects}.",),
    "day.again": ("{lead}{I} {did} {subject} {times}.",),
    "day.result": ('{My} report on task {number}: "{result}".', 'Task {number}, in {my} words: "{result}".'),
    "day.rounds": ("On {my} rounds {I} {deeds}.", "{I} also {deeds}."),
    "day.none": ("{lead}{I} finished no task.", "{lead}{I} did not finish a task."),
    "day.nothing": ("{I} {have} nothing on record for {noun}.", "{My} record for {noun} is empty."),
    "day.open": ('Task {number}, "{title}", is still {state}.', 'Still {state}: task {number}, "{title}".'),
    "last.task": (
        'The last task {I} finished was task {number}, "{title}", {ago} ago.',
        '{ago} ago {I} finished {my} last task, number {number}, "{title}".',
    ),
    "streak": (
        'That makes {count} times in a row that "{title}" has failed.',
        '"{title}" has now failed {count} times in a row.',
    ),
    "streak.days": (
        '"{title}" has failed {count} days in a row.',
        'That makes {count} days in a row that "{title}" has failed.',
    ),
    "news.none": ("{lead}no task was finished in the house.", "{lead}nobody here finished a task."),
    "news.proposed": (
        '{lead}{who} proposed task {number}, "{title}".',
        '{lead}task {number}, "{title}", was proposed by {who}.',
    ),
    "journal": (
        "My last journal entry is {ago} old and covers {deeds}.",
        "I wrote in my journal {ago} ago, about {deeds}.",
    ),
    "journal.none": ("I have not written in my journal yet.", "My journal is still empty."),
    "event": (
        '{ago} ago {who} {did} task {number}, "{title}".',
        'By the log, {who} {did} task {number}, "{title}", {ago} ago.',
    ),
    "counted.did": ("{lead}{I} finished {count}.", "{lead}{I} got {count} done."),
    "counted.kind": (
        "{lead}{I} finished {count} of the kind {kind}.",
        "{lead}{I} got {count} of the kind {kind} done.",
    ),
    "source": (
        'What I told you last comes from {tasks}; "task {first}" shows the record.',
        'You can check what I told you against {tasks}: type "task {first}".',
    ),
}
