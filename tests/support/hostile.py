"""Strings made to act on terminals, browsers, the engine's markup or its parsers."""

from __future__ import annotations

import json
import re

from agents.kernel.location import PROJECT

BLNS = PROJECT.parent / "shared" / "data" / "text" / "blns.json"

_FRAGMENTS = (
    "--", "---", "&&", "==", "~~", "++", "+--+", "||", "|", "|r", "|n", "|[r", "|=z", "|*", "|/", "|-", "|_", "|500",
    "|#ff0000", "|lcapprove all|ltclick me|le", "|lcpy 1|lt|le", "|luhttp://evil.example|ltsafe|le", "{r", "{lc", "{/",
    "$You()", "$you(Timmy)", "$pron(your)", "$random(1,5)", "$py(1)", "$clr(r,red)", "\\$You()", "%s", "%(key)s", "%n",
    "{0}", "{name}", "{caller.account}", "${HOME}", "`id`", "$(id)", ";quit", "\nquit", "\r\nquit", "\rquit", "\x0bquit",
    "\x0cquit", "\x85quit", "\u2028quit", "\u2029quit", "\x1b[31m", "\x1b[2J\x1b[H", "\x1b]0;title\x07",
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\", "\x1b[6n", "\x1b[2z", "\x1b[1z<send>", "\x1b[7z", "\x1b[4z<b>",
    "\x1bP$q\x1b\\", "\x1b_G\x1b\\", "\x1b", "\x9b31m", "\x9d0;t\x9c", "\x90q\x9c", "\x00", "\x07", "\x08\x08rm", "\x7f",
    "\xff\xf1", "\xad", "\u202emoc.elpmaxe", "\u202d", "\u2066a\u2069", "\u2067", "\u200f", "\u200e", "\u061c", "\u200b",
    "\u200c", "\u200d", "\u2060", "\ufeff", "\U000e0041", "\U000e0020", "\ufff9a\ufffab\ufffb", "\ue000", "\uf600red\uf610",
    "\uf611", "\uf612", "\U000f0000", "\ud800", "\udfff", "\ufdd0", "\uffff", "<b>bold</b>", "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", "<send href='approve all'>x</send>", "<!ENTITY x>", "<", ">", "&amp;", "&lt;b&gt;", "&",
    "&#60;", "&quot;", '"', "'", "</span>", "<span class='color-009'>", "]]>", "\\", "\\n", "\\x1b", "\\u202e", "\\\\",
    "\t", "a\tb", "  two  spaces  ", " ", "=", " = ", "ok 1", "1-3", "../..", "e\u0301", "日本語", "👩\u200d👩\u200d👧", "ﷺ",
    "\\\x1b[31m", "\\\u202e", "\\\\\x9b", "\x9d8;;http://evil.example\x9cx\x9d8;;\x9c", "\x1b[8mhidden\x1b[0m", "no\xa0break",
    "wide\u3000space", "\u2003", "\u3164", "\u115f", "\u034f", "\u2800", "❤\ufe0f", "\U000e0100", "\u0336s\u0336t", "Ꭺᖴ ѕudo", "हिन्दी",
    "العربية", "עברית", "ไทย", "𝓬𝓸𝓭𝓮", "|lcpy self.account.is_superuser=1|lthere|le", "<a xch_cmd='approve all'>x</a>", "<!--", "-->",
    "javascript:alert(1)", "' onmouseover='x", "*/", "%0a", "\\x1b[31m", "\\033[31m", "^[[31m", "~", "#", "!!", "$0", "#1", "me", "*owner",
)
_SETTINGS = ("{}", "git push {} origin", "{}{}")

PLANTED = tuple(dict.fromkeys(form.replace("{}", f) for form in _SETTINGS for f in _FRAGMENTS))


def naughty() -> list[str]:
    """The big list of naughty strings, where it is at hand."""
    return [text for text in json.loads(BLNS.read_text(encoding="utf-8")) if text] if BLNS.is_file() else []

_ESCAPE = re.compile(r"\\(\\|n|t|r|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")


def unescape(shown: str) -> str:
    """What a reader makes of escapes by the rule of `help typing`; every other character is itself."""
    plain = {"\\": "\\", "n": "\n", "t": "\t", "r": "\r"}
    return _ESCAPE.sub(lambda found: plain.get(found[1]) or chr(int(found[1][1:], 16)), shown)
