"""Which processes of this world run, where to connect, whether it is ready. Standard library only.

Owns the gathering, from locks and sockets of the running processes and never from memory of
them, and its rendering. Refuses to report what nobody answered for.
"""

from __future__ import annotations

import json
from typing import Any

from agents.kernel import location
from agents.kernel.errors import Unavailable
from server import client, locks


def gather() -> dict[str, Any]:
    """The state of this world now; JSON types only."""
    run = location.run_dir()
    pids = {name: locks.holder(run, name) for name in locks.NAMES}
    guard = _ask("portal.sock", {"do": "status"}) if pids["portal"] else {}
    inside = _ask("timmy.sock", {"verb": "health"}).get("data") or {} if guard.get("ready") else {}
    ready = bool(guard.get("ready") and inside)
    server, portal = guard.get("server", {}), guard.get("portal", {})
    return {
        "world": "up" if ready else "starting" if pids["portal"] else "down",
        "ready": ready,
        "phase": guard.get("phase", "down" if not pids["portal"] else "silent"),
        "processes": [
            {"name": "supervisor", "pid": pids["supervisor"], "uptime": None, "restarts": None},
            {"name": "portal", "pid": pids["portal"], "uptime": portal.get("uptime"), "restarts": _portal_restarts()},
            {"name": "server", "pid": pids["server"], "uptime": server.get("uptime"),
             "restarts": server.get("restarts"), "crashes": server.get("crashes")},
        ],
        "ports": location.ports(port_base()),
        "interface": location.setting("INTERFACE", "127.0.0.1"),
        "connections": guard.get("sessions", 0),
        "sandbox": inside.get("sandbox"),
        "agents": inside.get("agents", []),
        "problems": inside.get("problems", []),
        "state_dir": str(location.state_dir()),
    }


def port_base() -> int:
    """The first port, unchecked: the settings model checks it where a world is started."""
    text = location.setting("PORT_BASE", "4000")
    return int(text) if text.isdigit() else 4000


def lines(now: dict[str, Any]) -> list[str]:
    """For people, readable aloud."""
    said = [f"The world is {now['world']}." if now["ready"] else f"The world is {now['world']} (Server: {now['phase']})."]
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
            f"  web client  http://{now['interface']}:{now['ports']['web']}/webclient",
            f"  sandbox     {now['sandbox']}",
            f"  agents      {', '.join(now['agents'])}",
            f"  connected   {now['connections']}",
            *(f"  left out    {problem(one)}" for one in now["problems"]),
        ]
    else:
        said.append("Try: timmy run" if now["world"] == "down" else "Try: timmy doctor")
    return said


def problem(one: dict[str, Any]) -> str:
    """A builder's file that the world goes on without, and why."""
    return f"{one['what']} {one['file']}, line {one['line']}: {one['reason']}"


def _ask(sock: str, question: dict[str, Any]) -> dict[str, Any]:
    try:
        return client.ask(location.run_dir() / sock, question, seconds=2.0)
    except Unavailable:
        return {}


def _portal_restarts() -> int | None:
    try:
        return int(json.loads((location.run_dir() / "supervisor.json").read_text())["portal_restarts"])
    except (FileNotFoundError, ValueError, KeyError):
        return None


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
