"""What the Server hands to the house when it puts the world together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet import reactor

from agents.house import house as houses
from agents.kernel.problem import Problem
from commands import verbs
from server import composition
from world import functions


class Seen(Exception):
    """The house was asked for: no more is needed."""


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, Any]]:
    """Composes as far as the house; what it is built with."""
    given: dict[str, Any] = {}

    def build(*parts: Any, **more: Any) -> None:
        given.update(more)
        raise Seen

    def compose() -> dict[str, Any]:
        with pytest.raises(Seen):
            composition.start()
        return given

    monkeypatch.setattr(houses, "build", build)
    monkeypatch.setattr("world.builder.ensure_world", lambda: None)
    return compose


def test_files_of_rooms_and_verbs_that_are_left_out_are_told_by_the_house(
    handed: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    of_room, of_verb = (Problem("", f"{what}.py", 3, "no", what) for what in ("room function", "verb"))
    monkeypatch.setattr(functions, "discover", lambda: ({}, [of_room]))
    monkeypatch.setattr(verbs, "discover", lambda: ({}, [of_verb]))
    assert handed()["problems"] == [of_room, of_verb]


def test_what_fails_in_a_thread_is_filed_by_the_reactors(handed: Callable[[], dict[str, Any]]) -> None:
    assert handed()["defer"] == reactor.callFromThread  # type: ignore[attr-defined]
