"""Nicks: words of somebody's own that stand for others on the lines he types.

Owns the one rule: a nick is a plain beginning, with at most one mark (`$1`) behind it for the rest of the line. Nothing
that a person wrote is compiled: the engine makes expressions of nicks, some of which take for ever. Those it kept in
older tables are read by the same rule, or do nothing. Refuses to touch a verdict: what is typed in full is neither made
of a nick nor by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from evennia.typeclasses.attributes import NickHandler
from evennia.utils.utils import lazy_property, make_iter

from agents.kernel.errors import BadInput, Conflict
from agents.kernel.text import shorten, visible

MARK = "$1"
EXAMPLE = f"nick greet {MARK} = say Hello, {MARK}!"
MOST = 50
"""Nicks that one account, or one body, may have; more than that of an older table are not looked at."""
LONGEST, LONGEST_FOR = 60, 500
LETS_IN = ("guest", "show", "hide")
LINES = ("inputline", "channel")
"""Categories that change lines; the others stand for names of things and people."""
_OF_CHANNEL = re.compile(r"(.{1,200}?)\\s\*\?\|\1\\s\+\?\(\?P<arg1>\.\+\?\)", re.DOTALL)
"""How the engine wrote what a channel is called by."""
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Nick:
    """What is typed, whether the rest of the line goes along, and what it stands for."""

    words: str
    rest: bool
    stands_for: str

    def of(self, line: str) -> str | None:
        """The line that is meant; None when the line does not begin with this nick."""
        typed, after = line[: len(self.words)], line[len(self.words) :]
        if typed.casefold() != self.words.casefold() or (after and not (self.rest and after[0].isspace())):
            return None
        return self.stands_for.replace(MARK, after.strip()) if self.rest else self.stands_for


def read(typed: Any, stands_for: Any) -> Nick:
    """A nick as it is written; raises BadInput, which says what is wrong with it."""
    typed, stands_for = " ".join(str(typed).split()), str(stands_for).strip()
    if old := _OF_CHANNEL.fullmatch(typed):
        typed = _ESCAPED.sub(r"\1", old[1]) + f" {MARK}"
    words, marked, behind = typed.partition(f" {MARK}")
    if not words or behind or "$" in words:
        raise BadInput(
            f"A nick is a word or a few, and at most one {MARK} at the end for the rest of the line.", next=EXAMPLE
        )
    if len(words) > LONGEST or len(stands_for) > LONGEST_FOR:
        raise BadInput(f"A nick can have up to {LONGEST} characters, and what it stands for up to {LONGEST_FOR}.")
    if not stands_for or (marked and stands_for.count(MARK) != 1):
        raise BadInput(
            f"What a nick with {MARK} stands for has {MARK} in it, once."
            if marked
            else "Say what it should stand for.",
            next=EXAMPLE,
        )
    return Nick(words, bool(marked), stands_for)


def decides(line: str) -> bool:
    """Whether a line begins with a verb that is never guessed, or lets others in: it is typed by whoever means it."""
    from commands import verbs

    first = _LETTERS.search(line[:200])
    verb = verbs.names().get(first[0].lower()) if first else None
    return verb is not None and (verb.exact or verb.name in LETS_IN)


def replaced(line: str, nicks: Iterable[Nick], kept: Callable[[str], bool] = decides) -> str:
    """The line that the first nick that fits makes of `line`; `kept` lines are made neither into others
    nor of others.
    """
    typed = line.strip()
    if kept(typed):
        return line
    meant = next((made for nick in nicks if (made := nick.of(typed)) is not None), line)
    return line if kept(meant) else meant


class Nicks(NickHandler):  # type: ignore[misc]
    """The engine's handler of nicks, with our rule in the place of its expressions."""

    def add(
        self, pattern: str, replacement: str, category: str = "inputline", pattern_is_regex: bool = False, **kwargs: Any
    ) -> None:
        """Keep one. Raises BadInput for what is no nick of ours or would be a verdict, Conflict when there are too
        many.
        """
        nick = read(pattern, replacement)
        if category in LINES and (decides(nick.words) or decides(nick.stands_for)):
            raise BadInput(
                "Verdicts must be typed in full: a nick cannot be one, nor stand for one.", next="help verdicts"
            )
        if not self.has(pattern, category=category) and len(self.all()) >= MOST:
            raise Conflict(f"You have {MOST} nicks, which is the most that are kept.", next="nicks")
        # The engine and its pages read four values; the first two were its expression and its form.
        super(NickHandler, self).add(pattern, ("", "", pattern, replacement), category=category, **kwargs)

    def kept(self, categories: Iterable[str]) -> list[tuple[str, str, str]]:
        """(category, what is typed, what it stands for) of each, as they are written, also of those that do nothing."""
        found = []
        for category in categories:
            for one in islice(
                (nick for nick in make_iter(self.get(category=category, return_obj=True)) if nick), 2 * MOST
            ):
                if isinstance(one.value, (list, tuple)) and len(one.value) == 4:
                    found.append((category, str(one.value[2]), str(one.value[3])))
        return found

    def nickreplace(self, raw_string: str, categories: Any = LINES, include_account: bool = True) -> str:
        """The line or name that is meant by `raw_string`."""
        sorts = make_iter(categories)
        written = self.kept(sorts)
        if include_account and getattr(self.obj, "has_account", False) and self.obj.account:
            written += self.obj.account.nicks.kept(sorts)
        of_lines = any(sort in LINES for sort in sorts)
        return replaced(raw_string, _readable(written), decides if of_lines else lambda line: False)


def _readable(written: Iterable[tuple[str, str, str]]) -> Iterable[Nick]:
    for _, typed, stands_for in written:
        try:
            yield read(typed, stands_for)
        except BadInput:
            continue


def quoted(typed: str, stands_for: str) -> str:
    """A nick in one harmless line."""
    return f"{visible(shorten(typed, LONGEST))} = {visible(shorten(stands_for, LONGEST_FOR))}"


class Nicked:
    """What has nicks has these."""

    @lazy_property
    def nicks(self) -> Nicks:
        """The handler."""
        from evennia.typeclasses.attributes import ModelAttributeBackend

        return Nicks(self, ModelAttributeBackend)
