"""The words of the command line: each a file, found by itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.kernel import location, settings
from agents.kernel.errors import BadInput, TimmyError
from agents.work import paths
from server import cli, client, doctor, words

HELLO = """
from server.terminal import out
from server.word import Word

def _hello(args):
    out("Hello, " + " ".join(args.rest) + "!")
    return 7

WORD = Word("hello", "say hello", _hello, place=115, rest="NAME")
"""


@pytest.fixture
def more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is looked into beside the house's own."""
    monkeypatch.setattr(words, "__path__", [*words.__path__, str(tmp_path)])
    yield tmp_path
    for name in [one for one in sys.modules if one.startswith("server.words.") and one.endswith(("hello", "broken"))]:
        del sys.modules[name]


def test_a_file_more_is_a_word_more(more: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (more / "hello.py").write_text(HELLO)
    assert cli.main(["hello", "Ann"]) == 7
    assert capsys.readouterr() == ("Hello, Ann!\n", "")
    assert cli.main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.index("    undo") < shown.index("    hello     say hello") < shown.index("    plan")


def test_a_broken_file_costs_only_its_own_word(more: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (more / "broken.py").write_text("WORD = (\n    1 / 0,\n)\n")
    assert cli.main(["broken"]) == 1
    assert "broken is left out: broken.py, line 2: ZeroDivisionError" in capsys.readouterr().err
    assert cli.main(["--help"]) == 0
    shown = capsys.readouterr()
    assert "plan" in shown.out and "left out: broken.py, line 2: ZeroDivisionError" in shown.err
    assert cli.main(["plan", "--help"]) == 0
    assert capsys.readouterr().err == ""
    (found,) = doctor._words(words.load()[1])
    assert found.bad and "broken.py, line 2" in found.said


def test_a_file_is_called_as_its_word_is(more: Path) -> None:
    (more / "hello.py").write_text(HELLO.replace('"hello"', '"plan"'))
    known, (problem,) = words.load()
    assert "the file of the word plan is called plan.py" in problem.reason
    assert "hello" not in known
    with pytest.raises(TimmyError, match="hello is left out"):
        words.find("hello")


@pytest.mark.parametrize("name", ["", "nobody", "__init__", "../cli", "why", "ok/../ok", "with space", "\0"])
def test_what_is_no_file_here_is_no_word(name: str) -> None:
    assert words.find(name) is None


def test_usage_and_help_have_their_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert [cli.main(line) for line in ([], ["run", "--nope"], ["--nope"], ["ask"])] == [2, 2, 2, 2]
    assert [cli.main(line) for line in (["-h"], ["chat", "-h"])] == [0, 0]
    assert "usage: timmy chat" in capsys.readouterr().out


def test_no_word_imports_a_library_before_it_runs() -> None:
    program = (
        "import sys; from server import words; words.load();"
        "print(*{'evennia', 'django', 'twisted', 'pydantic', 'yaml', 'httpx'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=location.PROJECT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("\n", "")


@pytest.mark.parametrize("path", sorted(location.PROJECT.joinpath("server").rglob("*.py")), ids=lambda path: path.stem)
def test_nothing_leans_on_what_argparse_keeps_to_itself(path: Path) -> None:
    names = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    assert names.isdisjoint({"_subparsers", "_group_actions", "_SubParsersAction", "_actions", "_name_parser_map"})


@pytest.mark.parametrize("words", [["tasks", "add"], ["task", "add"]])
def test_a_path_from_here_is_made_whole_before_the_world_sees_it(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(path: Path, question: dict[str, str], *more: object) -> dict[str, object]:
        asked.append(question["argument"])
        return {"lines": [], "data": None, "exit": 0}

    monkeypatch.setattr(client, "ask", answer)
    (tmp_path / "a b").mkdir()
    (tmp_path / "x" / "y").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "x")
    for given, whole in (
        (".", f"{tmp_path}/x"),
        ("..", f"{tmp_path}"),
        ("../a b", f"{tmp_path}/a b"),
        ("./no such", f"{tmp_path}/x/no such"),
        ("y/", f"{tmp_path}/x/y"),
        ("y", "y"),
        ("/etc", "/etc"),
        ("~/x", "~/x"),
        ("either/or", "either/or"),
    ):
        assert cli.main([*words, "Survey", given, "=", "what is in ./y ?"]) == 0
        assert asked.pop() == f"add Survey {whole} = what is in ./y ?"


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_path_in_quotes_is_the_path(quote: str, tmp_path: Path) -> None:
    (tmp_path / "a b").mkdir()
    ours = settings.load().model_copy(update={"read_paths": (tmp_path,)})
    assert paths.readable(f"{quote}{tmp_path}/a b{quote}", ours) == tmp_path / "a b"
    with pytest.raises(BadInput, match="not an absolute path"):
        paths.readable(f"{quote}a b{quote}", ours)
