"""`timmy run`, `stop` and `reload`: the life of the world on its owner's command.

Owns the checks before a start, the wait with visible progress, and the final message with where to connect. Starts
nothing that cannot work: not while a port is in use, a folder cannot be written or a setting is wrong.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from typing import Any

from agents.kernel import location, settings
from agents.kernel.addresses import in_url
from agents.kernel.clock import SystemClock
from agents.kernel.errors import Conflict, TimmyError, Unavailable
from server import client, ends, locks, model_service, ports, process, processes, status
from server.terminal import out, say

READY_SECONDS, CASCADE_SECONDS, CASCADE_DEATHS = 300.0, 60.0, 3
"""How long to wait for the world, and for the cascade, without which the world runs; after so many deaths the wait
ends.
"""
clock = SystemClock()


def run(*, foreground: bool = False, dry_run: bool = False, as_json: bool = False) -> int:
    """Prepare and start the world, wait until it is ready, say where to connect."""
    ours = settings.current()
    run_dir = location.run_dir()
    if pid := locks.holder(run_dir, "supervisor"):
        if foreground:
            raise Conflict(f"This world is already running (supervisor pid {pid}).", next="timmy status")
        say("The world is already running.")
        _wait_ready(pid)
        _wait_cascade(ours)
        return _welcome(_owner_kept(), as_json)
    adopted = locks.holder(run_dir, "portal") is not None
    check_socket_path()
    if not adopted:
        ports.check(ours)
    if dry_run:
        out(
            f"Would prepare {ours.state_dir} and start {processes.titles(' and ')} on ports "
            f"{', '.join(str(p) for p in ports.of(ours.port_base).values())}."
        )
        return 0
    say(f"Timmy's World, in {ours.state_dir}")
    owner = _owner_kept() if adopted else _prepare()
    if foreground:
        _welcome(owner, as_json, "Timmy's World starts.")
        sys.stdout.flush()
        os.execve(  # noqa: S606  the container's or systemd's child becomes the supervisor
            sys.executable, [sys.executable, "-m", "server.supervisor"], process.environment()
        )
    say(f"starting: {processes.titles()}")
    child = subprocess.Popen(
        [sys.executable, "-m", "server.supervisor"],
        cwd=location.PROJECT,
        env=process.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _wait_ready(child.pid, child)
    _wait_cascade(ours)
    return _welcome(owner, as_json)


def stop(*, dry_run: bool = False) -> int:
    """Stop every process of this world; returns when none is left."""
    run_dir = location.run_dir()
    running = {name: pid for name in processes.NAMES if (pid := locks.holder(run_dir, name))}
    if not running:
        say("The world is already down.")
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
    forced = [name for name in processes.NAMES if locks.end(run_dir, name, patience=20.0)]
    left = [name for name in processes.NAMES if locks.holder(run_dir, name)]
    if left:
        raise TimmyError(f"These processes did not end: {', '.join(left)}.", next="timmy status")
    say(f"The world is down ({', '.join(forced)} had to be killed)." if forced else "The world is down.")
    return 0


def reload(*, dry_run: bool = False) -> int:
    """Restart the Server under the running Portal and wait until it is ready again."""
    sock = location.run_dir() / "portal.sock"
    before = client.ask(sock, {"do": "status"}, 5.0)
    if dry_run:
        out(f"Would restart the Server; {before['sessions']} connections would be kept.")
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


def check_socket_path() -> None:
    """Raises TimmyError if the state folder's path is too long for a Unix socket."""
    longest = max(len(os.fsencode(location.run_dir() / name)) for name in ("portal.sock", "timmy.sock"))
    if longest > 100:  # the system's own limit is 104 (macOS) or 108 (Linux)
        raise TimmyError(
            f"The path of the state folder is too long for the system's sockets ({longest} of 100 bytes): "
            f"{location.state_dir()}. Set TIMMY_STATE_DIR to a shorter one."
        )


def _prepare() -> dict[str, str]:
    """Prepare in this process; returns the owner's login as far as it may be shown."""
    from server.prepare import prepare

    made = prepare(lambda step: say(f"preparing: {step}"))
    kept = str(made.password_file) if made.password_file else ""
    return {"name": made.owner, "password": made.password, "password_file": kept}


def _owner_kept() -> dict[str, str]:
    kept = settings.current().state_dir / "owner-password"
    name = client.ask(location.run_dir() / "timmy.sock", {"verb": "health"})["data"]["owner"]
    return {"name": name, "password": "", "password_file": str(kept) if kept.exists() else ""}


# -- waiting and the final message -------------------------------------------------------------


def _wait_ready(pid: int, child: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until the Server answers and the supervisor is watching; show each new phase.

    Stops everything again if it cannot start.
    """
    end, shown = clock.monotonic() + READY_SECONDS, ""
    while clock.monotonic() < end:
        now = status.gather()
        if now["ready"] and locks.holder(location.run_dir(), "supervisor"):
            return
        if now["phase"] not in (shown, "down", "silent"):
            shown = now["phase"]
            say(f"starting: Server {shown}")
        crashed = status.crashes(now) >= 3
        if crashed or (child and child.poll() is not None):
            break
        time.sleep(0.1)
    why = _last_words()
    if locks.holder(location.run_dir(), "supervisor"):
        stop()
    raise TimmyError(
        f"The world could not start, so everything was stopped again.\n{why}\nLogs: {location.log_dir()}",
        next="timmy doctor",
    )


def _wait_cascade(ours: settings.Settings) -> None:
    """Wait until the cascade listens; if it does not start, say so and what that means: the world runs without it."""
    end, said = clock.monotonic() + CASCADE_SECONDS, False
    before = status.restarts("cascade") or 0
    while not model_service.listens(ports.of(ours.port_base)["cascade"]):
        if not said:
            said = True
            say("starting: cascade")
        if clock.monotonic() > end or (status.restarts("cascade") or 0) - before >= CASCADE_DEATHS:
            say(
                f"The model service (cascade) has not come up; it is being restarted repeatedly, and until it "
                f"listens all answer by reflex. "
                f"{_last_line('cascade')}Try: timmy doctor"
            )
            return
        time.sleep(0.1)


def _last_line(name: str) -> str:
    end = ends.of(name)
    log = location.log_dir() / f"{name}.log"
    return f"It {end.how}, and said last: {end.said or 'nothing'} ({log}). " if end else f"Why: {log}. "


def _last_words() -> str:
    """The last errors that the processes reported before they failed."""
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
    numbers = ports.of(ours.port_base)
    where: dict[str, Any] = {
        "telnet": f"{ours.interface} {numbers['telnet']}",
        "web": f"http://{in_url(ours.interface)}:{numbers['web']}/webclient",
        "owner": owner,
    }
    if as_json:
        out(json.dumps(where, indent=2))
        return 0
    out(first)
    out(f"  web client  {where['web']}")
    if owner["password"]:
        out(f"  password    {owner['password']}   (shown this once; kept in {owner['password_file']})")
    elif owner["password_file"]:
        out(f"  password    cat {shlex.quote(owner['password_file'])}")
    else:
        out("  password    the one you set (TIMMY_OWNER_PASSWORD at the first start)")
    out(f"  log in      connect {owner['name']} {owner['password'] or '<password>'}")
    out("  end it      make stop")
    out("  come in     by this line, then the one to log in:")
    out(f"telnet {where['telnet']}")
    return 0
