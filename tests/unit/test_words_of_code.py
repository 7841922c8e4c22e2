"""What the code shows to people is plain English, too: no string of three words or more has a bad phrase.

Nor has any docstring or comment of the packages that were read for it.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.kernel.location import PROJECT
from tests.unit.test_words_of_docs import found

PACKAGES = ("agents", "commands", "server", "typeclasses", "web", "world")
READ = (
    *("cascade", "events", "goap", "governance", "house", "kernel", "language", "selfmod", "work"),
    *("server", "web", "world"),
)
"""Packages, by folder in `agents` or in the project, whose docstrings and comments are in plain English."""

HOME_MADE = ((r"\bRefuses? to know\b", "does not know"),)
"""Phrases that only docstrings have had, each with what to say instead."""


def _documentation(tree: ast.AST) -> dict[int, ast.Constant]:
    """The docstrings, and the texts below an attribute in place of one."""
    bodies = (node.body for node in ast.walk(tree) if isinstance(getattr(node, "body", None), list))
    texts = (one.value for body in bodies for one in body if isinstance(one, ast.Expr))
    return {id(one): one for one in texts if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def shown(path: Path) -> Iterator[tuple[int, str]]:
    """Each string of a file that is not documentation, with its line; blanks in it are `…`."""
    tree = ast.parse(path.read_text())
    left = set(_documentation(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            left |= {id(part) for part in node.values}
            yield node.lineno, "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left:
            yield node.lineno, node.value


def explained(path: Path) -> Iterator[tuple[int, str]]:
    """Each docstring and line of comment of a file, with its line."""
    text = path.read_text()
    for node in _documentation(ast.parse(text)).values():
        yield node.lineno, " ".join(str(node.value).split())
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _sources(folder: Path) -> list[Path]:
    """The modules of a package; its migrations are history."""
    return [path for path in sorted(folder.rglob("*.py")) if "migrations" not in path.parts]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_string_has_one_of_the_worst_phrases(package: str) -> None:
    wrong = [
        f"{path.relative_to(PROJECT)}:{line}: {problem}"
        for path in _sources(PROJECT / package)
        for line, text in shown(path)
        if len(text.split()) > 2
        for problem in found(text)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("package", READ)
def test_no_docstring_or_comment_has_one_of_the_worst_phrases(package: str) -> None:
    folder = PROJECT / package if (PROJECT / package).is_dir() else PROJECT / "agents" / package
    sources = _sources(folder)
    assert sources
    wrong = [
        f"{path.relative_to(PROJECT)}:{line}: {problem}"
        for path in sources
        for line, text in explained(path)
        for problem in (*found(text), *(better for worst, better in HOME_MADE if re.search(worst, text)))
    ]
    assert not wrong, "\n".join(wrong)
