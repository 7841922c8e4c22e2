"""What is said to whoever has asked for a demo, as its task goes on: what each thing that happens means.

Owns those words, by topic. Refuses to say what did not happen: each is said at its event, to the connection that asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agents.events.models import Event
from agents.governance.settings import GovernanceSettings
from agents.kernel.text import visible
from commands.connection import GUIDED, recall, remember
from world.screen import paint

if TYPE_CHECKING:
    from agents.house.house import House

WORDS = {
    "approval.sealed": "Your verdict is sealed for {seal} seconds; until then, {undo} takes it back.",
    "approval.lifted": "You took it back. It is waiting on the lectern again, and nothing has run.",
    "task.approved": "The seal has run out, so your verdict counts. Only now may {who} begin, as you were shown.",
    "task.vetoed": "You rejected it, so it never runs. {demo} proposes it again.",
    "task.claimed": "{who} has taken it up. You see every step; {why} gives the reasons, {plan} what comes next.",
    "task.paused": "It is paused; {resume} lets it go on.",
    "task.escalated": "{who} cannot go on alone and asks you. {task} says what is in the way.",
    "task.failed": "It could not be done. {task} says why, step by step.",
    "task.completed": "It is done. {report} shows what was found, {task} who did what and when. {add} proposes work of "
    "your own, {kinds} lists what you can ask for, and {unwatch} stops the lines about each step.",
}
LAST = frozenset({"task.vetoed", "task.failed", "task.completed"})


def note(house: House, session: Any, event: Event) -> str:
    """What this connection is told of the event, '' for nothing."""
    if event.task is None or event.topic not in WORDS or recall(session, GUIDED) != event.task:
        return ""
    if event.topic in LAST:
        remember(session, GUIDED, None)
    number = event.task
    slug = house.work.get(number).assignee
    typed = {
        "undo": "undo",
        "demo": "demo",
        "why": f"why {slug}",
        "plan": f"plan {slug}",
        "resume": f"resume {number}",
        "task": f"task {number}",
        "report": f"task {number}/report",
        "add": "task add",
        "kinds": "kinds",
        "unwatch": "unwatch",
    }
    return WORDS[event.topic].format(
        who=visible(house.roster[slug].name if slug in house.roster else slug or "an agent"),
        seal=f"{house.runtime.settings.of(GovernanceSettings).seal_seconds:g}",
        **{name: paint("key", word) for name, word in typed.items()},
    )
