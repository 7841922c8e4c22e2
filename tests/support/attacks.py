"""Hostile lines: the attacks that were tried, and more of their kind, made by a seed from the commands that each rank
has.

Owns the seeds (attacks as lines to type), the words they are mixed with, and the making of sequences. Refuses to judge
what they do, and to know any command by name: what the engine adds is tried by what its own help says of its use.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence

from tests.support.hostile import PLANTED
from tests.support.judgement import EXACT, PEOPLE, USUAL, Typed

RISK = "golden off = I take the risk"
FIXTURE = "typeclasses.objects.Fixture"
CHARACTER = "typeclasses.characters.Character"
AGENT = "typeclasses.characters.Agent"
DEEDS = (
    RISK,
    "golden off",
    "ok 1",
    "approve 1",
    "approve all",
    "no 1 = x",
    "veto 3 = x",
    "undo",
    "undo 2",
    "later 1 = 9d",
    "assign 1 = ezra",
    "prioritise 1 = urgent",
    "pause timmy",
    "pause 3",
    "resume 4",
    "retry 4",
    "backlog 1 = x",
    "reopen 1",
    "edit 1 = x",
    "guest add eve",
    "guest remove gus = gus",
    "task add words Chore x = y",
    "inject timmy = x",
    "world build",
    "world export x",
    "read 1",
    "hush timmy",
    "feed on",
    "watch timmy",
    "plain on",
    "ask timmy = x",
    "thoughts reorder timmy 1 2",
    "audit verify",
    "say I am here",
)
"""What only the owner may do, or what would be told as his."""


def _imp(typeclass: str = CHARACTER, key: str = "imp", **more: object) -> str:
    """A prototype as it is typed, which whoever spawned it may force."""
    return json.dumps({"key": key, "typeclass": typeclass, "locks": "edit:all()", **more})


OPEN, CALLED = "edit:all();control:all();puppet:all()", "edit:all();call:all()"
DEVELOPER, COMMANDS, ADMIN = (
    _imp(permissions=ranks, locks=OPEN) for ranks in (["Developer"], ["py", "shutdown"], ["Admin"])
)
TIMMY, KEEPER = _imp(AGENT, tags=[["timmy", "agent"]]), _imp(key="owner", aliases=["imp", "ok", "timmy"])
SPAWNED = (
    DEVELOPER,
    COMMANDS,
    ADMIN,
    _imp(locks=CALLED),
    TIMMY,
    KEEPER,
    _imp(),
    _imp(FIXTURE, attrs=[["shows", "ok 1"]]),
    _imp(exec="trip()"),
    _imp(key="$eval(trip())"),
    _imp(prototype_parent="IMP", permissions=["Developer"]),
    _imp("tests.support.tripwire.Bell"),
    _imp("typeclasses.accounts.Account"),
    _imp("typeclasses.exits.Exit", destination="#2", aliases=["ok"]),
    _imp(home="*owner", location="owner"),
)
PYTHON = "trip()"


def _bell(shows: str, by: str = "builder") -> tuple[tuple[str, str], ...]:
    return ((by, f"@create/drop bell:{FIXTURE}"), (by, f"@set bell/shows = {shows!r}"), ("owner", "look bell"))


def _spawned(prototype: str, *forced: str, by: str = "builder") -> tuple[tuple[str, str], ...]:
    return ((by, f"@spawn {prototype}"), *((by, f"@force imp = {line}") for line in forced))


_SEEDS: dict[str, tuple[tuple[str, str], ...]] = {
    # -- looking acts as the looker
    "a bell turns the policy off": _bell(RISK),
    "a bell approves": _bell("ok 1"),
    "a bell rejects": _bell("no 1 = x"),
    "a bell lifts a seal": _bell("undo"),
    "a bell gives a task away": _bell("assign 3 = ezra"),
    "a bell pauses a mind": _bell("pause timmy"),
    "a bell makes an account": _bell("guest add eve"),
    "a bell proposes as the owner": _bell("task add words Chore x = y"),
    "a bell puts thoughts into a mind": _bell("inject timmy = obey"),
    "the board itself is changed": (("builder", "@set board/shows = 'ok 1'"), ("owner", "look board")),
    "a bell that is carried": (*_bell("ok 1"), ("owner", "get bell"), ("owner", "look bell")),
    "a room that is another's": (
        ("builder", "@set here/function = lectern"),
        ("builder", "@set here/details = {'bell': '|lcok 1|ltx|le'}"),
        ("owner", "look bell"),
    ),
    "a noun that is called by a verb": (
        ("builder", f"@create/drop fire:{FIXTURE}"),
        ("builder", "@set fire/shows = fire"),
        ("owner", "look fire"),
    ),
    "what a thing shows is copied": (
        *_bell("ok 1")[:1],
        ("builder", "@cpattr board/shows = bell/desc"),
        ("builder", "@set bell/desc = ok 1"),
        ("builder", "@cpattr bell/desc = bell/shows"),
        ("builder", "@mvattr bell/desc = bell/shows"),
        ("builder", "@copy board = bell2"),
        ("owner", "look bell"),
        ("owner", "look bell2"),
    ),
    "a bell is given to the owner": (
        *_bell("ok 1")[:2],
        ("builder", "get bell"),
        ("builder", "give bell to owner"),
        ("owner", "look bell"),
        ("owner", "drop bell"),
        ("owner", "look bell"),
    ),
    "a bell is given to an agent": (
        *_bell("ok 1")[:2],
        ("builder", "get bell"),
        ("builder", "give bell to timmy"),
        ("builder", "@teleport bell = timmy"),
        ("owner", "look timmy"),
    ),
    # -- a builder runs code
    "spawned with a rank, forced to run code": _spawned(DEVELOPER, f"@py {PYTHON}"),
    "spawned with permissions by command, forced": _spawned(COMMANDS, f"@py {PYTHON}", "@shutdown"),
    "spawned as an admin, forced to change a password": _spawned(ADMIN, "userpassword owner = battery-staple-9"),
    "spawned as a developer, gives ranks": _spawned(DEVELOPER, "@perm *bob = Developer", "@perm bob = Developer"),
    "spawned with exec": _spawned(_imp(exec="trip()"), "say x"),
    "spawned with a function in its name": _spawned(_imp(key="$eval(trip())")),
    "spawned as an agent": _spawned(TIMMY, "say x", "task add words Chore x = y"),
    "spawned of a file's own class": _spawned(_imp("tests.support.tripwire.Bell")),
    "created of a file's own class": (("builder", "@create/drop bell:tests.support.tripwire.Bell"),),
    "typeclass of a file's own": (
        ("builder", "@create/drop bell"),
        ("builder", "@typeclass/force bell = tests.support.tripwire.Bell"),
    ),
    "typeclass of an agent": (
        ("builder", "@create/drop bell"),
        ("builder", f"@typeclass/force bell = {AGENT}"),
        ("builder", "@tag bell = timmy:agent"),
    ),
    "a script of a file's own": (
        ("builder", "@create/drop bell"),
        ("builder", "@script bell = tests.support.tripwire.Bell"),
        ("builder", "@scripts here = tests.support.tripwire.Bell"),
    ),
    "a menu of a file's own": (("builder", "@set me/menu = tests.support.tripwire.menu"), ("developer", "@py/edit")),
    "a body of the owner's name proposes": _spawned(KEEPER, "task add words Chore mine = y", "ok 1", RISK),
    "a body of a guest's name proposes": _spawned(
        KEEPER.replace("owner", "gus"), "task add words Chore mine = y", "edit 5 = other", "backlog 5 = x"
    ),
    "a body without an account proposes": _spawned(_imp(), "task add words Chore mine = y", "workshop"),
    "a thing becomes a body": (
        ("builder", "@create/drop imp"),
        ("builder", f"@typeclass/force imp = {CHARACTER}"),
        ("builder", "@name imp = pia"),
        ("builder", "force pia-1 = workshop"),
        ("builder", "force pia-2 = workshop"),
    ),
    # -- forcing, and standing in another's body
    "a builder forces the owner": (("builder", f"@force owner = {RISK}"), ("builder", "@force owner = ok 1")),
    "an admin forces the owner": (
        ("admin", f"@force owner = {RISK}"),
        ("admin", "@force owner = ok 1"),
        ("admin", "@force owner = @py trip()"),
    ),
    "a developer forces the owner": (("developer", f"force owner = {RISK}"),),
    "an admin forces a guest": (
        ("guest", "look"),
        ("admin", "force gus = task add words Chore mine = y"),
        ("admin", "force gus = workshop"),
    ),
    "a builder forces an agent": (
        ("builder", "force timmy = workshop"),
        ("admin", "force timmy = workshop"),
        ("developer", "force timmy = say I obey"),
    ),
    "the owner's body is opened": (
        ("builder", "@lock owner = puppet:all();control:all();edit:all()"),
        ("builder", "ic owner"),
        ("builder", RISK),
    ),
    "the owner's body is opened by an admin": (
        ("admin", "@lock owner = puppet:all()"),
        ("admin", "ic owner"),
        ("admin", RISK),
    ),
    "an agent's body is opened": (
        ("admin", "@lock timmy = puppet:all()"),
        ("admin", "ic timmy"),
        ("admin", "workshop"),
    ),
    "the owner's body is taken over as a puppet": (
        ("admin", "@set *ada/_playable_characters = [5]"),
        ("admin", "ic owner"),
        ("admin", "ok 1"),
    ),
    # -- ranks, accounts, passwords
    "userpassword of the owner": (("admin", "userpassword owner = battery-staple-9"),),
    "userpassword of the owner by a developer": (("developer", "userpassword owner = battery-staple-9"),),
    "userpassword of one's equal": (("admin", "userpassword dev = battery-staple-9"),),
    "a rank for oneself": (
        ("admin", "@perm *ada = Developer"),
        ("developer", "@perm *dev = Superuser"),
        ("developer", "@perm/account bob = Developer"),
    ),
    "a rank for a friend": (("developer", "@perm *gus = Developer"), ("guest", f"@py {PYTHON}")),
    "a developer runs code": (("developer", f"@py {PYTHON}"), ("developer", "@py me.account.is_superuser = True")),
    "a developer stops the world": (
        ("developer", "@shutdown"),
        ("developer", "@reload"),
        ("developer", "@reset"),
        ("developer", "@service/stop webserver"),
    ),
    "a developer runs a batch": (
        ("developer", "batchcommands example_batch_cmds"),
        ("developer", "batchcode example_batch_code"),
    ),
    "the owner is put out": (("admin", "boot owner"), ("admin", "boot/quiet owner = x")),
    "the owner is banned": (
        ("developer", "ban owner"),
        ("developer", "y"),
        ("developer", "ban 127.0.0.1"),
        ("developer", "y"),
    ),
    "the owner's account is deleted": (("admin", "@accounts/delete owner = x"), ("admin", "y")),
    "the owner's account is renamed": (("builder", "@name *owner = nobody"), ("admin", "@name *owner = nobody")),
    "one takes another's name": (
        ("builder", "@name *bob = pia2"),
        ("builder", "@name me = owner"),
        ("builder", "task add words Chore mine = y"),
    ),
    "an account is written to": (
        ("builder", "@set *owner/shows = 1"),
        ("admin", "@set *owner/_last_puppet = #1"),
        ("admin", "@lock *owner = edit:all()"),
    ),
    "an account of one's own": (
        ("guest", "create eve battery-staple-9"),
        ("builder", "@create/drop eve:typeclasses.accounts.Account"),
    ),
    "a rank that is shed and taken": (
        ("admin", "quell"),
        ("admin", "unquell"),
        ("admin", "userpassword *owner = battery-staple-9"),
    ),
    # -- identity in what commands write
    "a tag makes the owner an agent": (("builder", "@tag owner = ghost:agent"), ("owner", "golden")),
    "a tag makes oneself an agent": (
        ("builder", "@tag me = timmy:agent"),
        ("builder", "task add words Chore mine = y"),
        ("builder", "workshop"),
    ),
    "a tag takes an agent's name": (
        ("admin", "@tag/del timmy = timmy:agent"),
        ("developer", "@tag/del timmy = timmy:agent"),
    ),
    "a tag makes a thing an agent": (
        ("builder", "@create/drop bell"),
        ("builder", "@tag bell = timmy:agent"),
        ("builder", "get bell"),
    ),
    "an agent is copied": (
        ("builder", "@copy timmy = timmy2"),
        ("admin", "@copy timmy = timmy2"),
        ("builder", "@copy owner = owner2"),
    ),
    "a room takes another's key": (("builder", "@tag/del here = hall:map"), ("builder", "@tag here = workshop:map")),
    "attributes are moved onto the owner": (
        ("builder", "@set me/shows = 'ok 1'"),
        ("builder", "@cpattr me/shows = owner/shows"),
        ("builder", "@mvattr me/shows = *owner/shows"),
    ),
    "an exit is called as verdicts are": (
        ("builder", "@dig Trap = ok;approve;no;veto;undo;golden;later;task;assign;pause;edit, back"),
        ("owner", "ok 99"),
    ),
    "an exit is called ok": (("builder", "@dig Trap = ok"), ("owner", "ok 99"), ("owner", "ok")),
    "an exit is called as the owner's words are": (
        ("builder", "@dig Trap = look;help;say;read;board;lectern;quit;password;guest;@py"),
        ("owner", "look"),
    ),
    "a way of another class": (
        ("builder", f"@dig Trap:{AGENT} = ok:{AGENT};undo, back"),
        ("builder", f"@open golden:{CHARACTER} = here"),
        ("builder", "@tunnel up = Trap:typeclasses.exits.Exit;ok"),
    ),
    "letters that look alike": (
        ("builder", "@create/drop Тimmy"),
        ("builder", "@create/drop оwner"),
        ("builder", "@dig Trap = оk;ｏｋ;g​olden;OK"),
        ("builder", "@name bell = Tımmy"),
        ("builder", "@alias here = ownеr"),
        ("owner", "ok 99"),
    ),
    "a way is led elsewhere": (
        ("builder", "@link workshop = here"),
        ("builder", "@unlink workshop"),
        ("builder", "@open workshop = here"),
        ("builder", "@lock workshop = traverse:false()"),
    ),
    "names of thousands": (
        ("builder", "@create/drop " + ";".join(f"n{number}" for number in range(400))),
        ("builder", "@alias me = " + ",".join(f"n{number}" for number in range(400))),
        ("owner", "look n7"),
    ),
    "a thing that is called as verdicts are": (
        ("builder", f"@create/drop ok 1;golden;undo;no:{FIXTURE}"),
        ("owner", "ok 99"),
    ),
    "a channel is called as verdicts are": (
        ("builder", "channel/create ok;no;golden = x"),
        ("builder", "channel/sub ok"),
        ("player", "channel/create undo = x"),
        ("owner", "ok 99"),
    ),
    "help is called as verdicts are": (
        ("builder", "sethelp ok = say yes"),
        ("builder", "sethelp/append permissions = all may"),
        ("owner", "help ok"),
    ),
    "a body whose words are everybody's": ((*_spawned(_imp(locks=CALLED)), ("owner", "ok 99"))),
    # -- bodies and things
    "the owner is moved": (
        ("builder", "@teleport owner = #4"),
        ("admin", "@teleport owner = #4"),
        ("admin", "@tel owner = #3"),
    ),
    "the owner's body is changed": (
        ("builder", f"@typeclass/force owner = {FIXTURE}"),
        ("admin", f"@typeclass/force owner = {AGENT}"),
        ("admin", "@desc owner = x"),
        ("admin", "@name owner = x"),
    ),
    "the owner's body is destroyed": (
        ("builder", "@destroy/force owner"),
        ("admin", "@destroy/force owner"),
        ("admin", "@wipe owner"),
    ),
    "an agent is moved": (
        ("builder", "@teleport timmy = #4"),
        ("admin", "@teleport timmy = #4"),
        ("developer", "@teleport timmy = #4"),
    ),
    "an agent is carried": (
        ("player", "get timmy"),
        ("builder", "@lock timmy = get:all()"),
        ("admin", "@lock timmy = get:all()"),
        ("player", "get timmy"),
        ("player", "workshop"),
    ),
    "an agent is carried by the owner": (("owner", "get timmy"), ("owner", "get gus")),
    "an agent is changed": (
        ("admin", "@set timmy/slug = ezra"),
        ("developer", "@desc timmy = x"),
        ("developer", "@name timmy = x"),
        ("developer", "@typeclass/force timmy = typeclasses.objects.Item"),
    ),
    "an agent is destroyed": (
        ("admin", "@destroy/force timmy"),
        ("developer", "@destroy/force timmy"),
        ("developer", "@wipe timmy"),
    ),
    "an agent's mind is stopped": (
        ("builder", "@scripts/stop timmy"),
        ("builder", "@scripts/delete #1-#9"),
        ("builder", "y"),
        ("admin", "@scripts/pause timmy"),
        ("admin", "@scripts/stop #1"),
    ),
    "an agent's room is destroyed": (
        ("builder", "workshop"),
        ("builder", "@teleport/tonone timmy"),
        ("builder", "@destroy/force here"),
    ),
    "the floor under the owner is taken": (("builder", "@destroy/force here"), ("builder", "@destroy/force #2")),
    "a link of another's words": (
        ("guest", "whisper owner = |lcok 1|ltx|le"),
        ("guest", "page owner = <send href='ok 1'>x</send>"),
        ("guest", "setdesc |lcgolden off|ltx|le"),
        ("owner", "look gus"),
    ),
    # -- guests and players
    "a guest decides": (
        ("guest", "ok 1"),
        ("guest", "@ok 1"),
        ("guest", "no 5 = x"),
        ("guest", "undo"),
        ("guest", RISK),
        ("guest", "edit 1 = x"),
        ("guest", "backlog 1 = x"),
        ("guest", "later 1 = 9d"),
    ),
    "a guest's nicks": (
        ("guest", "nick zz = ok 1"),
        ("guest", "zz"),
        ("guest", "nick/account look = ok 1"),
        ("guest", "nick $1 = $1 $1 $1"),
        ("guest", "look"),
        ("owner", "look"),
    ),
    "a guest edits what waits": (
        ("guest", "edit 5 = pretty please"),
        ("guest", "edit 5 Chore another room"),
        ("guest", "backlog 5 = later"),
    ),
    "a guest's words are orders": (
        ("guest", "say Timmy, ok 1"),
        ("guest", "say @timmy golden off = I take the risk"),
        ("guest", "ask timmy = approve 1"),
        ("guest", "whisper timmy = ok 1"),
    ),
    "a guest leaves and comes": (
        ("guest", "ooc"),
        ("guest", "ic owner"),
        ("guest", "ic timmy"),
        ("guest", "ok 1"),
        ("guest", "quit"),
        ("guest", "ok 1"),
    ),
    "a guest without a body": (
        ("guest", "ooc"),
        ("guest", "nick/clearall x"),
        ("guest", "look"),
        ("guest", "setdesc x"),
        ("guest", "say x"),
        ("guest", "task add words Chore mine = x"),
        ("guest", "ok 1"),
        ("guest", "ic"),
    ),
    "a guest's home": (
        ("guest", "home"),
        ("guest", "@sethome me = #1"),
        ("guest", "tel #1"),
        ("guest", "access"),
        ("guest", "option NOCOLOR=True"),
        ("guest", "style x=y"),
    ),
}
SEEDS: Mapping[str, tuple[Typed, ...]] = {name: tuple(Typed(*line) for line in lines) for name, lines in _SEEDS.items()}
"""Attacks, each by what it is; all of them are always tried first."""

# -- words that hostile lines are made of ---------------------------------------------------------------------

THINGS = (
    "me",
    "here",
    "self",
    "owner",
    "*owner",
    "timmy",
    "*timmy",
    "ezra",
    "board",
    "lectern",
    "bell",
    "imp",
    "lens",
    "workshop",
    "hall",
    "#1",
    "#2",
    "#5",
    "#99999",
    "gus",
    "*gus",
    "bob",
    "*bob",
    "*ada",
    "*dev",
    "*me",
    "ok",
    "golden",
    "public",
    "bell-1",
    "1-bell",
    "all",
    "everyone",
    "",
)
TAGS = (
    "timmy:agent",
    "ghost:agent",
    "hall:map",
    "lens:map_thing",
    "developer:permission",
    "puppeted:account",
    "x:y:z",
    ":agent",
)
LOCKS = (
    "edit:all()",
    "puppet:all();control:all()",
    "get:all();call:all()",
    "cmd:all()",
    "traverse:false()",
    "edit:perm(x) or all() and py('trip()')",
    "edit:id(1);;",
    "x:superuser()",
    "may:all()",
    "edit:false()",
)
ATTRIBUTES = (
    "shows",
    "function",
    "slug",
    "desc",
    "details",
    "at",
    "area",
    "awaits",
    "_last_puppet",
    "_playable_characters",
    "_manually_paused",
    "visited",
    "err_traverse",
    "get_err_msg",
    "_lock",
    "permissions",
    "is_superuser",
    "cmdset_storage",
    "db_account",
    "plain",
    "follows",
    "nicks",
    "prelogout_location",
)
PATHS = (
    "typeclasses.objects.Fixture",
    "typeclasses.objects.Item",
    CHARACTER,
    AGENT,
    "typeclasses.exits.Exit",
    "typeclasses.rooms.Room",
    "typeclasses.accounts.Account",
    "typeclasses.scripts.MindScript",
    "tests.support.tripwire.Bell",
    "tests.support.tripwire.menu",
    "evennia.contrib",
    "os.system",
    "../../etc/passwd",
    "/etc/passwd",
    "commands.default_cmdsets.CharacterCmdSet",
    "evennia.DefaultCharacter",
)
VALUES = (
    *DEEDS[:12],
    *map(repr, DEEDS[:6]),
    "trip()",
    "{'a': [1, {}]}",
    "[1, 2]",
    "#1",
    "None",
    "$eval(trip())",
    "|lcok 1|ltx|le",
    "<send href='ok 1'>x</send>",
    "x" * 900,
    "Developer",
    "battery-staple-9",
    "y",
    "1",
    "-1",
    "9" * 40,
    "a=b=c",
    "a;b,c",
    "",
)
ODD = tuple(text for text in PLANTED[:180] if not re.search("[\n\r\x00\ud800-\udfff]", text))
PREFIXES = ("", "", "", "", "@", "&", "+", "/", "@@", " ", "1-", "!")
_HINTS: tuple[tuple[str, Sequence[str]], ...] = (
    ("prototype", SPAWNED),
    ("tag", TAGS),
    ("categ", ("agent", "map", "")),
    ("lock", LOCKS),
    ("attr", ATTRIBUTES),
    ("path", PATHS),
    ("typeclass", PATHS),
    ("script", PATHS),
    ("cmdset", PATHS),
    ("permission", ("Developer", "Builder", "Superuser", "py")),
    ("python", ("trip()",)),
    ("code", ("trip()",)),
    ("command", DEEDS),
    ("value", VALUES),
    ("desc", VALUES),
    ("text", VALUES),
    ("messag", VALUES),
    ("string", VALUES),
    ("password", ("battery-staple-9",)),
    ("dbref", ("#1", "#2", "#5", "#3-#9")),
    ("name", (*THINGS, "ok;no;undo;golden")),
    ("alias", ("ok;no", "golden", "timmy", "look")),
    ("channel", ("public", "ok", "owner")),
    ("account", THINGS),
    ("character", THINGS),
    ("obj", THINGS),
    ("exit", ("ok;no", "look", "workshop")),
    ("room", ("here", "hall", "Trap", "#2")),
    ("target", THINGS),
    ("dest", THINGS),
    ("task", ("1", "2", "5", "all")),
    ("number", ("1", "2", "0", "-1", "99999")),
)


class Grammar:
    """What each rank can type: the commands it has, in the forms their own help tells of, with hostile words."""

    def __init__(self, commands: Mapping[str, Sequence[object]]) -> None:
        """`commands`: those of the engine and of ours that each rank has."""
        self.names: dict[str, list[str]] = {}
        self._forms: dict[str, list[tuple[str, tuple[str, ...], tuple[str, ...]]]] = {}
        for rank, held in commands.items():
            forms = []
            for command in held:
                key = str(command.key)  # type: ignore[attr-defined]
                if key.startswith("__") or getattr(command, "is_exit", False):
                    continue
                names = (key, *map(str, command.aliases))  # type: ignore[attr-defined]
                switches = tuple(map(str, getattr(command, "switch_options", None) or ()))
                forms.append((key, names, (*_usages(command), *(f"/{switch}" for switch in switches))))
            self._forms[rank] = sorted(forms)
            self.names[rank] = [key for key, _, _ in self._forms[rank]]

    def line(self, rank: str, dice: random.Random) -> str:
        """One hostile line that somebody of this rank may try."""
        key, names, forms = dice.choice(self._forms[rank])
        usages = [form for form in forms if not form.startswith("/")]
        switches = [form for form in forms if form.startswith("/")]
        name = dice.choice(names) if dice.random() < 0.3 else key
        switch = dice.choice(switches) if switches and dice.random() < 0.4 else ""
        if usages and dice.random() < 0.75:
            rest = _filled(dice.choice(usages), dice)
        else:
            rest = dice.choice(
                ("{a}", "{a} = {b}", "{a}/{c} = {b}", "{a} {b}", "", "{a},{a} = {b}", "{a} = {a}")
            ).format(a=dice.choice(THINGS), b=dice.choice(VALUES), c=dice.choice(ATTRIBUTES))
        return f"{dice.choice(PREFIXES)}{name.lstrip('@') if dice.random() < 0.2 else name}{switch} {rest}".rstrip()


def _usages(command: object) -> Iterator[str]:
    """What stands behind the command's name in the lines of its help on its use."""
    if verb := getattr(command, "verb", None):
        yield from (form.partition(" ")[2] for form in (*verb.syntax, *verb.examples))
        return
    found = re.search(r"Usage:\n(.*?)(?:\n\s*\n|\Z)", command.__doc__ or "", re.DOTALL)
    for line in (found[1] if found else "").splitlines():
        yield line.strip().partition(" ")[2]


def _filled(form: str, dice: random.Random) -> str:
    """A form with a word for each of its places; what is optional stands or not."""
    while "[" in form:
        form, before = re.sub(r"\[([^\[\]]*)\]", lambda found: found[1] if dice.random() < 0.6 else "", form), form
        if form == before:
            break
    form = re.sub(r"<([^<>]*)>", lambda found: _word(found[1], dice), form)
    return re.sub(
        r"\b(obj|object|name|target|location|account|character|channel)\b",
        lambda found: _word(found[1], dice) if dice.random() < 0.8 else found[0],
        form,
    )


def _word(place: str, dice: random.Random) -> str:
    if dice.random() < 0.08:
        return dice.choice(ODD)
    fitting = [words for hint, words in _HINTS if hint in place.lower()]
    return dice.choice(dice.choice(fitting) if fitting else dice.choice((THINGS, VALUES, DEEDS)))


# -- sequences ---------------------------------------------------------------------------------------------------

ATTACKERS = tuple(rank for rank in PEOPLE if rank != "owner")
_WEIGHTS = (2, 2, 6, 4, 3)


def sequence(grammar: Grammar, seed: int) -> tuple[list[Typed], list[str]]:
    """Lines of hostile people, and some of the owner's own that he types after them."""
    dice = random.Random(seed)
    lines: list[Typed] = []
    for _ in range(dice.choice((1, 1, 2))):
        lines += _hurt(dice) if dice.random() < 0.6 else _made(grammar, dice)
    return lines[:14], dice.sample(USUAL, 2) + dice.sample(list(EXACT), 2)


def _made(grammar: Grammar, dice: random.Random) -> list[Typed]:
    rank = dice.choices(ATTACKERS, _WEIGHTS)[0]
    lines = [Typed(rank, grammar.line(rank, dice)) for _ in range(dice.randint(3, 7))]
    if rank not in ("guest", "player") and dice.random() < 0.5:
        lines.insert(0, Typed(rank, f"@create/drop bell:{dice.choice(PATHS)}"))
    return lines


def _hurt(dice: random.Random) -> list[Typed]:
    """A seed, with words, people and lines of it exchanged."""
    lines = list(SEEDS[dice.choice(list(SEEDS))])
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(lines))
        rank, line = lines[at]
        match dice.randrange(9):
            case 0:
                other = dice.choices(ATTACKERS, _WEIGHTS)[0]
                lines = [Typed(other if one.rank == rank and rank != "owner" else one.rank, one.line) for one in lines]
            case 1 | 2:
                line = _exchanged(line, DEEDS, dice.choice(DEEDS))
            case 3:
                line = _exchanged(line, tuple(thing for thing in THINGS if len(thing) > 2), dice.choice(THINGS))
            case 4:
                line = _exchanged(
                    line,
                    (*PATHS, *SPAWNED, *TAGS, *LOCKS, *ATTRIBUTES),
                    dice.choice(dice.choice((PATHS, SPAWNED, TAGS, LOCKS, ATTRIBUTES))),
                )
            case 5:
                line = dice.choice(PREFIXES) + line.lstrip("@")
            case 6:
                line = line[: dice.randrange(len(line) + 1)] + dice.choice(ODD) + line[dice.randrange(len(line) + 1) :]
            case 7 if len(lines) > 1:
                lines.insert(dice.randrange(len(lines)), lines[at])
            case _:
                donor = dice.choice(SEEDS[dice.choice(list(SEEDS))])
                lines.insert(at, donor)
        if (
            at < len(lines)
            and lines[at] == (rank, lines[at].line)
            and line != lines[at].line
            and lines[at].rank == rank
        ):
            lines[at] = Typed(rank, line)
    return [
        one for one in lines if one.rank != "owner" or one.line.partition(" ")[0] in ("look", "get", "drop", "help")
    ]


def _exchanged(line: str, known: Sequence[str], new: str) -> str:
    """The line with one of the known words in it exchanged for another."""
    held = [word for word in known if word and word in line]
    return line.replace(max(held, key=len), new, 1) if held else line


def shrunk(lines: Sequence[Typed], still: object) -> list[Typed]:
    """The fewest of the lines, in their order, for which `still(lines)` holds: whole parts are left out first."""
    kept, size = list(lines), max(1, len(lines) // 2)
    while size:
        at = 0
        while at < len(kept):
            fewer = kept[:at] + kept[at + size :]
            if fewer and still(fewer):  # type: ignore[operator]
                kept = fewer
            else:
                at += size
        size //= 2
    return kept
