"""Whose name something would bear: agents, people, things of the map and the world itself share theirs with nobody.

Owns what makes two names look alike. Refuses to forbid anything: that is asked where names are given.
"""

from __future__ import annotations

import unicodedata

from evennia.accounts.models import AccountDB

from world import places

OWN = ("owner", "system", "server", "the owner", "the system")
"""What the world calls itself and its owner."""
_LOOKS = str.maketrans(
    "аеорсухѕіјԁԛԝһӏкмтвнαεορτυνικχηωβɑɡıi01|!",
    "aeopcyxsljdqwhlkmtbhaeoptuvlkxnwbagllolll",
)
"""Letters and digits, in lower case, that look like another."""


def alike(name: str) -> str:
    """A form that names have in common which a reader takes for one another."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(one))
    return "".join(one for one in plain.translate(_LOOKS) if one.isalnum()).replace("rn", "m").replace("vv", "w")


def bearer(name: str) -> str:
    """Who bears a name like this, in words; '' when nobody does."""
    looks = alike(name)
    if not looks:
        return ""
    if looks in map(alike, OWN):
        return "this world itself"
    if any(looks in (alike(slug), alike(str(body.key))) for slug, body in places.bodies().items()):
        return "an agent"
    if any(
        looks in map(alike, (key, str(thing.key), *thing.aliases.all()))
        for key, thing in places.every(places.THING).items()
    ):
        return "a thing of the map"
    return (
        "a person" if any(looks == alike(one) for one in AccountDB.objects.values_list("username", flat=True)) else ""
    )
