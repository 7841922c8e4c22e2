"""Topics of approvals and of the policy.

Owns their declarations. The service writes them.
"""

from __future__ import annotations

from agents.events.topic import Form, Topic


def _approval(past: str, meaning: str, words: str, *, weighty: bool = False) -> Topic:
    return Topic(f"approval.{past}", meaning, ("ref", "title", "set"), Form(words), weighty=weighty)


TOPICS = (
    _approval("opened", "an item was put on the lectern", "asks for approval of {ref}: {title}"),
    _approval("changed", "the content of an item was changed", "changed what {ref} asks for: {title}"),
    _approval("sealed", "a verdict was given and is sealed", "said {verdict} to {ref}: {title}"),
    _approval("lifted", "`undo` took the verdict back", "lifted the seal of {ref}: {title}"),
    _approval("moved", "the clock jumped, its times moved along", "moved {ref}: {title}"),
    _approval("snoozed", "it was put off", "put {ref} off: {title}"),
    _approval("approved", "the verdict took effect: yes", "approved {ref}: {title}", weighty=True),
    _approval("rejected", "the verdict took effect: no", "vetoed {ref}: {title}", weighty=True),
    _approval("expired", "nobody decided in time, or it was withdrawn", "let {ref} expire: {title}"),
    Topic("policy.changed", "GOLDEN_TIMMY was turned on or off", ("name", "from", "to"), weighty=True),
)
