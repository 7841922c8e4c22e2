"""Verdicts and signals in plain words: done by the verb's own word and numbers, else answered with the exact line.

Owns which is which. A verdict is given only where its own verb was typed with numbers, or by `yes`, `no`, `ok` right
after one item alone was shown whole on this connection; never by a `yes` that answered another. Refuses the rest, shows
the item and says what to type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evennia.commands.command import Command

from agents.governance import record
from agents.governance.rules import may
from agents.kernel.errors import TimmyError
from agents.kernel.text import visible
from agents.thinking.conversation import Conversation
from agents.work.models import Task
from commands import offers, walking
from commands.answering import key, tell, typed
from commands.intents import Speech, Verdict
from commands.intents.scene import plain
from commands.speaking import spoken, talks
from typeclasses.actors import actor_of

if TYPE_CHECKING:
    from agents.house.house import House

VERBS = {"ok": "ok", "no": "no", "later": "later"}
GIVES = frozenset({"yes", "y", "ok", "approve", "yes please", "veto", "no"})
"""The words that decide on the one item that was shown."""
MOST_SHOWN = 3
WHAT = {
    "ok": "approves",
    "no": "rejects",
    "later": "puts off",
    "assign": "assigns",
    "pause": "pauses",
    "resume": "resumes",
    "retry": "tries again",
    "reopen": "brings back",
    "backlog": "puts aside",
    "read": "shows",
    "edit": "changes",
    "prioritise": "orders",
}


def line_of(verb: str, refs: tuple[str, ...], reason: str) -> str:
    """The exact line of a verdict."""
    return f"{verb} {' '.join(refs)}" + (f" = {reason}" if reason else "")


def decided(house: House, command: Command, meant: Verdict) -> None:
    """Give a verdict by its own verb, or show what it is upon and how it is given."""
    item = offers.standing(command.session).item
    refs = meant.refs or ((item,) if meant.pointing and item else ())
    if meant.all or not refs:
        _which(house, command, meant)
        return
    if meant.verb == "remove":
        tell(command, _removal(house, command, refs))
        return
    shown_now = bool(meant.refs) or not offers.standing(command.session).answered
    if meant.typed and shown_now:
        typed(command, line_of(meant.verb, refs, meant.reason))
        return
    if meant.verb in VERBS and may(actor_of(command.caller), "decide"):
        typed(command, f"read {' '.join(refs[:MOST_SHOWN])}")
    line = line_of(meant.verb, refs, meant.reason or ("reason" if meant.verb == "no" else ""))
    tell(command, [f"Nothing is decided yet. This {WHAT[meant.verb]} {', '.join(refs)}: {key(line)}"])


def _which(house: House, command: Command, meant: Verdict) -> None:
    pending = [one for one in house.governance.pending() if not one.verdict]
    if len(pending) == 1 and not meant.all and meant.verb in ("ok", "no", "later", "read"):
        typed(command, f"read {record.ref(pending[0])}")
        return
    typed(command, "lectern" if meant.verb in ("ok", "no", "later", "read") else "board")
    verb = "veto" if meant.verb == "remove" else meant.verb
    tell(command, [f"Nothing is done yet: say which, by number, for example {key(f'{verb} 3')}."] if pending else [])


def _removal(house: House, command: Command, refs: tuple[str, ...]) -> list[str]:
    """What takes a task away, by how it stands."""
    lines = []
    for ref in refs[:MOST_SHOWN]:
        try:
            task = house.work.get(int(ref)) if ref.isdigit() else None
        except TimmyError as error:
            lines.append(visible(error.message))
            continue
        if task is None:
            continue
        lines.append(_taken_away(task, actor_of(command.caller).kind == "owner"))
    return [*lines, "Nothing was changed."]


def _taken_away(task: Task, owner: bool) -> str:
    called = f"Task {task.pk} ({visible(task.title)[:60]})"
    if task.status == "COMPLETED":
        return f"{called} is done; it stays on record and cannot be deleted."
    if task.status == "VETOED":
        return f"{called} has already been rejected, and will not run."
    if not owner:
        return f"{called} can only be rejected by the owner."
    if task.status == "RUNNING":
        return f"{called} is running. To halt it, type: {key(f'pause {task.pk} = reason')}"
    refused = key(f"veto {task.pk} = reason")
    return f"{called} cannot be deleted, but it can be rejected for good, and the reason is kept: {refused}"


def signalled(house: House, command: Command, line: str, name: str) -> None:
    """Answer a word that is about what was shown or is under way."""
    {
        "yes": _yes,
        "no": _no,
        "cancel": _cancel,
        "stop": _stop,
        "hush": lambda *_: typed(command, "hush"),
        "undo": lambda *_: typed(command, "undo"),
        "what": _what,
        "why": _why,
        "report": _report,
    }[name](house, command, line)


def _yes(house: House, command: Command, line: str) -> None:
    offer = offers.standing(command.session)
    offers.dropped(command.session)
    if offer.lines:
        return typed(command, offer.lines[0], answering=True)
    if offer.item:
        if plain(line) in GIVES and not offer.answered:
            return typed(command, f"ok {offer.item}")
        return tell(command, [f"Nothing is decided yet. This approves it: {key(f'ok {offer.item}')}"])
    return _said(house, command, line, "Nothing is waiting for a yes just now. lectern lists what is waiting for you.")


def _no(house: House, command: Command, line: str) -> None:
    offer = offers.standing(command.session)
    offers.dropped(command.session)
    if offer.lines:
        return tell(command, ["All right. Nothing was done."])
    if offer.item:
        if plain(line) in GIVES and not offer.answered:
            return typed(command, f"no {offer.item}")
        return tell(command, [f"Nothing is decided yet. This rejects it: {key(f'no {offer.item} = reason')}"])
    return _said(house, command, line, "Nothing is waiting for a no just now.")


def _said(house: House, command: Command, line: str, otherwise: str) -> None:
    """It answers an agent, if one was spoken to just now."""
    if talks(command):
        spoken(house, command, Speech(line))
    else:
        tell(command, [otherwise])


def _answering(house: House, command: Command) -> bool:
    return house.need(Conversation).answering(actor_of(command.caller))


def _cancel(house: House, command: Command, line: str) -> None:
    offer = offers.standing(command.session)
    offers.dropped(command.session)
    actor = str(actor_of(command.caller))
    if offer.lines:
        tell(command, ["Dropped. Nothing was done."])
    elif getattr(command.caller, "location", None) is not None and walking.halted(command.caller):
        tell(command, ["You stop."])
    elif any(one.verdict and one.decided_by == actor for one in house.governance.pending(include_snoozed=True)):
        typed(command, "undo")
    elif _answering(house, command):
        typed(command, "hush")
    else:
        tell(command, ["All right. You have nothing under way that could be cancelled."])


def _stop(house: House, command: Command, line: str) -> None:
    if getattr(command.caller, "location", None) is not None and walking.halted(command.caller):
        tell(command, ["You stop."])
    elif _answering(house, command):
        typed(command, "hush")
    else:
        offers.dropped(command.session)
        rule = f" To halt an agent or a task, give its name or number: {key('pause timmy')}, {key('pause 3')}."
        owner = actor_of(command.caller).kind == "owner"
        tell(command, [f"You have nothing under way.{rule if owner else ''}"])


def _what(house: House, command: Command, line: str) -> None:
    typed(command, "history 1")
    tell(command, [f"{key('here')} says what you can do in this room, {key('help')} what you can type."])


def _why(house: House, command: Command, line: str) -> None:
    item = offers.standing(command.session).item
    slug = talks(command)
    typed(command, f"why {item or slug or house.roster.first}")


def _report(house: House, command: Command, line: str) -> None:
    newest = Task.objects.filter(status="COMPLETED").order_by("-finished_at").first()
    if newest is None:
        tell(command, [f"No task has been finished yet. {key('board')} shows how they stand."])
    else:
        typed(command, f"task {newest.pk}/report")
