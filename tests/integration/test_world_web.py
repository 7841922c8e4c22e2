"""The web's pages: all their parts come from here, nobody gets more than is theirs."""

from __future__ import annotations

import re
import warnings
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from evennia.accounts.models import AccountDB
from evennia.utils.create import create_account

from agents.kernel.errors import NotAllowed
from world.help import topics

with warnings.catch_warnings():  # the engine's sources hold escapes that newer compilers dislike
    warnings.simplefilter("ignore")
    from web.socket import welcome

pytestmark = pytest.mark.django_db
PAGES = ("/", "/help/", "/auth/login/", "/webclient/", "/admin/login/")
CSS_ADDRESS = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


@pytest.fixture(autouse=True)
def owner(db):
    """The first account is the superuser's."""
    return create_account("owner", "", "pass-word-1", is_superuser=True)


class Parts(HTMLParser):
    """What a page makes the browser fetch, where it leads, and what script and style it holds itself."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.fetched: set[str] = set()
        self.links: set[str] = set()
        self.inline: list[str] = []
        self._within = ""
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        has = dict(attrs)
        for name in ("src", "srcset", "data", "poster"):
            if has.get(name):
                self.fetched.add(has[name])
        if has.get("href"):
            (self.fetched if tag == "link" else self.links).add(has["href"])
        if has.get("action"):
            self.links.add(has["action"])
        self.inline += [f"{tag} {name}={value}" for name, value in attrs if name == "style" or name.startswith("on")]
        self._within = tag if tag in ("script", "style") else ""

    def handle_data(self, data):
        if self._within and data.strip():
            self.inline.append(f"<{self._within}>{data}")

    def handle_endtag(self, tag):
        self._within = ""


def outside(addresses) -> list[str]:
    """Those that lead to another host, also without naming a scheme."""
    return [a for a in addresses if urlsplit(a).netloc or urlsplit(a).scheme not in ("", "data")]


def stylesheet_fetches(path: str) -> set[str]:
    """What a style sheet of ours, and those it takes in, make the browser fetch."""
    file = finders.find(path)
    assert file, f"{path} is not there"
    return {a or b for a, b in CSS_ADDRESS.findall(Path(file).read_text())}


@pytest.mark.parametrize("path", PAGES)
def test_a_visitors_page_is_made_of_our_own_files_alone(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    parts = Parts(answer.content.decode())
    assert outside(parts.fetched) == [] and parts.inline == []
    assert outside(parts.links) == []
    assert parts.fetched, "a page without style is not one of ours"
    for address in parts.fetched:
        assert address.startswith("/static/"), address
        file = address.removeprefix("/static/")
        assert finders.find(file), address
        if file.endswith(".css"):
            assert outside(stylesheet_fetches(file)) == []


@pytest.mark.parametrize(
    "path", ["/", "/webclient/", "/admin/", "/admin/objects/objectdb/", "/admin/accounts/accountdb/1/change/"]
)
def test_the_owners_pages_fetch_nothing_from_outside(client, owner, path):
    client.force_login(owner)
    answer = client.get(path)
    assert answer.status_code == 200
    parts = Parts(answer.content.decode())
    assert parts.fetched and outside(parts.fetched) == []
    for address in parts.fetched:
        if address.endswith(".css"):
            assert outside(stylesheet_fetches(address.removeprefix("/static/"))) == []


def test_every_link_of_a_visitors_page_leads_somewhere(client):
    for path in PAGES:
        for address in Parts(client.get(path).content.decode()).links:
            where = urlsplit(address).path
            if where and where != "/auth/logout/":
                assert client.get(where, follow=True).status_code == 200, f"{path} links {address}"


@pytest.mark.parametrize("path", [*PAGES, "/nothing-here"])
def test_every_answer_tells_the_browser_to_be_strict(client, path):
    answer = client.get(path, HTTP_HOST="localhost:4001")
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert re.fullmatch(r"'self' ws://localhost:\d+", policy["connect-src"])


def test_pages_that_are_not_there_say_so_and_lead_back(client):
    answer = client.get("/nothing-here")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()


def test_help_tells_every_concept_in_flowing_paragraphs(client):
    page = client.get("/help/").content.decode()
    for topic in topics().values():
        assert f'href="#{topic.title.replace(" ", "-")}"' in page
    assert "anything that reads, runs, writes or reaches something outside" in page


@pytest.mark.parametrize("path", ["/auth/register", "/auth/register/", "/characters/create/", "/characters/manage/"])
def test_the_web_makes_no_accounts_and_no_characters(client, owner, path):
    before = AccountDB.objects.count()
    form = {"username": "stranger", "password1": "long-pass-word-9", "password2": "long-pass-word-9", "db_key": "x"}
    assert client.post(path, form).status_code == 404
    client.force_login(owner)
    assert client.post(path, form).status_code == 404
    assert AccountDB.objects.count() == before


def test_login_and_logout(client):
    wrong = client.post("/auth/login/", {"username": "owner", "password": "wrong"})
    assert "not known together" in wrong.content.decode()
    right = client.post("/auth/login/", {"username": "owner", "password": "pass-word-1", "next": "/webclient/"})
    assert right["Location"] == "/webclient/"
    assert "Log out owner" in client.get("/").content.decode()
    assert client.post("/auth/logout/")["Location"] == "/"
    assert "Log out" not in client.get("/").content.decode()


def test_login_leads_to_no_other_site(client):
    form = {"username": "owner", "password": "pass-word-1", "next": "https://example.org/"}
    assert client.post("/auth/login/", form)["Location"] == "/"


def test_the_web_client_gets_the_session_it_logs_in_with(client):
    page = client.get("/webclient/").content.decode()
    assert f'data-session="{client.session.session_key}"' in page


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        (None, "127.0.0.1:4002", True),
        ("http://127.0.0.1:4001", "127.0.0.1:4002", True),
        ("http://LOCALHOST:4001", "localhost:4002", True),
        ("http://[::1]:4001", "[::1]:4002", True),
        ("https://proxy.example", "127.0.0.1:4002", True),
        ("https://example.org", "127.0.0.1:4002", False),
        ("http://127.0.0.1.example.org", "127.0.0.1:4002", False),
        ("null", "127.0.0.1:4002", False),
        ("null", "", False),
        ("", "", False),
        ("http://[", "[", False),
    ],
)
def test_the_socket_is_closed_to_pages_of_other_sites(settings, origin, host, allowed):
    settings.CSRF_TRUSTED_ORIGINS = ["https://proxy.example"]
    assert welcome(origin, host) is allowed


def test_strangers_do_not_reach_the_admin(client):
    answer = client.get("/admin/")
    assert answer.status_code == 302
    assert "login" in answer["Location"]
    visitor = create_account("visitor", "", "pass-word-2")
    client.force_login(visitor)
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("page", ["/auth/login/", "/admin/login/"])
def test_who_failed_too_often_waits_as_at_the_login_screen(client, request, page):
    from commands.doors import doors
    from commands.entering import checking

    doors.cache_clear()
    request.addfinalizer(doors.cache_clear)
    wrong, right = ({"username": "owner", "password": word} for word in ("guess", "pass-word-1"))
    for _ in range(5):
        assert "Too many attempts" not in client.post(page, wrong).content.decode()
    for given in (wrong, right):
        assert "Too many attempts failed from your address. Wait 5 minutes" in client.post(page, given).content.decode()
    assert "_auth_user_id" not in client.session
    with pytest.raises(NotAllowed, match="Too many attempts"):
        checking("owner", "pass-word-1", "127.0.0.1").result(60)  # a typed `connect` counts with it
    assert client.post(page, right, REMOTE_ADDR="192.0.2.7").status_code == 302, "another address has to wait"


def test_a_host_nobody_named_is_refused(client, settings):
    from server.conf.settings import ALLOWED_HOSTS

    assert "*" not in ALLOWED_HOSTS
    settings.ALLOWED_HOSTS = ALLOWED_HOSTS
    for host in ("127.0.0.1:4001", "localhost:4001", "[::1]:4001"):
        assert client.get("/", HTTP_HOST=host).status_code == 200
    assert client.get("/auth/login/", HTTP_HOST="evil.example").status_code == 400


def test_a_browser_cannot_say_which_address_it_comes_from():
    from twisted.internet.address import IPv4Address

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from twisted.web.test.requesthelper import DummyRequest

        from server.portal_web import named

    request = DummyRequest([b"auth", b"login", b""])
    request.client = IPv4Address("TCP", "192.0.2.7", 1)
    request.requestHeaders.setRawHeaders("X-Forwarded-For", ["198.51.100.1", "198.51.100.2"])
    assert named(request).requestHeaders.getRawHeaders("X-Forwarded-For") == ["192.0.2.7"]
