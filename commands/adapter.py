"""Verbs as commands of the engine: who typed it, by which path, on what screen.

Owns the translation between an engine command and `verbs.run`, and the answer to what is no command: a number that was
offered, plain words (`commands.plainly`), the beginning of a verb. Decides nothing. Verdicts are never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import cleandoc
from typing import Any

from evennia.commands.cmdhandler import CMD_MULTIMATCH, CMD_NOMATCH
from evennia.commands.command import Command
from twisted.internet.threads import deferToThread

from agents.house import house as houses
from agents.kernel.errors import BadInput, NotAllowed, NotFound, TimmyError, Unavailable
from agents.kernel.text import shorten, visible
from commands import connection, live, offers, plainly, verbs, walking
from commands.answering import typed
from commands.grammar import LONGEST
from commands.intents import Guess
from commands.offers import Offer
from commands.ranked import grant_of
from commands.ranks import Rank
from commands.verbs import Caller, Verb
from typeclasses.actors import actor_of
from typeclasses.body import why_not
from world import places, screen

_KINDS = {"help": "help", "here": "help", "history": "history"}
CHOICES = 9
"""Numbered choices offered at most."""


class AccountClient:
    """What verbs may ask of a connection: its account's memory and what it was shown."""

    def __init__(self, command: Command) -> None:
        self._command = command

    def get(self, key: str) -> Any:
        """What the connection or the account remembers."""
        if key in connection.KEYS:
            return connection.recall(self._command.session, key) if self._command.session else None
        value = self._command.account.attributes.get(key, category=_category(key))
        return list(value) if hasattr(value, "append") else value

    def set(self, key: str, value: Any) -> None:
        """Remember a plain value."""
        if key == screen.PLAIN_KEY:
            screen.choose_plain(self._command.account, bool(value))
        elif key in connection.KEYS:
            if self._command.session:
                connection.remember(self._command.session, key, value)
        else:
            self._command.account.attributes.add(key, value, category=live.CATEGORY)

    def shown(self) -> list[list[str]]:
        """Blocks shown on this connection."""
        return screen.recall(self._command.session) if self._command.session else []

    def closed(self, room: str) -> Mapping[str, str]:
        """The ways out of the room that the body may not pass, with the reason."""
        body = self._command.caller
        ways = [way for way in places.exits() if places.key_of(way.location) == room]
        return {str(way.key): reason for way in ways if (reason := why_not(way, body))}

    def walk(self, room: str) -> bool:
        """Walk the body there, as by the ways that it could type."""
        body = self._command.caller
        return getattr(body, "location", None) is not None and walking.walk(body, room)

    def engine_help(self) -> Mapping[str, str]:
        """The engine's own commands in reach, with their docstrings."""
        found: dict[str, str] = {}
        for command in self._command.cmdset or ():
            ours = isinstance(command, VerbCommand | NoMatch | MultiMatch) or command.key.startswith("__")
            if (
                not ours
                and command.auto_help
                and command.help_category != "exits"
                and command.access(self._command.caller, "cmd")
            ):
                found[command.key.lower()] = cleandoc(command.__doc__ or "It has no help.")
        return found


def _category(key: str) -> str:
    return screen.PLAIN_CATEGORY if key == screen.PLAIN_KEY else live.CATEGORY


def caller_of(command: Command) -> Caller:
    """The caller behind a command of the engine."""
    session, account = command.session, command.account
    body = command.caller if getattr(command.caller, "location", None) is not None else None
    web = bool(session) and screen.profile_of(session).protocol == "web"
    return Caller(
        actor=actor_of(command.caller),
        via="web" if web else "telnet",
        room=places.key_of(body.location) if body else "",
        plain=screen.is_plain(session) if session else False,
        width=screen.width_of(session) - 1 if session else screen.DEFAULT_WIDTH,
        client=AccountClient(command) if account else None,
    )


def perform(command: Command, name: str, argument: str) -> None:
    """Run a verb for whoever typed it and show the answer."""
    target = command.session or command.caller
    house = houses.current()
    if command.session is None:
        reply = verbs.refusal(
            NotAllowed(
                "Nobody typed that. A body that is forced can only do what a body does.", next="help permissions"
            )
        )
    elif house is None:
        reply = verbs.refusal(Unavailable("The world is still starting.", next=name))
    else:
        reply = verbs.run(house, caller_of(command), name, argument)
    screen.show(target, reply.lines, kind=_KINDS.get(name, ""))
    if reply.item or reply.asks:
        lines = (reply.asks,) if reply.asks else ()
        offers.make(command.session, Offer(lines, reply.item, answered=bool(command.session.ndb.answering)))
    if reply.waits:
        verbs.later(house, name, reply, deferToThread).addCallback(lambda answer: screen.show(target, answer.lines))


class VerbCommand(Command):
    """One verb, as a command."""

    locks = "cmd:all()"
    arg_regex = r"\s|$"
    auto_help = False
    verb: Verb

    def func(self) -> None:
        """Hand everything after the word to the verb, exactly as typed."""
        perform(self, self.verb.name, self.args)


def commands() -> list[VerbCommand]:
    """A command for each verb."""
    made = []
    for verb in verbs.all_verbs():
        fields = {"key": verb.name, "aliases": list(verb.aliases), "verb": verb, "__doc__": verb.help}
        made.append(type(f"Verb{verb.name.title()}", (VerbCommand,), fields)())
    return made


class NoMatch(Command):
    """What is no command: a choice that was offered, plain words, a unique beginning of a verb; else what is near."""

    key = CMD_NOMATCH
    locks = "cmd:all()"
    auto_help = False

    def func(self) -> None:
        """Resolve the line."""
        line, session = self.args.strip(), self.session
        word, _, rest = line.partition(" ")
        lines = offers.standing(session).lines
        if lines and not rest and word in (numbers := [str(n) for n, _ in enumerate(lines, 1)]):
            return typed(self, lines[numbers.index(word)], answering=True)
        try:
            if len(self.args) > LONGEST:
                raise BadInput(f"That line has {len(self.args)} characters; at most {LONGEST} are read.")
            meant = plainly.understood(self, line)
            if not isinstance(meant, Guess):
                return plainly.carried_out(self, line, meant)
            found = verbs.begun(word.lstrip("@&/+"), rest)
        except verbs.Ambiguous as ambiguous:
            offers.make(session, Offer(tuple(f"{name} {rest}".strip() for name in ambiguous.choices)))
            return screen.show(session or self.caller, verbs.refusal(ambiguous).lines)
        except NotFound:
            return plainly.carried_out(self, line, meant)
        except TimmyError as error:
            return screen.show(session or self.caller, verbs.refusal(error).lines)
        return perform(self, found.name, rest)


class MultiMatch(Command):
    """Several commands with one name: numbered, each with where it comes from."""

    key = CMD_MULTIMATCH
    locks = "cmd:all()"
    auto_help = False

    def func(self) -> None:
        """List them in the form the engine's parser reads back (`name-1`), but for what decides or rules."""
        lines = [screen.paint("bad", "That could mean several things.")]
        for number, match in enumerate(self.matches[:CHOICES], 1):
            if _rules(match[2]):
                continue
            name, origin = visible(match[0]), visible(shorten(str(getattr(match[2], "obj", "") or ""), 40))
            lines.append(f" {number} {screen.paint('key', f'{name}-{number}')} {origin}".rstrip())
        screen.show(self.session or self.caller, lines)


def _rules(command: Command) -> bool:
    """Whether a command decides, builds or rules."""
    if isinstance(command, VerbCommand):
        return command.verb.name not in verbs.suggested()
    grant = grant_of(type(command))
    return not command.is_exit and grant is not None and grant.rank >= Rank.BUILDER
