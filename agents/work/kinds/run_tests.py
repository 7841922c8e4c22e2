"""Test: run a project's own tests and report what fails.

Owns the choice of the command, if none is given, and the words of the report; `_trial` runs it in the sandbox, on a
copy. Refuses paths outside TIMMY_READ_PATHS. A missing runner is reported, never replaced by another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path, PurePath
from typing import Any

from pydantic import BaseModel, Field

from agents.kernel.errors import BadInput
from agents.kernel.settings import Settings
from agents.kernel.text import shorten, visible
from agents.work import paths
from agents.work.act import StepContext
from agents.work.effect import Effect
from agents.work.kind import Kind, Results, Upshot, WorkStep
from agents.work.kinds import _trial
from agents.work.markdown import block, code, count, items, size, together
from agents.work.probe import probe

USAGE = "Test <path of a project> [= why] [$ <the exact command>]; without $ the project's own suite is found"
EXAMPLE = "Test ~/src/project = does it pass? $ python3 -m pytest -q"
NPM_DEFAULT = "no test specified"
_COMMAND = re.compile(r"(?:^|(?<=\s))\$\s+(?P<command>\S.*)", re.DOTALL)
"""What follows the first separate `$`, as after a shell prompt."""


class Params(BaseModel):
    """`path`: the project, with links resolved. `command`: what `sh -c` gets. `found`: why this command."""

    path: str
    command: str = Field(min_length=1, max_length=10_000)
    found: str


def parse(subject: str, description: str, settings: Settings) -> Params:
    """Parse the path and the command, which comes last, after a `$`; without one, find the project's test suite."""
    if not subject:
        raise BadInput("Test needs the path of a project.", next=f"task add {EXAMPLE}")
    if early := _COMMAND.search(subject):
        raise BadInput(
            "Where a command is given, it stands last, behind = and $.",
            next=f"task add Test {subject[: early.start()].strip()} = why $ {early['command']}",
        )
    path = paths.readable(subject, settings)
    if not path.is_dir():
        raise BadInput(f"{visible(subject)} is a file: Test needs the folder of a project.")
    if asked := _COMMAND.search(description):
        command = asked["command"].strip()
        try:
            command.encode()
        except UnicodeEncodeError as error:
            raise BadInput(f"The command is not text: {visible(command)}") from error
        if "\0" in command:
            raise BadInput("A command cannot contain a null character.")
        return Params(path=str(path), command=command, found="as requested")
    for finder in (_python, _node, _go, _cargo, _make):
        if found := finder(path):
            return Params(path=str(path), command=found[0], found=found[1])
    raise BadInput(
        f"No test suite was found in {visible(str(path))}: none of pytest, unittest, npm, go, cargo, make. "
        "Give the command behind $.",
        next=f"task add Test {path} = does it pass? $ <command>",
    )


def _read(path: Path) -> str:
    """The text of a small file; '' if it does not exist or is not a text file."""
    try:
        return path.read_text("utf-8", "replace")[:200_000] if path.is_file() and not path.is_symlink() else ""
    except OSError:
        return ""


def _test_files(path: Path, pattern: str) -> Iterator[Path]:
    """Files with that name at the top and in the usual test folders; the first thousand entries."""
    for folder in (path, path / "tests", path / "test"):
        if folder.is_dir() and not folder.is_symlink():
            yield from [file for file in sorted(folder.iterdir())[:1000] if re.fullmatch(pattern, file.name)]


def _python(path: Path) -> tuple[str, str] | None:
    python = next((f"{v}/bin/python" for v in (".venv", "venv") if (path / v / "bin" / "python").exists()), "python3")
    pytest = f"{python} -m pytest -q -rfE"
    for name, mark in (
        ("pytest.ini", ""),
        ("pyproject.toml", "[tool.pytest"),
        ("setup.cfg", "[tool:pytest]"),
        ("tox.ini", "[pytest]"),
    ):
        if (path / name).is_file() and mark in _read(path / name):
            return pytest, f"{name} sets up pytest"
    if conftest := next((f for f in (path / "conftest.py", path / "tests" / "conftest.py") if f.is_file()), None):
        return pytest, f"there is {conftest.relative_to(path)}"
    for file in _test_files(path, r"test.*\.py|.*_test\.py"):
        text = _read(file)
        if re.search(r"^[ \t]*(import|from) pytest\b|^(async )?def test", text, re.MULTILINE):
            return pytest, f"{file.relative_to(path)} is written for pytest"
        if re.search(r"^[ \t]*(import|from) unittest\b", text, re.MULTILINE):
            start = "" if file.parent == path or (file.parent / "__init__.py").exists() else f" -s {file.parent.name}"
            return f"{python} -m unittest discover{start}", f"{file.relative_to(path)} is written for unittest"
    return None


def _node(path: Path) -> tuple[str, str] | None:
    try:
        package = json.loads(_read(path / "package.json") or "{}")
    except ValueError:
        package = {}
    scripts = package.get("scripts") if isinstance(package, dict) else None
    script = scripts.get("test") if isinstance(scripts, dict) else None
    if isinstance(script, str) and script and NPM_DEFAULT not in script:
        return "npm test", "package.json has a test script"
    if any(_test_files(path, r".*[._-]test\.[cm]?js")):
        return "node --test --test-reporter=tap", "there are files of tests for node"
    return None


def _go(path: Path) -> tuple[str, str] | None:
    return ("go test -v ./...", "there is go.mod") if (path / "go.mod").is_file() else None


def _cargo(path: Path) -> tuple[str, str] | None:
    return ("cargo test --offline", "there is Cargo.toml") if (path / "Cargo.toml").is_file() else None


def _make(path: Path) -> tuple[str, str] | None:
    makefile = next((text for name in ("GNUmakefile", "makefile", "Makefile") if (text := _read(path / name))), "")
    return (
        ("make test", "the Makefile has a target test")
        if re.search(r"^test\s*:(?!=)", makefile, re.MULTILINE)
        else None
    )


def _part(name: str) -> Callable[[StepContext], Awaitable[dict[str, Any]]]:
    async def run(ctx: StepContext) -> dict[str, Any]:
        params = KIND.asked(ctx)[1]
        answer = await probe(
            ctx,
            _trial.__name__,
            ("agents.kernel.git", "outcomes", "run"),
            {"part": name, "path": params.path, "command": params.command},
            (Path(params.path),),
            f"The tests of {visible(params.path)} could not be run",
        )
        return {**answer, "asked_at": ctx.runtime.clock.now().isoformat()}

    return run


def _verdict(results: Results) -> str:
    """The outcome in a few words."""
    ran = results["run"]
    if ran["late"]:
        return "stopped at the time limit"
    if ran["missing"]:
        return f"could not be run, because {ran['missing']} is not available in the sandbox"
    found = ran["outcome"]
    if found is None:
        return f"failed with code {ran['code']}" if ran["code"] else "succeeded, but reported no test"
    bad, skipped = found["failed"] + found["errors"], ""
    if found["skipped"]:
        skipped = f", {found['skipped']:,} skipped"
    if not found.get("ran", bad + found["passed"]):
        return f"no test ran{skipped}"
    if bad:
        return f"{found['passed']:,} passed, {bad:,} failed"
    if ran["code"]:
        return f"{found['passed']:,} passed, 0 failed, ended with code {ran['code']}"
    return f"{found['passed']:,} passed{skipped}"


def _report(params: Params, results: Results) -> str:
    ran, copied = results["run"], results["measure"]
    found = ran["outcome"]
    facts = [f"copied {count(copied['files'], 'file')}, {size(copied['bytes'])}; the project itself was not touched"]
    if copied["linked"]:
        facts.append(f"installed libraries were linked: {', '.join(map(code, copied['linked']))}")
    facts.append(f"the command ended with code {ran['code']}" + (" at the time limit" if ran["late"] else ""))
    if found:
        facts.append(
            f"{found['runner']}: {found['passed']:,} passed, {found['failed']:,} failed, "
            f"{count(found['errors'], 'error')}, {found['skipped']:,} skipped"
        )
    elif ran["missing"]:
        facts.append(f"{code(ran['missing'])}, which runs these tests, is not in the sandbox, so no test was run")
    else:
        facts.append("its output holds no known runner's figures, so it is unknown whether any test ran")
    if ran["dropped"]:
        facts.append(f"{count(ran['dropped'], 'byte')} from the middle of the output were not kept")
    failures = [
        part
        for f in (found["failures"] if found else ())
        for part in (f"### {code(f['name'])}", block(f["excerpt"]) if f["excerpt"] else "")
    ]
    return together(
        [
            f"# Tests of {code(params.path)}: {_verdict(results)}",
            f"The command, {params.found}:",
            block(params.command),
            items(facts),
            "## What failed" if failures else "",
            *failures,
            "## The end of the output",
            block(ran["tail"].strip("\n")) if ran["tail"].strip() else "It printed nothing.",
        ]
    )


def _summary(params: Params, results: Results) -> str:
    found = results["run"]["outcome"]
    names = [shorten(visible(f["name"]), 60) for f in (found["failures"] if found else ())][:3]
    which = f" ({', '.join(names)}{', …' if found and len(found['failures']) > 3 else ''})" if names else ""
    return (
        f"I have run the tests of {shorten(visible(PurePath(params.path).name), 60)}: "
        f"{_verdict(results)}{which}. The report is in my repository."
    )


def _upshot(params: Params, results: Results) -> Upshot:
    """What could not be tried is not done: a run without tests has failed."""
    ran, where = results["run"], shorten(paths.homely(params.path), 80)
    found = ran["outcome"]
    bad = found["failed"] + found["errors"] if found else 0
    if ran["late"]:
        return Upshot(f"the tests of {where} did not end within the time limit", well=False)
    if ran["missing"]:
        return Upshot(f"no test of {where} ran: there is no {ran['missing']} in the sandbox", done=False)
    if found is None:
        ended = f"ended with code {ran['code']}" if ran["code"] else "ended well"
        return Upshot(f"the test command of {where} {ended}, and reported no test", well=not ran["code"])
    tried = found.get("ran", bad + found["passed"])
    if not tried:
        return Upshot(f"no test ran in {where}", done=False)
    of = max(found["passed"] + bad, bad)
    if bad:
        return Upshot(f"{bad:,} of {count(of, 'test')} {'fails' if bad == 1 else 'fail'} in {where}", well=False)
    if ran["code"]:
        return Upshot(f"no test fails in {where}, but the command ended with code {ran['code']}", well=False)
    skipped = f", {found['skipped']:,} skipped" if found["skipped"] else ""
    return Upshot(f"{count(found['passed'], 'test')} passed in {where}{skipped}")


KIND = Kind(
    name="test",
    purpose="runs a project's tests on a copy in the sandbox and reports what fails",
    usage=USAGE,
    example=EXAMPLE,
    params=Params,
    parse=parse,
    action=lambda params: str(params.command),
    steps=(
        WorkStep("measure", _part("measure"), "weighs the project and clears the bench"),
        WorkStep("run", _part("run"), "runs the tests and watches the gauge", after=("measure",), cost=4),
    ),
    report=_report,
    summary=_summary,
    upshot=_upshot,
    equipment="gauge",
    category="execute",
    effects=lambda params: (Effect("execute", params.command), Effect("read", params.path)),
    tools=("terminal",),
    told=("ran the tests of", "project"),
)
