"""Sets of commands merged by names come out as the engine's own union has them."""

from __future__ import annotations

from evennia.commands.cmdset import CmdSet
from evennia.commands.command import Command
from hypothesis import given
from hypothesis import strategies as st

from commands import default_cmdsets, merging

NAMES = st.sampled_from(["look", "get", "drop", "say", "who", "help", "go"])
SETS = st.tuples(st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=2)), max_size=8), st.sampled_from([None, True, False]), st.sampled_from([0, 0, 5]))


def made(told: tuple[list[tuple[str, list[str]]], bool | None, int]) -> CmdSet:
    """A set as it is told."""
    commands, duplicates, priority = told
    found = CmdSet()
    found.commands = [Command(key=key, aliases=aliases) for key, aliases in commands]
    found.duplicates, found.priority = duplicates, priority
    return found


def engines(first: CmdSet, second: CmdSet) -> list[Command]:
    """What the engine's union holds, by its own definition: pairwise equality."""
    if first.duplicates and first.priority == second.priority:
        return [*first.commands, *second.commands]
    return [*first.commands, *(one for one in second.commands if one not in first.commands)]


@given(SETS, SETS)
def test_a_union_by_names_is_the_union_by_comparing(one: object, other: object) -> None:
    first, second = made(one), made(other)  # type: ignore[arg-type]
    found = merging.union(first, first, second)
    assert [id(command) for command in found.commands] == [id(command) for command in engines(first, second)]
    assert (found.priority, found.duplicates, found.key) == (first.priority, first.duplicates, first.key)
    assert found.commands is not first.commands


def test_the_engine_merges_so() -> None:
    assert default_cmdsets.merging.union is CmdSet._union
