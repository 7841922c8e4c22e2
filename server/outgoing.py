"""Everything that the Server sends to clients: the last place before the link to the Portal.

Owns that text is rendered for its client here unless the world's screen has done so, and that the Portal parses
nothing. Does not take a caller's word for it: the type says whether a text is rendered.
"""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from evennia.server.sessionhandler import ServerSessionHandler

from world.foreign import harmless, rendered
from world.screen import Profile, Rendered, is_plain, profile_of

_DECORATION = re.compile(settings.SCREENREADER_REGEX_STRIP)
AS_IT_IS = {"raw": True, "client_raw": True, "screenreader": False}


class RenderingSessions(ServerSessionHandler):
    """The Server's sessions."""

    def data_out(self, session: Any, **kwargs: Any) -> None:
        """Send to one client."""
        super().data_out(session, **ready(session, kwargs))


def ready(session: Any, sent: dict[str, Any]) -> dict[str, Any]:
    """What is sent to a session, with its text rendered and everything active removed from the rest."""
    options = sent.get("options") or {}
    profile, raw, plain = profile_of(session), bool(options.get("raw")), is_plain(session)
    made = {
        key: _told(value, profile, raw, plain=plain) if key in ("text", "prompt") else harmless(value)
        for key, value in sent.items()
    }
    return {**made, "options": {**options, **AS_IT_IS}}


def _told(value: Any, profile: Profile, raw: bool, *, plain: bool) -> Any:
    """Text in any of the engine's forms (a string, or first in a sequence), rendered."""
    if not value or isinstance(value, Rendered):
        return value
    if isinstance(value, (list, tuple)):
        first, *rest = value
        return [
            _told(first, profile, raw, plain=plain),
            *(one if isinstance(one, Rendered) else harmless(one) for one in rest),
        ]
    text = str(value)
    return rendered(_DECORATION.sub("", text) if plain else text, profile, raw=raw)
