"""What people put around the words they mean: marks of other programs, brackets, markup, greetings, pleases. Pure.

Owns how a line is laid bare, the least changed form first. Refuses to say what the words mean, and to take anything off
that would turn a question to somebody else into a command.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from commands.intents.scene import plain

_TAG = re.compile(r"</?[a-z!][^<>]{0,60}>", re.IGNORECASE)
_ENTITY = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"'}
_AROUND = re.compile(r"^[`<\[({~]+\s*(\w[^`<>\[\](){}~]*?)\s*[`>\])}~]*$")
_STARRED = re.compile(r"^\*{1,2}\s*(\w[^*]*?)\s*\*{1,2}$")
_MARK = re.compile(r"^[/\\!.#+>$&]+(?=[A-Za-z])")
_PIPED = re.compile(r"\s*(?:\||>{1,2}|&&)\s*(?:less|more|grep|head|tail|sort|wc|cat|tee|\S+\.\w{2,4})\b.*$", re.I)
_SOFT = re.compile(
    r"^(?:(?:please|pls|plz|plss|kindly|just|now|then|so|ok|okay|well|um|uh|and|oh)[\s,]+(?=\S)"
    r"|(?:hey|hi|hello|yo)(?: (?:there|all|guys))?(?:, ?(?=\S)| (?=help\b|\S+ \S))"
    r"|(?:i(?:'d| would) (?:like|love) to|i(?: really)? (?:want|need|wanna|have) to|i wanna|let me|can i|could i"
    r"|may i|let's|lets|how about we|try to) (?=\S))",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"^(?:(?:can|could|would|will) (?:you|u|someone|somebody|anyone|anybody)(?: please| pls| kindly| just)?"
    r"|is there (?:any|some)(?:one|body) who can|does anyone) (?=\S)",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"(?:,? (?:please|pls|plz|thanks|thank you|thx|ty|right now|now|today|yesterday|tonight|last night|this morning"
    r"|this week|so far|lately|recently|again|for me|real quick|quickly|asap|mate|man|lol|guys|everyone))+$",
    re.IGNORECASE,
)
_SHELL = re.compile(
    r"^(?:sudo\b|(?:rm|mv|cp|cat|cd|chmod|chown|dd|mkfs\S*|ls|tail|head|touch|mkdir|rmdir|ln|grep|du|tar|scp|ssh|curl|wget)"
    r"\s+(?:-\w|[/~]|\.\.?(?:/|$)))|^(?:GET|POST|PUT|HEAD|OPTIONS|CONNECT|DELETE|PATCH) (?:/|http)"
)
_SMILEY = re.compile(r"^[:;=8xX]['\-^o]?[)(\]\[dDpPoO0/\\|3*sS<>]{1,3}$")


def smiles(text: str) -> bool:
    """Whether a line is a face or pictures and nothing else, which is something said."""
    shown = text.strip()
    if _SMILEY.match(shown):
        return True
    first = shown[:1]
    return bool(first) and unicodedata.category(first) in ("So", "Sk") and not first.isascii()


def shell(text: str) -> bool:
    """Whether a line is meant for a shell or a web server, with its flags or paths."""
    return bool(_SHELL.match(text))


def gesture(text: str) -> str:
    """What is done in `*waves*`, or ''."""
    found = _STARRED.match(text.strip())
    return found[1] if found else ""


def unwrapped(text: str) -> str:
    """A line without what clients, chats and shells put around it; the line itself where there is nothing of it."""
    bare = unicodedata.normalize("NFKC", text) if not text.isascii() else text
    bare = (_TAG.sub("", bare).strip() or bare) if "<" in bare else bare
    for entity, meant in _ENTITY.items():
        bare = bare.replace(entity, meant)
    bare = _PIPED.sub("", bare).strip()
    if found := _AROUND.match(bare):
        bare = found[1]
    bare = bare.removesuffix("()").strip()
    return bare or text


def marked(text: str) -> str:
    """A line without the mark of another program before it (`/w`, `!help`), or '' where it has none."""
    found = _MARK.match(text)
    return text[found.end() :].strip() if found else ""


def softer(words: str) -> Iterator[tuple[str, bool]]:
    """`words` without greetings, pleases and times of day, each form with whether it was asked of somebody."""
    seen = {words}
    asked = False
    for _ in range(4):
        for form in (words, _LAST.sub("", words).strip(" ,")):
            if form and form not in seen:
                seen.add(form)
                yield plain(form), asked
        taken = _SOFT.match(words) or _ASKED.match(words)
        if taken is None:
            return
        asked = asked or bool(_ASKED.match(words))
        words = words[taken.end() :].lstrip(" ,")
