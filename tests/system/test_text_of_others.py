"""One person puts hostile text wherever a person may put text; other people's terminals and pages get
none of it raw.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import browser as driving
from tests.support.browser import ENTER
from tests.system import harness, jobs
from tests.system.harness import OWNER, PASSWORD, World, until
from tests.system.surfaces import Browser, Lines, Terminal, mxp

FORGED = "FORGED"
_PIECES = (
    "\x1b[2J\x1b[31m",
    "\x1b]52;c;cm0gLXJm\x07",
    "\x1b]8;;http://evil.example\x1b\\here\x1b]8;;\x1b\\",
    "\x1b]0;owned\x07",
    "\x1b[6n\x1b[5i",
    "\x1b[1z<send href='ok all'>x</send>",
    "\x1b[4z<b>",
    "\x1bP$q\x1b\\\x1b_G\x1b\\",
    "\x07\x08\x08\x08\x7f",
    "\x9b31m\x9d0;t\x9c",
    f"x\x0b{FORGED} says",
    f"x\x85{FORGED} says",
    f"x\u2028{FORGED} says",
    f"x|/{FORGED} says",
    "|lcok all|ltclick|le",
    "||lcok all||ltclick||le",
    "|||lcpy 1|lt|le",
    "|luhttp://evil.example|ltsafe|le",
    "|lc|lcok|lt|le|le",
    "|r|[y|500|#ff0000|*|^|u|H",
    "{r{/{lcok{ltx{le",
    "$py(1) $You() $clr(r,x)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<send href='ok all'>x</send>&lt;b&gt;&#60;",
    "</span><b>",
    "\u202egpj.exe\u2066a\u2069",
    "a\u200b\u200d\u2060\ufeffb\u034f",
    "\ufff9a\ufffb\U000e0041",
    "%s {0} {caller} %(key)s",
    "\uf600red\uf610\uf611",
)
HOSTILE = tuple(" ".join(_PIECES[at : at + 2]) for at in range(0, len(_PIECES), 2))
"""Two at a time: what the one leaves open meets the other."""
_SGR = re.compile(r"\x1b\[([0-9;]*)m")
_FORBIDDEN = frozenset({"5", "6", "8", "38", "48"})
"""Parameters that blink, hide, or are of no palette that the world or the engine's own commands use."""


def seen(client: Lines, lines: list[str]) -> list[str]:
    """What a person sees; fails when anything acts on his client."""
    if isinstance(client, Terminal):
        told = []
        for line in lines:
            if client.mxp:
                found = mxp(line)
                assert not found.tags, f"it acts on an MXP client: {line!r}"
                line = found.text
            for sgr in _SGR.finditer(line):
                assert not set(sgr[1].split(";")) & _FORBIDDEN, f"colours of somebody else: {line!r}"
            told.append(_SGR.sub("", line))
    else:
        assert isinstance(client, Browser)
        strange = [
            tag for tag in client.tags if tag[0] not in ("span", "br") or re.search("style|on[a-z]+=|href", tag[1])
        ]
        assert not strange, strange
        assert client.commands <= {"text", "prompt", "logged_in", "ticket"}, client.commands
        told = lines
    for line in told:
        acting = {c for c in line if unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") and c != "\t"}
        assert not acting, f"{acting} in {line!r}"
        wrapped = isinstance(client, Terminal) and client.columns  # there a line may go on with any word
        assert wrapped or not line.lstrip().startswith(FORGED), f"a line that nobody wrote: {line!r}"
    return told


@pytest.fixture(scope="module")
def loud_world(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[World]:
    """A world of its own: the engine's builder commands stumble over some of this, which is told as bugs are."""
    with harness.world(tmp_path_factory.mktemp("l"), prepared) as made:
        yield made


@pytest.fixture(scope="module")
def people(loud_world: World) -> Iterator[tuple[Terminal, list[Lines]]]:
    """The guest Mallory on a plain terminal; and the owner on a terminal, one with MXP, one in 40
    columns, and a page.
    """
    password = loud_world.told("guest", "add mallory")["password"]
    mallory = Terminal(loud_world).enter("mallory", password)
    owner: list[Lines] = [
        Terminal(loud_world).enter(),
        Terminal(loud_world, mxp=True).enter(),
        Terminal(loud_world, columns=40).enter(),
        Browser(loud_world).enter(),
    ]
    yield mallory, owner
    for client in (mallory, *owner):
        client.close()  # type: ignore[attr-defined]
    loud_world.told("guest", "remove mallory = mallory")


def all_see(owner: list[Lines], *asked: str) -> list[list[str]]:
    """What has come to each of the owner's clients by now, and what it is answered."""
    return [seen(client, client.ask(*asked)) for client in owner]


def test_what_a_guest_says_and_writes(people: tuple[Terminal, list[Lines]], loud_world: World) -> None:
    """Speech, poses, whispers, pages, channels, a description, nicknames, and all commands that echo what was typed."""
    mallory, owner = people
    for text in HOSTILE:
        seen(
            mallory,
            mallory.ask(
                f"say {text}",
                f"pose {text}",
                f":{text}",
                f"emote {text}",
                f"whisper owner = {text}",
                f"page owner = {text}",
                f"page owner {text}",
                f"public {text}",
                f"setdesc {text}",
                f"nick {text} = {text}",
                f"look {text}",
                f"get {text}",
                f"give {text} to owner",
                f"page {text} = hi",
                f"whisper {text} = hi",
                f"{text}",
                f"task {text}",
                f"help {text}",
                f"channel/create {text};{text[:8]} = {text}",
                f"channel {text} = {text}",
                f"@style {text}",
                f"@option {text} = {text}",
                f"access {text}",
                f"task add words {text} = {text}",
                f"why {text}",
                f"map {text}",
                f"go {text}",
            ),
        )
        told = all_see(
            owner,
            "look mallory",
            "who",
            "channel/list",
            "examine mallory",
            "page/last 5",
            "board",
            "lectern",
            "inventory",
        )
        assert all(any("mallory" in line for line in lines) for lines in told)
    mallory.ask("setdesc plain again")
    assert jobs.faults(loud_world) == []
    logs = [log.name for log in (loud_world.state / "logs").iterdir()]
    assert all(re.fullmatch(r"[\w ]+\.log", name) for name in logs), logs


def test_what_a_builder_makes(people: tuple[Terminal, list[Lines]]) -> None:
    """Things, rooms, ways and descriptions made and renamed by the engine's builder commands, read by all and by the
    guest.
    """
    mallory, owner = people
    builder, *others = owner
    for n, text in enumerate(HOSTILE):
        name = f"box{n} {text}"
        seen(
            builder,
            builder.ask(
                f"@create {name}",
                f"@desc box{n} = {text}",
                f"drop box{n}",
                f"@name box{n} = {name}{n}",
                f"@alias box{n} = {text}",
                f"@set box{n}/note = {text}",
                f"@dig den{n} {text} = way{n} {text};w{n},back{n} {text};b{n}",
                f"@open hole{n} {text};h{n} = #2",
                f"@lock box{n} = {text}",
                f"@tag box{n} = {text}",
                f"@emit {text}",
                f"@wall {text}",
                f"@find {text}",
                f"@tel {text}",
                f"@type {text}",
                f"@spawn {text}",
                f"@create {text}",
                f"@set me/note = {text}",
            ),
        )
        for reader in (*others, mallory):
            seen(
                reader,
                reader.ask(
                    "look", f"look box{n}", f"look hole{n}", "exits", "map", f"get box{n}", f"w{n}", "look", f"b{n}"
                ),
            )
        all_see(
            owner,
            f"examine box{n}",
            f"examine box{n}/note",
            f"@find box{n}",
            "@objects",
            f"@tag/search {text}",
            "inventory",
            "here",
        )
        builder.ask(
            f"@destroy/force box{n}",
            f"@destroy/force hole{n}",
            f"@destroy/force way{n}",
            f"@destroy/force back{n}",
            f"@destroy/force den{n}",
        )


@pytest.mark.skipif(bool(driving.lacking()), reason=driving.lacking() or "a browser is there")
def test_a_real_browser_holds_letters_and_nothing_else(
    people: tuple[Terminal, list[Lines]], loud_world: World, tmp_path: Path
) -> None:
    mallory, (builder, *_) = people
    with driving.browser(tmp_path) as window:
        window.open(f"http://127.0.0.1:{loud_world.ports['web']}/webclient/")
        until(lambda: "connect <name> <password>" in window.text("#log"), "the login screen")
        window.press("#line", f"connect {OWNER} {PASSWORD}{ENTER}")
        until(lambda: "FRATERNITY HALL" in window.text("#log"), "the Hall")
        title = window.title()
        for text in HOSTILE:
            mallory.ask(f"say {text}", f"page owner = {text}", f"setdesc {text}", f"public {text}")
            builder.ask(f"@wall {text}", f"@emit {text}")
        for line in ("look mallory", "examine mallory", "page/last 20", "channel/list", "history"):
            window.press("#line", line + ENTER)
        window.press("#line", "say The end." + ENTER)
        until(lambda: 'You say, "The end.' in window.text("#log"), "all of it has come")
        assert "<script>alert(1)</script>" in window.text("#log"), "it was there to be read"
        assert set(window.run("return [...document.querySelectorAll('#log *')].map((e) => e.nodeName)")) <= {
            "P",
            "SPAN",
        }
        assert set(
            window.run("return [...document.querySelectorAll('#log *')].flatMap((e) => e.getAttributeNames())")
        ) <= {"class"}
        acting = (
            "/[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f"
            "\\u200b-\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ue000-\\uf8ff]/u"
        )
        assert window.run(f"return document.querySelector('#log').textContent.match({acting})") is None
        assert window.title() == title
        assert window.complaints() == []
