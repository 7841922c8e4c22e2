"""Live lines: what people follow (`watch`, `feed on`) is told to them as it happens.

Owns one subscription to the bus and an allowance for each connection. What an account
follows is remembered by the account alone, so a reload or a new connection loses nothing.
Refuses to flood: beyond TIMMY_FEED_RATE lines a second the rest is counted, and the count is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.events.models import Event
from agents.governance.rules import Actor
from commands import telling
from commands.layout import count, hint
from commands.sight import sees
from commands.throttle import Throttle
from world.places import key_of
from world.screen import plain_choice, show

if TYPE_CHECKING:
    from agents.mind.house import House

PAUSE = 1.0
"""Seconds after which a count of left-out lines is told; of a second's lines one place is kept for it."""
TOGETHER = 2.0
"""Seconds for which minds that wake or close their eyes are told in one line, and who comes into the world."""
TRIES = 5
"""So often somebody is looked for who could be told of who came: a Server that has just begun does not know
yet who is connected.
"""
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


@dataclass
class _Lane:
    """The allowance of one connection, while it belongs to one account."""

    account: Any
    allowance: Throttle


class Live:
    """Tells connected people what they follow."""

    def __init__(
        self,
        house: House,
        sessions: Callable[[], Iterable[Any]],
        later: Callable[[float, Callable[[], None]], object],
        actor: Callable[[Any], Actor],
    ) -> None:
        """`sessions` gives the logged-in connections; `later(seconds, function)` calls back;
        `actor(account)` says who an account is to the rules.
        """
        self._house, self._sessions, self._later, self._actor = house, sessions, later, actor
        self._stirs: list[Event] = []
        self._news: list[Event] = []
        self._said: dict[str, str] = {}

    def tell(self, event: Event) -> None:
        """Show the event to each connection whose account follows it; what stirs, a little later, together."""
        if telling.is_news(event):
            self._news.append(event)
            if len(self._news) == 1:
                self._later(TOGETHER, self._spread)
            return
        if telling.stirs(event):
            self._stirs.append(event)
            if {e.agent for e in self._stirs} >= self._house.personas.keys():
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

    def end(self) -> None:
        """Tell all that waits to be told, counts of what was left out with it: there is no later."""
        self.flush()
        for session in self._sessions():
            if lane := session.ndb.lane:
                self._settle(session, lane)

    def _spread(self, tries: int = TRIES) -> None:
        """Tell everybody, whatever they follow, who came into the world or left it."""
        sessions = list(self._sessions())
        if not sessions and tries > 1:
            self._later(TOGETHER, lambda: self._spread(tries - 1))
            return
        news, self._news = self._news, []
        for session in sessions:
            show(session, telling.lines(news, self._house), kind="feed")

    def _tell(self, events: list[Event]) -> None:
        for session in self._sessions():
            if account := session.account:
                viewer = self._actor(account)
                wanted = [e for e in events if (follows(account, viewer, e) or stands_by(session, e)) and sees(viewer, e)]
                for line in telling.lines(wanted, self._house):
                    self._offer(session, line)

    def _offer(self, session: Any, line: str) -> None:
        lane: _Lane | None = session.ndb.lane  # kept there, because the engine takes connections from one address for equal
        if lane is None or lane.account is not session.account:
            lane = session.ndb.lane = _Lane(session.account, Throttle(self._house.runtime.settings.feed_rate - 1))
        if lane.allowance.admit(self._house.runtime.clock.monotonic()):
            show(session, line, kind="feed")
        elif lane.allowance.left_out == 1:
            self._later(PAUSE, lambda: self._settle(session, lane))

    def _settle(self, session: Any, lane: _Lane) -> None:
        missed = lane.allowance.take_left_out()
        if missed and session.logged_in and session.account is lane.account:
            show(session, hint(f"({count(missed, 'line')} left out; feed shows what happened last)"), kind="feed")


def follows(account: Any, viewer: Actor, event: Event) -> bool:
    """Whether the account has asked for this event. Who may not know of thoughts watches deeds instead."""
    watched = account.attributes.get(WATCHING, category=CATEGORY) or ()
    if event.agent and event.agent in watched:
        return telling.is_step_line(event) if viewer.kind == "owner" else telling.is_deed(event)
    return bool(account.attributes.get(FEED, category=CATEGORY)) and not telling.is_quiet(event)


def stands_by(session: Any, event: Event) -> bool:
    """Whether it is a thought of an agent in the room where this connection's body stands."""
    if not event.agent or telling.kind_of(event) != telling.THOUGHT:
        return False
    body = session.puppet
    return body is not None and bool(room := key_of(body.location)) and room == event.data.get("room")


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
        house,
        lambda: [s for s in SESSION_HANDLER.get_sessions() if s.logged_in],
        lambda seconds, function: reactor.callLater(seconds, function),  # type: ignore[attr-defined]
        actor_of,
    )
    unsubscribe = house.bus.subscribe("**", live.tell)
    signals.SIGNAL_ACCOUNT_POST_LAST_LOGOUT.connect(left, weak=False, dispatch_uid="live-left")
    signals.SIGNAL_ACCOUNT_POST_LOGIN.connect(came, weak=False, dispatch_uid="live-came")

    def stop() -> None:
        unsubscribe()
        live.end()
        signals.SIGNAL_ACCOUNT_POST_LAST_LOGOUT.disconnect(dispatch_uid="live-left")
        signals.SIGNAL_ACCOUNT_POST_LOGIN.disconnect(dispatch_uid="live-came")

    _stop = stop


def uninstall() -> None:
    """Stop telling; nothing happens when nothing was installed."""
    global _stop
    if _stop is not None:
        _stop()
        _stop = None
