"""What a page asks of the world: a verb, run on the world's own thread as whoever is logged in.

Owns the way there and back, and how a refusal looks in a browser. Never reads a table from a web thread, and makes
invisible characters visible.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.views.generic import View
from twisted.internet import reactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.threads import blockingCallFromThread, deferToThread

from agents.governance.rules import Actor
from agents.kernel.text import visible
from commands import verbs
from commands.verbs import Caller, Reply
from typeclasses.actors import actor_of
from world.functions import running
from world.screen import Profile
from world.screen import render as on_a_screen

VIA = "web"
STATUS = {"NotFound": 404, "NotAllowed": 403, "BadInput": 400, "Unavailable": 503, "internal": 500}
"""HTTP's status for each error of the project's tree; for any other it is 409: the world is not in the state for it."""


class Refused(Exception):
    """A verb's refusal: the status, what is wrong, and a command that helps."""

    def __init__(self, status: int, message: str, next: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.next = status, message, next


def on_the_worlds_thread(work: Callable[[], Deferred[Any]]) -> Any:
    """What `work`, begun on the world's thread, comes to."""
    return blockingCallFromThread(reactor, work)


def ask(user: Any, verb: str, argument: str = "") -> Reply:
    """What the world answers `user` to a verb, once it has.

    Raises Refused where it refuses, and with 503 while it is still starting.
    """
    house = running()
    if house is None:
        raise Refused(503, "The world is still starting.", "timmy status")

    def begun() -> Any:
        reply = verbs.run(house, Caller(actor_of(user), VIA), verb, argument)
        return verbs.later(house, verb, reply, deferToThread) if reply.waits else reply

    reply: Reply = on_the_worlds_thread(lambda: maybeDeferred(begun))
    if reply.exit and isinstance(reply.data, dict) and "error" in reply.data:
        said = reply.data.get("message") or plain(reply)
        raise Refused(STATUS.get(reply.data["error"], 409), said, reply.data.get("next", ""))
    return reply


def plain(reply: Reply) -> str:
    """The lines that a person in the game would read, without colour."""
    return on_a_screen(reply.lines, Profile(colour=False, width=1000))


def shown(value: Any, key: str = "") -> Any:
    """A verb's data as a page shows it: instants are instants, by the names of their fields, and what cannot be seen in
    a text is made visible.
    """
    match value:
        case str() if key == "at" or key.endswith("_at"):
            return parse_datetime(value)
        case str():
            return visible(value)
        case dict():
            return {name: shown(one, name) for name, one in value.items()}
        case list():
            return [shown(one) for one in value]
    return value


def who(actor: str) -> str:
    """Who acted, as people are called: `agent:timmy` is timmy."""
    return visible(actor.partition(":")[2] or actor)


class WorldView(LoginRequiredMixin, View):
    """A page made of a verb's answer; a refusal is a page of its own, with HTTP's status for it."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer, or say why not."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except Refused as refused:
            context = {"message": visible(refused.message), "next": visible(refused.next)}
            return render(request, "world/refused.html", context, status=refused.status)

    def ask(self, verb: str, argument: str = "") -> Reply:
        """What the world answers whoever reads this page. Raises Refused."""
        return ask(self.request.user, verb, argument)

    @property
    def actor(self) -> Actor:
        """Who reads this page."""
        return actor_of(self.request.user)

    def page(self, template: str, context: dict[str, Any]) -> HttpResponse:
        """The page."""
        return render(self.request, template, context)
