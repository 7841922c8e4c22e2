"""Topics of tasks, of the steps that are done for them, and of tools.

Owns their declarations. `store.py` changes tasks, `journal.py` steps, and `toolbox.py` calls tools.
"""

from __future__ import annotations

from agents.events.topic import Data, Form, Topic

_CHANGE = ("title", "from", "to", "set", "reason")
_OUTCOME = ("result", "outcome", "well")
_COVER = ("effects", "lacking", "golden")


def _ended(data: Data) -> Form:
    """The outcome in one line if the kind reports one; what was just said aloud is left out."""
    told = next((f": {{{field}}}" for field in ("outcome", "result") if data.get(field)), "")
    return Form(f"completed task {{n}}{told}")


def _task(past: str, meaning: str, words: str = "", *data: str) -> Topic:
    plain = Form(f"{past} task {{n}}: {{title}}", more=" ({reason})")
    return Topic(f"task.{past}", meaning, (*_CHANGE, *data), Form(words) if words else plain)


def _tool(data: Data) -> Form:
    return Form("used {tool}: {error}", told="news" if data.get("error") else "quiet")


TOPICS = (
    Topic(
        "task.proposed",
        "a task was proposed to the owner",
        ("title", "kind", "to", "set", "reason"),
        Form("proposed task {n}: {title}", more=" ({reason})"),
    ),
    _task("edited", "its content was changed, so it must be read again"),
    _task("prioritised", "its priority was changed", "gave task {n} the priority {priority}: {title}", "priority"),
    _task("approved", "an approval took effect"),
    _task("vetoed", "it was refused"),
    _task("backlogged", "it went to the backlog, or nobody decided in time"),
    _task("assigned", "it was given to an agent, or set free", "gave task {n} to {assignee}: {title}", "assignee"),
    _task("claimed", "an agent took it up"),
    Topic(
        "task.delegated",
        "an agent handed it over to another before it was begun",
        (*_CHANGE, "assignee"),
        Form("handed task {n} over to {assignee}: {title}", more=" ({reason})"),
    ),
    Topic("task.completed", "it is done", (*_CHANGE, *_OUTCOME), _ended),
    Topic("task.failed", "it could not be done", (*_CHANGE, *_OUTCOME), Form("failed at task {n}: {reason}")),
    Topic(
        "task.undone", "what it did was undone by the owner", (*_CHANGE, *_OUTCOME), Form("undid task {n}: {outcome}")
    ),
    Topic("task.redone", "it was brought back", (*_CHANGE, *_OUTCOME), Form("redid task {n}: {outcome}")),
    _task("paused", "it was halted by a person"),
    _task("escalated", "its agent cannot go on and asks", "paused task {n} and asks for help: {reason}"),
    _task("reviewed", "a step may have happened half; a person must look", "", "step"),
    _task("resumed", "it goes on"),
    _task("retried", "it begins again, as a new attempt"),
    _task("reopened", "the owner is asked again"),
    _task("shown", "its results may be read by others than the owner", "", "to_whom"),
    _task("hidden", "by fewer", "", "to_whom"),
    Topic(
        "task.authorised",
        "a step's effects were covered (or GOLDEN_TIMMY is off)",
        _COVER,
        Form("was allowed what task {n} needs", told="quiet"),
    ),
    Topic(
        "task.refused",
        "a step's effects were not covered",
        _COVER,
        Form("was refused within task {n}: {lacking}"),
    ),
    Topic(
        "agent.<slug>.step.failed",
        "a step could not be done, or was cut short harmlessly",
        ("action", "index", "plan", "key", "error"),
        Form("FAIL  {action}: {error}"),
    ),
    Topic(
        "agent.<slug>.step.review",
        "a step was cut short and must not be repeated unseen",
        ("action", "index", "plan", "key", "error"),
        Form("was cut short at {action}, which is for review"),
    ),
    Topic(
        "agent.<slug>.carried",
        "it is in another room, for the one where it was has been taken away",
        ("from", "to"),
        Form("is in {to} now", told="gesture"),
        seen="all",
    ),
    Topic(
        "agent.<slug>.tool",
        "a tool was called; sizes, never contents",
        ("tool", "in", "out", "ms", "error"),
        _tool,
    ),
)
