"""A player's telnet: the engine's own, within limits.

Owns the longest line and the longest subnegotiation, what a client may say about its terminal, and which options
are agreed to. A line that is too long is discarded as it arrives, to its end. Does not offer MSDP, which the
engine's inputs cannot answer, and promises nothing that is not done: nothing is echoed, so echo is promised only to
hide a secret.
"""

from __future__ import annotations

import re
import zlib
from typing import Any

from django.conf import settings
from evennia.server.portal.mccp import MCCP, mccp_compress
from evennia.server.portal.naws import NAWS
from evennia.server.portal.suppress_ga import SUPPRESS_GA
from evennia.server.portal.telnet import TelnetProtocol
from evennia.server.portal.telnet_oob import GMCP, MSDP
from evennia.server.portal.ttype import TTYPE
from twisted.conch.telnet import EC, ECHO, EL, LINEMODE, OptionRefused, Telnet
from twisted.internet import defer

from server.wire import inputs
from server.wire.admission import SETTINGS, clock
from server.wire.allowance import Bucket
from server.wire.inputs import Input, Refused
from server.wire.session import Bounded

SUBNEGOTIATION = 8192  # bytes
SKIPPED = {False: 64_000, True: 1_000_000}  # bytes of one line discarded before the connection is closed, by logged_in
COMMAND_COST = 20  # bytes that a command takes from the allowance in addition to its own
SYNCS_A_SECOND = 2.0  # reports of the terminal's changes to the Server
WINDOW_BITS, MEMORY_LEVEL = 12, 5  # of the compressor: 32 kB a connection, where the engine's uses 256
BREAK = re.compile(rb"[\r\n]")
THEIRS = frozenset({LINEMODE, NAWS, SUPPRESS_GA, TTYPE})
"""Options that a client may offer: what it sends then is understood."""
OURS = frozenset({MCCP, SUPPRESS_GA})
"""Options that are enabled when a client asks."""
KEYS = {EC: inputs.TAKE_BACK_CHARACTER[0].encode(), EL: inputs.TAKE_BACK_LINE.encode()}
"""Telnet's own commands that erase typed text, as keys."""


NOT_TEXT = "That line was not taken: it is not in {}. If your client writes Latin-1, type: encoding latin-1"


class BoundedTelnet(Bounded, TelnetProtocol):  # type: ignore[misc]
    """A session by telnet."""

    _skipped = 0  # bytes of the current line that were discarded
    _compressed = False  # whether compression has ever begun
    _secret = False  # whether what is typed now must stay hidden

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
            self.__dict__.pop("zlib", None)  # which would otherwise wait for the garbage collector

    def dataReceived(self, data: bytes) -> None:
        """Bytes of any kind."""
        if self.ended:
            return
        try:
            Telnet.dataReceived(self, data)
        except ValueError as error:
            if error.args[:1] != ("Stumped",):  # Twisted's word for an unknown command
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
        longest = SETTINGS.line_chars
        if len(self.line_buffer) > 4 * longest:  # a character has up to four bytes
            self.refuse("line too long", inputs.too_long(longest))
            self._skip(len(self.line_buffer))
            self.line_buffer = b""

    def _skip(self, count: int) -> None:
        self._skipped += count
        if self._skipped > SKIPPED[bool(self.logged_in)]:
            self.refuse("endless line", "Closed: that line has no end.", close=True)

    def data_in(self, **kwargs: Any) -> None:
        """A line, as cut by the engine."""
        line: bytes = kwargs["text"]
        self.take(lambda: Input("text", (inputs.line(self._decoded(line), SETTINGS.line_chars),)))

    def _decoded(self, line: bytes) -> str:
        encoding = str(self.protocol_flags["ENCODING"])
        if encoding.lower() not in map(str.lower, settings.ENCODINGS):  # an account may have stored an old one
            encoding = "utf-8"
        try:
            return line.decode(encoding)
        except UnicodeError:
            raise Refused("malformed text", NOT_TEXT.format(encoding)) from None

    # -- what the client says of itself ----------------------------------------------------
    def negotiate(self, data: list[bytes]) -> None:
        """One subnegotiation: the option, then its content."""
        if not data or self.ended:
            return
        option, said = data[0], b"".join(data[1:])
        if option == GMCP:
            self.take(lambda: inputs.of_gmcp(said, SETTINGS.line_chars))
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
        if command in KEYS:
            self.applicationDataReceived(KEYS[command])
        else:
            super().commandReceived(command, argument)

    def _write(self, data: bytes) -> None:
        """Telnet's own bytes, none of which ends a line, although the engine takes some to do so."""
        self.transport.write(mccp_compress(self, data))

    def enableRemote(self, option: bytes) -> bool:
        """The client offers an option, which is of use or not."""
        return option in THEIRS and bool(super().enableRemote(option))

    def enableLocal(self, option: bytes) -> bool:
        """The client requests an option: only what is done is promised. It may confirm that it hides what is typed."""
        return option in OURS or (option == ECHO and self._secret)

    def send_text(self, *args: Any, **kwargs: Any) -> None:
        """Text for the client; with the option `echo` it is told to hide what is typed, or to show it again."""
        echo = kwargs.get("options", {}).get("echo")
        if echo is not None:
            self._secret = not echo
        super().send_text(*args, **kwargs)

    def will(self, option: bytes) -> Any:
        """Offer an option, unless it is MSDP."""
        return defer.fail(OptionRefused(option)) if option == MSDP else super().will(option)

    def disableLocal(self, option: bytes) -> bool:
        """The client turns an option off, which is its right."""
        if option == MCCP:
            self.__dict__.pop("zlib", None)
            self.protocol_flags["MCCP"] = False
        return True

    def handshake_done(self, timeout: bool = False) -> None:
        """One option is settled, or the time for that is over; there cannot be more than exist."""
        if self.protocol_flags.get("MCCP") and not self._compressed:
            self._compressed, self.zlib = True, zlib.compressobj(6, zlib.DEFLATED, WINDOW_BITS, MEMORY_LEVEL)
        if self.handshakes > 0:
            super().handshake_done(timeout)

    def _sync(self) -> None:
        if self._syncs.spare(1, clock.monotonic()):
            self.sessionhandler.sync(self)
