"""Runs one launched sandbox to its end and enforces the limits that the kernel does not.

Owns stopping all jobs at once, wall-clock time, bounded output, the memory of all processes together, the growth of
the writable folder, and that nothing of the job remains when `execute` returns. Does not know how the sandbox is
made: it gets a command line that reports `{"child-pid": n}` and `{"exit-code": n}` on a status descriptor, as
bubblewrap does.
"""

from __future__ import annotations

import compileall
import json
import marshal
import math
import os
import resource
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO

from agents.kernel.clock import Clock
from agents.kernel.errors import Unavailable
from agents.work.sandbox.job import WHOLE, Job, Result

LOOK_SECONDS = 0.25
"""How often memory and disk are checked, in seconds."""
PROGRAMS = "/usr/local/bin:/usr/bin:/bin"
"""Where bubblewrap and its companions are looked for; nothing else of our environment is passed on."""
_FOLDER = str(Path(__file__).parent)
_BEGIN = "import sys; sys.path[0] = sys.argv[1]; import launcher; launcher.main(sys.argv[1:])"
"""Imported and not run as a script, so that it is not compiled each time."""
_CHUNK = 65536
_KEEP_FREE = 256 * 2**20
"""Bytes of memory and of disk that must stay free on the host while a job runs."""
_XCPU = 128 + signal.SIGXCPU
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class _Watch:
    """What a running job has used so far, compared with its limits."""

    job: Job
    pid: int
    disk: int = field(init=False, default=0)
    free: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        if self.job.write is not None:
            self.disk, self.free = _size(self.job.write), _free(self.job.write)

    def exceeded(self) -> str:
        """Which limit is exceeded ('' for none): memory or disk."""
        memory = WHOLE * self.job.limits.memory_mb * 2**20
        if _memory_available() < _KEEP_FREE or (
            _memory(self.pid, exact=False) > memory and _memory(self.pid, exact=True) > memory
        ):
            return "memory"
        if self.job.write is not None:
            whole, free = WHOLE * self.job.limits.file_mb * 2**20, _free(self.job.write)
            # Walking the folder is expensive, so it is done only if the disk has lost that much. Open files without a
            # name are not found there; the disk reserve stops those.
            if self.free - free > whole and (free < _KEEP_FREE or _size(self.job.write) - self.disk > whole):
                return "disk"
        return ""


def _memory_available() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return _KEEP_FREE


def _memory(pid: int, *, exact: bool) -> int:
    """Bytes used by `pid` and its descendants; shared pages count once if `exact`."""
    total, todo = 0, [str(pid)]
    while todo:
        folder = Path("/proc", todo.pop())
        with suppress(OSError, ValueError, IndexError):  # it may end while we look
            for task in os.listdir(folder / "task"):
                todo += (folder / "task" / task / "children").read_text().split()
            if exact:
                lines = (folder / "smaps_rollup").read_text().splitlines()
                total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
            else:
                total += int((folder / "statm").read_text().split()[1]) * _PAGE
    return total


def _size(folder: Path) -> int:
    """Bytes on disk of everything below `folder`, without following links."""
    total, todo = 0, [folder]
    while todo:
        with suppress(OSError), os.scandir(todo.pop()) as entries:
            for entry in entries:
                with suppress(OSError):
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(Path(entry))
    return total


def _free(folder: Path) -> int:
    stats = os.statvfs(folder)
    return stats.f_bavail * stats.f_frsize


def launch(job: Job, command: Sequence[str], **spec: object) -> list[str]:
    """The command line with which the launcher sets `job`'s limits and becomes `command`.

    `spec`: other instructions for the launcher (see there).
    """
    seconds, file = max(1, math.ceil(job.limits.seconds)), job.limits.file_mb * 2**20
    data = job.limits.memory_mb * 2**20
    # Data, not address space: runtimes reserve far more addresses than they ever use.
    limits = {"CPU": seconds, "DATA": data, "FSIZE": file, "NOFILE": 1024, "CORE": 0}
    spec = {"limits": limits, "parent": os.getpid(), **spec}
    _translate()
    return [sys.executable, "-E", "-s", "-S", "-B", "-c", _BEGIN, _FOLDER, marshal.dumps(spec).hex(), *command]


@cache
def _translate() -> None:
    """Compile the launcher's modules to bytecode, if this folder is writable."""
    for name in ("launcher", "syscalls", "layers", "enclosure"):
        compileall.compile_file(f"{_FOLDER}/{name}.py", quiet=2)


def most_processes(job: Job) -> int:
    """`job`'s limit on processes, or our own if that is lower: nobody can raise it."""
    ours = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    return job.limits.processes if ours == resource.RLIM_INFINITY else min(job.limits.processes, ours)


class Runs:
    """The running jobs of one sandbox, so that they can be stopped from another thread."""

    def __init__(self) -> None:
        """None are under way."""
        self._lock = threading.Lock()
        self._pumps: set[_Pump] = set()
        self._stopped = False

    def stop(self) -> None:
        """Kill every running job and refuse new ones. Returns at once: whoever waits for a job gets its result in a
        moment, ended by `stop`. May be called from any thread.
        """
        with self._lock:
            self._stopped = True
            for pump in self._pumps:
                pump.stop()

    def execute(self, command: Callable[[int], Sequence[str]], job: Job, clock: Clock) -> Result:
        """Run `command(status descriptor)` for `job` until it and everything it started are gone.

        Blocks. Raises Unavailable with the sandbox's own message if the command was never started, and after
        `stop`.
        """
        if self._stopped:
            raise Unavailable("The world is shutting down, so no command is started.")
        start = clock.monotonic()
        status_read, status_write = os.pipe()
        try:
            process = subprocess.Popen(
                command(status_write),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(status_write,),
                start_new_session=True,
                env={"PATH": PROGRAMS, "LANG": "C.UTF-8"},
                cwd="/",
                umask=0o022,  # a program may depend on the usual one, whatever the Server's is
            )
        except BaseException:
            os.close(status_read)
            raise
        finally:
            os.close(status_write)
        with process:
            pump = _Pump(process, os.fdopen(status_read, "rb", buffering=0), job, clock, start + job.limits.seconds)
            try:
                with self._lock:
                    self._pumps.add(pump)
                    if self._stopped:
                        pump.stop()
                pump.run()
            finally:
                with self._lock:  # from here on its process id may be reused
                    self._pumps.discard(pump)
                pump.end()
        if pump.stopped:
            pump.ended = "stop"
        if pump.code is None and not pump.ended:
            words = bytes(pump.err).decode(errors="replace").strip()
            raise Unavailable(
                f"The sandbox could not be made: {words or 'it ended without a word'}.", next="timmy doctor"
            )
        code = 128 + signal.SIGKILL if pump.code is None else pump.code
        return Result(
            code,
            bytes(pump.out),
            bytes(pump.err),
            clock.monotonic() - start,
            pump.ended or ("time" if code == _XCPU else ""),
            pump.cut,
        )


class _Pump:
    """Moves bytes in and out of one process until all its pipes are closed."""

    def __init__(
        self, process: subprocess.Popen[bytes], status: IO[bytes], job: Job, clock: Clock, deadline: float
    ) -> None:
        self.process, self.status, self.job, self.clock, self.deadline = process, status, job, clock, deadline
        self.out, self.err, self.ended, self.cut = bytearray(), bytearray(), "", False
        self.code: int | None = None
        self.stopped = False
        self._inner: int | None = None
        self._told = bytearray()
        self._todo = memoryview(job.stdin)
        self._watch = _Watch(job, process.pid)
        self._selector = selectors.DefaultSelector()
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        for source, read in (
            (process.stdout, self._output(self.out)),
            (process.stderr, self._output(self.err)),
            (status, self._status),
        ):
            os.set_blocking(source.fileno(), False)
            self._selector.register(source, selectors.EVENT_READ, read)
        if job.stdin:
            os.set_blocking(process.stdin.fileno(), False)
            self._selector.register(process.stdin, selectors.EVENT_WRITE, self._input)
        else:
            process.stdin.close()

    def run(self) -> None:
        """Until every pipe is closed or a limit is exceeded."""
        look = self.clock.monotonic() + LOOK_SECONDS
        while self._selector.get_map() and not self.ended and not self.stopped:
            now = self.clock.monotonic()
            if now >= self.deadline:
                self.ended = "time"
            elif now >= look:
                self.ended, look = self._watch.exceeded(), now + LOOK_SECONDS
            else:
                for key, _ in self._selector.select(min(self.deadline, look) - now):
                    key.data(key.fileobj)

    def stop(self) -> None:
        """From another thread: kill it, so that `run` returns."""
        self.stopped = True
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill what is left and wait until the kernel has removed all of it."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self._inner is not None:
            # Process 1 of the sandbox: everything inside dies with it, and it disappears only after them.
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._inner, signal.SIGKILL)
            with selectors.PollSelector() as selector:
                selector.register(self._inner, selectors.EVENT_READ)
                selector.select()
            os.close(self._inner)
        self._selector.close()
        self.status.close()

    def _output(self, into: bytearray) -> Callable[[IO[bytes]], None]:
        def read(source: IO[bytes]) -> None:
            data = os.read(source.fileno(), _CHUNK)
            room = self.job.limits.output_kb * 1024 - len(self.out) - len(self.err)
            into.extend(data[:room])
            if len(data) > room:
                self.ended, self.cut = "output", True
            if not data:
                self._selector.unregister(source)

        return read

    def _input(self, target: IO[bytes]) -> None:
        try:
            self._todo = self._todo[os.write(target.fileno(), self._todo[:_CHUNK]) :]
        except BrokenPipeError:
            self._todo = memoryview(b"")
        if not self._todo:
            self._selector.unregister(target)
            target.close()

    def _status(self, source: IO[bytes]) -> None:
        data = os.read(source.fileno(), _CHUNK)
        self._told += data
        while b"\n" in self._told:
            line, _, rest = self._told.partition(b"\n")
            self._told = bytearray(rest)
            self._tell(json.loads(line))
        if not data:
            self._selector.unregister(source)

    def _tell(self, told: dict[str, int]) -> None:
        self.code = told.get("exit-code", self.code)
        if "child-pid" in told:
            with suppress(ProcessLookupError):
                self._inner = os.pidfd_open(told["child-pid"])
