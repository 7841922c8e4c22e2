"""Other users of this machine, and other programs of the owner's: what of a world they reach, and what comes of it."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from twisted.protocols.amp import AmpBox

from server import listeners, model_service
from tests.system import harness
from tests.system.harness import World, until

NOBODY = 65534
PROCESSES = ("portal", "server", "cascade", "supervisor")
linux = pytest.mark.skipif(not Path("/proc/net/unix").is_file(), reason="needs /proc, to see what processes hold")

SAY = """
import os, socket, sys
if os.getuid() == 0:
    os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1]))
data = sys.stdin.buffer.read()
for port in map(int, sys.argv[2:]):
    with socket.socket() as link:
        link.settimeout(5)
        try:
            link.connect(("127.0.0.1", port)); link.sendall(data); link.shutdown(socket.SHUT_WR)
            while link.recv(65536): pass
        except OSError: pass
"""


def sockets(pid: int) -> Iterator[tuple[int, int]]:
    """The descriptor and the inode of each socket that a process holds."""
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            where = os.readlink(entry)
        except FileNotFoundError:  # closed meanwhile
            continue
        if where.startswith("socket:["):
            yield int(entry.name), int(where[8:-1])


def ports(pid: int) -> set[int]:
    """The TCP ports on which a process listens."""
    held = {inode for _, inode in sockets(pid)}
    rows = [
        line.split() for table in listeners.TABLES if table.is_file() for line in table.read_text().splitlines()[1:]
    ]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A" and int(row[9]) in held}


def names(pid: int) -> set[str]:
    """The names under which others may find the Unix sockets of a process."""
    held = {inode for _, inode in sockets(pid)}
    rows = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:]]
    return {row[7] for row in rows if len(row) > 7 and int(row[6]) in held}


class Taken:
    """An object whose pickle makes a folder where it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.mark),)


def boxes(mark: Path) -> bytes:
    """Whatever the engine would unpickle."""
    load = pickle.dumps(Taken(mark))
    named = ("MsgServer2Portal", "AdminServer2Portal", "MsgPortal2Server", "AdminPortal2Server")
    made = [AmpBox(_ask=b"1", _command=name.encode(), packed_data=zlib.compress(load)) for name in named]
    made.append(AmpBox(_ask=b"2", _command=b"FunctionCall", module=b"os", function=b"getpid", args=load, kwargs=load))
    made.append(AmpBox(_answer=b"1", result=load))
    return b"".join(box.serialize() for box in made)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[World]:
    """A running world of this file's own, for tests that hurt it."""
    with harness.world(tmp_path_factory.mktemp("a"), prepared, ollama_url="") as made:
        yield made


@linux
def test_what_a_world_listens_on_is_what_it_says(world: World) -> None:
    pids = {name: world.pid(name) or 0 for name in PROCESSES}
    doors = world.ports
    assert {name: ports(pid) for name, pid in pids.items()} == {
        "portal": {doors["telnet"], doors["web"], doors["websocket"]},
        "server": set(),
        "cascade": {doors["cascade"]},
        "supervisor": set(),
    }
    held = {name for pid in pids.values() for name in names(pid)}
    assert {Path(name).parent for name in held} == {world.run_dir} and {Path(name).stem for name in held} == {
        "portal",
        "timmy",
        "web",
    }


@linux
def test_no_local_user_has_anything_of_his_unpickled(world: World, tmp_path: Path) -> None:
    """At base + 5 and + 6 there was the web behind the Portal, and the link, which ran what it was sent."""
    mark, before = tmp_path / "taken", world.pid("server")
    base = min(world.ports.values())
    for data in (boxes(mark), boxes(mark)[:-9], b"\0\x08_command" + b"\xff" * 70000, b"GET / HTTP/1.1\r\n\r\n"):
        subprocess.run(
            [sys.executable, "-c", SAY, str(NOBODY), *map(str, range(base, base + 8))],
            input=data,
            check=True,
            timeout=120,
        )
    assert not mark.exists()
    assert world.status()["ready"] and world.pid("server") == before


@linux
def test_what_the_processes_start_gets_none_of_their_sockets(world: World) -> None:
    """A job that ran with the owner's rights and had the link by inheritance would need no door."""
    for name in ("portal", "server"):
        pid = world.pid(name) or 0
        for descriptor, inode in sockets(pid):
            try:
                told = Path(f"/proc/{pid}/fdinfo/{descriptor}").read_text()
            except FileNotFoundError:
                continue
            flags = int(next(line for line in told.splitlines() if line.startswith("flags:")).split()[1], 8)
            assert flags & os.O_CLOEXEC, (name, descriptor, inode)


def test_a_server_whose_portal_is_gone_ends_though_nobody_looks_after_it(alone: World) -> None:
    world = alone
    world.kill("supervisor")
    world.kill("portal")
    until(lambda: world.pid("server") is None, "the Server has ended by itself")
    assert "The Portal is gone" in world.log()
    world.start()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
@linux
def test_who_takes_the_cascades_port_gets_neither_token_nor_question(alone: World) -> None:
    world = alone
    token, port = (world.state / "cascade-token").read_text().strip(), world.ports["cascade"]
    impostor = (
        "import os, socket, sys; os.setgid(65534); os.setuid(65534); s = socket.socket(); "
        "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
        "while True:\n"
        "    try: s.bind(('127.0.0.1', int(sys.argv[1]))); break\n"
        "    except OSError: pass\n"
        "s.listen(); print('here', flush=True)\n"
        "while True:\n"
        "    c, _ = s.accept(); c.settimeout(2)\n"
        "    try: print(c.recv(65536), flush=True)\n"
        "    except OSError: pass\n"
        "    c.close()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", impostor, str(port)], stdout=subprocess.PIPE, text=True, cwd="/"
    ) as child:
        try:
            assert child.stdout
            world.kill("cascade")
            assert child.stdout.readline() == "here\n"
            player = world.login()
            player.ask("ask timmy = the word is xyzzy", r"\(reflex\)")
            for words in (("cascade", "status"), ("doctor",), ("cascade", "probe")):
                told = world.cli(*words)
                assert f"user {NOBODY}" in told.stdout + told.stderr, (words, told.stdout, told.stderr)
        finally:
            child.kill()
            heard = child.stdout.read() if child.stdout else ""
    assert token not in heard and "xyzzy" not in heard
    until(lambda: model_service.listens(port), "the cascade has its port again")
