"""What the documentation claims of the code: its table of events, its links, its list of verbs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from pathlib import Path

import pytest

from agents.governance.rules import VERDICTS
from agents.kernel.location import PROJECT
from agents.work.rules import TRANSITIONS
from commands import verbs

DOCS = PROJECT / "docs"
PAGES = [PROJECT / "README.md", *sorted(DOCS.rglob("*.md"))]
PACKAGES = ("agents", "commands", "server", "typeclasses", "world")
SLUGS = {"slug", "agent"}
"""Names whose values in a topic are an agent's slug."""
PASTS = {t.past for t in TRANSITIONS.values()}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Module:
    """One source file: its tree, and the function around each call."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.calls = list(self._calls(self.tree, None))

    def _calls(self, node: ast.AST, around: Function | None) -> Iterator[tuple[ast.Call, Function | None]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                yield child, around
            yield from self._calls(child, child if isinstance(child, Function) else around)


@lru_cache(maxsize=1)
def modules() -> tuple[Module, ...]:
    return tuple(Module(path) for name in PACKAGES for path in sorted((PROJECT / name).rglob("*.py"))
                 if "state" not in path.relative_to(PROJECT).parts)


def callee(call: ast.Call) -> tuple[str, str]:
    """(receiver as written, name) of what is called."""
    if isinstance(call.func, ast.Attribute):
        return ast.unparse(call.func.value), call.func.attr
    return "", call.func.id if isinstance(call.func, ast.Name) else ""


def emissions() -> Iterator[tuple[Module, ast.Call, Function | None]]:
    """Every call that appends to an event log."""
    for module in modules():
        for call, around in module.calls:
            receiver, name = callee(call)
            if name == "append" and re.search(r"(^|[._])events$", receiver):
                yield module, call, around
    (log,) = (m for m in modules() if m.path == PROJECT / "agents" / "events" / "log.py")
    yield from ((log, call, around) for call, around in log.calls if callee(call) == ("self", "append"))


def values(module: Module, node: ast.expr, around: Function | None) -> set[str]:
    """Every text that an expression can stand for; fails the test when that cannot be told."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp():
            return values(module, node.body, around) | values(module, node.orelse, around)
        case ast.JoinedStr():
            parts = [values(module, part, around) for part in node.values]
            return {"".join(combination) for combination in product(*parts)}
        case ast.FormattedValue():
            return values(module, node.value, around)
        case ast.Attribute(attr=name) if name in SLUGS:
            return {"<slug>"}
        case ast.Attribute(attr="past"):
            return set(PASTS)
        case ast.Attribute(attr="verdict"):
            return set(VERDICTS.values())
        case ast.Name(id=name) if name in SLUGS:
            return {"<slug>"}
        case ast.Name(id=name):
            return named(module, name, around)
    raise AssertionError(f"{module.path}:{node.lineno}: what topic is {ast.unparse(node)}?")


def named(module: Module, name: str, around: Function | None) -> set[str]:
    """What a name can stand for: a constant of the module, local assignments, or what callers give."""
    found: set[str] = set()
    for nodes in (ast.walk(around) if around else (), module.tree.body):
        for node in nodes:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    pairs = zip(target.elts, node.value.elts, strict=True) if isinstance(target, ast.Tuple) and isinstance(
                        node.value, ast.Tuple) else [(target, node.value)]
                    for left, right in pairs:
                        if isinstance(left, ast.Name) and left.id == name:
                            found |= values(module, right, around)
        if found:
            return found
    assert around is not None, f"{module.path}: {name} is unknown"
    place = [arg.arg for arg in around.args.args].index(name)
    method = around.args.args[0].arg == "self"
    offset, receivers = (1, ("self", "mind")) if method else (0, ("",))
    for other in modules():
        if other.path.parent == module.path.parent or not method:
            for call, within in other.calls:
                receiver, called = callee(call)
                if called == around.name and receiver in receivers and len(call.args) > place - offset:
                    found |= values(other, call.args[place - offset], within)
    assert found, f"nobody calls {around.name} of {module.path}"
    return found


def emitted() -> set[str]:
    """Every topic that the code can emit. `task.<transition>` stands for the transition's past."""
    topics: set[str] = set()
    for module, call, around in emissions():
        topics |= values(module, call.args[0], around)
    commands = {f"task.{t.name}" for t in TRANSITIONS.values()} - {f"task.{past}" for past in PASTS}
    return topics - commands


def told() -> list[str]:
    """The topics of the table, in its order."""
    return re.findall(r"^\| `([a-z]+\.[a-z.<>]+)` \| [^|]{8,} \|[^|]*\|$", (DOCS / "architecture.md").read_text(), re.MULTILINE)


def test_the_table_of_events_is_what_the_code_emits() -> None:
    assert sorted(told()) == sorted(emitted())


def test_the_diagram_of_a_task_is_the_table_of_transitions() -> None:
    rows = re.findall(r"^ ([A-Z_, ]+?) +--([a-z]+)--> +([A-Z_]+)$", (DOCS / "architecture.md").read_text(), re.MULTILINE)
    drawn = [(name, frozenset(sources.split(", ")), target) for sources, name, target in rows]
    assert sorted(drawn, key=str) == sorted(((t.name, t.sources, t.target) for t in TRANSITIONS.values()), key=str)


def test_files_named_in_the_architecture_are_there() -> None:
    named = set(re.findall(r"\b(?:agents|commands|server|typeclasses|world|tests)/[\w/.]*\w", (DOCS / "architecture.md").read_text()))
    assert len(named) > 20
    assert [path for path in sorted(named) if not (PROJECT / path).exists()] == []


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings make."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}


def links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if "://" not in target and not target.startswith("mailto:"):
                yield page, target


@pytest.mark.parametrize(("page", "target"), sorted(set(links())), ids=lambda value: str(value).removeprefix(f"{PROJECT}/"))
def test_a_link_leads_somewhere(page: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    there = (page.parent / path).resolve() if path else page
    assert there.exists()
    if anchor:
        assert anchor in anchors(there)


def test_every_page_is_reached_from_the_contents() -> None:
    reached = {(page.parent / target.partition("#")[0]).resolve() for page, target in links() if page.name == "README.md"}
    assert [p for p in PAGES[1:] if p.name != "README.md" and p not in reached] == []


@pytest.mark.parametrize("verb", verbs.all_verbs(), ids=lambda verb: verb.name)
def test_every_verb_is_in_the_owner_s_book(verb: verbs.Verb) -> None:
    assert re.search(rf"`(?:timmy )?{re.escape(verb.name)}\b", (DOCS / "owner.md").read_text())


def test_every_word_of_timmy_is_told() -> None:
    from server import cli

    text = (DOCS / "owner.md").read_text()
    words = cli.parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    assert words
    assert [word for word in words if f"`timmy {word}" not in text] == []
