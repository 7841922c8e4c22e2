"""The topics of this world: found in every package's `topics.py`, looked up by name, and as conditions for queries.

Owns which topics exist. Refuses events with any other topic, so every event that is written has a description.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import ModuleType

from django.db.models import Q
from django.db.models.functions import Length, Substr
from django.db.models.lookups import In

from agents.events import chain
from agents.events.topic import OF_AGENT, SLUG, Topic, general
from agents.kernel import parts
from agents.kernel.problem import Problem

_BEHIND_SLUG = Substr("topic", Length("agent") + len(OF_AGENT.replace(SLUG, "")) + 1)
"""The part after the agent's slug; positions count from 1."""


@lru_cache(maxsize=1)
def discover() -> tuple[Mapping[str, Topic], list[Problem]]:
    """Every topic by name, and what is wrong with the files that were left out."""
    return parts.of_packages("topics of events", "topics", _held)


def _held(module: ModuleType) -> Iterable[tuple[str, Topic]]:
    topics = getattr(module, "TOPICS", None)
    if not isinstance(topics, tuple) or not all(isinstance(topic, Topic) for topic in topics):
        raise TypeError("it has no TOPICS = (Topic(…), …)")
    return [(topic.name, topic) for topic in topics]


def found() -> Mapping[str, Topic]:
    """Every topic by its name."""
    return discover()[0]


def of(topic: str) -> Topic | None:
    """The declaration of an event's topic; None for events written when other parts were installed."""
    return found().get(general(topic))


@lru_cache(maxsize=65_536)
def check(topic: str) -> str:
    """`topic` itself if it is declared. Raises ValueError."""
    if of(chain.check_topic(topic)) is None:
        raise ValueError(
            f"{general(topic)} is declared nowhere: add it to the topics.py of the package that writes the event"
        )
    return topic


def among(wanted: Callable[[Topic], bool]) -> Q:
    """A condition for the events of the wanted topics."""
    topics = [topic for topic in found().values() if wanted(topic)]
    of_agents = [topic.kind for topic in topics if topic.name.startswith(OF_AGENT)]
    others = [topic.name for topic in topics if not topic.name.startswith(OF_AGENT)]
    return Q(topic__in=others) | Q(topic__startswith="agent.") & Q(In(_BEHIND_SLUG, of_agents))
