"""Live lines: what people follow (`watch`, `feed on`) is told to them as it happens.

Owns one subscription to the bus and an allowance for each connection. What an account
follows is remembered by the account alone, so a reload or a new connection loses nothing.
Refuses to flood: beyond RATE lines a second the rest is counted, and the count is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from agents.events.models import Event
from agents.kernel.clock import Clock
from commands import telling
from commands.layout import count, hint
from commands.throttle import Throttle
from world.screen import show

if TYPE_CHECKING:
    from agents.mind.house import House

RATE, BURST = 10.0, 10
"""Lines a second to one connection, and lines at once."""
PAUSE = 1.0
"""Seconds after which a count of left-out lines is told."""
WATCHING, FEED, SEEN = "watching", "feed", "seen"
"""What an account remembers: slugs it watches, whether it follows the feed, the last event it knew."""
CATEGORY = "live"


class Live:
    """Tells connected people what they follow."""

    def __init__(
        self,
        clock: Clock,
        sessions: Callable[[], Iterable[Any]],
        later: Callable[[float, Callable[[], None]], object],
        owner: Callable[[Any], bool],
    ) -> None:
        """`sessions` gives the logged-in connections; `later(seconds, function)` calls back;
        `owner(account)` says whether an account is the owner's.
        """
        self._clock, self._sessions, self._later, self._owner = clock, sessions, later, owner
        self._lanes: WeakKeyDictionary[Any, Throttle] = WeakKeyDictionary()

    def tell(self, event: Event) -> None:
        """Show the event to each connection whose account follows it."""
        for session in self._sessions():
            account = session.account
            if account and follows(account, event) and (self._owner(account) or is_public(event)):
                self._offer(session, event)

    def _offer(self, session: Any, event: Event) -> None:
        now = self._clock.monotonic()
        lane = self._lanes.setdefault(session, Throttle(RATE, BURST, now))
        if lane.admit(now):
            show(session, telling.line(event), kind="feed")
        elif lane.left_out == 1:
            self._later(PAUSE, lambda: self._settle(session, lane))

    def _settle(self, session: Any, lane: Throttle) -> None:
        missed = lane.take_left_out()
        if missed and session.logged_in:
            show(session, hint(f"({count(missed, 'line')} left out; feed {min(missed, 100)} shows them)"), kind="feed")


def follows(account: Any, event: Event) -> bool:
    """Whether the account has asked for this event."""
    if account.attributes.get(FEED, category=CATEGORY):
        return True
    watched = account.attributes.get(WATCHING, category=CATEGORY) or ()
    return bool(event.agent) and event.agent in watched


def is_public(event: Event) -> bool:
    """Whether everybody may see it: what an agent does in the open. The rest is the owner's."""
    area, *_, last = event.topic.split(".")
    return area == "agent" and last in ("move", "say", "emote", "take", "drop", "build")


_stop: Callable[[], None] | None = None


def install(house: House) -> None:
    """Begin to tell, in this Server, from this house; replaces what was installed before."""
    from evennia import SESSION_HANDLER
    from evennia.server import signals
    from twisted.internet import reactor

    from commands.adapter import is_owner

    global _stop
    if _stop is not None:
        _stop()

    def left(sender: Any, **_: Any) -> None:
        newest = house.events.last(1)
        sender.attributes.add(SEEN, newest[0].seq if newest else 0, category=CATEGORY)

    live = Live(
        house.runtime.clock,
        lambda: [s for s in SESSION_HANDLER.get_sessions() if s.logged_in],
        lambda seconds, function: reactor.callLater(seconds, function),  # type: ignore[attr-defined]
        is_owner,
    )
    unsubscribe = house.bus.subscribe("**", live.tell)
    signals.SIGNAL_ACCOUNT_POST_LAST_LOGOUT.connect(left, weak=False, dispatch_uid="timmy-seen")

    def stop() -> None:
        unsubscribe()
        signals.SIGNAL_ACCOUNT_POST_LAST_LOGOUT.disconnect(dispatch_uid="timmy-seen")

    _stop = stop
