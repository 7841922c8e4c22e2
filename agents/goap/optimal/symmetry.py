"""Interchangeable objects, and one canonical state for all that differ only by exchanging them.

Owns the detection of classes of interchangeable objects (object symmetries: Pochter, Zohar & Rosenschein,
"Exploiting problem symmetries in state-based planners", 2011) and the canonical state of an orbit. Names only
suggest exchanges; each is verified on the operators' masks, so no wrong one gets in. Does not search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.goap.domain import Domain, bits

Operator = tuple[int, int, int, int, int]


@dataclass(frozen=True)
class Exchange:
    """A class of interchangeable objects: object k has `facts` facts starting at `first` + k * `facts`, in the same
    order for all objects.
    """

    first: int
    facts: int
    objects: int


def classes(domain: Domain, goal: int, operators: Sequence[Operator]) -> list[list[list[int]]]:
    """Classes of interchangeable objects: for each object of a class its literals, in matching order.

    No literal belongs to two objects, so each class can be sorted independently.
    """
    needed = goal
    for o in operators:
        needed |= o[0] | o[1] | o[2]
    atoms = {}
    owned: dict[str, list[int]] = {}
    for literal in bits(needed):
        fact = domain.literal(literal)
        atoms[literal] = (fact.predicate, *fact.args)
        for name in dict.fromkeys(fact.args):
            owned.setdefault(name, []).append(literal)
    number = {atom: literal for literal, atom in atoms.items()}
    content = {o[:4] for o in operators}
    # Objects alike at first sight: as many facts with the same predicates, in the same positions.
    looks: dict[tuple[object, ...], list[str]] = {}
    for name in sorted(owned):
        look = sorted((atoms[x][0], *(i for i, a in enumerate(atoms[x]) if i and a == name)) for x in owned[name])
        goals = (goal & sum(1 << x for x in owned[name])).bit_count()
        looks.setdefault((goals, *look), []).append(name)
    found: list[list[str]] = []
    for names in looks.values():
        groups: list[list[str]] = []
        for name in names:
            for group in groups:
                if _exchangeable(group[0], name, atoms, number, owned, goal, operators, content):
                    group.append(name)
                    break
            else:
                groups.append([name])
        found += [group for group in groups if len(group) > 1]
    # The classes that save most come first; one that shares a literal with earlier ones is left out.
    found.sort(key=lambda group: (-len(group), group))
    taken = 0
    result = []
    for group in found:
        rows, mask, clash = [], 0, False
        first = group[0]
        for name in group:
            row = []
            for literal in owned[first]:
                image = number[tuple(name if i and a == first else a for i, a in enumerate(atoms[literal]))]
                row.append(image)
                clash |= bool(mask >> image & 1)
                mask |= 1 << image
            rows.append(row)
            clash |= len(row) != len(owned[name])
        # Sorting either object alone would not exchange a literal that mentions two objects of the class.
        clash |= any(len(set(atoms[x][1:]) & set(group)) > 1 for row in rows for x in row)
        if not clash and not mask & taken:
            taken |= mask
            result.append(rows)
    return result


def _exchangeable(
    one: str,
    other: str,
    atoms: dict[int, tuple[str, ...]],
    number: dict[tuple[str, ...], int],
    owned: dict[str, list[int]],
    goal: int,
    operators: Sequence[Operator],
    content: set[tuple[int, int, int, int]],
) -> bool:
    """Whether exchanging two objects maps literals, goal and operators onto themselves."""
    swap = {one: other, other: one}
    image = {}
    for literal in owned[one] + owned[other]:
        atom = atoms[literal]
        other_literal = number.get((atom[0], *(swap.get(a, a) for a in atom[1:])))
        if other_literal is None:
            return False
        image[literal] = other_literal
    moving = 0
    for literal in image:
        moving |= 1 << literal

    def moved(mask: int) -> int:
        part = mask & moving
        mask ^= part
        for literal in bits(part):
            mask |= 1 << image[literal]
        return mask

    return moved(goal) == goal and all(
        (moved(o[0]), moved(o[1]), moved(o[2]), o[3]) in content for o in operators if (o[0] | o[1] | o[2]) & moving
    )


def canonical(state: int, exchanges: Sequence[Exchange]) -> int:
    """The state with the objects of each class in descending order of their facts."""
    for e in exchanges:
        facts = e.facts
        one = (1 << facts) - 1
        rest = state >> e.first
        seen = [rest >> i & one for i in range(0, e.objects * facts, facts)]
        ordered = sorted(seen)
        if ordered != seen:
            block = 0
            for value in reversed(ordered):
                block = block << facts | value
            state = state & ~(((1 << e.objects * facts) - 1) << e.first) | block << e.first
    return state


def orders(state: int, exchanges: Sequence[Exchange]) -> list[list[int]]:
    """For each class, which object of `state` goes to which place in its canonical state."""
    found = []
    for e in exchanges:
        one = (1 << e.facts) - 1
        rest = state >> e.first
        seen = [rest >> i * e.facts & one for i in range(e.objects)]
        found.append(sorted(range(e.objects), key=seen.__getitem__))
    return found
