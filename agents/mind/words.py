"""Facts, actions and obstacles in words, from what an agent sees. Pure.

Owns the phrases for plans. Refuses to add anything: each phrase states one fact or one action, and an obstacle is read
from the world (why an exit is barred, who holds a thing).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from agents.goap.model import Fact
from agents.mind.sensors import View
from agents.work.kind import Kind, step_words
from agents.work.ports import ItemInfo

_FACTS: Mapping[str, str] = {
    "at": "being in {1}",
    "open": "a free way from {0} to {1}",
    "in": "{0} lying in {1}",
    "has": "having {1}",
    "working": "a task of the kind {0} in hand",
    "site": "{0} as the place of the task",
    "home": "{0} as home",
    "done": "{1} ({0}) done",
    "written": "the report of {0} written",
    "reported": "{0} reported in the Hall",
    "seen": "{0} read",
    "tended": "{0} tended",
    "checked": "{0} checked",
    "kept": "{0} kept",
    "visited": "{0} visited",
    "rested": "rest at {0}",
    "met": "the meeting of the {0}",
    "heard": "the {0} heard",
    "risen": "having risen",
    "shared": "the {0} shared",
    "told": "the {0} told by the fire",
    "ready": "{0} being possible now",
}
_GOALS: Mapping[str, str] = {
    "seen": "a look at the {0}",
    "tended": "the care of the {0}",
    "checked": "a check of the {0}",
    "kept": "the {0}",
    "visited": "a round of the {0}",
    "rested": "the way home",
    "met": "the meeting of the {0}",
    "heard": "the {0} in the Grove",
    "risen": "getting up",
    "shared": "the {0} in the Hall",
    "told": "the evening by the fire",
    "consulted": "advice from the {0}",
}
_DEEDS: Mapping[str, str] = {
    "move": "walk from {0} to {1}",
    "take": "take {0} in {1}",
    "drop": "lay {0} down in {1}",
    "rest": "settle in {0}",
    "look_about": "look about {0}",
    "look_at_board": "read the task board",
    "tend_shrine": "count who is awake",
    "check_disk": "read the machine's gauges",
    "keep_journal": "write the journal",
    "meet": "tell the house what was done",
    "hear_lesson": "hear a lesson",
    "rise": "get up in {0}",
    "share_meal": "sit down to the meal",
    "tell_day": "tell the day by the fire",
}


def _named(view: View | None, args: Iterable[str]) -> list[str]:
    if view is None:
        return [a.replace("_", " ").title() for a in args]
    things = {item.key for item in view.items}
    return [
        f"the {view.named(a).removeprefix('the ')}" if a in things else view.named(a).replace("_", " ") for a in args
    ]


def of_fact(view: View) -> Callable[[Fact], str]:
    """A function that turns a fact into a phrase with the names of `view`."""

    def words(fact: Fact) -> str:
        args = _named(view, fact.args)
        form = _FACTS.get(fact.predicate)
        if form is None:
            return " ".join([fact.predicate.replace("_", " "), *args])
        return form.format(*args)

    return words


_FACT = re.compile(r"\b\w+\([^()]*\)")


def of_goal(name: str) -> str:
    """A goal's name as a noun: `visited(practice_grounds)` is `a round of the Practice Grounds`.

    Names that are phrases already (`task 3`) stay.
    """
    if len(facts := _FACT.findall(name)) > 1:
        return joined(map(of_goal, facts))
    predicate, bracket, inside = name.partition("(")
    form = _GOALS.get(predicate)
    if form is None and len(facts) == 1 and facts[0] == name:
        return of_deed(None)(name) if predicate in _DEEDS else f"{predicate} {inside[:-1]}".replace("_", " ").strip()
    if form is None or not bracket:
        return name
    place = inside.rstrip(")").replace("_", " ")
    return form.format(place.title() if predicate == "visited" else place)


def of_deed(view: View | None, kinds: Mapping[str, Kind] = MappingProxyType({})) -> Callable[[str], str]:
    """A function that turns a ground action's text into a phrase with the names of `view` (None: the
    keys themselves, as titles). What is no action stays as it is written.

    `kinds`: the kinds of task whose steps may occur.
    """

    def deeds(action: str) -> str:
        try:
            ground = Fact.parse(action)
        except ValueError:
            return action
        args = _named(view, ground.args)
        form = _DEEDS.get(ground.predicate)
        if form is not None:
            return form.format(*args)
        verb, _, rest = ground.predicate.partition("_")
        if step := step_words(kinds, ground.predicate):
            return f"{step} in {args[0]}" if args else step
        if verb == "write" and rest in kinds:
            return f"write the report of {rest}"
        if verb == "tell" and rest in kinds:
            return f"tell in the Hall what {rest} found"
        return " ".join([ground.predicate.replace("_", " "), *args])

    return deeds


class Said(dict[str, str]):
    """Ground actions in words, each put into words when it is first asked for, with the names that things had
    in `view`.
    """

    def __init__(self, view: View, kinds: Mapping[str, Kind]) -> None:
        """`kinds`: as of `of_deed`."""
        super().__init__()
        self.names, self._words = view.names, of_deed(view, kinds)

    def __missing__(self, action: str) -> str:
        said = self[action] = self._words(action)
        return said


@dataclass(frozen=True)
class Obstacle:
    """Why one fact cannot be had, in words; `holder` is the slug or name of who has the `thing`."""

    fact: Fact
    words: str
    holder: str = ""
    thing: str = ""


def obstacle(view: View, fact: Fact, names: Mapping[str, str], ready: Mapping[str, str]) -> Obstacle:
    """What stands against `fact` in the world. `names` are people's names by slug, `ready` the
    reasons of acts that cannot be done now.
    """
    if fact.predicate == "open":
        origin, target = fact.args
        reason = next((w.why_not for w in view.exits if (w.origin, w.target) == (origin, target)), "")
        way = f"the way from {view.named(origin)} to {view.named(target)}"
        return Obstacle(fact, f"{way} is barred: {reason.rstrip('.')}" if reason else f"there is no {way[4:]}")
    item = next((i for i in view.items if i.key in fact.args), None) if fact.predicate in ("has", "in") else None
    if item is not None:
        if item.holder and item.holder != view.slug:
            return Obstacle(fact, whereabouts(item, names, view.named), item.holder, item.key)
        if not item.room and not item.holder:
            return Obstacle(fact, whereabouts(item, names, view.named))
    if fact.predicate == "ready" and ready.get(fact.args[0]):
        return Obstacle(fact, ready[fact.args[0]].rstrip("."))
    return Obstacle(fact, f"nothing brings about {of_fact(view)(fact)}")


def whereabouts(item: ItemInfo, names: Mapping[str, str], named: Callable[[str], str]) -> str:
    """Who has a thing, or where it lies. `names` are people's names by slug, `named` gives those of rooms."""
    name = f"the {item.name.removeprefix('the ')}"
    if item.holder:
        return f"{names.get(item.holder, item.holder.removeprefix('person:'))} has {name}"
    return f"{name} lies in {named(item.room)}" if item.room else f"{name} is nowhere to be found"


def joined(parts: Iterable[str]) -> str:
    """`a, b and c`."""
    *head, last = list(parts) or ["nothing"]
    return f"{', '.join(head)} and {last}" if head else last
