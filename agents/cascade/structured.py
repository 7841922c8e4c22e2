"""Answers that must be JSON of a certain form.

Owns the strict parsing of such an answer and its validation against a schema. Refuses numbers that are not finite,
repeated keys, excessive nesting and size, and schemas that are invalid or would have to be fetched.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, best_match
from referencing import Registry
from referencing.exceptions import Unresolvable

from agents.kernel.errors import BadInput
from agents.kernel.text import clean, shorten

LONGEST, DEEPEST, LARGEST_SCHEMA = 1_000_000, 32, 32_000
"""Maximum characters of an answer, levels of nesting in it, characters of a schema."""
type Checker = Draft202012Validator
"""A validator for one schema."""
_MARKS = re.compile(r'"(?:[^"\\]+|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
"""Strings, terminated or not, and brackets outside them; it never looks at a character twice."""
_FENCE = re.compile(r"\A```(?:json)?[ \t]*\n(.*)\n```\Z", re.DOTALL)


class Wrong(ValueError):
    """The answer is not what was requested; the text says why, and may be shown to the model."""


def read(text: str) -> Any:
    """The value of a text that is nothing but JSON (a code fence around it is removed). Raises Wrong."""
    if len(text) > LONGEST:
        raise Wrong(f"it has {len(text):,} characters, at most {LONGEST:,} are read")
    text = bare(text)
    if depth(text) > DEEPEST:
        raise Wrong(f"it is nested more than {DEEPEST} levels deep")
    try:
        return json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite, parse_int=_short
        )
    except json.JSONDecodeError as error:
        raise Wrong(f"it is not JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise Wrong("it is nested too deeply") from None


def bare(text: str) -> str:
    """The text without the code fence that small models like to put around it."""
    text = text.strip()
    return fenced[1] if (fenced := _FENCE.match(text)) else text


def depth(text: str) -> int:
    """How deeply brackets outside strings are nested; counting stops at the limit."""
    level = deepest = 0
    for mark in _MARKS.finditer(text):
        first = mark[0][0]
        if first in "[{":
            level += 1
            deepest = max(deepest, level)
            if deepest > DEEPEST:
                break
        elif first in "]}":
            level -= 1
    return deepest


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise Wrong(f"the key {shorten(clean(key, keep_lines=False), 60)!r} appears twice")
        made[key] = value
    return made


def _no_number(word: str) -> Any:
    raise Wrong(f"{word} is not a JSON number")


def _finite(word: str) -> float:
    number = float(word)
    if not math.isfinite(number):
        raise Wrong(f"the number {shorten(word, 40)} is too large")
    return number


def _short(word: str) -> int:
    if len(word) > 300:
        raise Wrong(f"the number {shorten(word, 40)} is too long")
    return int(word)


def validator(schema: Mapping[str, Any]) -> Checker:
    """A validator of answers against `schema`. Raises BadInput for an invalid schema."""
    try:
        size = len(json.dumps(schema, allow_nan=False))
        if size > LARGEST_SCHEMA:
            raise BadInput(f"The JSON schema has {size:,} characters, at most {LARGEST_SCHEMA:,} are taken.")
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise BadInput(f"That is not a JSON schema: {_line(error.message)}.") from None
    except (TypeError, ValueError, RecursionError):
        raise BadInput("That is not a JSON schema.") from None
    made: Checker = Draft202012Validator(schema, registry=Registry())  # an empty registry: nothing is ever fetched
    return made


def check(text: str, schema: Checker) -> Any:
    """The value of `text`, which matches the schema. Raises Wrong."""
    value = read(text)
    try:
        error = best_match(schema.iter_errors(value))
    except Unresolvable:
        raise Wrong("the schema refers to another one, which is missing") from None
    except RecursionError:
        raise Wrong("it is nested too deeply for its schema") from None
    if error is not None:
        where = "/".join(map(str, error.absolute_path)) or "the whole"
        raise Wrong(f"{_line(where)}: {_line(error.message)}")
    return value


def repair(why: str) -> str:
    """What a model is told after a wrong answer."""
    return f"Your answer was refused: {why}. Answer again with nothing but JSON that meets the schema."


def _line(text: str) -> str:
    return shorten(clean(text, keep_lines=False), 200)
