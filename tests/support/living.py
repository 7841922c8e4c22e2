"""People in the real engine's world, and what reaches their clients."""

from __future__ import annotations

from typing import Any

from tests.support.clients import Session


class Person:
    """A character with a real account, and a session whose far end is the engine's telnet protocol."""

    def __init__(self, name: str, room: Any, *, superuser: bool = False, **flags: Any) -> None:
        from evennia.utils.create import create_account, create_object

        self.account = create_account(name, "", "pass-word-1", is_superuser=superuser)
        self.body = create_object("typeclasses.characters.Character", key=name, location=room, home=room)
        self.body.account = self.account
        self.session = _Line("telnet", SCREENWIDTH={0: 500}, **flags)
        self.body.__dict__["sessions"] = _Sessions(self.session)

    def heard(self) -> str:
        """What came over the wire since it was last asked."""
        raw = b"".join(self.session.sent).replace(b"\xff\xf9", b"")
        self.session.sent.clear()
        return raw.decode("utf-8", "strict")


class _Line(Session):
    """A session that takes the engine's own sends, too."""

    def data_out(self, **kwargs: Any) -> None:
        if "text" in kwargs:
            text = kwargs["text"] if isinstance(kwargs["text"], tuple) else (kwargs["text"], {})
            self.msg(text, kwargs.get("options") or {})


class _Sessions:
    """The engine's session handler of an object, holding one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> list[Session]:
        return [self._session]

    get = all

    def count(self) -> int:
        return 1
