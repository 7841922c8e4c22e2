"""What typed lines would do outside this process, caught: stopping the world, threads, the log of errors.

Owns what is put in place of doors, Portal, threads and log. Refuses to judge what was caught.
"""

from __future__ import annotations

import builtins
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from commands.doors import Checked, Hashed
from tests.support import authority
from tests.support.furnished import Furnished as House


class Caught:
    """What was caught since it was last cleared."""

    def __init__(self, patch: pytest.MonkeyPatch, house: House) -> None:
        """Set the traps; `patch` takes them away again."""
        import evennia
        from evennia.commands import cmdhandler
        from evennia.utils import logger
        from twisted.internet import defer, reactor

        from commands import adapter, entering

        self.stopped: list[str] = []
        self.broken: list[str] = []
        self.later: list[Callable[[], Any]] = []
        """What the engine does once the line is done."""
        authority.set_tripwire()
        patch.setattr(builtins, "trip", authority.trip, raising=False)
        patch.setattr(entering, "doors", Doors)
        patch.setattr(adapter, "deferToThread", lambda function, *args: defer.execute(function, *args))
        patch.setattr(reactor, "callFromThread", lambda function, *args: function(*args))
        for name in ("portal_restart_server", "portal_reset_server", "portal_shutdown", "disconnect_all_sessions"):
            patch.setattr(evennia.SESSION_HANDLER, name, lambda *args, name=name, **more: self.stopped.append(name))
        patch.setattr(
            cmdhandler,
            "deferLater",
            lambda _, seconds, function, *args, **more: self.later.append(partial(function, *args, **more)),
        )
        patch.setattr(evennia.EVENNIA_SERVER_SERVICE, "amp_protocol", Mock())
        patch.setattr(logger, "log_trace", lambda *args, **more: self.broken.append(_fault(*args)))
        patch.setattr(house.bugs, "capture", lambda error, where="", **more: self.broken.append(f"{where}: {error!r}"))

    def clear(self) -> None:
        """Forget it."""
        for heard in (self.stopped, self.broken, self.later, authority.ran):
            heard.clear()


class Doors:
    """Passwords at once, on this thread."""

    def ahead(self) -> int:
        return 0

    def hashed(self, password: str, address: str = "") -> Future[Hashed]:
        return _done(Hashed(password, f"md5$x${password}"))

    def check(self, name: str, password: str, encoded: str, address: str) -> Future[Checked]:
        from django.contrib.auth.hashers import check_password

        return _done(Checked(check_password(password, encoded), encoded, ""))


def _fault(*args: Any) -> str:
    kind, error, trace = sys.exc_info()
    last = traceback.extract_tb(trace)[-1] if trace else None
    return (
        f"{kind.__name__ if kind else args}: {error} ({Path(last.filename).name}:{last.lineno})" if last else str(args)
    )


def _done(value: Any) -> Future[Any]:
    made: Future[Any] = Future()
    made.set_result(value)
    return made
