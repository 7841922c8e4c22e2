"""Reading a line that is no command: what such a person means. Pure.

Owns the order in which meanings are tried: a signal, a way, a phrase, another word for a word, a gesture, a verdict, an
order, a deed that is not done here, speech, and at last a slip of a known word. Refuses to act, and to guess at a verb
that decides: no slip is ever taken for one.
"""

from __future__ import annotations

import re

from commands.intents import manners, phrasing, steps
from commands.intents.affairs import affair
from commands.intents.intent import Guess, Intent, Line, Signal, Speech, Told
from commands.intents.orders import PATH, addressed, order
from commands.intents.questions import question
from commands.intents.scene import LONGEST, Scene, bare, plain, slip, words_of
from commands.intents.verdicts import verdict
from commands.intents.vocabulary import (
    ABSENT,
    ALONE,
    COMPASS,
    FILLERS,
    GESTURES,
    LIKE,
    OPENERS,
    PHRASES,
    SENTENCES,
    STRIDE,
    TALK,
    WALK,
)

BESIDE = frozenset(["at", "to", "before", "for", "with"])
_STAIRS = re.compile(
    r"(?:(?:climb|take|use|go|walk) )?(?:up |down )?(?:the )?(?:spiral )?(?:stairs?|ladder|steps|staircase)"
)
_ONESELF = re.compile(
    r"^@?(?:describe (?:me|myself)|desc me|title|surname|nickname|lastname|change my (?:name|description|looks)"
    r"|(?:can|may|how do|how can) i (?:change|set|pick|choose) my (?:name|description|looks))\b"
)
ONESELF = (
    "Your name stays as it is. What others see when they look at you is set with setdesc, for example: "
    "setdesc A tall man."
)
UNLISTED = "No numbered list was shown just now, so there is nothing to choose by a number."
_MONEY = ABSENT["trade"][1]


def read(line: str, scene: Scene) -> Intent:
    """What a line means; a `Guess` where nothing is known."""
    if (found := _outright(line.strip()[:LONGEST], scene)) is not None:
        return found
    text = manners.unwrapped(line.strip()[:LONGEST])
    words = plain(text)
    if words in scene.looks:
        return Line((words,))
    if text != line.strip() and words.partition(" ")[0] in scene.commands:
        return Line((text,))
    for meaning in (_signal, _steps, _walked, _phrase, _another, _gesture, _aside, _affair, question, _softened):
        if (found := meaning(text, words, scene)) is not None:
            return found
    if (decided := verdict(text)) is not None:
        return decided
    if (asked := order(text, scene)) is not None:
        return asked
    for meaning in (_absent, _spoken, _prefixed):
        if (found := meaning(text, words, scene)) is not None:
            return found
    return _slip(text, words, scene)


def _outright(text: str, scene: Scene) -> Intent | None:
    """What its very marks say: a face, `*waves*`, `;smiles`, `/w timmy hi`, a line of a shell or of a browser."""
    if manners.smiles(text):
        return Speech(text)
    if done := manners.gesture(text):
        return Line((f"emote {done}",))
    if text[:1] == ";" and len(text) > 2:
        done = text.lstrip("; ")
        first = plain(done).partition(" ")[0]
        looks = first in scene.looks or first in COMPASS
        return read(done, scene) if looks and first not in scene.looks else Line((done if looks else f"emote {done}",))
    if manners.shell(text):
        return Told(SENTENCES["git"])
    if text.isdecimal():
        return Told(UNLISTED)
    marked = manners.marked(text)
    if not marked:
        return None
    if (meant := phrasing.slashed(marked, scene)) is not None:
        return meant
    if plain(marked).partition(" ")[0] in scene.commands:
        return Line((marked,))
    found = read(marked, scene)
    return None if isinstance(found, Guess | Speech) else found


def _affair(text: str, words: str, scene: Scene) -> Intent | None:
    if _ONESELF.match(words):
        return Told(ONESELF)
    if addressed(text, scene)[0]:
        return None
    found = affair(text, words)
    if found == Line(("router",)) and not scene.owner:
        return Line(("sovereignty",))
    return found


def _softened(text: str, words: str, scene: Scene) -> Intent | None:
    """The same, without what is only polite; what is asked of somebody is done only where it shows something."""
    if addressed(text, scene)[0] or PATH.search(text):
        return None
    for form, asked in manners.softer(words):
        if phrasing.SIGNALS.get(form) in ("yes", "no", "what", "why"):
            continue  # "oh no" answers nothing
        for meaning in (_signal, _phrase, _affair) if asked else (_signal, _steps, _sure, _phrase, _affair):
            found = meaning(form, form, scene)
            if found is not None and not (asked and found == Line(("quit",))):
                return found
        first = form.partition(" ")[0]
        if form in ("help", "quit") and not (asked and form == "quit"):
            return Line((form,))
        if first in scene.looks and not (asked and " " in form):
            return Line((form,))
        found = phrasing.shown(form, scene)
        if isinstance(found, Line) and not found.lines[0].startswith("look "):
            return found
        if first in ("what", "who", "where", "how", "which", "why", "when", "is") and (
            told := question(form, form, scene)
        ):
            return told
    return None


def _sure(text: str, words: str, scene: Scene) -> Intent | None:
    """A way or a room that there is."""
    first, _, rest = words.partition(" ")
    if len(words) == 1:
        return None  # "hey u" is no way up
    if words in COMPASS or scene.way(words) or scene.room(words):
        return _walked(text, words, scene)
    return _walked(text, words, scene) if first in WALK | STRIDE and rest and _towards(rest, scene)[1] else None


def _signal(text: str, words: str, scene: Scene) -> Intent | None:
    name = phrasing.SIGNALS.get(words) or phrasing.SIGNALS.get(words.removesuffix(" please").removesuffix(" now"))
    if name is None and re.match(r"(?:stop|halt|freeze|suspend)\b", words) and scene.agent(words.partition(" ")[2]):
        name = "stop"
    if name is None and scene.agent(words.rpartition(" ")[2]):
        named = phrasing.SIGNALS.get(words.rpartition(" ")[0].rstrip(" ,"))
        name = named if named in ("stop", "hush") else None
    if name is None and text.strip() in ("??", "?!", "???"):
        name = "what"
    return Signal(name) if name else None


def _walked(text: str, words: str, scene: Scene) -> Intent | None:
    """A direction, a way of the room or a room's name, with a word for walking before it or without."""
    if (direction := COMPASS.get(words) or COMPASS.get(words.removesuffix(" please"))) is not None:
        return Line((f"go {direction}",))
    if asked := re.match(r"(?:please )?(?:take|bring|lead|walk) me |i want to go |i go |let'?s go ", words):
        to, sure = _towards(words[asked.end() :], scene)
        known = PHRASES.get(words[asked.end() :].removesuffix(" please"), "")
        return Line((f"go {to}" if sure else known,)) if sure or known.startswith("go ") else None
    if _STAIRS.fullmatch(words) and (stairs := [way for way in ("up", "down") if scene.way(way)]):
        return Line((f"go {'down' if 'down' in words and 'down' in stairs else stairs[0]}",))
    first, _, rest = words.partition(" ")
    if first == "leave" and scene.room(rest):
        return Line(("go out",))
    rest = rest.removesuffix(" please").removesuffix(" now")
    if first in WALK and not rest:
        return Line(("ways",)) if first not in ("recall", "warp") else Line(("go hall",))
    if first in WALK or (first in STRIDE and rest):
        to, sure = _towards(rest, scene)
        if first in WALK or sure:
            return Line((f"go {to}",))
        return None
    if scene.way(words) or scene.room(words):
        return Line((f"go {bare(words)}",))
    return None


def onward(words: str) -> str:
    """What is left of `to the forge`, `through the door`, without what stands before a place."""
    to = re.sub(r"^(?:to )?where (.+) (?:is|are|lives?|stands|works)$", r"\1", plain(words))
    while to not in COMPASS and to.partition(" ")[0] in FILLERS and " " in to:
        to = to.partition(" ")[2]
    return to


def _towards(rest: str, scene: Scene) -> tuple[str, bool]:
    """Where words behind `go` lead, and whether there is such a place."""
    to = onward(rest)
    if (turned := COMPASS.get(bare(to))) is not None:
        return turned, True
    for form in (to, to.removesuffix(" door"), to.removesuffix(" room"), to.removesuffix(" exit")):
        named = bare(form)
        if named in COMPASS:
            return COMPASS[named], True
        if scene.way(form) or scene.room(form) or scene.agent(form) or named in scene.people:
            return named, True
    return bare(to) or to, False


def _phrase(text: str, words: str, scene: Scene) -> Intent | None:
    for form in (words, bare(words), words.replace(" the ", " "), words.removesuffix(" please").replace(" the ", " ")):
        if (meant := PHRASES.get(form)) is not None:
            return Line(tuple(meant.split(";")))
    if words.startswith("please ") and (meant := PHRASES.get(words[7:].replace("the ", ""))):
        return Line(tuple(meant.split(";")))
    return None


def _steps(text: str, words: str, scene: Scene) -> Intent | None:
    """Several steps or looks in one line."""
    return steps.several(text, words, scene, lambda part: _short(part, scene))


def _short(part: str, scene: Scene) -> Line | None:
    if part.partition(" ")[0] in scene.looks:
        return Line((part,))
    found = _walked(part, part, scene) or _phrase(part, part, scene) or _another(part, part, scene)
    return found if isinstance(found, Line) else None


def _another(text: str, words: str, scene: Scene) -> Intent | None:
    """Another word for a word, with what follows as it was typed; several things at once; a target that is told."""
    if (away := re.match(r"(?:afk|brb|away)[\s:,-]+(?=\S)", text, re.IGNORECASE)) is not None:
        return Line((f"emote is away: {text[away.end() :]}",))
    for count in (3, 2, 1):
        typed = text.split(None, count)
        word = " ".join(typed[:count]).casefold().rstrip(",:")
        if len(typed) < count or word not in LIKE:
            continue
        if verdict(text) is not None:
            return None
        rest, meant = typed[count].strip() if len(typed) > count else "", LIKE[word]
        if meant == "look" and PATH.search(rest):
            return None
        if word in ("send", "t", "message") and not (
            scene.agent(whom := rest.partition(" ")[0]) or whom in scene.people
        ):
            continue
        if meant in ("say", "tell", "emote") and not rest:
            return Told(f"Say what, for example: {phrasing.EXAMPLES[meant]}")
        return phrasing.shaped(meant, rest, scene) or Line((f"{meant} {rest}".strip(),))
    return None


def _gesture(text: str, words: str, scene: Scene) -> Intent | None:
    for count in (2, 1):
        parts = words.split(" ", count)
        form = GESTURES.get(" ".join(parts[:count]))
        if form is None or (count == 2 and len(parts) < 2):
            continue
        alone, _, at = form.partition("|")
        rest = re.sub(
            r"^(?:at|to|with|beside|by|on|for|in|before|hands with) ", "", parts[count] if len(parts) > count else ""
        )
        whom = bare(rest.removesuffix(" please"))
        name = scene.agents.get(scene.agent(whom), "") or next((p for p in scene.people if p.casefold() == whom), "")
        if name and at.strip():
            done = f"{alone.strip()} {at.strip()}" if at.strip() in BESIDE else at.strip()
            return Line((f"emote {done} {name}.",))
        if not whom or whom in ("everyone", "everybody", "all", "myself", "me") or at == "" or len(rest.split()) <= 2:
            return Line((f"emote {alone.strip()}.",))
    return None


def _aside(text: str, words: str, scene: Scene) -> Intent | None:
    """What is to be shown, asked with a name or a noun."""
    return phrasing.shown(words, scene)


def _absent(text: str, words: str, scene: Scene) -> Intent | None:
    first, _, rest = words.partition(" ")
    if first not in SENTENCES or (first in ALONE and len(rest.split()) > 3):
        return None
    if len(rest.split()) > 5 and first in OPENERS | TALK:
        return None
    return Told(SENTENCES[first].replace("{}", first))


def _spoken(text: str, words: str, scene: Scene) -> Intent | None:
    """Speech: to somebody by name, a greeting, a sentence."""
    slug, _ = addressed(text, scene)
    if not slug:
        slug = next((s for s, name in scene.agents.items() if phrasing.calls(words, s, name)), "")
    first, _, rest = words.replace(",", " ").partition(" ")
    if slug and (rest or scene.agent(words)):
        return Speech(text, slug)
    if (
        first in TALK
        or first.strip("!?,.") in TALK
        or re.fullmatch(r"h+[aeiou]+y*|(?:ha|he|hi|ho)+h?|[aeiou]*h+m+|y+a+y+", first)
    ):
        return Speech(text)
    if rest and (first in OPENERS or text.rstrip().endswith("?")):
        return Speech(text)
    if (
        text.rstrip().endswith("?")
        and len(words) > 2
        and words.isalpha()
        and not _near(words, scene.commands | set(LIKE))
    ):
        return Speech(text)
    known = sum(word.strip(".,!?") in OPENERS | _SMALL for word in words.split())
    if len(words.split()) >= 4 and known >= 2 and not _near(first, scene.commands):
        return Speech(text)
    if rest and "'" in first.strip("'"):
        return Speech(text)
    if len(words.split()) >= 3 and re.fullmatch(r"[^\W\d_]+(?:,? [^\W\d_']+'?[^\W\d_]*)+", words):
        return None if _near(first, scene.commands | set(LIKE) | set(WALK)) else Speech(text)
    return None


_SMALL = words_of("the a an of to in on at for with from by as not no up out about very too so me us him her them")


def _prefixed(text: str, words: str, scene: Scene) -> Intent | None:
    """An answer to somebody, or a command with a stop behind it."""
    if (reply := re.match(r"(?:reply|respond|answer|r)[ ,:]+(?=\S)", text, re.IGNORECASE)) is not None:
        return Speech(text[reply.end() :])
    shorn = text.rstrip(" .!?,;:\\")
    if shorn and shorn != text and plain(shorn).partition(" ")[0] in scene.commands:
        return Line((shorn,))
    return None


def _near(word: str, known: frozenset[str] | set[str]) -> list[str]:
    """The known words that `word` may be a slip of, nearest first."""
    if not 2 <= len(word) <= 24:
        return []
    found: list[str] = []
    for most in (1, 2) if len(word) > 5 else (1,):
        found += sorted(one for one in known if len(one) > 2 and one not in found and slip(word, one, most))
    return found


def _slip(text: str, words: str, scene: Scene) -> Intent:
    first, _, rest = words.partition(" ")
    typed_rest = text.split(None, 1)[1].strip() if " " in text.strip() else ""
    places = {*scene.ways, *scene.rooms} - {""}
    if whole := _near(bare(words), places):
        return Guess(first, tuple(f"go {one}" for one in whole[:3]))
    begins = (*LIKE, *GESTURES, *WALK) if rest else (*LIKE, *PHRASES, *GESTURES, *WALK)
    single = {word for word in begins if word.isalpha() and len(word) > 3}
    directions = {word for word in COMPASS.values() if len(word) > 2}
    known = first in STRIDE | WALK | OPENERS or first in PHRASES
    near = [] if known else _near(first, set(scene.commands) | single | directions)
    deeds = {word for word in SENTENCES if len(word) > 4 and SENTENCES[word] != _MONEY and slip(first, word, 1)}
    if not near and len(words.split()) < 3 and (told := _near(first, deeds)):
        return Told(SENTENCES[told[0]])
    if not near and not rest and (said := _near(first, {word for word in TALK if len(word) > 3})):
        return Speech(text) if said else Guess(first)
    near = [one for one in near if _leads(one, rest, scene)]
    return Guess(first, tuple(f"{one} {typed_rest}".strip() for one in near[:3]))


def _leads(word: str, rest: str, scene: Scene) -> bool:
    """Whether a word does anything with what follows it: a place to walk to, a number to read."""
    if not rest:
        return True
    if word in WALK:
        return _towards(rest, scene)[1]
    return word != "read" or any(char.isdigit() for char in rest)
