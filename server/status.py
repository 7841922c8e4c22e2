"""Which processes of this world are running, where to connect, whether it is ready. Standard library only.

Owns the gathering, always from locks and sockets of the running processes, and its rendering. Reports nothing that
nobody confirmed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from agents.kernel import location
from agents.kernel.addresses import in_url
from agents.kernel.errors import Unavailable
from server import client, locks, ports, processes
from server.processes import Process

SECONDS = 2.0
"""How long to wait for a running process that does not answer, in seconds."""
INSIDE = (
    "records",
    "lag_ms",
    "minds",
    "troubled",
    "tasks",
    "logins_waiting",
    "approvals_waiting",
    "bytes",
    "errors_total",
    "errors",
    "parts",
    "clock",
)
"""The Server's figures, from `server.vitals`."""


def gather() -> dict[str, Any]:
    """The current state of this world; only JSON types."""
    run = location.run_dir()
    pids = {one.name: locks.holder(run, one.name) for one in processes.PROCESSES}
    guard = _ask("portal.sock", {"do": "status"}) if pids["portal"] else {}
    inside = _ask("timmy.sock", {"verb": "health"}).get("data") or {} if guard.get("ready") else {}
    ready = bool(guard.get("ready") and inside)
    said = {name: guard.get(name, {}) for name in ("portal", "server")}
    return {
        "world": "up" if ready else "starting" if pids["portal"] else "down",
        "ready": ready,
        "phase": guard.get("phase", "down" if not pids["portal"] else "silent"),
        "processes": [_row(one, pids[one.name], said.get(one.name, {})) for one in processes.PROCESSES],
        "ports": ports.of(ports.base()),
        "interface": location.setting("INTERFACE", "127.0.0.1"),
        "connections": guard.get("sessions", 0),
        "refused": guard.get("refused", {}),
        "sandbox": inside.get("sandbox"),
        "agents": inside.get("agents", []),
        "inside": {key: inside[key] for key in INSIDE if key in inside},
        "problems": inside.get("problems", []),
        "doubts": inside.get("doubts", []),
        "state_dir": str(location.state_dir()),
    }


def _row(one: Process, pid: int | None, said: dict[str, Any]) -> dict[str, Any]:
    """A process for the report; `said`: what the Portal says about it."""
    row = {"name": one.name, "pid": pid, "uptime": said.get("uptime")}
    if one.kept_by == "portal":
        return row | {"restarts": said.get("restarts"), "crashes": said.get("crashes")}
    return row | {"restarts": restarts(one.name)}


def crashes(now: dict[str, Any]) -> int:
    """How often the Server has died since the Portal started, according to `gather`."""
    return sum(one.get("crashes") or 0 for one in now["processes"])


def lines(now: dict[str, Any]) -> list[str]:
    """For people, suitable for reading aloud."""
    said = [
        f"The world is {now['world']}." if now["ready"] else f"The world is {now['world']} (Server: {now['phase']})."
    ]
    for one in now["processes"]:
        if one["pid"] is None:
            said.append(f"  {one['name']:<10}  not running")
            continue
        parts = [f"pid {one['pid']}"]
        parts += [f"up {_span(one['uptime'])}"] if one["uptime"] is not None else []
        parts += [f"{one['restarts']} restarts"] if one["restarts"] else []
        parts += [f"{one['crashes']} crashes"] if one.get("crashes") else []
        said.append(f"  {one['name']:<10}  {', '.join(parts)}")
    if now["ready"]:
        said += [
            f"  telnet      {now['interface']} {now['ports']['telnet']}",
            f"  web client  http://{in_url(now['interface'])}:{now['ports']['web']}/webclient",
            f"  sandbox     {now['sandbox']}",
            f"  agents      {', '.join(now['agents'])}",
            f"  connected   {now['connections']}",
            *(
                [f"  refused     {', '.join(f'{n} {what}' for what, n in now['refused'].items())}"]
                if now["refused"]
                else []
            ),
            *(f"  record      {one}" for one in now["doubts"]),
            *(f"  left out    {problem(one)}" for one in now["problems"]),
            *(f"  {name:<10}  {said}" for name, said in _inside(now["inside"])),
        ]
    else:
        said.append("Try: timmy run" if now["world"] == "down" else "Try: timmy doctor")
    return said


def _inside(now: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The inside of the Server: what one asks first when something feels slow or stuck."""
    if not now:
        return
    lag, minds = now["lag_ms"], now["minds"]
    if not now["records"]["ok"]:
        yield "records", f"cannot be written for {_span(now['records']['seconds'])}: {now['records']['why']}"
    yield "lag", f"median {lag['p50']} ms, p99 {lag['p99']} ms, most {lag['max']} ms"
    rest = {"paused": minds["paused"] - minds["aside"], "set aside": minds["aside"], "failing": minds["failing"]}
    yield (
        "minds",
        ", ".join(
            [
                f"{minds['awake']} of {minds['seated']} awake",
                *(f"{n} {what}" for what, n in rest.items() if n),
                f"longest visit {minds['longest_ms']} ms, {minds['late']} late",
            ]
        ),
    )
    slow = sorted(((one["beat_ms"]["p99"], name) for name, one in now["parts"].items() if one["beat_ms"]), reverse=True)
    if slow:
        yield "beats", ", ".join(f"{name} p99 {taken} ms" for taken, name in slow)
    for one in now["troubled"]:
        yield "", f"{one['agent']}: {one['why']}"
    tasks = ", ".join(f"{n} {status.lower().replace('_', ' ')}" for status, n in now["tasks"].items()) or "none"
    yield "tasks", f"{tasks}; {now['approvals_waiting']} wait for your verdict"
    if now["logins_waiting"]:
        yield "logins", f"{now['logins_waiting']} passwords wait to be checked"
    yield "files", f"database {_megabytes(now['bytes']['database'])}, logs {_megabytes(now['bytes']['logs'])}"
    for one in now["errors"]:
        yield "error", f"{one['count']} times, last {one['last']}, task {one['task']}: {one['title']}"
    if now["clock"]["jumps"]:
        yield "clock", f"jumped {now['clock']['jumps']} times, last by {now['clock']['last_seconds']} s"


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"


def problem(one: dict[str, Any]) -> str:
    """A builder's file that was left out, and why."""
    return f"{one['what']} {one['file']}, line {one['line']}: {one['reason']}"


def _ask(sock: str, question: dict[str, Any]) -> dict[str, Any]:
    try:
        return client.ask(location.run_dir() / sock, question, SECONDS)
    except Unavailable:
        return {}


def restarts(name: str) -> int | None:
    """How often the supervisor restarted a process; None if unknown."""
    try:
        return int(json.loads((location.run_dir() / "supervisor.json").read_text())["restarts"][name])
    except (FileNotFoundError, ValueError, KeyError):
        return None


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
