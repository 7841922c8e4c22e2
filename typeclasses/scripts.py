"""Scripts: an agent's mind as the engine sees it.

Owns the switch between the engine's timer and the scheduler of minds: a running script is a
mind that is driven, a paused or stopped one is a mind at rest, and each tick is a thought
tick. Refuses to think: that is `agents.mind`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evennia.scripts.models import ScriptDB
from evennia.scripts.scripts import DefaultScript

from agents.kernel.errors import NotFound
from agents.mind.scheduler import Scheduler
from agents.thinking.service import Thoughts
from typeclasses.sharing import Sharing
from world import ticks
from world.functions import running
from world.places import slug_of

if TYPE_CHECKING:
    from agents.house.house import House


class Script(Sharing, DefaultScript):
    """A script without a use of its own."""


class MindScript(Script):
    """One agent's mind. `interval` is its thought interval, in seconds.

    Pausing it (`pause timmy`, `@scripts/pause #…`) lays the mind to rest, starting it wakes it.
    """

    @property
    def slug(self) -> str:
        """Whose mind it is."""
        return slug_of(self.obj)

    def at_script_creation(self) -> None:
        """It survives restarts, and says what it is in the engine's lists."""
        self.desc = "the mind of an agent: pause suspends it, start wakes it"
        self.persistent = True

    def is_valid(self) -> bool:
        """A mind needs a body."""
        return bool(self.slug)

    @property
    def awake(self) -> bool:
        """Whether it was not paused by hand (a reload pauses it, too, and does not count)."""
        return ticks.wanted(self)

    def at_start(self, **kwargs: Any) -> None:
        """Have the mind driven."""
        self.db._manually_paused = None
        house = running()
        if house is not None and self.slug:
            house.need(Scheduler).resume(self.slug)

    def at_pause(self, auto_pause: bool = False, **kwargs: Any) -> None:
        """Lay it to rest; the pause of a reload is the house's own business. The engine notes that it was by hand only
        where a timer ran.
        """
        if not auto_pause:
            self.db._manually_paused = True
            self._rest()

    def at_stop(self, **kwargs: Any) -> None:
        """Lay it to rest."""
        self._rest()

    def at_script_delete(self) -> bool:
        """Lay it to rest, then let it go."""
        self._rest()
        return True

    def _rest(self) -> None:
        house = running()
        if house is not None and self.slug:
            house.need(Scheduler).pause(self.slug)

    def at_repeat(self, **kwargs: Any) -> None:
        """The thought tick."""
        house = running()
        if house is not None and self.slug:
            house.need(Thoughts).tick(self.slug)


def pause(slug: str) -> None:
    """Lay the agent's mind to rest until `resume`, also over restarts; nothing happens when it rests.

    Raises NotFound when it has none.
    """
    script = _mind_of(slug)
    if script.awake:
        script.pause()


def resume(slug: str) -> None:
    """Wake the agent's mind, whatever it rested for, and have its timer run. Raises NotFound when it has none."""
    script = _mind_of(slug)
    if ticks.running(script):
        script.at_start()
    else:
        script.start()


def revive() -> list[Any]:
    """Start every script that is to run and whose timer does not; returns them. The engine starts those alone that it
    had paused itself, so that one whose Server was killed would never tick again.
    """
    dead = [script for script in ScriptDB.objects.filter(db_is_active=True) if ticks.dead(script)]
    for script in dead:
        script.start()
    return dead


def _mind_of(slug: str) -> MindScript:
    found: MindScript | None = next((script for script in MindScript.objects.all() if script.slug == slug), None)
    if found is None:
        raise NotFound(f"{slug} has no mind in this world.", next="world build")
    return found


def attend(house: House) -> list[str]:
    """Lay to rest, in a house that has just begun, the minds whose scripts were paused or stopped in
    the game; returns their slugs. Scripts start before the house does, so it is told here once. So it is told
    of thought ticks that were missed while the world was down.
    """
    resting = []
    for script in MindScript.objects.all():
        if not script.awake and script.slug in house.need(Scheduler):
            house.need(Scheduler).pause(script.slug)
            resting.append(script.slug)
        elif script.slug in house.need(Scheduler) and house.need(Thoughts).overdue(script.slug):
            house.need(Thoughts).tick(script.slug)
    return resting
