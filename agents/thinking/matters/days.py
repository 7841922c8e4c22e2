"""A day, or any span of time, told as a person would: what failed first, then what was done, by kind, then the rounds.

Owns the order and the grouping. Refuses to weigh anything but what stands in the records: the state of a task, how
often the same one failed in a row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Count

from agents.events.models import Event
from agents.house.values import Sentence
from agents.kernel import ids
from agents.thinking.forms import listed
from agents.thinking.forms.wording import past, times, worded
from agents.thinking.grammar import spans
from agents.thinking.grammar.spans import Span
from agents.thinking.matters.base import MOST, Sentences
from agents.thinking.matters.deeds import TOLD
from agents.thinking.matters.work import WorkMatters
from agents.work.models import Step, Task

LEFT = "person.left"
"""The event that somebody's last connection ended."""
ENDED = ("COMPLETED", "FAILED")
MOST_TASKS, MOST_SUBJECTS, MOST_DEEDS = 60, 5, 3
LONGEST_ROUNDS = timedelta(hours=36)
"""Rounds are counted for no longer a span: they are the same every day."""
STREAK = 2
_TROUBLE = re.compile(
    r"\b[1-9]\d* (?:of \d+ )?(?:tests? )?(?:fail|broken|error)|(?<!0 )(?<!none )(?<!no )\bfail(?:s|ed)\b"
)


class Days(WorkMatters):
    """What was done within a span."""

    def span(self, key: str) -> Span:
        """The span with this key, now, for whoever hears of it."""
        return spans.named(key, self._now, self._gone() if key == "left" else None)

    def _gone(self) -> datetime | None:
        """When whoever hears it was last here."""
        self._core.events.unit.flush()
        left = Event.objects.filter(topic=LEFT, actor=str(self.hearer)).order_by("-seq").first()
        return left.at if left is not None else None

    def day(self, span: Span, slug: str = "") -> Sentences:
        """What an agent did within a span."""
        slug = slug or self._slug
        tasks = list(
            Task.objects.filter(self._within(span), assignee=slug, status__in=ENDED).order_by("-id")[:MOST_TASKS]
        )
        found = self._tasks(span, slug, tasks)
        rounds = self._rounds(span, slug)
        if not found and rounds:
            lead = self._lead(span)
            found = [self._say("day.none", (f"agent:{slug}", span.record), lead=lead, **self._person(slug))]
        found += rounds
        return found or [self._say("day.nothing", (f"agent:{slug}", span.record), noun=span.noun, **self._person(slug))]

    @staticmethod
    def _lead(span: Span, found: Sequence[Sentence] = ()) -> str:
        """The phrase of time, which is said once."""
        return "" if found else f"{span.phrase} "

    def _tasks(self, span: Span, slug: str, tasks: Sequence[Task]) -> Sentences:
        found: Sentences = []
        failed: dict[str, list[Task]] = {}
        for task in tasks:
            if task.status == "FAILED":
                failed.setdefault(task.title, []).append(task)
        for group in list(failed.values())[:MOST]:
            found.append(self._failed(span, slug, group, found))
            found += self.streak(group[0]) if len(group) < STREAK else ()
        for group in self._groups([one for one in tasks if one.status == "COMPLETED"]):
            found += self._done(span, slug, group, found)
        return found

    def _ended(self, span: Span, slug: str, task: Task, found: Sequence[Sentence]) -> Sentence:
        readable = self._reads(task)
        form = "day.failed" if task.status == "FAILED" else "day.one"
        came = task.reason if task.status == "FAILED" else task.result
        form += "" if readable and came else ".bare"
        return self._say(
            form,
            (f"task:{task.pk}", span.record),
            lead=self._lead(span, found),
            number=task.pk,
            title=task.title,
            reason=came,
            result=came,
            **self._person(slug),
        )

    def _failed(self, span: Span, slug: str, group: list[Task], found: Sequence[Sentence]) -> Sentence:
        """The same that failed again and again is told once, with the reason of the last time."""
        newest = group[0]
        if len(group) == 1 or not newest.reason or not self._reads(newest):
            return self._ended(span, slug, newest, found)
        return self._say(
            "day.failed.many",
            (*(f"task:{task.pk}" for task in group), span.record),
            lead=self._lead(span, found),
            times=times(len(group)),
            title=newest.title,
            reason=newest.reason,
            **self._person(slug),
        )

    def _groups(self, tasks: Sequence[Task]) -> Iterator[list[Task]]:
        """By kind; those in which something is broken first, then the largest."""
        kinds: dict[str, list[Task]] = {}
        for task in tasks:
            kinds.setdefault(task.kind, []).append(task)
        yield from sorted(kinds.values(), key=lambda group: (not any(map(troubled, group)), -len(group)))

    def _done(self, span: Span, slug: str, group: list[Task], found: Sequence[Sentence]) -> Sentences:
        if len(group) == 1:
            return [self._ended(span, slug, group[0], found)]
        kind = self._core.kinds.get(group[0].kind)
        did, noun = (kind.told if kind else None) or ("finished", "task")
        each = Counter(subject(task.title) if kind and kind.told else f'"{task.title}"' for task in group)
        records = (*(f"task:{task.pk}" for task in group), span.record)
        blanks = {"lead": self._lead(span, found), "did": did, **self._person(slug)}
        readable = [task for task in group if task.result and self._reads(task)]
        worth = [task for task in readable if troubled(task)] or readable[:1]
        came = [self.result(task) for task in worth[:2]]
        if len(each) == 1:
            (of,) = each
            return [self._say("day.again", records, subject=of, times=times(len(group)), **blanks), *came]
        subjects = [f"{of} ({times(many)})" if many > 1 else of for of, many in each.items()]
        more = [worded(len(subjects) - MOST_SUBJECTS) + " more"] if len(subjects) > MOST_SUBJECTS else []
        count = f"{worded(len(subjects))} {noun}s"
        told = listed([*subjects[:MOST_SUBJECTS], *more])
        return [self._say("day.many", records, count=count, subjects=told, **blanks), *came]

    def result(self, task: Task) -> Sentence:
        """What came of a task."""
        return self._say("day.result", (f"task:{task.pk}",), number=task.pk, result=task.result)

    def _rounds(self, span: Span, slug: str) -> Sentences:
        """What it saw to without a task; walks, rests and what was said on the way are left out."""
        if span.until - span.since > LONGEST_ROUNDS:
            return []
        self._core.events.unit.flush()
        steps = (
            Step.objects.filter(
                self._within(span),
                agent=slug,
                id__gte=ids.first_at(span.since - timedelta(hours=1)),
                state="done",
                task=None,
            )
            .exclude(action__startswith="move(")
            .exclude(action__startswith="rest(")
            .exclude(action=TOLD)
        )
        counted_ = steps.order_by().values_list("action").annotate(n=Count("id")).order_by("-n", "action")[:MOST_DEEDS]
        deeds = [f"{past(self._deed(action))} {times(many)}" for action, many in counted_]
        if not deeds:
            return []
        return [self._say("day.rounds", (f"agent:{slug}", span.record), deeds=listed(deeds), **self._person(slug))]

    # -- of the whole house ------------------------------------------------------------------------
    def news(self, span: Span) -> Sentences:
        """What all did within a span: what failed first, the speaker before the others."""
        tasks = list(Task.objects.filter(self._within(span), status__in=ENDED).order_by("-id")[:MOST_TASKS])
        order = sorted({task.assignee for task in tasks if task.assignee}, key=lambda slug: (slug != self._slug, slug))
        found: Sentences = []
        for status in ENDED[::-1]:
            for slug in order:
                some = [task for task in tasks if (task.assignee, task.status) == (slug, status)]
                for group in self._groups(some) if status == "COMPLETED" else [[one] for one in some]:
                    found += self._done(span, slug, group, found)
        fresh = Task.objects.filter(self._within(span, "created_at"), status="PENDING_APPROVAL").order_by("-id")[:MOST]
        for task in fresh:
            found.append(
                self._say(
                    "news.proposed",
                    (f"task:{task.pk}", span.record),
                    lead=self._lead(span, found),
                    number=task.pk,
                    title=task.title,
                    who=self._actor(task.proposer),
                )
            )
        if not found:
            found = [self._say("news.none", ("board", span.record), lead=self._lead(span))]
        return found

    def last(self, slug: str = "") -> Sentences:
        """The task that it finished last, whenever that was, and what came of it."""
        slug = slug or self._slug
        done = Task.objects.filter(assignee=slug, status="COMPLETED", finished_at__isnull=False).order_by(
            "-finished_at", "-id"
        )
        task = done.first()
        if task is None or task.finished_at is None:
            return []
        told = self._say(
            "last.task",
            (f"task:{task.pk}",),
            ago=self._ago(task.finished_at),
            number=task.pk,
            title=task.title,
            **self._person(slug),
        )
        return [told, *([self.result(task)] if task.result and self._reads(task) else [])]

    def counted(self, span: Span | None, slug: str = "", kind: str = "") -> Sentence:
        """How many tasks it completed, within a span if one is given, of a kind if one is."""
        slug = slug or self._slug
        tasks = Task.objects.filter(assignee=slug, status="COMPLETED")
        if span is not None:
            tasks = tasks.filter(self._within(span))
        if kind:
            tasks = tasks.filter(kind=kind)
        records = (f"agent:{slug}", span.record if span else "span:all", *([f"kind:{kind}"] if kind else []))
        many, lead = tasks.count(), self._lead(span) if span else "in all "
        count = f"{worded(many)} task{'' if many == 1 else 's'}"
        form = "counted.kind" if kind else "counted.did"
        return self._say(form, records, lead=lead, count=count, kind=kind, **self._person(slug))


def subject(title: str) -> str:
    """What a task is of: its title without the name of its kind; of a path, the last part."""
    of = title.partition(" ")[2] or title
    return of.rstrip("/").rpartition("/")[2] or of if of[0] in "/~" else of


def troubled(task: Task) -> bool:
    """Whether something broken came out of a task that was done."""
    return bool(_TROUBLE.search(task.result))
