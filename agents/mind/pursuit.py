"""What a mind pursues: a wish, the plan for it, and the facts it knows from having done part of it.

Owns the values that pass between choosing, planning and acting, and the record of a plan in its table. Refuses to
decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from agents.events.unit import Unit, made
from agents.goap import Domain, Fact, Plan
from agents.goap.domain import GroundAction
from agents.house.values import Wish
from agents.kernel.runtime import Runtime
from agents.kernel.text import shorten
from agents.mind.goals import Weighed
from agents.mind.kept import PursuitKept
from agents.mind.models import PlanRecord
from agents.mind.sensors import SENSED
from agents.mind.words import Said
from agents.work.models import Step

TELL = "tell_why"
"""The one step of what is no plan: saying something on the spot, as why nothing can be done."""


@dataclass
class Pursuit:
    """A plan under way; `known` are remembered facts."""

    record: PlanRecord
    wish: Wish
    plan: Plan
    known: set[Fact]
    position: int = 0
    said: str = ""
    failures: int = 0
    reached: bool = False
    """Whether the goal held when the last step was done, whatever others have made of it since."""
    over: tuple[Weighed, ...] = field(default=())

    @property
    def id(self) -> str:
        """The record's."""
        return self.record.id

    def snapshot(self) -> PursuitKept:
        """All of it besides the row of its record."""
        return PursuitKept(
            self.id,
            self.wish,
            self.plan.snapshot(),
            sorted(self.known),
            self.position,
            self.said,
            self.failures,
            self.reached,
            self.over,
        )

    @classmethod
    def restored(cls, domain: Domain, kept: PursuitKept) -> Pursuit:
        """As it was. Raises DoesNotExist where its record is not in the table, and what `Plan.restored` raises."""
        return cls(
            PlanRecord.objects.get(id=kept.record),
            kept.wish,
            Plan.restored(domain, kept.plan),
            set(kept.known),
            kept.position,
            kept.said,
            kept.failures,
            kept.reached,
            kept.over,
        )

    def go_on(self, added: Iterable[Fact], deleted: Iterable[Fact], said: str) -> None:
        """Its next step is done: what is known by that, and what it said."""
        self.known = self.known.difference(deleted).union(added)
        self.said = said or self.said
        self.position += 1

    @property
    def remaining(self) -> int:
        """The cost of the steps still to be done."""
        return sum(self.plan.domain.costs[i] for i in self.plan.actions[self.position :])


def remembered(ground: GroundAction) -> tuple[frozenset[Fact], frozenset[Fact]]:
    """(added, deleted) facts of an action that nobody can see, only know."""
    return (
        frozenset(f for f in ground.add if f.predicate not in SENSED),
        frozenset(f for f in ground.delete if f.predicate not in SENSED),
    )


def taken(ground: GroundAction) -> tuple[str, ...]:
    """The things that whoever has done this holds by it."""
    return tuple(fact.args[1] for fact in ground.add if fact.predicate == "has")


def known_from(domain: Domain, steps: Iterable[Step]) -> set[Fact]:
    """What is known because these finished steps were done, oldest first. Steps whose action
    the domain no longer has (a removed file) tell nothing.
    """
    known: set[Fact] = set()
    for step in steps:
        if step.action in domain.texts:
            added, deleted = remembered(domain.action(step.action))
            known = known - deleted | added
    return known


def results_from(domain: Domain, steps: Iterable[Step]) -> dict[str, dict[str, object]]:
    """Results of finished steps by the last argument of the `done` they brought about."""
    found: dict[str, dict[str, object]] = {}
    for step in steps:
        if step.action in domain.texts:
            for fact in domain.action(step.action).add:
                if fact.predicate == "done":
                    found[fact.args[-1]] = step.result
    return found


def _written(plan: Plan, said: Said) -> list[dict[str, object]]:
    """The steps as they stand in the table; kept with the plan, which many agents may have, until a name changes."""
    found: tuple[Said, list[dict[str, object]]] | None = plan.memo.get(Plans)
    if found is None or found[0] is not said:
        found = plan.memo[Plans] = (
            said,
            [
                {
                    "action": step.action,
                    "text": said[step.action],
                    "serves": [str(link.fact) for link in step.serves],
                    "for_step": min((link.consumer for link in step.serves), default=-1),
                }
                for step in plan.steps
            ],
        )
    return found[1]


class Plans:
    """The plans of all agents, in their table."""

    def __init__(self, runtime: Runtime, unit: Unit) -> None:
        self._runtime, self._unit = runtime, unit
        self._newest: dict[str, PlanRecord | None] = {}

    def newest(self, agent: str) -> PlanRecord | None:
        """The agent's newest plan, as its table has it."""
        if agent not in self._newest:
            self._unit.flush()
            self._newest[agent] = PlanRecord.objects.filter(agent=agent).order_by("-id").first()
        return self._newest[agent]

    def forget(self, agent: str) -> None:
        """What was written last of this agent's may be undone: look again."""
        self._newest.pop(agent, None)

    def open(
        self,
        agent: str,
        wish: Wish,
        plan: Plan | None,
        over: Iterable[Weighed],
        reason: str,
        said: Said | None = None,
        origin: str = "",
    ) -> PlanRecord:
        """Write a plan down, each step in words (`said`), and where it comes from; without a plan
        the wish alone, for what was said about it.
        """
        now = self._runtime.clock.now()
        record = self._unit.add(
            made(
                PlanRecord,
                position=0,
                id=self._runtime.new_id(),
                agent=agent,
                goal=shorten(wish.name, 200),
                task=wish.task,
                state="running",
                steps=_written(plan, said)
                if plan and said is not None
                else [{"action": TELL, "serves": [], "for_step": -1}],
                cost=plan.cost if plan else 0,
                score=shorten(Weighed(wish, plan.cost if plan else None).words, 200),
                chosen_over=[
                    {
                        "goal": w.wish.name,
                        "score": round(w.wish.score, 1),
                        "worth": round(w.worth, 1),
                        "cost": w.cost,
                        "words": w.words,
                        "why": w.wish.why,
                    }
                    for w in over
                ][:5],
                reason=reason,
                origin=origin,
                created_at=now,
                updated_at=now,
            )
        )
        if agent in self._newest and ((last := self._newest[agent]) is None or record.id > last.id):
            self._newest[agent] = record
        return record

    def advance(self, record: PlanRecord, position: int, origin: str = "") -> None:
        """Write down how far a plan has come; `origin` where it is gone on with elsewhere than it was left."""
        record.position, record.origin = position, origin or record.origin
        self._change(record, "position", "origin")

    def close(self, record: PlanRecord, state: str, reason: str = "") -> None:
        """End a plan as done, failed or dropped, with the reason where there is one."""
        if record.state == "running":
            record.state, record.reason = state, reason or record.reason
            self._change(record, "state", "reason")

    def _change(self, record: PlanRecord, *columns: str) -> None:
        record.updated_at = self._runtime.clock.now()
        if (last := self._newest.get(record.agent)) is not None and last.id == record.id:
            self._newest[record.agent] = record  # it may have been read twice
        self._unit.change(record, *columns, "updated_at")
