"""The web's pages: all their parts come from here, nobody gets more than is theirs."""

from __future__ import annotations

import re
import warnings
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.contrib.staticfiles import finders
from django.utils import timezone
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
    assert "password do not match" in wrong.content.decode()
    right = client.post("/auth/login/", {"username": "owner", "password": "pass-word-1", "next": "/webclient/"})
    assert right["Location"] == "/webclient/"
    assert "Log out owner" in client.get("/").content.decode()
    assert client.post("/auth/logout/")["Location"] == "/"
    assert "Log out" not in client.get("/").content.decode()


def test_login_leads_to_no_other_site(client):
    form = {"username": "owner", "password": "pass-word-1", "next": "https://example.org/"}
    assert client.post("/auth/login/", form)["Location"] == "/"


def test_no_page_tells_a_session_s_key_or_makes_one_for_a_visitor(client, owner):
    for path in PAGES:
        client.get(path)
    assert "sessionid" not in client.cookies
    assert Session.objects.count() == 0
    client.force_login(owner)
    for path in PAGES:
        assert client.session.session_key not in client.get(path).content.decode()


def test_of_what_was_shown_nothing_is_kept(client, owner):
    client.force_login(owner)
    for path in (*PAGES, "/admin/", "/nothing-here"):
        assert "no-store" in client.get(path)["Cache-Control"], path


def test_sessions_that_are_over_are_cleared(owner):
    from web.standing import SessionStore

    for age in (-60, 60):
        SessionStore().create()
        Session.objects.filter(expire_date__gt=timezone.now() + timedelta(days=1)).update(
            expire_date=timezone.now() + timedelta(seconds=age)
        )
    SessionStore.clear_expired()
    assert Session.objects.count() == 1


class Socket:
    """A session of the Server's, as far as a browser's standing goes."""

    sessid, csessid, logged_in, protocol_key = 7, None, True, "websocket"

    def __init__(self, account):
        self.account, self.uid, self.told, self.ended = account, account.pk, [], ""
        self.sessionhandler = self

    def data_out(self, session, **kwargs):
        self.told.append(kwargs["ticket"][0][0])

    def get(self, sessid):
        return None if self.ended else self

    def values(self):
        return [self]

    def session_portal_partial_sync(self, data):
        assert data == {7: {"csessid": self.csessid}}

    def disconnect(self, session, reason):
        self.ended = reason


@pytest.fixture
def socket(owner, monkeypatch):
    """A socket that the owner has logged in at; what is put off to the world's thread is done at once."""
    from web import standing

    made = Socket(owner)
    monkeypatch.setattr(standing, "_on_the_worlds_thread", lambda function, *args: function(*args))
    monkeypatch.setattr("evennia.SESSION_HANDLER", made)
    standing.offer(made)
    yield made
    standing.drop(made)


def test_a_ticket_gives_the_browser_a_session_under_a_key_that_nobody_knew(client, owner, socket):
    from web import standing

    client.cookies["sessionid"] = planted = "k" * 32
    (ticket,) = socket.told
    assert client.get("/webclient/entered/", {"ticket": ticket}).status_code == 405
    assert client.post("/webclient/entered/", {"ticket": "guess"}).status_code == 403
    assert client.post("/webclient/entered/", {"ticket": ticket}).status_code == 200
    key = client.session.session_key
    assert key not in ("", planted) and socket.csessid == key
    assert standing.account_of(key, "127.0.0.1") == owner
    assert standing.account_of(planted, "127.0.0.1") is None
    assert client.post("/webclient/entered/", {"ticket": ticket}).status_code == 403, "a ticket is good twice"
    client.post("/auth/logout/")
    assert socket.ended == standing.LOGGED_OUT and standing.account_of(key, "127.0.0.1") is None


def test_a_session_is_of_no_use_after_a_new_password_or_a_ban(client, owner, socket):
    from evennia.server.models import ServerConfig

    from web import standing

    client.force_login(owner)
    key = client.session.session_key
    assert standing.account_of(key, "127.0.0.1") == owner
    ServerConfig.objects.conf("server_bans", [("owner", "", "", "", "")])
    assert standing.account_of(key, "127.0.0.1") is None
    ServerConfig.objects.conf("server_bans", [])
    owner.set_password("pass-word-2")
    owner.save()
    assert socket.ended == standing.RENEWED
    assert standing.account_of(key, "127.0.0.1") is None
    assert "Log out" not in client.get("/help/").content.decode()


@pytest.mark.parametrize("key", ["", "x", "k" * 32, "k" * 33, "K" * 32, "../" * 10, "k" * 31 + "\n"])
def test_what_is_no_key_of_a_session_opens_nothing(key):
    from web import standing

    assert standing.account_of(key, "127.0.0.1") is None


@pytest.mark.parametrize(
    ("origin", "host", "allowed"),
    [
        (None, "127.0.0.1:4002", True),
        ("http://127.0.0.1:4001", "127.0.0.1:4002", True),
        ("http://127.0.0.1:4002", "127.0.0.1:4002", True),
        ("http://127.0.0.1:8000", "127.0.0.1:4002", False),
        ("http://127.0.0.1", "127.0.0.1:4002", False),
        ("http://localhost:4001", "127.0.0.1:4002", False),
        ("http://evil.example:4001", "evil.example:4002", False),
        (None, "evil.example:4002", False),
        ("https://world.example", "world.example:4002", True),
        ("https://world.example", "world.example", True),
        ("https://world.example:8443", "world.example:4002", False),
        ("ftp://127.0.0.1:4001", "127.0.0.1:4002", False),
        ("http://127.0.0.1:x", "127.0.0.1:4002", False),
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
    settings.PROXIED_HOSTS = ["world.example"]
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "world.example"]
    assert welcome(origin, host) is allowed


def test_strangers_do_not_reach_the_admin(client):
    answer = client.get("/admin/")
    assert answer.status_code == 302
    assert "login" in answer["Location"]
    visitor = create_account("visitor", "", "pass-word-2")
    client.force_login(visitor)
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("more", [{"is_staff": True}, {"is_superuser": True, "is_active": False}])
def test_the_admin_is_the_superusers_alone(client, more):
    """Whatever the superuser, or a hole elsewhere, made of another's account."""
    from django.contrib.auth.models import Permission

    clerk = create_account("clerk", "", "pass-word-2")
    for name, value in more.items():
        setattr(clerk, name, value)
    clerk.save()
    clerk.user_permissions.set(Permission.objects.all())
    client.force_login(clerk)
    for path in ("/admin/", "/admin/accounts/accountdb/1/change/", "/admin/accounts/accountdb/1/password/"):
        assert client.get(path).status_code == 302, path
    assert "/admin/" not in client.get("/").content.decode()


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


def test_only_what_pages_need_is_passed_on_to_them():
    from server.wire import requests

    stated = {
        b"host": [b"127.0.0.1"],
        b"x-forwarded-for": [b"198.51.100.1"],
        b"x_forwarded_for": [b"198.51.100.2"],
        b"transfer-encoding": [b"chunked"],
        b"content-length": [b"5"],
        b"expect": [b"100-continue"],
        b"range": [b"bytes=0-"],
        b"cookie": [b"a=1", b"b=2"],
        b"connection": [b"keep-alive"],
        b"x-forwarded-proto": [b"https"],
    }
    assert requests.passed_on(stated) == {b"host": b"127.0.0.1", b"cookie": b"a=1; b=2"}


def test_p17_the_admin_is_the_superusers_alone_whatever_mark_an_account_bears(client):
    staff = create_account("staff", "", "pass-word-1", typeclass="typeclasses.accounts.Account")
    staff.is_staff = True
    staff.save()
    staff.permissions.add("Developer")
    client.force_login(staff, backend="evennia.web.utils.backends.CaseInsensitiveModelBackend")
    for page in ("/admin/", "/admin/accounts/accountdb/", "/admin/accounts/accountdb/1/change/"):
        assert client.get(page).status_code == 302, page
    client.force_login(AccountDB.objects.get(id=1), backend="evennia.web.utils.backends.CaseInsensitiveModelBackend")
    assert client.get("/admin/").status_code == 200


def test_behind_a_web_server_with_tls_cookies_are_for_https_alone(client, settings, owner):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client.post("/auth/login/", {"username": "owner", "password": "pass-word-1"}, HTTP_X_FORWARDED_PROTO="https")
    client.get("/auth/login/", HTTP_X_FORWARDED_PROTO="https")
    assert client.cookies["sessionid"]["secure"] and client.cookies["sessionid"]["httponly"]
    assert client.get("/", HTTP_X_FORWARDED_PROTO="https").wsgi_request.is_secure()
