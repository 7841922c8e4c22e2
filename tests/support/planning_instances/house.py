"""Problems of a house like ours: rooms in a square, things to fetch, tasks from a board, ranks to be reached.

Owns three houses, whose least costs are known (`LEAST`), and how they are written as PDDL. All actions are ground, as a
planner meets them; every room is named by its column and row. Refuses chance: which room serves for what stands here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

LEAST = {"small": 6, "medium": 13, "large": 28}
"""The least cost of a plan, as found by other planners' proofs too (the tests of the measures try it)."""


@dataclass(frozen=True)
class Deed:
    """A ground action: what must hold, what holds afterwards, and what no longer does."""

    name: str
    needs: str
    gives: str = ""
    takes: str = ""
    cost: int = 1


@dataclass(frozen=True)
class House:
    """A square of rooms. Rooms are two digits, lists of them are set apart by blanks.

    `things` tells where each thing lies; `tasks` of each task where it can be done with the machine at hand and where
    from afar; `ranks` where one is promoted, a list for each rank but the last; `a_rank` how many tasks that takes.
    `wider` has the rooms for rest, for mending the network, for a licence and for the guild.
    """

    side: int
    start: str
    things: str
    boards: str
    tasks: tuple[tuple[str, str], ...]
    ranks: tuple[str, ...]
    a_rank: int
    cleaning: str
    switches: str
    wider: tuple[str, str, str, str] | None = None

    def rooms(self) -> list[str]:
        """Every room as it stands in a fact."""
        return [f"r{x}_{y}" for x in range(self.side) for y in range(self.side)]

    def facts(self) -> list[str]:
        """Whatever can hold."""
        found = [f"at_{room}" for room in self.rooms()]
        for number in range(len(self.things.split())):
            found += [f"has_i{number}", f"in_i{number}"]
        found += [f"phase_{number}" for number in range(len(self.ranks) + 1)]
        found += ["disk_ok", "disk_low", "be_local", "be_remote"]
        if self.wider:
            found += ["net_up", "net_down", "rested", "tired", "licensed", "guild"]
        for number in range(len(self.tasks)):
            found += [f"acc_t{number}", f"done_t{number}"]
        return found

    def first(self) -> list[str]:
        """What holds at the start."""
        held = [f"in_i{number}" for number in range(len(self.things.split()))]
        held += ["phase_0", "disk_low", "be_remote", f"at_{_room(self.start)}"]
        return held + (["net_down", "rested"] if self.wider else [])

    def goal(self) -> list[str]:
        """What is wanted."""
        return ["guild", "phase_1"] if self.wider else ["phase_1"]

    def deeds(self) -> Iterator[Deed]:
        """Every action."""
        yield from self._walks()
        for number, where in enumerate(_rooms(self.things)):
            has, lies = f"has_i{number}", f"in_i{number}"
            yield Deed(f"take_i{number}_{where}", f"at_{where} {lies}", has, lies)
            yield Deed(f"drop_i{number}_{where}", f"at_{where} {has}", lies, has)
        for number in range(len(self.tasks)):
            yield from self._task(number)
        for room in _rooms(self.cleaning):
            yield Deed(f"cleanup_{room}", f"at_{room} disk_low", "disk_ok", "disk_low")
        for room in _rooms(self.switches):
            yield Deed(f"to_local_{room}", f"at_{room} be_remote", "be_local", "be_remote")
            yield Deed(f"to_remote_{room}", f"at_{room} be_local", "be_remote", "be_local")
        yield from self._promotions()
        if self.wider:
            yield from _wider(*self.wider)

    def _walks(self) -> Iterator[Deed]:
        for x in range(self.side):
            for y in range(self.side):
                for there in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
                    if all(0 <= place < self.side for place in there):
                        a, b = f"r{x}_{y}", f"r{there[0]}_{there[1]}"
                        yield Deed(f"move_{a}_{b}", f"at_{a}", f"at_{b}", f"at_{a}")

    def _task(self, number: int) -> Iterator[Deed]:
        """A task is taken from a board, then done here (which fills the disk) or from afar (which is dearer)."""
        here, afar = self.tasks[number]
        things = len(self.things.split())
        rank = min(number // self.a_rank, len(self.ranks) - 1)
        taken, done = f"acc_t{number}", f"done_t{number}"
        for room in _rooms(self.boards):
            yield Deed(f"accept_t{number}_{room}", f"at_{room} phase_{rank}", taken)
        for room in _rooms(here):
            needs = f"at_{room} {taken} has_i{number % things} disk_ok be_local"
            yield Deed(f"do_local_t{number}_{room}", needs, f"{done} disk_low", "disk_ok", 2)
        for room in _rooms(afar):
            needs = f"at_{room} {taken} be_remote has_i{(number + 1) % things}"
            yield Deed(f"do_remote_t{number}_{room}", needs + (" net_up" if self.wider else ""), done, cost=5)

    def _promotions(self) -> Iterator[Deed]:
        for rank, rooms in enumerate(self.ranks):
            done = [f"done_t{n}" for n in range(len(self.tasks)) if n // self.a_rank == rank]
            for room in _rooms(rooms):
                needs = " ".join([f"at_{room}", f"phase_{rank}", *done])
                yield Deed(f"promote_{rank}_{room}", needs, f"phase_{rank + 1}", f"phase_{rank}")


SMALL = (
    *(
        Deed(f"move_{a}_{b}", f"at_{a}", f"at_{b}", f"at_{a}")
        for a, b in (("hub", "lib"), ("lib", "hub"), ("hub", "forge"), ("forge", "hub"))
    ),
    Deed("take_tool", "at_hub", "has_tool"),
    Deed("drop_tool", "at_hub has_tool", takes="has_tool"),
    Deed("cleanup", "at_lib disk_low", "disk_ok", "disk_low"),
    Deed("do_local", "at_forge has_tool disk_ok", "task_done disk_low", "disk_ok", 2),
    Deed("do_remote", "at_lib", "task_done", cost=7),
    Deed("report", "at_hub task_done", "reported"),
)
SMALL_FACTS = ("at_hub", "at_lib", "at_forge", "has_tool", "disk_ok", "disk_low", "task_done", "reported")

MEDIUM = House(
    side=3,
    start="00",
    things="10 22 02 12",
    boards="21",
    tasks=(("01 00", "21 11"), ("22 10", "10 21"), ("22 21", "20 02")),
    ranks=("00", "11"),
    a_rank=1,
    cleaning="10 02 20 11 22",
    switches="00 01 21",
)

LARGE = House(
    side=6,
    start="15",
    things="24 34 53 01 45 23 03 14 11 35 50 23",
    boards="40 54",
    tasks=(
        ("10 23 00 21 42 12", "15 40 14 04 12 31"),
        ("44 12 54 00 52 10", "21 14 54 30 32 50"),
        ("20 54 21 15 55 50", "40 31 01 35 42 05"),
        ("13 24 04 33 31 42", "00 33 04 31 34 42"),
        ("31 50 32 15 54 23", "15 03 24 01 34 43"),
        ("41 01 42 35 40 30", "00 44 02 15 20 03"),
        ("23 45 34 52 53 44", "53 24 45 10 35 43"),
        ("30 02 43 05 21 14", "52 35 13 33 25 45"),
        ("54 05 31 32 53 55", "05 13 31 50 14 35"),
        ("03 05 41 02 23 35", "34 24 45 42 13 01"),
        ("02 51 33 21 12 35", "12 42 10 14 43 15"),
        ("13 03 42 30 55 22", "14 53 45 51 32 23"),
    ),
    ranks=("51 24 30 33", "15 00 50 55", "24 32 25 45", "30 52 34 25", "34 42 15 44"),
    a_rank=2,
    cleaning="25 30 50 41 13 03 20 42 55 05 32 23 14 44 02 40 12 24 43 54",
    switches="35 04 34 02 31 15 25 53 33 12",
    wider=("35 33 53 13 14 10 42 15", "50 30 05 42 14 31 40 54 24 33", "42 31 55 25 01", "20 14 44 15 22"),
)


def texts(name: str) -> tuple[str, str]:
    """Domain and problem of `small`, `medium` or `large`."""
    if name == "small":
        return _domain(SMALL_FACTS, SMALL), _problem(["at_hub", "disk_ok"], ["reported"])
    house = {"medium": MEDIUM, "large": LARGE}[name]
    return _domain(house.facts(), house.deeds()), _problem(house.first(), house.goal())


def _wider(rest: str, mending: str, licence: str, guild: str) -> Iterator[Deed]:
    for room in _rooms(rest):
        yield Deed(f"rest_{room}", f"at_{room} tired", "rested", "tired", 2)
    for room in _rooms(mending):
        yield Deed(f"fixnet_{room}", f"at_{room} net_down rested", "net_up tired", "net_down rested", 2)
    for room in _rooms(licence):
        yield Deed(f"license_{room}", f"at_{room} phase_1", "licensed", cost=2)
    for room in _rooms(guild):
        yield Deed(f"join_guild_{room}", f"at_{room} licensed rested", "guild", cost=2)


def _room(digits: str) -> str:
    return f"r{digits[0]}_{digits[1]}"


def _rooms(digits: str) -> list[str]:
    return [_room(one) for one in digits.split()]


def _domain(facts: list[str] | tuple[str, ...], deeds: Iterator[Deed] | tuple[Deed, ...]) -> str:
    lines = ["(define (domain house) (:requirements :strips :action-costs)"]
    lines += [f" (:predicates {_all(facts)})", " (:functions (total-cost) - number)"]
    for deed in deeds:
        gone = " ".join(f"(not ({fact}))" for fact in deed.takes.split())
        lines += [
            f" (:action {deed.name} :parameters ()",
            f"  :precondition (and {_all(deed.needs.split())})",
            f"  :effect (and {_all(deed.gives.split())} {gone} (increase (total-cost) {deed.cost})))",
        ]
    return "\n".join([*lines, ")\n"])


def _problem(first: list[str], goal: list[str]) -> str:
    return (
        f"(define (problem day) (:domain house)\n (:init {_all(first)} (= (total-cost) 0))\n"
        f" (:goal (and {_all(goal)}))\n (:metric minimize (total-cost)))\n"
    )


def _all(facts: list[str] | tuple[str, ...]) -> str:
    return " ".join(f"({fact})" for fact in facts)
