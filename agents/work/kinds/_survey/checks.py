"""What is certainly wrong in a single file: syntax, unresolved merges, links to nowhere.

Owns the judgement of single files, from their bytes alone. Never runs what it reads.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib

CONFLICT = re.compile(rb"^(?:(<{7}) .*|(={7})\r?|(>{7}) .*)$", re.MULTILINE)
JSON_WITH_COMMENTS = re.compile(
    r"(^|/)(\.vscode|\.devcontainer)/|(^|/)([tj]sconfig[^/]*|devcontainer|\.eslintrc|api-extractor)\.json$"
)


def binary(data: bytes) -> bool:
    """Git's own rule: a NUL among the first 8,000 bytes."""
    return b"\0" in data[:8000]


def python_tests(data: bytes) -> int:
    """Functions and methods named `test…`, at module level or in a class."""
    body, found = list(ast.parse(data).body), 0
    while body:
        node = body.pop()
        if isinstance(node, ast.ClassDef):
            body.extend(node.body)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found += node.name.startswith("test")
    return found


def conflict(data: bytes) -> int:
    """The line where the first unresolved merge begins (its three marks in order); 0 if there is none."""
    begun, divided = 0, False
    for mark in CONFLICT.finditer(data):
        if mark[1]:
            begun, divided = mark.start() + 1, False
        elif mark[2]:
            divided = bool(begun)
        elif divided:
            return data.count(b"\n", 0, begun) + 1
    return 0


def no_constant(name: str) -> None:
    """NaN and Infinity are Python's, not JSON's (RFC 8259)."""
    raise ValueError(f"{name} is not JSON")


def why_broken(path: bytes, data: bytes, kind: str) -> list[tuple[str, str]]:
    """What is wrong in one file: (what, why)."""
    wrong = []
    try:
        if kind == "Python":
            compile(data, "<file>", "exec", dont_inherit=True)
        elif kind == "TOML":
            tomllib.loads(data.decode("utf-8"))
        elif path.endswith(b".json") and not JSON_WITH_COMMENTS.search(path.decode("utf-8", "replace")):
            json.loads(data.decode("utf-8-sig"), parse_constant=no_constant, parse_int=str, parse_float=str)
    except SyntaxError as error:
        wrong.append(("Python syntax", f"line {error.lineno}: {error.msg}" if error.lineno else str(error.msg)))
    except (RecursionError, MemoryError):
        wrong.append((f"{kind} not checked", "it is nested too deep to be read"))
    except ValueError as error:
        wrong.append(("Python syntax" if kind == "Python" else f"invalid {kind}", str(error)))
    if not binary(data) and (line := conflict(data)):
        wrong.append(("conflict markers", f"from line {line}"))
    return wrong


def leads_nowhere(path: bytes, links: dict[bytes, bytes], present: set[bytes], outside: set[bytes]) -> str:
    """Why the link at `path` does not lead to something in the repository; '' if it does."""
    stack, pending, hops = path.split(b"/")[:-1], links[path].split(b"/"), 0
    if links[path].startswith(b"/"):
        return "it is absolute, so it leads out of the repository"
    while pending:
        part = pending.pop(0)
        if part in (b"", b"."):
            continue
        if part == b"..":
            if not stack:
                return "it leads out of the repository"
            stack.pop()
            continue
        stack.append(part)
        here = b"/".join(stack)
        if here in links:
            hops += 1
            if hops > 40:
                return "it leads back to itself"
            if links[here].startswith(b"/"):
                return "it leads out of the repository"
            stack.pop()
            pending = links[here].split(b"/") + pending
        elif here in outside:
            return ""  # inside a submodule, whose files are not available here
        elif here not in present:
            return "what it points to is not in the repository"
    return ""
