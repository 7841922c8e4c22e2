"""Settings of the wire and of the Server's life.

Owns them. Only `agents/kernel/settings.py` reads the environment.
"""

from __future__ import annotations

from pydantic import Field

from agents.kernel.section import OlderSection


class ServerSettings(OlderSection):
    """The wire and the Server"""

    web_hosts: str = Field(
        "",
        pattern=r"^[A-Za-z0-9.:\[\], -]*$",
        description=(
            "Additional host names, separated by commas, under which browsers can reach the web pages, such as "
            "`world.example.org, 192.0.2.7`; `.example.org` stands for all names under it. The machine's own "
            "names (`localhost`, `127.0.0.1`, `[::1]`) and the address in `TIMMY_INTERFACE` always work. Requests"
            " for other names are refused."
        ),
    )
    web_tls: bool = Field(
        False,
        description=(
            "Set this if browsers reach the web by https, through a reverse proxy with a name in "
            "`TIMMY_WEB_HOSTS`. Cookies are then sent only over https."
        ),
    )
    open_registration: bool = Field(False, description="Whether strangers may create accounts at the login screen.")
    connections: int = Field(
        400,
        ge=10,
        le=100_000,
        description=(
            "Maximum number of connections for each of telnet, websocket and web; if one is full, the others "
            "still work. When there is no room, the client that has waited longest without logging in or sending "
            "a request is disconnected; people who are logged in stay. A newcomer is refused, with a message, "
            "only if everybody is logged in."
        ),
    )
    connections_address: int = Field(
        100,
        ge=5,
        le=100_000,
        description=(
            "Maximum number of connections from one address (for IPv6, one 64-bit network) for each of them. The "
            "same number may be opened at once, and half as many each second after that. Behind a reverse proxy "
            "or a tunnel, all clients share its address."
        ),
    )
    login_seconds: float = Field(
        600,
        ge=1,
        le=86400,
        description=(
            "Seconds in which a client has to log in, whatever else it sends. Then the connection is closed, with"
            " a message."
        ),
    )
    web_head_seconds: float = Field(
        10,
        ge=0.2,
        le=600,
        description=(
            "Seconds in which the head of a web request, or the handshake of a websocket, has to arrive. Then the"
            " connection is closed."
        ),
    )
    web_body_seconds: float = Field(90, ge=0.2, le=3600, description="The same for the body of a web request.")
    line_chars: int = Field(
        6000,
        ge=200,
        le=100_000,
        description="Longest line that can be typed, in characters. A longer one is refused, with a message.",
    )
    session_kb: float = Field(
        32,
        ge=1,
        le=100_000,
        description=(
            "Kilobytes that one connection may send in a second, with bursts of twice that. Anything faster is "
            "read later."
        ),
    )
    stranger_kb: float = Field(
        32,
        ge=1,
        le=100_000,
        description=(
            "Kilobytes that all clients at one address who are not logged in may send in a second, with bursts of"
            " twice that. Anything faster is read later."
        ),
    )
    stranger_lines: float = Field(
        20,
        ge=1,
        le=10_000,
        description=(
            "Lines that all clients at one address who are not logged in may send in a second, with bursts of "
            "five times that, so that many can log in together. Anything faster is refused, with a message."
        ),
    )
    web_body_kb: int = Field(
        1024, ge=16, le=100_000, description="Largest body of a request to the web port, in kilobytes."
    )
    hang_seconds: float = Field(
        30,
        ge=5,
        le=3600,
        description=(
            "Seconds without a sign of life after which a Server that had been responding is killed and restarted."
        ),
    )
    boot_seconds: float = Field(
        180, ge=10, le=3600, description="Seconds that a Server may take to respond for the first time."
    )
    lock_seconds: float = Field(
        1,
        ge=0.05,
        le=30,
        description=(
            "Seconds that the world waits for records locked by another program before it refuses a command. "
            "Agents wait without blocking anybody."
        ),
    )
    metrics_token: str = Field(
        "",
        repr=False,
        description=(
            "Token for the Prometheus figures at `/metrics` (the Server's) and `/metrics-portal` (the Portal's, "
            "including what it refused) on the web port. Empty: only this machine can read them. Set: only "
            "clients that send `Authorization: Bearer <token>` can, so set it if a reverse proxy on this machine "
            "forwards requests. The cascade's own `/metrics` accepts it as well, or the token in `cascade-token`,"
            " and always requires one of them."
        ),
    )


SECTIONS = (ServerSettings,)
