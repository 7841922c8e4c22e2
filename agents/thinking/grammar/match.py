"""The grammar: forms of utterances, and how well some tokens fit one. Pure.

A form is a row of elements that come in this order, with a few other words between them: `what|which @work are|is`.
`a|b` is either; `@name` any word of a class; `[x]` may be missing; `^` holds the next element to the beginning, `$` the
last to the end. Owns the fitting. Refuses to hold forms: those are data, in `intents`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agents.thinking.grammar.tokens import Tokens, listing

GAP = 3
"""So many other words may stand between two elements."""
FUNCTION_WORDS = frozenset(
    listing(
        "a an the is are am was were be been do does did have has had i me my you your to of in on at it this that "
        "there here so and or for with by from please just now then ok okay well oh ah some any will would can "
        "could tell say know about again also too really actually still yet ever exactly currently us we our 's if "
        "not let hello as all no yes want"
    )
)
"""Words that say little by themselves."""
SILENT = FUNCTION_WORDS | {"what", "who", "whose", "where", "when", "why", "how", "which"}
"""Words that may stand there unread."""
LIGHT, HEAVY, SLOT_WEIGHT, UNREAD = 0.45, 1.0, 1.2, 0.35
"""What an element that is there counts for, and what each telling word counts against that no element took up."""


def weight(word: str) -> float:
    """What a word counts for where an element took it up."""
    return SLOT_WEIGHT if word[0] == "<" else LIGHT if word in FUNCTION_WORDS else HEAVY


@dataclass(frozen=True)
class Element:
    """One place of a form, and the words that fill it."""

    words: frozenset[str]
    optional: bool = False


@dataclass(frozen=True)
class Form:
    """One way to say what an intent means."""

    intent: str
    elements: tuple[Element, ...]
    first: bool
    last: bool
    needs: tuple[int, ...]
    """For each element that must be there, the words that fill it, as bits."""


class Grammar:
    """The forms of some intents, ready to be matched."""

    def __init__(self, intents: Mapping[str, str], classes: Mapping[str, str]) -> None:
        """`intents`: a form a line, by the name of the intent; `classes`: words by the name of the class."""
        self._classes = {name: frozenset(words.split()) for name, words in classes.items()}
        self._bits: dict[str, int] = {}
        self.forms = [
            self._form(name, line.strip())
            for name, lines in intents.items()
            for line in lines.splitlines()
            if line.strip()
        ]
        self._intents: dict[str, set[str]] = {}
        """The intents whose forms know a word."""
        for form in self.forms:
            for element in form.elements:
                for word in element.words:
                    self._intents.setdefault(word, set()).add(form.intent)

    @property
    def words(self) -> Iterable[str]:
        """Every word that a form knows."""
        return (word for word in self._bits if word[0] != "<")

    def likely(self, tokens: Tokens, least: float = 0.5) -> list[tuple[float, str]]:
        """The intent whose forms know most of the telling words, in whatever order these stand, if they know enough of
        them; a word that many intents know says little. None where a word is known to no form.
        """
        telling = {token for token in tokens if token not in SILENT}
        if not telling or any(token not in self._intents for token in telling):
            return []
        shares: dict[str, float] = {}
        for token in telling:
            for intent in self._intents[token]:
                shares[intent] = shares.get(intent, 0.0) + 1 / len(self._intents[token])
        best = max(shares, key=lambda intent: shares[intent])
        share = shares[best] / len(telling)
        return [(share, best)] if share >= least else []

    def _form(self, intent: str, line: str) -> Form:
        body = line.removeprefix("^").removesuffix("$").split()
        elements = tuple(self._element(one) for one in body)
        needs = tuple(self._mask(one.words) for one in elements if not one.optional)
        return Form(intent, elements, line.startswith("^"), line.endswith("$"), needs)

    def _element(self, text: str) -> Element:
        optional = text.startswith("[")
        words: set[str] = set()
        for one in text.strip("[]").split("|"):
            words |= self._classes[one[1:]] if one.startswith("@") else {one}
        return Element(frozenset(words), optional)

    def _mask(self, words: Iterable[str]) -> int:
        mask = 0
        for word in words:
            mask |= 1 << self._bits.setdefault(word, len(self._bits))
        return mask

    def best(self, tokens: Tokens, least: float = 0.4) -> list[tuple[float, str]]:
        """The intents that fit, the best first, each with how well it does; those below `least` are left out."""
        have = 0
        for token in tokens:
            if (bit := self._bits.get(token)) is not None:
                have |= 1 << bit
        telling = sum(token not in SILENT for token in tokens)
        found: dict[str, float] = {}
        for form in self.forms:
            for need in form.needs:
                if not need & have:
                    break
            else:
                score = _score(form, tokens, telling)
                if score is not None and score >= least and score > found.get(form.intent, -1.0):
                    found[form.intent] = score
        return sorted(((score, name) for name, score in found.items()), key=lambda pair: -pair[0])


def _score(form: Form, tokens: Tokens, telling: int) -> float | None:
    fit = _fit(form, tokens, 0, 0)
    return None if fit is None else fit[0] - UNREAD * (telling - fit[1])


def _fit(form: Form, tokens: Tokens, element: int, at: int) -> tuple[float, int] | None:
    """How much the elements from here on count for, and how many telling words they take up; None where they do not
    fit.
    """
    if element == len(form.elements):
        return None if form.last and at < len(tokens) else (0.0, 0)
    one = form.elements[element]
    if element:
        reach = at + GAP + 1
    elif form.first:
        reach = at + 1
    else:
        reach = len(tokens)
    best: tuple[float, int] | None = None
    for place in range(at, min(reach, len(tokens))):
        if tokens[place] in one.words and (rest := _fit(form, tokens, element + 1, place + 1)) is not None:
            found = (rest[0] + weight(tokens[place]), rest[1] + (tokens[place] not in SILENT))
            if best is None or found > best:
                best = found
    if one.optional and (rest := _fit(form, tokens, element + 1, at)) is not None and (best is None or rest > best):
        best = rest
    return best
