"""What a builder may give to what he builds: names, attributes, locks, typeclasses, prototypes.

Owns these rules as data; each tells what is wrong, or ''. A name that code gives a meaning is no free attribute, and a
lock that was set grants nothing that its setter lacks. Refuses to know who asks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agents.kernel.text import shorten, visible

TEXTS = frozenset({"desc", "err_traverse", "get_err_msg"})
"""Attributes that are shown to people: words and nothing else."""
MEANT = frozenset(
    {
        "function",
        "awaits",
        "area",
        "at",
        "file",
        "shows",
        "sky",
        "seasons",
        "built",
        "visited",
        "creator_id",
        "creator_ip",
        "evmenu_target",
        "prelogout_location",
        "pagelast",
        "muted",
        "last_cmd",
    }
)
"""Attributes that the code of this world or of the engine reads and acts upon."""
CATEGORIES = frozenset({"map"})
ACCESS = frozenset({"get", "drop", "give", "traverse", "view"})
"""Kinds of access that a builder locks. None of them lets anybody change, rule or be something."""
LOCKS = frozenset({"all", "true", "none", "false", "id", "dbref", "perm", "pperm", "holds", "may"})
TYPECLASSES: Mapping[str, frozenset[str]] = {
    "object": frozenset({"typeclasses.objects.Object", "typeclasses.objects.Item", "typeclasses.objects.Fixture"}),
    "room": frozenset({"typeclasses.rooms.Room"}),
    "exit": frozenset({"typeclasses.exits.Exit"}),
}
ABOUT = frozenset({"prototype_key", "prototype_desc", "prototype_tags", "prototype_locks"})
"""What a prototype says of itself."""
NO_PART = frozenset(
    {"prototype_parent", "location", "home", "destination", "permissions", "locks", "exec", "ndb", "nattributes"}
)
"""Parts of a prototype that make something a person of rank, put it elsewhere, or run something."""
LONGEST_NAME = 80

_LOCK = re.compile(r"(\w+)\s*:(.*)", re.DOTALL)
_CALL = re.compile(r"\b(\w+)\s*\(")


def of_the_map(obj: Any) -> bool:
    """Whether it is known by a key: of the map, built by an agent, or exported once."""
    from world.places import identity_of

    return bool(identity_of(obj)[0])


def name_fault(name: str) -> str:
    """Of a name that is given to what is built."""
    from typeclasses.names import bearer

    if len(name) > LONGEST_NAME:
        return f"A name has at most {LONGEST_NAME} characters; that one has {len(name)}."
    whose = bearer(name)
    return f"'{_shown(name)}' is too similar to the name of {whose}; nothing else may be called that." if whose else ""


def meaning_fault(name: str, category: str | None = None) -> str:
    """Of an attribute that is set or taken away, whatever it holds."""
    base = name.lower().partition("[")[0].strip()
    if base in MEANT or base.startswith("_") or (category or "").lower() in CATEGORIES:
        return f"'{_shown(name)}' has a meaning for the world itself, and cannot be set by hand."
    return ""


def attribute_fault(name: str, value: Any, category: str | None = None) -> str:
    """Of an attribute that is set to `value`, by an index into it too (`details['door']`)."""
    if fault := meaning_fault(name, category):
        return fault
    base, indexed, _ = name.strip().lower().partition("[")
    if base in TEXTS and not isinstance(value, str):
        return f"'{_shown(name)}' must be text."
    if base == "details" and not _detailed(value, bool(indexed)):
        return '\'details\' are nouns with what is seen of each: {"door": "Oak."}.'
    return ""


def _detailed(value: Any, indexed: bool) -> bool:
    return (
        isinstance(value, str)
        if indexed
        else isinstance(value, dict) and all(isinstance(one, str) for pair in value.items() for one in pair)
    )


def lock_fault(text: str) -> str:
    """Of a definition of locks."""
    for part in text.split(";"):
        if not part.strip():
            continue
        told = _LOCK.fullmatch(part.strip())
        if told is None or told[1].lower() not in ACCESS:
            return f"'{_shown(part.strip())}' cannot be locked by a builder. These can: {', '.join(sorted(ACCESS))}."
        if odd := [call for call in _CALL.findall(told[2]) if call not in LOCKS]:
            return f"A builder's locks do not ask '{_shown(odd[0])}'; they ask {', '.join(sorted(LOCKS))}."
    return ""


def typeclass_fault(path: str, kind: str = "object") -> str:
    """Of a typeclass, by its whole path."""
    granted = TYPECLASSES.get(kind, frozenset())
    return "" if path in granted else f"'{_shown(path)}' is none of {', '.join(sorted(granted))}."


def prototype_fault(prototype: Mapping[str, Any]) -> str:
    """Of a prototype from which something is to be made: a thing with names, words and tags, all written out."""
    faults = (_part_fault(str(key), value) for key, value in prototype.items() if key not in ABOUT)
    return next(filter(None, faults), "")


def _part_fault(key: str, value: Any) -> str:
    if "$" in repr(value) or callable(value):
        return f"'{_shown(key)}' would have to be computed; a builder has to write it out."
    if key in NO_PART or key.startswith("ndb"):
        return f"A builder's prototypes have no '{_shown(key)}'." if value else ""
    if key == "typeclass":
        return typeclass_fault(str(value))
    if key not in LISTS:
        return name_fault(str(value)) if key == "key" else attribute_fault(key, value)
    told = [value] if isinstance(value, str) else value
    least = LISTS[key]
    if not isinstance(told, (list, tuple)) or not all(
        isinstance(one, str) if not least else isinstance(one, (str, list, tuple)) for one in told
    ):
        return f"'{_shown(key)}' is a list."
    if key == "aliases":
        return next(filter(None, map(name_fault, told)), "")
    if key == "attrs" and not all(isinstance(one, (list, tuple)) and len(one) in (2, 3, 4) for one in told):
        return "'attrs' are lists of a name and a value."
    return next(filter(None, (attribute_fault(str(one[0]), *one[1:3]) for one in told)), "") if key == "attrs" else ""


LISTS = {"aliases": 0, "tags": 1, "attrs": 1}
"""Parts of a prototype that are lists: of words, or of words and tuples."""


def _shown(text: str) -> str:
    return visible(shorten(text, 40))
