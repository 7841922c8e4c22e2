"""Runs modules of this project inside the sandbox, to read untrusted data.

Owns the input (the modules' text and the request, on standard input) and the output (one JSON object). The
project's folder need not be readable there. Refuses half an answer: a probe that a limit ended is a failed step.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from agents.kernel.errors import StepFailed
from agents.kernel.text import clean, shorten
from agents.work.act import StepContext
from agents.work.settings import WorkSettings
from agents.work.tools.terminal import TerminalInput

_BOOT = """\
import json, sys, types
sent = json.load(sys.stdin)
for name, text in sent["modules"].items():
    module = sys.modules[name] = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)
json.dump(module.main(sent["asked"]), sys.stdout)
"""
SHARE = 0.75
"""The share of the sandbox's time that a probe may use before it should return what it has."""


async def probe(
    ctx: StepContext, package: str, modules: Iterable[str], asked: Mapping[str, Any], read: Iterable[Path], what: str
) -> dict[str, Any]:
    """`main(asked)` of the last of `modules`, which are adjacent files of `package` (a name with a dot: from elsewhere
    in the project).

    They import only each other and the standard library. `asked["seconds"]` is set to their time limit. Raises
    StepFailed, beginning with `what`, if there is no complete answer, or with the answer's own `error`.
    """
    names = [name if "." in name else f"{package}.{name}" for name in modules]
    sent = {
        "modules": {name: Path(str(getattr(find_spec(name), "origin", ""))).read_text("utf-8") for name in names},
        "asked": {**asked, "seconds": ctx.runtime.settings.of(WorkSettings).sandbox_seconds * SHARE},
    }
    done = await ctx.tools.call(
        "terminal",
        TerminalInput(
            argv=(str(Path(sys.executable).resolve()), "-I", "-c", _BOOT),
            read=tuple(read),
            stdin=json.dumps(sent),
        ),
    )
    if done.ended or done.cut:
        limit = done.ended or "output"
        raise StepFailed(f"{what}: the sandbox's limit of {limit} was reached.", next="timmy doctor")
    if done.code:
        raise StepFailed(f"{what}: {clean(done.err.strip(), keep_lines=False)[-500:]}")
    answer: dict[str, Any] = json.loads(done.out)
    if error := answer.get("error"):
        raise StepFailed(f"{what}: {shorten(clean(str(error), keep_lines=False), 500)}")
    return answer
