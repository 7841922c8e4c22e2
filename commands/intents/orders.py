"""Orders in plain words: what task they would be. Pure.

Owns how politeness and names are taken off, which words ask for work, and what of them is the path, the command, the
room. Refuses to propose: an order is only what would be proposed.
"""

from __future__ import annotations

import re

from commands.intents.intent import Order
from commands.intents.scene import Scene, plain, words_of

_POLITE = re.compile(
    r"^(?:(?:please|pls|plz|kindly|just|now|then|so|ok|okay|hey|hi|hello|well|and)[\s,]+"
    r"|(?:can|could|would|will|won't|can't) (?:you|u|we|someone|somebody|anyone|anybody)(?: all)?(?: please"
    r"| kindly| just)? "
    r"|(?:would|do) you mind (?=\w+ing\b)"
    r"|(?:i(?:'d| would) (?:like|love|want)|i want|i need|i wish|we need|i'd need|i'm asking)"
    r"(?: you| someone| somebody)? to "
    r"|(?:i need|i want|i'd like|i would like|we need) "
    r"(?=(?:an? )?(?:survey|review|report|look|summary|check|audit|test))"
    r"|(?:let's|lets|let us|you should|you must|you need to|you have to|go and|try to|try and|help me(?: to)?) "
    r"|(?:should|must|shall|needs? to|has to|have to|ought to) (?=\w))",
    re.IGNORECASE,
)
_HAVE = re.compile(
    r"^(?:have|get|let|make|ask|tell|order|instruct|want|need) (?:the )?(\S+?),? (?:to |go )?(?=\w)", re.I
)
_TAIL = re.compile(
    r"[\s,]+(?:please|pls|plz|for me|thanks|thank you|now|asap|would you|will you|could you|ok\?*)[.!?]*$", re.I
)
PATH = re.compile(r"(?<![\w/~])(?:~|\.{1,2}(?=/))?/(?:[^\s,;?!'\"`]*[^\s,;?!.'\"`])?|(?<![\w/~])~(?=$|[\s,.;?!])")
_COMMAND = re.compile(
    r"`([^`]+)`|\b((?:python3? -m )?(?:pytest|unittest|tox|nox)(?: -\S+)*"
    r"|(?:make|npm|yarn|pnpm|cargo|go|gradle|mvn|rake|just|ninja) (?:run )?(?:test|check|tests|verify)(?: -\S+"
    r"| \./\S*)*)(?=\s|$)",
    re.I,
)
_SURVEY = re.compile(
    r"^(?:do |make |run |start |begin |perform |give me )?(?:a |an |the )?(?:quick |full |short )*"
    r"(?:survey\w*|(?:have |take )?a? ?(?:look|peek|glance) (?:at|into|over|through|round|around|in)"
    r"|check(?:ing)?(?: out| over| on| up on)?|inspect\w*|review\w*|analy[sz]\w*|audit\w*|examin\w*|scan\w*|explor\w*"
    r"|go (?:through|over)|stud(?:y|ying)|read(?:ing)?(?: through)?|summari[sz]\w*|investigat\w*|assess\w*"
    r"|look(?:ing)? (?:at|into|over|through|around|in)|tell me (?:what|about|how|if|whether)|show me what"
    r"|describ\w*|report on|find out|see what|see if|what(?:'s|s| is| are)|how (?:is|are|old|big|healthy)"
    r"|is there|are there"
    r"|list what|inventory|map out|evaluat\w*|diagnos\w*|health ?check)\b",
    re.I,
)
_TEST = re.compile(
    r"^(?:how many|which|what|any) .*\btests?\b"
    r"|^(?:do|does|are|is|did|will|make sure|see (?:if|whether|that)|check (?:if|whether|that)?|verify|ensure"
    r"|tell me (?:if|whether)"
    r"|find out (?:if|whether)|run\w*|execut\w*|rerun|re-run|try|start|launch|kick off|perform"
    r"|do)\b.*\btest(?:s|ing|suite)?\b"
    r"|^test(?:ing)?\b|^run\b.*\b(?:pytest|unittest|tox|suite|checks)\b|^(?:run|execute|try) `",
    re.I,
)
_BUILD = re.compile(
    r"^(?:build|make|create|add|construct|dig|open|put)\w* (?:me |us )?(?:up )?(?:a |an |the |another )?(?:new )?"
    r"(?:room (?:called|named) )?(?P<name>.+?)(?: room)?,? (?:right )?(?:beside|next to|near|by|off|adjacent to"
    r"|behind|close to)"
    r" (?:the )?(?P<beside>[^=\"]+?)(?:\s*(?:=|:|with|where|,|(?=\"))\s*(?P<rest>.*))?$",
    re.I,
)
_CALLED = r"(?:\s*[,:;!-]+\s*|\s+(?=(?:please|pls|can|could|would|will|should|must|needs? to|has to|ought to)\b))"
_AFTER = re.compile(
    r"[\s,]+(?:and|then|and then) (?:(?:tell|let|notify|inform|ping|message|show|email|warn|update) (?:me|us)\b"
    r"|report (?:back|to me)\b|say (?:so|when|what)\b|come back\b).*$",
    re.IGNORECASE,
)
"""What is to be done with the result, which every report does by itself."""
_GIVEN = re.compile(r"[\s,]+and (?:then )?(?:give|assign|hand) (?:it|that|this) to ([\w -]+?)[.!]*$", re.IGNORECASE)
_ADD = re.compile(
    r"^(?:(?:add|create|make|open|file|new|propose|start|note down)(?: (?:an?|another|the|me|new))*"
    r" (?:task|todo|to-do|job|ticket|request|item|reminder)(?: to (?:the |my )?(?:board|list|backlog))?"
    r"|to-?do|add to (?:the |my )?(?:list|board|backlog|to-?do list))"
    r"(?:\s*[:,-]\s*|\s+(?:to |for |called |named |that says )?)(?P<what>(?=[^a-z]*[a-z])\S.*)$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\"[^\"]+\"|“[^”]+”")
WORK = words_of(
    "remind write explain summarise summarize fix refactor clean translate research draft prepare compare count email "
    "improve document design organise organize calculate compute deploy install download monitor review investigate "
    "find make create plan build list generate rename update upgrade optimise optimize migrate convert merge "
    "implement debug test survey analyse analyze audit schedule book order solve collect gather sort rewrite "
    "prove check look examine inspect scan read send post publish commit push tidy delete remove repair "
    "watch track measure benchmark profile run execute"
)
"""Verbs that ask for work, where there is more behind them."""
PLAIN_WORK = WORK - words_of(
    "find make create list update watch test check look examine inspect scan read send order plan build book run count "
    "delete remove commit push post track execute"
)
"""Those that do so without a please, too."""


CHANGES = words_of(
    "delete remove clean tidy fix write edit change rename move copy rm mv cp refactor rewrite update upgrade make "
    "create add commit push merge format deploy install translate convert improve migrate implement "
    "document backup zip sort "
    "run execute build compile start open replace put"
)
"""Verbs that would change what lies there, or run it."""
TELLS = words_of("i we he she it they that this there my our the say emote")
"""Words with which something is told of a path, and nothing asked."""


def addressed(line: str, scene: Scene) -> tuple[str, str]:
    """The agent that a line begins with or is asked of, and the rest: `timmy, survey ~/x`, `ask ezra to …`."""
    text = line.strip()
    for _ in range(3):
        if (found := _HAVE.match(text)) and (slug := scene.agent(found[1].strip(",:"))):
            return slug, text[found.end() :].strip()
        if (called := _named(text, scene)) is not None:
            return called
        taken = _POLITE.match(text)
        if taken is None:
            break
        text = text[taken.end() :].lstrip(" ,")
    last = re.search(r",\s*@?([\w -]{2,30})[.!?]*$", line)
    if last and (slug := scene.agent(last[1])):
        return slug, line[: last.start()].strip()
    return "", line.strip()


def _named(text: str, scene: Scene) -> tuple[str, str] | None:
    """Who is called at the beginning of `text`, and what follows; of a thousand names hardly one is looked for."""
    begins = text.lstrip("@").casefold()
    for slug, name in scene.agents.items():
        for form in (name, slug):
            if not begins.startswith(form.casefold()):
                continue
            found = re.match(rf"@?{re.escape(form)}{_CALLED}", text, re.IGNORECASE)
            if found:
                return slug, text[found.end() :].strip()
            rest = text.lstrip("@")[len(form) :]
            if rest[:1] == " " and plain(rest).partition(" ")[0] in WORK and PATH.search(rest):
                return slug, rest.strip()
    return None


def polite(text: str) -> tuple[str, bool]:
    """`text` without its pleases, and whether it had any."""
    before, text = text, text.strip()
    while found := _POLITE.match(text):
        text = text[found.end() :].lstrip(" ,")
    while found := _TAIL.search(text):
        text = text[: found.start()].rstrip(" ,")
    return text, text != before.strip()


def order(line: str, scene: Scene) -> Order | None:
    """The task that a line asks for; None when it asks for none."""
    agent, text = addressed(line, scene)
    if " = " not in text:
        if (given := _GIVEN.search(text)) and (slug := scene.agent(given[1])):
            agent, text = slug, text[: given.start()]
        text = _AFTER.sub("", text)
    if (added := _ADD.match(polite(text)[0])) and not PATH.match(added["what"]):
        text, adds = added["what"].strip(), True
    else:
        adds = False
    text, asked = polite(text)
    path = PATH.search(text)
    if path is not None and path.start() == 0 and path[0].startswith("/") and path[0].count("/") == 1:
        return None  # a command as other programs have it: /me waves
    if path is not None and (found := _on_disk(text, path, agent, scene)):
        return found
    if "build" in scene.kinds and (found := _room(text, agent, scene)):
        return found
    word, _, rest = plain(text).partition(" ")
    if word in scene.kinds and word != "words" and rest and (asked or agent):
        title, _, why = text.partition(" = ")
        return Order(f"{word.title()} {title.partition(' ')[2].strip()}", why.strip(), agent)
    if adds:
        return Order(text.rstrip(" .!?"), "", agent)
    if not rest or (text.rstrip().endswith("?") and not asked):
        return None
    if word in PLAIN_WORK or (word in WORK and (asked or agent)):
        return Order(text.rstrip(" .!?"), "", agent)
    return None


def _on_disk(text: str, path: re.Match[str], agent: str, scene: Scene) -> Order | None:
    where, typed = path[0], text.partition(" = ")[2].strip()
    if "test" in scene.kinds and (_TEST.search(text) or (_COMMAND.search(text) and text[:3].lower() == "run")):
        command = _COMMAND.search(text)
        named = (command[1] or command[2]).strip() if command else ""
        why = typed or "does it pass?"
        return Order(f"Test {where}", f"{why} $ {named}" if named and "$" not in why else why, agent)
    word = plain(text).partition(" ")[0]
    if "survey" in scene.kinds and (_SURVEY.search(text) or not (word in CHANGES or word in TELLS)):
        asks = PATH.sub("it", text[: path.start()] + "it" + text[path.end() :]).strip(" ?.!")
        why = typed or ("" if word in ("survey", "surveying") and len(asks.split()) < 4 else asks)
        return Order(f"Survey {where}", why, agent)
    return Order(text.rstrip(" .!?"), "", agent) if word in CHANGES else None


def _room(text: str, agent: str, scene: Scene) -> Order | None:
    found = _BUILD.match(text)
    if found is None or not scene.room(found["beside"]):
        return None
    seen = _QUOTED.search(text)
    rest = (found["rest"] or "").strip()
    described = rest if seen or not rest else f'"{rest[:1].upper()}{rest[1:]}"'
    name = " ".join(part[:1].upper() + part[1:] for part in found["name"].split())
    return Order(f"Build {name} beside {found['beside'].strip()}", described, agent)
