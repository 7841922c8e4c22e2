"""Locks that objects have in common are read once and held once.

Owns the reading of lock strings for our typeclasses: a thousand agents have the same dozen locks, which the
engine parses and holds for each of them. Refuses to share what is changed: then an object has its own.
"""

from __future__ import annotations

import sys
from typing import Any

from evennia.locks.lockhandler import LockHandler
from evennia.utils.utils import lazy_property

Locks = dict[str, tuple[Any, ...]]
MOST = 512
"""So many different lock strings are held."""
_held: dict[str, Locks] = {}


class SharedLocks(LockHandler):  # type: ignore[misc]
    """The engine's handler; what it holds is also held by all objects with the same locks, and never changed."""

    locks: Locks

    def __init__(self, obj: Any) -> None:
        """Read the locks of `obj`."""
        obj.__dict__["db_lock_storage"] = sys.intern(obj.db_lock_storage)
        super().__init__(obj)

    def _parse_lockstring(self, storage_lockstring: str) -> Locks:
        if storage_lockstring not in _held:
            if len(_held) >= MOST:
                _held.clear()
            _held[storage_lockstring] = super()._parse_lockstring(storage_lockstring)
        return _held[storage_lockstring]

    def remove(self, access_type: str) -> bool:
        """Take one lock away, from this object alone; whether it was there."""
        self.locks = dict(self.locks)
        return bool(super().remove(access_type))

    delete = remove


class Sharing:
    """Mixed into a typeclass before the engine's own."""

    @lazy_property
    def locks(self) -> SharedLocks:
        """Its locks."""
        return SharedLocks(self)
