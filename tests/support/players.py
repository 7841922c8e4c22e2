"""Somebody at a client, in this process: typed lines in, what the client gets out.

Owns an account, its body in the Hall and a connection without a Portal. Refuses to know what was typed.
"""

from __future__ import annotations

from typing import Any

from tests.support.clients import without_colour


def somebody(name: str, owner: bool = False) -> tuple[Any, Any]:
    """An account and its body, which stands in the Hall."""
    from evennia.utils import create

    from world import places

    account = create.create_account(
        name, f"{name}@example.invalid", "pass-word-1", typeclass="typeclasses.accounts.Account", is_superuser=owner
    )
    body = create.create_object("typeclasses.characters.Character", key=name, location=places.room("hall"))
    body.locks.add(f"puppet:id({body.id}) or pid({account.id})")
    account.characters.add(body)
    account.db._last_puppet = body
    return account, body


class Player:
    """Somebody at a client: an account, a body, a connection."""

    def __init__(self, name: str, owner: bool, number: int, known: tuple[Any, Any] | None = None) -> None:
        """Connect as somebody new, or as one who is `known` already."""
        import evennia
        from evennia.server.serversession import ServerSession

        self.account, self.body = known or somebody(name, owner)
        handler = evennia.SESSION_HANDLER
        first = ServerSession()
        first.init_session("telnet", ("localhost", "test"), handler)
        first.sessid = number
        handler.portal_connect(first.get_sync_data())
        self.session = handler.session_from_sessid(number)
        self.got: list[str] = []
        self.session.data_out = self._hear
        self.session.update_flags = lambda **flags: self.session.protocol_flags.update(flags)  # no Portal hears of it
        handler.login(self.session, self.account, testmode=True)
        if not self.session.puppet:
            self.account.puppet_object(self.session, self.body)
        self.got.clear()

    def _hear(self, **kwargs: Any) -> None:
        text = kwargs.get("text")
        if text:
            words = text[0] if isinstance(text, tuple) else text
            assert kwargs["options"]["raw"] is True, f"parsed by the engine: {words!r}"
            self.got.append(str(words))

    def types(self, line: str) -> str:
        """Type a line; what came back, without colour."""
        self.got.clear()
        self.session.execute_cmd(line)
        return without_colour("\n".join(self.got))

    def does(self, line: str) -> None:
        """Type a command of the engine's, whose own words are its own affair."""
        self.session.data_out = lambda **kwargs: None
        self.session.execute_cmd(line)
        self.session.data_out = self._hear

    def leave(self) -> None:
        import evennia

        evennia.SESSION_HANDLER.disconnect(self.session, sync_portal=False)


class Present(Player):
    """Somebody who is connected, without all that the engine does for one who comes; what is parsed by the engine is
    heard, too.
    """

    def __init__(self, name: str, *, number: int, known: tuple[Any, Any]) -> None:
        import evennia
        from evennia.server.serversession import ServerSession

        self.account, self.body = known
        self.got = []
        self.session = session = ServerSession()
        session.init_session("telnet", ("localhost", "test"), evennia.SESSION_HANDLER)
        session.sessid = number
        evennia.SESSION_HANDLER[number] = session
        session.data_out = self._hear
        session.update_flags = lambda **flags: session.protocol_flags.update(flags)
        session.logged_in, session.uid, session.uname, session.account = True, self.account.pk, name, self.account
        session.cmdset_storage = "commands.default_cmdsets.SessionCmdSet"
        session.cmdset.update(init_mode=True)
        self.account.is_connected = True
        session.puid, session.puppet = self.body.pk, self.body
        self.body.sessions.add(session)
        self.body.account = self.account
        self.body.locks.cache_lock_bypass(self.body)

    def _hear(self, **kwargs: Any) -> None:
        text = kwargs.get("text")
        if text:
            self.got.append(str(text[0] if isinstance(text, tuple) else text))

    def leave(self) -> None:
        """Be gone at once, and tell nobody."""
        import evennia

        evennia.SESSION_HANDLER.pop(self.session.sessid, None)
        if self.session.puppet is not None:
            self.session.puppet.sessions.clear()
