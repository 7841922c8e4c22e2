"""Finding what a line names: agents by slug or name, approvals by cohort.

Reads through the services; refuses to guess: no match is NotFound with the nearest, several
are BadInput with their names.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agents.governance import record
from agents.governance.models import Approval
from agents.kernel.errors import BadInput, NotFound
from agents.kernel.text import shorten, visible
from commands.grammar import Selection

if TYPE_CHECKING:
    from agents.house.house import House

LEVELS = ("low", "medium", "high")


def agent(house: House, text: str, *, away: bool = False) -> str:
    """The slug of the agent called `text`: slug, name, or a unique beginning of one. With `away` also
    of one that stays away because its file cannot be used.

    Raises NotFound or BadInput.
    """
    wanted = "-".join(text.lower().split())
    slugs = sorted({*house.roster, *(p.slug for p in house.problems if away and p.slug)})
    if wanted in slugs:
        return wanted
    begins = [slug for slug in slugs if wanted and slug.startswith(wanted)]
    if len(begins) == 1:
        return begins[0]
    shown = visible(shorten(text, 40))
    if begins:
        raise BadInput(f"'{shown}' could be: {', '.join(begins)}.", next=f"agents {begins[0]}")
    near = difflib.get_close_matches(wanted, slugs, 1)
    nearest = f" Nearest: {near[0]}." if near else ""
    raise NotFound(f"No agent is called '{shown}'.{nearest}", next="agents")


def selected(house: House, chosen: Selection, pending: Sequence[Approval]) -> list[str]:
    """The references that a selection stands for.

    Names: `all`; `low-risk`, `medium-risk`, `high-risk`; a kind of task or of effect, singular
    or plural (`surveys`, `reads`). `all low-risk` is the same as `low-risk`. Raises BadInput for
    an unknown name and NotFound when nothing that is pending bears it.
    """
    refs = dict.fromkeys(chosen.refs)
    narrow = [name for name in chosen.names if name != "all"]
    for name in narrow or chosen.names:
        found = [record.ref(a) for a in pending if _bears(house, a, name)]
        if not found:
            raise NotFound(f"Nothing that is waiting matches '{name}'.", next="lectern")
        refs.update(dict.fromkeys(found))
    return list(refs)


def _bears(house: House, approval: Approval, name: str) -> bool:
    if name == "all":
        return True
    level = name.removesuffix("-risk")
    if level in LEVELS:
        return bool(approval.risk.get("level") == level)
    words = {effect.get("kind", "") for effect in approval.effects}
    words.add(approval.title.split(maxsplit=1)[0].lower() if approval.title.strip() else "")
    return bool({name, name.removesuffix("s")} & words)
