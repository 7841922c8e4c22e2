"""What the code shows to people is plain English, too: no string of three words or more has a bad phrase."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.kernel.location import PROJECT
from tests.unit.test_words_of_docs import found

PACKAGES = ("agents", "commands", "server", "typeclasses", "web", "world")


def _documentation(tree: ast.AST) -> set[int]:
    """The docstrings, and the texts that stand below an attribute in place of one."""
    bodies = (node.body for node in ast.walk(tree) if isinstance(getattr(node, "body", None), list))
    return {id(one.value) for body in bodies for one in body if isinstance(one, ast.Expr)}


def shown(path: Path) -> Iterator[tuple[int, str]]:
    """Each string of a file that is no documentation, with its line; blanks in it are `…`."""
    tree = ast.parse(path.read_text())
    left = _documentation(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            left |= {id(part) for part in node.values}
            yield node.lineno, "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left:
            yield node.lineno, node.value


@pytest.mark.parametrize("package", PACKAGES)
def test_no_string_has_one_of_the_worst_phrases(package: str) -> None:
    wrong = [
        f"{path.relative_to(PROJECT)}:{line}: {problem}"
        for path in sorted((PROJECT / package).rglob("*.py"))
        if "migrations" not in path.parts
        for line, text in shown(path)
        if len(text.split()) > 2
        for problem in found(text)
    ]
    assert not wrong, "\n".join(wrong)
