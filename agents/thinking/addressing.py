"""To whom words spoken in a room are addressed. Pure.

Owns the rule: the agent named where people put a name (before the words, after them, or with an @), otherwise the only
one who could be meant. Refuses to read anything else into the words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_BEFORE = r"\W*(?:(?:hey|hi|hello|ok|okay|well|please|tell me|good (?:morning|day|evening|night)|dear)\W+)*"


def addressee(words: str, here: Mapping[str, str], *, others: int) -> str:
    """The slug of the agent that is spoken to, '' when none is. `here`: names of the agents in the room by slug;
    `others`: how many people stand there besides the speaker.
    """
    for form, slug in _named(words, here):
        name = re.escape(form)
        if re.search(
            rf"^{_BEFORE}@?{name}(?![\w-]|'s\b|’s\b)|(?<![\w-]){name}\W*$|@{name}(?![\w-])", words, re.IGNORECASE
        ):
            return slug
    return next(iter(here)) if len(here) == 1 and not others else ""


def missed(words: str, away: Mapping[str, str]) -> str:
    """The slug of an agent that is elsewhere (`away`: names by slug) and is called as one calls somebody who stands
    there, '' when none is. This is stricter than for an agent that is present, because people also talk about those who
    are away.
    """
    for form, slug in _named(words, away):
        name = re.escape(form)
        if re.search(rf"^{_BEFORE}@?{name}\s*(?:[,:;!?]|\W*$)|,\s*{name}\W*$|@{name}(?![\w-])", words, re.IGNORECASE):
            return slug
    return ""


def _named(words: str, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """(slug or name, slug) of those that stand in `words` at all, the longest first: of a thousand hardly any, and an
    expression is made for each.
    """
    folded = words.casefold()
    called = {
        form: slug for slug, name in names.items() for form in (slug.lower(), name.lower()) if form.casefold() in folded
    }
    return sorted(called.items(), key=lambda pair: (-len(pair[0]), pair[0]))
