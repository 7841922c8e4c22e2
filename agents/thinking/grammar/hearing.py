"""What is asked: the words of somebody, with the names and spans in them found, and the intents that fit. Pure.

Owns the finding of names (agents, rooms, things, tasks) in tokens, and one reading of each clause. Refuses to read
records and to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from agents.thinking.grammar import spans
from agents.thinking.grammar.intents import CLASSES, COMMON, INTENTS, KINDS_SAID
from agents.thinking.grammar.match import FUNCTION_WORDS, SILENT, Grammar
from agents.thinking.grammar.tokens import Tokens, Vocabulary, clauses

GRAMMAR = Grammar(INTENTS, CLASSES)
Name = tuple[str, str]
"""What sort of thing it is (agent, room, thing), and its key."""
Strangers = Callable[[Collection[str]], Mapping[str, str]]
"""Tells of words that mean nothing to the grammar what they name by the records: `subject` (of a task) or `person`."""
LONGEST_NAME = 4
_NUMBERED = frozenset(("task", "tasks", "item", "number", "job", "no", "#"))
_INNER = frozenset(("the", "a", "an"))


@dataclass(frozen=True)
class Asked:
    """One clause: the intents that fit, the best first, and what is named. `agent` is another than the one asked."""

    tokens: Tokens
    intents: tuple[tuple[float, str], ...]
    agent: str = ""
    agents: tuple[str, ...] = ()
    room: str = ""
    thing: str = ""
    person: str = ""
    tasks: tuple[int, ...] = ()
    subjects: tuple[str, ...] = ()
    """What tasks are of, by the words that name it: `relay`."""
    span: str = ""
    paths: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()
    """Words as they were written, where they were taken for errors: they may be names that only records know."""
    kinds: frozenset[str] = frozenset()
    """Kinds of task that are spoken of."""
    called: bool = False
    """Whether the one asked is named in it."""

    @property
    def intent(self) -> str:
        """The best, '' where none fits."""
        return self.intents[0][1] if self.intents else ""

    @property
    def content(self) -> tuple[str, ...]:
        """The words that say something by themselves."""
        return tuple(
            token
            for token in (*self.meant, *self.tokens)
            if token not in FUNCTION_WORDS and len(token) > 2 and token[0] != "<"
        )


@dataclass(frozen=True)
class Lexicon:
    """The names of one world at one time, by their tokens, and the words known besides."""

    names: Mapping[Tokens, Name]
    vocabulary: Vocabulary = field(repr=False)


@lru_cache(maxsize=1)
def _telling() -> frozenset[str]:
    """The words that mean something in any world."""
    said = (word for words, _ in spans._PHRASES for word in words)
    return frozenset((*GRAMMAR.words, *said, *spans.DAYS, "minute", "hour", "days"))


@lru_cache(maxsize=1)
def _basis() -> Vocabulary:
    """The words that are known in any world, in one order: of two that are as near, the first is meant."""
    return Vocabulary(sorted(_telling()), (*COMMON.split(), *FUNCTION_WORDS))


def lexicon(named: Iterable[tuple[str, Name]]) -> Lexicon:
    """Of (name, what it is): each is found by all of its words, without an article; the first with a name keeps it."""
    names: dict[Tokens, Name] = {}
    for text, name in named:
        tokens = tuple(text.lower().replace("'s", "").split())
        tokens = tokens[1:] if tokens[:1] == ("the",) else tokens
        for form in {tokens, tuple(" ".join(tokens).replace("-", " ").split())}:
            if form:
                names.setdefault(form, name)
    return Lexicon(names, Vocabulary((word for form in names for word in form), beside=_basis()))


def nobody(words: Collection[str]) -> Mapping[str, str]:
    """No stranger is known."""
    return {}


def heard(words: str, me: str, known: Lexicon, strangers: Strangers = nobody) -> list[Asked]:
    """What the agent `me` is asked, a clause each."""
    found = [_one(tokens, me, known, strangers) for tokens in clauses(words)]
    asked = [one for one in found if one is not None]
    return [one for one in asked if one.tokens] or asked[:1]


def _one(tokens: Tokens, me: str, known: Lexicon, strangers: Strangers) -> Asked | None:
    strange = [token for token in tokens if _strange(token, known)]
    met = strangers(strange) if strange else {}
    mended = tuple(token if token in met else known.vocabulary.mended(token) for token in tokens)
    plain, span = spans.found(mended)
    read: list[str] = []
    slots: dict[str, list[str]] = {sort: [] for sort in ("agent", "room", "thing", "task", "path", "subject", "person")}
    called = False
    at = 0
    while at < len(plain):
        length, name = _named(plain, at, known.names)
        if name == ("agent", me):
            called = True
            if read and not _vocative(plain, at + length):
                read.append("you")
            at += length
        elif length:
            slots[name[0]].append(name[1])
            _into(read, f"<{name[0]}>")
            at += length
        elif (number := _task(plain, at)) is not None:
            slots["task"].append(number[1])
            _into(read, "<task>")
            at += number[0]
        elif plain[at] in met:
            slots[met[plain[at]]].append(plain[at])
            _into(read, _SLOTS[met[plain[at]]])
            at += 1
        elif plain[at][0] in "~/" and len(plain[at]) > 1:
            slots["path"].append(plain[at])
            read.append("<path>")
            at += 1
        else:
            read.append(plain[at])
            at += 1
    if not read and not called:
        return None
    done = _joined(read) if slots["subject"] else tuple(read)
    others = tuple(dict.fromkeys(slots["agent"]))
    return Asked(
        done,
        tuple(GRAMMAR.best(done) or GRAMMAR.likely(done)),
        others[0] if others else "",
        others,
        next(iter(slots["room"]), ""),
        next(iter(slots["thing"]), ""),
        next(iter(slots["person"]), ""),
        tuple(dict.fromkeys(map(int, slots["task"]))),
        tuple(dict.fromkeys(slots["subject"])),
        span,
        tuple(slots["path"]),
        tuple(one for one, other in zip(tokens, mended, strict=True) if one != other),
        frozenset(KINDS_SAID[token] for token in plain if token in KINDS_SAID),
        called,
    )


_SLOTS = {"subject": "<task>", "person": "<person>"}


def _strange(token: str, known: Lexicon) -> bool:
    if len(token) < 3 or token[0] in "~/#<" or token.isdigit() or token in SILENT:
        return False
    return token not in _telling() and not known.vocabulary.telling(token)


def _joined(read: list[str]) -> Tokens:
    """With `the tests of <task>` and `<task> tests` as one: a kind of task beside its subject says no more."""
    found: list[str] = []
    for at, word in enumerate(read):
        if word in KINDS_SAID and read[at + 1 : at + 2] and read[at + 1] in _OF and read[at + 2 : at + 3] == ["<task>"]:
            continue
        if word in _OF and read[at + 1 : at + 2] == ["<task>"] and at and read[at - 1] in KINDS_SAID:
            continue
        if found[-1:] == ["<task>"] and (word in KINDS_SAID or word in _CALLED):
            continue
        _into(found, word) if word == "<task>" else found.append(word)
    return tuple(found)


_OF = frozenset(("of", "on", "in", "for"))
_CALLED = frozenset(("project", "folder", "repository", "repo", "task", "job", "room", "thing"))
"""What the subject of a task is called beside its name."""


def _into(read: list[str], slot: str) -> None:
    """Add a slot, and drop the article before it."""
    if read and read[-1] in _INNER:
        read.pop()
    read.append(slot)


def _vocative(tokens: Tokens, after: int) -> bool:
    """Whether a name at the end is only an address: `what is new, timmy`."""
    return (
        after >= len(tokens) and len(tokens) > 2 and tokens[after - 2] not in ("is", "are", "about", "does", "do", "of")
    )


def _named(tokens: Tokens, at: int, names: Mapping[Tokens, Name]) -> tuple[int, Name]:
    for length in range(min(LONGEST_NAME, len(tokens) - at), 0, -1):
        if (name := names.get(tokens[at : at + length])) is not None:
            return length, name
    return 0, ("", "")


def _task(tokens: Tokens, at: int) -> tuple[int, str] | None:
    """(how many tokens, the number) of `task 3`, `#3`, `task number 3`, `task 3/report`."""
    first = tokens[at]
    if first.startswith("#") and first[1:].isdigit():
        return (1, first[1:]) if 0 < len(first) < 11 else None
    if first not in _NUMBERED:
        return None
    for step in (1, 2):
        if at + step >= len(tokens):
            return None
        number = tokens[at + step].partition("/")[0].removeprefix("#")
        if number.isdigit() and len(number) < 10 and int(number):
            return step + 1, number
        if tokens[at + step] not in ("number", "no", "#"):
            return None
    return None
