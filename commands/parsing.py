"""Which command a typed line is: the engine's parser, behind two rules of this house.

Owns them. What builds or rules is typed with @ before it, or by its whole name in a form that no sentence has; a line
that begins with a command and goes on as plain words is no command, but is read as plain words. And what is typed while
a password is being checked is kept for the one who comes in. Refuses to read anything itself: that is
`commands.intents`. The engine reads this file before its own objects are there.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from evennia.commands import cmdparser

from commands.ranks import Rank

_FORMAL = re.compile(r"=|(?<!\w)#\d|^\S+?/\w|(?<!\S)\*\w")
"""What a command of building has and a sentence has not."""
_OBJECT = re.compile(r"\S+\s+(?!(?:h[ie][mr]|them|it|that|this|all|me|you|us|every\w+|\w+ing)\b)[\w.-]+|home")
"""A name and nothing else, behind a word that no sentence begins with."""
OURS = frozenset({"alias", "look", "help"})
"""Words that people bring along from elsewhere, in whatever form."""


def formal(line: str, command: Any) -> bool:
    """Whether a command that builds or rules is meant by a line that begins with its name."""
    from commands.ranked import grant_of

    grant = grant_of(type(command))
    if command.is_exit or grant is None or grant.rank < Rank.BUILDER or line.lstrip().startswith("@"):
        return True
    word = re.split(r"[\s/]", line.strip().lstrip("&/+"), maxsplit=1)[0].casefold()
    if word != command.key.lstrip("@") or word in OURS:
        return False
    named = word == command.key and _OBJECT.fullmatch(line.strip())  # the engine gives no @ to what has no such sense
    return bool(_FORMAL.search(line) or named)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    from commands.ranked import engines
    from commands.ranks import ACCOUNT, BODY

    ruled = [engines(name) for name, grant in {**ACCOUNT, **BODY}.items() if grant.rank >= Rank.BUILDER]
    return frozenset(word.lstrip("@") for one in ruled for word in (one.key, *one.aliases))


def ruling(line: str) -> bool:
    """Whether a line has the form of a command that builds or rules, whoever may use it: it is no plain words."""
    word = re.split(r"[\s/]", line.strip().lstrip("@&/+"), maxsplit=1)[0].casefold()
    return word in _names() and word not in OURS and (line.strip()[:1] in "@&/+" or bool(_FORMAL.search(line)))


def parse(
    raw_string: str, cmdset: Any, caller: Any, match_index: int | None = None, session: Any = None, **more: Any
) -> list[Any]:
    """As the engine does (`COMMAND_PARSER`)."""
    from commands import ahead, plainly

    if ahead.keeps(caller, raw_string):
        return [cmdparser.create_match(ahead.Ahead.key, raw_string, ahead.Ahead(), ahead.Ahead.key)]
    found = cmdparser.cmdparser(raw_string, cmdset, caller, match_index=match_index, session=session, **more)
    if not all(formal(raw_string, match[2]) for match in found):
        fit = [command for command in cmdset if formal(raw_string, command)]
        found = cmdparser.cmdparser(raw_string, fit, caller, match_index=match_index, session=session, **more)
    return [] if found and plainly.claims(raw_string, found[0][2], caller, session) else list(found)
