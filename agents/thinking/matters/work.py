"""What an agent tells of tasks: its own, others', what waits for the owner, what was found, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q

from agents.governance import record
from agents.house.values import Sentence
from agents.thinking.forms import STATES, counted, listed, span
from agents.thinking.forms.wording import worded
from agents.thinking.forms.work import STANDS
from agents.thinking.grammar import intents
from agents.thinking.grammar.spans import Span
from agents.thinking.matters.base import MOST, Sentences, Teller
from agents.work.models import Artifact, Task

OPEN_STATES = ("RUNNING", "PAUSED", "FAILED", "APPROVED")
"""What a task given to an agent is in, as long as something of it is to be done."""
TROUBLE, ENDED = ("FAILED", "PAUSED"), ("COMPLETED", "FAILED")
STREAK, MOST_STREAK = 2, 20
MOST_WORDS, MOST_ROWS = 5, 40


class WorkMatters(Teller):
    """Tasks and approvals."""

    def completed(self) -> Sentences:
        """The task it completed last."""
        done = Task.objects.filter(assignee=self._slug, status="COMPLETED", finished_at__isnull=False).order_by(
            "-finished_at", "-id"
        )[:1]
        return [self._completed(task) for task in done]

    def _completed(self, task: Task) -> Sentence:
        if not self._reads(task):
            return self._state(task)
        at, result = task.finished_at or task.updated_at, task.result or "none on record"
        blanks = {"ago": self._ago(at), "number": task.pk, "title": task.title, "result": result}
        return self._say("completed", (f"task:{task.pk}",), **blanks)

    def _state(self, task: Task) -> Sentence:
        whose = f"given to {self._known.name(task.assignee)}" if task.assignee else "given to nobody"
        blanks = {"number": task.pk, "title": task.title, "stands": STANDS[task.status]}
        return self._say("task", (f"task:{task.pk}",), whose=whose, **blanks)

    def mine(self) -> Sentences:
        """The tasks it was given, as far as something of them is to be done."""
        given = Task.objects.filter(assignee=self._slug, status__in=OPEN_STATES).order_by("-id")[:MOST_ROWS]
        return [self._mine(task) for task in _once(given)[:MOST]] or [self._say("mine.none", (f"agent:{self._slug}",))]

    def _mine(self, task: Task) -> Sentence:
        form = "mine.why" if task.reason and task.status != "RUNNING" and self._reads(task) else "mine"
        return self._say(
            form, (f"task:{task.pk}",), number=task.pk, title=task.title, stands=STANDS[task.status], reason=task.reason
        )

    def of(self, slug: str) -> Sentences:
        """The open tasks of another."""
        return [
            self._state(task)
            for task in Task.objects.filter(assignee=slug, status__in=OPEN_STATES).order_by("id")[:MOST]
        ]

    def ahead(self) -> Sentences:
        """The tasks of its own that are to be done, without those that failed."""
        rows = Task.objects.filter(assignee=self._slug, status__in=("RUNNING", "APPROVED", "PAUSED")).order_by("id")
        return [self._mine(task) for task in rows[:MOST]]

    def still(self) -> Sentences:
        """The tasks of its own that are under way or were stopped."""
        rows = Task.objects.filter(assignee=self._slug, status__in=("RUNNING", "PAUSED")).order_by("id")[:2]
        return [
            self._say("day.open", (f"task:{one.pk}",), number=one.pk, title=one.title, state=STATES[one.status])
            for one in rows
        ]

    # -- one task ----------------------------------------------------------------------------------
    def task(self, number: int) -> Sentence:
        """How a task stands."""
        task = Task.objects.filter(id=number).first()
        if task is None:
            return self._say("task.none", (f"task:{number}",), number=number)
        if task.assignee == self._slug:
            return self._completed(task) if task.status == "COMPLETED" else self._mine(task)
        return self._state(task)

    def row(self, number: int) -> Task | None:
        """A task as it stands in the table."""
        return Task.objects.filter(id=number).first()

    def task_why(self, number: int) -> Sentences:
        """Why a task stands as it does."""
        task = Task.objects.filter(id=number).first()
        if task is None or not task.reason or not self._reads(task) or task.status in ("RUNNING", "COMPLETED"):
            return [self.task(number)]
        blanks = {"number": number, "title": task.title, "stands": STANDS[task.status], "reason": task.reason}
        return [self._say("task.why", (f"task:{number}",), **blanks)]

    def task_when(self, number: int) -> Sentences:
        """When a task was done and how long it took, or that no record tells."""
        task = Task.objects.filter(id=number).first()
        if task is None:
            return [self.task(number)]
        records = (f"task:{number}",)
        if task.finished_at is None or task.status not in ("COMPLETED", "FAILED"):
            found = [self._say("task.when", records, number=number, stands=STANDS[task.status])]
            if task.started_at:
                found.append(self._say("task.begun", records, number=number, ago=self._ago(task.started_at)))
            return found
        at = task.finished_at
        blanks = {"day": f"{at.day} {at:%B}", "time": f"{at:%H:%M}", "ago": self._ago(at), "number": number}
        found = [self._say("task.ended", records, **blanks)]
        if task.started_at:
            found.append(self._say("task.took", records, length=span((at - task.started_at).total_seconds())))
        return found

    def task_who(self, number: int) -> Sentences:
        """Who did a task or has it, and who proposed it."""
        task = Task.objects.filter(id=number).first()
        if task is None:
            return [self.task(number)]
        form = "task.free" if not task.assignee else "task.who" if task.status == "COMPLETED" else "task.whose"
        who = "" if not task.assignee else self._person(task.assignee)["me" if task.assignee != self._slug else "I"]
        if task.assignee == self._slug:
            found = [self.task(number)]
        else:
            blanks = {"who": who, "number": number, "title": task.title, "stands": STANDS[task.status]}
            found = [self._say(form, (f"task:{number}",), **blanks)]
        proposer = {"who": self._actor(task.proposer), "ago": self._ago(task.created_at)}
        return [*found, self._say("task.proposed", (f"task:{number}",), **proposer)]

    def named(self, words: Sequence[str], kinds: Sequence[str] = (), slug: str = "") -> list[Task]:
        """The tasks that these words speak of by title or kind, those that most of them fit, the newest first;
        what only waits for a verdict comes last.
        """
        stems = [word.removesuffix("s") if len(word) > 4 else word for word in words[: 2 * MOST_WORDS]]
        if not stems and not kinds:
            return []
        condition = Q(kind__in=kinds)
        for stem in stems:
            condition |= Q(title__icontains=stem)
        rows = Task.objects.filter(condition, **({"assignee": slug} if slug else {})).order_by("-id")[:MOST_ROWS]
        scores = [(sum(stem in task.title.lower() for stem in stems) + (task.kind in kinds), task) for task in rows]
        best = max((score for score, _ in scores), default=0)
        found = [task for score, task in scores if score == best]
        return sorted(found, key=lambda task: task.status == "PENDING_APPROVAL")

    # -- what came of them ----------------------------------------------------------------------------
    def found(self, tasks: Sequence[Task]) -> Sentences:
        """What came out of some tasks, as far as the hearer may know it, and where it can be read."""
        found: Sentences = []
        for task in tasks[:MOST]:
            if not self._reads(task):
                found.append(self._say("found.hidden", (f"task:{task.pk}",), number=task.pk))
            elif task.status == "COMPLETED" and task.result:
                blanks = {"number": task.pk, "title": task.title, "result": task.result}
                found.append(self._say("found", (f"task:{task.pk}",), **blanks))
            else:
                found += self.task_why(task.pk)
        first = tasks[0] if tasks else None
        if first and self._reads(first) and Artifact.objects.filter(task=first, name="report").exists():
            found.append(self._say("found.report", (f"task:{first.pk}",), number=first.pk))
        return found

    def findings(self, span: Span | None = None, slug: str = "") -> Sentences:
        """What came out of the tasks it did last, or within a span."""
        slug = slug or self._slug
        done = Task.objects.filter(assignee=slug, status="COMPLETED").exclude(result="")
        if span is not None:
            done = done.filter(self._within(span))
        tasks = list(done.order_by("-finished_at", "-id")[:MOST])
        return self.found(tasks) or [
            self._say("day.nothing", (f"agent:{slug}", span.record), noun=span.noun, **self._person(slug))
            if span is not None
            else self._say("found.none", (f"agent:{slug}",), **self._person(slug))
        ]

    def wrong(self, slug: str = "") -> Sentences:
        """The failed and paused tasks, an agent's or those of the house, with the reasons."""
        tasks = Task.objects.filter(status__in=TROUBLE, **({"assignee": slug} if slug else {}))
        found: Sentences = []
        for task in _once(tasks.order_by("-updated_at", "-id")[:MOST_ROWS])[:MOST]:
            if task.assignee == self._slug:
                found.append(self._mine(task))
            else:
                found += self.task_why(task.pk)
            found += self.streak(task)
        if found:
            return found
        if slug:
            return [self._say("wrong.none", (f"agent:{slug}",), **self._person(slug))]
        return [self._say("wrong.none.house", ("board",))]

    def streak(self, task: Task) -> Sentences:
        """How often in a row the same task has failed by now, where it is more than once."""
        same = Task.objects.filter(title=task.title, status__in=ENDED, finished_at__isnull=False).order_by(
            "-finished_at", "-id"
        )
        row = []
        for one in same[:MOST_STREAK]:
            if one.status != "FAILED":
                break
            row.append(one)
        if len(row) < STREAK or row[0].pk != task.pk:
            return []
        days = sorted({one.finished_at.date() for one in row if one.finished_at})
        daily = len(days) == len(row) and (days[-1] - days[0]).days == len(row) - 1
        form = "streak.days" if daily else "streak"
        return [self._say(form, [f"task:{one.pk}" for one in row], count=worded(len(row)), title=task.title)]

    # -- what waits, and how the work stands -----------------------------------------------------------
    def waits(self) -> Sentence:
        """What waits for the owner's word."""
        pending = [one for one in self._core.governance.pending() if not one.verdict]
        if not pending:
            return self._say("waits.none", ("board",))
        oldest, count = pending[0], len(pending)
        return self._say(
            "waits.you" if self.hearer.kind == "owner" else "waits",
            (f"approval:{one.pk}" for one in pending),
            items=f"{counted(count, 'item')} wait{'s' if count == 1 else ''}",
            ago=self._ago(oldest.created_at),
            ref=f"task {oldest.task}" if oldest.task else record.ref(oldest),
            title=oldest.title,
        )

    def for_you(self) -> Sentences:
        """What the hearer can do next: the owner decides first, then looks at what failed; a guest looks about."""
        if self.hearer.kind != "owner":
            return [self._say("guest", ())]
        found = [self.waits()]
        for task in Task.objects.filter(status__in=TROUBLE).order_by("-updated_at", "-id")[:2]:
            blanks = {"number": task.pk, "title": task.title, "stands": STANDS[task.status]}
            found.append(self._say("open.you", (f"task:{task.pk}",), **blanks))
        if len(found) == 1 and (kind := self._example()):
            found.append(self._say("free.you", (f"kind:{kind}",), example=self._core.kinds[kind].example))
        return found

    def _example(self) -> str:
        return next((name for name, kind in sorted(self._core.kinds.items()) if kind.steps), "")

    def board(self) -> Sentence:
        """How the work stands."""
        board = self._known.board()
        tally = (
            listed(f"{board[state]} {word}" for state, word in STATES.items() if board.get(state))
            if board
            else "no task"
        )
        return self._say("board", ("board",), tally=tally)

    def in_state(self, state: str) -> Sentence:
        """How many tasks are in a state."""
        many = self._known.board().get(state, 0)
        return self._many("counted.state", many, ("board", f"state:{state}"), stand=_stand(state, many))

    def in_all(self) -> Sentence:
        """How many tasks there are."""
        return self._many("counted.all", sum(self._known.board().values()), ("board",))

    def _many(self, form: str, many: int, records: Sequence[str], **more: object) -> Sentence:
        one = many == 1
        return self._say(
            form, records, count=f"{worded(many)} task{'' if one else 's'}", are="is" if one else "are", **more
        )

    # -- what can be asked for -------------------------------------------------------------------------
    def kinds(self) -> Sentence:
        """The kinds of task there are."""
        return self._say("can.kinds", ("kinds",), kinds=listed(self._kinds()))

    def _kinds(self) -> list[str]:
        return [name for name, kind in sorted(self._core.kinds.items()) if kind.steps]

    def knows_kind(self, name: str) -> bool:
        """Whether there is such a kind of task."""
        return name in self._core.kinds

    def kind(self, words: Sequence[str]) -> Sentences:
        """The kind of task that these words ask for, and how it is asked for; else those there are."""
        for word in words:
            name = KINDS_SAID.get(word, word)
            kind = self._core.kinds.get(name) or self._core.kinds.get(name.removesuffix("s"))
            if kind is not None and kind.steps:
                blanks = {"kind": kind.name, "purpose": kind.purpose, "usage": kind.usage}
                return [self._say("can.kind", (f"kind:{kind.name}",), **blanks)]
        return [self._say("can.not", ("kinds",), kinds=listed(self._kinds()))]


def _once(tasks: Iterable[Task]) -> list[Task]:
    """Of those with one title and state the first."""
    return list({(task.title, task.status): task for task in reversed(list(tasks))}.values())[::-1]


def _stand(state: str, many: int) -> str:
    one = STANDS[state]
    return one if many == 1 else one.replace("is ", "are ", 1).replace("has ", "have ", 1)


KINDS_SAID = {word: kind for kind, words in intents.read("kinds").items() for word in words.split()}
"""The kind of task that a word speaks of, where the house has it."""
