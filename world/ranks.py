"""Ranks: which accounts and bodies have more rights than others, in the tables and in the record.

Owns the reading of both, and the event `rank.changed` for each change that the running world makes. An account is
recorded with its rights and a digest of its password's hash, so that a password set from outside shows. Neither
gives nor removes ranks, and does not record what changed while the world was not running: `compare` reports that.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save
from evennia.accounts.models import AccountDB
from evennia.objects.models import ObjectDB
from evennia.typeclasses.tags import PermissionHandler, Tag, TagHandler

from agents.events.chain import fingerprint, safe
from agents.events.log import WORLD, EventLog
from agents.events.models import Event

CHANGED = "rank.changed"
SHORT = 24
"""Digits of a digest, as for rows."""
State = dict[str, Any]
_log = logging.getLogger("timmy.ranks")


def standing() -> dict[str, State]:
    """Every account, and every body with its own rank, according to the tables."""
    found: dict[str, State] = {}
    for number, name, superuser, staff, active, password, locks in AccountDB.objects.order_by("id").values_list(
        "id", "username", "is_superuser", "is_staff", "is_active", "password", "db_lock_storage"
    ):
        found[f"account {number}"] = {
            "name": name,
            "superuser": superuser,
            "staff": staff,
            "active": active,
            "permissions": [],
            "key": fingerprint(password)[:SHORT],
            "locks": fingerprint(locks)[:SHORT],
        }
    for number, name in _permissions(AccountDB):
        found[f"account {number}"]["permissions"].append(name)
    for relation in ("groups", "user_permissions"):
        through = getattr(AccountDB, relation).through
        for number, other in through.objects.order_by("pk").values_list("accountdb_id", f"{_other(through)}_id"):
            found[f"account {number}"]["permissions"].append(f"{relation}:{other}")
    for number, name in _permissions(ObjectDB):
        found.setdefault(f"body {number}", {"permissions": []})["permissions"].append(name)
    return {of: safe(state) for of, state in found.items()}


def _permissions(table: Any) -> Any:
    tags = table.objects.filter(db_tags__db_tagtype="permission").order_by("id", "db_tags__db_key")
    return tags.values_list("id", "db_tags__db_key")


def _other(through: Any) -> str:
    return next(f.name for f in through._meta.concrete_fields if f.is_relation and f.related_model is not AccountDB)


def logged() -> dict[str, State]:
    """The same according to the record."""
    found: dict[str, State] = {}
    for of, state in Event.objects.filter(topic=CHANGED).order_by("seq").values_list("data__of", "data__set"):
        found[of] = state
    return {of: state for of, state in found.items() if state}


def compare() -> Iterator[tuple[str, str]]:
    """Every account or body whose rank differs from the record: which, and what is wrong in words."""
    if not Event.objects.filter(topic=CHANGED).exists():
        return  # the first start with this version records everything
    log, tables = logged(), standing()
    for of in sorted(log.keys() | tables.keys()):
        said, found = log.get(of), tables.get(of)
        called = f"{of} ({(found or said or {}).get('name') or 'a body'})"
        if said is None:
            yield of, f"{called} stands in the tables with {_told(found)}, and in no event"
        elif found is None:
            yield of, f"{called} is in the record with {_told(said)}, and not in the tables"
        else:
            for name in sorted(said.keys() | found.keys()):
                if said.get(name) != found.get(name):
                    yield (
                        of,
                        f"{called}: {name} is {found.get(name)!r} in the tables and {said.get(name)!r} in the record",
                    )


def _told(state: State | None) -> str:
    held = ", ".join((state or {}).get("permissions", ())) or "no permission"
    return f"the superuser's rank and {held}" if (state or {}).get("superuser") else held


class Watch:
    """Records which ranks the running world changes."""

    def __init__(self, events: EventLog, defer: Callable[[Callable[[], object]], object]) -> None:
        """`defer` runs a function soon on the thread that holds the tables, which is the one that calls this."""
        self._events, self._defer, self._thread = events, defer, threading.get_ident()
        self._seen: dict[str, State] = {}
        self.wrong: tuple[str, ...] = ()

    def begin(self) -> None:
        """The first start records the current state; from now on each change is recorded."""
        self._seen, self.wrong = standing(), tuple(words for _, words in self.compare())
        for one in self.wrong:
            _log.error("ranks are not what the record says: %s", one)
        if not Event.objects.filter(topic=CHANGED).exists():
            with self._events.unit():
                for of, state in self._seen.items():
                    self._append(of, state)
        post_save.connect(self._saved)
        post_delete.connect(self._removed)
        m2m_changed.connect(self._linked)
        watch = self

        def clear(handler: Any, *args: Any, **kwargs: Any) -> None:
            """The engine's, which is the only way to remove links without a signal."""
            TagHandler.clear(handler, *args, **kwargs)
            watch._soon()

        PermissionHandler.clear = clear

    def end(self) -> None:
        """Stop watching."""
        post_save.disconnect(self._saved)
        post_delete.disconnect(self._removed)
        m2m_changed.disconnect(self._linked)
        if "clear" in vars(PermissionHandler):
            del PermissionHandler.clear

    def compare(self) -> Iterator[tuple[str, str]]:
        """Like this module's `compare`."""
        return compare()

    def look(self) -> None:
        """Record what has changed since the last check."""
        now = standing()
        before, self._seen = self._seen, now
        for of in [*now, *(of for of in before if of not in now)]:
            if now.get(of) != before.get(of):
                self._append(of, now.get(of))

    def accept(self, of: list[str]) -> None:
        """Record their current state, on the owner's orders."""
        now = standing()
        for one in of:
            self._append(one, now.get(one))
        self.wrong = tuple(words for _, words in self.compare())

    def _append(self, of: str, state: State | None) -> None:
        self._events.append("rank.changed", WORLD, via="system", data={"of": of, "set": state})

    def _saved(self, sender: Any, instance: Any, update_fields: Any = None, **more: Any) -> None:
        if issubclass(sender, AccountDB) and set(update_fields or ()) != {"last_login"}:
            self._soon()

    def _removed(self, sender: Any, instance: Any, **more: Any) -> None:
        if issubclass(sender, AccountDB) or (issubclass(sender, ObjectDB) and f"body {instance.pk}" in self._seen):
            self._soon()

    def _linked(self, sender: Any, action: str, pk_set: set[int] | None = None, **more: Any) -> None:
        if (
            sender in _LINKS
            and action.startswith("post_")
            and (not pk_set or "tag" not in sender.__name__.lower() or _is_rank(pk_set))
        ):
            self._soon()

    def _soon(self) -> None:
        """At once; for a page's thread, when it has written its change and the world's own thread has a moment."""
        if threading.get_ident() == self._thread:
            self.look()
        else:
            transaction.on_commit(lambda: self._defer(self.look))


def _is_rank(tags: set[int]) -> bool:
    return bool(Tag.objects.filter(pk__in=tags, db_tagtype="permission").exists())


_LINKS = frozenset(
    {
        AccountDB.db_tags.through,
        ObjectDB.db_tags.through,
        AccountDB.groups.through,
        AccountDB.user_permissions.through,
    }
)
