"""Who stands above whom is on record, and what was changed behind the world's back is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from agents.events.models import Event
from tests.support import services
from world import ranks
from world.ranks import CHANGED, Watch

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Any:
    from evennia.utils import create

    made = create.create_account("ana", None, "pass-word-1", typeclass="typeclasses.accounts.Account")
    made.body = create.create_object("typeclasses.characters.Character", key="ana")
    return made


@pytest.fixture
def watch(tmp_path: Path, ana: Any) -> Iterator[Watch]:
    made = Watch(services.make(tmp_path).events, lambda function: function())
    made.begin()
    yield made
    made.end()


def told() -> list[tuple[str, Any]]:
    return list(Event.objects.filter(topic=CHANGED).order_by("seq").values_list("data__of", "data__set"))


def test_the_first_start_puts_all_on_record_and_the_second_nothing(watch: Watch, ana: Any) -> None:
    first = told()
    assert dict(first)[f"account {ana.pk}"]["name"] == "ana"
    assert not list(ranks.compare())
    again = Watch(watch._events, lambda function: function())
    again.begin()
    again.end()
    assert told() == first
    assert again.wrong == ()


def deletes(ana: Any) -> None:
    ana.delete()


CHANGES: dict[str, Callable[[Any], object]] = {
    "a permission": lambda ana: ana.permissions.add("Admin"),
    "a permission of the body": lambda ana: ana.body.permissions.add("Builder"),
    "permissions cleared": lambda ana: (ana.permissions.add("Builder"), ana.permissions.clear()),
    "a password": lambda ana: (ana.set_password("pass-word-2"), ana.save()),
    "a lock": lambda ana: ana.locks.add("examine:all()"),
    "the superuser's rank": lambda ana: (setattr(ana, "is_superuser", True), ana.save()),
    "removed": deletes,
    "a body removed": lambda ana: (ana.body.permissions.add("Builder"), ana.body.delete()),
}


@pytest.mark.parametrize("what", CHANGES)
def test_each_change_that_the_world_makes_is_an_event(watch: Watch, ana: Any, what: str) -> None:
    before = len(told())
    CHANGES[what](ana)
    assert len(told()) > before
    assert not list(ranks.compare())


def test_what_is_no_rank_is_no_event(watch: Watch, ana: Any) -> None:
    before = len(told())
    ana.body.tags.add("tall", category="looks")
    ana.body.db.desc = "tall"
    ana.save(update_fields=["last_login"])
    assert len(told()) == before


FORGERIES = {
    "superuser": "update accounts_accountdb set is_superuser = 1 where id = {ana}",
    "password": "update accounts_accountdb set password = 'pbkdf2_sha256$1$x$x' where id = {ana}",
    "permission": (
        "insert into accounts_accountdb_db_tags (accountdb_id, tag_id) select {ana}, id from typeclasses_tag "
        "where db_tagtype = 'permission' and db_key = 'developer'"
    ),
    "of a body": (
        "insert into objects_objectdb_db_tags (objectdb_id, tag_id) select {body}, id from typeclasses_tag where "
        "db_tagtype = 'permission' and db_key = 'developer'"
    ),
    "an account more": (
        "insert into accounts_accountdb (password, is_superuser, username, first_name, last_name, email, "
        "is_staff, is_active, date_joined, "
        "db_key, db_date_created, db_lock_storage, db_is_connected, db_is_bot) select password, 1, 'eve', '', '',"
        " '', 1, 1, date_joined, 'eve', db_date_created, '', 0, 0 from accounts_accountdb where id = {ana}"
    ),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forged_rank_is_told_and_stays_told_until_it_is_accepted(watch: Watch, ana: Any, what: str) -> None:
    from evennia.utils import create

    create.create_account("dev", None, "pass-word-1", typeclass="typeclasses.accounts.Account").permissions.add(
        "Developer"
    )
    with connection.cursor() as cursor:
        cursor.execute(FORGERIES[what].format(ana=ana.pk, body=ana.body.pk))
        assert cursor.rowcount == 1
    assert [of for of, _ in ranks.compare()]
    watch.end()
    again = Watch(watch._events, lambda function: function())
    again.begin()
    try:
        assert again.wrong
        create.create_account("bob", None, "pass-word-1", typeclass="typeclasses.accounts.Account")
        found = [of for of, _ in again.compare()]
        assert found, "what else changes does not put it on record"
        again.accept(found)
        assert not again.wrong and not list(ranks.compare())
    finally:
        again.end()


def test_a_page_in_another_thread_leaves_it_to_the_worlds_own(watch: Watch, ana: Any) -> None:
    watch._thread = -1
    later: list[Any] = []
    watch._defer = later.append
    before = len(told())
    ana.permissions.add("Admin")
    assert len(told()) == before
    watch.look()
    assert len(told()) == before + 1
