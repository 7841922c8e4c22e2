"""What an agent tells of decisions: what was approved or refused and by whom, and who halted a task.

Owns the reading of these. Refuses to tell a reason to those who may not read what came out of the task.
"""

from __future__ import annotations

from agents.events.models import Event
from agents.governance.models import Approval
from agents.governance.rules import VERDICTS
from agents.house.values import Sentence
from agents.thinking.forms import listed
from agents.thinking.forms.wording import worded
from agents.thinking.grammar.spans import Span
from agents.thinking.matters.base import MOST, Sentences
from agents.thinking.matters.days import Days

CHANGED = {
    "task.paused": "paused",
    "task.resumed": "resumed",
    "task.backlogged": "shelved",
    "task.reopened": "reopened",
    "task.retried": "retried",
    "task.assigned": "gave out",
}
"""Changes of a task that somebody decides, by topic, and how they are told."""


class Verdicts(Days):
    """Decisions."""

    def decided(self, span: Span | None = None, verdict: str = "") -> Sentences:
        """What was approved and refused, within a span if one is given, the newest first."""
        rows = Approval.objects.filter(verdict__in=[verdict] if verdict else VERDICTS.values())
        if span is not None:
            rows = rows.filter(decided_at__gte=span.since, decided_at__lte=span.until)
        newest = rows.order_by("-decided_at", "-id").values_list("id", "verdict", "decided_by", "title")
        found: Sentences = []
        for state in VERDICTS.values():
            some = [row for row in newest if row[1] == state]
            for by in dict.fromkeys(row[2] for row in some):
                found.append(self._verdicts(span, state, by, [row for row in some if row[2] == by]))
        records = ("approvals", span.record if span else "span:all")
        done = VERDICT_WORDS.get(verdict, "approved or refused")
        return found or [self._say("verdicts.none", records, did=done, lead=self._when(span))]

    def _verdicts(self, span: Span | None, state: str, by: str, rows: list[tuple[int, str, str, str]]) -> Sentence:
        titles = list(dict.fromkeys(f'"{title}"' for _, _, _, title in rows))
        more = [f"{worded(len(titles) - MOST)} more"] if len(titles) > MOST else []
        return self._say(
            "verdicts",
            (*(f"approval:{number}" for number, *_ in rows), span.record if span else "span:all"),
            lead=self._when(span),
            who=self._you(by),
            did=VERDICT_WORDS[state],
            count=f"{worded(len(rows))} item{'' if len(rows) == 1 else 's'}",
            titles=listed([*titles[:MOST], *more]),
        )

    @staticmethod
    def _when(span: Span | None) -> str:
        return f"{span.phrase} " if span else "in all "

    def task_decided(self, number: int) -> Sentences:
        """Who approved or refused a task, and when."""
        last = Approval.objects.filter(task=number, verdict__in=VERDICTS.values()).order_by("-decided_at").first()
        if last is None or last.decided_at is None:
            return [self._say("decided.none", (f"task:{number}",), number=number)]
        blanks = {"who": self._you(last.decided_by), "did": VERDICT_WORDS[last.verdict], "title": last.title}
        records = f"approval:{last.pk}", f"task:{number}"
        return [self._say("decided", records, number=number, ago=self._ago(last.decided_at), **blanks)]

    def task_changed(self, number: int, did: str) -> Sentences:
        """Who paused, resumed or shelved a task last, and when."""
        self._core.events.unit.flush()
        topics = [topic for topic, word in CHANGED.items() if word == did]
        event = Event.objects.filter(topic__in=topics, task=number).order_by("-seq").first()
        if event is None:
            return [self._say("changed.none", (f"task:{number}",), did=did, number=number)]
        blanks = {"who": self._you(event.actor), "did": did, "number": number, "ago": self._ago(event.at)}
        return [self._say("changed", (f"event:{event.seq}", f"task:{number}"), **blanks), *self.task_why(number)[:1]]

    def _you(self, actor: str) -> str:
        """Somebody as he stands in a table, as `you` where he is the one who hears it."""
        return "you" if actor == str(self.hearer) else self._actor(actor)


VERDICT_WORDS = {"approved": "approved", "rejected": "vetoed"}
"""How a verdict is told."""
