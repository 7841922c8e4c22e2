"""The services that keep a world's record, as far as it has them, and their findings.

Owns what is said about both together. They do the keeping and comparing.
"""

from __future__ import annotations

from agents.events.anchoring import Anchoring
from agents.house.house import House
from agents.work.audit import Ranks


def doubts(house: House) -> list[str]:
    """Why the record may have been altered, in words; found when this world started, and since."""
    anchoring, ranks = house.find(Anchoring), house.find(Ranks)
    return [*(anchoring.troubles if anchoring else ()), *(ranks.wrong if ranks else ())]
