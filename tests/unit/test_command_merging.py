"""Sets of commands merged by names come out as the engine's own union has them."""

from __future__ import annotations

import importlib.util
from typing import Any

from evennia.commands.cmdset import CmdSet
from evennia.commands.command import Command
from hypothesis import given
from hypothesis import strategies as st

from commands import default_cmdsets, merging

NAMES = st.sampled_from(["look", "get", "drop", "say", "who", "help", "go"])
SETS = st.tuples(st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=2)), max_size=8), st.sampled_from([None, True, False]), st.sampled_from([0, 0, 5]))


def made(told: tuple[list[tuple[str, list[str]]], bool | None, int]) -> CmdSet:
    """A set as it is told; of commands that share a name the later one is in it, as in all sets."""
    commands, duplicates, priority = told
    found = CmdSet()
    for key, aliases in commands:
        found.add(Command(key=key, aliases=aliases))
    found.duplicates, found.priority = duplicates, priority
    return found


def engines() -> Any:
    """The engine's own class, from a copy of its module that nobody has changed."""
    spec = importlib.util.find_spec("evennia.commands.cmdset")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CmdSet


ENGINES = engines()


@given(SETS, SETS)
def test_a_union_by_names_is_the_union_by_comparing(one: object, other: object) -> None:
    first, second = made(one), made(other)  # type: ignore[arg-type]
    found = merging.union(first, first, second)
    assert [id(command) for command in found.commands] == [id(command) for command in ENGINES._union(first, first, second).commands]
    assert (found.priority, found.duplicates, found.key) == (first.priority, first.duplicates, first.key)
    assert found.commands is not first.commands


@given(SETS, st.lists(st.tuples(NAMES, st.lists(NAMES, max_size=2)), max_size=8), st.booleans(), st.sampled_from(["one", "list", "set"]))
def test_adding_by_names_is_adding_by_comparing(one: Any, more: list[tuple[str, list[str]]], doublets: bool, how: str) -> None:
    commands = [Command(key=key, aliases=aliases) for key, aliases in (*more, ("__nomatch", []))]
    sets = made(one), made(one)
    sets[0].commands = sets[1].commands = [*sets[0].commands, *(sets[0].commands[:2] if doublets else [])]  # as a merge may leave them
    for found, add in zip(sets, (merging.add, ENGINES.add), strict=True):
        if how == "set":
            given_set = CmdSet()
            given_set.commands = list(commands)
            add(found, given_set)
        else:
            for some in [commands] if how == "list" else commands:
                add(found, some, doublets)
    mine, theirs = sets
    assert {id(command) for command in mine.commands} == {id(command) for command in theirs.commands}
    assert len(mine.commands) == len(theirs.commands)
    assert [id(command) for command in mine.system_commands] == [id(command) for command in theirs.system_commands]


def test_an_answer_about_one_command_is_none_about_another_that_shares_a_name() -> None:
    """The engine takes it for one, for its cache knows commands by their names: both are then in the union."""
    first, second = CmdSet(), CmdSet()
    first.add(Command(key="get"))
    second.commands = [Command(key="look"), Command(key="look", aliases=["get"])]
    assert merging.union(first, first, second).commands == [first.commands[0], second.commands[0]]
    assert len(ENGINES._union(first, first, second).commands) == 3


def test_the_engine_merges_so() -> None:
    assert default_cmdsets.merging.union is CmdSet._union is not ENGINES._union
    assert default_cmdsets.merging.add is CmdSet.add is not ENGINES.add
