"""What agents told of their day by the fire, recomputed sentence by sentence from the records as they stood then.

None of the code that composes a story is asked. A sentence that no pattern reads is a problem like a false one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from agents.work.models import Step, Task
from tests.support import hearsay
from tests.support.sayings import Record, Said, Saying
from tests.support.spoken import CLOCK

DAY = timedelta(hours=18)
Check = Callable[["Story", Said], bool]


@dataclass
class Story(Saying):
    """What one told by the fire; the day began `DAY` before."""

    def steps(self, action: str) -> list[Step]:
        return list(
            Step.objects.filter(
                agent=self.speaker,
                state="done",
                action=action,
                task=None,
                finished_at__gte=self.at - DAY,
                finished_at__lte=self.at,
            ).order_by("id")
        )


def _task(story: Story, said: Said) -> bool:
    status, assignee, since = story.standing(int(said["task"]))
    how = {"COMPLETED": "I finished", "FAILED": "failed at", "PAUSED": "has stood still since"}[status]
    title = hearsay.short(Task.objects.get(pk=int(said["task"])).title)
    assert since is not None
    told = (said["title"], said.get("did") or said.get("how"), said["clock"])
    return assignee == story.speaker and since >= story.at - DAY and told == (title, how, story.clock(since))


def _told(story: Story, said: Said) -> bool:
    by = story.slug(said["name"])
    for event in story.learned(story.speaker, by=by):
        then, state = hearsay.happened(event.data["source"], story.house)
        happened = story.clock(then) if said.get("clock2") else None
        spared = event.data["effect"] == "spared" or not said.get("spared")
        if spared and (story.clock(event.at), happened, state) == (said["clock1"], said.get("clock2"), said["state"]):
            return event.at >= story.at - DAY
    return False


def _disk(story: Story, said: Said) -> bool:
    looked = story.steps("check_disk")
    told = [
        (story.clock(step.finished_at), f"{round(step.result['disk_free'] * 100):d}")  # type: ignore[arg-type]
        for step in (looked[0], looked[-1])
    ]
    return told == [(said["clock1"], said["a"]), (said["clock2"], said["b"])]


def _rare(story: Story, said: Said) -> bool:
    acts = Step.objects.filter(
        agent=story.speaker, state="done", task=None, finished_at__gte=story.at - DAY, finished_at__lte=story.at
    )
    found = [
        step
        for step in acts
        if hearsay.clause(step.action, step.result, story.house) == said["clause"]
        and story.clock(step.finished_at) == said["clock"]  # type: ignore[arg-type]
    ]
    return bool(found) and len(story.steps(found[0].action)) == 1


_TITLE = r'(?P<task>\d+), "(?P<title>.+?)",'
RULES: tuple[tuple[str, str, Check], ...] = (
    ("finished a task", rf"(?P<did>I finished) task {_TITLE} at CLOCK\.", _task),
    ("a task failed", rf"Task {_TITLE} (?P<how>failed at) CLOCK, and it is not done\.", _task),
    ("a task is paused", rf"Task {_TITLE} (?P<how>has stood still since) CLOCK\.", _task),
    ("was spared", r"NAME told me at CLOCK1 that at CLOCK2 (?P<state>.+?)(?P<spared>; it spared me the way)\.", _told),
    ("heard of a task", r"NAME told me at CLOCK1 that (?P<state>task .+?)\.", _told),
    ("the disk", r"At CLOCK1 (?P<a>\d+)% of the disk was free, at CLOCK2 it was (?P<b>\d+)%\.", _disk),
    ("rare", r"At CLOCK, for the only time today, I (?P<clause>.+?)\.", _rare),
)


def kinds_of(story: Story) -> list[str]:
    """The kinds of its sentences. Raises ValueError if one of them is not true, or is none that can be read."""
    kinds, start = [], 0
    while start < len(story.text):
        for kind, pattern, check in RULES:
            named = pattern.replace("NAME", r"(?P<name>[A-Z][\w-]*)")
            timed = re.sub(r"CLOCK(\d?)", lambda found: f"(?P<clock{found[1]}>{CLOCK})", named)
            found = re.compile(timed + r"(?= |$)").match(story.text, start)
            if found and _holds(check, story, found.groupdict()):
                kinds.append(kind)
                start = found.end() + 1
                break
        else:
            raise ValueError(f"{story.at:%d %H:%M} {story.speaker} tells what is not so: {story.text[start:]!r}")
    return kinds


def _holds(check: Check, story: Story, said: Said) -> bool:
    try:
        return check(story, said)
    except (StopIteration, LookupError, AssertionError, Task.DoesNotExist):
        return False


def stories(record: Record) -> list[Story]:
    """All that was told by the fire, oldest first."""
    told = Step.objects.filter(action="tell_day", state="done").order_by("finished_at", "id")
    said = {event.step: str(event.data["text"]) for event in record.said if event.step}
    return [Story(record, said[step.id], step) for step in told if step.id in said]


def looked_through(record: Record) -> tuple[Counter[str], list[str]]:
    """How many sentences of each kind were told, and what is wrong with those that are not true."""
    kinds, wrong = Counter[str](), []
    for story in stories(record):
        try:
            kinds.update(kinds_of(story))
        except ValueError as problem:
            wrong.append(str(problem))
    return kinds, wrong
