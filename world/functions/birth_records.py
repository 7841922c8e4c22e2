"""Birth Records: who the agents are and who their parents are, from the persona files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.governance.rules import Actor
from world.functions import Lines, RoomFunction
from world.telling import count

if TYPE_CHECKING:
    from agents.house.house import House


def _headline(house: House, viewer: Actor) -> str:
    parents = {one.parent for one in house.roster.values() if one.parent}
    return f"{count(len(house.roster), 'agent')} on record, {len(parents) or 'none'} of them with children."


def _tree(house: House, viewer: Actor) -> Lines:
    children: dict[str, list[str]] = {}
    for slug, one in house.roster.items():
        children.setdefault(one.parent if one.parent in house.roster else "", []).append(slug)

    seen: set[str] = set()

    def grown(slug: str, depth: int) -> Lines:
        seen.add(slug)
        lines = ["  " * depth + f"{house.roster[slug].name}, {house.roster[slug].role}"]
        for child in children.get(slug, ()):
            lines += grown(child, depth + 1) if child not in seen else []
        return lines

    lines = [line for root in children.get("", ()) for line in grown(root, 0)]
    # Personas whose parents form a cycle have no root; they are reported, not hidden.
    lines += [line for slug in house.roster if slug not in seen for line in grown(slug, 0)]
    return lines or ["No agent is on record."]


def _pages(house: House, viewer: Actor) -> Lines:
    return [
        f"{one.name}: {one.role}; parent "
        f"{house.roster[one.parent].name if one.parent in house.roster else one.parent or 'none'}; "
        f"born {one.born or 'on a day nobody wrote down'}"
        for one in house.roster.values()
    ] or ["Its pages are blank."]


FUNCTION = RoomFunction(
    "birth_records",
    _headline,
    help="The family of the house: `look tree` draws it, `look ledger` has origin and birth of each agent.",
    details={"tree": _tree, "branch": _tree, "ledger": _pages, "page": _pages},
)
