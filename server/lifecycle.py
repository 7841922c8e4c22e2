"""`timmy run`, `stop` and `reload`: the life of the world as its owner commands it.

Owns the checks before a start, the waiting with progress shown, and the last words with
where to connect. Refuses to begin what cannot end well: nothing is started while a port is
taken, a folder cannot be written or a setting is wrong.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from typing import Any

from agents.kernel import location, settings
from agents.kernel.clock import SystemClock
from agents.kernel.errors import Conflict, TimmyError, Unavailable
from server import client, locks, model_service, process, status
from server.cli import out, say

READY_SECONDS, CASCADE_SECONDS, CASCADE_DEATHS = 300.0, 60.0, 3
"""How long the world is waited for, and the cascade, without which the world runs; after so many deaths it is not."""
clock = SystemClock()


def run(*, foreground: bool = False, dry_run: bool = False, as_json: bool = False) -> int:
    """Prepare and start the world, wait until it is ready, say where to connect."""
    ours = settings.current()
    run_dir = location.run_dir()
    if pid := locks.holder(run_dir, "supervisor"):
        if foreground:
            raise Conflict(f"This world runs already (supervisor pid {pid}).", next="timmy status")
        say("The world runs already.")
        _wait_ready(pid)
        _wait_cascade(ours)
        return _welcome(_owner_kept(), as_json)
    adopted = locks.holder(run_dir, "portal") is not None
    check_socket_path()
    if not adopted:
        check_ports(ours)
    if dry_run:
        out(f"Would prepare {ours.state_dir} and start Portal, Server, cascade and supervisor on ports "
            f"{', '.join(str(p) for p in location.ports(ours.port_base).values())}.")
        return 0
    say(f"Timmy's World, in {ours.state_dir}")
    owner = _owner_kept() if adopted else _prepare()
    if foreground:
        _welcome(owner, as_json, "Timmy's World starts.")
        sys.stdout.flush()
        os.execve(  # noqa: S606  the container's or systemd's child becomes the supervisor
            sys.executable, [sys.executable, "-m", "server.supervisor"], process.environment()
        )
    say("starting: supervisor, Portal, Server, cascade")
    child = subprocess.Popen(
        [sys.executable, "-m", "server.supervisor"], cwd=location.PROJECT, env=process.environment(),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )
    _wait_ready(child.pid, child)
    _wait_cascade(ours)
    return _welcome(owner, as_json)


def stop(*, dry_run: bool = False) -> int:
    """End every process of this world; done when none is left."""
    run_dir = location.run_dir()
    running = {name: pid for name in locks.NAMES if (pid := locks.holder(run_dir, name))}
    if not running:
        say("The world is down already.")
        return 0
    told = ", ".join(f"{name} {pid}" for name, pid in running.items())
    if dry_run:
        out(f"Would end {told}.")
        return 0
    say(f"stopping: {told}")
    if pid := running.get("supervisor"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        locks.gone(run_dir, "supervisor", 45.0)
    forced = [name for name in locks.NAMES if locks.end(run_dir, name, patience=20.0)]
    left = [name for name in locks.NAMES if locks.holder(run_dir, name)]
    if left:
        raise TimmyError(f"These processes do not end: {', '.join(left)}.", next="timmy status")
    say(f"The world is down ({', '.join(forced)} had to be killed)." if forced else "The world is down.")
    return 0


def reload(*, dry_run: bool = False) -> int:
    """Start the Server anew under the living Portal and wait until it is ready again."""
    sock = location.run_dir() / "portal.sock"
    before = client.ask(sock, {"do": "status"}, 5.0)
    if dry_run:
        out(f"Would start the Server anew; {before['sessions']} connections would be kept.")
        return 0
    begun, old = clock.monotonic(), before["server"]["pid"]
    say(f"reload: {client.ask(sock, {'do': 'reload'}, 5.0)['begun']}")
    while True:
        with contextlib.suppress(Unavailable):
            now = client.ask(sock, {"do": "status"}, 5.0)
            if now["ready"] and now["server"]["pid"] != old:
                break
        if clock.monotonic() - begun > READY_SECONDS:
            raise Unavailable("The Server is not ready again.", next="timmy doctor")
        time.sleep(0.1)
    say(f"Ready again after {clock.monotonic() - begun:.1f} s; {now['sessions']} connections kept.")
    return 0


# -- checks before a start ------------------------------------------------------------------


def check_ports(ours: settings.Settings) -> None:
    """Raises Conflict that names each port in use, before anything is started."""
    taken = []
    for name, port in location.ports(ours.port_base).items():
        if name == "cascade" and locks.holder(location.run_dir(), "cascade"):
            continue  # our own, left by a supervisor that was killed; it is adopted
        host = "127.0.0.1" if name in ("web internal", "link", "cascade") else ours.interface
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                taken.append(f"{port} ({name}: {error.strerror})")
    if taken:
        raise Conflict(
            f"Another program holds port {', '.join(taken)}; nothing was started. Set TIMMY_PORT_BASE to move "
            f"all ports of this world.",
            next=f"TIMMY_PORT_BASE={ours.port_base + 100} make run",
        )


def check_socket_path() -> None:
    """Raises TimmyError when the state folder's path is too long for a Unix socket."""
    longest = max(len(os.fsencode(location.run_dir() / name)) for name in ("portal.sock", "timmy.sock"))
    if longest > 100:  # the system's own limit is 104 (macOS) or 108 (Linux)
        raise TimmyError(
            f"The path of the state folder is too long for the system's sockets ({longest} of 100 bytes): "
            f"{location.state_dir()}. Set TIMMY_STATE_DIR to a shorter one."
        )


def _prepare() -> dict[str, str]:
    """Prepare in this process; the owner's login as far as it may be shown."""
    from server.prepare import prepare

    made = prepare(lambda step: say(f"preparing: {step}"))
    kept = str(made.password_file) if made.password_file else ""
    return {"name": made.owner, "password": made.password, "password_file": kept}


def _owner_kept() -> dict[str, str]:
    kept = settings.current().state_dir / "owner-password"
    name = client.ask(location.run_dir() / "timmy.sock", {"verb": "health"})["data"]["owner"]
    return {"name": name, "password": "", "password_file": str(kept) if kept.exists() else ""}


# -- waiting and last words ---------------------------------------------------------------------


def _wait_ready(pid: int, child: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until the Server answers and the supervisor watches; show each new phase.

    Stops all again when it cannot start.
    """
    end, shown = clock.monotonic() + READY_SECONDS, ""
    while clock.monotonic() < end:
        now = status.gather()
        if now["ready"] and locks.holder(location.run_dir(), "supervisor"):
            return
        if now["phase"] not in (shown, "down", "silent"):
            shown = now["phase"]
            say(f"starting: Server {shown}")
        crashed = (now["processes"][2].get("crashes") or 0) >= 3
        if crashed or (child and child.poll() is not None):
            break
        time.sleep(0.1)
    why = _last_words()
    if locks.holder(location.run_dir(), "supervisor"):
        stop()
    raise TimmyError(f"The world could not start; all was stopped again.\n{why}\nLogs: {location.log_dir()}", next="timmy doctor")


def _wait_cascade(ours: settings.Settings) -> None:
    """Wait until the cascade listens; where it does not come up, say so and what that means: the world runs without it."""
    end, said = clock.monotonic() + CASCADE_SECONDS, False
    before = status.restarts("cascade") or 0
    while not model_service.listens(location.ports(ours.port_base)["cascade"]):
        if not said:
            said = True
            say("starting: cascade")
        if clock.monotonic() > end or (status.restarts("cascade") or 0) - before >= CASCADE_DEATHS:
            say(f"The model service (cascade) has not come up; it is started again and again, and until it listens all answer by reflex. "
                f"Why: {location.log_dir() / 'cascade.log'}, {process.first_output('cascade')}. Try: timmy doctor")  # fmt: skip
            return
        time.sleep(0.1)


def _last_words() -> str:
    """The last errors the processes told before they failed."""
    said = []
    for name in ("portal", "server"):
        with contextlib.suppress(OSError):
            said += process.first_output(name).read_text(errors="replace").splitlines()[-6:]
        with contextlib.suppress(OSError):
            lines = (location.log_dir() / f"{name}.log").read_text(errors="replace").splitlines()[-60:]
            records = [json.loads(line) for line in lines if line.startswith("{")]
            said += [r["text"] for r in records if r["level"] in ("error", "critical")][-6:]
    return "\n".join(f"  {line[:300]}" for line in said)


def _welcome(owner: dict[str, str], as_json: bool, first: str = "Timmy's World is up.") -> int:
    """Where to connect and how to log in."""
    ours = settings.current()
    ports = location.ports(ours.port_base)
    where: dict[str, Any] = {
        "telnet": f"{ours.interface} {ports['telnet']}",
        "web": f"http://{ours.interface}:{ports['web']}/webclient",
        "owner": owner,
    }
    if as_json:
        out(json.dumps(where, indent=2))
        return 0
    out(first)
    out(f"  telnet      telnet {where['telnet']}")
    out(f"  web client  {where['web']}")
    out(f"  owner       {owner['name']}")
    if owner["password"]:
        out(f"  password    {owner['password']}   (shown this once; kept in {owner['password_file']})")
    elif owner["password_file"]:
        out(f"  password    in {owner['password_file']}")
    else:
        out("  password    the one you set (TIMMY_OWNER_PASSWORD at the first start)")
    out("  log in      connect <owner> <password>")
    out("  end it      make stop")
    return 0
