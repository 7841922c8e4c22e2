"""Every sandbox is attacked from inside, and the host is asked afterwards what became of it (T11)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agents.kernel import randomness
from agents.work.sandbox import Job, Sandbox
from agents.work.sandbox.job import WHOLE
from tests.support.sandboxes import KINDS, PYTHON, SMALL, attack, descendants, running, told, usable

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=sorted(KINDS))
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Sandbox:
    return usable(request.param, tmp_path)


@pytest.fixture
def left() -> Callable[[], set[int]]:
    """The processes that a test's jobs have left: not what ran before it, such as the worlds of other files, nor what
    those start.
    """
    before = descendants()
    return lambda: descendants(beside=before)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder that the job may write."""
    folder = tmp_path / "own"
    folder.mkdir()
    return folder


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that the job may read, with a file that must stay as it is."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "planted").write_text("as it was")
    return folder


def until(condition: Callable[[], bool]) -> None:
    """Wait for `condition`, at most a minute or so."""
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.02)
    pytest.fail("what was waited for never came")


def state_of(path: Path) -> tuple[object, ...]:
    seen = path.lstat()
    return path.read_bytes(), seen.st_mode, seen.st_uid, seen.st_gid, seen.st_mtime_ns, seen.st_nlink


# -- processes ---------------------------------------------------------------------------


def test_a_counting_fork_bomb_stops_at_the_limit(box: Sandbox, left: Callable[[], set[int]]) -> None:
    source = """
import os, json, time
made = 0
try:
    while made < 500:
        if os.fork() == 0:
            time.sleep(1000)
        made += 1
except OSError as error:
    print(json.dumps([made, error.errno]))
"""
    made, error = told(attack(box, source))
    assert 1 <= made < SMALL.processes
    assert error == 11  # EAGAIN
    assert not left()


def test_a_fork_bomb_is_bounded_on_the_host_and_ends(box: Sandbox, left: Callable[[], set[int]]) -> None:
    most, done = 0, threading.Event()

    def count() -> None:
        nonlocal most
        while not done.is_set():
            most = max(most, len(left() & left()))  # what both looks saw lived at once, between them

    counter = threading.Thread(target=count)
    counter.start()
    try:
        bomb = ("bash", "-c", "bomb() { bomb | bomb & }; bomb; sleep 1000")
        result = box.run(Job(bomb, limits=replace(SMALL, seconds=2)))
    finally:
        done.set()
        counter.join()
    assert result.ended in ("time", "output")
    assert 2 < most <= SMALL.processes + 4  # launcher, its helper, bubblewrap, process 1
    assert not left()


def test_two_jobs_do_not_share_their_limit_of_processes(box: Sandbox) -> None:
    source = "import os, time\nfor _ in range(20):\n    if os.fork() == 0: time.sleep(1000)\nprint(input())"
    first: list[bool] = []
    other = threading.Thread(target=lambda: first.append(attack(box, source, stdin=b"1\n").ok))
    other.start()
    second = attack(box, source, stdin=b"2\n")
    other.join()
    assert second.ok, second.err
    assert first == [True]


def test_a_process_that_leaves_its_parent_is_gone_when_the_job_ends(box: Sandbox) -> None:
    marker = f"sleeper-{randomness.secret()}"
    source = """
import os, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for n in range(3): os.close(n)
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(1000)", sys.argv[1]])
    os._exit(0)
os.wait()
marks = 0
while not marks:  # it is surely there before we end
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if pid not in (str(os.getpid()), "1"):
            marks += sys.argv[1].encode() in open(f"/proc/{pid}/cmdline", "rb").read()
print(marks)
"""
    assert told(attack(box, source, marker)) >= 1
    assert running(marker) == []


def test_all_dies_with_the_world(box: Sandbox, tmp_path: Path) -> None:
    marker = f"sleeper-{randomness.secret()}"
    world = f"""
import sys; sys.path.insert(0, {str(PROJECT)!r})
from pathlib import Path
from tests.support.sandboxes import KINDS, settings
from agents.work.sandbox import Guard, Job
box = KINDS[{box.name!r}](Guard(settings(Path({str(tmp_path)!r}))))
box.run(Job(("sh", "-c", "setsid sh -c 'sleep 1000; true' $0 & sleep 1000", {marker!r})))
"""
    server = subprocess.Popen([sys.executable, "-c", world], cwd=tmp_path)
    try:
        until(lambda: sum(b"sleep\x00" in _command(p) for p in descendants(server.pid)) >= 2)
    finally:
        left = descendants(server.pid)
        server.kill()
        server.wait()
    until(lambda: not any(_command(p) for p in left))
    assert running(marker) == []


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def test_the_time_limit_ends_all(box: Sandbox, left: Callable[[], set[int]]) -> None:
    marker = f"sleeper-{randomness.secret()}"
    result = box.run(
        Job(("sh", "-c", "trap '' TERM INT HUP; sleep 1000 & sleep 1000", marker), limits=replace(SMALL, seconds=1))
    )
    assert (result.ok, result.ended) == (False, "time")
    assert running(marker) == []
    assert not left()


def test_signals_do_not_reach_the_host(box: Sandbox) -> None:
    source = """
import os, sys, json, signal
errors = []
for pid in (int(sys.argv[1]), int(sys.argv[2]), -1, -int(sys.argv[2])):
    try:
        os.kill(pid, signal.SIGKILL)
        errors.append(0)
    except OSError as error:
        errors.append(error.errno)
print(json.dumps([errors, os.path.exists(f"/proc/{sys.argv[1]}/status")]))
"""
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as victim:
        try:
            # Numbers inside start at 1, so a host's number can only name a process inside by chance.
            errors, _ = told(attack(box, source, str(victim.pid), str(os.getpid())))
            assert errors[0] == 3 or victim.pid < 100  # ESRCH
            assert victim.poll() is None
        finally:
            victim.kill()


def test_no_process_of_the_host_can_be_traced(box: Sandbox) -> None:
    source = """
import ctypes, sys, json, os
libc = ctypes.CDLL(None, use_errno=True)
print(json.dumps([libc.ptrace(16, int(sys.argv[1]), 0, 0), sorted(int(p) for p in os.listdir("/proc") if p.isdigit())]))
"""
    with subprocess.Popen(["sleep", "1000"]) as victim:
        try:
            done, seen = told(attack(box, source, str(victim.pid)))
            assert done == -1
            assert len(seen) < 10
            assert "TracerPid:\t0\n" in Path(f"/proc/{victim.pid}/status").read_text()
        finally:
            victim.kill()


# -- memory, disk, output --------------------------------------------------------------------


def test_one_process_cannot_have_more_memory_than_its_limit(box: Sandbox) -> None:
    source = """
held, n = [], 0
try:
    while n < 4000:
        held.append(bytearray(1 << 20)); n += 1
except MemoryError:
    held.clear()
    print(n)
"""
    assert told(attack(box, source)) <= SMALL.memory_mb


@pytest.mark.parametrize("how", ["many processes", "shared memory"])
def test_all_processes_together_are_bounded_too(box: Sandbox, how: str, left: Callable[[], set[int]]) -> None:
    source = """
import mmap, os, sys, time
for _ in range(12):
    if os.fork() == 0:
        flags = mmap.MAP_ANONYMOUS | (mmap.MAP_SHARED if sys.argv[1] == "shared memory" else mmap.MAP_PRIVATE)
        size = 40 << 20
        area = mmap.mmap(-1, size, flags=flags)
        for at in range(0, size, 4096): area[at] = 1
        time.sleep(1000)
time.sleep(1000)
"""
    result = attack(box, source, how, limits=replace(SMALL, memory_mb=64))
    assert (result.ok, result.ended) == (False, "memory")
    assert not left()


def test_a_file_of_ten_gigabytes_stops_at_the_limit(box: Sandbox, own: Path) -> None:
    source = """
import json, os
errors = []
with open("big", "wb", buffering=0) as big:
    try:
        while big.tell() < 10 << 30: big.write(bytes(1 << 20))
    except OSError as error: errors.append(error.errno)
with open("sparse", "wb") as sparse:
    try: sparse.truncate(10 << 30)
    except OSError as error: errors.append(error.errno)
print(json.dumps(errors))
"""
    assert told(attack(box, source, write=own, cwd=own)) == [27, 27]  # EFBIG
    assert (own / "big").stat().st_size == SMALL.file_mb * 2**20
    assert (own / "sparse").stat().st_size == 0


def test_many_files_in_the_writable_folder_are_stopped(box: Sandbox, own: Path) -> None:
    source = """
import os, time
for n in range(100):
    with open(f"file{n}", "wb") as file: file.write(os.urandom(1 << 20))
time.sleep(1000)
"""
    result = attack(box, source, write=own, cwd=own, limits=replace(SMALL, file_mb=2))
    assert (result.ok, result.ended) == (False, "disk")


def test_nothing_can_be_filled_but_what_is_private_and_small(box: Sandbox, own: Path, outside: Path) -> None:
    source = """
import json, os
places = {}
for folder, folders, files in os.walk("/"):
    if folder == "/":
        for skip in ("proc", "usr"): folders.remove(skip)
    name = os.path.join(folder, "fill")
    try: fd = os.open(name, os.O_CREAT | os.O_WRONLY)
    except OSError: continue
    written = 0
    try:
        while True: written += os.write(fd, bytes(1 << 20))
    except OSError as error: pass
    os.close(fd)
    n = 0
    try:
        while n < 100:
            n += 1
            with open(f"{name}{n}", "wb", buffering=0) as more: written += more.write(bytes(4 << 20))
    except OSError as error: places[folder] = [written, error.errno]
print(json.dumps(places))
"""
    limits = replace(SMALL, file_mb=4)
    places = told(attack(box, source, read=(outside,), limits=limits))
    assert {"/tmp", "/dev/shm"} <= set(places)
    assert all(Path(p).is_relative_to("/tmp") or p == "/dev/shm" for p in places)  # both are private
    assert [p.name for p in outside.iterdir()] == ["planted"]
    assert all(error == 28 for _, error in places.values())  # ENOSPC
    assert sum(size for size, _ in places.values()) <= 2 * WHOLE * limits.file_mb * 2**20


@pytest.mark.parametrize("command", ["yes", "yes >&2", "cat /dev/zero", "yes & yes >&2 & wait"])
def test_endless_output_is_cut(box: Sandbox, command: str, left: Callable[[], set[int]]) -> None:
    result = box.run(Job(("sh", "-c", command), limits=SMALL))
    assert (result.ended, result.cut) == ("output", True)
    assert len(result.out) + len(result.err) == SMALL.output_kb * 1024
    assert not left()


# -- network ---------------------------------------------------------------------------------


@pytest.fixture
def listeners(outside: Path) -> Iterator[dict[str, socket.socket]]:
    """Real listening sockets of the host, one of each way to be reached."""
    made = {
        "tcp": socket.create_server(("127.0.0.1", 0)),
        "tcp6": socket.create_server(("::1", 0), family=socket.AF_INET6),
        "all": socket.create_server(("0.0.0.0", 0)),
        "file": socket.socket(socket.AF_UNIX),
        "abstract": socket.socket(socket.AF_UNIX),
    }
    made["file"].bind(str(outside / "control.sock"))
    os.chmod(outside / "control.sock", 0o777)
    made["abstract"].bind(f"\0{randomness.secret()}")
    for listener in made.values():
        listener.listen()
        listener.setblocking(False)
    yield made
    for listener in made.values():
        listener.close()


def test_no_listener_of_the_host_is_reached(box: Sandbox, outside: Path, listeners: dict[str, socket.socket]) -> None:
    source = """
import json, socket, sys
tried = []
for family, address in json.loads(sys.argv[1]):
    s = socket.socket(family)
    s.settimeout(5)
    try:
        s.connect(tuple(address) if isinstance(address, list) else address)
        tried.append("connected")
    except OSError as error: tried.append(type(error).__name__)
for name in ("example.org", "localhost.example.org"):
    try: tried.append(socket.getaddrinfo(name, 80)[0][4][0])
    except OSError as error: tried.append(type(error).__name__)
print(json.dumps([tried, [name for _, name in socket.if_nameindex()]]))
"""
    import json

    addresses = [(int(s.family), s.getsockname()) for s in listeners.values()]
    addresses[-1] = (addresses[-1][0], addresses[-1][1].decode())
    for address in ("192.0.2.1", "169.254.169.254", _own_address()):
        addresses.append((int(socket.AF_INET), (address, listeners["all"].getsockname()[1])))
    for _, address in addresses[:5]:  # each can be reached from here: the attack is a real one
        with socket.socket({str(a): f for f, a in addresses}[str(address)]) as s:
            s.connect(address)
    for listener in listeners.values():
        listener.accept()[0].close()
    tried, interfaces = told(attack(box, source, json.dumps(addresses), read=(outside,)))
    assert "connected" not in tried
    assert tried[-2:] == ["gaierror"] * 2
    assert interfaces == ["lo"]
    for name, listener in listeners.items():
        with pytest.raises(BlockingIOError):
            pytest.fail(f"{name} was reached by {listener.accept()}")


def _own_address() -> str:
    """An address of this host that is not loopback, where it has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.connect(("192.0.2.1", 9))
            return str(s.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def test_its_own_loopback_works(box: Sandbox) -> None:
    source = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
    client.sendall(b"7"); print(server.accept()[0].recv(1).decode())
"""
    assert told(attack(box, source)) == 7


# -- secrets -----------------------------------------------------------------------------------


def test_secrets_in_files_are_not_seen(box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, state, mine = tmp_path / "people" / "ada", tmp_path / "state", tmp_path / "state" / "homes" / "timmy"
    secret, plain = randomness.secret(), randomness.secret()
    planted = [
        home / ".ssh" / "id_ed25519",
        home / ".netrc",
        home / ".config" / "gh" / "hosts.yml",
        state / "world.db3",
        state / "homes" / "ezra" / "notes",
        tmp_path / "elsewhere" / "file",
    ]
    for path in (*planted, home / "project" / "readme", mine / "own"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(plain if path.name in ("readme", "own") else secret)
    (home / "project" / "way-out").symlink_to(home / ".ssh")
    monkeypatch.setenv("HOME", str(home))
    result = box.run(
        Job(
            (
                "sh",
                "-c",
                'grep -rhs "" "$@" /root /home; for f in "$@"; do cat "$f"/* "$f"/.??*; done',
                "sh",
                str(tmp_path),
                *(str(p) for p in planted),
                str(home / "project" / "way-out" / "id_ed25519"),
            ),
            read=(tmp_path / "people", mine),
            limits=SMALL,
        )
    )
    assert result.out.decode().count(plain) >= 2  # what it may read, it reads
    assert secret.encode() not in result.out + result.err


def test_the_environment_holds_no_secret(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = randomness.secret()
    monkeypatch.setenv("SOME_API_KEY", secret)
    source = """
import json, os
seen = {}
for pid in filter(str.isdigit, os.listdir("/proc")):
    for name in ("environ", "cmdline"):
        try: seen[f"{pid}/{name}"] = open(f"/proc/{pid}/{name}", errors="replace").read()
        except OSError: pass
print(json.dumps([dict(os.environ), seen, sorted(os.listdir("/proc/self/fd"))]))
"""
    environment, seen, descriptors = told(attack(box, source, env={"GIVEN": "yes"}))
    assert seen
    assert secret not in str(seen) + str(environment)
    assert environment.pop("GIVEN") == "yes"
    assert set(environment) - {"LC_CTYPE"} == {"PATH", "HOME", "LANG", "PWD"}
    assert descriptors == ["0", "1", "2", "3"]  # 3 is the folder being listed


def test_the_home_is_empty_and_gone_afterwards(box: Sandbox) -> None:
    source = "import os; h = os.environ['HOME']; print(len(os.listdir(h))); open(h + '/left', 'w')"
    assert told(attack(box, source)) == 0
    assert told(attack(box, source)) == 0
    assert not Path("/tmp/home/left").exists()


# -- writing outside ---------------------------------------------------------------------------


def test_nothing_outside_is_changed(box: Sandbox, own: Path, outside: Path) -> None:
    source = """
import json, os, sys
planted, folder = sys.argv[1], os.path.dirname(sys.argv[1])
attempts = {
    "write": lambda: open(planted, "w"), "append": lambda: open(planted, "a"),
    "truncate": lambda: os.truncate(planted, 0), "unlink": lambda: os.unlink(planted),
    "rename": lambda: os.rename(planted, planted + "2"), "chmod": lambda: os.chmod(planted, 0o777),
    "chown": lambda: os.chown(planted, 61000, 61000), "utime": lambda: os.utime(planted),
    "xattr": lambda: os.setxattr(planted, "user.x", b"1"), "create": lambda: open(folder + "/new", "w"),
    "mkdir": lambda: os.mkdir(folder + "/new"), "link": lambda: os.link(planted, "hard"),
    "move in": lambda: os.rename("mine", folder + "/mine"), "move out": lambda: os.rename(planted, "taken"),
    "/usr": lambda: open("/usr/planted", "w"), "/etc": lambda: open("/etc/planted", "w"),
    "/etc/passwd": lambda: open("/etc/passwd", "a"), "/": lambda: open("/planted", "w"),
    "/dev": lambda: open("/dev/planted", "w"), "up": lambda: open("../planted", "w"),
    "root": lambda: open("/proc/1/root/planted", "w"), "cwd": lambda: open("/proc/1/cwd/planted", "w"),
    "sys": lambda: open("/proc/sys/kernel/core_pattern", "w"), "sysrq": lambda: open("/proc/sysrq-trigger", "w"),
    "node": lambda: os.mknod("disk", 0o60666, os.makedev(254, 0)), "chroot": lambda: os.chroot("."),
}
open("mine", "w").write("mine")
done = []
for name, attempt in attempts.items():
    try:
        attempt()
        done.append(name)
    except OSError: pass
print(json.dumps(done))
"""
    planted = outside / "planted"
    before = state_of(planted)
    # What lies around its folders is private too, and process 1 of bubblewrap stands in its own folder.
    assert set(told(attack(box, source, str(planted), read=(outside,), write=own, cwd=own))) <= {"up", "cwd"}
    assert state_of(planted) == before
    assert [p.name for p in outside.iterdir()] == ["planted"]
    assert (own / "mine").read_text() == "mine"
    assert not any(Path(p).exists() for p in ("/usr/planted", "/etc/planted", "/planted", "/dev/planted"))
    assert not (own.parent / "planted").exists()


def test_links_out_of_the_writable_folder_lead_nowhere(box: Sandbox, own: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    planted = target / "planted"
    planted.write_text("as it was")
    (own / "file").symlink_to(planted)
    (own / "folder").symlink_to(target)
    (own / "up").symlink_to("../target")
    before, folder = state_of(planted), target.stat()
    source = """
import json, os, sys
os.symlink(sys.argv[1], "made")
done = []
for name in ("file", "folder/planted", "folder/new", "up/planted", "up/new", "made"):
    for flags in (os.O_WRONLY, os.O_WRONLY | os.O_CREAT, os.O_RDONLY):
        try: os.open(name, flags); done.append(name)
        except OSError: pass
print(json.dumps(done))
"""
    assert told(attack(box, source, str(planted), write=own, cwd=own)) == []
    assert state_of(planted) == before
    assert (target.stat().st_uid, target.stat().st_mode) == (folder.st_uid, folder.st_mode)
    assert [p.name for p in target.iterdir()] == ["planted"]


def test_what_it_wrote_belongs_to_us_and_gives_nobody_power(box: Sandbox, own: Path) -> None:
    source = """
import os
os.makedirs("a/b"); open("a/b/file", "w").write("kept")
open("tool", "w"); os.chmod("tool", 0o6755); os.symlink("/etc/passwd", "link")
print(1)
"""
    (own / "old").write_text("before")
    told(attack(box, source, write=own, cwd=own))
    assert (own / "a" / "b" / "file").read_text() == "kept"
    assert {p.lstat().st_uid for p in (own, *own.rglob("*"))} == {os.geteuid()}
    if os.geteuid() == 0:
        assert (own / "tool").stat().st_mode & 0o6000 == 0


def test_no_privilege_can_be_had(box: Sandbox, outside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "people" / "ada"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "key").write_text("secret")
    monkeypatch.setenv("HOME", str(home))
    source = """
import ctypes, json, os, sys
libc = ctypes.CDLL(None, use_errno=True)
outside, covered = sys.argv[1].encode(), sys.argv[2].encode()
done = {
    "mount": libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None),
    "bind": libc.mount(outside, b"/tmp/home", None, 4096, None),
    "remount": libc.mount(None, outside, None, 32 | 4096, None),
    "uncover": libc.umount2(covered, 2), "umount": libc.umount2(outside, 2),
    "pivot": libc.pivot_root(b"/tmp", b"/tmp/home"),
    "namespace": libc.unshare(0x10000000), "mounts": libc.unshare(0x20000), "pids": libc.unshare(0x20000000),
    "setuid": libc.setuid(0), "groups": libc.setgroups(0, None), "reboot": libc.reboot(0),
    "clock": libc.settimeofday(b"\\0" * 16, None), "module": libc.syscall(175, b"", 0, b""),
    "nice": libc.setpriority(0, 0, -20),
}
class Handle(ctypes.Structure):  # the root folder of most disks is inode 2
    _fields_ = [("size", ctypes.c_uint), ("kind", ctypes.c_int)]
    _fields_ += [("inode", ctypes.c_uint), ("generation", ctypes.c_uint)]
for place in (b"/usr", outside):
    at = os.open(place, os.O_RDONLY)
    handle = Handle(8, 1, 2, 0)
    done[f"handle {place}"] = libc.open_by_handle_at(at, ctypes.byref(handle), os.O_RDONLY)
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
print(json.dumps([done, status, os.getuid()]))
"""
    done, status, user = told(
        attack(box, source, str(outside), str(home / ".ssh"), read=(outside, tmp_path / "people"))
    )
    assert {name for name, result in done.items() if result >= 0} == set()
    assert user == 61000
    assert status["NoNewPrivs"] == "1"
    reader = 1 << 2 if os.geteuid() == 0 else 0  # see the launcher on CAP_DAC_READ_SEARCH
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[name], 16) | reader == reader


# -- ordinary use --------------------------------------------------------------------------------


def test_the_owners_private_folder_can_be_read_when_it_is_given(box: Sandbox, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "project").mkdir(parents=True)
    (closed / "project" / "file").write_text("42")
    (closed / "project" / "file").chmod(0o600)
    closed.chmod(0o700)
    for folder in (closed, closed / "project"):
        result = box.run(
            Job(("sh", "-c", f"test -r {closed}/project/file && cat {closed}/project/file"), read=(folder,))
        )
        assert result.out == b"42", result.err


@pytest.mark.parametrize(("line", "code"), [("exit 3", 3), ("kill -9 $$", 137), ("nosuchprogram", 127), ("true", 0)])
def test_how_it_ended_is_told_as_a_shell_would(box: Sandbox, line: str, code: int) -> None:
    result = box.run(Job(("sh", "-c", line)))
    assert (result.code, result.ended, result.ok) == (code, "", code == 0)


def test_a_program_that_is_not_there_is_a_failed_command(box: Sandbox) -> None:
    result = box.run(Job(("no such program",)))
    assert result.code == 127
    assert b"no such program" in result.err or b"No such file" in result.err


def test_input_goes_in_and_ends(box: Sandbox) -> None:
    data = bytes(range(256)) * 400
    assert box.run(Job(("cat",), stdin=data, limits=SMALL)).out == data
    assert box.run(Job(("cat",), limits=SMALL)).out == b""
    ignored = box.run(Job(("sh", "-c", "exec <&-; sleep 0.1; echo done"), stdin=bytes(10**7), limits=SMALL))
    assert (ignored.out, ignored.ended) == (b"done\n", "")


def test_a_venv_whose_python_lies_elsewhere_runs(box: Sandbox) -> None:
    venv = Path(sys.prefix)
    if sys.prefix == sys.base_prefix:
        pytest.skip("this is no virtual environment")
    result = box.run(Job((sys.executable, "-c", "import sys, pydantic; print(sys.prefix)"), read=(venv,)))
    assert result.out.decode().strip() == str(venv), result.err


def test_signals_are_ours_again(box: Sandbox) -> None:
    """A command starts with the usual signal handling, whatever the world's own is."""
    numbers = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)  # so a world lives that was begun in the background
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        status = box.run(Job(("grep", "-E", "Sig(Ign|Blk)", "/proc/self/status"))).out.decode()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    ours = sum(1 << number - 1 for number in signal.valid_signals())  # the C library keeps two for itself
    assert [int(line.split()[1], 16) & ours for line in status.splitlines()] == [0, 0]
    assert box.run(Job((PYTHON, "-c", "import signal; print(signal.getsignal(signal.SIGINT))"))).ok
