"""A day, or any span of time, told as a person would: what failed first, then what was done, by kind, then the rounds.

Owns the order and the grouping. Refuses to weigh anything but what stands in the records: the state of a task, how
often the same one failed in a row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from agents.house.values import Sentence
from agents.thinking.forms import listed
from agents.thinking.forms.wording import past, times, worded
from agents.thinking.grammar import spans
from agents.thinking.grammar.spans import Span
from agents.thinking.matters.base import MOST, Sentences
from agents.thinking.matters.deeds import TOLD
from agents.thinking.matters.work import WorkMatters
from agents.thinking.rows import TaskRow, count, deeds, newest, tasks

LEFT = "person.left"
"""The event that somebody's last connection ended."""
ENDED = ("COMPLETED", "FAILED")
MOST_TASKS, MOST_SUBJECTS, MOST_DEEDS = 60, 5, 3
LONGEST_ROUNDS = timedelta(hours=36)
"""Rounds are counted for no longer a span: they are the same every day."""
EARLIEST = timedelta(hours=1)
"""Nothing that ends within a span is begun longer before it."""
WALKS = ("move(", "rest(")
STREAK = 2


class Days(WorkMatters):
    """What was done within a span."""

    def span(self, key: str) -> Span:
        """The span with this key, now, for whoever hears of it."""
        return spans.named(key, self._now, self._gone() if key == "left" else None)

    def _gone(self) -> datetime | None:
        """When whoever hears it was last here."""
        self._core.events.unit.flush()
        left = newest(LEFT, str(self.hearer))
        return left[1] if left else None

    def day(self, span: Span, slug: str = "") -> Sentences:
        """What an agent did within a span."""
        slug = slug or self._slug
        within, bounds = self._within(span)
        ended = tasks(f"assignee = %s AND status IN (%s) AND {within}", slug, ENDED, *bounds, most=MOST_TASKS)
        found = self._tasks(span, slug, ended)
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

    def _tasks(self, span: Span, slug: str, tasks: Sequence[TaskRow]) -> Sentences:
        found: Sentences = []
        failed: dict[str, list[TaskRow]] = {}
        for task in tasks:
            if task.status == "FAILED":
                failed.setdefault(task.title, []).append(task)
        for group in list(failed.values())[:MOST]:
            found.append(self._failed(span, slug, group, found))
            found += self.streak(group[0]) if len(group) < STREAK else ()
        done = [one for one in tasks if one.status == "COMPLETED"]
        ill = self._ill(done)
        for group in self._groups(done, ill):
            found += self._done(span, slug, group, found, ill)
        return found

    def _ill(self, done: Sequence[TaskRow]) -> frozenset[int]:
        """The tasks that were done and brought something broken to light, by the outcomes that their kinds told."""
        several = done if len(done) > 1 else ()
        return frozenset(number for number, came in self._core.work.upshots(several).items() if not came.well)

    def _ended(self, span: Span, slug: str, task: TaskRow, found: Sequence[Sentence]) -> Sentence:
        readable = self._reads(task)
        form = "day.failed" if task.status == "FAILED" else "day.one"
        came = task.reason if task.status == "FAILED" else task.result
        form += "" if readable and came else ".bare"
        return self._say(
            form,
            (f"task:{task.id}", span.record),
            lead=self._lead(span, found),
            number=task.id,
            title=task.title,
            reason=came,
            result=came,
            **self._person(slug),
        )

    def _failed(self, span: Span, slug: str, group: list[TaskRow], found: Sequence[Sentence]) -> Sentence:
        """The same that failed again and again is told once, with the reason of the last time."""
        newest = group[0]
        if len(group) == 1 or not newest.reason or not self._reads(newest):
            return self._ended(span, slug, newest, found)
        return self._say(
            "day.failed.many",
            (*(f"task:{task.id}" for task in group), span.record),
            lead=self._lead(span, found),
            times=times(len(group)),
            title=newest.title,
            reason=newest.reason,
            **self._person(slug),
        )

    @staticmethod
    def _groups(tasks: Sequence[TaskRow], ill: Collection[int]) -> Iterator[list[TaskRow]]:
        """By kind; those in which something is broken first, then the largest."""
        kinds: dict[str, list[TaskRow]] = {}
        for task in tasks:
            kinds.setdefault(task.kind, []).append(task)
        yield from sorted(kinds.values(), key=lambda group: (not any(one.id in ill for one in group), -len(group)))

    def _done(
        self, span: Span, slug: str, group: list[TaskRow], found: Sequence[Sentence], ill: Collection[int]
    ) -> Sentences:
        if len(group) == 1:
            return [self._ended(span, slug, group[0], found)]
        kind = self._core.kinds.get(group[0].kind)
        did, noun = (kind.told if kind else None) or ("finished", "task")
        each = Counter(subject(task.title) if kind and kind.told else f'"{task.title}"' for task in group)
        records = (*(f"task:{task.id}" for task in group), span.record)
        blanks = {"lead": self._lead(span, found), "did": did, **self._person(slug)}
        readable = [task for task in group if task.result and self._reads(task)]
        worth = [task for task in readable if task.id in ill] or readable[:1]
        came = [self.result(task) for task in worth[:2]]
        if len(each) == 1:
            (of,) = each
            return [self._say("day.again", records, subject=of, times=times(len(group)), **blanks), *came]
        subjects = [f"{of} ({times(many)})" if many > 1 else of for of, many in each.items()]
        more = [worded(len(subjects) - MOST_SUBJECTS) + " more"] if len(subjects) > MOST_SUBJECTS else []
        count = f"{worded(len(subjects))} {noun}s"
        told = listed([*subjects[:MOST_SUBJECTS], *more])
        return [self._say("day.many", records, count=count, subjects=told, **blanks), *came]

    def result(self, task: TaskRow) -> Sentence:
        """What came of a task."""
        person = self._person(task.assignee)
        return self._say("day.result", (f"task:{task.id}",), number=task.id, result=task.result, **person)

    def _rounds(self, span: Span, slug: str) -> Sentences:
        """What it saw to without a task; walks, rests and what was said on the way are left out."""
        if span.until - span.since > LONGEST_ROUNDS:
            return []
        self._core.events.unit.flush()
        done = deeds(slug, span.since, min(span.until, self._now), span.since - EARLIEST)
        told = {action: many for action, many in done.items() if not action.startswith(WALKS) and action != TOLD}
        most = sorted(told.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_DEEDS]
        if not most:
            return []
        counted_ = listed(f"{past(self._deed(action))} {times(many)}" for action, many in most)
        return [self._say("day.rounds", (f"agent:{slug}", span.record), deeds=counted_, **self._person(slug))]

    # -- of the whole house ------------------------------------------------------------------------
    def news(self, span: Span) -> Sentences:
        """What all did within a span: what failed first, the speaker before the others."""
        within, bounds = self._within(span)
        ended = tasks(f"status IN (%s) AND {within}", ENDED, *bounds, most=MOST_TASKS)
        order = sorted({task.assignee for task in ended if task.assignee}, key=lambda slug: (slug != self._slug, slug))
        ill = self._ill([task for task in ended if task.status == "COMPLETED"])
        found: Sentences = []
        for status in ENDED[::-1]:
            for slug in order:
                some = [task for task in ended if (task.assignee, task.status) == (slug, status)]
                for group in self._groups(some, ill) if status == "COMPLETED" else [[one] for one in some]:
                    found += self._done(span, slug, group, found, ill)
        since, bounds = self._within(span, "created_at")
        fresh = tasks(f"status = 'PENDING_APPROVAL' AND {since}", *bounds, most=MOST)
        for task in fresh:
            found.append(
                self._say(
                    "news.proposed",
                    (f"task:{task.id}", span.record),
                    lead=self._lead(span, found),
                    number=task.id,
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
        task = self._last(slug)
        if task is None or task.finished_at is None:
            return []
        told = self._say(
            "last.task",
            (f"task:{task.id}",),
            ago=self._ago(task.finished_at),
            number=task.id,
            title=task.title,
            **self._person(slug),
        )
        return [told, *([self.result(task)] if task.result and self._reads(task) else [])]

    def counted(self, span: Span | None, slug: str = "", kind: str = "") -> Sentence:
        """How many tasks it completed, within a span if one is given, of a kind if one is."""
        slug = slug or self._slug
        within, bounds = self._within(span) if span is not None else ("finished_at IS NOT NULL", ())
        of_kind, kinds = (" AND kind = %s", [kind]) if kind else ("", [])
        many = count(f"assignee = %s AND status = 'COMPLETED' AND {within}{of_kind}", slug, *bounds, *kinds)
        records = (f"agent:{slug}", span.record if span else "span:all", *([f"kind:{kind}"] if kind else []))
        lead = self._lead(span) if span else "in all "
        told = f"{worded(many)} task{'' if many == 1 else 's'}"
        form = "counted.kind" if kind else "counted.did"
        return self._say(form, records, lead=lead, count=told, kind=kind, **self._person(slug))


def subject(title: str) -> str:
    """What a task is of: its title without the name of its kind; of a path, the last part."""
    of = title.partition(" ")[2] or title
    return of.rstrip("/").rpartition("/")[2] or of if of[0] in "/~" else of
