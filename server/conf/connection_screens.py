"""What a client sees before it has logged in: one screen, readable by people and readers alike."""

from django.conf import settings

CONNECTION_SCREEN = f"""
|w{settings.SERVERNAME}|n
{settings.GAME_SLOGAN}.

Log in:  |wconnect <name> <password>|n
Help:    |whelp|n      Leave:  |wquit|n
"""
