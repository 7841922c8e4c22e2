"""Survey (T7, T9): every figure equals what was planted; what cannot be read is said clearly."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.kernel.errors import BadInput, NotAllowed, NotFound, StepFailed, Unavailable
from agents.kernel.text import is_control
from agents.work.kinds.survey import KIND
from agents.work.markdown import code
from tests.support.kind_work import NOW, Bench
from tests.support.planted import DAY, LANGUAGE, Garden, Planted, Planter

pytestmark = pytest.mark.django_db
AT = int(NOW.timestamp())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    try:
        return Bench(tmp_path)
    except Unavailable as error:
        pytest.skip(f"no sandbox here: {error}")


def git(path: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-C", str(path), "-c", "user.name=x", "-c", "user.email=x@y", *arguments],
        check=True,
        capture_output=True,
    )


def shown(path: bytes) -> str:
    return path.decode()


def iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


@pytest.mark.parametrize("seed", range(6))
def test_every_figure_equals_what_was_planted(seed: int, bench: Bench, tmp_path: Path) -> None:
    garden = Planter(seed, tmp_path / "repo", AT).grow(commits=12 + seed * 4)
    days = (365, 90, 30, 200, 700, 1)[seed]
    task = bench.task(KIND, str(garden.path), f"what is in it; files older than {days} days")
    results = bench.perform(KIND, task)
    compare(garden, results, days)
    data = json.loads(bench.read(task, "results"))
    assert data["results"] == results
    report = bench.read(task, "report")
    tell(report, results)
    figures = Counter(line for line in report.splitlines() if any(map(str.isdigit, line)))
    whys = Counter(line.rpartition(", `")[0] for line in figures.elements() if line.startswith("- ") and ", `" in line)
    expected = Counter(reported(garden, days))
    for line in list(figures):
        if (known := line.rpartition(", `")[0]) in expected and whys[known]:  # git's or Python's own words end it
            figures[known] += figures.pop(line)
    assert figures == expected


def reported(garden: Garden, days: int) -> Iterator[str]:
    """Every line of the report that holds a figure, written from the ledger alone. What is broken is
    without the words of the parser that found it.
    """

    def n(number: int, one: str, many: str = "") -> str:
        return f"{number:,} {one if number == 1 else many or one + 's'}"

    def size(number: int) -> str:
        for unit, power in (("MiB", 20), ("KiB", 10)):
            if number >= 1 << power:
                return f"{number / (1 << power):.1f} {unit} ({number:,} bytes)"
        return n(number, "byte")

    def day(seconds: int) -> str:
        return iso(seconds)[:10]

    regular = {path: f for path, f in garden.files.items() if f.mode == "100644"}
    text = [f for f in regular.values() if not f.binary]
    times = [at for _, _, at in garden.commits]
    people: dict[tuple[str, str], list[int]] = {}
    for name, email, at in garden.commits:
        people.setdefault((name, email), []).append(at)
    languages: dict[str, list[Planted]] = {}
    for f in text:
        languages.setdefault(f.language, []).append(f)
    lines = sum(f.lines for f in text)
    tested = {p: f for p, f in regular.items() if f.tests or Path(p.decode()).name.startswith("test_")}
    marks = [(p, line, kind) for p, f in regular.items() for line, kind in f.markers]
    old = {p: f for p, f in regular.items() if f.at < AT - days * DAY}
    cracks = {p: f for p, f in garden.files.items() if f.broken}
    links = len(garden.files) - len(regular)
    main = min((-sum(f.lines for f in of), name) for name, of in languages.items() if name != "other")[1]

    head = subprocess.run(
        ["git", "-C", str(garden.path), "rev-parse", "main"], capture_output=True, check=True, text=True
    ).stdout
    if any(map(str.isdigit, str(garden.path))):
        yield f"# Survey of {code(str(garden.path))}"
    yield f"Read at {NOW:%Y-%m-%d %H:%M} UTC, commit `{head[:12]}` of branch `main`."
    yield (
        f"{n(len(regular), 'file')} with {n(lines, 'line')} of text, mostly {main}, grown in "
        f"{n(len(times), 'commit')} by "
        f"{n(len(people), 'author')} from {day(min(times))} to {day(max(times))}. There are "
        f"{n(sum(f.tests for f in tested.values()), 'test')} in {n(len(tested), 'test file')}. "
        f"{n(len(marks), 'open marker')} and "
        f"{n(len(old), 'file')} unchanged for more than {n(days, 'day')} wait for somebody. "
        f"{n(len(cracks), 'thing')} {'is' if len(cracks) == 1 else 'are'} broken."
    )
    yield (
        f"- {n(len(times), 'commit')} ({n(garden.merges, 'merge')}), the first on {day(min(times))}, "
        f"the last on {day(max(times))}"
    )
    yield "- 1 branch, 0 tags"
    late = {span: sum(0 <= AT - at <= span * DAY for at in times) for span in (7, 30, 90, 365)}
    yield "- in the last " + ", ".join(f"{span} days {number:,}" for span, number in late.items()) + " commits"
    yield f"### Authors ({len(people):,})"
    for (name, email), ats in people.items():
        yield f"- {code(name)} {code(email)}: {n(len(ats), 'commit')}, {day(min(ats))} to {day(max(ats))}"
    for number, (name, _, at) in list(enumerate(garden.commits))[-10:]:
        yield f"- {day(at)} {code(f'change {number}: `x` | ünï')} by {code(name)}"
    yield f"- {n(len(regular), 'file')}, {size(sum(len(f.data) for f in regular.values()))} in all"
    yield f"- {len(text):,} of text with {n(lines, 'line')}, {len(regular) - len(text):,} binary"
    yield f"- {n(links, 'symbolic link')}, 0 submodules"
    for name, of in languages.items():
        yield f"| {name} | {len(of):,} | {sum(f.lines for f in of):,} | {sum(len(f.data) for f in of):,} |"
    by_size = sorted(((len(f.data), p) for p, f in regular.items()), key=lambda one: (-one[0], one[1]))
    large = [one for one in by_size if one[0] > 2**20]
    yield f"### Files over {size(2**20)}: {len(large)}"
    for bytes_, path in (*large, *by_size[:10]):
        yield f"- {code(shown(path))}: {size(bytes_)}"
    for name in sorted({f.language for f in tested.values()}):
        of = [f for f in tested.values() if f.language == name]
        yield f"- {name}: {n(sum(f.tests for f in of), 'test')} in {n(len(of), 'file')}"
    yield from (f"- {code(shown(path))}" for path in tested)
    yield f"### Old files: {len(old):,} of {len(regular):,}"
    yield f"Last changed before {day(AT - days * DAY)}, more than {n(days, 'day')} before this survey."
    oldest = sorted((f.at, path) for path, f in old.items())
    yield from (f"- {day(at)} {code(shown(path))}" for at, path in oldest[:50])
    if len(old) > 50:
        yield f"- … and {len(old) - 50} more"
    yield f"### Open markers: {len(marks):,} in {n(len({path for path, *_ in marks}), 'file')}"
    kinds = Counter(kind for *_, kind in marks)
    if kinds:
        yield ", ".join(f"{kind} {kinds[kind]:,}" for kind in sorted(kinds)) + "."
    yield from (
        f"- {code(shown(p))} line {line:,}, {kind}: {code(f'# {kind}: mend `this` <b>|</b>')}"
        for p, line, kind in marks
    )
    python = ".".join(map(str, sys.version_info[:2]))
    kinds = Counter(f.broken for f in cracks.values())
    if cracks:
        yield ", ".join(f"{what}: {kinds[what]:,}" for what in sorted(kinds)) + f". Python was read as {python}."
    else:
        yield f"Nothing was found to be broken (Python read as {python}, JSON, TOML, merges, links)."
    yield from (f"- {code(shown(path))}: {f.broken}" for path, f in cracks.items())


def compare(garden: Garden, results: dict, days: int) -> None:
    regular = {path: f for path, f in garden.files.items() if f.mode == "100644"}
    times = [at for _, _, at in garden.commits]
    commits = results["commits"]
    assert (commits["commits"], commits["merges"], commits["author_count"]) == (
        len(times),
        garden.merges,
        len({(n, e) for n, e, _ in garden.commits}),
    )
    assert {(a["name"], a["email"]): a["commits"] for a in commits["authors"]} == Counter(
        (n, e) for n, e, _ in garden.commits
    )
    assert (commits["first"], commits["last"]) == (iso(min(times)), iso(max(times)))
    assert commits["recent"] == {str(d): sum(0 <= AT - t <= d * DAY for t in times) for d in (7, 30, 90, 365)}
    assert (commits["branches"], commits["tags"], commits["branch"], commits["shallow"]) == (1, 0, "main", False)

    files = results["files"]
    text = [f for f in regular.values() if not f.binary]
    assert files["files"] == len(regular)
    assert files["bytes"] == sum(len(f.data) for f in regular.values())
    assert (files["text"], files["binary"]) == (len(text), len(regular) - len(text))
    assert files["lines"] == sum(f.lines for f in text)
    assert files["symlinks"] == sum(f.mode == "120000" for f in garden.files.values())
    expected: dict[str, Counter] = {}
    for f in text:
        expected.setdefault(f.language, Counter()).update(files=1, lines=f.lines, bytes=len(f.data))
    assert {row["language"]: {k: row[k] for k in ("files", "lines", "bytes")} for row in files["languages"]} == {
        name: {k: count[k] for k in ("files", "lines", "bytes")} for name, count in expected.items()
    }
    large = {shown(p): len(f.data) for p, f in regular.items() if len(f.data) > 2**20}
    assert {f["path"]: f["bytes"] for f in files["large_list"]} == large
    assert files["large"] == len(large)
    assert [f["bytes"] for f in files["largest"]] == sorted((len(f.data) for f in regular.values()), reverse=True)[:10]

    tests = results["tests"]
    assert tests["tests"] == sum(f.tests for f in regular.values())
    planted = {shown(p) for p, f in regular.items() if f.tests or Path(p.decode()).name.startswith("test_")}
    assert (set(tests["list"]), tests["files"]) == (planted, len(planted))

    marks = {(shown(p), line, kind) for p, f in regular.items() for line, kind in f.markers}
    assert {(m["path"], m["line"], m["kind"]) for m in results["markers"]["list"]} == marks
    assert results["markers"]["count"] == len(marks)
    assert results["markers"]["kinds"] == Counter(kind for _, _, kind in marks)

    stale = {shown(p): iso(f.at) for p, f in regular.items() if f.at < AT - days * DAY}
    assert {f["path"]: f["at"] for f in results["old"]["list"]} == stale
    assert (results["old"]["count"], results["old"]["of"], results["old"]["unknown"]) == (len(stale), len(regular), 0)

    cracks = Counter((shown(p), f.broken) for p, f in garden.files.items() if f.broken)
    assert Counter((b["path"], b["what"]) for b in results["broken"]["list"]) == cracks
    assert results["broken"]["count"] == sum(cracks.values())
    assert all(part["complete"] for part in results.values())


def tell(report: str, results: dict) -> None:
    """Nothing was left unread, and no name in the report can act as Markdown."""
    assert "What was not read" not in report
    for line in report.splitlines():
        assert not any(map(is_control, line))
    outside = "".join(
        part for i, part in enumerate(report.replace("```", "").replace("``", "").split("`")) if i % 2 == 0
    )
    assert "javascript:" not in outside or "``" in report
    assert set(LANGUAGE.values()) >= {row["language"] for row in results["files"]["languages"]}


def test_a_repository_without_commits_is_said_to_be_empty(bench: Bench, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main", "empty")
    task = bench.task(KIND, str(tmp_path / "empty"))
    results = bench.perform(KIND, task)
    assert results["commits"]["commits"] == results["files"]["files"] == results["broken"]["count"] == 0
    assert "The repository is empty" in bench.read(task, "report")
    assert "no commits yet" in bench.world.deeds("timmy", "say")[-1]


def test_a_bare_repository_is_read_as_well(bench: Bench, tmp_path: Path) -> None:
    garden = Planter(3, tmp_path / "repo", AT).grow(8)
    git(tmp_path, "clone", "-q", "--bare", "repo", "bare.git")
    results = bench.perform(KIND, bench.task(KIND, str(tmp_path / "bare.git")))
    assert results["commits"]["bare"]
    assert results["commits"]["commits"] == len(garden.commits)
    assert results["files"]["files"] == sum(f.mode == "100644" for f in garden.files.values())


def test_a_linked_work_tree_and_a_borrowing_clone_are_read(bench: Bench, tmp_path: Path) -> None:
    garden = Planter(4, tmp_path / "repo", AT).grow(5)
    git(tmp_path / "repo", "worktree", "add", "-q", "--no-checkout", "--detach", "../tree")
    git(tmp_path, "clone", "-q", "--shared", "--no-checkout", "repo", "borrower")
    for name in ("tree", "borrower"):
        task = bench.task(KIND, str(tmp_path / name))
        assert str(tmp_path / "repo" / ".git") in KIND.action(KIND.params_of(task))
        assert bench.perform(KIND, task)["commits"]["commits"] == len(garden.commits)


def test_borrowing_from_outside_the_read_paths_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    Planter(4, tmp_path / "out", AT).grow(3)
    git(tmp_path, "clone", "-q", "--shared", "--no-checkout", "out", "in/borrower")
    with pytest.raises(NotAllowed, match="TIMMY_READ_PATHS"):
        Bench(tmp_path, read=(tmp_path / "in",)).task(KIND, str(tmp_path / "in" / "borrower"))


def test_hooks_filters_and_settings_of_the_repository_are_never_run(bench: Bench, tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    garden = Planter(5, repo, AT).grow(4)
    trap = tmp_path / "sprung"
    script = f"#!/bin/sh\ntouch {trap}; touch /tmp/home/sprung; echo sprung\n"
    for hook in ("post-checkout", "pre-commit", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
        file = repo / ".git" / "hooks" / hook
        file.parent.mkdir(exist_ok=True)
        file.write_text(script)
        file.chmod(0o755)
    for key in (
        "core.fsmonitor",
        "core.pager",
        "diff.external",
        "filter.x.smudge",
        "gpg.program",
        "core.sshCommand",
        "core.editor",
    ):
        git(repo, "config", key, str(repo / ".git/hooks/pre-commit"))
    git(repo, "config", "log.showSignature", "true")
    git(repo, "config", "log.mailmap", "true")
    (repo / ".mailmap").write_text("Nobody <no@body> <a@example.org>\n")
    results = bench.perform(KIND, bench.task(KIND, str(repo)))
    assert not trap.exists()
    assert {(a["name"], a["email"]) for a in results["commits"]["authors"]} == {(n, e) for n, e, _ in garden.commits}
    assert "sprung" not in json.dumps(results)


def test_paths_that_may_not_be_surveyed(bench: Bench, tmp_path: Path) -> None:
    outside = bench.settings.state_dir
    with pytest.raises(NotAllowed, match="TIMMY_READ_PATHS"):
        bench.task(KIND, "/etc")
    (tmp_path / "way-out").symlink_to("/etc")
    with pytest.raises(NotAllowed, match="TIMMY_READ_PATHS"):
        bench.task(KIND, str(tmp_path / "way-out"))
    with pytest.raises(NotAllowed, match="TIMMY_READ_PATHS"):
        bench.task(KIND, str(tmp_path / ".." / ".." / ".." / "etc"))
    with pytest.raises(NotAllowed):
        bench.task(KIND, str(outside / "homes" / "timmy"))
    with pytest.raises(NotFound):
        bench.task(KIND, str(tmp_path / "nothing"))
    (tmp_path / "plain").mkdir()
    with pytest.raises(BadInput, match="not a git repository"):
        bench.task(KIND, str(tmp_path / "plain"))
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInput, match="is a file"):
        bench.task(KIND, str(tmp_path / "file"))
    for bad in ("relative/path", "a\0b", "~nobody-here/x", "/" + "x" * 5000, ""):
        with pytest.raises((BadInput, NotAllowed, NotFound)):
            bench.task(KIND, bad)


def test_a_folder_inside_a_repository_names_the_repository(bench: Bench, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "repo")
    (tmp_path / "repo" / "inner").mkdir()
    with pytest.raises(BadInput, match="lies in the repository") as caught:
        bench.task(KIND, str(tmp_path / "repo" / "inner"))
    assert caught.value.next == f"task add Survey {tmp_path / 'repo'}"


def test_a_git_folder_that_links_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    Planter(1, tmp_path / "out", AT).grow(3)
    (tmp_path / "in" / "repo").mkdir()
    (tmp_path / "in" / "repo" / ".git").symlink_to(tmp_path / "out" / ".git")
    with pytest.raises(NotAllowed, match="TIMMY_READ_PATHS"):
        Bench(tmp_path, read=(tmp_path / "in",)).task(KIND, str(tmp_path / "in" / "repo"))


def test_links_swapped_after_the_approval_lead_nowhere(bench: Bench, tmp_path: Path) -> None:
    Planter(1, tmp_path / "repo", AT).grow(3)
    task = bench.task(KIND, str(tmp_path / "repo"))
    (tmp_path / "repo").rename(tmp_path / "moved")
    (tmp_path / "repo").symlink_to("/etc")
    with pytest.raises(NotAllowed, match="TIMMY_READ_PATHS"):
        bench.perform(KIND, task)


@pytest.mark.parametrize("damage", ["head", "branch", "object", "no objects"])
def test_a_corrupt_repository_fails_with_gits_own_words(damage: str, bench: Bench, tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    git(tmp_path, "init", "-q", "-b", "main", "repo")
    (repo / "a.txt").write_text("hello\n")
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "one")
    inner = repo / ".git"
    objects = list((inner / "objects").glob("??/*"))
    match damage:
        case "head":
            (inner / "HEAD").write_text("garbage\n")
        case "branch":
            (inner / "refs/heads/main").write_text("garbage\n")
        case "object":
            for file in objects:
                file.chmod(0o644)
                file.write_bytes(b"garbage")
        case "no objects":
            for file in objects:
                file.unlink()
    with pytest.raises(StepFailed, match=r"could not be read: .+"):
        bench.perform(KIND, bench.task(KIND, str(repo)))


def test_a_lost_file_is_reported_as_broken(bench: Bench, tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    git(tmp_path, "init", "-q", "-b", "main", "repo")
    for name in ("a.txt", "b.txt"):
        (repo / name).write_text(f"this is {name}\n")
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "one")
    blob = subprocess.run(
        ["git", "-C", str(repo), "rev-parse", "HEAD:a.txt"], capture_output=True, check=True, text=True
    ).stdout.strip()
    (repo / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    task = bench.task(KIND, str(repo))
    results = bench.perform(KIND, task)
    assert [(b["path"], b["what"]) for b in results["broken"]["list"]] == [("a.txt", "missing object")]
    assert (results["files"]["files"], results["files"]["text"], results["files"]["unread"]) == (2, 1, 1)
    assert "1 file not read for lines and languages" in bench.read(task, "report")


def test_the_report_owns_up_to_a_shallow_history(bench: Bench, tmp_path: Path) -> None:
    Planter(2, tmp_path / "repo", AT).grow(9)
    git(tmp_path, "clone", "-q", "--no-checkout", "--depth", "2", f"file://{tmp_path}/repo", "shallow")
    task = bench.task(KIND, str(tmp_path / "shallow"))
    results = bench.perform(KIND, task)
    assert results["commits"]["shallow"]
    assert "the clone is shallow" in bench.read(task, "report")
