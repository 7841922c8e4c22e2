"""Phrases with a blank: show me X, where is X, how do I X; and the commands that need a shape. Pure.

Owns these patterns and what fills them. Refuses patterns that would decide anything.
"""

from __future__ import annotations

import re

from commands.intents import manners, steps
from commands.intents.affairs import affair
from commands.intents.intent import Intent, Line, Signal, Speech, Told, Verdict
from commands.intents.orders import PATH, order
from commands.intents.questions import numbered
from commands.intents.scene import LONGEST, Scene, bare, plain, words_of
from commands.intents.verdicts import OWN, verdict
from commands.intents.vocabulary import NOUNS, PHRASES, SENTENCES, each

SIGNALS = each(
    {
        "yes please do": "yes",
        "y | yes | yeah | yep | yup | yes please | yes do it | do it | go ahead | go for it | please do": "yes",
        "sounds good | make it so | aye | affirmative | ok do it | confirm | proceed | okay | of course": "yes",
        "absolutely | ok go ahead | yes go ahead | okay do it | do that | do so | let's do it | definitely": "yes",
        "yes that | that one | sure do it | kk | yes, please | yes, do it | ok yes | ok, do it | i confirm": "yes",
        "sure | sure thing | sure go ahead | yes i do | yes i am | agreed | please go ahead | ok please do": "yes",
        "nope | nah | no thanks | no thank you | don't | do not | rather not | please don't | not now": "no",
        "don't do it | don't do that | do not do that | no don't | no, don't | no, thanks | no no": "no",
        "no, thank you | better not | not yet | i'd rather not | no way": "no",
        "cancel | cancel that | cancel it | never mind | nevermind | nvm | forget it | forget that": "cancel",
        "scratch that | abort | belay that | scrap that | drop it | ignore that | ignore me | my mistake": "cancel",
        "actually no | no wait | wait no | actually never mind | oh never mind | leave it | let it be": "cancel",
        "cancel my last | disregard | disregard that | nm": "cancel",
        "stop | halt | stop it | stop that | wait | hold on | hang on | freeze | stand still | stop walking": "stop",
        "cancel everything | cancel all | pause everyone | pause everybody | pause all agents": "stop",
        "enough | stop everything | emergency stop | stop all | panic | whoa stop | stop now | stop please": "stop",
        "stop moving | stop going | stop here | pause everything | halt everything | stay | stay here": "stop",
        "shut up | quiet | be quiet | silence | shush | hush now | stop talking | stfu | stop speaking | shh": "hush",
        "undo that | undo it | take that back | take it back | revert | revert that | i take it back | oops": "undo",
        "undo last | undo the last one | undo my last | undo this | revert it | undo my verdict": "undo",
        "undo the last | undo my last verdict | undo that please | unapprove | i changed my mind": "undo",
        "what | huh | eh | pardon | sorry | come again | say again | i don't understand | i dont understand": "what",
        "what do you mean | what does that mean | i don't get it | excuse me | explain | explain that": "what",
        "wait what | wait, what | what just happened there": "what",
        "what was that | not sure what you mean | wat | hä | pardon me | explain this | what is that": "what",
        "why | how come | why is that | why that | but why | why so | for what reason | why this": "why",
        "report | show me the report | show the report | latest report | last report | read report": "report",
        "show me the latest report | show me the last report | read the report | read me the report": "report",
        "show report | see report | view report | open the report | the report | give me the report": "report",
        "what did the survey find | what were the results | what was the result | show me the results": "report",
        "where is the report | where's the report | where is my report | what did you find": "report",
        "read the last report | read the latest report | show last report | show latest report": "report",
    }
)
"""Whole lines about what was shown or is under way."""
_LAST_REPORT = re.compile(
    r"(?:(?:show|read|give|open|display|view|see|get|bring|print)(?: me| us)? )?(?:the |my |your |that )?"
    r"(?:last |latest |newest |most recent |final |recent )?report"
)
_WORK_FOR = re.compile(
    r"(\S+) (?:something|anything|stuff|things) to do|(\S+) (?:an? |some |more |another )?(?:new )?"
    r"(?:task|job|work|errand|assignment)"
)
TO_GIVE = (
    "Work is proposed with task add, for example: task add Survey <path>. kinds lists what can be asked for. The owner "
    "can give a task to an agent by its number."
)
LATER = re.compile(
    r"(?:ask|remind|tell) me (?:(?:about|of) (.+?) )?later(?: (?:about|of) (.+))?|(?:ask|remind) me later"
)
SLASHED = {"w": "whisper", "m": "tell", "dm": "tell", "pm": "tell", "r": "reply"}
"""What a chat's commands of a letter mean, with the mark before them."""
WITHIN = words_of("footprints rewind session feed history messages thoughts")
"""Those that read little words themselves."""
EXAMPLES = {"say": "say good morning", "tell": "tell timmy what are you doing?", "emote": "emote waves."}
READING = words_of(
    "board lectern agents arrival status help here map plan why kinds task tasks footprints messages history"
    " feed thoughts"
    " session look inventory who time ways score router sovereignty watch history"
)
"""Commands that only show something, which may be asked for with a please or an `of` between."""
LOOKING = READING - words_of("task tasks") | words_of("read show list open view examine find")
"""Commands that look at what is in the world: with the path of a folder behind them they ask for a survey."""

_SHOW = re.compile(
    r"^(?:please )?(?:(?:can|could|may) (?:you|i) (?:please )?)?(?:show|give|display|list|open|see|view|print"
    r"|bring up|pull up"
    r"|let me see|i want to see|i'd like to see|read|check|look at|get|tell)(?: me| us)?(?: about)? (.+?)(?: please)?$"
)
_REPORT = re.compile(
    r"\b(?:report|result|results|findings|output|outcome)s? (?:of|for|from|on|to)?\s*(?:task "
    r"|number |#|no\.? )*(\d{1,9})\b"
    r"|\b(?:task|number|#)\s*(\d{1,9})'?s?(?:'s)? (?:report|results?)\b"
)
_TASK = re.compile(
    r"^(?:status (?:of|for) |how is |how's |what about |what is |details of )?(?:the )?(?:task"
    r"|job|proposal|item)"
    r" (?:number |#|no\.? )?(\d{1,9})(?: doing| going| status| details| please)?$"
)
_FILL = re.compile(r"^(?:(?:of|for|about|on|from|at|with|to|the|task|in|by|me)\s+)+", re.IGNORECASE)
_TAIL = re.compile(r"(?:[\s,]+(?:please|pls|plz|thanks|now|again))+[.!?]*$|[!?.]+$", re.IGNORECASE)


def calls(words: str, slug: str, name: str) -> bool:
    """Whether somebody is called in `words`, at the beginning or the end."""
    return any(
        re.search(rf"^(?:\w+[ ,]+)?@?{re.escape(form)}(?![\w-])|[ ,@]{re.escape(form)}$", words)
        for form in {slug, name.casefold()}
        if form in words
    )


def shown(words: str, scene: Scene) -> Intent | None:
    """What is to be shown, by its noun or number."""
    if found := _REPORT.search(words):
        return Line((f"task {found[1] or found[2]}/report",))
    asked = _SHOW.match(words)
    wanted = asked[1] if asked else words
    if found := _TASK.match(wanted):
        return Line((f"task {found[1]}",))
    if asked is None or PATH.search(words):
        return None
    wanted = re.sub(r"^(?:me |us )+", "", wanted)
    for form in (wanted, *(softer for softer, _ in manners.softer(wanted))):
        noun = bare(re.sub(r"^(?:all |list of |all the )+", "", form)).removesuffix(" list")
        if noun in NOUNS or form in PHRASES:
            return Line(tuple((NOUNS.get(noun) or PHRASES[form]).split(";")))
    noun = bare(re.sub(r"^(?:all |list of |all the )+", "", wanted)).removesuffix(" list")
    if noun in scene.agents or scene.agent(noun):
        return Line((f"agents {scene.agent(noun)}",))
    whose = re.fullmatch(
        r"(?:what )?(.+?)(?:'s|s') (plan|thoughts|work|messages|session)|(plan|thoughts) of (.+)", wanted
    )
    if whose and (slug := scene.agent(whose[1] or whose[4])):
        verb = whose[2] or whose[3]
        return Line((f"{'plan' if verb == 'work' else verb} {slug}",))
    if words.startswith(("read ", "check ", "view ", "see the ", "look at ")) and len(noun.split()) <= 3:
        return Line((f"look {noun}",))
    return None


def turned(line: str, scene: Scene) -> Intent | None:
    """What a line means that begins with a command and goes on as no command does; None where it is that command's."""
    text = line.strip()
    if len(text) > LONGEST:
        return None
    if mark := manners.marked(text):
        return slashed(mark, scene) or turned(mark, scene)
    if manners.shell(text):
        return Told(SENTENCES["git"])
    words = plain(text)
    first, _, rest = words.partition(" ")
    if first in scene.looks and (bared := manners.unwrapped(text)) != text:
        return turned(bared, scene) or Line((bared,))
    joined = re.search(r";|&&|\|\||,", text) if first in scene.looks else first == "go"
    if joined and (several := steps.several(text, words, scene, lambda part: _looks(part, scene))) is not None:
        return several
    if first == "who" and (told := affair(text, words)) is not None:
        return told
    if _LAST_REPORT.fullmatch(words):
        return Signal("report")
    for form in (words, words.replace(" the ", " ")):
        if rest and form in SIGNALS:
            return Signal(SIGNALS[form])
        if rest and form in PHRASES:
            return Line(tuple(PHRASES[form].split(";")))
    if first in ("why", "show", "who") and not re.fullmatch(r"#?a?\d+", rest) and (told := numbered(words)) is not None:
        return told
    if first in ("ask", "tell") and LATER.fullmatch(words):
        return verdict(text)
    if first == "give" and rest.startswith("me "):
        return shown(words, scene) or Speech(text)
    if first == "give" and (to := _WORK_FOR.fullmatch(rest)) and scene.agent(to[1] or to[2]):
        return Told(TO_GIVE)
    if first in ("give", "drop") and re.search(r"\b(?:task|number)\b|#\d", rest):
        return verdict(text)
    if first in OWN:
        if scene.agent(named := re.sub(r"[ ,]+please$", "", rest)) and named != rest:
            return Line((f"{first} {scene.agent(named)}",))
        return _verdict(text, first, rest, scene)
    if first in LOOKING and PATH.search(text) and " = " not in text:
        return order(text, scene)
    if first in ("show", "list", "open", "view"):
        if re.fullmatch(r"#?\d+(?: to .*)?", rest):
            return None
        return shown(words, scene) or (Speech(text) if re.match(r"(?:me|us) ", rest) else None)
    for meaning in (
        lambda: shown(words, scene) if first == "read" else None,
        lambda: _softened(text, first, rest, scene),
    ):
        if (found := meaning()) is not None:
            return found
    return shaped(first, text.split(None, 1)[1].strip() if rest else "", scene)


def slashed(marked: str, scene: Scene) -> Intent | None:
    """What a chat's command of a letter means, `w timmy hi`, its mark taken off."""
    word, _, rest = marked.partition(" ")
    meant = SLASHED.get(word.casefold(), "")
    if not meant or not rest:
        return None
    if meant == "reply":
        return Speech(rest)
    whom, _, words = rest.partition(" ")
    if meant == "whisper" and scene.agent(whom.strip(",:")) not in scene.here:
        meant = "tell"
    return _told(meant, whom.strip(",:"), words, rest, scene) if words else None


def _looks(part: str, scene: Scene) -> Line | None:
    return Line((part,)) if part.partition(" ")[0] in scene.looks else None


def _verdict(text: str, first: str, rest: str, scene: Scene) -> Intent | None:
    if first == "read" and rest and not re.match(r"[a#]?\d|all\b|it\b|that\b", rest):
        return shown(f"read {rest}", scene)
    if not rest:
        return (
            None
            if first in ("read", "backlog")
            else Signal({"ok": "yes", "no": "no", "approve": "yes"}.get(first, ""))
            if first in ("ok", "no", "approve")
            else None
        )
    if re.fullmatch(
        r"[a#\d\s,.-]+(?:=.*)?|[^=]*\d[^=]*=.*|(?:all ?)?(?:(?:low|medium|high)-risk)?(?:\s*=.*)?", rest
    ) and not re.search(r"\b(?:and|task|number|because|to)\b", rest.partition("=")[0]):
        return None
    if (found := verdict(text)) is not None:
        return found
    if first in ("approve", "veto") and " " in rest:
        return Verdict(OWN[first], all=True)
    if first in ("ok", "no") and not re.fullmatch(r"[a-z-]+", rest):
        return Speech(text, scene.agent(rest.strip("!,. ")))
    return (
        Speech(text)
        if first in ("ok", "no") and rest not in _COHORTS and f"{rest}s" not in _COHORTS | scene.kinds
        else None
    )


_COHORTS = words_of("surveys survey tests test builds build words reads runs writes")


def _softened(text: str, first: str, rest: str, scene: Scene) -> Intent | None:
    """`map of the workshop please`: the same without what a person says and a command does not read."""
    if first not in READING - WITHIN or not rest or "=" in rest:
        return None
    if first == "help" and rest in ("commands", "newbie", "start", "index", "topics", "list", "menu", "basics"):
        return Line(("help",))
    if first == "help" and (bare(_FILL.sub("", rest)) in ("", "me") or rest in ("please", "me please")):
        return Line(("help",))
    typed = text.split(None, 1)[1]
    softer = _TAIL.sub("", _FILL.sub("", _TAIL.sub("", f" {typed}").lstrip())).strip()
    if first == "status" and re.fullmatch(r"(?:of |for )?(?:task )?#?\d+", rest):
        return Line((f"task {re.sub(r'[^0-9]', '', rest)}",))
    if first == "look" and (untailed := _TAIL.sub("", typed).rstrip(" ,")) != typed and untailed:
        return Line((f"look {untailed}",))
    if first == "look" or (first == "watch" and not scene.agent(softer)):
        return (
            Line((f"look {softer}".strip(),))
            if first == "watch" and softer and softer not in ("all",) and len(softer.split()) < 4
            else None
        )
    if first == "who":
        return (
            None
            if rest in ("", "all")
            else Line(("who", "agents"))
            if re.match(r"(?:is|are|else) (?:here|on|online|around|there)", rest)
            else Speech(text, next((s for s in scene.agents if s in rest), ""))
        )
    if first == "why" and not _reasons(softer, scene):
        return (
            Speech(text, next((s for s in scene.agents if s in rest), "")) if len(rest.split()) > 1 else Signal("why")
        )
    if first in ("here", "inventory", "time", "score", "ways", "arrival", "kinds"):
        return Line((first,))
    return (
        Line((f"{first} {softer}".strip(),))
        if softer != typed.strip() and softer
        else Line((first,))
        if not softer
        else None
    )


def _reasons(rest: str, scene: Scene) -> bool:
    word = rest.casefold().split()[0] if rest else ""
    return (
        word in ("not",)
        or word.lstrip("#a").isdigit()
        or bool(scene.agent(word))
        or any(s.startswith(word) for s in scene.agents)
    )


def shaped(command: str, rest: str, scene: Scene) -> Intent | None:
    """A command whose words are to be put in its form: `whisper timmy hello`, `tell ezra to …`, `get all`."""
    whom, _, words = rest.partition(" ")
    whom = whom.strip(",:")
    if command in ("tell", "page") and "=" in rest:
        named, _, words = (part.strip() for part in rest.partition("="))
        return Line((f"ask {scene.agent(named)} = {words}",)) if words and scene.agent(named) else None
    if command in ("ask", "tell", "page", "whisper") and "=" not in rest and words:
        return _told(command, whom, words, rest, scene)
    if command in ("get", "drop", "take") and rest and not PATH.search(rest):
        return _carried("get" if command == "take" else command, rest)
    if command == "give" and rest and "=" not in rest:
        if (to := re.fullmatch(r"(.+?) to (.+)", rest)) and bare(to[1]) != to[1]:
            return Line((f"give {bare(to[1])} to {to[2]}",))
        if scene.agent(whom) and words and " to " not in rest:
            return Line((f"give {bare(words)} to {whom}",))
        if (last := rest.rpartition(" ")[2]) and scene.agent(last) and " to " not in rest:
            return Line((f"give {bare(rest.rpartition(' ')[0])} to {last}",))
    if command == "ooc" and rest:
        return Line((f"say {rest}",))
    return None


def _told(command: str, whom: str, words: str, rest: str, scene: Scene) -> Intent | None:
    two = " ".join(rest.split()[:2]).strip(",:").casefold()
    slug = scene.agent(whom) or scene.agent(two)
    if slug and scene.agent(two) and not scene.agent(whom):
        words = " ".join(rest.split()[2:])
    if command == "whisper":
        named = re.sub(r"^(?:to )", "", rest)
        whom, _, words = named.partition(" ")
        return (
            Line((f"whisper {whom} = {words}",))
            if (words and scene.agent(whom)) or whom.casefold() in scene.people
            else None
        )
    if not slug:
        if whom.casefold() in ("me", "us", "everyone", "everybody", "all"):
            return (
                Line((f"say {words}",)) if whom.casefold().startswith(("every", "all")) else Speech(f"{command} {rest}")
            )
        return Line((f"page {whom} = {words}",)) if command != "ask" and whom.casefold() in scene.people else None
    if (asked := order(f"{scene.agents[slug]}, {re.sub(r'^to ', '', words)}", scene)) is not None:
        return asked
    return Line((f"ask {slug} = {re.sub(r'^(?:that|to) ', '', words)}",))


def _carried(command: str, rest: str) -> Intent | None:
    thing = re.sub(r"\s+(?:in|on|into|onto|under|from|beside)\s+.*$", "", rest, flags=re.IGNORECASE)
    what = bare(re.sub(r"^(?:up|down|the|my)\s+|\s+(?:up|down)$", "", thing, flags=re.IGNORECASE))
    if plain(what) in ("all", "everything", "them all", "all things", "stuff", "*"):
        return Line((f"{command} all",))
    return Line((f"{command} {what}",)) if what and what.casefold() != rest.casefold() else None
