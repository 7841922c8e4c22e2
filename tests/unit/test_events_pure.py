"""The chain's canonical form, the sanitiser of event data, the bus: pure."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.events import chain
from agents.events.bus import Bus

ROW: dict[str, Any] = {
    "seq": 1,
    "at": datetime(2026, 3, 1, 7, 30, tzinfo=UTC),
    "topic": "task.proposed",
    "actor": "owner:alex",
    "via": "telnet",
    "agent": "",
    "task": 3,
    "approval": None,
    "step": "",
    "data": {"a": [1, "x"]},
    "rows": None,
    "previous": chain.GENESIS,
}


def test_every_column_changes_the_digest():
    base = chain.digest(ROW)
    other = {
        "seq": 2,
        "at": ROW["at"] + timedelta(microseconds=1),
        "topic": "task.edited",
        "actor": "owner:bob",
        "via": "web",
        "agent": "timmy",
        "task": None,
        "approval": 3,
        "step": "S",
        "data": {"a": [1, "y"]},
        "rows": {"step:X": "1"},
        "previous": "1" * 64,
    }
    assert set(other) == set(chain.COLUMNS)
    digests = {chain.digest({**ROW, name: value}) for name, value in other.items()}
    assert len(digests) == len(other)
    assert base not in digests


def test_the_digest_does_not_depend_on_zone_or_order():
    elsewhere = ROW["at"].astimezone(timezone(timedelta(hours=5)))
    assert chain.digest(dict(reversed({**ROW, "at": elsewhere}.items()))) == chain.digest(ROW)


def test_data_is_escaped_visibly_and_secrets_go():
    made = chain.safe({"title": "a\x1b[31mb\u202e\n", "token": "hunter22", "said": "password=hunter22", "n": (1, None)})
    assert made == {
        "title": "a\\x1b[31mb\\u202e\\n",
        "token": "[redacted]",
        "said": "password=[redacted]",
        "n": [1, None],
    }
    assert chain.safe("the password hunter22 was said") == "the password [redacted] was said"


@pytest.mark.parametrize("bad", [object(), Path("/x"), b"bytes", datetime.now(UTC)])
def test_what_is_not_plain_is_refused(bad):
    with pytest.raises(TypeError):
        chain.safe({"x": bad})


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_refused(bad):
    with pytest.raises(ValueError):
        chain.safe([bad])


@pytest.mark.parametrize("topic", ["", "task", "Task.x", "task.", ".x", "a b.c", "a..b", "a." + "b" * 120])
def test_topics_are_checked(topic):
    with pytest.raises(ValueError):
        chain.check_topic(topic)


@pytest.mark.parametrize(
    ("pattern", "topic", "matches"),
    [
        ("**", "task.approved", True),
        ("task.*", "task.approved", True),
        ("task.*", "task.a.b", False),
        ("agent.*.move", "agent.timmy.move", True),
        ("agent.*.move", "agent.timmy.say", False),
        ("agent.**", "agent.timmy.step.done", True),
        ("agent.**", "agents.x", False),
        ("task.approved", "task.approved", True),
        ("task.approved", "task_approved", False),
        ("*.approved", "task.approved", True),
    ],
)
def test_p1_topics_with_wildcards(pattern, topic, matches):
    bus, seen = Bus(), []
    bus.subscribe(pattern, seen.append)
    bus.publish(SimpleNamespace(topic=topic, seq=1))
    assert bool(seen) is matches


def test_p1_a_failing_subscriber_is_logged_and_hurts_nobody(caplog):
    bus, seen = Bus(), []

    def broken(event: object) -> None:
        raise RuntimeError("subscriber is broken")

    bus.subscribe("**", broken)
    bus.subscribe("**", seen.append)
    with caplog.at_level(logging.ERROR):
        bus.publish(SimpleNamespace(topic="a.b", seq=9))
    assert len(seen) == 1
    assert "a.b" in caplog.text
    assert "subscriber is broken" in caplog.text


def test_a_subscription_ends_even_while_it_is_being_told():
    bus, seen = Bus(), []

    def once(event: object) -> None:
        seen.append(event)
        end()

    end = bus.subscribe("**", once)
    bus.publish(SimpleNamespace(topic="a.b", seq=1))
    bus.publish(SimpleNamespace(topic="a.b", seq=2))
    end()
    assert len(seen) == 1
