"""Git repositories grown at random, with a ledger of what was planted in them.

Nothing here reads a repository: the ledger is kept while planting, so that a survey can be
compared with it. `git fast-import` makes the commits.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

NAMES = (
    "Ada",
    "Grace Hopper",
    "Ёлка Иванова",
    "山田 太郎",
    "O'Brien | `rm -rf`",
    "a*b_c [x](javascript:alert)",
    "=&amp; José",
)
EMAILS = ("a@example.org", "b@example.org", "ü@exämple.org")
FOLDERS = ("", "src/", "a b/", "tëst dir/", "deep/er/", "pipe|dir/", "`tick`/")
LINES = ("x = 1", "    pass", "# plain words", "", "value: 'ünï'", "mastodon todo todos HACKER")
LANGUAGE = {
    ".py": "Python",
    ".js": "JavaScript",
    ".go": "Go",
    ".rs": "Rust",
    ".md": "Markdown",
    ".txt": "Text",
    ".json": "JSON",
    ".toml": "TOML",
    ".weird": "other",
    "": "other",
}
DAY = 86400


@dataclass
class Planted:
    """What a file is known to hold, because it was put there."""

    data: bytes
    language: str = ""
    lines: int = 0
    binary: bool = False
    tests: int = 0
    markers: list[tuple[int, str]] = field(default_factory=list)
    broken: str = ""
    mode: str = "100644"
    at: int = 0


@dataclass
class Garden:
    """The ledger of a repository."""

    path: Path
    files: dict[bytes, Planted] = field(default_factory=dict)
    commits: list[tuple[str, str, int]] = field(default_factory=list)
    merges: int = 0


class Planter:
    """Grows one repository from a seed."""

    def __init__(self, seed: int, path: Path, now: int) -> None:
        self.random, self.now, self.garden = Random(seed), now, Garden(path)
        self.number = 0
        self.stream = bytearray()

    def name(self, suffix: str, folder: str | None = None) -> bytes:
        self.number += 1
        where = self.random.choice(FOLDERS) if folder is None else folder
        odd = self.random.choice(("", "", "ß", " sp", "'q\"", "\n", "\t", "*", "(b)"))
        return f"{where}f{self.number}{odd}{suffix}".encode()

    def text(self, most: int = 30) -> tuple[list[str], list[tuple[int, str]]]:
        lines = [self.random.choice(LINES) for _ in range(self.random.randrange(most))]
        marks = []
        for number in range(len(lines)):
            if self.random.random() < 0.05:
                kind = self.random.choice(("TODO", "FIXME", "XXX", "HACK"))
                lines[number] = f"# {kind}: mend `this` <b>|</b>"
                marks.append((number + 1, kind))
        return lines, marks

    def put(self, path: bytes, planted: Planted) -> None:
        self.garden.files[path] = planted

    def plain(self) -> tuple[bytes, Planted]:
        suffix = self.random.choice((".md", ".txt", ".go", ".rs", ".weird", ""))
        lines, marks = self.text()
        ended = self.random.random() < 0.8
        data = "\n".join(lines) + ("\n" if ended and lines else "")
        count = len(lines) if ended else len(data.split("\n")) - data.endswith("\n") if data else 0
        return self.name(suffix), Planted(data.encode(), LANGUAGE[suffix], count, markers=marks)

    def python(self) -> tuple[bytes, Planted]:
        tests = self.random.randrange(6)
        body = "import os\n\n" + "".join(f"def test_{i}():\n    assert {i} == {i}\n" for i in range(tests))
        lines = 2 + 2 * tests
        if self.random.random() < 0.5:
            body += (
                "class TestMore:\n    def test_in(self): pass\n    async def test_a(self): pass\n    def "
                "helper(self):\n        def test_no(): pass\n"
            )
            tests, lines = tests + 2, lines + 5
        self.number += 1
        return f"{self.random.choice(FOLDERS)}test_{self.number}.py".encode(), Planted(
            body.encode(), "Python", lines, tests=tests
        )

    def script(self) -> tuple[bytes, Planted]:
        tests = self.random.randrange(1, 5)
        body = "".join(f"it('does {i}', () => {{}});\n" for i in range(tests))
        return self.name(".test.js"), Planted(body.encode(), "JavaScript", tests, tests=tests)

    def cracked(self) -> tuple[bytes, Planted]:
        suffix, data, what = self.random.choice(
            (
                (".py", b"def f(:\n", "Python syntax"),
                (".py", b"x = 'open\n", "Python syntax"),
                (".py", b"return 1\n", "Python syntax"),
                (".json", b'{"a": 1,}\n', "invalid JSON"),
                (".json", b"NaN\n", "invalid JSON"),
                (".json", b"\n", "invalid JSON"),
                (".toml", b"a = \n", "invalid TOML"),
                (".toml", b"a = 1\n", ""),
                (".json", b'{"a": [1, 2.5, null]}\n', ""),
                (".md", b"<<<<<<< ours\n=======\n>>>>>>> theirs\n", "conflict markers"),
                (".md", b"=======\n>>>>>>> theirs\n<<<<<<< ours\n", ""),
                (".py", b"x = 1  # fine\n", ""),
            )
        )
        return self.name(suffix), Planted(data, LANGUAGE[suffix], data.count(b"\n"), broken=what)

    def binary(self) -> tuple[bytes, Planted]:
        return self.name(".png"), Planted(
            b"\x89PNG\0" + self.random.randbytes(self.random.randrange(4000)) + b" TODO ", binary=True
        )

    def large(self) -> tuple[bytes, Planted]:
        if self.random.random() < 0.5:
            return self.name(".bin"), Planted(b"\0" * (2**20 + self.random.randrange(5)), binary=True)
        lines = 2**16 + self.random.randrange(10)
        return self.name(".txt"), Planted(b"0123456789abcde\n" * lines, "Text", lines)

    def link(self) -> tuple[bytes, Planted]:
        self.number += 1
        target, what = self.random.choice(
            (
                (b"/etc/passwd", "symbolic link"),
                (b"../../../../../etc/passwd", "symbolic link"),
                (b"no-such-file", "symbolic link"),
                (f"link{self.number}".encode(), "symbolic link"),
                (b".", ""),
            )
        )
        return f"link{self.number}".encode(), Planted(target, broken=what, mode="120000")

    def emit(self, author: tuple[str, str], at: int, changes: dict[bytes, Planted | None], parents: str = "") -> None:
        who = f"{author[0]} <{author[1]}> {at} +0000"
        message = f"change {len(self.garden.commits)}: `x` | ünï"
        self.stream += (
            f"commit refs/heads/main\nmark :{len(self.garden.commits) + 1}\nauthor {who}\ncommitter {who}\n".encode()
        )
        self.stream += f"data {len(message.encode())}\n{message}\n{parents}".encode()
        for path, planted in changes.items():
            quoted = b'"' + path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'
            if planted is None:
                self.stream += b"D " + quoted + b"\n"
                del self.garden.files[path]
            else:
                planted.at = at
                self.stream += (
                    f"M {planted.mode} inline ".encode()
                    + quoted
                    + f"\ndata {len(planted.data)}\n".encode()
                    + planted.data
                    + b"\n"
                )
                self.put(path, planted)
        self.garden.commits.append((*author, at))

    def grow(self, commits: int) -> Garden:
        authors = [
            (name, self.random.choice(EMAILS)) for name in self.random.sample(NAMES, self.random.randrange(1, 6))
        ]
        makers = (self.plain, self.plain, self.python, self.script, self.cracked, self.binary, self.link)
        at = self.now - self.random.randrange(200, 1500) * DAY
        step = max((self.now - at) // (commits + 1), 1)
        for number in range(commits):
            changes: dict[bytes, Planted | None] = dict(
                self.random.choice(makers)() for _ in range(self.random.randrange(1, 5))
            )
            if number == commits // 2:
                changes.update([self.large()])
            gone = [path for path in self.garden.files if path not in changes]
            if gone and self.random.random() < 0.3:
                changes[self.random.choice(sorted(gone))] = None
            if gone and self.random.random() < 0.5:  # an old file is changed, so that it is old no more
                path = self.random.choice(sorted(gone))
                was = self.garden.files[path]
                if (
                    path not in changes
                    and was.mode == "100644"
                    and not was.binary
                    and was.language == "Text"
                    and was.data.endswith(b"\n")
                ):
                    changes[path] = Planted(
                        was.data + b"more\n", was.language, was.lines + 1, markers=list(was.markers)
                    )
            at += self.random.randrange(step) + 1
            self.emit(self.random.choice(authors), at, changes)
        # A merge of the last commit with the first one, which changes a file in the merge itself.
        if commits > 2:
            self.emit(authors[0], at + 60, dict([self.plain()]), parents=f"from :{commits}\nmerge :1\n")
            self.garden.merges = 1
        path = self.garden.path
        subprocess.run(["git", "init", "-q", "-b", "main", str(path)], check=True)
        subprocess.run(["git", "-C", str(path), "fast-import", "--quiet"], input=bytes(self.stream), check=True)
        return self.garden
