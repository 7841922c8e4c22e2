"""The list of all topics in words: `docs/events.md`.

Owns its text. `make pages` writes the file, and a test compares them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType

from agents.events.topic import KEPT, Form, Seen, Told, Topic
from agents.kernel import parts

_BEFORE = f"""# Events

Generated from the `topics.py` of each package by `make pages`; a test compares them. The log refuses events of any
other topic.

Every event has a number, a time, a topic, an actor and an interface (`via`), and, if they apply, an agent, a task, an
approval and a step. Everything else is in `data`, whose fields are listed here. Each row carries the digest of the
previous one. The column `rows` has short digests of the rows (steps, thoughts, messages, artifacts, what was shown)
that were written with the event, or null for a row that has since been removed
([0031](adr/0031-the-record-is-anchored-and-vouches-for-rows.md)). What was seen in a room is found through the fields
`room`, `from`, `to` and `beside` of `data`, which are indexed
([0015](adr/0015-rooms-are-indexed-in-the-log.md)). `set` has the changed columns; long texts are given by their
digest.

- **known to**: who, in addition to the owner, may see it.
- **told**: where those who may see it are shown it: `feed`, `watch`, or the room itself.
- **kept**: {", ".join(f"`{prefix}*`" for prefix in KEPT)} are never pruned, and neither are topics marked "for ever".
  Soon after an event marked "anchored", the head of the log is committed to the anchors.
"""
_HEAD = ("| topic | meaning | data | known to | told | kept |", "|---|---|---|---|---|---|")
_SEEN: Mapping[Seen, str] = {
    "owner": "",
    "actor": "the person who did it",
    "all": "everybody",
    "readers": "everybody; within a task, those who may read its results",
}
_TOLD: Mapping[Told, str] = {
    "everybody": "to everybody",
    "news": "feed, watch",
    "deed": "feed, watch, in the room",
    "gesture": "feed, in the room",
    "step": "watch",
    "thought": "watch, in the room",
    "quiet": "",
}


def page() -> str:
    """The whole page."""
    held, _ = parts.of_packages("topics of events", "topics", _of)
    lines = [_BEFORE]
    for module, topics in held.items():
        package = module.rpartition(".")[0].replace(".", "/")
        lines += [
            f"## {package}",
            "",
            "| topic | meaning | data | known to | told | kept |",
            "|---|---|---|---|---|---|",
        ]
        lines += [*(_row(topic) for topic in topics), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _of(module: ModuleType) -> Iterable[tuple[str, tuple[Topic, ...]]]:
    return [(module.__name__, module.TOPICS)]


def _row(topic: Topic) -> str:
    data = f"`{', '.join(topic.data)}`" if topic.data else ""
    told = _TOLD[topic.form.told] if isinstance(topic.form, Form) else "by its data"
    kept = ", ".join(word for word, holds in (("for ever", topic.forever), ("anchored", topic.weighty)) if holds)
    return f"| `{topic.name}` | {topic.meaning} | {data} | {_SEEN[topic.seen]} | {told} | {kept} |"
