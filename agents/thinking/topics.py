"""Topics of thoughts and of answers.

Owns their declarations. Refuses to write any: thoughts are written in `stream.py`, answers in `conversation.py`.
"""

from __future__ import annotations

from agents.events.topic import Form, Topic

TOPICS = (
    Topic(
        "agent.<slug>.thought",
        "it thought, by reflex or by the model that `source` names; `reason`: why no model did",
        ("thought", "kind", "source", "text", "room", "reason"),
        Form("thinks ({source}): {text}", told="thought"),
    ),
    Topic(
        "agent.<slug>.thought.dropped",
        "a thought came to nothing",
        ("thought", "reason"),
        Form("lets a thought go: {reason}"),
    ),
    Topic(
        "agent.<slug>.given",
        "somebody gave it something to think about",
        ("thought", "text"),
        Form('is given a thought by {by}: "{text}"'),
    ),
    Topic(
        "agent.<slug>.reordered",
        "the queue of thoughts was reordered",
        ("thought", "from_place", "to_place"),
        Form("has its queue of thoughts reordered by {by}"),
    ),
    Topic(
        "agent.<slug>.answered",
        "it answered somebody; its words are in the message log",
        ("message", "asker", "channel", "state", "source", "room"),
        Form("answers {asker} ({source}, {state})"),
        twice=True,
    ),
)
