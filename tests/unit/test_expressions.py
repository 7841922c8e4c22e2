"""No expression of ours takes for ever: each is fed long texts made of its own letters, under a budget of processor
time.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from evennia.utils.ansi import ANSIParser

PACKAGES = ("agents", "commands", "server", "typeclasses", "web", "world")
BOUNDED = {
    "agents.work.kinds.build_room._ASKED": 400,  # the longest title
    "typeclasses.nicks._OF_CHANNEL": 6000,  # the longest line
    # The longest line that is read as plain words.
    "commands.intents.orders._TAIL": 500,
    "commands.intents.phrasing._TAIL": 500,
    "commands.intents.manners._PIPED": 500,
    "commands.intents.manners._LAST": 500,
    "commands.intents.orders._ADD": 500,
    "commands.intents.orders._AFTER": 500,
    "commands.intents.orders._GIVEN": 500,
    "commands.intents.verdicts._REASON": 500,
    "commands.intents.verdicts._UNTIL": 500,
    "commands.intents.verdicts._WHOM": 500,
    "commands.intents.verdicts._TO": 500,
    "commands.intents.verdicts._FOR": 500,
}
"""Those that are never asked about more characters than that."""
WHOLE = {
    "agents.goap.model._FACT",
    "commands.harmless._LOCK",
    "commands.intents.phrasing._WORK_FOR",
    "commands.parsing._OBJECT",
    "agents.events.chain._TOPIC",
    "agents.events.topic._NAME",
    "agents.kernel.git._SETTING",
    "agents.kernel.location._NEEDED",
    "agents.work.kinds.build_room._ASKED",
    "commands.moments._AGO",
    "commands.moments._WALL",
    "typeclasses.nicks._OF_CHANNEL",
}
"""Those that are asked about whole texts alone (`fullmatch`), or about their beginning (`match`)."""
SANDBOXED = {"agents.work.kinds._trial.run._NOT_FOUND"}
"""Those that run in the sandbox, which has a limit of its own."""
LONG = 10_000
SECONDS = 0.25
"""Of processor time; what grows with the square takes many times as much."""
ENGINE = {
    "mxp_sub",
    "mxp_url_sub",
    "xterm256_fg_sub",
    "xterm256_bg_sub",
    "ansi_sub",
    "brightbg_sub",
    "unsafe_tokens",
    "ansi_escapes",
}


class Endless(Exception):
    """It takes too long."""


@contextmanager
def budget(seconds: float) -> Iterator[None]:
    """Raise Endless after so much processor time of this process, however busy the machine is."""

    def ended(*_: object) -> None:
        raise Endless

    before = signal.signal(signal.SIGVTALRM, ended)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for package in PACKAGES:
        root = importlib.import_module(package)
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            if ".migrations" in found.name or found.name.startswith(
                ("agents.cascade.providers.engine_", "server.conf")
            ):
                continue
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    module = importlib.import_module(found.name)
            except ImportError:  # of an engine of models that is not installed
                continue
            for name, value in vars(module).items():
                if isinstance(value, re.Pattern) and f"{found.name}.{name}" not in SANDBOXED:
                    yield f"{found.name}.{name}", value
    for name in sorted(ENGINE):
        yield f"engine.{name}", getattr(ANSIParser, name)


def _texts(pattern: str, long: int) -> Iterator[str]:
    words = {
        *re.findall(r"[A-Za-z]{2,}", pattern),
        *re.findall(r"\\?([^\w\s])", pattern),
        " ",
        "\n",
        "\t",
        "a",
        "1",
        "_",
        "\x1b[",
        "é",
    }
    for word in sorted(words):
        yield word * (long // len(word)) + "\x00"
        for filler in (" ", "\n", "1", "a", word):
            yield f"{word}{filler * long}\x00"
        yield f"{word} " * (long // (len(word) + 1)) + "\x00"
    yield "|lca|lt" * (long // 7)


@pytest.mark.parametrize(("name", "pattern"), [pytest.param(name, pattern, id=name) for name, pattern in _patterns()])
def test_an_expression_takes_time_with_the_length_of_the_text_alone(name: str, pattern: re.Pattern[str]) -> None:
    long = BOUNDED.get(name, LONG)
    for text in _texts(str(pattern.pattern), long):
        asked = text.encode() if isinstance(pattern.pattern, bytes) else text
        with budget(SECONDS):
            pattern.fullmatch(asked)  # type: ignore[arg-type]
            name in WHOLE or pattern.sub(b"" if isinstance(asked, bytes) else "", asked)  # type: ignore[arg-type,call-overload]
