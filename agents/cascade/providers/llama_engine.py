"""Which bindings to llama.cpp there are, and what all of them need.

Owns the choice between the bindings, and the schema for the grammar. Loads no native code: each binding's own file
does, and only in the worker's process.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agents.cascade.ports import Fault, ProviderFault
from agents.cascade.providers.engine import Engine

LONGEST_TEXT, MOST_ITEMS, MOST_VALUES = 400, 20, 256
"""Limits that a grammar adds if a schema has none; otherwise small models go on in a text or a list until they are cut
off.
"""

BINDINGS = {"xllamacpp": "engine_xllamacpp", "llama-cpp-python": "engine_llama_cpp"}
"""The bindings in order of preference, each with its file."""
_MODULES = {"xllamacpp": "xllamacpp", "llama-cpp-python": "llama_cpp"}


def installed() -> list[str]:
    """The installed bindings, the preferred one first."""
    return [name for name in BINDINGS if importlib.util.find_spec(_MODULES[name]) is not None]


def load(binding: str, path: Path, context: int, threads: int) -> Engine:
    """Load a model with a binding, or with the first that is installed. Raises ProviderFault."""
    there = installed()
    name = binding or next(iter(there), "")
    if name not in there:
        raise ProviderFault(
            Fault.DEAD,
            f"{name or 'no binding to llama.cpp'} is not installed".replace(
                "no binding to llama.cpp is not", "no binding to llama.cpp is"
            ),
        )
    made: Engine = importlib.import_module(f"agents.cascade.providers.{BINDINGS[name]}").Loaded(path, context, threads)
    return made


def narrowed(schema: Any) -> Any:
    """A schema whose every value also matches `schema`, and which grammars enforce better: texts and lists have a
    maximum length, and integers between close bounds are enumerated (one converter ignores the bounds of numbers).
    """
    if isinstance(schema, list):
        return [narrowed(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    out = {
        key: value if key in ("enum", "const", "default", "examples", "required") else _parts(key, value)
        for key, value in schema.items()
    }
    kind = out.get("type")
    if kind == "string" and not {"enum", "const", "pattern", "format"} & out.keys():
        most = max(LONGEST_TEXT, out.get("minLength", 0))
        out["maxLength"] = min(out.get("maxLength", most), most)
    elif kind == "array":
        most = max(MOST_ITEMS, out.get("minItems", 0))
        out["maxItems"] = min(out.get("maxItems", most), most)
    elif kind == "integer" and not {"enum", "const"} & out.keys():
        low = out.get("minimum", out["exclusiveMinimum"] + 1 if "exclusiveMinimum" in out else None)
        high = out.get("maximum", out["exclusiveMaximum"] - 1 if "exclusiveMaximum" in out else None)
        if isinstance(low, int) and isinstance(high, int) and 0 <= high - low < MOST_VALUES and "multipleOf" not in out:
            return {"enum": list(range(low, high + 1))}
    return out


def _parts(key: str, value: Any) -> Any:
    """What is inside a schema; the keys of `properties` and `$defs` are names, not keywords."""
    if key in ("properties", "$defs", "definitions", "patternProperties") and isinstance(value, Mapping):
        return {name: narrowed(part) for name, part in value.items()}
    return narrowed(value)
