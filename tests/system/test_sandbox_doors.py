"""Nothing that listens on the host is reached from a sandbox through a folder it was shown, whatever it listens at,
and no call of the kernel's that commands need not.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agents.kernel.errors import Unavailable
from agents.work.sandbox import Job, Sandbox, syscalls
from tests.support.sandboxes import KINDS, PYTHON, SMALL, attack, told, usable

PROJECT = Path(__file__).resolve().parents[2]

KNOCK = """
import errno, json, os, socket, stat, sys, time
def reached(path):
    ways = [path, os.path.relpath(path), "/proc/self/root" + path,
            "/proc/1/root" + path, "/proc/self/cwd/" + os.path.relpath(path)]
    opened = os.open(path, os.O_PATH)
    ways.append(f"/proc/self/fd/{opened}")
    ways.append(f"/proc/self/fd/{os.open(os.path.dirname(path), os.O_PATH)}/{os.path.basename(path)}")
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        for way in ways:
            for one in (socket.socket(socket.AF_UNIX, kind), socket.socketpair(socket.AF_UNIX, kind)[0]):
                one.settimeout(1)
                for use in (lambda: one.connect(way), lambda: one.sendto(b"!", way)):
                    try: use(); return f"{way} by {kind}"
                    except (OSError, ValueError): pass
def opened(path):
    for mode in (os.O_WRONLY, os.O_RDWR):
        try:
            pipe = os.open(path, mode | os.O_NONBLOCK)
            os.write(pipe, b"!")
        except OSError: pass
def knock(folders):
    seen = {}
    for top in folders:
        for folder, _, names in os.walk(top):
            for name in names:
                path = os.path.join(folder, name)
                mode = os.lstat(path).st_mode
                if stat.S_ISSOCK(mode): seen[path] = reached(path)
                if stat.S_ISFIFO(mode): opened(path); seen[path] = None
    return seen
"""


@pytest.fixture(params=sorted(KINDS))
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Sandbox:
    return usable(request.param, tmp_path)


@pytest.fixture
def shown(tmp_path: Path) -> Path:
    """A folder that the job may read."""
    folder = tmp_path / "shown"
    (folder / "below").mkdir(parents=True)
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder that the job may write."""
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


@contextmanager
def within(folder: Path) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


class Listeners:
    """Sockets and FIFOs of the host that remember whether anybody came."""

    def __init__(self) -> None:
        self.sockets: dict[str, socket.socket] = {}
        self.pipes: dict[str, int] = {}

    def bind(self, name: str, address: str, kind: int = socket.SOCK_STREAM) -> None:
        one = self.sockets[name] = socket.socket(socket.AF_UNIX, kind)
        one.bind(address)
        os.chmod(address, 0o777)
        one.setblocking(False)
        if kind != socket.SOCK_DGRAM:
            one.listen()

    def fifo(self, name: str, path: Path) -> None:
        os.mkfifo(path)
        os.chmod(path, 0o666)
        self.pipes[name] = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def came(self) -> list[str]:
        """Which were reached since they were made."""
        found = [name for name, pipe in self.pipes.items() if os.read(pipe, 10)]
        for name, one in self.sockets.items():
            try:
                one.recv(10) if one.type == socket.SOCK_DGRAM else one.accept()[0].close()
                found.append(name)
            except BlockingIOError:
                pass
        return found

    def close(self) -> None:
        for one in self.sockets.values():
            one.close()
        for pipe in self.pipes.values():
            os.close(pipe)


@pytest.fixture
def listeners() -> Iterator[Listeners]:
    made = Listeners()
    yield made
    made.close()


def test_no_socket_or_pipe_in_a_folder_is_reached_however_it_came_there(
    box: Sandbox, shown: Path, own: Path, listeners: Listeners
) -> None:
    for folder in (shown, own):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
            with within(folder):
                listeners.bind(f"{folder.name} relative {kind}", f"relative{kind}.sock", kind)
            listeners.bind(f"{folder.name} whole {kind}", str(folder / f"whole{kind}.sock"), kind)
        with within(folder.parent):
            listeners.bind(f"{folder.name} moved in", f"elsewhere-{folder.name}")
        os.rename(folder.parent / f"elsewhere-{folder.name}", folder / "moved.sock")
        os.link(folder / "moved.sock", folder / "linked.sock")
        (folder / "link.sock").symlink_to("moved.sock")
        listeners.fifo(f"{folder.name} pipe", folder / "pipe")
    with within(shown), socket.socket(socket.AF_UNIX) as one:  # it can be reached from here: the attack is a real one
        one.connect("relative1.sock")
    assert listeners.came() == ["shown relative 1"]
    source = KNOCK + "print(json.dumps(knock(sys.argv[1:])))"
    seen = told(attack(box, source, str(shown), str(own), read=(shown,), write=own, cwd=own))
    assert len([path for path, how in seen.items() if how is None]) == len(seen) == 18, seen
    assert listeners.came() == []


def test_no_socket_that_is_bound_while_the_job_runs_is_reached(
    box: Sandbox, shown: Path, own: Path, listeners: Listeners
) -> None:
    source = (
        KNOCK
        + """
open("begun", "w")
seen = {}
while len(seen) < 2 * len(sys.argv[1:]): seen |= knock(sys.argv[1:])
print(json.dumps(seen))
"""
    )

    def bind() -> None:
        while not (own / "begun").exists():
            time.sleep(0.01)
        for folder in (shown, own):
            listeners.bind(f"late in {folder.name}", str(folder / "late.sock"))
            listeners.fifo(f"late pipe in {folder.name}", folder / "late.pipe")

    host = threading.Thread(target=bind)
    host.start()
    try:
        seen = told(attack(box, source, str(shown), str(own), read=(shown,), write=own, cwd=own))
    finally:
        (own / "begun").touch()
        host.join()
    assert set(seen.values()) == {None}
    assert listeners.came() == []


@pytest.mark.skipif(not os.access(sys.base_prefix, os.W_OK), reason="Python's own folder is not ours to write")
def test_no_socket_in_pythons_own_folder_is_reached(box: Sandbox, listeners: Listeners) -> None:
    folder = Path(sys.base_prefix).resolve() / f"doors-{os.getpid()}"
    folder.mkdir()
    try:
        with within(folder):
            listeners.bind("prefix", "s.sock")
        listeners.fifo("pipe", folder / "pipe")
        seen = told(attack(box, KNOCK + "print(json.dumps(knock(sys.argv[1:])))", str(folder)))
    finally:
        shutil.rmtree(folder)
    assert list(seen.values()) == [None, None]
    assert listeners.came() == []


def test_no_socket_is_reached_through_what_is_mounted_in_the_folder(box: Sandbox, tmp_path: Path, shown: Path) -> None:
    """In mounts of its own, so that nothing has to be taken down afterwards."""
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("only a root that may mount something can try this")
    world = f"""
import os, pathlib, socket, subprocess, sys
sys.path.insert(0, {str(PROJECT)!r})
from tests.support.sandboxes import KINDS, attack, settings, told
from tests.system.test_sandbox_doors import KNOCK, Listeners, within
from agents.work.sandbox import Guard
tmp, shown = pathlib.Path({str(tmp_path)!r}), pathlib.Path({str(shown)!r})
run = tmp / "a run folder"
run.mkdir()
(run / "file").write_text("seen")
listeners = Listeners()
with within(run): listeners.bind("mounted", "s.sock")
subprocess.run(["mount", "--bind", run, shown / "below"], check=True)
for folder in (shown, shown / "below"):
    box = KINDS[{box.name!r}](Guard(settings(tmp)))
    asked = KNOCK + "print(json.dumps([knock(sys.argv[1:]), open(sys.argv[2]).read()]))"
    seen = told(attack(box, asked, str(folder), str(shown / "below" / "file"), read=(folder,)))
    assert list(seen[0].values()) == [None], seen
    assert seen[1] == "seen"
    assert listeners.came() == []
"""
    done = subprocess.run(["unshare", "-m", sys.executable, "-c", world], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a device")
def test_no_device_in_a_folder_is_opened(box: Sandbox, shown: Path, own: Path) -> None:
    for folder in (shown, own):
        os.mknod(folder / "memory", 0o20666, os.makedev(1, 5))
        os.chmod(folder / "memory", 0o666)
    source = """
import json, os, sys
opened = []
for path in sys.argv[1:]:
    try: opened.append(os.open(path, os.O_RDONLY))
    except OSError: pass
print(json.dumps(opened))
"""
    assert told(attack(box, source, *(str(f / "memory") for f in (shown, own)), read=(shown,), write=own)) == []


@pytest.mark.parametrize("what", ["socket", "pipe"])
def test_what_listens_is_not_shown_by_itself(box: Sandbox, shown: Path, listeners: Listeners, what: str) -> None:
    place = shown / what
    listeners.bind("s", str(place)) if what == "socket" else listeners.fifo("p", place)
    with pytest.raises(Unavailable, match="neither a folder nor a plain file"):
        attack(box, "pass", read=(place,))


def test_sockets_of_the_jobs_own_work_wherever_it_may_write(box: Sandbox, own: Path) -> None:
    source = """
import json, multiprocessing as many, os, socket, sys
def add(pipe, n): pipe.send(n + 1)
worked = []
for folder in (sys.argv[1], "/tmp", os.environ["HOME"]):
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(folder + "/s"); server.listen(); client.connect(folder + "/s")
        server.accept()[0].sendall(b"7"); worked.append(client.recv(1).decode())
    os.mkfifo(folder + "/p")
    if os.fork() == 0:
        open(folder + "/p", "w").write("8"); os._exit(0)
    worked.append(open(folder + "/p").read())
for way in ("fork", "spawn", "forkserver"):
    ours, theirs = many.get_context(way).Pipe()
    process = many.get_context(way).Process(target=add, args=(theirs, 8))
    process.start(); worked.append(str(ours.recv())); process.join()
with many.Manager() as manager: worked.append(str(manager.list([9])[0]))
print(json.dumps(worked))
"""
    script = own / "work.py"
    script.write_text(_guarded(source))
    result = box.run(Job((PYTHON, str(script), str(own)), write=own, cwd=own, limits=SMALL))
    assert told(result) == ["7", "8"] * 3 + ["9"] * 4


def _guarded(source: str) -> str:
    """As a file whose work is done only when it is the program, as multiprocessing wants it."""
    head, _, work = source.partition("worked = []\n")
    return (
        head + "if __name__ == '__main__':\n    worked = []\n" + "".join(f"    {line}\n" for line in work.splitlines())
    )


# -- what is written ---------------------------------------------------------------------


def test_all_that_is_done_in_the_writable_folder_stands_there_afterwards(box: Sandbox, own: Path) -> None:
    (own / "old").mkdir()
    (own / "old" / "file").write_text("before")
    (own / "gone").write_text("x")
    source = """
import json, os
os.rename("old", "new"); os.makedirs("a/b/c"); os.rename("a/b", "b"); os.remove("gone"); os.rmdir("a")
open("new/file", "a").write(" and after"); os.link("new/file", "hard"); os.symlink("new", "soft")
os.mkdir("gone"); os.rmdir("b/c"); os.mkdir("b/c"); os.chmod("b", 0o750); os.utime("hard", (5, 5))
print(json.dumps(sorted(os.listdir("."))))
"""
    wanted = ["b", "gone", "hard", "new", "soft"]
    assert told(attack(box, source, write=own, cwd=own)) == wanted
    assert sorted(os.listdir(own)) == wanted
    assert (own / "hard").read_text() == "before and after"
    assert (own / "hard").stat().st_nlink == 2
    assert (own / "hard").stat().st_mtime == 5
    assert (own / "b").stat().st_mode & 0o7777 == 0o750
    assert {p.lstat().st_uid for p in own.rglob("*")} == {os.geteuid()}
    assert [p.name for p in own.parent.iterdir() if "work" in p.name] == []


def test_what_a_crash_left_beside_the_writable_folder_is_taken_away(box: Sandbox, own: Path) -> None:
    left, living = own.parent / ".own.work-4194999-x", own.parent / f".own.work-{os.getpid()}-x"
    for folder in (left, living):
        (folder / "work").mkdir(parents=True)
        (folder / "work").chmod(0)
    assert attack(box, "pass", write=own).ok
    assert (left.exists(), living.exists()) == (False, True)


# -- what was looked at is what is shown ---------------------------------------------------


def place(path: Path) -> str:
    at = os.open(path, os.O_PATH)
    try:
        return syscalls.place(at)
    finally:
        os.close(at)


def _exchange_by_link(folder: Path) -> None:
    folder.rename(folder.parent / "away")
    folder.symlink_to(folder.parent / "secret")


def _exchange_parent(folder: Path) -> None:
    folder.parent.rename(folder.parent.parent / "away")
    folder.parent.symlink_to(folder.parent.parent / "other")


def _make_again(folder: Path) -> None:
    mode = folder.stat().st_mode
    shutil.rmtree(folder)
    folder.mkdir(mode=mode)


def _exchange_by_rename(folder: Path) -> None:
    folder.rename(folder.parent / "away")
    (folder.parent / "secret").rename(folder)


EXCHANGES = [_exchange_by_link, _exchange_parent, _make_again, _exchange_by_rename]


@pytest.mark.parametrize("way", ["read", "write"])
@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_folder_that_was_exchanged_is_not_shown(box: Sandbox, tmp_path: Path, exchange, way: str) -> None:
    parent = tmp_path / "parent"
    for name in ("parent/folder", "parent/secret", "other/folder"):
        (tmp_path / name).mkdir(parents=True)
    folder = parent / "folder"
    job = {"read": (folder,)} if way == "read" else {"write": folder}
    places = {folder: place(folder)}
    assert attack(box, "pass", places=places, **job).ok
    exchange(folder)
    # A link leads to what is shown elsewhere; to it belongs no place, so whoever gives jobs resolves first.
    where = folder.resolve() if exchange in (_exchange_by_link, _exchange_parent) else folder
    job = {"read": (where,)} if way == "read" else {"write": where}
    with pytest.raises(Unavailable, match="moved, replaced or recreated"):
        attack(box, "open('/tmp/x', 'w')", places={where: places[folder]}, **job)


def test_a_folder_exchanged_in_the_last_instant_is_not_shown(box: Sandbox, tmp_path: Path) -> None:
    """Back and forth while jobs are begun: none ever sees the other folder."""
    folder, other, spare = (tmp_path / name for name in ("folder", "other", "spare"))
    for name in (folder, other):
        name.mkdir()
        (name / "name").write_text(name.name)
    places, stop = {folder: place(folder)}, threading.Event()

    def exchange() -> None:
        while not stop.is_set():
            for a, b in ((folder, spare), (other, folder), (folder, other), (spare, folder)):
                if a.exists() and not b.exists():
                    a.rename(b)

    thread = threading.Thread(target=exchange)
    thread.start()
    seen = set()
    try:
        for _ in range(12):
            try:
                seen.add(box.run(Job(("cat", str(folder / "name")), read=(folder,), places=places)).out)
            except Exception as error:  # it may be away just then
                seen.add(type(error).__name__.encode())
    finally:
        stop.set()
        thread.join()
    assert b"other" not in seen


# -- calls of the kernel -------------------------------------------------------------------


def test_calls_that_commands_need_not_are_refused(box: Sandbox) -> None:
    source = """
import ctypes, errno, json, os, platform, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
first = platform.machine() == "x86_64"
def call(numbers, *words):
    return errno.errorcode.get(ctypes.get_errno()) if libc.syscall(numbers[0 if first else 1], *words) < 0 else "done"
area = ctypes.create_string_buffer(256)
tried = {
    "io_uring_setup": call((425, 425), 4, area), "io_uring_enter": call((426, 426), 0, 0, 0, 0, 0, 0),
    "bpf": call((321, 280), 0, area, 128),
    "perf_event_open": call((298, 241), area, 0, -1, -1, 0),
    "userfaultfd": call((323, 282), 1), "fanotify_init": call((300, 262), 0x200, 0),
    "keyctl": call((250, 219), 0, -4, 1), "add_key": call((248, 217), b"user", b"x", b"y", 1, -4),
    "request_key": call((249, 218), b"user", b"x", 0, -4),
    "ptrace": call((101, 117), 0, 0, 0, 0),
    "process_vm_readv": call((310, 270), os.getpid(), 0, 0, 0, 0, 0),
    "pidfd_getfd": call((438, 438), -1, 0, 0),
    "fsopen": call((430, 430), b"tmpfs", 0),
    "open_tree": call((428, 428), -100, b"/tmp", 1), "mount": call((165, 40), b"", b"", b"", 0, 0),
    "setns": call((308, 268), -1, 0), "open_by_handle_at": call((304, 265), -1, 0, 0),
    "kexec": call((246, 104), 0, 0, 0, 0), "init_module": call((175, 105), 0, 0, 0),
    "unshare user": call((272, 97), 0x10000000), "unshare mounts": call((272, 97), 0x20000),
    "clone user": call((56, 220), 0x10000011, 0, 0, 0, 0),
    "clone user, high bits set": call((56, 220), ctypes.c_long(0x710000011), 0, 0, 0, 0),
    "tty": call((16, 29), 0, 0x5412, area), "tty, high bits set": call((16, 29), 0, ctypes.c_long(0x100005412), area),
    "socketpair": call((53, 199), 2, 1, 0, area),
    **{f"family {n}": call((41, 198), n, 3, 0) for n in (4, 5, 9, 15, 17, 21, 29, 31, 38, 40, 44)},
    "netfilter": call((41, 198), 16, 3, 12), "audit": call((41, 198), 16, 3, 9),
    "netlink, high bits set": call((41, 198), ctypes.c_long(0x100000010), 3, ctypes.c_long(12)),
    "family 17, high bits set": call((41, 198), ctypes.c_long(0x100000011), 3, 0),
}
unknown = {"clone3": call((435, 435), area, 64)}
if first: unknown |= {"x32": call((0x40000000 + 39, 0))}
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0); socket.socketpair(); socket.socket(socket.AF_INET6)
print(json.dumps([tried, unknown]))
"""
    tried, unknown = told(attack(box, source))
    assert {name: how for name, how in tried.items() if how != "EPERM"} == {}
    assert set(unknown.values()) == {"ENOSYS"}


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="other machines have no second way into the kernel")
def test_the_second_way_into_the_kernel_is_shut(box: Sandbox) -> None:
    """int 0x80 speaks i386, where the numbers mean other calls: 20 is getpid there, and writev here."""
    source = """
import ctypes, json, mmap
code = mmap.mmap(-1, 4096, prot=7)
code.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20; int 0x80; ret
call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
print(json.dumps(call()))
"""
    assert told(attack(box, source)) == -38


def test_every_process_of_a_job_stands_under_the_filter(box: Sandbox) -> None:
    source = """
import json, os
found = {}
for pid in filter(str.isdigit, os.listdir("/proc")):
    lines = open(f"/proc/{pid}/status").readlines()
    found[pid] = [line.split()[1] for line in lines if line.startswith(("Seccomp:", "NoNewPrivs:"))]
print(json.dumps(found))
"""
    assert {tuple(found) for found in told(attack(box, source)).values()} == {("1", "2")}
