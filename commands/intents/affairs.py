"""Questions and orders about the running of the world: models, machine, money, accounts, stopping and starting. Pure.

Owns which of them are answered by a command that shows, and what is said where the game does not do it. Refuses to name
a command that rules, spends or stops anything.
"""

from __future__ import annotations

import re

from commands.intents.intent import Intent, Line, Told
from commands.intents.orders import PATH

_ASKS = (
    r"(?:what|which|how|who|is|are|was|were|do|does|did|has|have|any|anything|show|tell|check|see|let me|where|why"
    r"|list|can)\b"
)
_TURNS = (
    r"(?:turn|switch|use|stop|start|disable|enable|change|set|unload|load|pull|run|try|do not use|don't use|kill"
    r"|shut|pick|choose)\b"
)
_MODELS = r"\b(?:ollama|llama\w*|llms?|gpts?|gpu|language models?|models?|providers?|inference|tokens?)\b"
_MACHINE = (
    r"\b(?:disk|disc|memory|ram|swap|cpu|load|space|storage|server|machine|computer|box|uptime|system)\b"
    r"(?! (?:is|was) (?:nice|cool))"
)
_MONEY = r"\b(?:cost|costs|spent|spend|spending|money|bill|budget|price|expensive|dollars?|euros?|sats?)\b"
_ACCOUNTS = (
    r"^(?:invite|register|sign ?up|create an? account|make an? account|add (?:an? |another |my )?(?:new )?"
    r"(?:user|guest|player|person|account|friend)|let \w+ (?:in|log in)|give \w+ (?:an? )?(?:access|account|login))\b"
    r"|^(?:can|could) (?:i|we|my \w+) (?:invite|bring|join)\b|^who (?:can|may|is allowed to) (?:log|connect|come|get)"
    r"|^how (?:do|can) (?:i|my \w+|others?) (?:invite|add (?:a |an )?(?:user|guest|player|friend|account)|join)\b"
)
_RIGHTS = (
    r"^(?:what|who|am|are|can) .*\b(?:allowed|permission|permissions|permitted|rights?|privileges?|rank)\b"
    r"|^(?:what (?:can't|cannot|may) i|which rights)\b"
    r"|^(?:change|edit|set|show|what is|what's|see|update|loosen|tighten)(?: me)? (?:the |our |my )?(?:policy|policies"
    r"|rules|permissions?)\b"
)
_ENGINE = (
    r"^(?:restart|reboot|shut ?down|power off|turn off|switch off|back ?up|upgrade|update|reload|kill|stop|start"
    r"|restore|reinstall|uninstall)(?: (?:up|down|off|it all))?(?: (?:the|this|my|our|your))?(?: (?:whole|entire))?"
    r"(?: (?:world|server|mud|game|system|everything|machine|computer|database|db|process|service|evennia|house))?$"
)
_ENGINE_NOUN = r"\b(?:world|server|mud|game|system|machine|computer|database|db|evennia)$"
_STOPS = frozenset({"stop", "stop everything", "start", "update", "reload", "kill", "kill everything"})
"""What means something else by itself."""
_TROUBLE = (
    r"^(?:any|are there(?: any)?|show(?: me)?|list|what|were there(?: any)?|did we have any|see)(?: the| all| recent"
    r"| last| latest)* (?:errors?|failures?|problems?|crash(?:es)?|exceptions?|bugs?|failed tasks?|failed|went wrong"
    r"|broke|is broken)\b"
)
_WAITS = (
    r"^(?:is there )?(?:anything|something|what|is there something)(?: is| that)?(?: (?:i|we|you))? ?"
    r"(?:needs?|have|has|should|must|want|wants)?(?: (?:me|us|my|our))?(?: to)?"
    r" (?:look at|approve|sign off|decide|review|attention|approval|answer|input|do)(?: on)?(?: from me| by me)?$"
    r"|^(?:do|does) (?:you|anyone|anybody|somebody|timmy|the agents) need (?:anything|something|me)\b"
)
OUTSIDE = (
    "The world is started, stopped, backed up and updated on the machine it runs on, with the command timmy: "
    "timmy --help lists what it can do."
)
INVITED = (
    "The owner gives accounts to other people. help permissions explains what each of them can do, and help connecting "
    "how they come in."
)
UNSWITCHED = "Models are set up on the machine the world runs on. help cascade explains how; this is how they stand:"


def affair(text: str, words: str) -> Intent | None:
    """What is asked or ordered of the world's running; None where a line is about something else."""
    if PATH.search(text):
        return None
    if re.search(_ACCOUNTS, words):
        return Told(INVITED)
    if re.search(_RIGHTS, words):
        return Line(("help permissions",))
    if words not in _STOPS and re.search(_ENGINE, words) and (" " not in words or _named(words)):
        return Told(OUTSIDE)
    if re.search(_TROUBLE, words):
        return Line(("board failed",))
    if re.search(_WAITS, words):
        return Line(("lectern",))
    asks, turns = re.match(_ASKS, words), re.match(_TURNS, words)
    if re.search(_MODELS, words) and (asks or (turns and len(words.split()) <= 8)):
        return Line(("router",))
    if asks and re.search(_MONEY, words):
        return Line(("router",))
    if asks and re.search(_MACHINE, words):
        return Line(("status",))
    return None


def _named(words: str) -> bool:
    """Whether the world or its machine is meant, and no task or thing."""
    return bool(re.search(_ENGINE_NOUN, words) or re.search(r"^(?:shut ?down|back ?up|power off)(?: \w+)?$", words))
