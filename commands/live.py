"""Live lines: what people follow (`watch`, `feed on`) is told to them as it happens.

Owns one subscription to the bus and an allowance for each connection. What an account
follows is remembered by the account alone, so a reload or a new connection loses nothing.
Refuses to flood: beyond RATE lines a second the rest is counted, and the count is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from agents.events.models import Event
from agents.kernel.clock import Clock
from commands import telling
from commands.layout import count, hint
from commands.throttle import Throttle
from world.screen import plain_choice, show

if TYPE_CHECKING:
    from agents.mind.house import House

RATE, BURST = 10.0, 10
"""Lines a second to one connection, and lines at once."""
PAUSE = 1.0
"""Seconds after which a count of left-out lines is told."""
TOGETHER = 2.0
"""Seconds for which minds that wake or close their eyes are told in one line."""
WATCHING, FEED = "watching", "feed"
"""What an account remembers: slugs it watches, whether it follows the feed."""
CATEGORY = "live"
LEFT = "person.left"
"""Topic of the event that marks when a person's last connection ended: `arrival` counts from it."""
SAID = "as it said"
"""In place of a result that the agent has just spoken."""
ASK_PLAIN = (
    "Plain mode shows one column without colour or decoration, for screen readers and small screens.",
    'Type "plain on" or "plain off"; once you have, you are not asked again, and can change it at any time.',
)


class Live:
    """Tells connected people what they follow."""

    def __init__(
        self,
        clock: Clock,
        sessions: Callable[[], Iterable[Any]],
        later: Callable[[float, Callable[[], None]], object],
        owner: Callable[[Any], bool],
        house: House | None = None,
    ) -> None:
        """`sessions` gives the logged-in connections; `later(seconds, function)` calls back;
        `owner(account)` says whether an account is the owner's; `house` knows the names of rooms.
        """
        self._clock, self._sessions, self._later, self._owner = clock, sessions, later, owner
        self._house = house
        self._lanes: WeakKeyDictionary[Any, Throttle] = WeakKeyDictionary()
        self._stirs: list[Event] = []
        self._said: dict[str, str] = {}

    def tell(self, event: Event) -> None:
        """Show the event to each connection whose account follows it; what stirs, a little later, together."""
        if telling.stirs(event):
            self._stirs.append(event)
            if self._house and {e.agent for e in self._stirs} >= self._house.personas.keys():
                self.flush()  # all have: at a reload there is no later
            elif len(self._stirs) == 1:
                self._later(TOGETHER, self.flush)
            return
        self.flush()
        self._tell([self._once(event)])

    def _once(self, event: Event) -> Event:
        """The event without the words that its agent has just spoken: a report that was said in the open
        is also what its step and its task ended with, and is told once.
        """
        if event.agent and telling.kind_of(event) == "say":
            self._said[event.agent] = str(event.data.get("text", ""))
        said = self._said.get(event.agent or event.actor.removeprefix("agent:"))
        data = dict(event.data)
        if said and data.get("said") == said:
            data["said"] = ""
        if said and data.get("result") == said:
            data["result"] = SAID
        if data == event.data:
            return event
        kept = copy(event)
        kept.data = data
        return kept

    def flush(self) -> None:
        """Tell what was held back, if anything was."""
        held, self._stirs = self._stirs, []
        if held:
            self._tell(held)

    def _tell(self, events: list[Event]) -> None:
        for session in self._sessions():
            account = session.account
            wanted = [e for e in events if account and follows(account, e) and (self._owner(account) or is_public(e))]
            for line in telling.lines(wanted, self._house):
                self._offer(session, line)

    def _offer(self, session: Any, line: str) -> None:
        now = self._clock.monotonic()
        lane = self._lanes.setdefault(session, Throttle(RATE, BURST, now))
        if lane.admit(now):
            show(session, line, kind="feed")
        elif lane.left_out == 1:
            self._later(PAUSE, lambda: self._settle(session, lane))

    def _settle(self, session: Any, lane: Throttle) -> None:
        missed = lane.take_left_out()
        if missed and session.logged_in:
            show(session, hint(f"({count(missed, 'line')} left out; feed {min(missed, 100)} shows them)"), kind="feed")


def follows(account: Any, event: Event) -> bool:
    """Whether the account has asked for this event."""
    watched = account.attributes.get(WATCHING, category=CATEGORY) or ()
    if event.agent and event.agent in watched:
        return telling.is_step_line(event)
    return bool(account.attributes.get(FEED, category=CATEGORY)) and not telling.is_quiet(event)


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

    from typeclasses.actors import actor_of

    global _stop
    uninstall()

    def left(sender: Any, **_: Any) -> None:
        house.events.append(LEFT, actor_of(sender), via="system")

    def came(sender: Any, session: Any = None, **_: Any) -> None:
        if session and plain_choice(sender) is None and not session.protocol_flags.get("SCREENREADER"):
            show(session, ASK_PLAIN)

    live = Live(
        house.runtime.clock,
        lambda: [s for s in SESSION_HANDLER.get_sessions() if s.logged_in],
        lambda seconds, function: reactor.callLater(seconds, function),  # type: ignore[attr-defined]
        lambda account: actor_of(account).kind == "owner",
        house,
    )
    unsubscribe = house.bus.subscribe("**", live.tell)
    signals.SIGNAL_ACCOUNT_POST_LAST_LOGOUT.connect(left, weak=False, dispatch_uid="live-left")
    signals.SIGNAL_ACCOUNT_POST_LOGIN.connect(came, weak=False, dispatch_uid="live-came")

    def stop() -> None:
        unsubscribe()
        live.flush()
        signals.SIGNAL_ACCOUNT_POST_LAST_LOGOUT.disconnect(dispatch_uid="live-left")
        signals.SIGNAL_ACCOUNT_POST_LOGIN.disconnect(dispatch_uid="live-came")

    _stop = stop


def uninstall() -> None:
    """Stop telling; nothing happens when nothing was installed."""
    global _stop
    if _stop is not None:
        _stop()
        _stop = None
