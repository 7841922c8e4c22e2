"""Verdicts in plain words: which verb they mean, upon which numbers, with what reason. Pure.

Owns the words. Refuses to decide, and to read numbers out of what names something else besides: what is not read whole
is no verdict.
"""

from __future__ import annotations

import re

from commands.intents.intent import Verdict
from commands.intents.scene import plain
from commands.intents.vocabulary import each, words_of

OWN = {
    "ok": "ok",
    "approve": "ok",
    "no": "no",
    "veto": "no",
    "later": "later",
    "assign": "assign",
    "pause": "pause",
    "resume": "resume",
    "retry": "retry",
    "reopen": "reopen",
    "backlog": "backlog",
    "read": "read",
    "edit": "edit",
    "prioritise": "prioritise",
    "prioritize": "prioritise",
}
"""Verbs of this world that take numbers, by every name."""
ALIKE = each(
    {
        "accept | authorise | authorize | allow | grant | permit | pass | sign off | sign off on | sign": "ok",
        "greenlight | green-light | green light | say yes to": "ok",
        "reject | deny | refuse | decline | disapprove | dismiss | forbid | disallow": "no",
        "turn down | block | say no to": "no",
        "postpone | defer | snooze | delay | put off": "later",
        "give | hand": "assign",
        "delete | remove | cancel | destroy | kill | scrap | close | withdraw | erase | drop | abort": "remove",
        "get rid of": "remove",
        "stop | halt | suspend | hold": "pause",
        "restart | rerun | redo | try again | repeat": "retry",
        "continue | unpause": "resume",
    }
)
"""Other words for them: what they mean is answered, and done only by the verb itself."""
_APART = re.compile(r"^((?:please |pls )?)(put|turn|sign) (.+?) (off|down)\b(.*)$", re.IGNORECASE)
_LATER = re.compile(r"^(?:ask|remind|tell) me (?:(?:about|of) (.+?) )?later(?: (?:about|of) (.+))?$", re.IGNORECASE)
_WORDS = "|".join(re.escape(word) for word in sorted({*OWN, *ALIKE}, key=lambda word: -len(word)))
_BEGINS = re.compile(
    rf"^(?:(?:i|hereby|please|let's|pls|ok|okay|yes|well|so|then|now|and|just)[ ,]+)*({_WORDS})\b[\s:,]*(.*)$",
    re.IGNORECASE | re.DOTALL,
)
_REASON = re.compile(
    r"\s*(?:=|,? ?\b(?:because|since|as|for the reason that|with reason|reason:?)\b|[:;,](?=\s+[a-z]))\s*", re.I
)
_UNTIL = re.compile(r"\s+(?:until|till)\s+(?!\d).*$", re.IGNORECASE)
_WHOM = re.compile(r"([A-Za-z][\w-]*) to ((?:task |number |#)*\d[\d ,and]*)", re.IGNORECASE)
_TO = re.compile(r"\s+(?:to|for)\s+(?P<whom>[A-Za-z][\w -]*)$", re.I)
_FOR = re.compile(r"\s*\b(?:for|by|until|in)?\s*\b(?P<span>\d+ ?(?:m|min|minutes?|h|hours?|d|days?))\b\s*$", re.I)
_NUMBER = re.compile(r"a?#?\d{1,9}(?:\s*(?:-|\.\.)\s*a?#?\d{1,9})?", re.IGNORECASE)
_BETWEEN = re.compile(r"(\d)\s+(?:to|through|till|until)\s+(?=#?\d)", re.I)
_FILL = words_of(
    "task tasks number numbers no nr item items proposal proposals approval approvals and & the please pls now "
    "request requests , one for me it's"
)
_POINTING = words_of("it that this them one those these")
_OBJECT = words_of("task proposal item request approval last latest first newest survey test build report work")
_ALL = words_of("all everything both")


def verdict(line: str) -> Verdict | None:
    """The verdict that a line gives; None when it gives none, or names more than numbers and what it points to."""
    line = _APART.sub(r"\1\2 \4 \3\5", line.strip())
    if about := _LATER.match(line.rstrip(" .!")):
        line = f"postpone {about[1] or about[2] or 'it'}"
    found = _BEGINS.match(line)
    if found is None:
        return None
    word, rest = " ".join(found[1].lower().split()), found[2].strip()
    verb, typed = OWN.get(word) or ALIKE[word], word in OWN and not line.rstrip().endswith("?")
    what, reason = rest, ""
    if verb == "later":
        what = _UNTIL.sub("", what)
    if verb == "assign":
        if turned := _WHOM.fullmatch(rest.rstrip(" .!?")):
            what, reason = turned[2], turned[1]
        elif "=" in rest:
            what, _, reason = (part.strip() for part in rest.partition("="))
        elif whom := _TO.search(rest.rstrip(" .!?")):
            what, reason = rest[: whom.start()], whom["whom"].strip()
        if not reason:
            return None
    elif cut := _REASON.search(rest):
        what, reason = rest[: cut.start()], rest[cut.end() :].strip()
    if verb == "later" and not reason and (span := _FOR.search(what)) and _NUMBER.search(what[: span.start()]):
        what, reason = what[: span.start()], span["span"].replace(" ", "")
    refs, pointing, every = _named(what)
    if refs is None or not (refs or pointing or every) or (every and verb == "remove"):
        return None
    return Verdict(verb, refs, reason.rstrip(" .!") if verb == "assign" else reason, typed, pointing, every)


def _named(what: str) -> tuple[tuple[str, ...] | None, bool, bool]:
    """The numbers that `what` names, whether it points, whether it means all; None where it names anything else."""
    text = _BETWEEN.sub(r"\1-", plain(what).replace(",", " , "))
    refs = tuple(dict.fromkeys(one.replace(" ", "").replace("#", "") for one in _NUMBER.findall(text)))
    left = [word for word in _NUMBER.sub(" ", text).split() if word not in _FILL or (word == "one" and not refs)]
    if refs:
        return (refs, False, False) if not [w for w in left if w not in ("of", "with")] else (None, False, False)
    words = set(text.split())
    if words & _ALL and not [w for w in left if w not in _ALL | _POINTING | {"of", "waiting", "pending"}]:
        return (), False, True
    if left and not [w for w in left if w not in _POINTING | _OBJECT]:
        return (), True, False
    return ((), True, False) if words and not left and words & _OBJECT else (None, False, False)
