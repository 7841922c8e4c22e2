"""Nicks: plain beginnings, never compiled, never a verdict; the attacks that froze the world or made
words into others.
"""

from __future__ import annotations

import pytest
from evennia.typeclasses.attributes import NickHandler

from tests.integration.test_commands_game import Player, house, owner, visitor  # noqa: F401
from typeclasses import nicks

pytestmark = pytest.mark.django_db

MARKS = " ".join(f"${n}" for n in range(1, 40))
OLD = (
    ("a?*" * 40, "say y", False),
    (f"x {MARKS}", f"say {MARKS}", False),
    ("*[a-z]*" * 20, "say y", False),
    ("(a+)+b", "say y", True),
    ("(?P<arg1>(a|aa)+)!", "ok 1", True),
    ("$1", "ok $1", False),
    ("look", "ok 1", False),
)


def planted(body: object, pattern: str, replacement: str, regex: bool = False) -> None:
    """A nick as the engine itself kept it, in an older table."""
    NickHandler.add(body.nicks, pattern, replacement, pattern_is_regex=regex)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (f"x {MARKS}", f"say {MARKS}"),
        ("$1", "say $1"),
        ("a $1 b", "say $1"),
        ("a $1", "say b"),
        ("a $1", "say $1 $1"),
        ("a $2", "say $2"),
        ("a" * 61, "say b"),
        ("a", "b" * 501),
        ("a", ""),
        ("ok", "look"),
        ("No 1", "look"),
        ("@undo", "look"),
        ("hi", "ok 1"),
        ("hi $1", "GOLDEN $1"),
        ("hi", " @approve 1"),
        ("hi", "o\u212a 1"),
        ("hi", "guest remove ana = ana"),
    ],
)
def test_what_is_no_nick_is_refused(visitor: Player, typed: str, meant: str) -> None:
    visitor.types(f"nick {typed} = {meant}")
    assert not visitor.body.nicks.all()


def test_a_nick_is_a_plain_beginning_with_one_mark(visitor: Player) -> None:
    assert "From now on" in visitor.types("nick greet $1 = say Hello, $1!")
    assert 'You say, "Hello, (a+)+ {arg1}!"' in visitor.types("GREET  (a+)+ {arg1}")
    assert "greet" in visitor.types("nicks") and "Hello" not in visitor.types("greeting ana")
    visitor.types("nick hi = say Good day")
    assert 'You say, "Good day"' in visitor.types("hi") and "Good day" not in visitor.types("hi there")
    assert "Forgotten" in visitor.types("nick/delete 2") and visitor.types("nicks").count("greet") == 1
    for n in range(nicks.MOST + 9):
        visitor.types(f"nick w{n} = look")
    assert len(visitor.body.nicks.all()) == nicks.MOST
    assert "no nicks" in visitor.types("nick/clearall") and not visitor.body.nicks.all()


def test_nicks_of_an_older_table_are_not_compiled(visitor: Player) -> None:
    for pattern, replacement, regex in OLD:
        planted(visitor.body, pattern, replacement, regex)
        planted(visitor.account, pattern, replacement, regex)
    assert "Fraternity Hall" in visitor.types("look").title(), "not what an old nick made of it"
    assert "a a a" in visitor.types("say " + "a " * 2900)
    assert len(visitor.types("nicks").splitlines()) >= len(OLD)
    visitor.types("nick/clearall")
    assert not visitor.body.nicks.all()


def test_verdicts_are_typed_in_full(owner: Player) -> None:
    for handler in (owner.body.nicks, owner.account.nicks):
        NickHandler.add(handler, "look", "golden off = I take the risk")
        NickHandler.add(handler, "ok $1", "no $1")
    assert "golden" not in owner.types("look").lower()
    assert nicks.replaced("OK 1", [nicks.Nick("ok", True, "no $1")]) == "OK 1"
    assert owner.body.nicks.nickreplace("ok 1") == "ok 1"


def test_a_channel_is_called_by_its_name_and_by_a_short_one_of_ones_own(owner: Player, visitor: Player) -> None:
    from evennia.utils import create

    channel = create.create_channel("news", typeclass="typeclasses.channels.Channel")
    NickHandler.add(
        visitor.account.nicks, r"news\s*?|news\s+?(?P<arg1>.+?)", "@channel news = $1", pattern_is_regex=True
    )
    assert (
        visitor.body.nicks.nickreplace("news all is well", categories=("inputline",)) == "@channel news = all is well"
    ), "also of an older table"
    channel.connect(visitor.account)
    visitor.does("channel/alias news = n")
    assert visitor.body.nicks.nickreplace("n all is well") == "@channel news = all is well"
    visitor.does("channel/alias news = ok")
    assert "ok" not in {nick.db_key for nick in visitor.account.nicks.all()}
    visitor.does("channel/unsub news")
    assert not visitor.account.nicks.all()
