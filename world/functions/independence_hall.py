"""Independence Hall: how much thinking is done on this machine, by whom, and what would raise the share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.cascade import showing, sovereignty
from agents.cascade.told import Report
from agents.governance.rules import Actor
from agents.lineage import tiers
from agents.mind import independence
from world.functions import Lines, RoomFunction, _cascade

if TYPE_CHECKING:
    from agents.house.house import House

DAYS = 7


def _headline(house: House, viewer: Actor) -> str:
    return _cascade.headline(house, showing.score)


def _balance(house: House, viewer: Actor) -> Lines:
    def told(report: Report) -> Lines:
        days = [
            f"{day.day}: {sovereignty.percent(day.score)}, {day.tokens_local:,} of {day.tokens_all:,} tokens"
            for day in report.sovereignty.history[-DAYS:]
        ]
        return [f"{showing.score(report)}.", *days]

    return _cascade.detail(house, told)


def _weights(house: House, viewer: Actor) -> Lines:
    def told(report: Report) -> Lines:
        found = sovereignty.raises(report, independence.wishes(house))
        return [
            f"{one.said}. {one.do}{f' (to {sovereignty.percent(one.score)})' if one.score is not None else ''}."
            for one in found
        ] or ["There is nothing to add: every model that is used is on this machine."]

    return _cascade.detail(house, told)


def _trays(house: House, viewer: Actor) -> Lines:
    def told(report: Report) -> Lines:
        lines = []
        for one in sovereignty.gaps(report, independence.wishes(house)):
            line = f"{one.wish.name}: {sovereignty.percent(one.score)}, {sovereignty.in_words(one)}"
            if one.wish.slug in house.roster:
                stands = tiers.grown(independence.having(house, one.wish.slug, report))
                line += f"; tier {stands.tier.name if stands.tier else 'none yet'}"
                line += (
                    f", {stands.next.name} lacks {', '.join(need.what for need in stands.lacking)}"
                    if stands.next
                    else ""
                )
            lines.append(line)
        return lines

    return _cascade.detail(house, told)


FUNCTION = RoomFunction(
    "independence_hall",
    _headline,
    help="How much of the agents' thinking is made on this machine. `look balance` has the score and its history, "
    "`look weight` what would raise it, `look tray` each agent's score and tier; `sovereignty <agent>` tells of one.",
    details={"balance": _balance, "pan": _balance, "weight": _weights, "tray": _trays},
)
