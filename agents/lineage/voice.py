"""An agent's manner of speaking, from its file: a few wordings for each occasion that needs no record.

Owns the shape and the blanks. Refuses every blank but `{hearer}`, the name of the listener.
"""

from __future__ import annotations

import string
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _wording(text: str) -> str:
    try:
        blanks = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise ValueError(f"is no wording: {error}") from None
    if blanks - {"hearer"}:
        raise ValueError("a wording has no blank but {hearer}")
    return text


Wording = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_wording)]
Wordings = Annotated[tuple[Wording, ...], Field(max_length=12)]


class Voice(BaseModel):
    """What it says to a greeting, to thanks and so on; where nothing stands, what anybody here would say.

    Three are for other agents: `news` goes before what it tells, and ends so that "at 9:05 I ..." can follow;
    `heard` answers what it did not know; `agrees` answers who asks it to take a task over.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    greeting: Wordings = ()
    farewell: Wordings = ()
    thanks: Wordings = ()
    praise: Wordings = ()
    insult: Wordings = ()
    apology: Wordings = ()
    gift: Wordings = ()
    joke: Wordings = ()
    how_are_you: Wordings = ()
    feel: Wordings = ()
    opinion: Wordings = ()
    news: Wordings = ()
    heard: Wordings = ()
    agrees: Wordings = ()

    def of(self, occasion: str) -> tuple[str, ...]:
        """The wordings for an occasion, none where the file has none."""
        found: tuple[str, ...] = getattr(self, occasion, ()) if occasion in type(self).model_fields else ()
        return found


SILENT = Voice()
"""That of a file which says nothing of it."""
