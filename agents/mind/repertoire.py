"""All that minds can do: act files, the acts of kinds, and the planning domain compiled from them.

Owns the discovery of act files, and the one domain that all agents share, which is compiled anew when the map or the
acts change. Refuses to let one broken file take the others with it: it is reported and left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType

from agents.goap import Domain
from agents.goap.domain import GroundAction
from agents.goap.model import Action, Fact, Goal, fact
from agents.goap.policy import Policy
from agents.goap.prepared import Prepared, prepare, prepared
from agents.kernel import parts
from agents.kernel.problem import Problem
from agents.mind.kept import RepertoireKept
from agents.mind.sensors import View, of_items, of_machine, of_map
from agents.work.act import Act
from agents.work.kind import Kind, acts_of

FOLDER = Path(__file__).parent / "actions"
_TRIAL = {"room": ["hall", "forge"], "item": ["lens"]}
"""Over these each file's acts are compiled once, so that one that cannot be is found before it is used."""
MOST_POLICIES = 4096
"""Goals, times states of the ways, for which plans are remembered; the one made first goes first."""

MOST_MASKS = 4096
"""Masks that are kept: one a state of the map and one a holder; and as many of places."""


def discover(*folders: Path, taken: Iterable[str] = ()) -> tuple[tuple[Act, ...], list[Problem]]:
    """The acts of every file in `folders` (none: the standard one) that does not begin with `_`, and what is wrong
    with the rest.

    A file holds `ACTS`, a tuple of `Act`. Files are read in the order of their names; the names
    in `taken` are those of acts that come from elsewhere.
    """
    found, problems = parts.load("action", f"{__package__}.actions", folders or (FOLDER,), _held, taken)
    return tuple(found.values()), problems


def _held(module: ModuleType) -> Iterable[tuple[str, Act]]:
    acts = getattr(module, "ACTS", None)
    if not isinstance(acts, tuple) or not all(isinstance(act, Act) for act in acts):
        raise TypeError("it has no ACTS = (Act(…), …)")
    Domain.compile(map(_schema, acts), _TRIAL)
    return [(act.schema.name, act) for act in acts]


def _schema(act: Act) -> Action:
    """The act's schema; a procedural precondition stands in it as the fact `ready(NAME)`."""
    if act.ready is None:
        return act.schema
    needs = (*act.schema.preconditions, fact("ready", act.schema.name))
    return act.schema.model_copy(update={"preconditions": needs})


class Repertoire:
    """Acts by name and their domain over the world as it is."""

    def __init__(self, acts: Iterable[Act], kinds: Mapping[str, Kind]) -> None:
        """Raises ValueError when two acts have one name."""
        self.acts: dict[str, Act] = {}
        for act in (*acts, *(act for kind in kinds.values() for act in acts_of(kind))):
            if act.schema.name in self.acts:
                raise ValueError(f"two acts are called {act.schema.name}")
            self.acts[act.schema.name] = act
        self.asked = {name: act.ready for name, act in self.acts.items() if act.ready}
        """The procedural preconditions, by the name of the act."""
        self.extra = {name: act.extra for name, act in self.acts.items() if act.extra}
        """The procedural costs, by the name of the act."""
        self._schemas = tuple(_schema(act) for act in self.acts.values())
        self._map: object = None
        self._domain: Domain | None = None
        self._ways = 0
        self._seen: tuple[object, ...] = ()
        self._masks: dict[tuple[int, str], tuple[tuple[object, ...], int]] = {}
        self._own: dict[tuple[str, str, tuple[Fact, ...]], int] = {}
        """The masks of what is seen beside ways and things, by room, home and state of the machine."""
        self._policies: dict[tuple[int, int], Policy] = {}

    def domain(self, view: View) -> Domain:
        """The domain over the rooms, ways and things of `view`; the same object until they change."""
        if (
            self._domain is not None
            and view.rooms is self._seen[0]
            and view.exits is self._seen[1]
            and view.items is self._seen[2]
        ):
            return self._domain
        self._seen = (view.rooms, view.exits, view.items)
        rooms = frozenset(room.key for room in view.rooms)
        items = frozenset(item.key for item in view.items)
        ways = frozenset((way.origin, way.target) for way in view.exits)
        if self._domain is None or self._map != (rooms, items, ways):
            self._map = (rooms, items, ways)
            self._domain = Domain.compile(
                self._schemas,
                {"room": rooms, "item": items},
                [fact("at", "me", room) for room in sorted(rooms)],
                static=[fact("open", *way) for way in sorted(ways)],
            )
            self._ways = sum(1 << i for i in range(self._domain.count) if self._domain.literal(i).predicate == "open")
            self._policies.clear()
            self._masks.clear()
            self._own.clear()
        return self._domain

    def state(self, view: View, more: Iterable[Fact]) -> int:
        """The state of the domain in which all that is in `view` holds, and `more`."""
        domain = self.domain(view)
        ways = self._mask(view.exits, "", lambda: of_map(view.exits))
        slug = next((view.slug for item in view.items if item.holder == view.slug), "")
        things = self._mask(view.items, slug, lambda: of_items(view.slug, view.items))
        felt = of_machine(view.machine)
        own = self._own.get((view.where, view.home, felt))
        if own is None:
            if len(self._own) >= MOST_MASKS:
                self._own.clear()
            own = self._own[view.where, view.home, felt] = domain.positive(view.own())
        return domain.closed(ways | things | own | domain.positive(more))

    def _mask(self, seen: tuple[object, ...], slug: str, facts: Callable[[], Iterable[Fact]]) -> int:
        """The mask of the facts of a tuple that is handed out again and again as long as nothing changes."""
        assert self._domain is not None
        key = (id(seen), slug)
        found = self._masks.get(key)
        if found is None or found[0] is not seen:
            if len(self._masks) >= MOST_MASKS:
                self._masks.clear()
            found = self._masks[key] = (seen, self._domain.positive(facts()))
        return found[1]

    def policy(self, domain: Domain, goal: Goal, state: int) -> Policy | None:
        """What all agents learned about `goal` while the same ways were open as in `state`; None when
        `domain` is not the present one or does not know the goal.

        A plan around a locked door works when the door is open again, but is no longer the way to go.
        """
        target = domain.target(goal)
        if target is None or domain is not self._domain:
            return None
        key = (target, state & self._ways)
        found = self._policies.get(key)
        if found is None:
            if len(self._policies) >= MOST_POLICIES:
                del self._policies[next(iter(self._policies))]
            found = self._policies[key] = Policy(domain, goal)
        return found

    def snapshot(self) -> RepertoireKept:
        """What was learned, in the order in which it will be forgotten."""
        if self._domain is None:
            return RepertoireKept("", Prepared([], []), [])
        policies = [(*place, policy.snapshot()) for place, policy in self._policies.items()]
        return RepertoireKept(self._domain.key, prepared(self._domain), policies)

    def restore(self, view: View, kept: RepertoireKept) -> None:
        """Know what was learned. Raises ValueError where it was learned in another domain than that of `view`."""
        if not kept.domain:
            return
        domain = self.domain(view)
        if domain.key != kept.domain:
            raise ValueError("the map or what agents can do has changed since")
        prepare(domain, kept.prepared)
        self._policies = {(target, ways): Policy.restored(domain, policy) for target, ways, policy in kept.policies}

    def of(self, action: GroundAction) -> Act:
        """The act behind a ground action."""
        return self.acts[action.name]
