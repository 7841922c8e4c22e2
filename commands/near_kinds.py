"""What is asked before a task is proposed whose first word is not the name of a kind.

Owns that question: was a kind near it meant, or a request in words, which no agent can carry out yet? Refuses to
propose anything: `yes` does, by the line that is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.kernel.errors import BadInput
from agents.kernel.text import shorten, visible
from agents.work.proposals import WORDS
from commands.intents.scene import slip
from commands.layout import hint
from commands.verbs import Caller, Reply
from world.screen import paint

if TYPE_CHECKING:
    from agents.house.house import House

NOT_YET = "No agent can carry out a request in words yet, with or without a model: it would stay on the board."


def can_do_words(house: House) -> bool:
    """Whether work in words can be carried out now."""
    return bool(house.work.kinds[WORDS].steps)


def asked_first(house: House, caller: Caller, title: str, description: str) -> Reply | None:
    """A question before it is proposed: was another kind meant, and is it to stand on the board? A surface that cannot
    be asked is told the nearest right form, or proposes it and says that nobody can do it.
    """
    word, _, rest = title.partition(" ")
    why = f" = {description}" if description else ""
    if word.lower() in house.work.kinds or word.lower() == WORDS:
        return None
    near = sorted(kind for kind in house.work.kinds if kind != WORDS and _meant(word.lower(), kind)) if rest else []
    kept = f"task add words {title}{why}"
    if near:
        line = f"task add {near[0].title()} {rest}{why}"
        said = f"'{visible(shorten(word, 40))}' is no kind of task, and '{near[0].title()}' is."
        if caller.client is None:
            raise BadInput(f"{said} To have it asked for in words: {kept}", next=line)
        return Reply(
            [
                said,
                f"Did you mean: {paint('key', visible(line))}",
                "Type yes if you did. Nothing is proposed yet.",
                hint(f"As a request in words: {visible(kept)}"),
            ],
            {"error": "BadInput", "message": said, "next": line},
            2,
            asks=line,
        )
    if caller.client is None or WORDS not in house.work.kinds or can_do_words(house):
        return None
    return Reply(
        [
            f"No kind of task is called '{visible(shorten(word, 40))}', so that would be a request in words. {NOT_YET}",
            "Type yes to propose it all the same. Nothing is proposed yet.",
            hint("kinds lists what agents can do; ask <agent> = <words> has a question answered"),
        ],
        {"error": "Unavailable", "message": NOT_YET, "next": kept},
        1,
        asks=kept,
    )


def _meant(word: str, kind: str) -> bool:
    return slip(word, kind, 1 if len(kind) < 6 else 2) or (len(word) > 3 and word.startswith(kind))
