"""What only the engine can check in a map file: typeclasses, locks, functions, and what a fixture shows.

Owns how each is checked. Changes nothing: an error is a line of text, which `mapfile` reports with its position.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from evennia.locks.lockhandler import LockException, LockHandler
from evennia.objects.models import ObjectDB
from evennia.utils.utils import class_from_module

from world import functions
from world.mapfile import Checks


class _Holder:
    """Something to put a lock on; the engine's own `validate` does not check the functions."""

    lock_storage = ""


def _lock_fault(text: str) -> str:
    try:
        LockHandler(_Holder()).add(text)
    except LockException as error:
        return str(error).removeprefix("Lock: ")
    return ""


def _typeclass_fault(path: str) -> str:
    from evennia.typeclasses.models import TypedObject

    try:
        found = class_from_module(path)
    except ImportError as error:
        return str(error).splitlines()[0][:200] or "it cannot be imported"
    if not (isinstance(found, type) and issubclass(found, TypedObject) and issubclass(found, ObjectDB)):
        return "it is not a typeclass of objects"
    return ""


def _function_fault(key: str) -> str:
    known, problems = functions.discover()
    left_out = {Path(problem.file).stem for problem in problems}  # reported elsewhere; the map is not to blame
    return "" if key in known or key in left_out else f"the functions are {', '.join(sorted(known))}"


def _shows_fault(path: str, line: str) -> str:
    why = getattr(class_from_module(path), "why_not_shown", None)
    return str(why(line)) if why else "only a fixture shows what a verb answers"


ENGINE_CHECKS = Checks(
    typeclass=lru_cache(_typeclass_fault),
    lock=lru_cache(_lock_fault),
    function=_function_fault,
    shows=_shows_fault,
)
