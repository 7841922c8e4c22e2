"""Settings of what people see and of how they log in.

Owns them. Refuses to read the environment: `agents/kernel/settings.py` does.
"""

from __future__ import annotations

from pydantic import Field

from agents.kernel.section import OlderSection


class CommandsSettings(OlderSection):
    """Screens and passwords"""

    feed_rate: int = Field(
        10,
        ge=2,
        le=1000,
        description=(
            "Maximum number of lines per second that one connection is shown of what it follows (`watch`, `feed "
            "on`), 2 to 1000. Lines left out are counted, and the count is shown."
        ),
    )
    login_failures: int = Field(
        5,
        ge=1,
        le=1000,
        description=(
            "Wrong passwords allowed from one address (for IPv6, one 64-bit network) within "
            "`TIMMY_LOGIN_MINUTES`, by telnet, web client and login page together. After that, the address has to"
            " wait."
        ),
    )
    login_name_failures: int = Field(
        20,
        ge=1,
        le=10000,
        description=(
            "Wrong passwords allowed for one name from all addresses together. After that, strangers have to wait"
            " for that name, too, but not the address from which it last logged in since the Server started."
        ),
    )
    login_minutes: float = Field(5, gt=0, le=1440, description="Minutes for which a wrong password counts.")
    login_waiting: int = Field(
        128,
        ge=8,
        le=10000,
        description=(
            "How many passwords may wait to be checked at the same time; one address may have half of them. When "
            "the queue is full, newcomers are told so."
        ),
    )


SECTIONS = (CommandsSettings,)
