"""The page of the cascade: the owner's, whole, harmless, and true also where there is nothing to show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from evennia.accounts.models import AccountDB
from evennia.utils.create import create_account

from agents.house.house import install
from tests.support import cascade, light_house
from tests.support.furnished import Furnished as House
from tests.support.light_world import LightWorld
from tests.support.pages import Page
from web import cascade as page

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>\x1b[31m\u202e"


@pytest.fixture
def owner() -> AccountDB:
    return create_account("owner", "", "pass-word-1", is_superuser=True)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    made = light_house.house(
        tmp_path, LightWorld.founding(), [light_house.persona("timmy"), light_house.persona("ezra")]
    )
    monkeypatch.setattr("agents.house.house._current", None)
    install(made)

    def here(work: Any) -> Any:  # the test's thread is the world's
        found: list[Any] = []
        work().addCallbacks(found.append, lambda failure: failure.raiseException())
        return found[0]

    monkeypatch.setattr(page, "on_the_worlds_thread", here)
    return made


def test_strangers_log_in_and_visitors_are_refused(client: Any, owner: AccountDB, house: House) -> None:
    answer = client.get("/router/")
    assert (answer.status_code, answer["Location"]) == (302, "/auth/login/?next=/router/")
    client.force_login(create_account("mia", "", "pass-word-1"))
    answer = client.get("/router/")
    assert answer.status_code == 403 and b"the owner" in answer.content
    assert b'href="/router/"' not in client.get("/").content


def test_the_owner_reads_what_the_game_shows(client: Any, owner: AccountDB, house: House) -> None:
    house.connect(cascade.Told(cascade.busy()))
    client.force_login(owner)
    answer = client.get("/router/")
    assert answer.status_code == 200 and "script-src 'self'" in answer["Content-Security-Policy"]
    read = Page(answer.content.decode())
    words = " ".join(read.words.split())
    assert (
        "2 of 3 providers ready, llamacpp first." in words
        and "Strategy: fallback since 1 Apr 11:30, because kimi asked to wait." in words
    )
    assert (
        "nothing listens at 127.0.0.1:11434" in words
        and "https://models.example/v1" in words
        and "cost 0.1234" in words
    )
    assert "50 % of what models wrote, 4,000 of 8,000 tokens, was made on this machine." in words
    assert "take kimi out" not in words, "Ezra's file in this house enables no provider"
    assert "2026-04-0147 %" in words and "Ezra's conversation" in words and "does not hold answers to a schema" in words
    assert "script" not in read.tags and not [
        one for one in read.attributes if one[1] == "style" or one[1].startswith("on")
    ]
    assert {"caption", "th", "time", "meter", "main", "h1"} <= read.tags
    content = answer.content.decode()
    assert content.count("<th ") == content.count('<th scope="') > 10 and content.count("<th>") == 0, (
        "each heading says of what"
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (None, "No model service is running"),
        (cascade.Told(cascade.DOWN), "The model service does not answer. Until then everyone answers by reflex."),
        (cascade.Told({"since": []}), "form that this world does not know"),
    ],
)
def test_where_nothing_can_be_read_the_page_says_why(
    client: Any, owner: AccountDB, house: House, language: Any, said: str
) -> None:
    house.connect(language)
    client.force_login(owner)
    words = Page(client.get("/router/").content.decode()).words
    assert said in words and "Providers" not in words and "0 of" not in words


def test_before_the_world_is_composed_it_says_so(
    client: Any, owner: AccountDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.house.house._current", None)
    client.force_login(owner)
    assert b"still starting" in client.get("/router/").content


def test_of_many_readers_few_wait_and_the_others_see_what_was_read_last(
    client: Any, owner: AccountDB, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = house.connect(cascade.Told(cascade.busy()))
    client.force_login(owner)
    monkeypatch.setattr(page, "_asking", page.BoundedSemaphore(1))
    assert page._asking.acquire(blocking=False)
    assert "Others are reading the state" in client.get("/router/").content.decode()
    assert told.asked == 0
    house.cascade.ask()
    assert "llamacpp first" in client.get("/router/").content.decode()
    assert told.asked == 1
    page._asking.release()
    client.get("/router/")
    assert told.asked == 2
    assert page._asking.acquire(blocking=False), "it was given back"


def test_words_of_others_are_text(client: Any, owner: AccountDB, house: House) -> None:
    said = cascade.busy()
    said["providers"][0] |= {"name": HOSTILE, "where": HOSTILE}
    said["providers"][0]["breaker"]["last_said"] = HOSTILE
    said["calls"][0] |= {"agent": HOSTILE, "model": HOSTILE}
    said["strategy"]["why"] = HOSTILE
    house.connect(cascade.Told(said))
    client.force_login(owner)
    content = client.get("/router/").content.decode()
    assert "<script" not in content and "\x1b" not in content and "\u202e" not in content
    assert "&lt;script&gt;" in content
