"""What crawlers are told about this world with the Mud Server Status Protocol: what the Portal knows, and nothing
else.

Every field that the engine fills in automatically is here, too, because some of its values are wrong for us: it
counts connections as players, gives a duration where an instant is expected, and promises protocols that we do not
speak.
"""

from __future__ import annotations

import evennia
from django.conf import settings
from evennia.utils.utils import get_evennia_version

from agents.kernel.clock import SystemClock

_BORN = int(SystemClock().now().timestamp())


def _players() -> str:
    """How many people are in the world, however many connections each has."""
    sessions = evennia.PORTAL_SESSION_HANDLER.get_sessions()
    return str(len({session.uid for session in sessions if session.logged_in}))


MSSPTable = {
    "NAME": settings.SERVERNAME,
    "PLAYERS": _players,
    "UPTIME": lambda: str(_BORN),
    "PORT": [str(port) for port in reversed(settings.TELNET_PORTS)],
    "CRAWL DELAY": "-1",
    "CODEBASE": get_evennia_version(mode="pretty"),
    "FAMILY": "Evennia",
    "LANGUAGE": "English",
    "ANSI": "1",
    "UTF-8": "1",
    "GMCP": "1",
    "MCCP": "1",
    "MXP": "1",
    "ATCP": "0",
    "MCP": "0",
    "MSDP": "0",
    "MSP": "0",
    "PUEBLO": "0",
    "SSL": "0",
    "VT100": "0",
    "XTERM 256 COLORS": "0",
    "ZMP": "0",
}
"""What the engine expects: the fields by name, with a function if the answer changes."""
