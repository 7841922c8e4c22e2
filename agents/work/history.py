"""The history in an agent's repository: the last commit, the content of a commit, adding a commit.

Owns the git commands for our own repositories (see `kernel.git`); the caller (`artifacts`) restores their settings.
Uses no filters or attributes: bytes are stored as given.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired

from agents.kernel import git, text
from agents.kernel.errors import StepFailed

BRANCH = "main"
AT_ONCE = 100
"""Number of files read by one call."""
SECONDS = 60.0
"""How long git may take, in seconds."""


class History:
    """The history of one repository."""

    def __init__(self, home: Path) -> None:
        """`home`: the work tree; nothing is read yet."""
        self.home, self._folder = home, home / ".git"

    def begin(self) -> None:
        """Make the repository, whole or not at all: the least that gitrepository-layout(5) asks for, without hooks.

        Raises OSError when it cannot be written.
        """
        fresh = self.home.with_name(f".{self.home.name}.git")
        shutil.rmtree(fresh, ignore_errors=True)  # whoever began it is dead
        for folder in ("objects", "refs/heads"):
            (fresh / folder).mkdir(parents=True)
        (fresh / "HEAD").write_text(f"ref: refs/heads/{BRANCH}\n")
        fresh.rename(self._folder)

    def head(self) -> str:
        """The name of the last commit; '' if there is none."""
        return self._said("for-each-ref", "--format=%(objectname)", f"refs/heads/{BRANCH}")

    def last(self, path: str) -> str:
        """The last commit that touched the file at `path`; '' if there is none."""
        return self._said("rev-list", "-1", f"refs/heads/{BRANCH}", "--", path) if self.head() else ""

    def message(self, commit: str) -> str:
        """A commit's message."""
        return self._git("cat-file", "commit", commit).decode("utf-8", "replace").partition("\n\n")[2]

    def content(self, commit: str, path: str) -> bytes | None:
        """The bytes of the file at `path` in a commit; None if it is not there."""
        done = self._call("cat-file", "blob", f"{commit}:{path}")
        return None if done.returncode else done.stdout

    def contents(self, wanted: Iterable[tuple[str, str]]) -> Iterator[bytes | None]:
        """`content` of many files, with one call for several of them. No path contains a line break."""
        left = iter(wanted)
        while some := tuple(islice(left, AT_ONCE)):
            asked = "".join(f"{commit}:{path}\n" for commit, path in some)
            told = self._git("cat-file", "--batch", given=asked.encode("utf-8", "surrogateescape"))
            for _ in some:
                header, _, told = told.partition(b"\n")
                facts = header.split()
                if len(facts) != 3 or facts[1] != b"blob":
                    yield None
                    continue
                size = int(facts[2])
                yield told[:size]
                told = told[size + 1 :]

    def commit(self, files: Mapping[str, bytes], message: str, who: tuple[str, str], when: datetime) -> str:
        """Commit `files`, by path, on top of what is there; returns the commit's name."""
        before = self.head()
        fresh = self._folder / "index.new"
        fresh.unlink(missing_ok=True)
        self._git("read-tree", before or "--empty", index=fresh)
        rows = b""
        for path, content in files.items():
            blob = self._said("hash-object", "-w", "--stdin", given=content)
            rows += f"100644 {blob}\t".encode() + os.fsencode(path) + b"\0"
        self._git("update-index", "-z", "--add", "--replace", "--index-info", given=rows, index=fresh)
        tree = self._said("write-tree", index=fresh)
        parent = ("-p", before) if before else ()
        stamp = f"{int(when.timestamp())} +0000"
        named = {"NAME": who[0], "EMAIL": who[1], "DATE": stamp}
        people = {f"GIT_{role}_{what}": told for role in ("AUTHOR", "COMMITTER") for what, told in named.items()}
        spoken = message.encode("utf-8", "replace")
        made = self._git("commit-tree", tree, *parent, given=spoken, environment=people).decode().strip()
        self._git("update-ref", f"refs/heads/{BRANCH}", made, before or "0" * 40)
        os.replace(fresh, self._folder / "index")
        return made

    def _said(self, *words: str, given: bytes = b"", index: Path | None = None) -> str:
        return self._git(*words, given=given, index=index).decode().strip()

    def _git(
        self, *words: str, given: bytes = b"", index: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> bytes:
        done = self._call(*words, given=given, index=index, environment=environment)
        if done.returncode:
            said = text.shorten(text.clean(done.stderr.decode(errors="replace"), keep_lines=False).strip(), 300)
            raise StepFailed(f"git {words[0]} in {self.home}: {said or f'exit {done.returncode}'}")
        return done.stdout

    def _call(
        self, *words: str, given: bytes = b"", index: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> CompletedProcess[bytes]:
        more = {"GIT_WORK_TREE": str(self.home), **(environment or {})}
        if index is not None:
            more["GIT_INDEX_FILE"] = str(index)
        try:
            return git.own(self._folder, words, given, environment=more, seconds=SECONDS)
        except TimeoutExpired:
            raise StepFailed(f"git {words[0]} took more than {SECONDS:.0f} s in {self.home}.") from None
        except OSError as error:
            raise StepFailed(f"git could not be run: {error.strerror}.", next="make install") from error
