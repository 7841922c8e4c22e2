"""The task's state machine, the queue's order, limits: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agents.kernel.errors import BadInput, IllegalTransition
from agents.work import rules

NOW = datetime(2026, 3, 1, tzinfo=UTC)

T2 = {
    "PENDING_APPROVAL": {"APPROVED", "VETOED", "BACKLOGGED"},
    "APPROVED": {"APPROVED", "RUNNING", "PAUSED", "BACKLOGGED", "VETOED"},
    "RUNNING": {"APPROVED", "COMPLETED", "FAILED", "PAUSED"},
    "PAUSED": {"RUNNING", "APPROVED", "BACKLOGGED", "FAILED", "VETOED"},
    "FAILED": {"APPROVED", "BACKLOGGED", "VETOED"},
    "BACKLOGGED": {"PENDING_APPROVAL", "VETOED"},
    "VETOED": {"PENDING_APPROVAL"},
    "COMPLETED": set(),
}


def test_t2_the_table_has_exactly_the_legal_edges():
    assert {(a, b) for a, targets in T2.items() for b in targets} == rules.EDGES
    assert set(rules.STATUSES) == set(T2)


@pytest.mark.parametrize("name", rules.TRANSITIONS)
@pytest.mark.parametrize("status", rules.STATUSES)
def test_t2_everything_else_is_refused_and_the_legal_ones_named(name, status):
    step = rules.TRANSITIONS[name]
    if status in step.sources:
        assert rules.transition(name, status, 7) is step
        return
    with pytest.raises(IllegalTransition) as caught:
        rules.transition(name, status, 7)
    text = str(caught.value)
    assert f"Task 7 is {rules.in_words(status)}" in text
    typed = {t.name for t in rules.TRANSITIONS.values() if status in t.sources and t.command}
    for legal in typed:
        assert legal in caught.value.message
    assert "7" in caught.value.next


def test_t6_urgent_before_high_before_normal_before_low_then_the_oldest():
    waiting = [
        (p, NOW - timedelta(minutes=m), n)
        for n, (p, m) in enumerate(
            [("LOW", 50), ("NORMAL", 5), ("URGENT", 1), ("NORMAL", 9), ("HIGH", 2), ("URGENT", 3)]
        )
    ]
    order = sorted(waiting, key=lambda t: rules.queue_key(*t, now=NOW))
    assert [n for _, _, n in order] == [5, 2, 4, 3, 1, 0]


def test_t6_a_waiting_task_rises_until_it_is_first():
    old = ("LOW", NOW - timedelta(hours=3 * rules.AGE_STEP_HOURS), 1)
    fresh = ("URGENT", NOW - timedelta(seconds=1), 2)
    assert rules.queue_key(*old, now=NOW) < rules.queue_key(*fresh, now=NOW)
    younger = ("LOW", NOW - timedelta(hours=3 * rules.AGE_STEP_HOURS - 1), 1)
    assert rules.queue_key(*younger, now=NOW) > rules.queue_key(*fresh, now=NOW)
    assert rules.effective_priority("URGENT", 1e9) == rules.effective_priority("URGENT", 0) == 3
    assert rules.effective_priority("LOW", -5) == 0


def test_t8_limits_name_the_budget_and_the_stall():
    def limits(steps: int, minutes: float | None) -> str:
        since = None if minutes is None else NOW - timedelta(minutes=minutes)
        return rules.over_limits(steps, since, NOW, budget=50, stall_minutes=30)

    assert limits(49, 29.9) == ""
    assert limits(0, None) == ""
    assert "50 steps" in limits(50, 0)
    assert "30 minutes" in limits(3, 30)


@pytest.mark.parametrize(
    "title", ["Survey a -- b && c", "Survey \x1b[31mred", "Survey \u202eevil", "Survey <b>|lc", "  Zähle 漢字 "]
)
def test_titles_stay_byte_for_byte_within_outer_spaces(title):
    assert rules.check_title(title) == title.strip(" \t")


@pytest.mark.parametrize("title", ["", "   ", "x" * 301, "a\nb", "a\rb", "a\u2028b", "a\x00b", "a\ud800b"])
def test_titles_that_cannot_be_kept_or_shown_on_a_line_are_refused(title):
    with pytest.raises(BadInput):
        rules.check_title(title)


def test_texts_are_bounded():
    assert rules.check_text(" x\ny ", 3, "description") == "x\ny"
    with pytest.raises(BadInput, match="20001"):
        rules.check_text("x" * 20_001, rules.MAX_DESCRIPTION, "description")


@pytest.mark.parametrize("bad", ["", "Timmy!", "-x", "a" * 61, "ti mmy"])
def test_slugs_and_priorities_are_read_strictly(bad):
    with pytest.raises(BadInput):
        rules.check_slug(bad)
    with pytest.raises(BadInput):
        rules.check_priority(bad)
    assert rules.check_slug(" Allegro-Primus ") == "allegro-primus"
    assert rules.check_priority(" urgent") == "URGENT"
