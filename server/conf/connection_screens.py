"""What a client sees before logging in: one screen, readable by people and screen readers alike."""

from django.conf import settings


def connection_screen() -> str:
    """The screen, requested by the engine."""
    doors = ["Log in:  |wconnect <name> <password>|n"]
    if settings.NEW_ACCOUNT_REGISTRATION_ENABLED:
        doors.append("New:     |wcreate <name> <password>|n")
    doors.append("Help:    |whelp|n      Leave:  |wquit|n")
    return "\n".join(["", f"|w{settings.SERVERNAME}|n", f"{settings.GAME_SLOGAN}.", "", *doors, ""])
