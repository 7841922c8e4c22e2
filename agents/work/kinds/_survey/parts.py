"""The parts of a survey: each reads the repository once and counts.

Runs inside the sandbox, with only the standard library. Owns the counting. Never guesses: what was not read because
of limits of time and size is counted and reported.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections import Counter
from typing import Any

from agents.kernel.git import Unreadable
from agents.work.kinds._survey.checks import binary, leads_nowhere, python_tests, why_broken
from agents.work.kinds._survey.conventions import TESTS, language
from agents.work.kinds._survey.reading import Clockwork, Repository, date, shown

Asked = dict[str, Any]

LISTED = 200
"""Maximum number of listed items of a sort; all are counted."""
LARGE = 2**20
"""Size in bytes from which a file is called large."""
DAY = 86400

PYTHON_TESTS = re.compile(r"(^|/)(test_[^/]*|[^/]*_test)\.py$")
MARKER = re.compile(rb"\b(TODO|FIXME|XXX|HACK)\b")


def commits(repo: Repository, asked: Asked) -> dict[str, Any]:
    """How many commits, by whom, from when to when, and how many are recent."""
    authors: dict[tuple[bytes, bytes], list[int]] = {}
    recent: Counter[int] = Counter()
    latest: list[dict[str, Any]] = []
    total = merges = future = 0
    oldest: int | None = None
    newest: int | None = None
    form = "--format=%H%x00%P%x00%an%x00%ae%x00%ct%x00%s"
    options = ("--no-mailmap", "--no-show-signature", "--no-color", "--no-notes", "--no-decorate", "--encoding=UTF-8")
    stream = repo.tokens("log", "-z", *options, form, repo.head, "--") if repo.head else iter(())
    for group in zip(*[stream] * 6):  # noqa: B905  (one iterator; a group cut by the clock is left out)
        name, parents, author, email, raw, subject = group
        at = int(raw) if raw.isdigit() else 0
        total += 1
        merges += b" " in parents
        future += at > asked["now"]
        oldest = at if oldest is None else min(oldest, at)
        newest = at if newest is None else max(newest, at)
        for days in (7, 30, 90, 365):
            recent[days] += 0 <= asked["now"] - at <= days * DAY
        seen = authors.setdefault((author, email), [0, at, at])
        seen[0] += 1
        seen[1:] = min(seen[1], at), max(seen[2], at)
        if len(latest) < 10:
            latest.append({"commit": name.decode(), "at": date(at), "author": shown(author), "subject": shown(subject)})
    ranked = sorted(authors.items(), key=lambda item: (-item[1][0], item[0]))
    return {
        "head": repo.head,
        "branch": shown(repo.ask("symbolic-ref", "-q", "--short", "HEAD", may_fail=True).strip()),
        "commits": total,
        "merges": merges,
        "future": future,
        "first": date(oldest),
        "last": date(newest),
        "authors": [
            {"name": shown(n), "email": shown(e), "commits": c, "first": date(a), "last": date(b)}
            for (n, e), (c, a, b) in ranked[:LISTED]
        ],
        "author_count": len(authors),
        "latest": latest,
        "recent": {str(d): recent[d] for d in (7, 30, 90, 365)},
        "branches": len(repo.ask("for-each-ref", "--format=%(objectname)", "refs/heads").split()),
        "tags": len(repo.ask("for-each-ref", "--format=%(objectname)", "refs/tags").split()),
        "shallow": repo.ask("rev-parse", "--is-shallow-repository").strip() == b"true",
        "bare": repo.bare,
        "complete": not repo.clock.late,
    }


def files(repo: Repository, asked: Asked) -> dict[str, Any]:
    """How many files, how big, in which languages, with how many lines."""
    tree = repo.tree()
    entries = repo.files()
    by_language: dict[str, Counter[str]] = {}
    texts = binaries = unread = lines = 0
    sizes = {path: size for _, _, size, path in entries}
    for path, data in repo.contents(entries):
        if data is None:
            unread += 1
        elif binary(data):
            binaries += 1
        else:
            texts += 1
            count = data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
            lines += count
            by_language.setdefault(language(path), Counter()).update(files=1, lines=count, bytes=sizes[path])
    ranked = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
    large = [{"path": shown(path), "bytes": size} for path, size in ranked if size > LARGE]
    return {
        "files": len(entries),
        "bytes": sum(size for size in sizes.values() if size > 0),
        "text": texts,
        "binary": binaries,
        "lines": lines,
        "symlinks": sum(mode == "120000" for mode, *_ in tree),
        "submodules": sum(mode == "160000" for mode, *_ in tree),
        "languages": [
            {"language": name, **count}
            for name, count in sorted(by_language.items(), key=lambda item: (-item[1]["lines"], item[0]))
        ],
        "large": len(large),
        "large_over": LARGE,
        "large_list": large[:LISTED],
        "largest": [{"path": shown(path), "bytes": size} for path, size in ranked[:10] if size >= 0],
        "unread": unread,
        "complete": not unread,
    }


def tests(repo: Repository, asked: Asked) -> dict[str, Any]:
    """Test files and the tests in them, by each language's conventions."""
    rules = {name: (re.compile(path), re.compile(test.encode(), re.MULTILINE)) for name, (path, test) in TESTS.items()}
    found: dict[str, Counter[str]] = {}
    paths, unread, unparsed = [], 0, 0
    likely = []
    for entry in repo.files():
        kind, path = language(entry[3]), entry[3].decode("utf-8", "replace")
        if PYTHON_TESTS.search(path) if kind == "Python" else kind in rules and rules[kind][0].search(path):
            likely.append(entry)
    for name, data in repo.contents(likely):
        kind, count = language(name), 0
        unread += data is None
        if data is None:
            continue
        try:
            count = python_tests(data) if kind == "Python" else len(rules[kind][1].findall(data))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            unparsed += 1
        if kind != "Python" and not count:
            continue  # a helper beside the tests, or a program without tests
        found.setdefault(kind, Counter()).update(files=1, tests=count)
        paths.append(shown(name))
    return {
        "files": sum(c["files"] for c in found.values()),
        "tests": sum(c["tests"] for c in found.values()),
        "languages": {name: dict(count) for name, count in sorted(found.items())},
        "list": paths[:LISTED],
        "unparsed": unparsed,
        "unread": unread,
        "complete": not unread,
    }


def markers(repo: Repository, asked: Asked) -> dict[str, Any]:
    """Open markers in the text of files, each with its line."""
    kinds: Counter[str] = Counter()
    listed: list[dict[str, Any]] = []
    within, unread = set(), 0
    for path, data in repo.contents(repo.files()):
        unread += data is None
        if data is None or binary(data):
            continue
        line = start = 0
        for match in MARKER.finditer(data):
            line += data.count(b"\n", start, match.start())
            start = match.start()
            kinds[match[1].decode()] += 1
            within.add(path)
            if len(listed) < LISTED:
                begin = data.rfind(b"\n", 0, start) + 1
                stop = data.find(b"\n", start)
                words = data[max(begin, start - 60) : len(data) if stop < 0 else stop][:400]
                listed.append(
                    {
                        "path": shown(path),
                        "line": line + 1,
                        "kind": match[1].decode(),
                        "text": shown(words.strip(), 160),
                    }
                )
    return {
        "count": sum(kinds.values()),
        "kinds": dict(sorted(kinds.items())),
        "files": len(within),
        "list": listed,
        "unread": unread,
        "complete": not unread,
    }


def old(repo: Repository, asked: Asked) -> dict[str, Any]:
    """Files whose last commit is older than requested."""
    cutoff = asked["now"] - asked["stale_days"] * DAY
    touched: dict[bytes, int] = {}
    wanted = {path for _, _, _, path in repo.files()}
    at, header = 0, b"\x01commit "
    first = False
    arguments = (
        "log",
        "-z",
        "-c",
        "--no-mailmap",
        "--no-show-signature",
        "--no-color",
        "--no-notes",
        "--name-only",
        "--no-renames",
        "--format=%x00%x01commit %ct",
        repo.head,
        "--",
    )
    for token in repo.tokens(*arguments) if repo.head else ():
        if token.startswith(header):
            at, first = int(token[len(header) :] or 0), True
            continue
        # Git puts a newline before the first path of a plain commit and a NUL before that of a merge.
        path = token[1:] if first and token.startswith(b"\n") else token
        first = False
        if path in wanted:
            touched[path] = max(at, touched.get(path, at))
    stale = sorted((seconds, path) for path, seconds in touched.items() if seconds < cutoff)
    return {
        "days": asked["stale_days"],
        "cutoff": date(cutoff),
        "count": len(stale),
        "of": len(wanted),
        "list": [{"path": shown(path), "at": date(seconds)} for seconds, path in stale[:LISTED]],
        "unknown": len(wanted) - len(touched),
        "complete": len(touched) == len(wanted),
    }


def broken(repo: Repository, asked: Asked) -> dict[str, Any]:
    """Files that are certainly broken."""
    tree = repo.tree()
    found = []
    unread = 0
    for path, data in repo.contents([entry for entry in tree if entry[0].startswith("100")]):
        if data is None:
            unread += 1
        else:
            found += [(path, what, why) for what, why in why_broken(path, data, language(path))]
    links = {path: data for path, data in repo.contents([e for e in tree if e[0] == "120000"]) if data is not None}
    outside = {path for mode, _, _, path in tree if mode == "160000"}
    present = {path for mode, _, _, path in tree if mode.startswith("100")}
    for _, _, _, path in tree:
        while b"/" in path:
            path = path.rsplit(b"/", 1)[0]
            present.add(path)
    found += [(path, "missing object", "git has not got what is in it") for path in repo.missing]
    for path in sorted(links):
        if why := leads_nowhere(path, links, present, outside):
            found.append((path, "symbolic link", why))
    kinds = Counter(what for _, what, _ in found if not what.endswith("not checked"))
    return {
        "count": sum(kinds.values()),
        "kinds": dict(sorted(kinds.items())),
        "list": [
            {"path": shown(p), "what": what, "why": shown(why.encode("utf-8", "replace"), 200)}
            for p, what, why in found[:LISTED]
        ],
        "listed_of": len(found),
        "python": ".".join(map(str, sys.version_info[:2])),
        "unread": unread,
        "complete": not unread,
    }


PARTS = {"commits": commits, "files": files, "tests": tests, "markers": markers, "old": old, "broken": broken}


def main(asked: Asked) -> dict[str, Any]:
    """The requested part, or git's message under `error`."""
    warnings.simplefilter("ignore")
    try:
        return PARTS[asked["part"]](Repository(asked["path"], Clockwork(asked["seconds"])), asked)
    except Unreadable as error:
        return {"error": str(error)}
