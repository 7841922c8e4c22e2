"""What an agent tells of tasks: its own, others', what waits for the owner, what was found, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agents.house.values import Sentence
from agents.thinking.forms import STATES, counted, listed, span
from agents.thinking.forms.wording import times, worded
from agents.thinking.forms.work import STANDS
from agents.thinking.grammar.intents import KINDS_SAID
from agents.thinking.grammar.spans import Span
from agents.thinking.matters.base import MOST, Sentences, Teller
from agents.thinking.rows import TaskRow, find_task, tasks
from agents.work.models import Artifact

OPEN_STATES = ("RUNNING", "PAUSED", "FAILED", "APPROVED")
"""What a task given to an agent is in, as long as something of it is to be done."""
TROUBLE, ENDED = ("FAILED", "PAUSED"), ("COMPLETED", "FAILED")
STREAK, MOST_STREAK, MOST_FAILURES = 2, 20, 1000
MOST_WORDS, MOST_ROWS = 5, 40


class WorkMatters(Teller):
    """Tasks and approvals."""

    def completed(self) -> Sentences:
        """The task it completed last."""
        last = self._last(self._slug)
        return [self._completed(last)] if last else []

    def _completed(self, task: TaskRow) -> Sentence:
        if not self._reads(task):
            return self._state(task)
        at, result = task.finished_at or task.updated_at, task.result or "none on record"
        blanks = {"ago": self._ago(at), "number": task.id, "title": task.title, "result": result}
        return self._say("completed", (f"task:{task.id}",), **blanks)

    def _state(self, task: TaskRow) -> Sentence:
        whose = f"given to {self._known.name(task.assignee)}" if task.assignee else "given to nobody"
        blanks = {"number": task.id, "title": task.title, "stands": STANDS[task.status]}
        return self._say("task", (f"task:{task.id}",), whose=whose, **blanks)

    def mine(self) -> Sentences:
        """The tasks it was given, as far as something of them is to be done."""
        given = tasks("assignee = %s AND status IN (%s)", self._slug, OPEN_STATES, most=MOST_ROWS)
        return [self._mine(task) for task in _once(given)[:MOST]] or [self._say("mine.none", (f"agent:{self._slug}",))]

    def _mine(self, task: TaskRow) -> Sentence:
        form = "mine.why" if task.reason and task.status != "RUNNING" and self._reads(task) else "mine"
        return self._say(
            form, (f"task:{task.id}",), number=task.id, title=task.title, stands=STANDS[task.status], reason=task.reason
        )

    def of(self, slug: str) -> Sentences:
        """The open tasks of another."""
        return [
            self._state(task)
            for task in tasks("assignee = %s AND status IN (%s)", slug, OPEN_STATES, order="id", most=MOST)
        ]

    def ahead(self) -> Sentences:
        """The tasks of its own that are to be done, without those that failed."""
        states = ("RUNNING", "APPROVED", "PAUSED")
        rows = tasks("assignee = %s AND status IN (%s)", self._slug, states, order="id", most=MOST)
        return [self._mine(task) for task in rows]

    def still(self) -> Sentences:
        """The tasks of its own that are under way or were stopped."""
        rows = tasks("assignee = %s AND status IN ('RUNNING', 'PAUSED')", self._slug, order="id", most=2)
        return [
            self._say("day.open", (f"task:{one.id}",), number=one.id, title=one.title, state=STATES[one.status])
            for one in rows
        ]

    # -- one task ----------------------------------------------------------------------------------
    def task(self, number: int) -> Sentence:
        """How a task stands."""
        task = self.row(number)
        if task is None:
            return self._say("task.none", (f"task:{number}",), number=number)
        if task.assignee == self._slug:
            return self._completed(task) if task.status == "COMPLETED" else self._mine(task)
        return self._state(task)

    def row(self, number: int) -> TaskRow | None:
        """A task as it stands in the table."""
        if number not in self._rows:
            self._rows[number] = find_task(number)
        return self._rows[number]

    def task_why(self, number: int) -> Sentences:
        """Why a task stands as it does."""
        task = self.row(number)
        if task is None or not task.reason or not self._reads(task) or task.status in ("RUNNING", "COMPLETED"):
            return [self.task(number)]
        blanks = {"number": number, "title": task.title, "stands": STANDS[task.status], "reason": task.reason}
        return [self._say("task.why", (f"task:{number}",), **blanks)]

    def why_so(self, number: int) -> Sentences:
        """Why a task stands as it does, and how often in a row it has failed."""
        task = self.row(number)
        return [*self.task_why(number), *(self.streak(task) if task else ())]

    def failures(self, number: int) -> Sentences:
        """How often what a task is of has failed, and why the last time."""
        task = self.row(number)
        if task is None:
            return [self.task(number)]
        failed = tasks("title = %s AND status = 'FAILED'", task.title, most=MOST_FAILURES)
        records = [f"task:{one.id}" for one in failed]
        if not records:
            return [self._say("failures.none", (f"task:{number}",), title=task.title)]
        told = self._say("failures", records, title=task.title, times=times(len(records)))
        return [told, *self.task_why(int(records[0].removeprefix("task:")))]

    def how_done(self, number: int) -> Sentences:
        """How a task was done: what its kind does, and where its report is."""
        task = self.row(number)
        kind = self._core.kinds.get(task.kind) if task else None
        if task is None or kind is None:
            return [self.task(number)]
        records = f"task:{number}", f"kind:{kind.name}"
        told = self._say("how", records, number=number, title=task.title, kind=kind.name, purpose=kind.purpose)
        return [told, *self._report(task)]

    def open(self, slug: str = "") -> list[TaskRow]:
        """Tasks that are stopped or failed, an agent's or anybody's, the newest first."""
        return self._in_trouble(slug, MOST)

    @staticmethod
    def _in_trouble(slug: str, most: int) -> list[TaskRow]:
        where = "status IN (%s) AND assignee = %s" if slug else "status IN (%s)"
        return tasks(where, TROUBLE, *([slug] if slug else []), order="updated_at DESC, id DESC", most=most)

    def in_state_now(self, state: str) -> Sentences:
        """The tasks in a state with the reasons, as far as there are few, and how many there are."""
        there = tasks("status = %s", state, most=MOST + 1)
        told = [sentence for one in there[:MOST] for sentence in self.task_why(one.id)]
        return told if 0 < len(there) <= MOST else [self.in_state(state), *told]

    def task_when(self, number: int) -> Sentences:
        """When a task was done and how long it took, or that no record tells."""
        task = self.row(number)
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
        task = self.row(number)
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

    def named(self, words: Sequence[str], kinds: Sequence[str] = (), slug: str = "") -> list[TaskRow]:
        """The tasks that these words speak of by title or kind, those that most of them fit, the newest first;
        what only waits for a verdict comes last.
        """
        stems = [word.removesuffix("s") if len(word) > 4 else word for word in words[: 2 * MOST_WORDS]]
        if not stems and not kinds:
            return []
        fits = ["title LIKE %s ESCAPE '!'"] * len(stems) + ["kind IN (%s)"] * bool(kinds)
        values: list[str | tuple[str, ...]] = [*map(_within_text, stems), *([tuple(kinds)] if kinds else [])]
        mine = " AND assignee = %s" if slug else ""
        rows = tasks(f"({' OR '.join(fits)}){mine}", *values, *([slug] if slug else []), most=MOST_ROWS)
        scores = [(sum(stem in task.title.lower() for stem in stems) + (task.kind in kinds), task) for task in rows]
        best = max((score for score, _ in scores), default=0)
        found = [task for score, task in scores if score == best]
        return sorted(found, key=lambda task: task.status == "PENDING_APPROVAL")

    # -- what came of them ----------------------------------------------------------------------------
    def found(self, tasks: Sequence[TaskRow]) -> Sentences:
        """What came out of some tasks, as far as the hearer may know it, and where it can be read."""
        found: Sentences = []
        for task in tasks[:MOST]:
            if not self._reads(task):
                found.append(self._say("found.hidden", (f"task:{task.id}",), number=task.id))
            elif task.status == "COMPLETED" and task.result:
                blanks = {"number": task.id, "title": task.title, "result": task.result}
                found.append(self._say("found", (f"task:{task.id}",), **blanks, **self._person(task.assignee)))
            else:
                found += self.task_why(task.id)
        return [*found, *(self._report(tasks[0]) if tasks else ())]

    def _report(self, task: TaskRow) -> Sentences:
        """Where the report of a task is read, by whoever may."""
        if not self._reads(task) or not Artifact.objects.filter(task=task.id, name="report").exists():
            return []
        return [self._say("found.report", (f"task:{task.id}",), number=task.id)]

    def findings(self, span: Span | None = None, slug: str = "") -> Sentences:
        """What came out of the tasks it did last, or within a span."""
        slug = slug or self._slug
        within, bounds = self._within(span) if span else ("finished_at IS NOT NULL", ())
        where = f"assignee = %s AND status = 'COMPLETED' AND result <> '' AND {within}"
        done = tasks(where, slug, *bounds, order="finished_at DESC, id DESC", most=MOST)
        return self.found(done) or [
            self._say("day.nothing", (f"agent:{slug}", span.record), noun=span.noun, **self._person(slug))
            if span is not None
            else self._say("found.none", (f"agent:{slug}",), **self._person(slug))
        ]

    def wrong(self, slug: str = "") -> Sentences:
        """The failed and paused tasks, an agent's or those of the house, with the reasons."""
        found: Sentences = []
        newest = _once(self._in_trouble(slug, MOST_ROWS))
        for task in sorted(newest, key=lambda task: task.status != "FAILED")[:MOST]:
            if task.assignee == self._slug:
                found.append(self._mine(task))
            else:
                found += self.task_why(task.id)
            found += self.streak(task)
        if found:
            return found
        if slug:
            return [self._say("wrong.none", (f"agent:{slug}",), **self._person(slug))]
        return [self._say("wrong.none.house", ("board",))]

    def streak(self, task: TaskRow) -> Sentences:
        """How often in a row the same task has failed by now, where it is more than once."""
        where = "title = %s AND status IN (%s) AND finished_at IS NOT NULL"
        same = tasks(where, task.title, ENDED, order="finished_at DESC, id DESC", most=MOST_STREAK)
        row = []
        for one in same:
            if one.status != "FAILED":
                break
            row.append(one)
        if len(row) < STREAK or row[0].id != task.id:
            return []
        days = sorted({one.finished_at.date() for one in row if one.finished_at})
        daily = len(days) == len(row) and (days[-1] - days[0]).days == len(row) - 1
        form = "streak.days" if daily else "streak"
        return [self._say(form, [f"task:{one.id}" for one in row], count=worded(len(row)), title=task.title)]

    # -- what waits, and how the work stands -----------------------------------------------------------
    def waits(self) -> Sentence:
        """What waits for the owner's word."""
        pending = self._core.governance.unanswered()
        if not pending:
            return self._say("waits.none", ("board",))
        oldest, count = pending[0], len(pending)
        return self._say(
            "waits.you" if self.hearer.kind == "owner" else "waits",
            (*(f"approval:{one.id}" for one in pending), *([f"task:{oldest.task}"] if oldest.task else [])),
            items=f"{counted(count, 'item')} wait{'s' if count == 1 else ''}",
            ago=self._ago(oldest.created_at),
            ref=f"task {oldest.task}" if oldest.task else f"a{oldest.id}",
            title=oldest.title,
        )

    def for_you(self) -> Sentences:
        """What the hearer can do next: the owner decides first, then looks at what failed; a guest looks about."""
        if self.hearer.kind != "owner":
            return [self._say("guest", ())]
        found = [self.waits()]
        for task in self._in_trouble("", 2):
            blanks = {"number": task.id, "title": task.title, "stands": STANDS[task.status]}
            found.append(self._say("open.you", (f"task:{task.id}",), **blanks))
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


def _within_text(stem: str) -> str:
    """The pattern that a text fits which holds the stem."""
    escaped = stem.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"


def _once(tasks: Iterable[TaskRow]) -> list[TaskRow]:
    """Of those with one title and state the first."""
    return list({(task.title, task.status): task for task in reversed(list(tasks))}.values())[::-1]


def _stand(state: str, many: int) -> str:
    one = STANDS[state]
    return one if many == 1 else one.replace("is ", "are ", 1).replace("has ", "have ", 1)
