"""A player's telnet: the engine's own, within bounds.

Owns the longest line and the longest subnegotiation, and what a client may say of its terminal. A line
that is too long is thrown away as it comes, to its end. Refuses MSDP, which the engine's inputs cannot
answer; so it is not offered.
"""

from __future__ import annotations

import re
import zlib
from typing import Any

from evennia.server.portal.mccp import MCCP
from evennia.server.portal.naws import NAWS
from evennia.server.portal.telnet import TelnetProtocol
from evennia.server.portal.telnet_oob import GMCP, MSDP
from evennia.server.portal.ttype import TTYPE
from twisted.conch.telnet import OptionRefused, Telnet
from twisted.internet import defer

from server.wire import inputs
from server.wire.admission import GATE, clock
from server.wire.allowance import Bucket
from server.wire.inputs import Input, Refused
from server.wire.session import Bounded

SUBNEGOTIATION = 8192  # bytes
SKIPPED = {False: 64_000, True: 1_000_000}  # bytes of one line thrown away before the connection is, by logged_in
COMMAND_COST = 20  # bytes that a command takes from the allowance besides its own
SYNCS_A_SECOND = 2.0  # tellings of the terminal's changes to the Server
WINDOW_BITS, MEMORY_LEVEL = 12, 5  # of the compressor: 32 kB a connection, where the engine's has 256
BREAK = re.compile(rb"[\r\n]")


class BoundedTelnet(Bounded, TelnetProtocol):  # type: ignore[misc]
    """A session by telnet."""

    _skipped = 0  # bytes of the present line that were thrown away
    _compressed = False  # whether compression has ever begun

    def connectionMade(self) -> None:
        """A new connection."""
        self._syncs = Bucket(SYNCS_A_SECOND, clock.monotonic())
        super().connectionMade()
        self.begin()

    def connectionLost(self, reason: Any) -> None:
        """The connection is gone; the engine also calls this to close it."""
        self.end()
        super().connectionLost(reason)
        if self.transport.gone:
            self.__dict__.pop("zlib", None)  # which would else wait for the collector of cycles

    def dataReceived(self, data: bytes) -> None:
        """Bytes of any kind."""
        if self.ended:
            return
        try:
            Telnet.dataReceived(self, data)
        except ValueError as error:
            if error.args[:1] != ("Stumped",):  # Twisted's word for a command that is none
                raise
            self.state = "data"
            self.refuse("malformed telnet")
        if len(self.__dict__.get("commands", ())) > SUBNEGOTIATION:
            self.refuse("subnegotiation too long", f"A subnegotiation has at most {SUBNEGOTIATION} bytes.", close=True)

    # -- lines -----------------------------------------------------------------------------
    def applicationDataReceived(self, data: bytes) -> None:
        """Bytes that are text: whole lines and parts of them."""
        if self._skipped:
            end = BREAK.search(data)
            if end is None:
                self._skip(len(data))
                return
            self._skipped, data = 0, data[end.end() :]
            if not data:
                return
        super().applicationDataReceived(data)
        longest = GATE.settings.line_chars
        if len(self.line_buffer) > 4 * longest:  # a character has up to four bytes
            self.refuse("line too long", inputs.too_long(longest))
            self._skip(len(self.line_buffer))
            self.line_buffer = b""

    def _skip(self, count: int) -> None:
        self._skipped += count
        if self._skipped > SKIPPED[bool(self.logged_in)]:
            self.refuse("endless line", "Closed: that line has no end.", close=True)

    def data_in(self, **kwargs: Any) -> None:
        """A line, as the engine cut it."""
        line: bytes = kwargs["text"]
        self.take(lambda: Input("text", (inputs.line(self._decoded(line), GATE.settings.line_chars),)))

    def _decoded(self, line: bytes) -> str:
        encoding = str(self.protocol_flags["ENCODING"])
        try:
            return line.decode(encoding)
        except (UnicodeError, LookupError):
            raise Refused("malformed text", f"That line was not taken: it is not in {encoding}. See: encoding") from None

    # -- what the client says of itself ----------------------------------------------------
    def negotiate(self, data: list[bytes]) -> None:
        """One subnegotiation: the option, then what is said about it."""
        if not data or self.ended:
            return
        option, said = data[0], b"".join(data[1:])
        if option == GMCP:
            self.take(lambda: inputs.of_gmcp(said, GATE.settings.line_chars))
        elif option == NAWS and len(said) == 4:
            self.naws.negotiate_sizes([said[at : at + 1] for at in range(4)])
            if self.protocol_flags.get("AUTORESIZE") and self.handshakes <= 0:
                self._sync()
        elif option == TTYPE and self.ttype.ttype_step:  # the client has agreed to tell
            flags = self.ttype.ttype_step == 3
            self.ttype.will_ttype([inputs.terminal(said.lstrip(b"\0"), flags=flags)])

    def commandReceived(self, command: bytes, argument: bytes | None) -> None:
        """One command of three bytes, which is answered: more work than three letters."""
        self.transport.charge(COMMAND_COST)
        super().commandReceived(command, argument)

    def will(self, option: bytes) -> Any:
        """Offer an option, unless it is MSDP."""
        return defer.fail(OptionRefused(option)) if option == MSDP else super().will(option)

    def disableLocal(self, option: bytes) -> bool:
        """The client wants no more of an option, which is its right."""
        if option == MCCP:
            self.__dict__.pop("zlib", None)
            self.protocol_flags["MCCP"] = False
        return True

    def handshake_done(self, timeout: bool = False) -> None:
        """One option is settled, or the time for that is over; more than there are cannot be."""
        if self.protocol_flags.get("MCCP") and not self._compressed:
            self._compressed, self.zlib = True, zlib.compressobj(6, zlib.DEFLATED, WINDOW_BITS, MEMORY_LEVEL)
        if self.handshakes > 0:
            super().handshake_done(timeout)

    def _sync(self) -> None:
        if self._syncs.spare(1, clock.monotonic()):
            self.sessionhandler.sync(self)
