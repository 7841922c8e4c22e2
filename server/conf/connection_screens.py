"""What a client sees before it has logged in: one screen, readable by people and readers alike."""

from django.conf import settings


def connection_screen() -> str:
    """The screen, asked for by the engine."""
    doors = ["Log in:  |wconnect <name> <password>|n"]
    if settings.NEW_ACCOUNT_REGISTRATION_ENABLED:
        doors.append("New:     |wcreate <name> <password>|n")
    doors.append("Help:    |whelp|n      Leave:  |wquit|n")
    return "\n".join(["", f"|w{settings.SERVERNAME}|n", f"{settings.GAME_SLOGAN}.", "", *doors, ""])
