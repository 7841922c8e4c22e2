"""Ranks below the owner, as attacks: what a guest, a builder and an admin type, and what it may never come to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from evennia.utils.create import create_object

from agents.events.models import Event
from tests.integration import test_commands_game as game
from tests.support.clients import without_colour
from tests.support.furnished import Furnished as House
from typeclasses.actors import actor_of, rank_of
from world import places

pytestmark = pytest.mark.django_db
house = game.house
owner = game.owner


class Ranked(game.Player):
    """Somebody with a rank of the engine's."""

    def __init__(self, name: str, rank: str, number: int) -> None:
        super().__init__(name, False, number)
        self.account.permissions.add(rank)

    def tells(self, line: str) -> str:
        """Type a line; all that comes back, from the engine too."""
        return tells(self, line)


def tells(player: game.Player, line: str) -> str:
    """Type a line; all that comes back, from the engine too."""
    heard: list[str] = []

    def hear(**kwargs: Any) -> None:
        words = kwargs.get("text")
        heard.append(str(words[0] if isinstance(words, tuple) else words))

    player.session.data_out = hear
    player.session.execute_cmd(line)
    player.session.data_out = player._hear
    return without_colour("\n".join(heard))


@pytest.fixture
def builder(house: House) -> Iterator[Ranked]:
    made = Ranked("bob", "Builder", 903)
    yield made
    made.leave()


@pytest.fixture
def admin(house: House) -> Iterator[Ranked]:
    made = Ranked("ada", "Admin", 904)
    yield made
    made.leave()


@pytest.fixture
def developer(house: House) -> Iterator[Ranked]:
    made = Ranked("dev", "Developer", 905)
    yield made
    made.leave()


@pytest.fixture
def visitor(house: House) -> Iterator[game.Player]:
    made = game.Player("mia", False, 902)
    yield made
    made.leave()


POWERS = (
    "@py self.msg('pwned')",
    "@! self.msg('pwned')",
    "py 1",
    "@force owner = ok 1",
    "@force me = @py 1",
    "force timmy = say hi",
    "@perm *bob = Developer",
    "@perm/account bob = Admin",
    "@batchcode x",
    "@batchcommands x",
    "batchcmd x",
    "@service list",
    "@shutdown",
    "@reset",
    "@reload",
    "@restart",
    "userpassword owner = new-correct-horse",
    "userpassword mia = new-correct-horse",
    "@ban owner",
    "@ban 127.*",
    "@unban 1",
    "@emit owner = ok",
    "pemit owner = x",
    "@remit hall = x",
    "@accounts",
    "@accounts/delete owner",
    "@cmdsets owner",
    "@typeclass me = typeclasses.characters.Agent",
    "@update me",
    "@swap me = x",
    "@scripts",
    "@script/stop #1",
    "@objects",
    "@tickers",
    "@delays",
    "@server",
    "@sethelp ok = x",
    "sethelp/edit x",
    "charcreate x",
    "chardelete bob",
    "@irc2chan x",
    "@channel/lock public = listen:false()",
    "@channel/ban public = owner",
    "@channel/boot public = owner",
    "@tel/tonone box",
    "@tel/intoexit box",
    "@desc/edit here",
    "@set/edit here/desc",
    "@set/script mind/x = 1",
    "@examine/script mind",
    "@examine/account owner",
    "@spawn/save x = {}",
    "@olc",
    "olc",
    "@spawn/menu",
    "@spawn/update x",
    "@lock/foo here",
    "@link/twoway out = out",
    "+@py 1",
    "&py 1",
    "/py 1",
    "@boot/sid 901",
)


@pytest.mark.parametrize("who", ["visitor", "builder", "admin", "developer"])
def test_powers_of_the_superuser_are_nobody_elses(
    request: pytest.FixtureRequest, owner: game.Player, house: House, who: str
) -> None:
    mia = None if who == "visitor" else game.Player("mia", False, 906)
    attacker = request.getfixturevalue(who)
    before = state()
    for line in POWERS:
        said = tells(attacker, line)
        assert (
            any(words in said for words in ("There is no", "not yours", " for you; ", "could be", "Not allowed"))
            or "is no" in said
        ), (line, said)
    assert "pwned" not in said and state() == before
    if mia:
        mia.leave()


def state() -> list[Any]:
    """All rows of accounts, objects, attributes, tags and keys, which none of these may change."""
    from django.db import connection

    tables = (
        "accounts_accountdb",
        "objects_objectdb",
        "scripts_scriptdb",
        "objects_objectdb_db_tags",
        "accounts_accountdb_db_tags",
        "agents_identity",
        "server_serverconfig",
    )
    found = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"select * from {table} order by 1")
            found.append(list(cursor.fetchall()))
    return found


def test_a_body_without_a_person_is_nobody(house: House, owner: game.Player) -> None:
    """Whatever it is called: it acts as nobody, and `may` lets it do nothing."""
    double = create_object("typeclasses.characters.Character", key="owner", location=places.room("hall"))
    double.permissions.add("Developer")
    assert str(actor_of(double)) == "nobody:owner" and rank_of(double) == 0
    before = house.work.board().total
    for line in ("task add Chore x", "ok 1", "@py 1", "golden off", "north", "say hi", "get lens"):
        double.execute_cmd(line)
    assert house.work.board().total == before and places.key_of(double.location) == "hall"
    assert not double.access(double, "get") and not Event.objects.filter(actor__startswith="nobody").exists()
    double.account = owner.account
    assert actor_of(double).kind == "nobody", "an account that is not connected through it lends it nothing"


def test_by_force_nobody_proposes_asks_or_builds(
    owner: game.Player, visitor: game.Player, builder: Ranked, house: House
) -> None:
    """The record never says that a person typed what he did not type, not even when the owner makes him."""
    before, seq = house.work.board().total, house.events.last(1)[0].seq if house.events.last(1) else 0
    for line in (
        "force mia = task add Chore x",
        "force mia = ask timmy = hello",
        "force bob = @dig Pit",
        "force bob = @desc here = x",
    ):
        owner.does(line)
    assert house.work.board().total == before and not any(room.key == "Pit" for room in places.rooms().values())
    assert {event.actor for event in Event.objects.filter(seq__gt=seq)} <= {"owner:owner"}


@pytest.mark.parametrize("who", ["builder", "admin", "developer"])
def test_the_owner_and_the_agents_are_out_of_reach(
    request: pytest.FixtureRequest, owner: game.Player, house: House, who: str
) -> None:
    attacker = request.getfixturevalue(who)
    for body in (owner.body, places.body("timmy")):
        body.location = attacker.body.location
    lens = create_object("typeclasses.objects.Item", key="purse", location=owner.body)
    before = state(), owner.body.location, [(a.db_key, str(a.value)) for a in owner.body.attributes.all()]
    for target in (
        "owner",
        "*owner",
        f"#{owner.body.id}",
        "timmy",
        f"#{places.body('timmy').id}",
        f"#{lens.id}",
        "*" + attacker.account.key,
    ):
        for form in (
            "@tag {} = ghost:agent",
            "@tag/del {}",
            "@set {}/desc = x",
            "@set {}/_quell = 1",
            "@set {}/slug = x",
            "@name {} = mallory",
            "@alias {} = x",
            "@desc {} = x",
            "@lock {} = puppet:all()",
            "@lock {} = edit:all()",
            "@lock/del {}/edit",
            "@tel {} = workshop",
            "@tel {}",
            "@sethome {} = workshop",
            "@destroy/force {}",
            "@wipe {}",
            "@copy {} = twin",
            "@copy {}",
            "@cpattr here/desc = {}/desc",
            "@cpattr/move {}/desc = here/x",
            "@mvattr {}/desc = here/x",
            "@link {} = workshop",
            "unlink {}",
            "@examine {}",
            "@find {}",
            "@open hole = {}",
            "@tel me = {}",
            "ic {}",
            "puppet {}",
        ):
            line = form.format(target)
            if line in ("@find timmy", "@find owner"):
                continue
            said = tells(attacker, line)
            assert "Password" not in said and "password" not in said, said
            assert attacker.session.puppet == attacker.body, line
    after = state(), owner.body.location, [(a.db_key, str(a.value)) for a in owner.body.attributes.all()]
    assert before[1:] == after[1:]
    for one, other in zip(before[0], after[0], strict=True):
        assert one == other
    assert actor_of(owner.body).kind == "owner" and actor_of(places.body("timmy")).kind == "agent"
    tells(attacker, "@boot owner")
    assert owner.session.logged_in and owner.session.puppet == owner.body


def test_a_builder_builds(builder: Ranked, house: House) -> None:
    """W12: the engine's own words for building go on working, on what one has built."""
    for line, said in (
        ("@dig/tel Shed;hut = gate;g, back;b", "Created room Shed"),
        ("@desc here = A dry shed.", "description was set"),
        ("@desc A drier shed.", "description was set"),
        ("@name here = Dry Shed", "name changed"),
        ("@create/drop spade:typeclasses.objects.Item", "You create"),
        ("@desc spade = Worn.", "description was set"),
        ("@alias spade = shovel", "set to"),
        ("@set spade/weight = 3", "Created attribute"),
        ("@set spade/weight", "= 3"),
        ("@set here/details = {'door': 'Oak.'}", "Created attribute"),
        ("@set here/details['door'] = 'Pine.'", "Modified"),
        ("@tag spade = iron:matter", "Added tag"),
        ("@tag/search iron:matter", "spade"),
        ("@copy spade = hoe", "Copied"),
        ("@cpattr spade/weight = hoe/weight", "Copied"),
        ("@mvattr hoe/weight = hoe/mass", ""),
        ("@lock spade = get:perm(Builder)", "Added lock"),
        ("@lock spade/get", "get:perm(Builder)"),
        ("@lock/del spade/get", "deleted"),
        ("@sethome spade = here", "ome location of"),
        ("@tunnel n = Loft", "Created room Loft"),
        ("@open hatch;h = Loft", "Created new Exit"),
        ("@link hatch = #2", "Link created"),
        ("unlink hatch", "no longer links"),
        ("@examine spade", "Worn."),
        ("@examine here", "Dry Shed"),
        ("@examine me", "bob"),
        ("@find spade", "One Match"),
        ("@spawn {'key': 'rake', 'desc': 'Of wood.'}", "Spawned rake"),
        ("@wipe hoe/mass", "Wiped"),
        ("@tel spade to #2", "Teleported"),
        ("@destroy/force hoe", "was destroyed"),
        ("@tel #2", "Teleported"),
        ("home", ""),
        ("@channel/create sheds = of sheds", "Created"),
    ):
        seen = builder.tells(line)
        assert said in seen, (line, seen)
    shed = next(one for one in places.rooms().values() if one.key == "Dry Shed")
    assert shed.detail("door", builder.body) == ["Pine."]


REFUSED = (
    "@create box:typeclasses.characters.Agent",
    "@create box:evennia.contrib.full_systems.evscaperoom.room.EvscapeRoom",
    "@create box:antigravity.X",
    "@dig Pit:os.path",
    "@dig Pit = way:typeclasses.objects.Item",
    "@open hole:typeclasses.rooms.Room = hall",
    "@spawn {'key': 'x', 'permissions': ['Developer']}",
    "@spawn {'key': 'x', 'locks': 'control:all()'}",
    "@spawn {'key': 'x', 'exec': 'print(1)'}",
    "@spawn {'key': 'x', 'typeclass': 'typeclasses.characters.Character'}",
    "@spawn {'key': 'x', 'typeclass': 'antigravity.X'}",
    "@spawn {'key': '$eval(1)'}",
    "@spawn {'key': 'x', 'attrs': [('_quell', 1)]}",
    "@spawn {'key': 'x', 'shows': 'golden off'}",
    "@spawn {'key': 'x', 'location': '#1'}",
    "@spawn {'key': 'x', 'prototype_parent': 'y'}",
    "@spawn {'key': 'timmy'}",
    "@spawn {'key': 'x', 'attrs': 3}",
    "@spawn {'key': 'x', 'aliases': 3}",
    "@spawn {'key': 'x', 'tags': 3}",
    "@spawn {'key': 'x', 'ndb_y': 3}",
    "@spawn " + "[" * 5000,
    "@create/drop x;timmy",
    "@create lectern",
    "@name toy = 1ectern",
    "@alias toy = board",
    "@create a, b, Timmy",
    "@tunnel n:typeclasses.characters.Agent = x",
    "@tunnel n = x:typeclasses.characters.Agent",
    "@dig x = a:evennia.objects.objects.DefaultExit",
    "@name toy = ;timmy",
    "@copy toy = :owner",
    "@link here = #2",
    "@link toy = #2",
    "@tel/quiet timmy to #2",
    "@find/char x",
    "@sethome timmy",
    "@open hole = toy",
    "@tel me = toy",
    "@sethome toy = toy",
    "@create/drop x;о w n e r",
    "@channel/create o.w.n.e.r = x",
    "@create timmy",
    "@create Tіmmy",
    "@create T1mmy",
    "@create owner",
    "@create box;owner",
    "@create System",
    "@dig mia",
    "@dig Pit = bob",
    "@name toy = Owner",
    "@alias toy = Timmy",
    "@copy toy = ezra",
    "@set toy/shows = golden off",
    "@set toy/_x = 1",
    "@set toy/creator_id = 1",
    "@set toy/x:map = 1",
    "@set toy/desc = 3",
    "@set here/function = hall",
    "@set here/at = [0,0,0]",
    "@set toy/err_traverse = ['x']",
    "@set toy/function['x'] = 1",
    "@cpattr toy/note = toy/shows",
    "@cpattr toy/number = toy/desc",
    "@cpattr/move toy/_x = toy/y",
    "@set toy/details = spoiled",
    "@set here/details = [1]",
    "@lock toy = edit:all()",
    "@lock toy = control:all()",
    "@lock toy = puppet:all()",
    "@lock toy = cmd:all()",
    "@lock toy = call:all()",
    "@lock toy = get:superuser()",
    "@lock toy = get:all();edit:all()",
    "@lock toy = get:attr(x)",
    "@lock toy = g\"et:all();ed'it:all()",
    "@lock/del toy/control",
    "@lock/del toy/control = get:all()",
    "@spawn {'key': 'x', ' shows': 'golden off'}",
    "@spawn {'key': 'x', ' desc': 3}",
    "@destroy/force board",
    "@destroy/force hall",
    "@destroy/force #2",
    "@destroy/force workshop",
    "@wipe here",
    "@wipe board",
    "@copy board = board2",
    "@link workshop = hall",
    "@name workshop = x",
    "@desc here = x",
    "@channel/create ok = x",
    "@channel/create news;approve = x",
    "@channel/create owner = x",
)


def test_what_a_builder_gives_is_harmless(
    builder: Ranked, visitor: game.Player, owner: game.Player, house: House
) -> None:
    """Typeclasses, prototypes, names, attributes and locks that would make something more than it is:
    nothing changes.
    """
    builder.tells("@create/drop toy")
    builder.tells("@set toy/note = golden off")
    builder.tells("@set toy/number = 3")
    builder.tells("@spawn/noloc {'key': 'warm'}")
    toy = builder.body.search("toy", quiet=True)[0]
    before = (
        state(),
        str(toy.locks),
        {a.db_key: a.value for a in toy.attributes.all()},
        {a.db_key for a in places.room("hall").attributes.all()},
    )
    for line in REFUSED:
        said = builder.tells(line)
        after = (
            state(),
            str(toy.locks),
            {a.db_key: a.value for a in toy.attributes.all()},
            {a.db_key for a in places.room("hall").attributes.all()},
        )
        assert after == before, (line, said)
    import sys

    assert "antigravity" not in sys.modules, "a typeclass was imported by its path"


def test_a_stored_prototype_is_held_to_the_same(builder: Ranked, house: House) -> None:
    from evennia.prototypes.prototypes import save_prototype

    save_prototype(
        {
            "prototype_key": "king",
            "key": "king",
            "permissions": ["Developer"],
            "typeclass": "typeclasses.objects.Object",
        }
    )
    save_prototype(
        {"prototype_key": "chair", "key": "chair", "desc": "Oak.", "typeclass": "typeclasses.objects.Object"}
    )
    before = type(builder.body).objects.count()
    assert "permissions" in builder.tells("@spawn king")
    assert type(builder.body).objects.count() == before
    assert "Spawned chair" in builder.tells("@spawn chair")


def test_verbs_stand_above_exits_channels_and_aliases(builder: Ranked, owner: game.Player, house: House) -> None:
    """An exit called like a verdict, a verb or what one lives by hides none of them, and its other names stay."""
    owner.types("task add Chore the attic")
    for name in (
        "ok",
        "approve;a1",
        "no",
        "undo",
        "approvals",
        "look",
        "say",
        "north;map;tt",
        "get",
        "ok 1",
        "@ok 1",
        "undo it",
        "+undo",
        "say hello",
        ":x",
        "'x",
    ):
        assert "begins with a command" in builder.tells(f"@open {name} = #2") or name == ":x", name
        create_object(
            "typeclasses.exits.Exit",
            key=name.partition(";")[0],
            location=places.room("hall"),
            destination=places.room("forge"),
        )
    way = create_object(
        "typeclasses.exits.Exit",
        key="veto",
        location=places.room("hall"),
        destination=places.room("forge"),
        aliases=["golden", "pit"],
    )
    assert "takes effect" in owner.types("ok 1")
    assert "lifted" in owner.types("undo")
    assert "FRATERNITY HALL" in tells(owner, "look")
    assert "Receipt" in owner.types("veto 1 = x") or "Sealed" in owner.got[0]
    assert "APPROVALS" in owner.types("approvals").upper() or owner.got
    assert "hello" in tells(owner, "say hello")
    assert places.key_of(owner.body.location) == "hall"
    for word in (
        "ok",
        "no",
        "undo",
        "approvals",
        "look",
        "map",
        "golden",
        "veto",
        "ok 1",
        "@ok 1",
        "+undo",
        "undo it",
        ":x",
        "'x",
        "+ok 1",
    ):
        owner.types(word)
        assert places.key_of(owner.body.location) == "hall", word
    assert way.access(owner.body, "traverse")
    owner.types("pit")
    assert places.key_of(owner.body.location) == "forge"


def test_a_channels_names_never_become_verbs(builder: Ranked, owner: game.Player, house: House) -> None:
    from evennia.utils.create import create_channel

    old = create_channel("ok", aliases=["approve", "ok 1", "gossip"], typeclass="typeclasses.channels.Channel")
    old.connect(owner.account)
    owner.types("task add Chore the attic")
    assert "takes effect" in owner.types("ok 1")


def test_a_question_that_waits_is_answered_first(builder: Ranked, house: House) -> None:
    builder.tells("@create/drop toy")
    assert "Are you sure" in builder.tells("@destroy toy")
    assert builder.tells("no") == "", "the answer, not the verdict"
    assert builder.body.search("toy", quiet=True)


def test_addresses_and_secrets_are_not_shown(
    admin: Ranked, developer: Ranked, owner: game.Player, house: House
) -> None:
    for one in (admin, developer):
        assert "localhost" not in one.tells("who")
        for line in ("@examine *owner", "@examine owner", "@accounts", "@find *owner"):
            assert "owner@example.invalid" not in one.tells(line)


def test_quelled_one_has_the_rank_of_the_body(builder: Ranked, owner: game.Player, house: House) -> None:
    builder.tells("quell")
    assert "There is no" in builder.tells("@dig Pit")
    builder.tells("unquell")
    assert "Created room Pit" in builder.tells("@dig Pit")


def test_an_admin_boots_and_calls_and_no_more(
    admin: Ranked, owner: game.Player, visitor: game.Player, house: House
) -> None:
    admin.tells("@boot owner")
    assert owner.session.logged_in
    assert "Announcing" in admin.tells("@wall hello")


def test_every_command_of_the_engine_is_in_the_list_or_left_out_with_a_reason() -> None:
    """Of the next version, too: a new one must be decided upon."""
    import importlib
    import pkgutil

    import evennia.commands.default as default
    from evennia.commands.command import Command

    from commands.ranks import GRANTS, LEFT_OUT

    found = set()
    for module in pkgutil.iter_modules(default.__path__):
        if module.name != "tests":
            held = importlib.import_module(f"{default.__name__}.{module.name}")
            found |= {
                f"{module.name}.{one.__name__}"
                for one in vars(held).values()
                if isinstance(one, type) and issubclass(one, Command) and one.__module__ == held.__name__
            }
    assert found - set(GRANTS) == set(LEFT_OUT)
    assert set(GRANTS) - found <= {name for name in GRANTS if name.split(".")[0] in ("objects", "eveditor")}


def test_the_sets_hold_what_the_list_grants_and_nothing_else() -> None:
    from commands import default_cmdsets as sets
    from commands import ranked, verbs
    from commands.ranks import ACCOUNT, BODY, CONNECTION, LOGIN

    for made, names in (
        (sets.CharacterCmdSet, BODY),
        (sets.AccountCmdSet, ACCOUNT),
        (sets.SessionCmdSet, CONNECTION),
        (sets.UnloggedinCmdSet, LOGIN),
    ):
        held = {ranked.named(type(command)) for command in made()} - {""}
        assert held == set(names) - set(sets.OWN), made
    assert set(verbs.names()) == {name for command in sets.Verbs() for name in (command.key, *command.aliases)}


def test_no_way_of_the_map_is_called_like_a_verb() -> None:
    from commands.default_cmdsets import hides
    from world.checks import ENGINE_CHECKS
    from world.mapfile import MAP, read

    ways = [way for room in read(MAP, ENGINE_CHECKS).rooms.values() for way in room.exits]
    assert ways and not [name for way in ways for name in (way.name, *way.aliases) if hides(name)]


def test_the_documents_are_made_from_the_list() -> None:
    from commands import ranks_told

    again = "it is not what the list says; `make pages` writes it anew"
    assert ranks_told.DOC.read_text(encoding="utf-8") == ranks_told.page(), again
    assert ranks_told.HELP.read_text(encoding="utf-8") == ranks_told.topic(), again


def test_every_attribute_that_code_reads_is_words_or_not_set_by_hand() -> None:
    """Whatever `.db.NAME` stands in our code has a rule."""
    import re

    from agents.kernel.location import PROJECT
    from commands.harmless import MEANT, TEXTS

    source = "".join(
        path.read_text(encoding="utf-8")
        for part in ("typeclasses", "world", "commands")
        for path in (PROJECT / part).rglob("*.py")
    )
    read = set(re.findall(r"\bdb\.([a-z_]+)", source)) | set(re.findall(r'attributes\.get\("(\w+)"', source))
    from world.fields import FIELDS

    attributes = read | {name for name in FIELDS if name not in ("typeclass", "name", "aliases", "to", "traverse")}
    of_accounts = {"FIRST_LOGIN", "models"}
    assert {name for name in attributes if not name.startswith("_") and not name.isupper()} - of_accounts - {
        "details"
    } <= MEANT | TEXTS


def test_out_of_a_body_there_are_verbs_and_no_building(builder: Ranked, house: House) -> None:
    builder.tells("ooc")
    assert builder.session.puppet is None
    assert "TASK BOARD" in builder.tells("board") and "Not allowed" in builder.tells("golden on")
    for line in ("@dig Pit", "@examine *owner", "@py 1", "say hi"):
        assert "There is no" in builder.tells(line) or "could be" in builder.tells(line), line
    builder.tells("ic bob")
    assert builder.session.puppet == builder.body


def test_one_line_makes_and_names_a_few_things(builder: Ranked, house: House) -> None:
    from evennia.objects.models import ObjectDB

    before = ObjectDB.objects.count()
    many = ",".join(f"n{number}" for number in range(200))
    for line in (
        f"@create/drop {many}",
        f"@create x;{many.replace(',', ';')}",
        f"@dig {many}",
        "@destroy #1-#99999",
        f"@destroy {many}",
        f"@copy here = {many}",
    ):
        assert "at most 20" in builder.tells(line), line
    assert ObjectDB.objects.count() == before
    builder.tells("@create/drop lamp")
    told = builder.tells(f"@desc lamp = {many}, 1900-2000")
    assert "at most" not in told and many in builder.body.search("lamp", quiet=True)[0].db.desc


@pytest.mark.parametrize(
    "line",
    [
        "@find x = a-b",
        "@find/room x = -",
        "@search #5 = dbrefmin-dbrefmax",
        "@locate/startswith *bob = a-b",
        "@find *bob",
        "@find *owner",
    ],
)
def test_what_the_engine_did_not_think_of_is_answered_in_words(
    builder: Ranked, house: House, caplog: pytest.LogCaptureFixture, line: str
) -> None:
    told = builder.tells(line)
    assert "untrapped" not in told.lower() and told.strip(), told
    assert not [record for record in caplog.records if record.exc_info]


def test_a_fault_of_our_own_in_a_command_of_the_engines_is_told_as_one(
    builder: Ranked, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from commands import harmless

    def slips(name: str) -> str:
        raise TypeError("of the test")

    monkeypatch.setattr(harmless, "name_fault", slips)
    assert "cannot do anything with that" not in builder.tells("@create lamp")


def test_nothing_is_put_into_itself(builder: Ranked, house: House) -> None:
    box, bag = (
        create_object("typeclasses.objects.Object", key=key, location=builder.body.location) for key in ("box", "bag")
    )
    bag.location = box
    assert [box.at_pre_move(where) for where in (box, bag, places.room("hall"))] == [False, False, True]
    assert "loop" not in builder.tells("@tel box = box").lower() and box.location is builder.body.location
