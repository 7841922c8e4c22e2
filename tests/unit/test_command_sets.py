"""What a person can type: no two commands of the sets that stand above one another share a name.

The engine merges sets by the keys of commands alone. Two with different keys and one name would both answer to it.
"""

from __future__ import annotations

import pytest
from evennia.commands.command import Command

from commands import default_cmdsets as sets


@pytest.mark.parametrize(
    "together",
    [
        (sets.UnloggedinCmdSet,),
        (sets.SessionCmdSet, sets.AccountCmdSet, sets.Verbs),
        (sets.SessionCmdSet, sets.AccountCmdSet, sets.CharacterCmdSet, sets.Living),
    ],
)
def test_no_two_commands_answer_to_one_name(together: tuple[type, ...]) -> None:
    merged = together[0]()
    for one in together[1:]:
        merged = merged + one()
    named: dict[str, str] = {}
    for command in merged.commands:
        for name in command._matchset:
            assert named.setdefault(name, command.key) == command.key, name


def test_a_set_that_stands_above_another_hides_its_commands() -> None:
    above, below = sets.Living(), sets.CharacterCmdSet()
    below.add([Command(key=command.key) for command in above.commands])
    merged = below + above
    assert set(map(id, above.commands)) <= set(map(id, merged.commands))
    assert len({command.key for command in merged.commands}) == len(merged.commands)
