"""The engine's own commands, put on record: who typed which to build, rule or run, by which path, and whether it
changed anything.

Owns the class that all of the engine's commands derive from (`COMMAND_DEFAULT_CLASS`) and the choice of those that
are meant to change what others see. The engine tells of a refusal in words alone, so `person.command` is what wrote or
removed a row while it ran, and `person.tried` what did not: it was typed, and no more is known. Refuses to keep words
in which a secret may stand: all but those of `HARMLESS`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from types import GeneratorType
from typing import Any

from django.db.models.signals import m2m_changed, post_delete, post_save

from agents.kernel.text import shorten
from commands.bounded import Bounded

CATEGORIES = ("admin", "batchprocess", "building", "system")
"""Those of the rest that change something, taking and giving, tell of it themselves."""
HARMLESS = frozenset(
    {
        "copy",
        "create",
        "desc",
        "destroy",
        "dig",
        "examine",
        "find",
        "link",
        "name",
        "objects",
        "open",
        "sethome",
        "teleport",
        "tunnel",
        "unlink",
    }
)
"""Commands of which the words are kept: they name places and things. Of all others the name and the length are."""
LONGEST = 500
"""Characters of what was typed that are kept."""
_written = [0]
"""How many rows of the world this process has written or removed."""


def _count(sender: Any, **more: Any) -> None:
    """Rows of the agents and of web sessions are no part of the world that a command could change."""
    _written[0] += not sender.__module__.startswith("agents.") and sender._meta.app_label != "sessions"


for _signal in (post_save, post_delete, m2m_changed):
    _signal.connect(_count)


class Recorded(Bounded):
    """One of the engine's commands."""

    def at_pre_cmd(self) -> Any:
        """It is about to run: see what comes of it."""
        self.func = partial(self._watched, type(self).func)
        return super().at_pre_cmd()

    def _watched(self, func: Callable[[Recorded], Any]) -> Any:
        self._changed = False
        steps = self._stretch(lambda: func(self))
        if isinstance(steps, GeneratorType):  # it asks something, and goes on with the answer
            return self._asking(steps)
        self._put()
        return steps

    def _asking(self, steps: Generator[Any, Any, Any]) -> Generator[Any, Any, None]:
        answer = None
        while True:
            try:
                asked = self._stretch(steps.send, answer)
            except StopIteration:
                break
            answer = yield asked
        self._put()

    def _stretch(self, go: Callable[..., Any], *given: Any) -> Any:
        """Let it run, and see whether it writes: others do what they do before and after."""
        before = _written[0]
        try:
            return go(*given)
        except StopIteration:
            raise
        except BaseException as error:
            self._changed |= _written[0] != before
            self._put()
            self.own_up(error)
            raise
        finally:
            self._changed |= _written[0] != before

    def _put(self) -> None:
        # The engine reads this file before its own objects are there.
        from typeclasses.callers import put_on_record
        from world.places import key_of

        if self.help_category.lower() not in CATEGORIES:
            return
        name, switches = self.key.lstrip("@"), "".join(f"/{switch}" for switch in getattr(self, "switches", ()))
        typed = self.args.strip()
        words = {"text": shorten(typed, LONGEST)} if name in HARMLESS else {"text": "", "length": len(typed)}
        data = {"command": name + switches, **words, "room": key_of(getattr(self.caller, "location", None))}
        put_on_record(self.caller, "command" if self._changed else "tried", **data)
