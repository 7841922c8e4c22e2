"""Who may do what, over the real game: a second account, the agents, other users of the machine.

Another person sees, speaks and proposes; whatever he types, sets or says, he decides nothing, and his words
do nothing to another's terminal or page. That the sockets refuse another user even where the files would
let him is shown in test_operations.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agents.kernel.text import clean
from tests.support.hostile import PLANTED
from tests.system import jobs
from tests.system.harness import OWNER, World
from tests.system.jobs import Control
from tests.system.surfaces import Browser, Lines, Terminal

VISITOR, SECRET = "visitor", "right-pony-staple"
FEW = [text for text in PLANTED[:200:4] if not re.search("[\n\r\x00\ud800-\udfff]", text)]
SENTENCE = "I take the risk"
SPOKEN_OR_EXPLAINED = ('Yousay,"', "YouaskTimmy,", "Thisisnotashell", "Makecommandsofyourownwithnick")
"""How an answer begins to a line that was heard as speech, or told what it should have been."""


@pytest.fixture(scope="module")
def shell(busy_world: World) -> Iterator[Control]:
    """The owner's connection to the control socket."""
    link = jobs.control(busy_world)
    yield link
    link.close()


@pytest.fixture(scope="module")
def owner(busy_world: World) -> Iterator[Terminal]:
    """The owner at a telnet client."""
    client = Terminal(busy_world).enter()
    yield client
    client.close()


@pytest.fixture(scope="module")
def visitor(busy_world: World, owner: Terminal) -> Iterator[Terminal]:
    """Another person, whose account the owner has made."""
    made = owner.ask(
        f"py from typeclasses.accounts import Account; print(Account.create(username='{VISITOR}', password='{SECRET}'))"
    )
    assert re.search(rf"\({VISITOR}\(account#|already taken", "".join(made)), made
    client = Terminal(busy_world).enter(VISITOR, SECRET)
    yield client
    client.close()


@pytest.fixture
def waiting(shell: Control, busy_world: World) -> Iterator[int]:
    """A task that waits for the owner; in the end it still does."""
    number = jobs.proposed(shell, "Ponder authority = who may")
    before = jobs.task(busy_world, number)
    yield number
    assert jobs.task(busy_world, number) == before
    (approval,) = jobs.rows(busy_world, "select state, verdict from agents_approval where task = ?", number)
    assert approval == {"state": "pending", "verdict": ""}
    assert shell.ask("no", str(number))["exit"] == 0


def looked(client: Lines, lines: list[str]) -> str:
    """What a person sees of the lines, without blanks; fails when any of it acts."""
    if isinstance(client, Terminal):
        lines = client.shown(lines)
    elif isinstance(client, Browser):
        strange = {
            tag for tag in client.tags if tag[0] != "br" and not re.fullmatch(r"\{'class': '[a-z0-9 -]*'\}", tag[1])
        }
        assert not strange and {tag for tag, _ in client.tags} <= {"span", "br"}, client.tags
        assert client.commands <= {"text", "prompt", "logged_in", "ticket"}, client.commands
    text = "".join(lines)
    assert not re.search("[\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ue000-\uf8ff]", text)
    return "".join(text.split())


# -- words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("surface", ["telnet", "MXP", "web"])
def test_words_of_others_do_nothing(busy_world: World, visitor: Terminal, surface: str) -> None:
    """Speech, poses, whispers, pages and channels: the owner is shown the words, and nothing acts."""
    client = (Browser(busy_world) if surface == "web" else Terminal(busy_world, mxp=surface == "MXP")).enter()
    texts = FEW if surface == "telnet" else FEW[::3]
    for form in ("say {}", "emote {}", "pose {}", f"whisper {OWNER} = {{}}", f"page {OWNER} = {{}}", "public {}"):
        visitor.ask(*[form.format(f"a {text} z") for text in texts])
        seen = looked(client, client.ask())
        for text in texts:
            words = "".join(clean(f"a {text} z", keep_lines=False).split())
            if form != "public {}":  # the engine takes tags out of channels, and reads some lines as options
                assert words in seen, (form, text)
        assert form != "public {}" or seen.count(f"[Public]{VISITOR}:") > len(texts) / 2
    client.close()


def test_descriptions_and_names_do_nothing(busy_world: World, owner: Terminal, visitor: Terminal) -> None:
    """A person's own description, and a room and a thing whose every word is hostile."""
    reader = Terminal(busy_world, mxp=True).enter()
    for text in FEW:
        visitor.ask(f"setdesc a {text} z")
        seen = looked(reader, reader.ask(f"look {VISITOR}"))
        assert "".join(clean(f"a {text} z", keep_lines=False).split()) in seen, text
    visitor.ask("setdesc Somebody.")
    reader.close()
    name, words = ascii("box |lcok 1|ltx|le\x1b[31m<b>\x9b"), ascii(" z\n".join(FEW))
    owner.ask(
        f"py r=evennia.create_object('typeclasses.rooms.Room',key={name});r.db.desc={words};"
        f"t=evennia.create_object('typeclasses.objects.Item',key={name},location=r);t.db.desc={words};"
        f"v=evennia.search_object('{VISITOR}')[0];v.move_to(r)"
    )
    reader = Terminal(busy_world, mxp=True).enter(VISITOR, SECRET, "BOX ")
    for line in ("look", "look box", "get box", "inventory", "drop box"):
        assert "|lcok1|ltx|le" in looked(reader, reader.ask(line)).lower(), line
    reader.close()
    owner.ask(
        f"py v=evennia.search_object('{VISITOR}')[0];r=v.location;v.move_to(me.location);[o.delete() for o "
        f"in r.contents];r.delete()"
    )
    assert "FRATERNITY" in looked(visitor, visitor.ask("look"))


def test_what_a_repository_holds_does_nothing(
    busy_world: World, owner: Terminal, visitor: Terminal, shell: Control
) -> None:
    """File names, authors and messages of a repository in a report, in the feed, on every surface."""
    folder = Path(str(busy_world.settings["read_paths"])) / "evil |lcok 1|ltx|le\x1b[31m<b>"
    folder.mkdir()
    jobs.git(folder, "init", "-q", "-b", "main")
    for number, text in enumerate(FEW[:30]):
        name = re.sub("[/]", "", text)[:60]
        (folder / f"{name}{number}.py").write_text(f"# TODO {text}\ndef ({text}\n")
        jobs.git(folder, "add", "-A")
        author = re.sub("[<>\n]", "", text).strip() or "x"
        jobs.git(folder, "commit", "-qm", f"message {text}", f"--author=A{author}z <a@example.org>")
    clients = [Terminal(busy_world).enter(), Terminal(busy_world, mxp=True).enter(), Browser(busy_world).enter()]
    owner.ask("feed on")
    number = jobs.proposed(shell, f"Survey {folder} = to know")
    assert shell.ask("ok", str(number))["exit"] == 0
    assert jobs.ended(busy_world, [number]) == {number: "COMPLETED"}
    owner.ask("feed off")
    for client in clients:
        for line in (
            (),
            (f"task {number}/report all",),
            (f"task {number}",),
            ("feed 100",),
            (f"why {number}",),
            ("look", "agents"),
        ):
            seen = looked(client, client.ask(*line))
            assert line != (f"task {number}/report all",) or "message" in seen
        client.close()
    looked(visitor, visitor.ask("look", "feed 100"))
    looked(owner, owner.ask())


# -- deeds ---------------------------------------------------------------------------------------------


def test_another_person_decides_nothing(busy_world: World, owner: Terminal, visitor: Terminal, waiting: int) -> None:
    """Verdicts, steering, policy, the engine's own commands, by every form of a word: nothing happens."""
    before = jobs.rows(busy_world, "select max(seq) as seq from agents_event")[0]["seq"]
    n = waiting
    visitor.ask(f"read {n}", f"lectern {n}")  # what was shown could be decided, if it were his to decide
    ours = [
        f"ok {n}",
        f"approve {n}",
        "approve all",
        "ok all low-risk",
        f"no {n}",
        f"veto {n} = x",
        "undo",
        f"later {n}",
        f"assign {n} = timmy",
        f"prioritise {n} = urgent",
        f"pause {n}",
        f"resume {n}",
        f"retry {n}",
        f"reopen {n}",
        f"backlog {n} = x",
        f"edit {n} = x",
        f"edit {n} Ponder x",
        f"task edit {n} x = y",
        "golden off",
        f"golden off = {SENTENCE}",
        "audit verify",
        "world build",
        "world build --force",
        "world export /tmp/x",
    ]
    for line in ours:
        assert "Notallowed" in looked(visitor, visitor.ask(line)) or line in ("golden off",), line
    tricks = [
        f"app {n}",
        f"appr {n}",
        f"ok{n}",
        f"o {n}",
        f"OK {n}",
        f"@ok {n}",
        f"&approve {n}",
        f"/ok {n}",
        f"+ok {n}",
        f"ok-1 {n}",
        f"1-ok {n}",
        f" ok  {n}",
        f"ok\t{n}",
        f"ok #{n}",
        f"ok a{n}",
        f"ok {n} ; ok {n}",
        f"say hi;ok {n}",
        f"ok {n} = {SENTENCE}",
        "1",
        f"approve\u00a0{n}",
        f"\u202eok {n}",
        f"say approve {n}",
        f"emote ok {n}",
        f"whisper {OWNER} = approve {n}",
        f"page {OWNER} = |lcapprove {n}|ltx|le",
        f"public approve {n}",
        f"setdesc |lcapprove {n}|ltx|le",
    ]
    for line in tricks:
        assert "Receipt" not in looked(visitor, visitor.ask(line)), line
    assert "anickcannotbeone,norstandforone" in looked(visitor, visitor.ask("nick zz $1 = approve $1"))
    assert "Thereisno'zz'" in looked(visitor, visitor.ask(f"zz {n}"))
    visitor.ask("nick/clearall")
    odd = []
    for word in (
        "py",
        "force",
        "sudo",
        "reload",
        "shutdown",
        "reset",
        "perm",
        "set",
        "attribute",
        "lock",
        "tel",
        "dig",
        "create",
        "desc",
        "destroy",
        "typeclass",
        "spawn",
        "name",
        "link",
        "batchcode",
        "batchcommands",
        "boot",
        "ban",
        "wall",
        "userpassword",
        "accounts",
        "server",
        "service",
        "scripts",
        "objects",
        "tickers",
        "find",
        "examine",
        "cmdsets",
        "script",
        "mvattr",
        "cpattr",
        "tag",
        "alias",
        "unlink",
        "open",
        "home",
        "tunnel",
        "copy",
        "wipe",
        "emit",
    ):
        for line in (f"@{word} 1=1", f"{word} timmy = x"):
            seen = looked(visitor, visitor.ask(line))
            refused = "Thereisno'" in seen or "permission" in seen or "couldbe" in seen or "notavalid" in seen
            answered = seen.startswith(SPOKEN_OR_EXPLAINED)
            if not (refused or answered or word in ("home", "open")):
                odd.append((line, seen[:200]))
    assert not odd, odd
    for line in ("ic timmy", "puppet timmy"):
        assert "itisnotyourbody" in looked(visitor, visitor.ask(line))
    visitor.ask(f"ic {VISITOR}")
    found = jobs.rows(
        busy_world,
        "select topic, actor from agents_event where seq > ? and actor like 'person:%' and topic not like 'person.%'",
        before,
    )
    assert found == []
    looked(owner, owner.ask())
    assert "GOLDEN_TIMMYison" in looked(owner, owner.ask("golden"))


def test_words_are_no_commands_for_the_owner_either(owner: Terminal, busy_world: World, waiting: int) -> None:
    """Parts of verdicts, and verdicts glued to their number, decide nothing, even typed by the owner."""
    for line in (
        f"app {waiting}",
        f"appr {waiting}",
        f"ok{waiting}",
        f"o {waiting}",
        f"say approve {waiting}",
        f"emote ok {waiting}",
    ):
        assert "Receipt" not in looked(owner, owner.ask(line)), line


def test_messages_are_for_whom_they_are_for(owner: Terminal, visitor: Terminal) -> None:
    """A visitor finds neither the owner's pages nor his whispers."""
    owner.ask(f"page {OWNER} = unheard-of-thing", f"whisper {OWNER} = unheard-of-thing")
    assert "unheard-of" not in looked(visitor, visitor.ask("page", "page/last 50", "look", "public/last 50"))


def test_a_visitor_proposes_and_the_owner_decides(
    owner: Terminal, visitor: Terminal, shell: Control, busy_world: World
) -> None:
    """A proposal of a visitor's is his to edit while it waits; another's is not; the verdict is the owner's."""
    seen = looked(visitor, visitor.ask("task add words Ponder a visitor's question = please"))
    number = int(re.findall(r"Task(\d+)isproposed", seen)[0])
    assert "Notallowed" in looked(visitor, visitor.ask(f"ok {number}"))
    assert "APPROVAL" in looked(visitor, visitor.ask(f"edit {number} = pretty please"))
    assert jobs.task(busy_world, number)["proposer"] == f"person:{VISITOR}"
    assert shell.ask("read", str(number))["exit"] == 0
    assert shell.ask("no", str(number))["exit"] == 0


# -- ranks -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ranked(busy_world: World, owner: Terminal) -> Iterator[dict[str, Terminal]]:
    """People to whom the owner has given ranks, by rank."""
    made = {}
    for rank in ("Builder", "Admin", "Developer"):
        name = f"{rank.lower()}bob"
        owner.ask(
            (
                f"py from typeclasses.accounts import Account; print(Account.create(username='{name}', "
                f"password='{SECRET}'))"
            ),
            f"@perm *{name} = {rank}",
        )
        made[rank] = Terminal(busy_world).enter(name, SECRET)
    yield made
    for client in made.values():
        client.close()


def power(world: World) -> list[list[dict[str, object]]]:
    """Who may log in by what, with which rank, and who is who."""
    return [
        jobs.rows(world, query)
        for query in (
            (
                "select id, username, password, email, is_superuser, is_staff, is_active, db_lock_storage from "
                "accounts_accountdb order by id"
            ),
            (
                "select a.accountdb_id, t.db_key from accounts_accountdb_db_tags a join typeclasses_tag t on "
                "t.id = a.tag_id where t.db_tagtype = 'permission' order by 1, 2"
            ),
            "select kind, key, object from agents_identity order by 1, 2",
            (
                "select id, db_key, db_typeclass_path, db_lock_storage, db_home_id from objects_objectdb where "
                "id in (select object from agents_identity) or id = 1 order by id"
            ),
            "select * from server_serverconfig where db_key = 'server_bans'",
        )
    ]


def test_no_rank_runs_code_or_becomes_the_owner(
    busy_world: World, owner: Terminal, ranked: dict[str, Terminal], waiting: int
) -> None:
    """The ways that were found: spawned bodies that are forced, passwords, tags, code, locks, bans; then their
    relatives.
    """
    before, proof = power(busy_world), busy_world.state / "code-ran"
    code = f"open('{proof}', 'w')"
    for rank, client in ranked.items():
        for line in (
            (
                "@spawn {'key': 'imp', 'permissions': ['Developer'], 'typeclass': "
                "'typeclasses.characters.Character', 'locks': 'edit:all()'}"
            ),
            "@create/drop owner:typeclasses.characters.Character",
            f"@force imp = @py {code}",
            f"@force owner = ok {waiting}",
            f"@py {code}",
            f"py {code}",
            f"! {code}",
            f"@batchcode {proof}",
            "@typeclass/force me = typeclasses.characters.Agent",
            "userpassword owner = mallory-owns-this",
            "@perm me = Developer",
            "@perm *visitor = Admin",
            "@tag owner = ghost:agent",
            "@tag #1 = ghost:agent",
            "@tag timmy = owner:agent",
            "@tag here = forge:map",
            "@set owner/_quell = 1",
            "@lock owner = puppet:all()",
            "@lock *owner = edit:all()",
            "@name *owner = x",
            "@name owner = x",
            "@boot owner",
            "@ban owner",
            "@ban 127.0.0.1",
            "@ban 127.*",
            "@tel owner = workshop",
            "@tel #1 = #2",
            "@sethome #1 = #2",
            "@destroy/force/override #1",
            "@wipe #1",
            "@cpattr #1/desc = me/x",
            "@copy timmy = timmy2",
            "@copy #2 = twin",
            "ic owner",
            "ic timmy",
            "puppet #1",
            "@accounts/delete owner",
            "@service/stop WebServer",
            "@shutdown",
            "@scripts/stop #1",
            "@emit owner = You have approved it.",
            "olc",
            "@olc",
            "@cmdsets owner",
            "@examine *owner",
            "@examine #1",
            "@destroy/force #2",
            "@channel/create ok = x",
            "@channel/lock public = listen:false()",
        ):
            said = looked(client, client.ask(line))
            assert "correct-horse" not in said, (rank, line, said)
        for name in (f"ok {waiting}", "ok", "approve", "approvals", "undo", "no", "look", "north;board"):
            client.ask(f"@open {name} = #2")
    assert not proof.exists()
    assert power(busy_world) == before
    assert "FRATERNITYHALL" in looked(owner, owner.ask("look")), "nobody moved, booted or renamed the owner"
    assert "APPROVAL" in looked(owner, owner.ask(f"read {waiting}")).upper()
    later = Terminal(busy_world).enter()
    assert "GOLDEN_TIMMYison" in looked(later, later.ask("golden"))
    later.close()


def test_the_owner_decides_past_ways_that_are_called_like_verdicts(
    busy_world: World, owner: Terminal, ranked: dict[str, Terminal], shell: Control
) -> None:
    """Made by code, as an older world may have them: an exit called `ok`, one called `ok N`, a channel called
    `approve`.
    """
    number = jobs.proposed(shell, "Ponder exits = who may")
    owner.ask(
        (
            f"py [evennia.create_object('typeclasses.exits.Exit', key=k, location=me.location, "
            f"destination=me.location, aliases=['way']) for k in ('ok', 'ok {number}')]"
        ),
        "py evennia.create_channel('approve', typeclass='typeclasses.channels.Channel').connect(self.account)",
    )
    try:
        owner.ask(f"read {number}")
        assert "Receipt" in looked(owner, owner.ask(f"ok {number}"))
    finally:
        owner.ask(
            "py [o.delete() for o in me.location.exits if o.key.startswith('ok')]",
            "py evennia.search_channel('approve')[0].delete()",
        )


# -- agents ----------------------------------------------------------------------------------------------


def test_agents_have_no_rank_and_no_account(busy_world: World) -> None:
    """Bodies of agents hold no permission of the engine, no account, and let nobody in."""
    bodies = jobs.rows(
        busy_world,
        "select o.id, o.db_key, o.db_account_id as account, o.db_lock_storage as locks from objects_objectdb o "
        "join agents_identity i on i.object = o.id where o.db_typeclass_path = "
        "'typeclasses.characters.Agent' and i.kind = 'agent'",
    )
    assert len(bodies) == jobs.AGENTS
    for body in bodies:
        assert body["account"] is None
        assert "puppet:false()" in body["locks"]
        ranks = jobs.rows(
            busy_world,
            "select t.db_key from typeclasses_tag t join objects_objectdb_db_tags l on l.tag_id = t.id "
            "where l.objectdb_id = ? and t.db_tagtype = 'permission'",
            body["id"],
        )
        assert ranks == []
    names = {row["username"] for row in jobs.rows(busy_world, "select username from accounts_accountdb")}
    assert not names & {body["db_key"] for body in bodies}


def test_what_an_agent_says_decides_nothing(busy_world: World, shell: Control, owner: Terminal, waiting: int) -> None:
    """An agent speaks the words `approve N` and a link of them in the hall; N goes on waiting."""
    for name in (f"approve {waiting}", f"|lcapprove {waiting}|ltx|le"):
        folder = jobs.repository(Path(str(busy_world.settings["read_paths"])) / name, 1)
        number = jobs.proposed(shell, f"Survey {folder} = it")
        assert shell.ask("ok", str(number))["exit"] == 0
        assert jobs.ended(busy_world, [number]) == {number: "COMPLETED"}
    seen = looked(owner, owner.ask())
    assert f"Ihavesurveyedapprove{waiting}:" in seen
    assert f"Ihavesurveyed|lcapprove{waiting}|ltx|le:" in seen


# -- policy and sockets ---------------------------------------------------------------------------------------


def test_golden_timmy_is_turned_off_in_the_game_by_its_sentence_alone(
    busy_world: World, owner: Terminal, visitor: Terminal, shell: Control
) -> None:
    """Not by the command line, not by the control socket, not by a visitor, not without the sentence."""
    refused: list[Callable[[], str]] = [
        lambda: busy_world.cli("golden", "off").stderr,
        lambda: busy_world.typed("golden", f"off = {SENTENCE}").stderr,
        lambda: " ".join(shell.ask("golden", f"off = {SENTENCE}")["lines"]),
        lambda: looked(owner, owner.ask("golden off")),
        lambda: looked(owner, owner.ask("golden off = yes")),
        lambda: looked(visitor, visitor.ask(f"golden off = {SENTENCE}")),
    ]
    for attempt in refused:
        assert attempt()
        assert shell.ask("golden")["data"] == {"golden": True}
    assert "GOLDEN_TIMMYISOFF" in looked(owner, owner.ask(f"golden off = {SENTENCE}"))
    try:
        assert shell.ask("golden")["data"] == {"golden": False}
        assert "GOLDEN_TIMMY IS OFF" in " ".join(shell.ask("lectern")["lines"])
    finally:
        assert "GOLDEN_TIMMYison" in looked(owner, owner.ask("golden on"))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_another_user_of_the_machine_reaches_no_socket(busy_world: World) -> None:
    """The folder is the owner's alone, so are the sockets; another user cannot even connect."""
    assert stat.S_IMODE(busy_world.run_dir.stat().st_mode) == 0o700
    program = (
        "import os, socket, sys; os.setgid(65534); os.setuid(65534); socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
    )
    sockets = sorted(busy_world.run_dir.glob("*.sock"))
    assert [path.stem for path in sockets] == ["portal", "timmy", "web"]
    for path in sockets:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        done = subprocess.run(
            [sys.executable, "-c", program, path.name],
            cwd=busy_world.run_dir,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "PermissionError" in done.stderr, (done.stdout, done.stderr)
