"""What the engine keeps in mind of objects, once the transaction that changed them was undone.

Owns the forgetting. Does not ask what had been changed, and reads no object that was not touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evennia.objects.models import ObjectDB


def forget(touched: Sequence[tuple[Any, bool]]) -> None:
    """Have the engine's cache hold each object as the tables have it; with True for one that is not there any more."""
    for obj, created in touched:
        if created:
            obj.flush_from_cache(force=True)
        else:
            # The engine's `refresh_from_db` reads its own cache; the columns are read past it.
            obj.__dict__.update(ObjectDB.objects.filter(pk=obj.pk).values().get())
            obj._state.fields_cache.clear()
        for handler in (obj.attributes, obj.tags, obj.aliases):
            handler.reset_cache()
        obj.locks.reset()
    for obj, created in touched:
        for holder in (obj, obj.location) if not created else (obj.location,):
            if holder is not None and holder.pk is not None:
                holder.contents_cache.init()
