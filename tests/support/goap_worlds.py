"""A world to plan in, as a mind would describe it: rooms, doors, things, three kinds of work.

Pure: imports `agents.goap` alone, so that subprocess tests can run it bare.
"""

from __future__ import annotations

from agents.goap import Action, Domain

AREAS = {
    "hall": ("spire", "grove", "archives", "workshop", "orb_chamber", "birth_chamber", "shrine", "porch", "well"),
    "spire": ("sanctum", "offline_archives", "independence_hall", "observatory"),
    "grove": ("lesson_stones", "practice_grounds", "assessment_circles"),
    "archives": ("birth_records", "achievement_hall", "memorial_wall", "library"),
    "workshop": ("forge", "treasury", "signal_tower", "kiln"),
}
ROOMS = sorted({"hall", *(room for rooms in AREAS.values() for room in rooms)})
DOORS = [f"open({a}, {b})" for x, ys in AREAS.items() for y in ys for a, b in ((x, y), (y, x))]
THINGS = ["in(lens, workshop)", "in(gauge, workshop)", "in(trowel, forge)"]


def actions() -> list[Action]:
    """Walking, carrying, three kinds of work and an errand for each room."""
    out = [
        Action(
            name="go",
            parameters={"?a": "room", "?b": "room"},
            preconditions=["at(me, ?a)", "open(?a, ?b)"],
            add=["at(me, ?b)"],
            delete=["at(me, ?a)"],
        ),
        Action(
            name="take",
            parameters={"?i": "item", "?r": "room"},
            preconditions=["at(me, ?r)", "in(?i, ?r)"],
            add=["has(me, ?i)"],
            delete=["in(?i, ?r)"],
        ),
        Action(
            name="drop",
            parameters={"?i": "item", "?r": "room"},
            preconditions=["at(me, ?r)", "has(me, ?i)"],
            add=["in(?i, ?r)"],
            delete=["has(me, ?i)"],
        ),
    ]
    for kind, item, count in (("survey", "lens", 4), ("tests", "gauge", 2), ("build", "trowel", 2)):
        for step in range(count):
            before = [f"done({kind}, s{step - 1})"] if step else []
            out.append(
                Action(
                    name=f"{kind}-s{step}",
                    preconditions=["at(me, workshop)", f"has(me, {item})", f"working({kind})", *before],
                    add=[f"done({kind}, s{step})"],
                    cost=2,
                )
            )
        out += [
            Action(
                name=f"{kind}-write",
                preconditions=["at(me, library)", f"done({kind}, s{count - 1})"],
                add=[f"written({kind})"],
            ),
            Action(
                name=f"{kind}-report",
                preconditions=["at(me, hall)", f"written({kind})"],
                add=[f"reported({kind})"],
            ),
        ]
    out += [Action(name=f"look-{r}", preconditions=[f"at(me, {r})"], add=[f"seen({r})"]) for r in ROOMS]
    return out


def world() -> Domain:
    """The compiled domain, grounded over the doors that exist."""
    return Domain.compile(actions(), {"room": ROOMS, "item": ["lens", "gauge", "trowel"]}, static=DOORS)


def facts(*, at: str = "hall", shut: tuple[str, ...] = (), lost: tuple[str, ...] = ()) -> list[str]:
    """What holds: every door but `shut` ones, every thing but `lost` ones, all three tasks in work."""
    return [
        f"at(me, {at})",
        *(d for d in DOORS if d not in shut),
        *(t for t in THINGS if t not in lost),
        *(f"working({k})" for k in ("survey", "tests", "build")),
    ]
