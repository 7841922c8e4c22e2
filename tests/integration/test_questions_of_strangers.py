"""Questions in other people's words, and such as go on with what was said before: on the point, true, and no secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agents.thinking import reflex
from agents.thinking.messages import REFLEX, WHOLE
from tests.support import truths
from tests.support.asked import ASKED
from tests.support.furnished import Furnished as House
from tests.support.light_house import OWNER, ground
from tests.support.lived_in import MIA, lived_in

pytestmark = pytest.mark.django_db
LEAST = 0.9
"""The share of questions that must be answered on the point."""
SECRETS = ("no rule to make target", "broken link", "12 tests", "wants to look at it first", "your word")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return lived_in(tmp_path)


def test_questions_in_other_words_are_answered_on_the_point_truly_and_without_secrets(house: House) -> None:
    check, beside, untrue = truths.checker(house), [], []
    lines = ASKED.strip().splitlines()
    assert len(lines) >= 120
    for line in lines:
        put, _, must = line.partition(" | ")
        who, slug, words = put.split(" ", 2)
        asker, words = {"o": OWNER, "g": MIA}[who], words.removeprefix("> ")
        said = reflex.answer(ground(house), slug, asker, words)
        untrue += [f"{words}: {problem}" for problem in check(slug, said.sentences, str(asker))]
        untrue += [f"{words}: a guest hears {secret}" for secret in SECRETS if who == "g" and secret in said.text]
        if not re.search(must, said.text):
            beside.append(f"{words} -> {said.text}")
        log = house.conversation.log
        answer = log.answering(log.said(asker, words, channel="ask", via="telnet", to=slug))
        log.grows(answer, said.text)
        log.ends(answer, WHOLE, REFLEX, records=said.sentences)
    assert not untrue, "\n".join(untrue)
    assert len(beside) <= len(lines) * (1 - LEAST), "\n".join(beside)
