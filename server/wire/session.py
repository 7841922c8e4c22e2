"""What telnet and websocket sessions have in common: input is checked, counted, and refused in words.

Owns the path of an input from a protocol to the Server, the time a stranger may take to log in, and how a session
is refused. Passes on only the two inputs of `server.wire.inputs`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet import error, reactor

from server.wire.admission import SETTINGS, clock
from server.wire.allowance import Bucket
from server.wire.inputs import Input, Refused

LINES_A_SECOND = {False: 5.0, True: 40.0}  # of one connection, by logged_in; twice that at once
REPEATED = 1.0  # seconds after which the same refusal is repeated
REFUSAL_COST = 200  # bytes that a refusal takes from the allowance: it is more work than the byte that caused it
TOO_FAST = "(not taken: too many lines at once; wait a moment)"
SILENT = "Closed: nobody logged in for {minutes}. Connect again at any time."


class Bounded:
    """Mixed into a protocol of the engine's that is also a session."""

    sessionhandler: Any
    logged_in: bool
    transport: Any
    ended = False
    _said, _said_at = "", 0.0  # the last refusal, and when: a flood is not answered message by message

    @property
    def stranger(self) -> bool:
        """Whether nobody has logged in."""
        return not getattr(self, "logged_in", False)  # which a websocket has from its handshake on

    def begin(self) -> None:
        """The session exists: from now on a stranger's time runs, whatever they say."""
        now = clock.monotonic()
        self._lines = {inside: Bucket(rate, now) for inside, rate in LINES_A_SECOND.items()}
        self._timer = reactor.callLater(SETTINGS.login_seconds, self._late)

    def end(self) -> None:
        """The connection is gone."""
        self.ended = True
        try:
            self._timer.cancel()
        except (AttributeError, error.AlreadyCalled, error.AlreadyCancelled):
            return  # it never began, or its time is over

    def take(self, read: Callable[[], Input | None]) -> None:
        """Parse an input and pass it on, or refuse it in words."""
        if self.ended:
            return
        try:
            wanted = read()
            if not self._in_time():
                raise Refused("too many lines", TOO_FAST)
        except Refused as refused:
            self.refuse(refused.what, str(refused))
            return
        self._said = ""
        if wanted:
            self.sessionhandler.data_in(self, **{wanted.name: [list(wanted.args), wanted.kwargs]})

    def _in_time(self) -> bool:
        now, inside = clock.monotonic(), bool(self.logged_in)
        return self._lines[inside].spare(1, now) and (
            inside or self.transport.gate.lines_of(self.transport.address).spare(1, now)
        )

    def refuse(self, what: str, words: str = "", *, close: bool = False) -> None:
        """Count it, report it (the same words not twice in REPEATED seconds), and disconnect if the connection is of
        no more use.
        """
        self.transport.gate.note(what, self.transport.address)
        self.transport.charge(REFUSAL_COST)
        now = clock.monotonic()
        if words and not self.ended and (words != self._said or now - self._said_at >= REPEATED):
            self._said, self._said_at = words, now
            self.sessionhandler.data_out(self, text=[[words], {}])
        if close:
            self.ended = True
            self.hang_up(words)

    def hang_up(self, words: str) -> None:
        """Close the connection after what was sent has arrived."""
        self.transport.dismiss()

    def give_way(self, why: str) -> None:
        """Close, so that a newcomer has room."""
        self.refuse("too many connections", why, close=True)

    def _late(self) -> None:
        if not self.logged_in and not self.ended:
            limit = SETTINGS.login_seconds
            minutes = f"{limit / 60:.0f} minutes" if limit >= 120 else f"{limit:.0f} seconds"
            self.refuse("nobody logged in", SILENT.format(minutes=minutes), close=True)
