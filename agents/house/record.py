"""The keepers of a world's record, as far as it has them, and what they found.

Owns what is said of both together. Refuses to keep and to compare: they do.
"""

from __future__ import annotations

from agents.events.anchoring import Anchoring
from agents.house.house import House
from agents.work.audit import Ranks


def doubts(house: House) -> list[str]:
    """Why the record may not be what it was, in words; found when this world started, and since."""
    anchoring, ranks = house.find(Anchoring), house.find(Ranks)
    return [*(anchoring.troubles if anchoring else ()), *(ranks.wrong if ranks else ())]
