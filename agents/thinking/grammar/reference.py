"""What "he", "it" and "how come?" refer back to: what was spoken of last. Pure.

Owns which words refer back, and the clause with that put in their place. Refuses to know what was spoken of: whoever
reads the records says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from agents.thinking.grammar.hearing import GRAMMAR, Asked
from agents.thinking.grammar.intents import read
from agents.thinking.grammar.match import SILENT
from agents.thinking.grammar.tokens import Tokens, listing

WELL = 0.9
"""How well a form must fit to be taken as it stands."""


@dataclass(frozen=True)
class Spoken:
    """What was spoken of last; `asked` is the clause that asked for it."""

    agents: tuple[str, ...] = ()
    tasks: tuple[int, ...] = ()
    room: str = ""
    thing: str = ""
    person: str = ""
    asked: Asked | None = None

    @classmethod
    def by(cls, asked: Asked | None, records: Iterable[str], me: str) -> Spoken:
        """What a clause named, and after that what the records are of with which it was answered."""
        found: dict[str, list[str]] = {"agent": [], "task": [], "room": [], "item": []}
        for record in records:
            sort, _, key = record.partition(":")
            if sort in found and key and key not in found[sort] and key != me:
                found[sort].append(key)
        one = asked or Asked((), ())
        return cls(
            one.agents or tuple(found["agent"]),
            one.tasks or tuple(map(int, found["task"])),
            one.room or "".join(found["room"][:1]),
            one.thing or "".join(found["item"][:1]),
            one.person,
            asked,
        )


_SOMEBODY = frozenset(listing("he she him his her hers they them their theirs"))
_SOMETHING = frozenset(listing("it its that this one they them those these"))
_OWN = frozenset(listing("his her hers its their theirs"))
_AND = (
    ("and",),
    ("or",),
    ("but",),
    ("what", "about"),
    ("how", "about"),
    ("and", "what", "about"),
    ("and", "how", "about"),
)
_ADDRESSED = frozenset(listing("you your i me my we us our"))
_SHORT = SILENT | frozenset(listing("come long often times else more again far reason since"))
_AS_THEY_STAND = frozenset((*read("manners"), "why_doing", "place", "doing", "next")) - {"opinion", "feel", "askable"}
"""Intents whose forms have such words of their own, which refer to nothing: `how is it going`."""


def refers(asked: Asked) -> bool:
    """Whether a clause can be understood only by what was spoken of before."""
    if asked.agents or asked.room or asked.thing or asked.tasks or asked.subjects or asked.person or asked.paths:
        return _continues(asked.tokens)
    if _bare(asked) or _continues(asked.tokens):
        return True
    best = asked.intents[0] if asked.intents else (0.0, "")
    if best[0] >= WELL and best[1] in _AS_THEY_STAND:
        return False
    return bool(set(asked.tokens) & (_SOMEBODY | _SOMETHING))


def _bare(asked: Asked) -> bool:
    """`how come`, `why`, `who`: a question word, and nothing that it asks of."""
    return 0 < len(asked.tokens) <= 3 and set(asked.tokens) <= _SHORT - _ADDRESSED and _asks(asked.tokens)


def _asks(tokens: Tokens) -> bool:
    return bool(set(tokens) & {"who", "when", "where", "why", "how"})


def _continues(tokens: Tokens) -> bool:
    """`and the mill`: the same question of something else."""
    return any(tokens[: len(one)] == one and len(tokens) <= len(one) + 3 for one in _AND)


def resolved(asked: Asked, spoken: Spoken) -> Asked:
    """The clause, with what it refers back to; as it was where nothing fits."""
    if _continues(asked.tokens) and spoken.asked is not None:
        return _again(asked, spoken.asked)
    if _bare(asked) and not set(asked.tokens) & (_SOMEBODY | _SOMETHING):
        tokens: Tokens = (*asked.tokens, *_slot(spoken, "where" in asked.tokens))
    else:
        tokens = tuple(word for token in asked.tokens for word in _instead(token, spoken))
    if tokens == asked.tokens:
        return asked
    return replace(
        asked,
        tokens=tokens,
        intents=tuple(GRAMMAR.best(tokens)),
        agent="".join(spoken.agents[:1]) if "<agent>" in tokens else "",
        agents=spoken.agents[:1] if "<agent>" in tokens else (),
        tasks=spoken.tasks[: _many(asked.tokens)] if "<task>" in tokens else (),
        room=spoken.room if "<room>" in tokens else "",
        thing=spoken.thing if "<thing>" in tokens else "",
        person=spoken.person if "<person>" in tokens else "",
    )


def _many(tokens: Collection[str]) -> int:
    return 3 if set(tokens) & {"they", "them", "those", "these"} else 1


def _slot(spoken: Spoken, place: bool) -> Tokens:
    """What a bare question is about; where something is, is asked of somebody or of a thing first."""
    held = (
        ("<task>", spoken.tasks),
        ("<agent>", spoken.agents),
        ("<person>", spoken.person),
        ("<thing>", spoken.thing),
        ("<room>", spoken.room),
    )
    there = [slot for slot, value in held if value]
    return tuple(sorted(there, key=lambda slot: place and slot == "<task>")[:1])


def _instead(token: str, spoken: Spoken) -> Tokens:
    """The slots that stand for a word which refers back; the word itself where nothing fits."""
    slot: Tokens = ()
    if token in _SOMEBODY:
        slot = ("<agent>",) if spoken.agents else ("<person>",) if spoken.person else ()
    if token in _SOMETHING and not slot:
        held = (("<task>", spoken.tasks), ("<thing>", spoken.thing), ("<room>", spoken.room))
        slot = tuple(name for name, value in held if value)[:1]
    return slot or (token,)


def _again(asked: Asked, before: Asked) -> Asked:
    """What was asked before, of what is named now."""
    names = (asked.agents, asked.tasks, asked.subjects, asked.room, asked.thing, asked.person, asked.span, asked.paths)
    if not any(names):
        return asked
    same = replace(
        before,
        agent=asked.agent,
        agents=asked.agents,
        tasks=asked.tasks,
        subjects=asked.subjects,
        room=asked.room,
        thing=asked.thing,
        person=asked.person,
        span=asked.span or before.span,
        paths=asked.paths,
        called=asked.called,
        meant=(),
    )
    if asked.span or _sort(asked) == _sort(before):
        return same
    slot = _sort(asked)
    tokens = tuple(slot if token in ("you", "your", *_PLACES) else token for token in before.tokens)
    return replace(same, tokens=tokens, intents=tuple(GRAMMAR.best(tokens))) if slot else asked


_PLACES = ("<agent>", "<task>", "<room>", "<thing>", "<person>")


def _sort(asked: Asked) -> str:
    """The slot of what is named first."""
    held = (asked.agents, (*asked.tasks, *asked.subjects), asked.room, asked.thing, asked.person)
    return next((slot for slot, value in zip(_PLACES, held, strict=True) if value), "")
