"""Problems that have no plan, of both kinds and three sizes, and the same world with goals that have one.

The world: a grid of rooms, tools that lie in them, tasks that need two tools, a disk that fills up,
work done locally or remotely, phases, and one seal that can be used up once. Pure: imports
`agents.goap` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from agents.goap import Action, Domain, Goal


@dataclass(frozen=True)
class Size:
    """How many there are of each; each kind of work can be done in `sites` rooms."""

    side: int
    items: int
    tasks: int
    phases: int
    sites: int


SIZES = {"small": Size(2, 2, 2, 2, 1), "medium": Size(3, 4, 3, 3, 2), "large": Size(6, 12, 12, 6, 6)}
HUGE = Size(18, 150, 150, 20, 12)
"""About 1,000 facts and 5,000 actions, for bounds on work."""


@dataclass(frozen=True)
class Instance:
    """`kind`: `missing` (a fact out of reach even when nothing becomes false), `mutex` or `solvable`.
    `blame`: the literal, or the pair, that cannot hold.
    """

    name: str
    kind: str
    state: int
    goal: Goal
    blame: tuple[str, ...] = ()


class World:
    """The world of one size; equal seeds make equal worlds."""

    def __init__(self, size: Size, seed: int = 1) -> None:
        """Lay out the rooms and place the work."""
        self.random, self.size = Random(seed), size
        self.rooms = [f"r{x}_{y}" for x in range(size.side) for y in range(size.side)]
        self.tools = [f"in(i{i}, {self.random.choice(self.rooms)})" for i in range(size.items)]
        self.actions: list[Action] = []
        for x in range(size.side):
            for y in range(size.side):
                for a, b in ((x + 1, y), (x, y + 1)):
                    if a < size.side and b < size.side:
                        self._go(f"r{x}_{y}", f"r{a}_{b}")
                        self._go(f"r{a}_{b}", f"r{x}_{y}")
        for i, tool in enumerate(self.tools):
            room = tool[:-1].split(", ")[1]
            self._act(f"take_i{i}", room, [tool], [f"has(me, i{i})"], [tool])
            self._act(f"drop_i{i}", room, [f"has(me, i{i})"], [tool], [f"has(me, i{i})"])
        self._anywhere("clean", ["disk(low)"], ["disk(ok)"], ["disk(low)"])
        self._anywhere("nearer", ["work(remote)"], ["work(local)"], ["work(remote)"])
        self._anywhere("farther", ["work(local)"], ["work(remote)"], ["work(local)"])
        for t in range(size.tasks):
            phase = min(t // 2, size.phases - 2)
            one, two = (f"has(me, i{i % size.items})" for i in (t, t + 1))
            self._anywhere(f"accept_t{t}", [f"phase(p{phase})"], [f"accepted(t{t})"])
            self._anywhere(
                f"do_t{t}",
                [f"accepted(t{t})", one, "disk(ok)", "work(local)"],
                [f"done(t{t})", "disk(low)"],
                ["disk(ok)"],
                2,
            )
            self._anywhere(f"order_t{t}", [f"accepted(t{t})", two, "work(remote)"], [f"done(t{t})"], (), 5)
        for p in range(size.phases - 1):
            done = [f"done(t{t})" for t in range(size.tasks) if t // 2 == p]
            self._anywhere(f"promote_p{p}", [f"phase(p{p})", *done], [f"phase(p{p + 1})"], [f"phase(p{p})"])
        # What can never be: two modes of work at once, and two things made of one seal.
        self._anywhere("prove", ["work(local)", "work(remote)"], ["proven"])
        self._anywhere("publish", ["proven", "disk(ok)"], ["published"])
        for thing, deed in (("badge", "guard"), ("key", "unlock")):
            self._anywhere(f"cast_{thing}", ["has(seal)"], [f"has({thing})"], ["has(seal)"])
            self._anywhere(deed, [f"has({thing})"], [f"did({deed})"])
        # Two coins buy two of three things.
        for coin in ("c1", "c2"):
            for thing in ("hat", "ink", "map"):
                self._anywhere(f"buy_{thing}_{coin}", [f"has({coin})"], [f"has({thing})"], [f"has({coin})"])
        self.domain = Domain.compile(self.actions, {})

    def _go(self, a: str, b: str) -> None:
        self._act(f"go_{a}_{b}", a, [], [f"at(me, {b})"], [f"at(me, {a})"])

    def _act(self, name: str, room: str, need: list[str], add: list[str], delete: object = (), cost: int = 1) -> None:
        self.actions.append(
            Action(name=name, preconditions=[f"at(me, {room})", *need], add=add, delete=delete, cost=cost)
        )

    def _anywhere(self, name: str, need: list[str], add: list[str], delete: object = (), cost: int = 1) -> None:
        for room in self.random.sample(self.rooms, self.size.sites):
            self._act(f"{name}_{room}", room, need, add, delete, cost)

    def state(self, *, tools: bool = True) -> int:
        """The start: in the first room, nothing done; without `tools` they are all gone."""
        return self.domain.state(
            [
                "at(me, r0_0)",
                "disk(low)",
                "work(remote)",
                "phase(p0)",
                "has(seal)",
                "has(c1)",
                "has(c2)",
                *(self.tools if tools else ()),
            ]
        )

    def instances(self) -> list[Instance]:
        """One of each sort."""
        start = self.state()

        def goal(*facts: str) -> Goal:
            return Goal(name="g", condition=facts)

        return [
            Instance("one phase", "solvable", start, goal("phase(p1)", "did(guard)")),
            Instance("two things bought", "solvable", start, goal("has(hat)", "has(map)", "work(local)")),
            Instance("tools gone", "missing", self.state(tools=False), goal("phase(p1)"), ("phase(p1)",)),
            Instance(
                "two of a group",
                "mutex",
                start,
                goal("phase(p1)", "work(local)", "work(remote)"),
                ("work(local)", "work(remote)"),
            ),
            Instance("needs two of a group", "mutex", start, goal("phase(p1)", "proven"), ("proven",)),
            Instance("rests on what needs two", "mutex", start, goal("phase(p1)", "published"), ("published",)),
            Instance(
                "made of one thing",
                "mutex",
                start,
                goal("phase(p1)", "has(badge)", "has(key)"),
                ("has(badge)", "has(key)"),
            ),
            Instance(
                "rest on one thing",
                "mutex",
                start,
                goal("phase(p1)", "did(guard)", "did(unlock)"),
                ("did(guard)", "did(unlock)"),
            ),
            Instance("three for two coins", "mutex", start, goal("has(hat)", "has(ink)", "has(map)")),
        ]
