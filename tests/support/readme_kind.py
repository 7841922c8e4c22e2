"""The kind of task that the README shows: the whole text of a file for `agents/work/kinds`."""

TEXT = '''\
"""Count: how many lines of text the files of a folder have."""

from pathlib import Path

from pydantic import BaseModel

from agents.work.effect import Effect
from agents.work.kind import Kind, WorkStep
from agents.work.markdown import code, count
from agents.work.paths import readable
from agents.work.tools.terminal import TerminalInput


class Params(BaseModel):
    path: str


def parse(subject, description, settings):
    return Params(path=str(readable(subject, settings)))


async def run(ctx):
    params = KIND.asked(ctx)[1]
    command = "find . -type f -exec grep -Ic '' {} +"
    done = await ctx.tools.call("terminal", TerminalInput(shell=command, read=(params.path,), cwd=params.path))
    counts = [int(line.rpartition(":")[2]) for line in done.out.splitlines()]
    return {"files": sum(n > 0 for n in counts), "lines": sum(counts)}


def summary(params, results):
    found = results["lines"]
    return f"{code(params.path)} has {count(found['lines'], 'line')} of text in {count(found['files'], 'file')}."


KIND = Kind(
    name="count",
    purpose="counts lines of text",
    usage="Count <path of a folder>",
    example="Count ~/notes",
    params=Params,
    parse=parse,
    action=lambda params: f"count the lines of text under {params.path}",
    steps=(WorkStep("lines", run, telling="runs a finger down the pages"),),
    report=lambda params, results: f"# Lines\\n\\n{summary(params, results)}\\n",
    summary=summary,
    equipment="lens",
    effects=lambda params: (Effect("read", params.path),),
    tools=("terminal",),
)
'''
