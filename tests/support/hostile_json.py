"""Texts that are JSON, nearly JSON, or made to hurt whoever reads JSON.

The samples of JSONTestSuite are read from ../shared/data and not kept here: `y_` must parse, `n_` must not, `i_` may.
"""

from __future__ import annotations

import pytest

from agents.kernel.location import PROJECT

SAMPLES = PROJECT.parent / "shared" / "data" / "json" / "test_parsing"
TWICE = frozenset({"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"})
"""Samples that are JSON by its grammar, and are refused here because which value is meant is not told."""
PLANTED = (
    "[" * 100_000, '{"a":' * 50_000 + "1" + "}" * 50_000, '{"n": NaN}', '{"n": -Infinity}', '{"n": 1e999}', "1" * 5000, '{"n": 1, "n": 2}',
    '{"n": "three"}', '{"n": true}', '{"n": [1]}', '{"n": 1.5}', "[]", "null", '"n"', '{"n": 1} {"n": 2}', '{"n": 1,}', "{'n': 1}", "", " ",
    '{"n": 1, "__proto__": {"n": 2}}', '{"n": 1, "action": "approve", "ref": 1}', '```json\n{"n": "\x1b[2J"}\n```', '{"n": "\\u001b[2J|lcok 1|lt"}',
    '{"tool": "terminal", "shell": "id"}', '{"n": "' + "x" * 10_000_000 + '"}', '{"n": 1' + " " * 10_000_000 + "}", '{"\ud800": 1}'.encode("utf-8", "replace").decode(),
)  # fmt: skip
"""None of them is an object with a whole number `n` and nothing else."""


def samples() -> list[tuple[str, str]]:
    """Each sample's name and its text, as a model could say it. Skips the test where the folder is not there."""
    if not SAMPLES.is_dir():
        pytest.skip("the folder ../shared/data/json is not there")
    found = [(path.name, path.read_bytes().decode("utf-8", "replace")) for path in sorted(SAMPLES.glob("*.json"))]
    assert len(found) > 300
    return found
