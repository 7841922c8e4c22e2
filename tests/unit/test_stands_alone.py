"""A clone is enough: what others have collected may lie beside it, and one module alone looks there."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import yaml

from agents.kernel.location import PROJECT

BESIDE = re.compile(r"PROJECT\.parent|PROJECT\.parents|parents\[[3-9]\]|shared[/\"', ]+data")
HERE = ("tests/support/others.py", "tests/unit/test_stands_alone.py")


def test_one_module_alone_looks_beside_the_clone() -> None:
    found = [
        str(path.relative_to(PROJECT))
        for folder in ("agents", "commands", "server", "tests", "typeclasses", "web", "world")
        for path in (PROJECT / folder).rglob("*.py")
        if BESIDE.search(path.read_text(encoding="utf-8"))
    ]
    assert [name for name in found if name not in HERE] == []


def test_with_that_folder_hidden_there_are_samples_enough() -> None:
    program = (
        "from tests.support import hostile, hostile_json, others\n"
        "assert not others.FOLDER.exists() and not others.problems()\n"
        "print(len(hostile.naughty()), len(hostile_json.samples()))"
    )
    hidden = {**os.environ, "OTHERS_DATA": str(PROJECT / "nothing")}
    done = subprocess.run([sys.executable, "-c", program], env=hidden, cwd=PROJECT, capture_output=True, check=True)
    strings, texts = map(int, done.stdout.split())
    assert strings > 400
    assert texts > 300


def test_what_visitors_see_run_is_what_anybody_runs() -> None:
    told = yaml.safe_load((PROJECT / ".github" / "workflows" / "ci.yml").read_text())
    (job,) = told["jobs"].values()
    assert any(step.get("run") == ".ci/run" for step in job["steps"])
    actions = [step["uses"] for step in job["steps"] if "uses" in step]
    assert actions
    assert [name for name in actions if not re.fullmatch(r"actions/[a-z-]+@v\d+", name)] == []


def test_the_changelog_has_the_form_that_it_names() -> None:
    text = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert versions[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", version) for version in versions[1:])
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
