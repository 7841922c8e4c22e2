"""Answers from the records when no model speaks: there is none, it is too slow, or what it says is withheld.

Owns when a model is not asked or not heard, and the sentences that are said instead. Refuses to cut an answer that has
been partly told: `conversation` does.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from agents.house.core import Core
from agents.language.monitor import Monitor
from agents.thinking import prompt, reflex
from agents.thinking.briefs import Briefs
from agents.thinking.forms import Said, say, together
from agents.thinking.judgement import against
from agents.thinking.messages import FAILED, REFLEX, WHOLE, MessageLog
from agents.thinking.pace import too_slow
from agents.thinking.ports import Ground
from agents.thinking.sentences import Flow
from agents.thinking.settings import ThinkingSettings
from agents.thinking.talk import LONGEST_ANSWER, Ending, Talk

_log = logging.getLogger("timmy.conversation")
LATELY = timedelta(hours=1)
"""What was said to somebody within this time is worded otherwise where it can be."""
TOO_SLOW = "the model is too slow for talk"


class Fallback:
    """The fallback of one house. `monitor` knows the last seen state of the model service; None if nobody looks."""

    def __init__(self, core: Core, ground: Ground, log: MessageLog, briefs: Briefs, monitor: Monitor | None) -> None:
        self.core, self._ground, self.log, self._briefs, self._monitor = core, ground, log, briefs, monitor
        self._slow: dict[str, datetime] = {}
        """When it was last said in a conversation that the model is too slow."""

    def too_slow(self, slug: str) -> bool:
        """Whether the model is too slow to keep anybody waiting, by its last report."""
        seen = self._monitor.look() if self._monitor is not None else None
        most = self.core.runtime.settings.of(ThinkingSettings).talk_first_seconds
        return too_slow(seen.report if seen else None, most, self.core.roster[slug].mind.choice)

    def against(self, talk: Talk, part: str) -> str:
        """Why these words of a model are withheld, '' if they are not."""
        who, shown = self._briefs.portrait(talk.slug), (sentence.text for sentence in talk.records)
        return against(part, who.name, prompt.system(who), shown, talk.asked.text) if talk.records else ""

    def answer(self, talk: Talk, why: str) -> None:
        """Answer from the records, unless part of a model's answer was told already: the records could not continue
        that.
        """
        if talk.answer.text:
            talk.end = Ending(FAILED, "", why)
            return
        talk.flow = Flow(LONGEST_ANSWER)
        try:
            said = self._by_reflex(talk, why)
        except Exception as error:  # noqa: BLE001  whoever asked is answered, and the fault is ours to mend
            _log.exception("the records of %s gave no answer", talk.slug)
            self.core.faults(error, "an answer from the records")
            talk.end = Ending(FAILED, "", "a fault in the world itself, which is noted")
            return
        talk.records = list(said.sentences)
        talk.flow.add(said.text)
        talk.end = Ending(WHOLE, REFLEX, why)

    def _by_reflex(self, talk: Talk, why: str) -> Said:
        """The answer from the records; it says at most once an hour that a model is too slow."""
        now, asked = self.core.runtime.clock.now(), talk.asked
        lately = self.log.told_since(asked.conversation, now - LATELY)
        hearer = self._briefs.hearer(talk)
        said = reflex.answer(self._ground, talk.slug, talk.asker, asked.text, hearer, lately)
        if why == TOO_SLOW and now - self._slow.get(asked.conversation, now - LATELY) >= LATELY:
            self._slow[asked.conversation] = now
            return together([say("too_slow", 0, ()), *said.sentences])
        return said
