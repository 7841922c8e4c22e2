"""How an agent leaves the world: its body is removed when it no longer has a file.

Owns that one change. Does not delete: the body is kept, and `builder.ensure_bodies` puts it back in its home when
its file returns.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from world import places


def lay_away(known: Collection[str]) -> dict[str, str]:
    """Remove from the world the bodies of agents that no longer have a file; returns their slugs, each with the key of
    the room it was in.

    What such a body held is left in that room.
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
