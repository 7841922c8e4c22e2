"""What crawlers are told of this world by the Mud Server Status Protocol: what the Portal knows, and nothing else.

Every field that the engine fills in by itself stands here, too, for some of its values are not ours: it counts
connections as players, tells a length of time for an instant, and promises protocols that are not spoken here.
"""

from __future__ import annotations

import evennia
from django.conf import settings
from evennia.utils.utils import get_evennia_version

from agents.kernel.clock import SystemClock

_BORN = int(SystemClock().now().timestamp())


def _players() -> str:
    """How many people are in the world, by however many connections each."""
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
"""As the engine wants it: the fields by name, a function where the answer changes."""
