"""`timmy tasks`: the board, a task, a new one, or any verb of tasks."""

from __future__ import annotations

from agents.kernel.errors import BadInput
from server import verbs
from server.word import Args, Word


def _tasks(args: Args) -> int:
    first, *rest = args.rest or [""]
    argument = " ".join(rest)
    if first == "show":
        if not rest:
            raise BadInput("Which task?", next="timmy tasks show 1")
        return verbs.ask("task", argument, as_json=args.json)
    if first == "add":
        return verbs.ask("task", " ".join(verbs.rooted(args.rest)), as_json=args.json)
    if first and first.isalpha():
        return verbs.ask(first, argument, as_json=args.json)
    return verbs.ask("tasks", " ".join(args.rest), as_json=args.json)


WORD = Word("tasks", "the task board; also: tasks show N, tasks add TITLE, tasks VERB …", _tasks, place=60, rest="…")
