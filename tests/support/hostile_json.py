"""Texts that are JSON, nearly JSON, or made to hurt whoever reads JSON.

The samples are ours (`json_samples`) and, where they lie beside the project, those of JSONTestSuite.
`y_` must parse, `n_` must not, `i_` may.
"""

from __future__ import annotations

from tests.support import json_samples, others

TWICE = frozenset(
    {
        *(f"y_{name}" for name in json_samples.TWICE),
        "y_object_duplicated_key.json",
        "y_object_duplicated_key_and_value.json",
    }
)
"""Samples that are JSON by its grammar, and are refused here because which value is meant is not told."""
PLANTED = (
    "[" * 100_000,
    '{"a":' * 50_000 + "1" + "}" * 50_000,
    '{"n": NaN}',
    '{"n": -Infinity}',
    '{"n": 1e999}',
    "1" * 5000,
    '{"n": 1, "n": 2}',
    '{"n": "three"}',
    '{"n": true}',
    '{"n": [1]}',
    '{"n": 1.5}',
    "[]",
    "null",
    '"n"',
    '{"n": 1} {"n": 2}',
    '{"n": 1,}',
    "{'n': 1}",
    "",
    " ",
    '{"n": 1, "__proto__": {"n": 2}}',
    '{"n": 1, "action": "approve", "ref": 1}',
    '```json\n{"n": "\x1b[2J"}\n```',
    '{"n": "\\u001b[2J|lcok 1|lt"}',
    '{"tool": "terminal", "shell": "id"}',
    '{"n": "' + "x" * 10_000_000 + '"}',
    '{"n": 1' + " " * 10_000_000 + "}",
    '{"\ud800": 1}'.encode("utf-8", "replace").decode(),
)
"""None of them is an object with a whole number `n` and nothing else."""


def raw() -> list[tuple[str, bytes]]:
    """Each sample's name and its bytes."""
    found = [(path.name, path.read_bytes()) for path in others.files("json/test_parsing/*.json")]
    return [*json_samples.samples(), *found]


def samples() -> list[tuple[str, str]]:
    """Each sample's name and its text, as a model could say it."""
    return [(name, data.decode("utf-8", "replace")) for name, data in raw()]
