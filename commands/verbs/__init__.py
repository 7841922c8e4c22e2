"""The verbs: one function a verb, many surfaces (game, command line, web).

Owns the finding of verbs and the one way to run a verb. A verb is a function in a file of this
folder, found by itself. Refuses surfaces of its own: a verb gets plain values and yields
lines and data, and never touches a session.
"""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.defer import Deferred

from agents.events.reading import elsewhere
from agents.governance.rules import Actor
from agents.kernel import parts
from agents.kernel.errors import BadInput, NotAllowed, NotFound, TimmyError, unwritable
from agents.kernel.problem import Problem
from agents.kernel.text import shorten, visible
from commands.grammar import LONGEST
from world.screen import paint

if TYPE_CHECKING:
    from agents.house.house import House

log = logging.getLogger(__name__)
_DECLARED = "_timmy_verb"
"""Attribute of a function that is a verb."""


class Client(Protocol):
    """What a verb may ask of the connection that typed it, where there is one that lasts."""

    def get(self, key: str) -> Any:
        """What the connection (`commands.connection`) or else the account remembers under `key`, or None."""
        ...

    def set(self, key: str, value: Any) -> None:
        """Have it remember a plain value."""
        ...

    def shown(self) -> list[list[str]]:
        """Blocks shown before on this connection, oldest first."""
        ...

    def closed(self, room: str) -> Mapping[str, str]:
        """The ways out of a room that this person may not pass now, by name, with the reason."""
        ...

    def walk(self, room: str) -> bool:
        """Walk to a room by open ways; whether the person stands there now."""
        ...

    def engine_help(self) -> Mapping[str, str]:
        """Help texts of the engine's own commands that this person may use, by name."""
        ...


@dataclass(frozen=True)
class Caller:
    """Who runs a verb, by which path (telnet, web, cli…), from which room, on what screen."""

    actor: Actor
    via: str
    room: str = ""
    plain: bool = False
    width: int = 78
    client: Client | None = None
    channel: str = "ask"
    """What kind of talk it is when an agent is spoken to: `ask`, or `chat` where one line follows the other."""
    hears: Callable[[dict[str, Any]], None] | None = None
    """Is told of an agent's answer as it comes, where the surface shows it so: its number, then part by part."""


@dataclass
class Reply:
    """What a verb answers: lines for people, `data` for programs (JSON types only), an exit code."""

    lines: list[str] = field(default_factory=list)
    data: Any = None
    exit: int = 0
    rest: Callable[[], Reply] | Deferred[Reply] | None = None
    """The answer that comes later; `lines` say meanwhile what is done. A function takes long and only reads tables: it
    may be called in a thread of its own (`agents.events.reading.elsewhere`). A Deferred fires on the world's thread,
    with what was asked of another process.
    """
    then: Callable[[Reply], Reply] | None = None
    """What is done with the answer of `rest`, back on the world's thread; its own answer is told instead."""
    item: str = ""
    """The approval that is shown whole, where it is the only one: a `yes` or `no` right after it may decide on it."""
    asks: str = ""
    """The line that a `yes` right after it types, where it asks for one."""

    @property
    def waits(self) -> bool:
        """Whether the answer itself is still to come, by `later`."""
        return self.rest is not None


@dataclass(frozen=True)
class Verb:
    """A verb and its documentation. `exact` ones (verdicts) are never matched by prefix; what one that `reads`
    answers may be chosen by a thing and shown to whoever looks at it, for none of its forms changes anything; what one
    of the `owner` does nobody else may, by rules of its own, so that help does not offer it; `group` is the name of the
    file it stands in, under which help lists it.
    """

    name: str
    aliases: tuple[str, ...]
    syntax: tuple[str, ...]
    help: str
    examples: tuple[str, ...]
    exact: bool
    reads: bool
    owner: bool
    see: tuple[str, ...]
    more: str
    group: str
    run: Callable[[House, Caller, str], Reply]

    @property
    def names(self) -> tuple[str, ...]:
        """The name and its aliases."""
        return (self.name, *self.aliases)


class Ambiguous(BadInput):
    """A word that begins several verbs; `choices` are the names that may be chosen by number, in order."""

    def __init__(self, word: str, choices: Sequence[str], strict: bool = False) -> None:
        """`word` as typed, already visible; `strict`: a verb begins so, too, that is typed in full."""
        listed = "; ".join(f"{i} {name}" for i, name in enumerate(choices, 1))
        rest = " Verdicts are always typed in full." if strict else ""
        super().__init__(f"'{word}' could be: {listed}.{rest}", next=choices[0])
        self.choices = tuple(choices)


def verb(
    name: str,
    *,
    syntax: str | Sequence[str],
    help: str,
    examples: Sequence[str],
    see: Sequence[str],
    aliases: Sequence[str] = (),
    exact: bool = False,
    reads: bool = False,
    owner: bool = False,
) -> Callable[[Callable[[House, Caller, str], Reply]], Callable[[House, Caller, str], Reply]]:
    """Make a function a verb. Its docstring's later paragraphs are the longer help."""

    def declare(run: Callable[[House, Caller, str], Reply]) -> Callable[[House, Caller, str], Reply]:
        forms = (syntax,) if isinstance(syntax, str) else tuple(syntax)
        more = " ".join((run.__doc__ or "").partition("\n\n")[2].split())
        group = run.__module__.rpartition(".")[2].capitalize()
        run.__dict__[_DECLARED] = Verb(
            name, tuple(aliases), forms, help, tuple(examples), exact, reads, owner, tuple(see), more, group, run
        )
        return run

    return declare


@lru_cache(maxsize=1)
def discover() -> tuple[Mapping[str, Verb], list[Problem]]:
    """Every name and alias with its verb, and what is wrong with the files that are left out."""
    return parts.load("verb", __name__, __path__, _held)


def _held(module: ModuleType) -> Iterator[tuple[str, Verb]]:
    declared = [getattr(made, _DECLARED, None) for made in vars(module).values()]
    verbs = [made for made in declared if isinstance(made, Verb) and made.run.__module__ == module.__name__]
    if not verbs:
        raise TypeError("it has no function under @verb(…)")
    for made in verbs:
        yield from ((name, made) for name in made.names)


def names() -> Mapping[str, Verb]:
    """Every name and alias with its verb."""
    return discover()[0]


def all_verbs() -> list[Verb]:
    """The verbs by name, each once."""
    return sorted({verb.name: verb for verb in names().values()}.values(), key=lambda v: (v.group, v.name))


ACTING = frozenset(
    [
        "task",
        "ask",
        "watch",
        "unwatch",
        "feed",
        "history",
        "messages",
        "hush",
        "plain",
        "thoughts",
        "session",
        "note",
        "reply",
    ]
)
"""Verbs that do not only read, and may be suggested all the same: none of them decides, spends or rules."""


def suggested() -> frozenset[str]:
    """The verbs that may be named to somebody who typed something else."""
    return frozenset(one.name for one in all_verbs() if one.name in ACTING or (one.reads and not one.exact))


def begun(word: str, rest: str = "") -> Verb:
    """The verb called `word`, or the only one that begins with it; `rest` is what stands behind it: no sentence stands
    behind the beginning of a verb that acts.

    Raises Ambiguous with numbered choices, BadInput for a part of a verdict, NotFound.
    """
    known = names()
    word = word.strip().lower()
    if word in known:
        return known[word]
    begins = sorted({v.name for name, v in known.items() if word and name.startswith(word)})
    shown = visible(shorten(word, 40))
    if len(rest.split()) > MOST_WORDS and "=" not in rest:
        begins = [name for name in begins if known[name].reads]
    loose = [name for name in begins if not known[name].exact]
    strict = len(begins) - len(loose)
    if loose and (strict or len(loose) > 1):
        raise Ambiguous(shown, loose, bool(strict))
    if strict:
        raise BadInput(f"'{shown}' is not enough: verdicts are always typed in full.", next="help verdicts")
    if loose:
        return known[loose[0]]
    raise NotFound(f"There is no '{shown}'.", next="help")


MOST_WORDS = 4
"""Words behind the beginning of a verb that acts."""


def find(word: str) -> Verb:
    """The verb called `word`, or the only one that begins with it.

    Raises NotFound with the nearest of those that may be suggested, or BadInput with numbered choices.
    """
    try:
        return begun(word)
    except NotFound as error:
        near = difflib.get_close_matches(word.strip().lower(), sorted(suggested()), n=3, cutoff=0.6)
        if not near:
            raise
        raise NotFound(f"{error.message} Near it: {', '.join(near)}.", next=near[0]) from None


def why_not_shown(line: str) -> str:
    """Why a thing may not show what `line`, a verb and its argument, answers; '' when it may."""
    word = line.partition(" ")[0]
    found = names().get(word)
    if found is not None and found.reads:
        return ""
    reading = ", ".join(sorted(one.name for one in all_verbs() if one.reads))
    return f"'{visible(shorten(word, 40))}' is not a verb that only reads. Those that do: {reading}"


def run(house: House, caller: Caller, name: str, argument: str = "") -> Reply:
    """Run the verb `name` (a full name, alias or unique prefix) for `caller`."""

    def performed() -> Reply:
        if len(argument) > LONGEST:
            raise BadInput(f"That line has {len(argument)} characters; the most that can be read is {LONGEST}.")
        found = find(name)
        if caller.actor.looks and not found.reads:
            raise NotAllowed(
                f"'{found.name}' cannot be shown by looking: it may change something.", next=f"help {found.name}"
            )
        return found.run(house, caller, argument.strip())

    return guarded(house, name, performed)


def later(house: House, name: str, reply: Reply, away: Callable[..., Any]) -> Any:
    """What `reply.rest` answers once it has come, or `away` (which calls in another thread) has done it: a Deferred."""

    def back(answer: Reply) -> Reply:
        return guarded(house, name, lambda: reply.then(answer)) if reply.then and not answer.exit else answer

    answered = reply.rest if isinstance(reply.rest, Deferred) else away(elsewhere, reply.rest)
    answered.addErrback(lambda failure: guarded(house, name, failure.raiseException))
    return answered.addCallback(back)


def guarded(house: House, name: str, work: Callable[[], Reply]) -> Reply:
    """What `work`, done for the verb `name`, answers.

    Errors of the project's tree become replies; anything else is a fault of ours: it is
    logged, captured for repair, and answered plainly.
    """
    try:
        return work()
    except TimmyError as error:
        return refusal(error)
    except Exception as error:  # the boundary to people: nobody gets a traceback, we get it whole
        if (why := unwritable(error)) is not None:
            log.warning("verb %s was refused: %s", name, why)
            return refusal(why)
        log.exception("verb %s failed", name)
        bugs = getattr(house, "bugs", None)
        if bugs is not None:
            bugs.capture(error, where=f"verb {name}")
        return Reply(
            [paint("bad", f"'{name}' failed because of a fault in the world itself, which has been recorded.")],
            {"error": "internal"},
            1,
        )


def refusal(error: TimmyError) -> Reply:
    """An error as three things: what failed, the nearest right form, one next command."""
    lines = [paint("bad", visible(error.message))]
    if error.next:
        lines.append(f"Try: {paint('key', visible(error.next))}")
    return Reply(
        lines,
        {"error": type(error).__name__, "message": error.message, "next": error.next},
        error.exit_code,
    )
