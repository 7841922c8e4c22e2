"""Anchors: the length of the log and its last digest, each a commit in a separate git repository.

Owns the folder `anchors` in the state folder, its copy elsewhere, and the rules by which a log is compared with its
anchors (pure). Whoever rewrites the log must rewrite the anchors, too; and rewriting the anchors contradicts the
log, in which each anchor names the previous commit. Ignores every git setting that is not given here. Blocking;
touches no table.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from agents.kernel import git, location, text
from agents.kernel.errors import TimmyError, Unavailable

FILE, BRANCH = "head.json", "main"
SECONDS, AWAY_SECONDS = 60.0, 30.0
"""How long git may take, locally and with another place, in seconds."""
_SETTINGS = {"core.fsync": "committed,reference", "protocol.allow": "always", "protocol.ext.allow": "never"}
_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"
_NAME = "Timmy's World", "world@timmys-world.invalid"  # RFC 2606: a domain that nobody can own


@dataclass(frozen=True)
class Anchor:
    """The end of the log at some time: event `seq` with this `digest`, the last of `count`. An `accepted` anchor was
    made on the owner's orders, after a log that did not match earlier anchors. `commit` is its commit's name.
    """

    number: int
    seq: int
    digest: str
    at: str
    count: int
    accepted: bool = False
    commit: str = field(default="", compare=False)


@dataclass(frozen=True)
class Recorded:
    """What the log says about an anchor: its number, the event that says so, and the previous anchor's commit."""

    number: int
    seq: int
    before: str


@dataclass(frozen=True)
class Log:
    """What is compared about a log: its last event, the number of events up to the newest anchor, the digests at
    anchors, what it says about anchors, and the events that report pruning.
    """

    last: int
    count: int
    digests: Mapping[int, str]
    recorded: Sequence[Recorded]
    pruned: Sequence[int] = ()


def in_force(line: Sequence[Anchor]) -> Sequence[Anchor]:
    """The anchors that a log is compared with: from the last accepted one on."""
    first = max((at for at, one in enumerate(line) if one.accepted), default=0)
    return line[first:]


def differences(line: Sequence[Anchor], log: Log) -> Iterator[str]:
    """Every way in which a log differs from what was anchored, in words."""
    anchors = in_force(line)
    yield from _unlike_a_line(anchors)
    yield from _unlike_the_record(anchors, log)
    if not anchors:
        return
    newest = anchors[-1]
    if log.last < newest.seq:
        yield (
            f"the log ends with event {log.last}, but event {newest.seq} was anchored on {newest.at}: "
            "what followed was removed, or an older database was put back"
        )
    wrong = [one for one in anchors if one.seq <= log.last and log.digests.get(one.seq) != one.digest]
    if wrong:
        yield (
            f"event {wrong[0].seq} is not the one that was anchored on {wrong[0].at}: "
            f"the log was rewritten ({len(wrong)} of {len(anchors)} anchors differ)"
        )
    elif log.last >= newest.seq:
        if log.count != newest.count:
            yield f"{log.count} events stand up to event {newest.seq}, and {newest.count} were anchored on {newest.at}"
        for seq in log.pruned:
            if seq > newest.seq:
                yield f"event {seq} reports pruning, but was never anchored: it may hide what was removed"


def _unlike_a_line(anchors: Sequence[Anchor]) -> Iterator[str]:
    if anchors and anchors[0].number != 1 and not anchors[0].accepted:
        yield f"the first anchor has the number {anchors[0].number}: those before it were removed"
    for one, following in pairwise(anchors):
        if following.number != one.number + 1 or following.seq <= one.seq:
            yield f"anchor {following.number} does not follow anchor {one.number}"


def _unlike_the_record(anchors: Sequence[Anchor], log: Log) -> Iterator[str]:
    first, last = (anchors[0].number, anchors[-1].number) if anchors else (1, 0)
    known = max((one.number for one in log.recorded), default=0)
    if known > last + 1 or (
        known and not anchors
    ):  # the last one may have been interrupted between the event and its commit
        yield (
            f"the log knows of {known} anchors, and the repository holds {last}: it was removed, rewritten or put back"
        )
    commits = {one.number: one.commit for one in anchors}
    for one in log.recorded:
        if first < one.number <= last + 1 and commits.get(one.number - 1) != one.before:
            yield f"anchor {one.number - 1} is not the one that event {one.seq} names: the anchors were rewritten"
            return
    told = {(one.number, one.seq) for one in log.recorded}
    for anchor in anchors:
        if anchor.seq <= log.last and (anchor.number, anchor.seq) not in told:
            yield f"anchor {anchor.number} is in the repository, and event {anchor.seq} does not mention it"
            return


class Store:
    """One world's repository of anchors."""

    def __init__(self, folder: Path) -> None:
        """`folder` need not exist."""
        self._folder = folder

    def read(self) -> list[Anchor]:
        """Every anchor, oldest first. Raises Unavailable if the repository cannot be read or holds something else."""
        if not (self._folder / "HEAD").exists():
            return []
        if not self._git("for-each-ref", f"refs/heads/{BRANCH}"):
            return []
        commits = self._git("rev-list", "--reverse", f"refs/heads/{BRANCH}").split()
        told = self._git("cat-file", "--batch", given="".join(f"{commit}:{FILE}\n" for commit in commits).encode())
        try:
            return [replace(_anchor(one), commit=commit) for commit, one in zip(commits, _batch(told), strict=True)]
        except (ValueError, TypeError, KeyError) as error:
            raise Unavailable(
                f"{self._folder} holds something that is not an anchor: {text.clean(str(error))}."
            ) from error

    def write(self, anchor: Anchor) -> str:
        """Commit one more anchor; returns the commit's name. Raises Unavailable."""
        if not (self._folder / "HEAD").exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._git("init", "--quiet", "--bare", "--template=", f"--initial-branch={BRANCH}")
        kept = {name: value for name, value in asdict(anchor).items() if name != "commit"}
        blob = self._git("hash-object", "-w", "--stdin", given=(json.dumps(kept, indent=1) + "\n").encode())
        tree = self._git("mktree", given=f"100644 blob {blob}\t{FILE}\n".encode())
        before = self._git("for-each-ref", "--format=%(objectname)", f"refs/heads/{BRANCH}")
        parent = ("-p", before) if before else ()
        message = f"Anchor {anchor.number}: event {anchor.seq}\n".encode()
        commit = self._git("commit-tree", tree, *parent, given=message, at=anchor.at)
        self._git("update-ref", f"refs/heads/{BRANCH}", commit, before or "0" * 40)
        return commit

    def check(self) -> None:
        """Raises Unavailable if an object's content does not match its name."""
        if (self._folder / "HEAD").exists():
            self._git("fsck", "--no-dangling", "--no-progress", "--no-reflogs")

    def push(self, place: str) -> None:
        """Copy the anchors to another place: a folder, in which a repository is created, or a URL to which git can
        push. Raises Unavailable.
        """
        if _is_folder(place) and not (Path(place) / "HEAD").exists():
            if Path(place).exists() and any(Path(place).iterdir()):
                raise Unavailable(f"{place} is neither empty nor a bare git repository.")
            Path(place).mkdir(parents=True, exist_ok=True)
            Store(Path(place))._git("init", "--quiet", "--bare", "--template=", f"--initial-branch={BRANCH}")
        self._git("push", "--quiet", "--", place, f"refs/heads/{BRANCH}:refs/heads/{BRANCH}", seconds=AWAY_SECONDS)

    def elsewhere(self, place: str) -> str:
        """The commit of the newest anchor at the other place; '' if it has none. Raises Unavailable."""
        if _is_folder(place) and not Path(place).exists():
            raise Unavailable(f"{place} is not there.")
        return self._git("ls-remote", "--", place, f"refs/heads/{BRANCH}", seconds=AWAY_SECONDS).partition("\t")[0]

    def _git(self, *words: str, given: bytes = b"", at: str = "", seconds: float = SECONDS) -> str:
        try:
            self._keep_settings()
            done = git.own(
                self._folder, words, given, settings=_SETTINGS, environment=_environment(at), seconds=seconds
            )
        except subprocess.TimeoutExpired:
            raise Unavailable(f"git {words[0]} took more than {seconds:.0f} s.") from None
        except OSError as error:
            raise Unavailable(f"git could not be run: {error.strerror}.", next="make install") from error
        if done.returncode:
            said = text.clean(done.stderr.decode(errors="replace"), keep_lines=False).strip()
            raise Unavailable(f"git {words[0]}: {text.shorten(said, 300) or f'exit {done.returncode}'}")
        return done.stdout.decode(errors="replace").strip()

    def _keep_settings(self) -> None:
        """Restore the repository's own settings: only that it is a repository."""
        config = self._folder / "config"
        if config.parent.joinpath("HEAD").exists() and (
            not config.is_file() or config.read_text("utf-8", "replace") != _CONFIG
        ):
            config.unlink(missing_ok=True)
            config.write_text(_CONFIG, encoding="utf-8")


def _environment(at: str) -> dict[str, str]:
    kept = {name: location.environment(name) for name in ("HOME", "SSH_AUTH_SOCK")}
    ours = {"GIT_SSH_COMMAND": "ssh -o BatchMode=yes", "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh"}
    for who in ("AUTHOR", "COMMITTER"):
        ours |= {f"GIT_{who}_NAME": _NAME[0], f"GIT_{who}_EMAIL": _NAME[1], **({f"GIT_{who}_DATE": at} if at else {})}
    return {name: value for name, value in kept.items() if value} | ours


def _is_folder(place: str) -> bool:
    return place.startswith("/")


def _anchor(content: str) -> Anchor:
    held: dict[str, Any] = json.loads(content)
    types = {"number": int, "seq": int, "digest": str, "at": str, "count": int, "accepted": bool}
    if {name: type(value) for name, value in held.items()} != types:
        raise ValueError("a file of another form")
    return Anchor(**held)


def _batch(told: str) -> Iterable[str]:
    """The contents printed by `git cat-file --batch`, each after a line with its size."""
    rest = told + "\n"
    while rest.strip():
        head, _, rest = rest.partition("\n")
        size = int(head.rsplit(" ", 1)[1])  # "… missing" has no number
        yield rest[:size]
        rest = rest[size + 1 :]


def told_apart(store: Store, line: Sequence[Anchor], place: str) -> tuple[str, str]:
    """(what is wrong with the anchors at the other place, why they could not be checked); each '' if there is nothing
    to say.
    """
    try:
        newest = store.elsewhere(place)
    except TimmyError as error:
        return "", error.message
    if newest and newest not in {one.commit for one in line}:
        return (
            f"{place} holds an anchor that is unknown here: an older state was put back, or the anchors were rewritten",
            "",
        )
    return "", ""
