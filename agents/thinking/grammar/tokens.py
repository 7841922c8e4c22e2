"""Somebody's words as plain tokens: small letters, contractions written out, typing errors mended, clauses apart.

Owns the reading of spelling. Refuses to know what the words ask for: that is `match`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from agents.thinking.grammar.intents import read

Tokens = tuple[str, ...]
MOST_TOKENS, MOST_CLAUSES = 60, 4
"""So much of what is said is read."""
_WORD = re.compile(r"[~/\w#](?:[.\-+]*[\w~/])*|['][a-z]+|[?!.;,:=…]")


def listing(text: str) -> Sequence[str]:
    """The words of a list that is written as one text."""
    return text.split()


_NOT = re.compile(r"(?<=\w)n't\b")
_SHORT = {short: meant for meant, written in read("short").items() for short in written.split()}
"""What is written shorter, and what it stands for; apostrophes are gone by then."""
_ENDINGS = {"s": "'s", "re": "are", "ve": "have", "ll": "will", "d": "would", "m": "am"}
_ASKING = frozenset(
    listing(
        "what who whose where when why how which is are was do does did can could will would have has tell show any"
    )
)
"""Words with which a question begins."""
_WH = frozenset(listing("who what where how when why that there here it he she"))
_POLITE = sorted((tuple(line.split()) for line in read("polite")["polite"].splitlines()), key=len, reverse=True)
"""Phrases that only make a question polite, the longest first."""
_LEADS = sorted((tuple(line.split()) for line in read("polite")["leads"].splitlines()), key=len, reverse=True)
"""What may stand before an indirect question: `do you know`, `i wonder`."""
_QUESTION_WORDS = frozenset(listing("what who whose where when why how which if whether"))
_SUBJECTS = frozenset(listing("you i he she it they we this that everyone everybody"))
_AUXILIARIES = frozenset(listing("is are was were am has have had can could will would should did do does"))


def clauses(said: str) -> list[Tokens]:
    """The tokens of each thing that is said: what stands between full stops, and between questions that `and` joins."""
    plain = _NOT.sub("nt", said.lower().replace("’", "'").replace("`", "'"))
    found: list[list[str]] = [[]]
    tokens = _unadorned(_WORD.findall(plain)[:MOST_TOKENS])
    for word, following in pairwise((*tokens, "")):
        joins = word in ("and", "but", "also", ",") and following in _ASKING and found[-1]
        if word in "?!.;…" or (joins and tuple(found[-1]) not in _LEADS):
            found.append([])
        elif word not in ",:=":
            found[-1] += _written_out(word, found[-1][-1] if found[-1] else "")
    return [_direct(tuple(one)) for one in found if one][:MOST_CLAUSES]


def _unadorned(tokens: Sequence[str]) -> Sequence[str]:
    """Without the phrases that only make a question polite, unless nothing else is said."""
    found: list[str] = []
    at = 0
    while at < len(tokens):
        length = next((len(one) for one in _POLITE if tuple(tokens[at : at + len(one)]) == one), 0)
        if not length:
            found.append(tokens[at])
        at += length or 1
    return found if any(word not in ",?!.;:" for word in found) else tokens


def _direct(tokens: Tokens) -> Tokens:
    """A question as it is put directly: `do you know where ezra is` as `where is ezra`."""
    lead = next((len(one) for one in _LEADS if tokens[: len(one)] == one), 0)
    rest = tokens[lead:]
    if not rest or rest[0] not in _QUESTION_WORDS:
        return tokens
    if rest[0] in ("if", "whether"):
        return _inverted(rest[1:], 0) if lead else tokens
    return _inverted(rest, 1) if lead or (rest[1:2] and rest[1] in _SUBJECTS) else tokens


def _inverted(tokens: Tokens, at: int) -> Tokens:
    """With the auxiliary before its subject, which begins at `at`; where there is none, `do` is put there."""
    if len(tokens) <= at or tokens[at] in _AUXILIARIES:
        return tokens
    for place in range(at + 1, min(at + 5, len(tokens))):
        if tokens[place] in _AUXILIARIES:
            verb = tokens[place]
            return (*tokens[:at], verb, *tokens[at:place], *_again(tokens[place:]), *tokens[place + 1 :])
    return (*tokens[:at], "do", *tokens[at:]) if tokens[at] in _SUBJECTS else tokens


def _again(tokens: Tokens) -> Tokens:
    """`did`, standing alone, is the verb as well: `what you did` asks `what did you do`."""
    return ("do",) if tokens[0] in ("did", "do", "does") and tokens[1:2] != ("not",) else ()


def _written_out(word: str, before: str) -> Sequence[str]:
    if word.startswith("'"):
        ending = _ENDINGS.get(word[1:], "")
        return ("is",) if ending == "'s" and before in _WH else (ending,) if ending else ()
    return _SHORT.get(word, word).split()


def distance(one: str, other: str) -> int:
    """Letters put in, left out, mistaken or turned round between two words."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and b == one[i - 2]:
                best = min(best, last[j - 2] + 1)
            row.append(best)
    return row[-1]


def _gaps(word: str, depth: int) -> set[str]:
    """The word with up to `depth` of its letters left out."""
    found = {word}
    for _ in range(depth):
        found |= {one[:at] + one[at + 1 :] for one in found for at in range(len(one))}
    return found


class Vocabulary:
    """The words that are known: those that mean something (`telling`), and those that are merely not to be mistaken
    for one of these (`common`). Mends typing errors by the former.
    """

    def __init__(self, telling: Iterable[str], common: Iterable[str] = (), beside: Vocabulary | None = None) -> None:
        """`beside`: a vocabulary whose words are known before these; its index is shared, not made anew."""
        before = beside._telling if beside else {}
        plain = dict.fromkeys(word for word in telling if len(word) > 3 and word.isalpha() and word not in before)
        self._telling: dict[str, int] = {**before, **{word: place for place, word in enumerate(plain, len(before))}}
        self._known: frozenset[str] = frozenset((*plain, *common)) | (beside._known if beside else frozenset())
        own: dict[str, list[str]] = {}
        for word in plain:
            for gap in _gaps(word, 1):
                own.setdefault(gap, []).append(word)
        self._near: tuple[dict[str, list[str]], ...] = (*(beside._near if beside else ()), own)

    def telling(self, token: str) -> bool:
        """Whether it means something by itself here, as it is written."""
        return token in self._telling

    def mended(self, token: str) -> str:
        """The word that was meant, where one alone is near enough; else the token. Short ones are taken as they are."""
        if len(token) < 4 or token in self._known or not token.isalpha() or len(token) > 20:
            return token
        most = 1 if len(token) < 8 else 2
        near = {
            word: distance(token, word)
            for gap in _gaps(token, 1)
            for index in self._near
            for word in index.get(gap, ())
            if word[0] == token[0] or sorted(word[:2]) == sorted(token[:2]) or len(token) > 5
        }
        letters = sorted(token)
        best = min(near, key=lambda word: (near[word], sorted(word) != letters, self._telling[word]), default=token)
        return best if near.get(best, 0) <= most else token
