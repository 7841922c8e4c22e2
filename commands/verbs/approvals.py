"""Verdicts: the lectern, reading, approving, vetoing, sealing, putting off.

Shows an approval whole before it can be decided, and renders receipts. Decides nothing:
`work.decide` does, once, or says who was first. Refuses to tell a guest more of a proposal than was typed and how it
stands: what would be done, and what was found to be there, is the owner's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from agents.governance import record
from agents.governance.models import Approval
from agents.governance.rules import Receipt
from agents.kernel.errors import BadInput, NotFound
from agents.kernel.text import visible
from agents.work.models import Task
from commands import grammar, lookup
from commands.layout import actor_word, age, cut, effects, fields, heading, hint, plain_data, ranges, span
from commands.verbs import Caller, Reply, verb
from world.screen import HANG, display_width, exact, paint

if TYPE_CHECKING:
    from agents.house.house import House

FITS = 160
"""Columns of exact action, reason or effects that the lectern shows; longer ones are read one by one."""
PAGE = 10
NEWS, MOST_NEWS = timedelta(days=1), 50
"""How long it is told what ended badly, and among how many of the newest that ended it is looked for."""
GOLDEN_OFF = "I take the risk"


@verb(
    "lectern",
    aliases=("approvals",),
    syntax=("lectern", "lectern <page>"),
    help="List what awaits your decision, oldest first; nothing listed has run.",
    examples=("lectern", "lectern 1"),
    see=("read", "approve", "veto", "why", "later"),
    reads=True,
)
def lectern(house: House, caller: Caller, argument: str) -> Reply:
    """Everything pending.

    An item whose exact action fits is shown whole and can be decided at once; of a longer
    one the lectern says so, and `read` shows it.
    """
    now = house.runtime.clock.now()
    pending = house.governance.waiting()
    many = pending.count()
    asleep = house.governance.waiting(include_snoozed=True).count() - many
    pages = max(1, -(-many // PAGE))
    page = grammar.bounded_count(argument, 1, pages, "pages" if pages > 1 else "page")
    shown = list(pending[(page - 1) * PAGE : page * PAGE])
    lines = [heading(_state_of_lectern(pending, many, asleep, now))]
    if not house.governance.golden():
        lines.append(
            paint("warn", "GOLDEN_TIMMY IS OFF: consequential work runs without approval. `golden on` ends that.")
        )
    data = []
    for approval in shown:
        lines.extend(_listed(house, caller, approval, now))
        data.append(as_data(approval, caller))
    if pages > 1:
        lines.append(hint(f"Page {page} of {pages}. lectern {page % pages + 1}"))
    lines += _ended_badly(house, caller, now)
    if shown and caller.actor.kind != "person":
        first = record.ref(shown[0])
        undo = ", undo" if pending.exclude(verdict="").exists() else ""
        each = f"read {first}, why {first}, ok {first}, no {first} = reason, edit {first} = new words, later {first}"
        lines.append(hint(f"{each}{undo}"))
    else:
        lines.append(hint("task add <what> = <why>, board, kinds"))
    alone = record.ref(shown[0]) if many == 1 and fits(shown[0]) and not shown[0].verdict else ""
    return Reply(lines, {"pending": data, "snoozed": asleep, "page": page, "pages": pages}, item=alone)


def _ended_badly(house: House, caller: Caller, now: datetime) -> list[str]:
    """What came of the newest tasks that ended badly, for the owner to see to."""
    if caller.actor.kind != "owner":
        return []
    over = Task.objects.filter(status__in=("COMPLETED", "FAILED"), finished_at__gt=now - NEWS).order_by("-finished_at")
    upshots = house.work.upshots(over[:MOST_NEWS])
    bad = [f"{visible(one.line)} (task {number})" for number, one in sorted(upshots.items()) if not one.well]
    return [paint("warn", "Went wrong within the last day:"), *(f" {HANG}{line}" for line in bad[-3:])] if bad else []


def _state_of_lectern(pending: QuerySet[Approval], many: int, asleep: int, now: datetime) -> str:
    later = f" {asleep} put off." if asleep else ""
    if not many:
        return f"APPROVALS LECTERN. Nothing waits.{later}"
    oldest = age(now, pending.earliest("created_at").created_at)
    verb = "waits" if many == 1 else "wait"
    return f"APPROVALS LECTERN. {many} {verb}, oldest {oldest}. Nothing listed has run.{later}"


def _listed(house: House, caller: Caller, approval: Approval, now: datetime) -> list[str]:
    ref = record.ref(approval)
    if caller.actor.kind == "person":
        return [
            f"{paint('key', f'{ref:>3}')}  {exact(approval.title)}",
            f"     {HANG}{actor_word(approval.proposer)}, waits {age(now, approval.created_at)}",
        ]
    parts = [
        f"risk {approval.risk.get('level', '?')} {approval.risk.get('score', '?')}",
        f"undo {undo_word(approval)}",
        f"waits {age(now, approval.created_at)}",
    ]
    if approval.verdict:
        parts.append(paint("warn", f"sealed as {approval.verdict} by {actor_word(approval.decided_by)}"))
    head = f"{paint('key', f'{ref:>3}')}  {exact(approval.title)}"
    lines = [head, f"     {HANG}{actor_word(approval.proposer)}, {', '.join(parts)}"]
    if not fits(approval):
        return [*lines, f"     {HANG}does {cut(visible(approval.action), 60)} more than fits here: read {ref} first"]
    house.governance.show(approval, caller.actor)
    lines.append(f"     does {exact(approval.action)}")
    lines += [f"     will {line}" for line in effects(approval.effects)]
    return lines + ([f"     for  {exact(approval.why)}"] if approval.why else [])


def fits(approval: Approval) -> bool:
    """Whether the lectern can show all that is decided upon within its list."""
    parts = (approval.action, approval.why, " ".join(e["target"] for e in approval.effects))
    return all(display_width(visible(part)) <= FITS for part in parts)


def undo_word(approval: Approval) -> str:
    """`yes`, `n/a` or `NO`."""
    return approval.undo.upper() if approval.undo == "no" else approval.undo


def whole(house: House, caller: Caller, approval: Approval) -> list[str]:
    """Everything about an approval, and the record that this person has now been shown it; to a guest,
    what was typed.
    """
    now = house.runtime.clock.now()
    if caller.actor.kind == "person":
        return _outline(caller, approval, now)
    house.governance.show(approval, caller.actor)
    ref = record.ref(approval)
    state = approval.state if not approval.verdict or approval.state != "pending" else f"sealed as {approval.verdict}"
    name = f"APPROVAL {ref}" + (f" (of task {approval.task})" if approval.task else "")
    lines = [heading(f"{name}: {state}")]
    lines += fields(
        caller,
        [
            ("Title", exact(approval.title)),
            ("Action", exact(approval.action)),
            ("By", f"{actor_word(approval.proposer)}, {age(now, approval.created_at)} ago"),
            ("Why", exact(approval.why) if approval.why else ""),
            ("Effects", effects(approval.effects) or "none outside the agent's own home"),
            ("Risk", risk_terms(approval)),
            ("Undo", undo_word(approval) + (f": undo {ref}, once it is done" if approval.undo == "yes" else "")),
            ("Evidence", [exact(f"{key}: {as_json(value)}") for key, value in sorted(approval.evidence.items())]),
            ("Silence", f"{visible(approval.on_silence)} in {span((approval.expires_at - now).total_seconds())}"),
            ("Decided", _decision(approval, now)),
        ],
    )
    if approval.state == "pending" and not approval.verdict:
        typed = f"ok {ref} = {approval.confirm}" if approval.undo == "no" else f"ok {ref}"
        lines.append(hint(f"{visible(typed)}, or no {ref} = reason, later {ref} 4h, edit {ref} = new words"))
    return lines


def _outline(caller: Caller, approval: Approval, now: datetime) -> list[str]:
    state = "waits for the owner" if approval.state == "pending" else approval.state
    lines = [heading(f"APPROVAL {record.ref(approval)}: {state}")]
    return lines + fields(
        caller,
        [
            ("Title", exact(approval.title)),
            ("By", f"{actor_word(approval.proposer)}, {age(now, approval.created_at)} ago"),
            ("Why", exact(approval.why) if approval.why else ""),
        ],
    )


def _decision(approval: Approval, now: datetime) -> str:
    if not approval.verdict or approval.decided_at is None:
        return ""
    said = f"{approval.verdict} by {actor_word(approval.decided_by)} via {approval.decided_via}"
    reason = f", because: {visible(approval.reason)}" if approval.reason else ""
    left = (approval.sealed_until - now).total_seconds() if approval.sealed_until else 0
    seal = f"; sealed for {span(left)} more" if approval.state == "pending" and left > 0 else ""
    return f"{said}, {age(now, approval.decided_at)} ago{reason}{seal}"


def as_json(value: Any) -> str:
    """A value of the record as text: words as they are, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def risk_terms(approval: Approval) -> list[str]:
    """The score and what made it: what adds to it or takes from it a line each, what does neither in one."""
    terms = [(term.get("points", 0), visible(str(term.get("why", "")))) for term in approval.risk.get("terms", [])]
    score = f"{approval.risk.get('score', '?')} ({approval.risk.get('level', '?')})"
    neither = "; ".join(why for points, why in terms if not points)
    lines = [score, *(f"{points:+d}  {why}" for points, why in terms if points)]
    return [*lines, f"+0  {neither}"] if neither else lines


def as_data(approval: Approval, caller: Caller | None = None) -> dict[str, Any]:
    """An approval as plain data, as far as the caller may know it."""
    names = (
        "id task state title proposer why created_at"
        if caller is not None and caller.actor.kind == "person"
        else (
            "id task state title action proposer why effects risk undo confirm on_silence evidence digest created_at"
            " expires_at snoozed_until verdict decided_by decided_at decided_via reason sealed_until receipt"
        )
    )
    data = {name: plain_data(getattr(approval, name)) for name in names.split()}
    return {"ref": record.ref(approval), **data}


@verb(
    "read",
    syntax=("read <number>", "read <number> <number>"),
    help="Show a whole item: the exact action, its effects and risk, and what happens if nobody decides.",
    examples=("read 1", "read 1-2"),
    see=("lectern", "approve", "why", "task"),
    reads=True,
)
def read(house: House, caller: Caller, argument: str) -> Reply:
    """What was read can be decided; if it changes afterwards it must be read again."""
    chosen = grammar.selection(argument)
    found = [house.work.approval(ref) for ref in _refs(house, chosen)]
    lines: list[str] = []
    for approval in found:
        lines += [*([""] if lines else []), *whole(house, caller, approval)]
    return Reply(lines, [as_data(a, caller) for a in found], item=record.ref(found[0]) if len(found) == 1 else "")


def _refs(house: House, chosen: grammar.Selection) -> list[str]:
    pending = house.governance.pending() if chosen.names else ()
    return lookup.selected(house, chosen, pending)


def _decide(house: House, caller: Caller, argument: str, verdict: str) -> Reply:
    items, said = grammar.split_reason(argument)
    chosen = grammar.selection(items)
    refs = _refs(house, chosen)
    given = {"confirm": said} if verdict == "ok" else {"reason": said}
    receipts = house.work.decide(refs, verdict, caller.actor, caller.via, **given)
    return receipt_lines(house, receipts)


def receipt_lines(house: House, receipts: Sequence[Receipt]) -> Reply:
    """One line a receipt, in the order given; what failed says why and what to type, what is not there in one line."""
    now = house.runtime.clock.now()
    lines: list[str] = []
    absent = [receipt.ref for receipt in receipts if isinstance(receipt.error, NotFound)]
    for receipt in receipts:
        if len(absent) > 1 and isinstance(receipt.error, NotFound):
            continue
        if receipt.error is not None:
            lines.append(f"{paint('bad', visible(receipt.ref))}  {HANG}{visible(str(receipt.error))}")
            continue
        left = (receipt.sealed_until - now).total_seconds() if receipt.sealed_until else 0
        when = f", takes effect in {span(left)}" if left > 0 else ""
        title = cut(visible(receipt.title), 60)
        lines.append(
            f"{paint('good', visible(receipt.ref))}  {HANG}{receipt.verdict}{when}: {title}. Receipt {receipt.id}."
        )
    if len(absent) > 1:
        numbers = paint("bad", visible(ranges(absent)))
        lines.append(f"{numbers}  {HANG}There are no items with these {len(absent)} numbers.")
    if any(r.ok and r.sealed_until and r.sealed_until > now for r in receipts):
        lines.append(hint('"undo" lifts the seals.'))
    if not receipts:
        lines = ["There was nothing to do."]
    failed = [r for r in receipts if not r.ok]
    data = [
        {
            "ref": r.ref,
            "verdict": r.verdict,
            "receipt": r.id,
            "title": r.title,
            "sealed_until": plain_data(r.sealed_until),
            "error": str(r.error) if r.error else None,
        }
        for r in receipts
    ]
    return Reply(lines, data, max((r.error.exit_code for r in failed if r.error), default=0))


@verb(
    "approve",
    aliases=("ok",),
    syntax=("ok <numbers>", "ok <number> = <what it asks to be typed>", "approve all low-risk"),
    help="Approve what was shown to you; for a few seconds, `undo` takes it back.",
    examples=("approve 1", "ok 2 3-4"),
    see=("read", "veto", "undo", "lectern"),
    exact=True,
    owner=True,
)
def approve(house: House, caller: Caller, argument: str) -> Reply:
    """Numbers, ranges and names work: ok 3 5-8, ok surveys, approve all low-risk.

    An item is approved only as it was last shown to you whole. What cannot be undone is
    approved singly, and asks for its amount or name to be typed.
    """
    return _decide(house, caller, argument, "ok")


@verb(
    "veto",
    aliases=("no",),
    syntax=("no <numbers> = <reason>", "veto <numbers>"),
    help="Reject a proposal; the reason is kept, and read before anything similar is proposed again.",
    examples=("no 1 = use the free relay", "veto 2-3"),
    see=("approve", "undo", "reopen", "lectern"),
    exact=True,
    owner=True,
)
def veto(house: House, caller: Caller, argument: str) -> Reply:
    """A vetoed task can be brought back with `reopen`."""
    return _decide(house, caller, argument, "no")


@verb(
    "later",
    syntax=("later <numbers>", "later <numbers> = <span>"),
    help="Put an item off; it returns to the lectern after the time you give (8h by default).",
    examples=("later 1", "later 2 = 30m"),
    see=("lectern", "approve", "veto"),
    exact=True,
    owner=True,
)
def later(house: House, caller: Caller, argument: str) -> Reply:
    """Spans look like 30m, 4h, 2d, at most 30d; `later 3 4h` works too."""
    items, span_text = grammar.split_reason(argument)
    words = items.split()
    if not span_text and len(words) > 1 and words[-1][-1:].isalpha() and words[-1][:1].isdigit():
        items, span_text = " ".join(words[:-1]), words[-1]
    wanted = grammar.hours(span_text)
    refs = _refs(house, grammar.selection(items))
    for ref in refs:
        house.work.later(ref, wanted, caller.actor, caller.via)
    return Reply(
        [f"{', '.join(refs)} put off for {span(wanted * 3600)}; nothing runs until then."],
        {"refs": refs, "hours": wanted},
    )


@verb(
    "golden",
    syntax=("golden", "golden on", f"golden off = {GOLDEN_OFF}"),
    help="Say whether consequential work needs your approval, and change it.",
    examples=("golden", "golden on"),
    see=("lectern", "approve", "status"),
    exact=True,
)
def golden(house: House, caller: Caller, argument: str) -> Reply:
    """GOLDEN_TIMMY is on by default. Only the owner, in the game, turns it off, and then every
    lectern and status says so.
    """
    word, typed = grammar.split_reason(argument)
    if word:
        wanted = grammar.switch(word)
        if not wanted and typed != GOLDEN_OFF:
            raise BadInput(
                "With GOLDEN_TIMMY off, agents act outside their homes without asking. To turn it off, type the whole "
                "sentence.",
                next=f"golden off = {GOLDEN_OFF}",
            )
        house.governance.set_golden(wanted, caller.actor, caller.via)
    on = house.governance.golden()
    line = (
        "GOLDEN_TIMMY is on: no consequential work runs without an approved item."
        if on
        else paint("warn", "GOLDEN_TIMMY IS OFF: consequential work runs without approval; it is still logged.")
    )
    return Reply([line], {"golden": on})
