"""Reads a git repository with real git, from the objects of HEAD.

So it reads bare repositories as well as checked-out ones, uses none of the repository's settings, and cannot reach
files outside. Runs inside the sandbox. Never runs the repository's hooks, filters, pagers or helpers, follows
replacement objects or lazy fetching, or writes.
"""

from __future__ import annotations

import signal
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import IO, cast

from agents.kernel.git import Unreadable, look

READ_UP_TO = 16 * 2**20
"""Size in bytes above which a file is counted but not read."""
Entry = tuple[str, str, int, bytes]
"""Mode, object, bytes (-1 if the object is missing) and path of an entry in HEAD."""


class Clockwork:
    """Says when the time is up: a timer sets `late`, loops check it."""

    def __init__(self, seconds: float) -> None:
        self.late = False
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, seconds)

    def _ring(self, *_: object) -> None:
        self.late = True


def shown(raw: bytes, limit: int = 400) -> str:
    r"""Bytes from the repository as text: what is not UTF-8 appears as `\xff`; long texts are cut with a mark."""
    text = raw.decode("utf-8", "backslashreplace")
    return text if len(text) <= limit else text[: limit - 1] + "…"


def date(seconds: int | None) -> str | None:
    """ISO time in UTC; None for none and for times outside the calendar."""
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None


class Repository:
    """One repository, read through git."""

    def __init__(self, path: str, clock: Clockwork) -> None:
        self.clock = clock
        self.missing: list[bytes] = []
        self._folder = tempfile.TemporaryDirectory()
        self._seen = look(path, self._folder.name)
        self.bare = self._seen.bare
        self.head = self.ask("rev-parse", "--verify", "-q", "HEAD", may_fail=True).strip().decode()
        if self.head:
            self.ask("cat-file", "-e", f"{self.head}^{{commit}}")
        elif not self.ask("symbolic-ref", "-q", "HEAD", may_fail=True):
            raise Unreadable("HEAD names a branch that does not name a commit")

    def _start(self, *arguments: str) -> tuple[subprocess.Popen[bytes], IO[bytes], IO[bytes]]:
        """Git with these arguments, and the ends of its pipes."""
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (`_end` closes it)
        process = subprocess.Popen(
            self._seen.argv(*arguments),
            env=self._seen.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
        )
        return process, cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for git; raises Unreadable with its message if it failed."""
        process.communicate()
        with self._said as said:
            said.seek(0)
            words = shown(said.read(2000).strip())
        if process.returncode:
            raise Unreadable(words or f"git ended with code {process.returncode}")

    def ask(self, *arguments: str, may_fail: bool = False, given: bytes = b"") -> bytes:
        """Everything that git prints; raises Unreadable with its message if it fails, unless failure is allowed."""
        ask = self._seen.argv(*arguments)
        done = subprocess.run(ask, env=self._seen.environment, input=given, capture_output=True, check=False)
        if done.returncode and not may_fail:
            raise Unreadable(shown(done.stderr.strip(), 2000) or f"git ended with code {done.returncode}")
        return done.stdout if not done.returncode else b""

    def tokens(self, *arguments: str) -> Iterator[bytes]:
        """What git prints between NULs, as it arrives; stops when the time is up."""
        process, _, out = self._start(*arguments)
        rest = b""
        while chunk := out.read(1 << 16):
            *whole, rest = (rest + chunk).split(b"\0")
            yield from whole
            if self.clock.late:
                process.kill()
                process.communicate()
                return
        self._end(process)

    def tree(self) -> list[Entry]:
        """Everything in HEAD."""
        listing = self.ask("ls-tree", "-r", "-z", "--full-tree", self.head) if self.head else b""
        found = [token.split(b"\t", 1) for token in listing.split(b"\0") if token]
        names = [facts.split()[2].decode() for facts, _ in found]
        sizes = dict(zip(names, self._sizes(names), strict=True))
        return [
            (facts.split()[0].decode(), name, sizes[name], path)
            for (facts, path), name in zip(found, names, strict=True)
        ]

    def _sizes(self, names: list[str]) -> list[int]:
        """The bytes of each object; -1 for a missing one."""
        answer = self.ask("cat-file", "--batch-check=%(objectsize)", given="\n".join([*names, ""]).encode())
        return [int(line) if line.isdigit() else -1 for line in answer.splitlines()]

    def files(self) -> list[Entry]:
        """The regular files of HEAD."""
        return [entry for entry in self.tree() if entry[0].startswith("100")]

    def contents(self, entries: Iterable[Entry]) -> Iterator[tuple[bytes, bytes | None]]:
        """(path, bytes) of each entry; None for one that is too big, missing, or left when time was up."""
        process, questions, answers = self._start("cat-file", "--batch")
        for _, name, size, path in entries:
            if size < 0:
                self.missing.append(path)
            if size < 0 or size > READ_UP_TO or self.clock.late:
                yield path, None
                continue
            try:
                questions.write(name.encode() + b"\n")
                questions.flush()
                header = answers.readline().split()
            except BrokenPipeError:
                header = []
            if len(header) != 3:
                self._end(process)
                raise Unreadable(f"git has no object {name}")
            data = answers.read(int(header[2]))
            answers.read(1)
            yield path, data
        self._end(process)
