"""`timmy plan DOMAIN.pddl PROBLEM.pddl`: a plan for any STRIPS problem, without a world.

Owns the reading of the two files, the planner's process with its hard time limit, and how a plan is printed: as
plan validators read it, or as JSON. Does not plan here: the process `agents.goap.worker` does, and is killed when
time is up or the person interrupts. Imports no library, so that it starts at once.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.kernel import location
from agents.kernel.clock import SystemClock
from agents.kernel.errors import BadInput, TimmyError
from server import terminal

MAX_BYTES = 8_000_000
"""Bytes read of a file, plus one to see that it is longer; the planner's own limit."""

MAX_SECONDS = 10_000_000.0

WORKER = ("-P", "-m", "agents.goap.worker")

SOLVED, IMPOSSIBLE, LIMIT = 0, 5, 6
"""Exit codes: plan found; proven that none exists; limit reached. None of them means something else for another
command.
"""


def wanted(names: Sequence[str]) -> bool:
    """Whether the arguments of `plan` name PDDL files: two arguments, or one that ends in .pddl."""
    return len(names) > 1 or any(name.lower().endswith(".pddl") for name in names)


def plan(names: Sequence[str], *, optimal: bool = False, timeout: str | None = None, as_json: bool = False) -> int:
    """Plan and print; returns the exit code. With `as_json` refusals are printed as JSON, too."""
    try:
        return _plan(names, optimal, _seconds(timeout), as_json)
    except TimmyError as error:
        if as_json:
            _say_json({"status": "error", "message": str(error)})
        raise


def _plan(names: Sequence[str], optimal: bool, seconds: float | None, as_json: bool) -> int:
    if len(names) != 2:
        raise BadInput(f"Two files are needed, not {len(names)}: timmy plan DOMAIN.pddl PROBLEM.pddl")
    domain, problem = map(_read, names)
    request = {
        "pddl": {"domain": domain, "problem": problem, "domain_name": names[0], "problem_name": names[1]},
        "optimal": optimal,
    }
    started = SystemClock().monotonic()
    talk = _Talk(json.dumps(request).encode() + b"\n", started, seconds, tell=sys.stderr.isatty())
    said = talk.result()
    if said["status"] == "error":
        raise BadInput(said["message"])
    if said.get("cut") and optimal:
        said = {"status": "limit", "reason": "time", "limit": seconds, "nodes": said["nodes"]}
    said["seconds"] = round(SystemClock().monotonic() - started, 3)
    for warning in talk.warnings:
        _say(f"Warning: {warning}")
    if as_json:
        _say_json(_data(said, talk))
    return _print(said, as_json)


def _seconds(text: str | None) -> float | None:
    """The time limit; None if there is none."""
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 < seconds <= MAX_SECONDS:
        raise BadInput(f"--timeout {text!r}: expected a number of seconds above 0, such as 30 or 0.5")
    return seconds


def _read(name: str) -> str:
    """The file's text; bytes that are not UTF-8 are passed on to the parser, which knows the line."""
    path = Path(name)
    shown = name if name.isprintable() else ascii(name)
    try:
        if path.is_dir():
            raise BadInput(f"{shown}: this is a folder; expected a PDDL file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise BadInput(f"{shown}: there is no such file; expected a PDDL file") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no file can have this name"
        raise BadInput(f"{shown}: {why}; expected a PDDL file that can be read") from None
    if len(data) > MAX_BYTES:
        raise BadInput(f"{shown}: the file is too long; at most {MAX_BYTES:,} bytes are read")
    return data.decode("utf-8", "surrogateescape")


class _Talk:
    """The planner's process: its request, its output, its end in any case."""

    def __init__(self, request: bytes, started: float, seconds: float | None, *, tell: bool) -> None:
        """It is killed `seconds` after `started`; `tell`: show progress on standard error."""
        self._request, self._started, self._seconds, self._tell = request, started, seconds, tell
        self.warnings: list[str] = []
        self.compiled: dict[str, Any] = {}
        self.best: dict[str, Any] | None = None
        self._nodes = 0

    def result(self) -> dict[str, Any]:
        """The result, or what is known when time is up."""
        child = subprocess.Popen(
            [sys.executable, *WORKER],
            cwd=location.PROJECT,
            env=location.child_environment(PYTHONPATH=str(location.PROJECT)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            return self._listen(child)
        finally:
            child.kill()
            child.communicate()
            if self._tell:
                sys.stderr.write("\r\x1b[K")
                sys.stderr.flush()

    def _listen(self, child: subprocess.Popen[bytes]) -> dict[str, Any]:
        assert child.stdin and child.stdout
        try:
            child.stdin.write(self._request)  # it reads everything before it answers
            child.stdin.flush()
        except BrokenPipeError:
            pass  # its last words are on the other pipe
        waiting = b""
        while True:
            left = None if self._seconds is None else self._seconds - (SystemClock().monotonic() - self._started)
            if (left is not None and left <= 0) or not select.select([child.stdout], [], [], left)[0]:
                return self._cut()
            chunk = child.stdout.read1(65536)  # type: ignore[attr-defined]
            if not chunk:
                return self._died(child)
            *lines, waiting = (waiting + chunk).split(b"\n")
            for line in lines:
                said: dict[str, Any] = json.loads(line)
                if said["event"] == "result":
                    return said
                self._note(said)

    def _note(self, said: dict[str, Any]) -> None:
        if said["event"] == "compiled":
            self.compiled, self.warnings = said, said["warnings"]
            words = f"{said['facts']:,} facts, {said['actions']:,} actions"
        else:
            self._nodes = said["nodes"]
            self.best = said if said["plan"] is not None else self.best
            words = f"{self._nodes:,} states, {said['seconds']:.0f} s"
            if self.best:
                words += f", a plan of cost {self.best['cost']} so far"
        if self._tell:
            sys.stderr.write(f"\r\x1b[K{words}")
            sys.stderr.flush()

    def _cut(self) -> dict[str, Any]:
        """Time is up: the best plan so far, if there is one."""
        if self.best is not None:
            return {
                "status": "solved",
                "optimal": False,
                "cut": True,
                "nodes": self._nodes,
                "plan": self.best["plan"],
                "length": len(self.best["plan"]),
                "cost": self.best["cost"],
            }
        return {"status": "limit", "reason": "time", "limit": self._seconds, "nodes": self._nodes}

    def _died(self, child: subprocess.Popen[bytes]) -> dict[str, Any]:
        """It ended without a result: out of memory where it could not say so, or killed."""
        words = child.communicate()[1].decode(errors="replace").strip().splitlines()
        if any("MemoryError" in line for line in words) or child.returncode == -9:
            return {"status": "limit", "reason": "memory", "limit": 0, "nodes": self._nodes}
        raise TimmyError(f"The planner's process ended without a result: {words[-1] if words else child.returncode}")


def _print(said: dict[str, Any], as_json: bool) -> int:
    """Print the result for people; returns the exit code."""
    match said["status"]:
        case "solved":
            if not as_json:
                terminal.write("".join(f"{step}\n" for step in said["plan"]) + f"; cost = {said['cost']}\n")
            if said.get("cut"):
                _say("Time is up; this is the best plan so far.")
            return SOLVED
        case "unsolvable":
            _say(_why_not(said))
            return IMPOSSIBLE
        case "limit":
            what = {
                "time": f"after {said['limit']:g} s" if said["reason"] == "time" else "",
                "memory": "of memory",
                "nodes": f"of {said['limit']:,} states",
            }[said["reason"]]
            _say(f"The limit {what} is reached: neither a plan was found nor a proof that there is none.")
    return LIMIT


def _why_not(said: dict[str, Any]) -> str:
    if said["missing"]:
        return f"There is no plan: {', '.join(said['missing'])} cannot be reached."
    if said["conflict"]:
        return f"There is no plan: {' and '.join(said['conflict'])} cannot hold together."
    return "There is no plan: all states that can be reached were seen, and none is a goal."


def _data(said: dict[str, Any], talk: _Talk) -> dict[str, Any]:
    """The JSON: what is known, under the same names in each case."""
    cost = said.get("cost")
    out = {
        "status": said["status"],
        "plan": said.get("plan"),
        "length": said.get("length"),
        "cost": None if cost is None else float(cost) if "." in cost else int(cost),
        "optimal": bool(said.get("optimal")),
        "nodes": said.get("nodes", 0),
        "seconds": said["seconds"],
        "facts": talk.compiled.get("facts"),
        "actions": talk.compiled.get("actions"),
        "warnings": talk.warnings,
    }
    return {**out, **{key: said[key] for key in ("missing", "conflict", "reason") if key in said}}


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _say_json(data: dict[str, Any]) -> None:
    terminal.write(json.dumps(data, indent=2) + "\n")
