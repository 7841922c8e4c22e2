"""Why an agent does not take an action, pursue a goal or bring about a fact that somebody names.

Owns the names that people may use (an action, a fact, a goal as shown, an aim, `task 3`; close matches count), and the
limit on what the searches for an answer may cost. Refuses to reconstruct: everything is read from the plan, a search,
or a reason that was kept.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from agents.goap import Domain, Plan, Solved, Unsolvable, explain, run, search
from agents.goap.explain import Verdict, WhyNot
from agents.goap.model import Fact, Goal
from agents.house.values import Wish
from agents.kernel.errors import NotFound
from agents.lineage.aims import name_of
from agents.mind import goals, telling, wanting, words
from agents.mind.aims import Standing
from agents.work.models import Task

if TYPE_CHECKING:
    from agents.mind.mind import Mind

MAX_NODES = 200
"""States that one search for an answer may look at: some milliseconds in a world like this."""
_EMPTY_WORDS = frozenset(["a", "an", "the", "to", "in", "at", "of", "from", "down", "up", "on", "for"])


def why_not(mind: Mind, text: str) -> WhyNot:
    """Why `text` is not what the agent does now. Raises NotFound, with near names, when nothing is called so."""
    wanted = _tokens(text)
    for asked in (_goal, _task, _errand, _aim, _fact, _action):
        answer = asked(mind, text, wanted)
        if answer is not None:
            return answer
    near = difflib.get_close_matches(text.strip().lower(), sorted(_names(mind)), n=3, cutoff=0.5)
    raise NotFound(
        f"{mind.persona.name} knows nothing called {text.strip()}." + (f" Near it: {'; '.join(near)}." if near else ""),
        next=f"why not {mind.slug} {near[0]}" if near else f"plan {mind.slug}",
    )


def _tokens(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", text.lower())) - _EMPTY_WORDS


def _same(wanted: frozenset[str], *names: str) -> bool:
    return any(wanted == _tokens(name) for name in names)


def _answer(verdict: Verdict, *sentences: str) -> WhyNot:
    return WhyNot(tuple(s for s in sentences if s), verdict, ())


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    return f"{minutes} minute{'s' * (minutes > 1)}" if minutes < 120 else f"{round(minutes / 60)} hours"


def _at(when: datetime, now: datetime) -> str:
    return f"{when:%H:%M}" if when - now < timedelta(hours=20) else f"{when:%a %d %b %H:%M}"


def _current(mind: Mind) -> Wish | None:
    return mind.pursuit.wish if mind.pursuit else None


def _goal(mind: Mind, text: str, wanted: frozenset[str]) -> WhyNot | None:
    """A goal that is pursued, waits, or could be pursued now."""
    current = _current(mind)
    if current is not None and _same(wanted, current.name, words.of_goal(current.name)):
        return _answer("planned", f"{words.of_goal(current.name)} is what it pursues now.")
    instant, now = mind.core.runtime.clock.monotonic(), mind.core.runtime.clock.now()
    for name in mind.waits:
        if (wait := mind.waiting(name)) and _same(wanted, name, words.of_goal(name)):
            again = _at(now + timedelta(seconds=wait.until - instant), now)
            return _answer("waits", f"{words.of_goal(name)} waits until {again}: {telling.why(mind, wait)}.")
    for wish in wanting.wishes(mind):
        if _same(wanted, wish.name, words.of_goal(wish.name)):
            return _weaker(mind, wish, current)
    return None


def _weaker(mind: Mind, wish: Wish, current: Wish | None) -> WhyNot:
    name = words.of_goal(wish.name)
    if current is None or mind.pursuit is None:
        return _answer("weaker", f"{name} has {wish.words}; nothing is pursued yet, and what is worth most comes next.")
    other, left = words.of_goal(current.name), mind.pursuit.remaining
    if wish.tier < current.tier:
        return _answer("weaker", f"{name} has {wish.words}; {other} comes before it whatever it costs.")
    held = f"{other} has {current.words}, {goals.worth(current.score, left):.1f} with a cost of {left} to go"
    return _answer(
        "weaker",
        f"{name} is weaker: {wish.words}.",
        f"{held}; only what is worth "
        f"{goals.HYSTERESIS:g} times as much after the cost of its plan would change its mind.",
    )


def _task(mind: Mind, text: str, wanted: frozenset[str]) -> WhyNot | None:
    match = re.fullmatch(r"\s*(?:task\s*)?#?(\d{1,9})\s*", text.lower())
    if not match:
        return None
    task = Task.objects.filter(pk=int(match[1])).first()
    if task is None:
        raise NotFound(f"There is no task {match[1]}.", next="tasks")
    status = task.status.lower().replace("_", " ")
    if task.assignee and task.assignee != mind.slug:
        return _answer("unneeded", f"task {task.pk} is given to {task.assignee} and is {status}.")
    why = f": {task.reason.rstrip('.')}" if task.reason else ""
    if task.status == "RUNNING" and (first := mind.task()) is not None and first.pk != task.pk:
        return _answer("waits", f"task {task.pk} comes after task {first.pk}, which was begun before it.")
    given = "" if task.assignee else " and given to nobody"
    return _answer("waits", f"task {task.pk} is {status}{given}{why}.")


def _aim(mind: Mind, text: str, wanted: frozenset[str]) -> WhyNot | None:
    """An aim, by its name or by the subgoal that it comes to next."""
    found = next((s for s in mind.recall.standings() if _same(wanted, s.aim.name)), None) or next(
        (
            s
            for s in mind.recall.standings()
            if s.next and _same(wanted, name_of(s.next), words.of_goal(name_of(s.next)))
        ),
        None,
    )
    return None if found is None else _of_aim(mind, found)


def _of_aim(mind: Mind, at: Standing) -> WhyNot:
    now, name = mind.core.runtime.clock.now(), f'the aim "{at.aim.name}"'
    if at.method is None:
        return _answer("impossible", f"{name} is out of reach for now by every method: {words.joined(at.left)}.")
    if at.next is None:
        return _answer("unneeded", f"{name} is reached; it begins again at {_at(at.due, now)}.")
    following = words.joined(words.of_goal(str(f)) for f in at.next)
    how = f"{name} stands at {at.done} of {at.of} ({at.method.name})"
    if at.due > now:
        return _answer("later", f"{how}; its next subgoal, {following}, is not due until {_at(at.due, now)}.")
    under = _goal(mind, "", _tokens(name_of(at.next)))
    return WhyNot(
        (f"{how}; next is {following}.", *(under.sentences if under else ())), under.verdict if under else "weaker", ()
    )


def _errand(mind: Mind, text: str, wanted: frozenset[str]) -> WhyNot | None:
    now = mind.core.runtime.clock.now()
    for errand in mind.persona.errands:
        if not _same(wanted, errand.name, words.of_goal(errand.name)):
            continue
        name, due = words.of_goal(errand.name), goals.due_at(errand, mind.recall.last.get(errand.name), now)
        if due > now:
            return _answer(
                "later", f"{name} is not due until {_at(due, now)}, in {_time((due - now).total_seconds())}."
            )
        if errand.hours and not errand.in_season(now):
            return _answer(
                "later", f"{name} belongs to the hours from {errand.hours[0]} to {errand.hours[1]}; it is {now:%H:%M}."
            )
        return _answer("later", f"{name} has to wait until its hours begin again; it is {now:%H:%M}.")
    return None


def _fact(mind: Mind, text: str, wanted: frozenset[str]) -> WhyNot | None:
    """A fact of the domain: it holds, it cannot be reached, or nothing wants it."""
    view = mind.look()
    domain, phrase = mind.minds.repertoire.domain(view), words.of_fact(view)
    facts = [domain.literal(i) for i in range(domain.count)]
    fact = next((f for f in facts if _same(wanted, str(f), phrase(f), words.of_goal(str(f)))), None)
    if fact is None:
        return None
    state = _state(mind, domain)
    if fact in domain.facts(state):
        return _answer("holds", f"{phrase(fact)}: that holds already.")
    goal = Goal(name=str(fact), condition=(fact,))
    outcome = run(search(domain, state, goal, max_nodes=MAX_NODES, penalties=mind.penalties()))
    if isinstance(outcome, Solved):
        serves = _serving(mind, fact)
        return _answer(
            "planned" if serves else "unneeded",
            serves
            or (
                f"{phrase(fact)} could be reached at a cost of {outcome.spent}, but no goal of {mind.persona.name} "
                f"wants it."
            ),
        )
    if isinstance(outcome, Unsolvable):
        told = explain.unreachable(
            domain, state, goal, outcome=outcome, words=phrase, deeds=words.of_deed(view, mind.core.kinds)
        )
        names = {p.slug: p.name for p in mind.core.roster.values()}
        roots = [words.obstacle(view, root, names, mind.readiness()).words for root in told.roots]
        why = [f"What stands in the way: {words.joined(dict.fromkeys(roots))}."] if roots else []
        return WhyNot((*told.sentences[:1], *why), "impossible", told.missing)
    return _answer("unknown", f"No way to {phrase(fact)} was found within {outcome.nodes} states.")


def _serving(mind: Mind, fact: Fact) -> str:
    """The step of the plan in force that brings about `fact`, in words; '' when none does."""
    now = mind.pursuit
    for step in now.plan.steps[now.position :] if now else ():
        if any(link.fact == fact for link in step.serves):
            return f"{words.of_fact(mind.look())(fact)} comes with step {step.index + 1} of its plan."
    return ""


def _state(mind: Mind, domain: Domain) -> int:
    now = mind.pursuit
    task = mind.core.work.get(now.wish.task) if now and now.wish.task else None
    return mind.state(mind.look(), task, now.known if now else ())


def _action(mind: Mind, text: str, wanted: frozenset[str]) -> WhyNot | None:
    """An action of the domain, by its written form or the words for it."""
    view = mind.look()
    domain, deeds = mind.minds.repertoire.domain(view), words.of_deed(view, mind.core.kinds)
    state = _state(mind, domain)
    found = _called(domain, state, wanted, deeds)
    if found is None:
        return None
    now = mind.pursuit
    failed = mind.failed(domain.texts[found])
    again = f"It failed {_time(failed)} ago, and is avoided for a while." if failed is not None else ""
    if now is None:
        missing = domain.literals(domain.pre[found] & ~state)
        lacks = (
            f"{deeds(domain.texts[found])} needs {words.joined(map(words.of_fact(view), missing))} first."
            if missing
            else ""
        )
        return WhyNot(
            tuple(s for s in (f"{mind.persona.name} pursues nothing now.", lacks, again) if s), "unneeded", missing
        )
    position = now.plan.resume(domain, state)
    plan = None if position is None else Plan.of(domain, state, now.wish.goal, now.plan.texts[position:])
    told = explain.why_not(
        domain,
        state,
        now.wish.goal,
        found,
        plan=plan,
        penalties=mind.penalties(),
        max_nodes=MAX_NODES,
        words=words.of_fact(view),
        deeds=deeds,
    )
    return told if not again else WhyNot((*told.sentences, again), told.verdict, told.missing, told.extra)


def _called(domain: Domain, state: int, wanted: frozenset[str], deeds: Callable[[str], str]) -> int | None:
    """The action meant by these words: of those that have them all the one that is nearest to being
    possible (that it is done elsewhere counts least), then the one with the fewest words more.
    """
    walking = sum(1 << i for i in range(domain.count) if domain.literal(i).predicate == "at")
    best: tuple[int, int, int, int] | None = None
    for i, text in enumerate(domain.texts):
        for said in (text, deeds(text)):
            have = _tokens(said)
            if wanted and wanted <= have:
                lacks = domain.pre[i] & ~state
                rank = ((lacks & ~walking).bit_count(), lacks.bit_count(), len(have) - len(wanted), i)
                best = rank if best is None or rank < best else best
    return None if best is None else best[3]


def _names(mind: Mind) -> Iterable[str]:
    """All that can be asked for by name."""
    view = mind.look()
    domain = mind.minds.repertoire.domain(view)
    names = {*domain.texts, *(str(domain.literal(i)) for i in range(domain.count))}
    names |= {words.of_goal(e.name) for e in mind.persona.errands} | {s.aim.name for s in mind.recall.standings()}
    return names
