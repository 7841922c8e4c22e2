"""How an agent leaves the world: its body is taken out when no file speaks of it any longer.

Owns that one change. Refuses to delete: the body is kept, and `builder.ensure_bodies` sets it down at home
again when its file is back.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from world import places


def lay_away(known: Collection[str]) -> dict[str, str]:
    """Take out of the world the bodies of agents that no file speaks of any longer; returns their slugs, each with
    the key of the room where it stood.

    What such a body held lies where it stood.
    """
    gone = {}
    for slug, body in places.bodies().items():
        if slug not in known and body.location is not None:
            gone[slug] = places.key_of(body.location)
            with transaction.atomic():
                for thing in body.contents:
                    thing.location = body.location
                body.location = None
    return gone
