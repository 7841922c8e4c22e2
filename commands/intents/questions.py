"""Questions: where somebody is, what somebody does, how something is done, what is known of one item. Pure.

Owns their patterns, and which command answers each. Refuses what asks for work (`orders`), and what is asked of the
world's running (`affairs`).
"""

from __future__ import annotations

import re

from commands.intents.intent import Intent, Line, Speech, Verdict
from commands.intents.orders import PATH
from commands.intents.scene import Scene, bare
from commands.intents.vocabulary import TOPICS

_WHERE = re.compile(
    r"^(?:do you know )?(?:where(?:'s| is| are|s)?|locate|find|whereis|where can i find"
    r"|how do i get to|how do i find"
    r"|show me the way to|way to|directions to|path to|which way is|which way to"
    r"|track) (.+?)(?: now| please)?$"
)
_DOING = re.compile(
    r"^(?:what(?:'s| is|s)|see what|show me what|check what) (.+?)(?: is)? (?:doing|up to|working on"
    r"|busy with)(?: now| right now)?$"
)
_HOW = re.compile(
    r"^(?:so )?(?:how (?:do|can|should|could|would|does|to)|what do i (?:type|do)"
    r"|what's the command|what is the command"
    r"|is there a command|which command|what command)(?: i| you| we| one)?\b(.*)$"
)
_ONE = r"(?:the )?(?:task |item |number |proposal |approval |no\.? )*#?(a?\d{1,9})"
_NUMBERED = re.compile(
    r"(?:what (?:does|is|would|will)|what's|explain|describe|details (?:of|on|for)|show(?: me)?|tell me(?: more)? about"
    rf"|more (?:on|about)|read me)(?: what)? {_ONE}(?: does| do| about| is| would do| says?| means?| please)?"
)
_RISK = re.compile(
    rf"(?:what(?:'s| is) the risk (?:of|with|in|for)|why is|how risky is|is|risk of|why) {_ONE}"
    r"(?: risky| dangerous| safe| so risky| low| high| here| needed| (?:still |not )?(?:waiting|pending|blocked|stuck"
    r"|paused|running|done|moving|failing|failed|finished|taking so long))?"
)
_HISTORY = re.compile(
    r"(?:how long (?:has|is|does|did|will)|when (?:was|did|will|is)|who (?:asked for|proposed|wanted|wants|made|added)"
    rf"|what (?:happened to|happened with|became of)|how far is|is) {_ONE}(?: [a-z ]{{0,40}})?"
)
_POINTED = re.compile(
    r"(?:is (?:it|this|that) (?:safe|risky|dangerous|reversible|ok|okay)|what(?:'s| is) the risk"
    r"|who (?:asked for|proposed|wants|wanted|added) (?:it|this|that)|can (?:it|this|that) be undone"
    r"|(?:let me see|show me) the (?:diff|details)"
    r"|what (?:would|will|does) (?:it|this|that) (?:do|change|cost|touch|run))"
)
_LOST = re.compile(r"(?:^|\b)(?:what|where) (?:to|should i|do i|can i|could i) do(?: (?:now|next|here|first))?$")
_KEPT = re.compile(r"^where (?:are|is|do|does|can) .*\b(?:saved|stored|kept|written|put|end up|go)\b")
_WENT = re.compile(r"^where (?:did|has|does|do) (.+?) (?:go|gone|went|live|work|stand|sit)(?: to)?$")
_COUNTS = {
    "lectern": r"\b(?:approvals?|proposals?|decisions?)\b.*\b(?:waiting|pending|open|there|left|today|me)\b"
    r"|\bwaiting for (?:my|me|approval)\b|^is (?:anything|something) (?:waiting|pending)",
    "board": r"^(?:how many|which|what|any|are there any) (?:tasks|jobs)\b",
    "agents": r"^(?:how many|which|what) agents\b",
    "map": r"^(?:how many|which|what) rooms\b|^(?:is there|do you have|have you got) a map\b",
}
_ABOUT = re.compile(
    r"^(?:(?:what (?:is|are|does)|what's|whats|explain|define|describe|help (?:with|on|about"
    r"|me with|for|topic)"
    r"|tell me about|more about|info on|info about|information about) )(.+?)(?: mean| do| for"
    r"| work)?$"
)


def numbered(words: str) -> Intent | None:
    """What is asked of one item by its number."""
    if found := _RISK.fullmatch(words):
        return Line((f"why {found[1]}",))
    if (found := _NUMBERED.fullmatch(words)) and not words.startswith(("show task", "show me task")):
        return Line((f"read {found[1]}",))
    if (found := _HISTORY.fullmatch(words)) and found[1].isdigit():
        return Line((f"task {found[1]}",))
    if _POINTED.fullmatch(words):
        return Verdict("read", typed=True, pointing=True)
    return None


def question(text: str, words: str, scene: Scene) -> Intent | None:
    """Where somebody or something is, what somebody does, how something is done."""
    if (told := numbered(words)) is not None:
        return told
    for line, pattern in _COUNTS.items():
        if re.search(pattern, words) and not PATH.search(words):
            return Line((line,))
    if (found := _WENT.match(words)) and (slug := scene.agent(found[1])):
        return Line((f"agents {slug}",))
    if _LOST.search(words):
        return Line(("here",))
    if _KEPT.match(words) and not PATH.search(words):
        topics = [one for begins, one in TOPICS.items() if re.search(rf"\b{re.escape(begins)}", words)]
        return Line((f"help {topics[0]}",)) if topics else None
    if found := _WHERE.match(words):
        if slug := scene.agent(found[1]):
            return Line((f"agents {slug}",))
        if key := scene.room(re.sub(r"^(?:the way to|way to) ", "", found[1])):
            return Line((f"map {key}",))
        if bare(found[1]) in ("exit", "way out", "door", "exits"):
            return Line(("ways",))
        if len(found[1].split()) <= 3 and not PATH.search(words):
            return Speech(text if words.startswith(("where", "do you")) else f"where is {bare(found[1])}?")
    if (found := _DOING.match(words)) and (slug := scene.agent(found[1])):
        return Line((f"agents {slug}",))
    if found := _HOW.match(words):
        about = found[1]
        for begins, topic in TOPICS.items():
            if re.search(rf"\b{re.escape(begins)}", about):
                return Line((f"help {topic}",)) if topic in scene.topics else Line(("help",))
        if len(about.split()) > 1 and not scene.here:
            return None
    if (found := _ABOUT.match(words)) and not PATH.search(words):
        topic = bare(found[1])
        for form in (topic, topic.removesuffix("s"), f"{topic}s"):
            if form in scene.topics:
                return Line((f"help {form}",))
    return None
