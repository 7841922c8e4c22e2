"""Musings read back: does what each states of the world follow from the records that it names?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from agents.events.models import Event
from agents.governance.models import Approval
from agents.mind.models import PlanRecord
from agents.mind.words import of_deed, of_goal
from agents.thinking.musing import MUSINGS
from agents.thinking.rules import SCRIPTURE
from agents.work.models import Step
from tests.support import hearsay

if TYPE_CHECKING:
    from tests.support.truths import Truth

Said = dict[str, str]
Check = Callable[["Truth", Said, tuple[str, ...]], bool]
_BLANK = re.compile(r"\{(\w+)\}")
_SHAPES = {"ago": r"(?:less than a minute|\d+ \w+)"}
"""Blanks whose texts have a shape of their own; another could end anywhere."""


def form_of(text: str) -> str:
    """The form and wording that a musing is of, '' when it is none."""
    return next((f"{form}/{wording}" for form, wording, _ in _fitting(text)), "")


def _fitting(text: str) -> Iterator[tuple[str, int, Said]]:
    for form, wordings in MUSINGS.items():
        for place, wording in enumerate(wordings):
            seen: set[str] = set()
            pattern = ""
            for number, part in enumerate(_BLANK.split(wording)):
                if number % 2 == 0:
                    pattern += re.escape(part)
                else:
                    pattern += f"(?P={part})" if part in seen else f"(?P<{part}>{_SHAPES.get(part, '.+')})"
                    seen.add(part)
            if found := re.fullmatch(pattern, text, re.IGNORECASE):
                yield form, place, found.groupdict()


def problem(truth: Truth, text: str, records: tuple[str, ...]) -> str | None:
    """None where it is no musing; '' when it is true, else what is wrong."""
    tried = []
    for form, _, said in _fitting(text):
        if CHECKS[form](truth, said, records):
            return ""
        tried.append(f"{form}: {said}")
    return f"{text!r} {records} does not follow: {tried}" if tried else None


def _same(one: str, other: str) -> bool:
    short = " ".join(other.split())
    short = short if len(short) <= 160 else short[:159] + "…"
    return one.casefold() == short.casefold()


def _standings(truth: Truth) -> dict[str, Any]:
    mind = truth.house.mind(truth.agent)
    return {at.aim.name: at for at in mind.recall.standings()}  # type: ignore[union-attr]


def _aims(truth: Truth, said: Said, records: tuple[str, ...]) -> bool:
    at = {name.casefold(): one for name, one in _standings(truth).items()}
    a, b = at[said["a"].casefold()], at[said["b"].casefold()]
    return records == (f"agent:{truth.agent}",) and a.done / a.of > b.done / b.of


def _aim(truth: Truth, said: Said, records: tuple[str, ...]) -> bool:
    at = next(one for name, one in _standings(truth).items() if _same(said["aim"], name))
    return at.done < at.of and _same(said.get("method", at.method.name), at.method.name)


def _named(truth: Truth, key: str) -> str:
    name = truth.house.records.room_name(key).removeprefix("the ")
    return name if "'s " in name else f"the {name}"


def _step(truth: Truth, record: str) -> Step:
    step = Step.objects.get(id=record.removeprefix("step:"))
    assert (step.agent, step.state) == (truth.agent, "done")
    return step


def _rooms(truth: Truth, said: Said, records: tuple[str, ...]) -> bool:
    a, b = (_step(truth, record).action for record in records)
    visits = Counter(Step.objects.filter(agent=truth.agent, state="done").values_list("action", flat=True))
    names = [_named(truth, action[len("look_about(") : -1]) for action in (a, b)]
    return visits[a] > visits[b] and _same(said["a"], names[0]) and _same(said["b"], names[1])


def _told(truth: Truth, said: Said, records: tuple[str, ...]) -> bool:
    assert Event.objects.get(seq=int(records[0].removeprefix("event:"))).topic == f"agent.{truth.agent}.learned"
    text = said["told"].rstrip("…")
    return said["told"].endswith("…") or hearsay.problem(truth.house, text, records) == ""


def _deed(truth: Truth, record: str) -> str:
    return of_deed(None, truth.house.kinds)(_step(truth, record).action)


def _deeds(truth: Truth, said: Said, records: tuple[str, ...]) -> bool:
    a, b = (_step(truth, record) for record in records)
    return (
        a.id > b.id
        and a.action != b.action
        and _same(said["a"], _deed(truth, records[0]))
        and _same(said["b"], _deed(truth, records[1]))
    )


def _left(truth: Truth, said: Said, records: tuple[str, ...]) -> bool:
    from tests.support.truths import ago

    plan = PlanRecord.objects.get(id=records[0].removeprefix("plan:"))
    newest = PlanRecord.objects.filter(agent=truth.agent).order_by("id").last()
    then = ago(truth.now, plan.updated_at)
    return (
        plan == newest
        and plan.state in ("dropped", "failed")
        and _same(said["goal"], of_goal(plan.goal))
        and said.get("ago", then) == then
    )


def _journal(truth: Truth, said: Said, records: tuple[str, ...]) -> bool:
    from tests.support.truths import ago

    step = _step(truth, records[0])
    later = Step.objects.filter(agent=truth.agent, state="done", action="keep_journal", id__gt=step.id)
    return step.action == "keep_journal" and not later.exists() and said["ago"] == ago(truth.now, step.finished_at)


def _waits(truth: Truth, said: Said, records: tuple[str, ...]) -> bool:
    from tests.support.truths import ago

    first = Approval.objects.filter(state="pending", verdict="").order_by("id").first()
    assert first is not None and records == (f"approval:{first.pk}",)
    then = ago(truth.now, first.created_at)
    return _same(said["title"], first.title) and said.get("ago", then) == then


def _disk(truth: Truth, said: Said, records: tuple[str, ...]) -> bool:
    from tests.support.truths import ago

    a, b = (_step(truth, record) for record in records)
    shares = [f"{round(step.result['disk_free'] * 100):d}%" for step in (a, b)]
    apart = ago(b.finished_at, a.finished_at)  # type: ignore[arg-type]
    return [said["a"], said["b"]] == shares and shares[0] != shares[1] and said.get("span", apart) == apart


def _rule(truth: Truth, said: Said, records: tuple[str, ...]) -> bool:
    rule = SCRIPTURE[int(records[0].removeprefix("rule:"))]
    deed = _deed(truth, records[1])
    return _same(said["rule"], rule) and _same(said.get("deed", deed), deed)


def _other(truth: Truth, said: Said, records: tuple[str, ...]) -> bool:
    slug, room, mine = (record.partition(":")[2] for record in records)
    stands = truth.house.body_of(slug).where(), truth.house.body_of(truth.agent).where()
    return (
        stands == (room, mine)
        and _same(said["name"], truth.house.personas[slug].name)
        and _same(said["room"], _named(truth, room))
        and _same(said.get("mine", _named(truth, mine)), _named(truth, mine))
    )


def _errand(truth: Truth, said: Said, records: tuple[str, ...]) -> bool:
    return any(
        _same(said["goal"], of_goal(e.name)) and _same(said.get("why", e.why), e.why) for e in truth.persona.errands
    )


def _reasons(truth: Truth, said: Said, records: tuple[str, ...]) -> bool:
    reasons = [errand.why for errand in truth.persona.errands]
    return said["a"] != said["b"] and all(any(_same(said[x], why) for why in reasons) for x in "ab")


def _here(truth: Truth, said: Said, records: tuple[str, ...]) -> bool:
    room, other = (record.partition(":")[2] for record in records)
    ways = {(way.origin, way.target) for way in truth.house.world.exits(truth.agent)}
    names = _same(said["room"], _named(truth, room)) and _same(said["other"], _named(truth, other))
    return (room, other) in ways and truth.house.body_of(truth.agent).where() == room and names


CHECKS: dict[str, Check] = {
    "muse.aims": _aims,
    "muse.aim": _aim,
    "muse.rooms": _rooms,
    "muse.told": _told,
    "muse.deeds": _deeds,
    "muse.left": _left,
    "muse.journal": _journal,
    "muse.waits": _waits,
    "muse.disk": _disk,
    "muse.rule": _rule,
    "muse.other": _other,
    "muse.errand": _errand,
    "muse.reasons": _reasons,
    "muse.here": _here,
}
