"""No text reaches a client past the screen: a lint over the syntax trees of the whole project."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("agents", "commands", "server", "typeclasses", "web", "world")
SENDERS = frozenset({"msg", "data_out", "msg_contents", "send_text", "announce_all"})
ALLOWED = {
    ("world/screen.py", "show"): "the one way",
    ("server/outgoing.py", "data_out"): "the last place of all, which renders what the screen has not",
    ("typeclasses/characters.py", "at_post_move"): "a Picture, which Pictured.msg hands to the screen",
    ("typeclasses/characters.py", "at_post_puppet"): "a Picture, which Pictured.msg hands to the screen",
    ("server/portal_guard.py", "stop_server"): "a constant of the Portal, where no screen is",
    ("server/portal_guard.py", "server_lost"): "a constant of the Portal, where no screen is",
    ("server/portal_guard.py", "server_back"): "a constant of the Portal, where no screen is",
    ("server/portal_guard.py", "connect"): "a constant of the Portal, where no screen is",
    ("server/portal_guard.py", "data_in"): "constants of the Portal, where no screen is",
    ("web/standing.py", "offer"): "no text: a random word for the client's own use",
    ("server/wire/telnet.py", "send_text"): "hands on what the screen has made, and sees whether it is to be hidden",
    ("server/wire/session.py", "refuse"): "constants of the Portal, with names that are plain ASCII words",
}


def calls(source: str) -> list[tuple[str, int, str]]:
    """(enclosing function, line, name) of each call of a sender."""
    found: list[tuple[str, int, str]] = []

    def walk(node: ast.AST, inside: str) -> None:
        for child in ast.iter_child_nodes(node):
            here = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else inside
            if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute) and child.func.attr in SENDERS:
                found.append((here, child.lineno, child.func.attr))
            walk(child, here)

    walk(ast.parse(source), "")
    return found


def files() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def _to_super(source: str, line: int) -> bool:
    return "super()." in source.splitlines()[line - 1]


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_screen_sends(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    source = path.read_text(encoding="utf-8")
    past = [
        f"{name}:{line} {sender}"
        for function, line, sender in calls(source)
        if (name, function) not in ALLOWED and not (name.startswith("typeclasses/") and _to_super(source, line))
    ]
    assert not past, "text reaches a client past world.screen.show"


def test_the_lint_sees_what_it_is_for() -> None:
    assert calls("def f(x):\n    x.msg('hi')\n    x.y.data_out(text=1)\n") == [("f", 2, "msg"), ("f", 3, "data_out")]
    assert calls("msg('a free function is nobody\\'s session')") == []
