"""What one agent can truly say of itself, a matter a method, each sentence with its records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.thinking.forms import Sentence
from agents.work.models import Step, Task

if TYPE_CHECKING:
    from agents.mind.house import House


class Account:
    """One agent's, now."""

    def __init__(self, house: House, slug: str, salt: int = 0) -> None:
        self._house, self._slug, self._salt = house, slug, salt

    def doing(self) -> list[Sentence]:
        """The step in hand, or that there is none and why."""
        return [Sentence(f"Now: {self._house.records.presence(self._slug).doing}.", (f"agent:{self._slug}",))]

    def next(self) -> list[Sentence]:
        """The steps that follow."""
        return []

    def did(self, most: int = 3) -> list[Sentence]:
        """The steps it finished last."""
        done = Step.objects.filter(agent=self._slug, state="done").exclude(action__startswith="move(").order_by("-id")[:most]
        return [Sentence(f"I finished a step: {step.action}.", (f"step:{step.pk}",)) for step in done]

    def completed(self) -> list[Sentence]:
        """The task it completed last."""
        done = Task.objects.filter(assignee=self._slug, status="COMPLETED").order_by("-finished_at")[:1]
        return [Sentence(f'I completed task {task.pk}, "{task.title}".', (f"task:{task.pk}",)) for task in done]

    def mine(self) -> list[Sentence]:
        """The tasks given to it."""
        mine = Task.objects.filter(assignee=self._slug, status__in=("RUNNING", "PAUSED", "APPROVED")).order_by("id")[:3]
        return [Sentence(f'Task {task.pk}, "{task.title}", is mine.', (f"task:{task.pk}",)) for task in mine]

    def place(self) -> list[Sentence]:
        """Where it stands."""
        room = self._house.records.presence(self._slug).room
        return [Sentence(f"I am in {self._house.records.room_name(room)}.", (f"room:{room}",))]

    def company(self) -> list[Sentence]:
        """Who is in the same room."""
        return []

    def board(self) -> Sentence:
        """How the work stands."""
        return Sentence(f"On the board: {sum(self._house.records.board().values())} tasks.", ("board",))

    def waits(self) -> Sentence:
        """What waits for the owner's word."""
        return Sentence(f"{len(self._house.governance.pending())} items wait for the owner's word.", ("board",))
