"""Before the login: the screen and its help name what works there and nothing else; `encoding` works on either side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from tests.support.built import ensure_built
from tests.support.clients import without_colour
from tests.support.players import Player

pytestmark = pytest.mark.django_db


class Stranger:
    """Somebody who is connected and has not logged in."""

    def __init__(self) -> None:
        import evennia
        from evennia.server.serversession import ServerSession

        ensure_built()
        handler = evennia.SESSION_HANDLER
        first = ServerSession()
        first.init_session("telnet", ("localhost", "test"), handler)
        first.sessid = 950
        handler.portal_connect(first.get_sync_data())
        self.session = handler.session_from_sessid(950)
        self.got: list[str] = []
        self.gone: list[Any] = []
        self.session.data_out = self._hear
        handler.session_portal_sync = lambda session: None
        handler.disconnect = lambda *session, **more: self.gone.append(session)

    def _hear(self, text: Any = None, **more: Any) -> None:
        if text:
            self.got.append(str(text[0] if isinstance(text, tuple) else text))

    def types(self, line: str) -> str:
        self.got.clear()
        self.session.execute_cmd(line)
        return re.sub(r"\|.", "", without_colour("\n".join(self.got)))


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    import evennia

    one = Stranger()
    yield one
    for name in ("session_portal_sync", "disconnect"):
        evennia.SESSION_HANDLER.__dict__.pop(name)
    evennia.SESSION_HANDLER.disconnect(one.session, sync_portal=False)


@pytest.mark.parametrize("open_", [True, False])
def test_all_that_is_named_works(stranger: Stranger, open_: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "NEW_ACCOUNT_REGISTRATION_ENABLED", open_)
    screen, told = stranger.types("look"), stranger.types("help")
    forms = re.findall(r"^([a-z]+(?: <[a-z]+>)*): ", told, re.MULTILINE)
    assert {form.split()[0] for form in forms} >= {"connect", "encoding", "look", "quit"}
    assert ("create <name>" in told) is open_
    assert ("create" in screen) is open_
    for form in forms:
        word, *rest = form.split()
        typed = " ".join([word, *("latin-1" if word == "encoding" else "Ada" for _ in rest)])
        answer = stranger.types(typed) if word not in ("connect", "create") else stranger.types(word)
        assert not re.search(r"not available|disabled|There is no", answer), f"{typed}: {answer}"
        assert answer or stranger.gone, typed


def test_an_alphabet_is_chosen_on_either_side_of_the_login(stranger: Stranger) -> None:
    stranger.types("encoding latin-1")
    assert stranger.session.protocol_flags["ENCODING"] == "latin-1"
    inside = Player("mia", False, 902)
    inside.session.sessionhandler.session_portal_sync = lambda session: None
    inside.does("encoding latin-1")
    assert inside.session.protocol_flags["ENCODING"] == "latin-1"
    inside.does("encoding zlib")
    assert inside.session.protocol_flags["ENCODING"] == "latin-1"
    inside.leave()


@pytest.mark.parametrize("right", [True, False])
def test_lines_sent_behind_a_password_are_typed_by_whoever_comes_in(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch, right: bool
) -> None:
    from concurrent.futures import Future

    from commands import ahead, entering
    from commands.doors import Checked

    asked: Future[Checked] = Future()
    entered: list[object] = []
    monkeypatch.setattr(entering, "checking", lambda *given: asked)
    monkeypatch.setattr(entering, "admitted", lambda *given: "ana" if right else None)
    monkeypatch.setattr(entering.reactor, "callFromThread", lambda call, *given: call(*given), raising=False)
    handler = stranger.session.sessionhandler
    monkeypatch.setattr(handler, "login", lambda session, account: entered.append(account))
    for line in ("connect ana pass-word-1", "look", "say hello"):
        assert "not logged in" not in stranger.types(line)
    typed: list[str] = []
    stranger.session.execute_cmd = typed.append
    asked.set_result(Checked(right, "hash"))
    assert (entered, typed) == ((["ana"], ["look", "say hello"]) if right else ([], []))
    assert ahead.taken(stranger.session) == []
    del stranger.session.execute_cmd


def test_what_is_no_command_is_answered_by_this_world_and_not_repeated(stranger: Stranger) -> None:
    for line in ("opensesame", "hunter2 hunter2", "crate ada word", "score"):
        said = stranger.types(line)
        assert "connect <name> <password>" in said and "create" not in said and line.split()[0] not in said
    assert "The owner of this world creates the accounts" in stranger.types("create ada pass-word-1")
