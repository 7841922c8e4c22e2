"""Files that builders add: each is found by itself, and a broken one costs only itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import commands.verbs as verbs
import world.functions as functions
import world.scenery as scenery
from agents.kernel import parts
from agents.mind import repertoire
from agents.work import kind, tools
from world import checks

GOOD = {
    tools: """
from agents.work.tool import Tool, ToolInput, ToolOutput
TOOLS = (Tool(name="nap", purpose="p", toolset="core", takes=ToolInput, gives=ToolOutput, risk="read", run=None),)
""",
    functions: """
from world.functions import RoomFunction
FUNCTION = RoomFunction("nap", lambda house, viewer: "quiet", help="h")
""",
    scenery: """
from world.scenery import Scenery
SCENERY = Scenery("nap", clause=lambda house, place: "it is quiet")
""",
    verbs: """
from commands.verbs import Reply, verb
@verb("nap", syntax="nap", help="h", examples=(), see=(), aliases=("doze",))
def nap(house, caller, argument):
    return Reply(["zzz"])
""",
}
LOADERS: list[Any] = [tools, functions, scenery, verbs]
SAME = {
    tools: ("terminal", "ValueError: terminal is already in terminal.py"),
    functions: ("hall", "ValueError: hall is already in hall.py"),
    scenery: ("light", "ValueError: light is already in light.py"),
    verbs: ("approve", "ValueError: approve is already in approvals.py"),
}


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """Puts files beside those of a package, without touching the project's folders."""
    cleared: list[Any] = []

    def plant(package: Any, files: dict[str, str]) -> Any:
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
        package.discover.cache_clear()
        cleared.append(package)
        return package.discover()

    yield plant
    monkeypatch.undo()
    for package in cleared:
        package.discover.cache_clear()
        for name in [n for n, m in sys.modules.items() if str(tmp_path) in str(getattr(m, "__file__", ""))]:
            del sys.modules[name]


def test_the_houses_own_parts_are_whole() -> None:
    for package in (kind, repertoire, *LOADERS):
        found, problems = package.discover()
        assert found
        assert not problems


@pytest.mark.parametrize("package", LOADERS, ids=lambda package: package.__name__)
def test_a_broken_file_costs_only_itself_and_is_told_with_line_and_reason(package: Any, beside: Any) -> None:
    ours = set(package.discover()[0])
    found, problems = beside(
        package,
        {
            "zz_imports.py": '"""Wrong."""\n\nimport nothing_there\n',
            "zz_syntax.py": "x = 1\ny = (\n",
            "zz_ends.py": "raise SystemExit(3)\n",
            "zz_shape.py": "TOOLS = FUNCTION = 3\n",
            "zz_halfway.py": GOOD[package].replace("nap", "half") + "\nraise RuntimeError('no \x1b[31mgauge')\n",
            "_zz_helper.py": "raise RuntimeError\n",
            "zz_good.py": GOOD[package],
        },
    )
    assert set(found) - ours == ({"nap", "doze"} if package is verbs else {"nap"})
    assert {p.file: p.line for p in problems} == {
        "zz_ends.py": 1,
        "zz_halfway.py": len(GOOD[package].splitlines()) + 2,
        "zz_imports.py": 3,
        "zz_shape.py": 1,
        "zz_syntax.py": 2,
    }
    said = {p.file: p.reason for p in problems}
    assert said["zz_imports.py"] == "ModuleNotFoundError: No module named 'nothing_there'"
    assert "it has no" in said["zz_shape.py"]
    assert not any("\x1b" in str(p) or p.slug for p in problems)


@pytest.mark.parametrize("package", LOADERS, ids=lambda package: package.__name__)
def test_a_name_that_is_taken_stays_with_the_first(package: Any, beside: Any) -> None:
    name, said = SAME[package]
    before = package.discover()[0][name]
    found, (problem,) = beside(package, {"zz_twice.py": GOOD[package].replace('"nap"', f'"{name}"')})
    assert found[name] == before
    assert "doze" not in found
    assert (problem.file, problem.reason) == ("zz_twice.py", said)


@pytest.mark.parametrize(
    ("package", "right", "wrong", "said"),
    [
        (tools, "takes=ToolInput", "takes=dict", "takes"),
        (tools, "gives=ToolOutput", "gives=3", "gives"),
        (functions, 'lambda house, viewer: "quiet"', '"quiet"', "headline"),
        (functions, 'help="h"', 'help="h", details={"bed": "soft"}', "bed"),
    ],
    ids=str,
)
def test_a_part_that_could_not_be_used_is_no_part(package: Any, right: str, wrong: str, said: str, beside: Any) -> None:
    (problem,) = beside(package, {"zz_odd.py": GOOD[package].replace(right, wrong)})[1]
    assert said in problem.reason


def test_a_room_whose_function_is_broken_is_still_a_room(beside: Any) -> None:
    assert "the functions are" in checks._function_fault("zz_attic")
    beside(functions, {"zz_attic.py": "FUNCTION = 3\n"})
    assert checks._function_fault("zz_attic") == "", "the map that names it is not at fault"
    assert functions.all_functions().get("zz_attic") is None


def test_a_folder_elsewhere_is_loaded_under_names_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "terminal.py").write_text("PART = 1\n")
    (tmp_path / "wrong.py").write_text("PART = 1 / 0\n")

    def take(module: ModuleType) -> list[tuple[str, int]]:
        return [(module.__name__, module.PART)]

    found, (problem,) = parts.load("trial", "agents.work.tools", [tmp_path], take)
    assert found == {"_agents_work_tools_terminal": 1}
    assert str(problem) == "wrong.py, line 1: ZeroDivisionError: division by zero"
    assert not [name for name in sys.modules if name.endswith("_wrong")]
