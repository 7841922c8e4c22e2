"""Live lines: what people follow (`watch`, `feed on`) is told to them as it happens.

Owns one subscription to the bus and an allowance for each connection, which alone remembers what it follows
(`commands.connection`). What was seen in the room where somebody stands is not told to him again.
Refuses to flood: beyond TIMMY_FEED_RATE lines a second the rest is counted, and the count is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from agents.events.models import Event
from agents.events.topic import kind_of
from agents.governance.allowance import DEED
from agents.governance.rules import Actor
from agents.kernel.errors import NotAllowed
from commands import guide, telling
from commands.connection import FEED, WATCHING, recall
from commands.layout import count, hint
from commands.settings import CommandsSettings
from commands.sight import sees
from commands.throttle import Throttle
from commands.welcome import CAME, LEFT
from world.places import key_of
from world.screen import plain_choice, show

if TYPE_CHECKING:
    from agents.house.house import House

PAUSE = 1.0
"""Seconds after which a count of left-out lines is told; of a second's lines one place is kept for it."""
TOGETHER = 2.0
"""Seconds for which minds that wake or close their eyes are told in one line, and who comes into the world."""
TRIES = 5
"""So often somebody is looked for who could be told of who came: a Server that has just begun does not know
yet who is connected.
"""
CATEGORY = "live"
ASK_PLAIN = (
    "Plain mode shows one column without colour or decoration, for screen readers and small screens.",
    'Type "plain on" or "plain off"; you will not be asked again, and can change it at any time.',
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
        self._seen: dict[str, tuple[str, set[str]]] = {}
        """In which step each agent was seen doing something last, and in which rooms."""

    def tell(self, event: Event) -> None:
        """Show the event to each connection that follows it; what stirs, a little later, together."""
        if telling.is_news(event):
            self._news.append(event)
            if len(self._news) == 1:
                self._later(TOGETHER, self._spread)
            return
        if telling.stirs(event):
            self._stirs.append(event)
            if {e.agent for e in self._stirs} >= self._house.roster.keys():
                self.flush()  # all have: at a reload there is no later
            elif len(self._stirs) == 1:
                self._later(TOGETHER, self.flush)
            return
        self.flush()
        if rooms := _rooms(event):
            self._seen[event.agent] = (event.step, rooms)
        self._tell([self._once(event)])
        for session in self._sessions():
            if session.account and (said := guide.note(self._house, session, event)):
                self._later(0, partial(show, session, said, kind="feed"))

    def _once(self, event: Event) -> Event:
        """The event without the words that its agent has just spoken: a report that was said in the open
        is also what its step and its task ended with, and is told once.
        """
        if event.agent and kind_of(event.topic) == "say":
            self._said[event.agent] = str(event.data.get("text", ""))
        said = self._said.get(event.agent or event.actor.removeprefix("agent:"))
        data = dict(event.data)
        if said and data.get("said") == said:
            data["said"] = ""
        if said and data.get("result") == said:
            data |= {"result": "", "outcome": ""}
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
                wanted = [
                    e
                    for e in events
                    if (follows(session, viewer, e) or stands_by(session, viewer, e))
                    and sees(viewer, e)
                    and not self._in_sight(session, e)
                ]
                for line in telling.lines(wanted, self._house):
                    self._offer(session, line)

    def _in_sight(self, session: Any, event: Event) -> bool:
        """Whether it was shown already in the room where this connection's body stands: the deed itself, or the step
        that it was done in.
        """
        rooms = _rooms(event)
        if telling.form_of(event).told == "step":
            step, seen = self._seen.get(event.agent, ("", set()))
            rooms = seen if step and step == event.step else set()
        return bool(rooms) and session.puppet is not None and key_of(session.puppet.location) in rooms

    def _offer(self, session: Any, line: str) -> None:
        lane: _Lane | None = (
            session.ndb.lane
        )  # kept there, because the engine takes connections from one address for equal
        if lane is None or lane.account is not session.account:
            most = self._house.runtime.settings.of(CommandsSettings).feed_rate
            lane = session.ndb.lane = _Lane(session.account, Throttle(most - 1))
        if lane.allowance.admit(self._house.runtime.clock.monotonic()):
            show(session, line, kind="feed")
        elif lane.allowance.left_out == 1:
            self._later(PAUSE, lambda: self._settle(session, lane))

    def _settle(self, session: Any, lane: _Lane) -> None:
        missed = lane.allowance.take_left_out()
        if missed and session.logged_in and session.account is lane.account:
            show(session, hint(f"({count(missed, 'line')} left out; feed shows what happened last)"), kind="feed")


def follows(session: Any, viewer: Actor, event: Event) -> bool:
    """Whether the connection has asked for this event. Who may not know of thoughts watches deeds instead."""
    watched = recall(session, WATCHING) or ()
    if event.agent and event.agent in watched:
        return telling.is_step_line(event) if viewer.kind == "owner" else telling.is_deed(event)
    return bool(recall(session, FEED)) and not telling.is_quiet(event)


def _rooms(event: Event) -> set[str]:
    """The rooms in which an agent was seen doing it; none where nobody can see it."""
    if not event.agent or telling.form_of(event).told not in ("deed", "gesture"):
        return set()
    return {str(event.data[end]) for end in ("room", "from", "to", "beside") if event.data.get(end)}


def stands_by(session: Any, viewer: Actor, event: Event) -> bool:
    """Whether it is an agent's thought, or another person's deed, in the room where this connection's body stands."""
    by_another = telling.is_by_hand(event) and event.actor != str(viewer)
    if not by_another and not telling.is_thought(event):
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
        actor = actor_of(sender)
        with suppress(NotAllowed):  # who comes and goes all day long is put on record so often, and no oftener
            house.governance.allowance.take(actor, DEED)
            house.events.append(LEFT, actor, via="system")

    def came(sender: Any, session: Any = None, **_: Any) -> None:
        actor = actor_of(sender)
        if not Event.objects.filter(topic__in=(CAME, LEFT), actor=str(actor)).exists():
            house.events.append(CAME, actor, via="system")
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
