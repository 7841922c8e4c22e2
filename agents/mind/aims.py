"""How far the long-range aims have come, and what each wants next: pure functions over plain values.

Owns the decomposition, an ordered task network of one level (Nau et al. 1999). An aim follows the first of its methods
that works. The method's subgoals fall due one after another, spread evenly over the phase's period, or over what was
left of it when the agent was created. A subgoal counts if it was reached at or after its time. Refuses tables: what
happened is an argument, so that the same records give the same standing after a restart.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from agents.goap.model import Facts
from agents.house.values import Wish
from agents.lineage.aims import Aim, Method, Rank, period
from agents.mind.goals import own

RANK_WEIGHT: Mapping[Rank, int] = {"primary": 6, "secondary": 4, "tertiary": 3}
"""Weight of a subgoal whose time has come; it grows with the delay as an errand's does."""
LEFT = timedelta(hours=1)
"""How long a method that could not be gone on with is left; no longer than a quarter of the period."""


@dataclass(frozen=True)
class Happened:
    """A goal was reached, or it could not be."""

    goal: str
    at: datetime
    reached: bool


@dataclass(frozen=True)
class Standing:
    """Where an aim stands in its present period.

    `method` is the one gone by, None when none can be gone now. `done` of its `of` subgoals are
    reached; `next` is the one to come, from `due` on; None when the aim is reached. `left` names
    the methods that could not be gone on with.
    """

    aim: Aim
    method: Method | None
    done: int
    of: int
    next: Facts | None
    due: datetime
    share: timedelta
    end: datetime
    left: tuple[str, ...] = ()
    retry: datetime | None = None
    """When the first of the methods left may be gone on with again."""

    @property
    def good_until(self) -> datetime:
        """When it is to be looked at anew although nothing happened: a new period, or a method left for a while."""
        return min(self.end, self.retry or self.end)

    def urgency(self, now: datetime) -> float:
        """1 when the next subgoal's time has come, and 1 more for each share of the period since."""
        return 1 + (now - self.due) / self.share


def place(slug: str, aim: Aim) -> float:
    """Where in its share of the period a subgoal falls due, from 0 to below 1: the same in every process,
    and another for each agent, so that a house that opens does not do everything at once.
    """
    return int.from_bytes(sha256(f"{slug} {aim.name}".encode()).digest()[:8]) / 2**64


def standing(
    aim: Aim, happened: Sequence[Happened], now: datetime, *, first: datetime | None = None, place: float = 0.0
) -> Standing:
    """How far `aim` has come by what `happened`, oldest first. `first`: when the agent came."""
    start, end = period(aim.phase, now)
    start = min(max(start, first or start), now)
    events = between(happened, start, now)
    left: list[str] = []
    retry: datetime | None = None
    for method in aim.methods:
        share = (end - start) / len(method.subgoals)
        begin = start + share * place
        done, since, rest = _progress(method, events, begin, share)
        if done == len(method.subgoals):
            return Standing(aim, method, done, done, None, end, share, end, tuple(left), retry)
        pending, patience = method.names[done], min((end - start) / 4, LEFT)
        failed = [h.at for h in rest if not h.reached and h.goal == pending and h.at >= since and now - h.at < patience]
        if failed:
            left.append(method.name)
            retry = min(max(failed) + patience, retry or end)
            continue
        return Standing(
            aim,
            method,
            done,
            len(method.subgoals),
            method.subgoals[done],
            begin + share * done,
            share,
            end,
            tuple(left),
            retry,
        )
    return Standing(aim, None, 0, len(aim.methods[0].subgoals), None, end, end - start, end, tuple(left), retry)


def between(happened: Sequence[Happened], start: datetime, end: datetime) -> list[Happened]:
    """What happened from `start` to `end`, of what stands there in order."""
    return list(happened[bisect_left(happened, start, key=_at) : bisect_right(happened, end, key=_at)])


def _at(happened: Happened) -> datetime:
    return happened.at


def _progress(
    method: Method, events: Sequence[Happened], start: datetime, share: timedelta
) -> tuple[int, datetime, Sequence[Happened]]:
    """How many subgoals were reached in their order, when the last of them, and what happened after."""
    done, since, rest = 0, start, events
    for i, event in enumerate(events):
        if event.reached and event.goal == method.names[done] and event.at >= start + share * done:
            done, since, rest = done + 1, event.at, events[i + 1 :]
            if done == len(method.subgoals):
                break
    return done, since, rest


def wishes(standings: Iterable[Standing], now: datetime) -> list[Wish]:
    """The subgoals whose time has come."""
    found = []
    for at in standings:
        if at.next is not None and at.method is not None and at.due <= now:
            why = f"{at.aim.why or at.aim.name} ({at.aim.rank} aim, {at.done + 1} of {at.of}, {at.method.name})"
            found.append(own(at.method.goals[at.done], RANK_WEIGHT[at.aim.rank], at.urgency(now), why, aim=at.aim.name))
    return found


def subgoals(aims: Iterable[Aim]) -> set[str]:
    """Names of everything that any method may ask for."""
    return {name for aim in aims for method in aim.methods for name in method.names}
