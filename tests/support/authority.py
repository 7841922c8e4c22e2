"""What only the owner may change, read from the tables: two readings are equal, or somebody took his power.

Owns the reading and the naming of what differs, and the tripwire that tells of code which ran. Refuses to know who
typed what: `besieged` does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.db import connection

from agents.kernel.location import PROJECT

OURS = ("agents", "commands", "server", "typeclasses", "web", "world")
RANKS = ("guest", "player", "helper", "builder", "admin", "developer")
_ACCOUNT = (
    "password, is_superuser, is_staff, is_active, username, db_lock_storage, db_typeclass_path, db_cmdset_storage"
)
_BODY = (
    "db_key, db_account_id, db_location_id, db_destination_id, db_home_id, db_lock_storage, db_typeclass_path, "
    "db_cmdset_storage"
)
_OWN = (
    "visited",
    "prelogout_location",
    "last_puppet",
    "_last_puppet",
    "_playable_characters",
    "_saved_protocol_flags",
    "last_site",
)
"""What is remembered of one who walks about and comes back."""

Reading = dict[str, dict[Any, Any]]


def _rows(query: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def _of(kind: str, one: int) -> tuple[Any, ...]:
    """Attributes and tags (ranks, aliases and nicks among them) of an object or account, but for what it remembers
    itself.
    """
    tables = {"objects_objectdb": "objectdb", "accounts_accountdb": "accountdb"}
    column = tables[kind] + "_id"
    attributes = _rows(
        f"select a.db_key, a.db_category, a.db_attrtype, a.db_value, a.db_strvalue from typeclasses_attribute a "
        f"join {kind}_db_attributes l on l.attribute_id = a.id where l.{column} = %s order by 1, 2, 3",
        one,
    )
    tags = _rows(
        f"select t.db_tagtype, t.db_category, t.db_key from typeclasses_tag t join {kind}_db_tags l on l.tag_id = t.id "
        f"where l.{column} = %s order by 1, 2, 3",
        one,
    )
    return (
        tuple(row for row in attributes if row[0] not in _OWN and row[1] not in ("screen", "live")),
        tuple(tag for tag in tags if tag[2] != "puppeted"),
    )


def reading(owner: tuple[int, int], agents: Mapping[str, int]) -> Reading:
    """What stands now. `owner`: numbers of his account and body; `agents`: numbers of the agents' bodies."""
    from world import places

    found: Reading = {
        "approval": {
            row[0]: row[1:]
            for row in _rows(
                "select id, proposer, state, verdict, decided_by, decided_via, sealed_until, snoozed_until, "
                "digest, task from agents_approval"
            )
        },
        "task": {
            row[0]: row[1:]
            for row in _rows(
                "select id, proposer, status, priority, assignee, reason, title, description, attempt from agents_task"
            )
        },
        "policy": {row[0]: row[1:] for row in _rows("select name, value, changed_by from agents_policy")},
        "account": {row[0]: row[1:] for row in _rows(f"select id, {_ACCOUNT} from accounts_accountdb")},
        "rank": {row: row[1:] for row in _ranks()},
        "mind": {
            row[0]: row[1:]
            for row in _rows(
                "select s.id, s.db_key, s.db_obj_id, s.db_is_active, s.db_interval, s.db_typeclass_path, "
                "s.db_lock_storage, "
                "(select count(*) from scripts_scriptdb_db_attributes l join typeclasses_attribute a on a.id "
                "= l.attribute_id "
                "where l.scriptdb_id = s.id and a.db_key = '_manually_paused') from scripts_scriptdb s where "
                "s.db_typeclass_path = 'typeclasses.scripts.MindScript'"
            )
        },
        "agent": {},
        "work": dict(
            _rows("select 'steps', count(*) from agents_step union select 'artifacts', count(*) from agents_artifact")
        ),
    }
    for slug, number in agents.items():
        row = _rows(f"select {_BODY} from objects_objectdb where id = %s", number)
        body = places.body(slug)
        found["agent"][slug] = (row, _of("objects_objectdb", number), body.pk if body is not None else None)
    account, body = owner
    found["owner"] = {
        "account": _of("accounts_accountdb", account),
        "body": (_rows(f"select {_BODY} from objects_objectdb where id = %s", body), _of("objects_objectdb", body)),
    }
    found["file"] = dict(_files())
    return found


def identities(people: Iterable[tuple[int, int]], known: Collection[int]) -> dict[Any, Any]:
    """Who each is to the rules: accounts and bodies of people, rooms, things; and of objects that are not `known`,
    those that are somebody, or some place, that was there before.
    """
    from evennia.accounts.models import AccountDB
    from evennia.objects.models import ObjectDB

    from typeclasses.actors import actor_of
    from world import places

    found: dict[Any, Any] = {("room", key): room.pk for key, room in places.rooms().items() if room.pk in known}
    found |= {("thing", places.thing_key(thing)): thing.pk for thing in places.items() if thing.pk in known}
    for account, body in people:
        found |= {("account", one.pk): str(actor_of(one)) for one in AccountDB.objects.filter(pk=account)}
        found |= {
            ("body", one.pk): str(actor_of(one)) for one in ObjectDB.objects.filter(pk=body) if one.sessions.count()
        }
    taken = {str(who).partition(":")[2].lower() for who in found.values() if isinstance(who, str)}
    for one in ObjectDB.objects.filter(pk__gt=max(known, default=0)):
        kind, _, name = str(actor_of(one)).partition(":")
        if kind != "nobody" and (kind in ("agent", "owner") or name.lower() in taken):
            found["new", one.pk] = f"{kind}:{name}"
        for place, key in (("room", places.key_of(one)), ("thing", places.thing_key(one))):
            if (place, key) in found:
                found["new", one.pk, place] = key
    return found


def _ranks() -> Iterator[tuple[Any, ...]]:
    """Who holds which permission of the engine: accounts, and whatever else bears one."""
    for kind, column in (
        ("accounts_accountdb", "accountdb"),
        ("objects_objectdb", "objectdb"),
        ("scripts_scriptdb", "scriptdb"),
    ):
        yield from (
            (kind, *row)
            for row in _rows(
                f"select l.{column}_id, lower(t.db_key) from typeclasses_tag t join {kind}_db_tags l on "
                f"l.tag_id = t.id "
                "where t.db_tagtype = 'permission' order by 1, 2"
            )
            if not (kind == "objects_objectdb" and row[1] == "player")
        )


def _files() -> Iterator[tuple[str, tuple[int, int]]]:
    folders = [str(PROJECT / name) for name in OURS if name != "server"] + [
        str(PROJECT / "server" / "conf"),
        str(PROJECT / "server"),
    ]
    for at, folder in enumerate(folders):
        yield from _below(folder, deep=at < len(folders) - 1)


def _below(folder: str, deep: bool) -> Iterator[tuple[str, tuple[int, int]]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in ("__pycache__", "state") or entry.name.endswith(".pyc"):
                continue
            if entry.is_dir(follow_symlinks=False):
                if deep:
                    yield from _below(entry.path, deep)
            else:
                told = entry.stat(follow_symlinks=False)
                yield entry.path, (told.st_size, told.st_mtime_ns)


def differences(before: Reading, after: Reading) -> Iterator[tuple[str, Any, Any, Any]]:
    """What differs: the part, its key, what it was, what it is (None: nothing)."""
    for part, rows in before.items():
        for key in rows.keys() | after[part].keys():
            was, now = rows.get(key), after[part].get(key)
            if was != now:
                yield part, key, was, now


# -- code that runs -----------------------------------------------------------------------------------------

ran: list[str] = []
"""What the tripwire heard since it was armed."""
armed: list[Path] = []
"""While it is armed: the folders in which files may be written."""
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def trip(*_: Any, **__: Any) -> str:
    """What hostile Python calls: it ran."""
    ran.append("Python that somebody typed was run")
    return "tripped"


def _hear(event: str, told: tuple[Any, ...]) -> None:
    if not armed:
        return
    if event == "exec":
        code = told[0]
        name = getattr(code, "co_filename", "")
        if name.endswith("tripwire.py"):
            ran.append("a file that somebody named by a path was run")
        if (not name or name.startswith("<")) and not name.startswith("<frozen") and code.co_names:
            ran.append(f"code with {code.co_names[:4]}")
    elif event in (
        "subprocess.Popen",
        "os.system",
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "socket.connect",
        "shutil.rmtree",
    ):
        ran.append(f"{event} {str(told[:2])[:200]}")
    elif event in ("open", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.chmod"):
        path = told[0]
        reads = event == "open" and not (isinstance(told[2], int) and told[2] & _WRITES)
        if not reads and isinstance(path, str | bytes) and not _may(os.fsdecode(path)):
            ran.append(f"{event} {os.fsdecode(path)}")


def _may(path: str) -> bool:
    return path.startswith(("/dev/null", *map(str, armed))) or "/__pycache__/" in path


_set: list[bool] = []


def unload() -> None:
    """So that the file which nobody may name is read anew if it is."""
    sys.modules.pop("tests.support.tripwire", None)


def set_tripwire() -> None:
    """Hear, from now on, of code that is made from text, of files that are written and of processes, while `armed`."""
    if not _set:
        _set.append(True)
        sys.addaudithook(_hear)
