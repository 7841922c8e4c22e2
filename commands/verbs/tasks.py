"""Tasks: proposing, listing, reading, and their artifacts.

Renders what `work` says. Refuses to change what was decided: that is `steering`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from agents.kernel.errors import BadInput, NotAllowed, NotFound
from agents.kernel.text import shorten, visible
from agents.work.kind import Upshot
from agents.work.models import Task
from agents.work.proposals import BEFORE, WORDS
from agents.work.reports import reads, to_whom
from agents.work.tools import granted
from commands import grammar, report
from commands.layout import (
    Column,
    actor_word,
    age,
    block,
    clock,
    count,
    fields,
    heading,
    hint,
    plain_data,
    table,
)
from commands.near_kinds import NOT_YET, asked_first, can_do_words
from commands.telling import is_quiet, sentence
from commands.verbs import Caller, Reply, verb
from commands.verbs.approvals import whole
from commands.verbs.plans import wording
from world.screen import HANG, exact, paint, unmarked

if TYPE_CHECKING:
    from agents.house.house import House

SIZE = 20
MOST_HISTORY = 40
_SAID = {"DONE": "COMPLETED", "PENDING": "PENDING_APPROVAL", "PROPOSED": "PENDING_APPROVAL", "WAITING": "APPROVED"}
"""Words people use for states."""
ARTIFACT_LINES = 400
WAITING_EXIT = 3
"""Exit code at the command line for what was accepted and waits for approval."""
_STATUS_STYLE = {
    "PENDING_APPROVAL": "warn",
    "RUNNING": "good",
    "COMPLETED": "good",
    "FAILED": "bad",
    "PAUSED": "warn",
}


OPEN = (
    "title description kind priority status proposer assignee attempt created_at updated_at approved_at "
    "started_at finished_at"
)
"""What all may know of a task; the rest is what came out of it."""


def as_data(task: Task, caller: Caller | None = None) -> dict[str, Any]:
    """A task as plain data, as far as the caller may know it."""
    names = (
        OPEN
        if caller is not None and not reads(caller.actor, task)
        else (
            "title description kind params priority status reason proposer assignee result steps_taken attempt"
            " created_at updated_at approved_at started_at progress_at finished_at"
        )
    )
    data = {name: plain_data(getattr(task, name)) for name in names.split()}
    return {"number": task.pk, "parent": task.parent_id, "repeats": task.repeats_id, **data}


def status_word(status: str) -> str:
    """`PENDING_APPROVAL` as people read it."""
    return status.replace("_", " ").lower()


@verb(
    "board",
    syntax=("board", "board <status>", "board <page>"),
    help="Show the task board: what is proposed, waits, runs, and is done.",
    examples=("board", "board completed"),
    see=("task", "lectern", "assign", "agents"),
    reads=True,
)
def board(house: House, caller: Caller, argument: str) -> Reply:
    """Pages hold 20 tasks; a status narrows it: board running, board paused."""
    page, statuses = 1, []
    for word in argument.replace(",", " ").split():
        if word.isdigit():
            page = grammar.number(word, "a page")
        else:
            statuses.append(_status(house, word))
    found = house.work.board(statuses or None, page, SIZE)
    now = house.runtime.clock.now()
    lines = [heading(f"TASK BOARD. {_totals(found)}")]
    columns = (
        Column("", 5, style="key"),
        Column("", 16),
        Column("by", 14, style="name"),
        Column("", fill=True),
        Column("", 4, style="dim"),
    )
    told = {n: upshot.line for n, upshot in came(house, caller, found.items).items()}
    rows = [
        (str(t.pk), status_word(t.status), t.assignee, told.get(t.pk, t.title), age(now, t.updated_at))
        for t in found.items
    ]
    lines += table(caller, columns, rows)
    waiting = {t.pk: _waits(house, t) for t in found.items if t.status == "APPROVED"}
    lines += [f"{number} waits: {visible(why)}" for number, why in waiting.items() if why]
    if found.pages > 1:
        lines.append(hint(f"Page {found.page} of {found.pages}. board {found.page % found.pages + 1}"))
    lines.append(hint("task <number>, task add <what> = <why>, lectern"))
    return Reply(
        lines,
        {
            "tasks": [
                as_data(t, caller) | {"waits": waiting.get(t.pk, ""), "outcome": told.get(t.pk, "")}
                for t in found.items
            ],
            "page": found.page,
            "pages": found.pages,
            "total": found.total,
        },
    )


def came(house: House, caller: Caller, tasks: Iterable[Task]) -> dict[int, Upshot]:
    """What came of those of the tasks that have ended, as far as the caller may read it, by their numbers."""
    return house.work.upshots([one for one in tasks if reads(caller.actor, one)])


def _waits(house: House, found: Task) -> str:
    roster = [(slug, granted(persona.toolsets)) for slug, persona in house.roster.items()]
    return house.work.waiting(found, roster=roster)


def _totals(found: Any) -> str:
    return f"{count(found.total, 'task')}." if found.total else "It is empty."


def _status(house: House, word: str) -> str:
    wanted = word.upper().replace("-", "_")
    known = house.work.statuses()
    wanted = _SAID.get(wanted, wanted)
    fits = [s for s in known if s == wanted] or [s for s in known if s.startswith(wanted)]
    if len(fits) != 1:
        names = ", ".join(status_word(s).replace(" ", "-") for s in known)
        raise BadInput(f"'{visible(shorten(word, 40))}' is no status; those are {names}.", next="board")
    return fits[0]


@verb(
    "task",
    aliases=("tasks", "propose"),
    syntax=(
        "task <number>",
        "task <number>/<artifact>",
        "task <number>/<artifact> all",
        "task add <Kind> <subject> = <why>",
        "task edit <number> <new title> = <new description>",
        "task list <status>",
    ),
    help="Propose a task, or show one whole: state, reason, steps, artifacts.",
    examples=("task add Survey ~/src/project = what is in it, what is stale, what is broken", "task 1"),
    see=("board", "approve", "assign", "read", "kinds"),
)
def task(house: House, caller: Caller, argument: str) -> Reply:
    """`task add` answers with the proposal as it will be decided upon; nothing runs until then.

    The first word names the kind of task (see: kinds). `task 1/report` shows the beginning of a report, `task 1/report
    all` the whole.
    """
    word, _, rest = argument.partition(" ")
    match word.lower():
        case "" | "list":
            return board(house, caller, rest)
        case "add":
            return _add(house, caller, rest)
        case "edit":
            return edit(house, caller, rest.strip())
        case "show":
            argument = rest.strip()
    number, slash, name = argument.partition("/")
    if not number.strip().lstrip("#").isdigit():
        shown = visible(shorten(argument, 40))
        raise BadInput(
            f"'{shown}' is no task; a task is a number, or begins with add.",
            next=f"task add {visible(shorten(argument, 60))}",
        )
    found = house.work.get(grammar.number(number, "the number of a task"))
    return _artifact(house, caller, found, name.strip()) if slash else _shown(house, caller, found)


def _add(house: House, caller: Caller, text: str) -> Reply:
    title, description = grammar.split_description(text)
    if not title:
        raise BadInput("A task needs a title, such as: Survey <path> = what to look for.", next="kinds")
    if (asked := asked_first(house, caller, title, description)) is not None:
        return asked
    first, _, rest = title.partition(" ")
    title = rest.strip() if first.lower() == WORDS and rest.strip() else title
    made = house.work.propose(title, description, caller.actor, caller.via)
    approval = house.work.approval(str(made.pk))
    lines = [f"Task {made.pk} is proposed. Nothing runs until it is approved."]
    before = approval.evidence.get(BEFORE)
    if before and caller.actor.kind == "owner":  # which targets are the same tells a guest what a path leads to
        lines.append(paint("warn", f"The like was vetoed before, as {visible(before)}"))
    if caller.actor.kind == "person":
        lines.append(
            hint(
                "The owner is told what it would do and whether it can be done. "
                f"The form is: {visible(house.kinds[made.kind].usage)}"
            )
        )
    waits = WAITING_EXIT if caller.via == "cli" and made.status == "PENDING_APPROVAL" else 0
    if made.kind == WORDS and not can_do_words(house):
        lines.append(NOT_YET)
    return Reply(lines + whole(house, caller, approval), as_data(made, caller), waits, item=str(made.pk))


def _shown(house: House, caller: Caller, found: Task) -> Reply:
    now = house.runtime.clock.now()
    waits = _waits(house, found) if found.status in ("APPROVED", "PENDING_APPROVAL") else ""
    told = reads(caller.actor, found)
    artifacts = house.work.artifacts(found.pk) if told else []
    # Why the owner said no is for all who may see that he did; why work stopped is part of what came out of it.
    reason = found.reason if told or found.status in ("VETOED", "BACKLOGGED") else ""
    upshot = came(house, caller, [found]).get(found.pk)
    style = _STATUS_STYLE.get(found.status, "dim")
    lines = [heading(f"TASK {found.pk}"), exact(found.title)]
    lines += fields(
        caller,
        [
            ("What for", [visible(line) for line in found.description.split("\n")]),
            ("Action", exact(house.work.approval(str(found.pk)).action) if told else ""),
            ("Outcome", visible(upshot.line) if upshot else ""),
            ("State", paint(style, status_word(found.status)) + (f": {visible(reason)}" if reason else "")),  # type: ignore[arg-type]
            ("Waits", visible(waits)),
            ("Priority", found.priority.lower()),
            ("By", f"{actor_word(found.proposer)}, {age(now, found.created_at)} ago"),
            ("Assignee", found.assignee or "nobody yet"),
            ("Progress", f"{count(found.steps_taken, 'step')} in attempt {found.attempt}" if found.steps_taken else ""),
            ("Result", block(found.result) if told and found.result else ""),
            (
                "Files",
                [
                    f"{visible(a.name)}: task {found.pk}/{visible(a.name)}, {a.size} bytes, commit {a.commit[:8]}"
                    for a in artifacts
                ],
            ),
            ("Shown to", visible(to_whom(found)) if caller.actor.kind == "owner" else ""),
        ],
    )
    lines += _steps(house, found) if told else []
    history = [event for event in house.work.history(found.pk) if not is_quiet(event)] if told else []
    if history:
        shown = history[-MOST_HISTORY:]
        lines.append("History" if len(shown) == len(history) else f"History, the last {len(shown)} of {len(history)}")
        lines += [f"  {clock(event.at)} {HANG}{sentence(event, house)}" for event in shown]
    if caller.actor.kind == "owner" and (reverse := _reverse(house, found)):
        lines.append(hint(reverse))
    if found.status == "PENDING_APPROVAL":
        lines.append(hint(f"read {found.pk} shows what is to be decided."))
    data = as_data(found, caller) | {
        "waits": waits,
        "outcome": upshot.line if upshot else "",
        "artifacts": [
            plain_data({k: getattr(a, k) for k in ("name", "agent", "path", "commit", "sha256", "size")})
            for a in artifacts
        ],
        "history": [
            {
                "seq": e.seq,
                "at": plain_data(e.at),
                "topic": e.topic,
                "actor": e.actor,
                "data": e.data,
                "told": unmarked(sentence(e, house)),
            }
            for e in history
        ],
    }
    return Reply(lines, data)


def _reverse(house: House, found: Task) -> str:
    """What undoes what the task did, or brings it back; '' when neither can be done."""
    if house.work.undoable(found):
        return f"undo {found.pk} undoes what it did."
    return f"redo {found.pk} brings back what was undone." if house.work.undone(found) else ""


def _steps(house: House, found: Task) -> list[str]:
    done = house.journal.attempt(found).finished()
    if not done:
        return []
    deed, _ = wording(house, found.assignee)
    shown = done[-MOST_HISTORY:]
    told = [f"  {clock(step.finished_at)} {HANG}{visible(deed(step.action))}" for step in shown if step.finished_at]
    return ["Steps" if len(shown) == len(done) else f"Steps, the last {len(shown)} of {len(done)}", *told]


def _artifact(house: House, caller: Caller, found: Task, name: str) -> Reply:
    if not reads(caller.actor, found):
        raise NotAllowed(
            f"What came out of task {found.pk} is the owner's to read, and was not shown to you.",
            next=f"task {found.pk}",
        )
    name, _, every = name.partition(" ")
    if every.strip() not in ("", "all"):
        raise BadInput("After the name of an artifact stands nothing, or all.", next=f"task {found.pk}/{name} all")
    known = [a.name for a in house.work.artifacts(found.pk)]
    if name not in known:
        have = ", ".join(known) if known else "none yet"
        raise NotFound(
            f"Task {found.pk} has no artifact '{visible(shorten(name, 40))}'; it has: {visible(have)}.",
            next=f"task {found.pk}" + (f"/{known[0]}" if known else ""),
        )
    text = house.work.artifact_text(found.pk, name)
    readable = name == "report" and caller.via != "cli"
    if readable and not every:
        return Reply(
            report.first(caller, text, f"task {found.pk}/{name} all"), {"task": found.pk, "name": name, "text": text}
        )
    lines = report.rendered(caller, text) if readable else block(text)
    shown = lines[:ARTIFACT_LINES]
    if len(shown) < len(lines):
        shown.append(hint(f"{len(lines) - len(shown)} lines more; the file is in the agent's repository."))
    return Reply(shown, {"task": found.pk, "name": name, "text": text})


@verb(
    "edit",
    syntax=("edit <number> <new title>", "edit <number> = <new description>", "edit <number> <title> = <description>"),
    help="Change a proposal before it is decided; whoever decides must then see it again.",
    examples=("edit 1 = only what is broken", "edit 1 Survey ~/src/project = only what is stale"),
    see=("task", "read", "approve"),
    exact=True,
)
def edit(house: House, caller: Caller, argument: str) -> Reply:
    """Answers with the proposal as it now stands."""
    text, described = grammar.split_description(argument)
    number, _, title = text.partition(" ")
    wanted = grammar.number(number, "the number of a task")
    if not title.strip() and not described:
        raise BadInput("Say what to change.", next=f"edit {wanted} = new description")
    house.work.edit(
        wanted, title=title.strip() or None, description=described or None, actor=caller.actor, via=caller.via
    )
    return Reply(whole(house, caller, house.work.approval(str(wanted))), as_data(house.work.get(wanted), caller))


@verb(
    "kinds",
    syntax="kinds",
    help="List the kinds of task that can be proposed, and how each is asked for.",
    examples=("kinds", "help task"),
    see=("task", "board"),
    reads=True,
)
def kinds(house: House, caller: Caller, argument: str) -> Reply:
    """A builder adds a kind by adding one file to agents/work/kinds."""
    lines = [heading("KINDS OF TASK")]
    data = []
    for name, kind in sorted(house.kinds.items()):
        lines.append(f"{paint('key', visible(name))}  {visible(kind.purpose)}")
        lines.append(f"  {visible(kind.usage)}")
        lines.append(f"  for example: {visible(kind.example)}")
        data.append({"name": name, "purpose": kind.purpose, "usage": kind.usage, "example": kind.example})
    return Reply(lines, data)
