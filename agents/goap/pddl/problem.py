"""A parsed planning problem, and its compilation to bit masks.

Owns the values that parser and writer share, and the compilation of one problem. Does not know the text: grounding
errors name the action.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from agents.goap.domain import Domain
from agents.goap.ground import GroundingError, atom, ground
from agents.goap.model import EQUAL, Action, Fact, Goal
from agents.goap.pddl.formulas import Signature
from agents.goap.pddl.lists import Hierarchy, Kinds
from agents.goap.pddl.tokens import PddlError
from agents.kernel.errors import BadInput

MAX_MEMBERS = 5_000_000
"""Maximum number of objects of all types, each counted for every type it has."""


@dataclass(frozen=True)
class Problem:
    """A domain and a problem of PDDL together; equal if they mean the same.

    `types`: each type's parents (without `object`). `predicates`, `functions`: the types of each argument, several
    for `either`. `constants` belong to the domain, `objects` to the problem: each name with its types. `values`:
    values of function terms. `actions`: several types of a parameter are written in one text, `truck|plane`.
    `scale`: the factor that makes costs and values integers; without a `metric` each action costs 1. `warnings`:
    odd but unambiguous input. `file`: the domain's file, for messages; `places`: each action's line and column in
    it.
    """

    domain: str
    name: str
    types: Mapping[str, Kinds]
    predicates: Mapping[str, Signature]
    functions: Mapping[str, Signature]
    constants: Mapping[str, Kinds]
    objects: Mapping[str, Kinds]
    actions: tuple[Action, ...]
    init: frozenset[Fact]
    goal: Goal
    values: Mapping[Fact, int]
    scale: int = 1
    metric: bool = False
    warnings: tuple[str, ...] = field(default=(), compare=False)
    file: str = field(default="domain", compare=False)
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict, compare=False)

    def compile(self) -> tuple[Domain, int, Goal]:
        """The ground domain with everything reachable from the initial facts, the initial state, and the goal. Raises
        PddlError if the problem is too large or an action's cost has no value.
        """
        try:
            actions, _ = ground(self.actions, self._members(), values=self.values, init=self.init)
        except BadInput as error:
            place = self.places[error.action] if isinstance(error, GroundingError) else (0, 0)
            raise PddlError(self.file, *place, error.message) from None
        atoms = {a for g in actions for part in (g.need, g.forbid, g.add, g.delete) for a in part}
        wanted = (*self.goal.condition, *self.goal.negative)
        atoms.update(map(atom, wanted))
        domain = Domain(atoms, actions)
        same = [f for f in wanted if f.predicate == EQUAL and f.args[0] == f.args[1]]
        return domain, domain.state([*self.init, *same]), self.goal

    def cost(self, scaled: int) -> Fraction:
        """A cost in the units of the text."""
        return Fraction(scaled, self.scale)

    def _members(self) -> dict[str, list[str]]:
        """The objects of each type that a parameter uses."""
        kinds = Hierarchy(self.types)
        of: dict[str, list[str]] = {}
        room = MAX_MEMBERS
        for name, own in (*self.constants.items(), *self.objects.items()):
            for kind in frozenset().union(*map(kinds.above, own)):
                of.setdefault(kind, []).append(name)
                room -= 1
            if room < 0:
                raise PddlError(self.file, 0, 0, f"the types have over {MAX_MEMBERS:,} objects together")
        out: dict[str, list[str]] = {}
        for action in self.actions:
            for text in action.parameters.values():
                if text not in out:
                    out[text] = sorted({name for kind in split(text) for name in of.get(kind, ())})
                    room -= len(out[text])
            if room < 0:
                raise PddlError(self.file, 0, 0, f"the types have over {MAX_MEMBERS:,} objects together")
        return out


def joined(kinds: Kinds) -> str:
    """A parameter's types in one text."""
    return "|".join(kinds)


def split(text: str) -> Kinds:
    """The types in a parameter's text."""
    return tuple(text.split("|"))


def decimal(value: Fraction) -> str:
    """A fraction whose denominator has only the factors 2 and 5, in PDDL's notation."""
    digits, sign = 0, "-" if value < 0 else ""
    value = abs(value)
    while (value * 10**digits).denominator != 1:
        digits += 1
    whole = str(int(value * 10**digits)).rjust(digits + 1, "0")
    return sign + (f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole)
