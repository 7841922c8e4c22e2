"""The engine's web pages are served over our settings and typeclasses."""

from __future__ import annotations

import re

import pytest
from django.contrib.staticfiles import finders
from evennia.utils.create import create_account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def owner(db):
    """The engine's pages count accounts and expect the first one."""
    return create_account("owner", "", "pass-word-1", is_superuser=True)


@pytest.mark.parametrize("path", ["/", "/webclient/", "/auth/login/", "/help/", "/channels/"])
def test_the_engines_pages_load(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert "Timmy" in answer.content.decode()


def test_the_web_client_finds_its_own_files(client):
    page = client.get("/webclient/").content.decode()
    page = re.sub(r"<!--.*?-->", "", page, flags=re.DOTALL)
    files = {part.split('"')[0].split(" ")[0].split(">")[0] for part in page.split("/static/")[1:]}
    assert any(file.endswith("evennia.js") for file in files)
    assert [file for file in files if not finders.find(file)] == []


def test_strangers_do_not_reach_the_admin(client):
    answer = client.get("/admin/")
    assert answer.status_code == 302
    assert "login" in answer["Location"]
    visitor = create_account("visitor", "", "pass-word-2")
    client.force_login(visitor)
    assert client.get("/admin/").status_code == 302


def test_the_owner_reaches_pages_and_admin(client, owner):
    client.force_login(owner)
    assert client.get("/").status_code == 200
    assert client.get("/admin/").status_code == 200
