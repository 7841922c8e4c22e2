"""The pages of tasks: what they show to whom, and that a verdict given there is the one that would be typed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from evennia.accounts.models import AccountDB
from evennia.utils.create import create_account

from agents.governance.rules import Actor
from agents.house.house import install
from tests.support import light_house
from tests.support.furnished import Furnished as House
from tests.support.hostile import PLANTED
from tests.support.light_world import LightWorld
from tests.support.pages import Page
from web import asking
from web.pages import tasks as pages

pytestmark = pytest.mark.django_db
OWNER = Actor("owner", "owner")
UNFIT = "[\n\r\v\f\x00\x1c-\x1e\x85\u2028\u2029\ud800-\udfff]"
"""What no title may have in it."""
IRREVERSIBLE = light_house.CHORE.replace('name="chore"', 'name="spend"').replace(
    'category="read"', 'category="money", undo="no", confirm=lambda p: "900"'
)


def here(work: Any) -> Any:
    """The test's thread is the world's."""
    found: list[Any] = []
    work().addCallbacks(found.append, lambda failure: failure.raiseException())
    return found[0]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    kinds = light_house.kinds_folder(tmp_path)
    (kinds / "spend.py").write_text(IRREVERSIBLE)
    made = light_house.house(
        tmp_path, LightWorld.founding(), [light_house.persona("timmy")], kinds=kinds, seal_seconds=10
    )
    monkeypatch.setattr("agents.house.house._current", None)
    install(made)
    monkeypatch.setattr(asking, "on_the_worlds_thread", here)
    return made


@pytest.fixture
def owner(client: Client) -> AccountDB:
    account = create_account(OWNER.name, "", "pass-word-1", is_superuser=True)
    client.force_login(account)
    return account


@pytest.fixture
def visitor() -> Client:
    made = Client()
    made.force_login(create_account("mia", "", "pass-word-1"))
    return made


def words(answer: Any) -> str:
    return " ".join(Page(answer.content.decode()).words.split())


def approving(house: House) -> dict[str, str]:
    """What the form of the first item sends."""
    return {"verdict": "ok", "digest": house.governance.pending()[0].digest}


def test_a_page_that_stood_open_approves_nothing_that_it_did_not_show(client: Client, owner: Any, house: House) -> None:
    house.work.propose("Chore the attic", "", OWNER, "telnet")
    page = client.get("/tasks/1/").content.decode()
    old = approving(house)
    assert f'name="digest" value="{old["digest"]}"' in page
    house.work.edit(1, title="Chore the cellar", actor=OWNER, via="telnet")
    client.get("/tasks/1/")  # the owner reads the new form in another tab
    assert "not as your page showed it" in words(client.post("/tasks/1/", old, follow=True))
    assert not house.governance.pending()[0].verdict
    client.post("/tasks/1/", approving(house), follow=True)
    assert house.governance.pending()[0].verdict


def test_a_span_without_a_unit_puts_off_nothing_else(client: Client, owner: Any, house: House) -> None:
    for room in ("attic", "cellar"):
        house.work.propose(f"Chore the {room}", "", OWNER, "telnet")
    assert "put off for 2h" in words(client.post("/tasks/1/", {"verdict": "later", "span": "2"}, follow=True))
    assert [one.task for one in house.governance.pending()] == [2]


def test_strangers_log_in_first(client: Client, house: House) -> None:
    for path in ("/tasks/", "/tasks/1/", "/tasks/1/report/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, f"/auth/login/?next={path}")
    assert b'href="/tasks/"' not in client.get("/").content


def test_the_owner_approves_what_was_shown_whole_and_takes_it_back(client: Client, owner: Any, house: House) -> None:
    house.work.propose("Chore the attic", "it is dusty", OWNER, "telnet")
    assert "1 Chore the attic pending approval" in words(client.get("/tasks/"))
    assert "not as your page showed it" in words(client.post("/tasks/1/", {"verdict": "ok"}, follow=True))
    assert not house.governance.pending()[0].verdict
    shown = words(client.get("/tasks/1/"))
    assert "For you to decide chore the attic By" in shown and "it costs nothing" not in shown
    receipt = words(client.post("/tasks/1/", approving(house), follow=True))
    assert "1 approved" in receipt and "Sealed as approved" in receipt
    assert house.governance.pending()[0].decided_via == "web"
    client.post("/tasks/1/", {"verdict": "undo"}, follow=True)
    assert not house.governance.pending()[0].verdict


def test_a_refusal_needs_its_reason_and_what_cannot_be_undone_its_word(
    client: Client, owner: Any, house: House
) -> None:
    house.work.propose("Spend on oil", "", OWNER, "telnet")
    assert "This cannot be undone. Type 900" in words(client.get("/tasks/1/"))
    client.post("/tasks/1/", approving(house), follow=True)
    client.post("/tasks/1/", approving(house) | {"confirm": "90"}, follow=True)
    assert "needs its reason" in words(client.post("/tasks/1/", {"verdict": "no", "reason": " "}, follow=True))
    assert "a verdict is ok, no, later or undo" in words(client.post("/tasks/1/", {"verdict": "all"}, follow=True))
    assert not house.governance.pending()[0].verdict
    client.post("/tasks/1/", {"verdict": "no", "reason": "use the\nfree = relay"}, follow=True)
    assert house.governance.pending()[0].reason == "use the free = relay"


def test_visitors_see_that_there_is_a_task_and_decide_nothing(visitor: Client, house: House) -> None:
    house.work.propose("Chore the attic", "", OWNER, "telnet")
    shown = words(visitor.get("/tasks/1/"))
    assert "Chore the attic" in shown and "decide" not in shown
    answer = visitor.post("/tasks/1/", {"verdict": "ok"}, follow=True)
    assert "may not" in words(answer) and not house.governance.pending()[0].verdict
    assert visitor.get("/tasks/1/report/").status_code == 403
    assert visitor.get("/tasks/99/").status_code == 404
    assert visitor.get("/tasks/?page=x").status_code == 400
    assert visitor.get("/tasks/99999999999999999999/").status_code == 400


def test_a_verdict_of_another_site_is_none(owner: Any, house: House) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    assert strict.post("/tasks/1/", {"verdict": "ok"}).status_code == 403


def test_whatever_stands_in_a_task_is_text(client: Client, owner: Any, house: House) -> None:
    hostile = [text for text in PLANTED if text.strip() and not re.search(UNFIT, text)][:60:3]
    for number, text in enumerate(hostile, 1):
        house.work.propose(f"Chore {text[:200]}", text[:2000], OWNER, "telnet")
        read = Page(client.get(f"/tasks/{number}/").content.decode())
        assert "script" not in read.tags and "img" not in read.tags
        assert not [one for one in read.attributes if one[1] == "style" or one[1].startswith("on")]
    assert client.get("/tasks/").status_code == 200


def test_a_report_is_set_and_none_of_its_words_is_a_link(client: Client, owner: Any, house: House) -> None:
    text = (
        "# Report\n\n| a | b |\n|---|--:|\n| `x` | 2 |\n\n<script>1</script> [x](http://a.example) ![y](/z) <http://b>"
    )
    read = Page(f"<div>{pages.MARKDOWN.render(text)}</div>")
    assert {"h1", "table", "code"} <= read.tags and not read.tags & {"script", "a", "img"}
    assert ("td", "class", "number") in read.attributes and not [one for one in read.attributes if one[1] == "style"]


def test_before_the_world_is_awake_the_page_says_so(
    client: Client, owner: Any, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agents.house.house._current", None)
    answer = client.get("/tasks/")
    assert answer.status_code == 503 and b"still starting" in answer.content
