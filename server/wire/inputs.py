"""What a client's message must look like: a line of text, or the client's options. Pure.

Owns the two inputs that reach the Server, `text` and `client_options`, and their checked forms. The engine has
twenty more, which watch objects, repeat calls or answer with lists, and log a traceback for unexpected arguments.
Refuses those and everything malformed with a `Refused`, in words that may be shown. From telnet's GMCP (a name,
then JSON) it accepts the same, under the names that MUD clients use.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from agents.kernel.text import clean, shorten

SIZES = {"screenwidth": (10, 1000), "screenheight": (1, 1000)}
SWITCHES = frozenset(
    {
        "ansi",
        "xterm256",
        "truecolor",
        "mxp",
        "utf-8",
        "screenreader",
        "nocolor",
        "nogoahead",
        "localecho",
    }
)
NAMES = frozenset({"client", "version"})
NAME_LENGTH = 60
DIGITS = 1000
_QUERY_SIZE = re.compile(r"&size=(\d{1,4})x(\d{1,4})")
_NUMBER = re.compile(rf"(?<!\d)\d{{{DIGITS + 1}}}")
TAKE_BACK_CHARACTER = "\b\x7f"  # Backspace, which is one or the other
TAKE_BACK_WORD, TAKE_BACK_LINE = "\x17", "\x15"  # Control with W and with U, as in line editors
_TAKES_BACK = re.compile(f"[{TAKE_BACK_CHARACTER}{TAKE_BACK_WORD}{TAKE_BACK_LINE}]")
SILENT = frozenset(
    {"supports_add", "supports_remove", "supports_set", "keepalive", "ping", "external_discord_hello", "client_gui"}
)
"""What MUD clients send unasked, and which needs no answer."""


class Refused(Exception):
    """`what` names the kind, for counts and the log; the message is for the client."""

    def __init__(self, what: str, words: str) -> None:
        super().__init__(words)
        self.what = what


@dataclass(frozen=True, slots=True)
class Input:
    """What the Server gets: the name of an input, and its arguments."""

    name: str
    args: tuple[str, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)


def of_json(payload: bytes, longest: int) -> Input | None:
    """A message of the web client, `[name, [arguments], {options}]`; None if there is nothing to do."""
    message = _json(payload)
    match message:
        case [str(name), list(args), dict(kwargs)]:
            return checked(name, args, kwargs, longest)
        case []:
            return None
    raise Refused("malformed message", 'A message is ["name", [arguments], {options}] in JSON.')


def of_address(uri: str) -> tuple[str, dict[str, Any]]:
    """The address of a handshake without the size that its page names (`&size=53x40`, columns by rows), and that size
    as options: known so early, even the first screen fits.
    """
    found = _QUERY_SIZE.search(uri)
    if not found:
        return uri, {}
    size = {key: option(key, int(value)) for key, value in zip(SIZES, found.groups(), strict=True)}
    return uri[: found.start()] + uri[found.end() :], size


def of_gmcp(data: bytes, longest: int) -> Input | None:
    """A GMCP message, `Package.Name JSON`; None if there is nothing to do."""
    name, _, rest = data.partition(b" ")
    try:
        path = name.decode("ascii").lower()
    except UnicodeDecodeError:
        raise Refused("malformed message", "The name of a GMCP message is plain ASCII.") from None
    known = path.removeprefix("core.").replace(".", "_")
    if known in SILENT or not known:
        return None
    value = _json(rest) if rest.strip() else {}
    match value:
        case dict():
            return checked(known, [], value, longest)
        case list():
            return checked(known, value, {}, longest)
    return checked(known, [value], {}, longest)


def checked(name: str, args: list[Any], kwargs: dict[str, Any], longest: int) -> Input | None:
    """The input called `name`, with its arguments fit for the Server; None if there is nothing to do."""
    match name.strip().lower():
        case "text":
            if len(args) != 1 or not isinstance(args[0], str):
                raise Refused("malformed message", 'Text is sent as ["text", ["one line"], {}].')
            return Input("text", (line(args[0], longest),))
        case "client_options" | "hello":
            wanted = {key.lower(): value for key, value in kwargs.items() if key != "options"}
            return (
                Input("client_options", (), {key: option(key, value) for key, value in wanted.items()})
                if wanted
                else None
            )
        case other if other in SILENT:
            return None
        case other:
            raise Refused("unknown input", f"There is no input {_named(other)} here; use text or client_options.")


def line(text: str, longest: int) -> str:
    """One typed line after its editing keys, refused if it is too long or contains an absurdly long number: the engine
    parses numbers in a dozen places, and Python refuses the longest of them.
    """
    text = typed(text)
    if len(text) > longest:
        raise Refused("line too long", too_long(longest))
    if _NUMBER.search(text):
        raise Refused("number too long", f"That line holds a number of more than {DIGITS} digits. It was ignored.")
    return text


def typed(text: str) -> str:
    """`text` with its editing keys applied: clients that send each key at once send these, too."""
    if not _TAKES_BACK.search(text):
        return text
    kept: list[str] = []
    for char in text:
        if char in TAKE_BACK_CHARACTER:
            _take_back_character(kept)
        elif char == TAKE_BACK_WORD:
            _take_back_word(kept)
        elif char == TAKE_BACK_LINE:
            kept.clear()
        else:
            kept.append(char)
    return "".join(kept)


def _take_back_character(kept: list[str]) -> None:
    while kept and unicodedata.combining(kept[-1]):  # combining marks share a place with their letter
        kept.pop()
    if kept:
        kept.pop()


def _take_back_word(kept: list[str]) -> None:
    while kept and kept[-1] == " ":
        kept.pop()
    while kept and kept[-1] != " ":
        kept.pop()


def too_long(longest: int) -> str:
    """What is said about a line that was thrown away."""
    return f"That line is too long and was not accepted: a line has at most {longest} characters."


def option(key: str, value: Any) -> Any:
    """One option of a client, within what can be worked with."""
    if key in SIZES and isinstance(value, (int, float)) and not isinstance(value, bool):
        low, high = SIZES[key]
        return int(min(max(value, low), high))
    if key in SWITCHES and (isinstance(value, bool) or value in (0, 1)):
        return bool(value)
    if key in SWITCHES and isinstance(value, str):
        return value.lower() in ("true", "on", "1")
    if key in NAMES and isinstance(value, str):
        return shorten(clean(value, keep_lines=False), NAME_LENGTH)
    known = ", ".join(sorted({*SIZES, *SWITCHES, *NAMES}))
    raise Refused(
        "malformed message", f"The option {_named(key)} does not exist, or its value is not valid. Options: {known}."
    )


def terminal(data: bytes, *, flags: bool) -> bytes:
    """A terminal's type, in a form that the engine can bear: printable, short, and its `flags` a small number."""
    plain = re.sub(rb"[^ -~]", b"", data)[:NAME_LENGTH]
    return plain if not flags or re.fullmatch(rb"MTTS \d{1,5}", plain) else b"MTTS 0"


def _named(name: str) -> str:
    """A name as it may be repeated to its sender, without an attacker's markup."""
    return f"'{name}'" if re.fullmatch(r"[a-z0-9_.-]{1,40}", name) else "of that name"


def _json(payload: bytes) -> Any:
    try:
        return json.loads(payload.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):  # not UTF-8, not JSON, a number of thousands of digits; nested too deep
        raise Refused("malformed message", "That message is not JSON in UTF-8, or is nested too deeply.") from None


def _no_number(name: str) -> None:
    raise ValueError(name)
