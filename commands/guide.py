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
    "approval.sealed": "Your word is sealed for {seal} seconds: until they are over {undo} takes it back.",
    "approval.lifted": "You took it back. It waits on the lectern again, and nothing has run.",
    "task.approved": "The seal is over, so your word counts. Only now may {who} begin, with what you were shown.",
    "task.vetoed": "You refused it, so it never runs. {demo} proposes it again.",
    "task.claimed": "{who} has taken it up. You see every step; {why} tells his reasons, {plan} what comes next.",
    "task.paused": "It is halted until {resume}.",
    "task.escalated": "{who} cannot go on alone and asks you. {task} tells what is in the way.",
    "task.failed": "It could not be done. {task} tells why, step by step.",
    "task.completed": "It is done. {report} is what he found, {task} who did what and when. Such work begins by "
    "{add}; {kinds} lists what can be asked for, {unwatch} ends the lines of his steps.",
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
