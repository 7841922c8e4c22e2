"""What a player can type, with the worst that can stand behind each word: nothing breaks, and nothing
takes for ever.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator

import pytest

from commands import verbs
from server.wire import inputs
from tests.integration.test_commands_game import Player, house, owner, visitor  # noqa: F401
from tests.support.furnished import Furnished as House
from tests.unit.test_expressions import budget

pytestmark = pytest.mark.django_db

LINE = 6000
SECONDS = 3.0
"""Of processor time for one line."""
HUGE = "9" * inputs.DIGITS
WORST = (
    "",
    HUGE,
    f"x-{HUGE}",
    f"{HUGE}-x",
    f"1-{HUGE}",
    f"{HUGE} lens",
    f"lens {HUGE}",
    "²",
    "-1",
    "0",
    "1-999999999",
    "-" * LINE,
    " " * LINE + "x",
    "a," * (LINE // 2),
    "a " * (LINE // 2),
    "|" * LINE,
    "|lca|lt" * (LINE // 7),
    "=" * LINE,
    "timmy " * (LINE // 6),
    "timmy!" * (LINE // 6),
    "[" * LINE,
    "(" * LINE,
    "$1 " * (LINE // 3),
    "*" * LINE,
    "[a-z]*" * (LINE // 6),
    "\ufdfa" * 330,
    "\u0130" * LINE,
    "ß" * LINE,
    "\u0345" * LINE,
    "a\u0301" * (LINE // 2),
    "/" * LINE,
    "a/" * (LINE // 2),
    "{x}" * (LINE // 3),
    "%s%(x)s" * 800,
    "timmy = " + "hey " * (LINE // 5),
    "timmy = " + "." * LINE,
    "Survey /" + "a/" * (LINE // 3),
    "add Survey " + "../" * 100,
    "add " + "x" * LINE,
    "me",
    "here",
    "#1",
    "*mia",
    f"#{HUGE}",
    "timmy task " + HUGE,
    "not timmy " + "a" * LINE,
    "not timmy task " + HUGE,
    "mia = " + "x" * LINE,
    ",".join(f"n{n}" for n in range(1200)) + " = hi",
    "/" + "x/" * 900,
    "header_text_color = " + "lca|lt|" * 850,
    "public = " + "|lca|lt" * 850,
)


@pytest.fixture
def noticed(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    caplog.set_level(logging.ERROR)
    return caplog


def _words(player: Player) -> list[str]:
    from evennia.commands.default import cmdset_account  # noqa: F401  (the engine's sets are read by ours)

    from commands.default_cmdsets import AccountCmdSet, CharacterCmdSet

    found = {verb.name for verb in verbs.all_verbs()}
    for made in (CharacterCmdSet(), AccountCmdSet()):
        found |= {
            command.key
            for command in made.commands
            if not command.key.startswith("__") and command.access(player.body, "cmd")
        }
    return sorted(found - {"quit", "ooc", "password"})


def test_the_worst_lines_of_a_player_break_nothing_and_take_no_time(
    house: House,
    visitor: Player,
    noticed: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from evennia.utils import logger

    house.runtime.settings.__dict__["guest_kb"] = 10**6
    traces: list[str] = []

    def noted(*args: object, **kwargs: object) -> None:
        traces.append(" / ".join(line.strip() for line in traceback.format_exc().splitlines()[-6:]))

    monkeypatch.setattr(logger, "log_trace", noted)
    monkeypatch.setattr("evennia.commands.cmdhandler.logger.log_trace", noted)
    slow, broken = [], []
    visitor.session.data_out = lambda **kwargs: None
    for word in _words(visitor):
        for rest in WORST:
            line = f"{word} {rest}"[:LINE]
            traces.clear()
            traces.clear()
            noticed.clear()
            try:
                with budget(SECONDS):
                    visitor.session.execute_cmd(line)
            except BaseException as error:
                slow.append((word, rest[:20], repr(error)[:80]))
            if traces or any(record.exc_info for record in noticed.records):
                why = traces or [str(record.exc_info[1]) for record in noticed.records if record.exc_info]
                broken.append((word, rest[:20], why[0][:600]))
    assert slow == []
    assert broken == [], "\n".join(map(str, broken))
