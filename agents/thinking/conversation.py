"""Conversation: somebody speaks to an agent, and it answers, in words that are only words.

Owns the life of an answer: it is logged before it is asked for, asked of the cascade, told sentence by sentence, cut
when it is no longer wanted, resumed after a reload, and given from the records alone when no model can. Nothing that a
model says is read as a command, an approval or a tool; it is cleaned, shown and kept. Refuses more conversations at
once than it can hold, and agents that would ask each other endlessly.

States of an answer: running --all of it was told--> whole; --hushed, asked anew, or too long--> interrupted; --it broke
off in the middle--> failed. An answer of which nothing has come yet does not fail: the records answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.python.failure import Failure

from agents.cascade.ports import Answer
from agents.events.models import Event
from agents.governance.rules import Actor
from agents.house.core import Core
from agents.house.house import House
from agents.house.part import NEVER, Part
from agents.kernel.errors import BadInput, NotFound, TimmyError
from agents.kernel.text import clean
from agents.language.monitor import Monitor
from agents.thinking.addressing import addressee, missed
from agents.thinking.admission import Admission
from agents.thinking.briefs import Briefs
from agents.thinking.fallback import TOO_SLOW, Fallback
from agents.thinking.messages import FAILED, INTERRUPTED, REFLEX, WHOLE, MessageLog, conversation_of
from agents.thinking.models import Message
from agents.thinking.ports import Ground, Handbook, Known
from agents.thinking.prompt import MOST_WORDS
from agents.thinking.sentences import Flow
from agents.thinking.talk import LONGEST_ANSWER, Ending, Hearer, Reader, Silence, Talk

if TYPE_CHECKING:
    from agents.cascade.client import Language

_log = logging.getLogger("timmy.conversation")
UPDATE_SECONDS = 0.2
"""Least time between two parts of one answer."""
MOMENT_SECONDS = 1.0
"""After which it is told that an agent is thinking."""
PATIENCE_SECONDS = 330.0
"""After which an answer is waited for no longer; the cascade's own limits end it before."""
KEPT_SECONDS = 600.0
"""How old a question may be that is still answered after the world was away."""


class Conversation(Part):
    """All answers under way in one world. Not thread-safe: the thread that may touch tables calls everything."""

    name = "conversation"
    after = ("mind",)
    every = UPDATE_SECONDS / 2

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self.log = MessageLog(core.runtime, core.events.unit)
        self.voice: Callable[[Message], Hearer] = lambda asked: Silence()
        """Who hears the answer to a message, as whoever shows the world to people has it."""
        self._talks: dict[str, Talk] = {}
        self._unsubscribe: Callable[[], None] = lambda: None
        self._beaten = 0.0
        """Reading of the clock at the last beat."""

    def wire(self, house: House) -> None:
        """Find out who knows the minds."""
        self._known = house.need(Known)
        self._ground = Ground(self.core, self._known, house.seeds, house.recalls, house.find(Handbook))
        self._briefs = Briefs(self.core, self._ground, self.log)
        self._fallback = Fallback(self.core, self._ground, self.log, self._briefs, house.find(Monitor))
        self._admission = Admission(self.core, self._known, self.log, self._talks)

    def start(self) -> None:
        """Resume what was under way when the world stopped."""
        self.take_up()
        self._unsubscribe = self.core.bus.subscribe("roster.removed", self._removed)

    def _removed(self, event: Event) -> None:
        """Cut the answers of an agent that no longer lives here."""
        with self.core.events.unit():
            for talk in [talk for talk in self._talks.values() if talk.slug == event.agent]:
                self._cut(talk, f"{event.data['name']} lives here no more")

    # -- asking --------------------------------------------------------------------------------
    def ask(
        self,
        asker: Actor,
        slug: str,
        words: str,
        *,
        channel: str,
        via: str,
        room: str = "",
        hearer: Hearer | None = None,
    ) -> Message:
        """Have an agent answer; returns the answer's row, which grows. `hearer` hears it besides whoever `voice` names.

        Raises BadInput, NotFound, Conflict; then nothing was written.
        """
        words = clean(words).strip()
        if not words:
            raise BadInput("Say what you ask.", next=f"ask {slug} = what are you doing?")
        if len(words) > MOST_WORDS:
            raise BadInput(f"That has {len(words)} characters; an agent listens to {MOST_WORDS} at a time.")
        self._admission.may_answer(slug)
        if asker.kind == "agent":
            self._admission.may_ask(asker, slug)
        mine = [talk for talk in self._talks.values() if talk.asked.conversation == conversation_of(asker, slug)]
        self._admission.has_room(slug, len(mine))
        unit = self.core.events.unit
        with unit():
            for talk in mine:
                self._cut(talk, f"{asker.name} asked again")
            asked = self.log.said(asker, words, channel=channel, via=via, room=room, to=slug)
            answer = self.log.answering(asked)
        talk = self._talk(asked, answer)
        talk.hearers += [hearer] if hearer is not None else []
        if self.core.language() is None:
            self._begin(talk)
        else:
            unit.then(partial(self._begin, talk))  # nobody outside is asked what is not on record
        return answer

    def consult(self, asker: Actor, slug: str, words: str) -> Deferred[str]:
        """One agent asks another; the answer whole. Raises as `ask`; fails with StepFailed where there is none."""
        hearer = Reader()
        self.ask(asker, slug, words, channel="mind", via="mind", hearer=hearer)
        return hearer.read

    def heard(self, speaker: Actor, words: str, room: str, *, others: int, via: str) -> Message | None:
        """A person has spoken in a room: keep it, and have the agent answer who was spoken to. `others`: how many
        people stand there besides. Returns the answer's row, None where nobody was spoken to. Raises as `ask`; also
        NotFound, when the words are kept, for an agent that is called and is elsewhere.
        """
        names = {slug: one.name for slug, one in self.core.roster.items()}
        here = {slug: names[slug] for slug in self.core.world.agents(room) if slug in names}
        away = missed(words, {slug: name for slug, name in names.items() if slug not in here})
        slug = addressee(words, here, others=others + bool(away))
        if slug:
            return self.ask(speaker, slug, words, channel="room", via=via, room=room)
        with self.core.events.unit():
            self.log.said(speaker, clean(words).strip(), channel="room", via=via, room=room)
        if away:
            raise self._admission.away(away)
        return None

    def away(self, slug: str) -> NotFound:
        """That an agent is not where it was spoken to, where it is, and what reaches it."""
        return self._admission.away(slug)

    def hush(self, actor: Actor, slug: str = "") -> list[Message]:
        """Cut the answer that an agent (or, without a slug, any) is giving somebody; the owner cuts those to others,
        too, where he names the agent. Returns what was cut.
        """
        mine = [
            talk
            for talk in self._talks.values()
            if slug in ("", talk.slug) and (talk.asker == actor or (slug and actor.kind == "owner"))
        ]
        with self.core.events.unit():
            for talk in mine:
                self._cut(talk, f"hushed by {actor}")
        return [talk.answer for talk in mine]

    def answering(self, asker: Actor) -> bool:
        """Whether somebody is being answered now."""
        return any(talk.asker == asker for talk in self._talks.values())

    def follow(self, id: str, hearer: Hearer, after: int = 0) -> None:
        """Hear an answer from its character `after` on, whether it is under way or done. Raises NotFound."""
        talk = self._talks.get(id)
        answer = talk.answer if talk else self.log.find(id)
        if answer is None or not answer.answers:
            raise NotFound("There is no such answer.", next="messages")
        if part := answer.text[after:]:
            hearer.told(part, answer.source if answer.source == REFLEX else "")
        if talk is None:
            hearer.ended(answer)
        else:
            talk.hearers.append(hearer)

    # -- the way of an answer ----------------------------------------------------------------------
    def _talk(self, asked: Message, answer: Message) -> Talk:
        talk = Talk(
            asked,
            answer,
            self.core.runtime.clock.monotonic(),
            [self.voice(asked)],
            Flow(LONGEST_ANSWER, told=len(answer.text)),
        )
        self._talks[answer.pk] = talk
        return talk

    def _begin(self, talk: Talk, again: bool = False) -> None:
        """Ask the cascade, or find the question there that was asked before the world stopped."""
        language = self.core.language()
        if talk.closed:
            return
        if language is None:
            self._fallback.answer(talk, "no model service is connected")
            self._read_at_once(talk)
            return
        if not again and talk.asker.kind != "agent" and self._fallback.too_slow(talk.slug):
            self._fallback.answer(talk, TOO_SLOW)
            return
        coming: Deferred[Answer] = maybeDeferred(self._asked, language, talk, again)
        coming.addCallbacks(partial(self._came, talk), partial(self._failed, talk, again))
        coming.addCallback(lambda _: self._read_at_once(talk))
        coming.addErrback(self._fault)

    def _read_at_once(self, talk: Talk) -> None:
        """An agent reads the whole of an answer when it is over, at once: the days of a simulation have no beats."""
        if talk.asker.kind == "agent" and talk.end is not None and not talk.closed:
            with self.core.events.unit():
                self._advance(talk, self.core.runtime.clock.monotonic())

    def _asked(self, language: Language, talk: Talk, again: bool) -> Deferred[Answer]:
        hear = partial(self._hear, talk)
        return language.resume(talk.answer.pk, hear) if again else language.ask(self._briefs.question(talk), hear)

    def _hear(self, talk: Talk, text: str) -> None:
        if talk.closed or talk.end is not None:
            return
        talk.flow.add(text)
        if talk.flow.over:
            talk.end = Ending(INTERRUPTED, "", f"longer than {LONGEST_ANSWER} characters")
            self._cancel(talk)

    def _came(self, talk: Talk, answer: Answer) -> None:
        if talk.closed or talk.end is not None:
            return
        if not talk.flow.begun:
            self._hear(talk, answer.text)
        if talk.flow.blank and not talk.answer.text:
            self._fallback.answer(talk, f"{answer.provider} answered with nothing")
        elif talk.end is None:
            talk.end = Ending(
                WHOLE, f"{answer.provider}/{answer.model}", "cut at its longest length" if answer.cut else ""
            )

    def _failed(self, talk: Talk, again: bool, failure: Failure) -> None:
        if talk.closed or talk.end is not None:
            return
        error = failure.value
        if not isinstance(error, TimmyError):
            self._fault(failure)
        said = error.message if isinstance(error, TimmyError) else "a fault in the world itself, which is noted"
        if talk.flow.blank and not talk.answer.text:
            if again and isinstance(
                error, NotFound
            ):  # it was written down, and never reached the cascade, or died with it
                self._begin(talk)
            else:
                self._fallback.answer(talk, said)
        else:
            talk.end = Ending(FAILED, "", said)

    def _fault(self, failure: Failure) -> None:
        _log.error("an answer failed: %s", failure.getTraceback())
        if isinstance(failure.value, Exception):
            self.core.faults(failure.value, "an answer of the cascade")

    # -- five times a second -------------------------------------------------------------------------
    @property
    def next_beat(self) -> float:
        """Shortly after the last one, while an answer is under way."""
        return self._beaten + self.every if self._talks else NEVER

    def beat(self) -> None:
        """Tell what has arrived, and end the answers that are complete."""
        now = self._beaten = self.core.runtime.clock.monotonic()
        if not self._talks:
            return
        with self.core.events.unit():
            for talk in list(self._talks.values()):
                self._advance(talk, now)

    def _advance(self, talk: Talk, now: float) -> None:
        if now - talk.told_at < UPDATE_SECONDS:
            return
        if talk.end is None and now - talk.begun >= PATIENCE_SECONDS:
            self._cancel(talk)
            self._fallback.answer(talk, f"no answer came within {PATIENCE_SECONDS:.0f} seconds")
        part = talk.flow.rest() if talk.end else talk.flow.take()
        if part and not (talk.end and talk.end.source == REFLEX) and (why := self._fallback.against(talk, part)):
            part = self._withheld(talk, why)
        if part:
            talk.told_at = now
            talk.tell(lambda hearer: hearer.told(part, talk.source))
            self.log.grows(talk.answer, part)
        elif not talk.waited and not talk.end and now - talk.begun >= MOMENT_SECONDS and not talk.answer.text:
            talk.waited = True
            talk.tell(lambda hearer: hearer.thinking())
        if talk.end is not None:
            self._write(talk, talk.end)

    def _withheld(self, talk: Talk, why: str) -> str:
        """Nothing more of the model is told: the records answer, or what was told ends here. What is told instead."""
        if talk.end is None:
            self._cancel(talk)
        if talk.answer.text:
            talk.end = Ending(INTERRUPTED, talk.end.source if talk.end else "", why)
            return ""
        self._fallback.answer(talk, why)
        return talk.flow.rest()

    def _write(self, talk: Talk, end: Ending) -> None:
        """The answer is over, on record and in the log of events."""
        slug, answer = talk.slug, talk.answer
        self.log.ends(answer, end.state, end.source, end.note, talk.records)
        self.core.events.append(
            f"agent.{slug}.answered",
            Actor("agent", slug),
            via="mind",
            agent=slug,
            data={
                "message": answer.pk,
                "asker": answer.to,
                "channel": answer.channel,
                "state": end.state,
                "source": end.source or "unknown",
                **({"room": answer.room} if answer.room else {}),
            },
        )
        if talk.asker.kind == "agent":  # goes on in the same unit, and is undone with it
            self._over(talk)
        else:
            self.core.events.unit.then(partial(self._over, talk))

    def _over(self, talk: Talk) -> None:
        talk.closed = True
        self._talks.pop(talk.answer.pk, None)
        talk.tell(lambda hearer: hearer.ended(talk.answer))

    def _cut(self, talk: Talk, why: str) -> None:
        """Cut the answer: what was told stays, the rest is dropped."""
        whole = talk.end is not None
        talk.end = Ending(INTERRUPTED, talk.end.source if talk.end else "", why)
        if not whole:
            self._cancel(talk)
        self._write(talk, talk.end)

    def _cancel(self, talk: Talk) -> None:
        if (language := self.core.language()) is not None:
            cancelled: Deferred[None] = language.cancel(talk.answer.pk)
            cancelled.addErrback(lambda failure: _log.info("the cascade was not told to stop: %s", failure.value))

    # -- over a reload -----------------------------------------------------------------------------------
    def take_up(self) -> int:
        """Resume the answers that were under way when the world stopped; returns how many."""
        now, found = self.core.runtime.clock.now(), 0
        for answer in self.log.running():
            asked = self.log.find(answer.answers)
            late = (now - answer.at).total_seconds() > KEPT_SECONDS
            if asked is None or late or answer.sender.removeprefix("agent:") not in self.core.roster:
                self.log.ends(answer, FAILED, "", "the world was away" if late else "who was asked is here no more")
                continue
            self._begin(self._talk(asked, answer), again=True)
            found += 1
        return found

    def stop(self) -> None:
        """The world stops: answers continue in the cascade and are resumed at the next start."""
        self._unsubscribe()
        for talk in self._talks.values():
            talk.closed = True
        self._talks.clear()

    # -- words --------------------------------------------------------------------------------------------
    def _name(self, slug: str) -> str:
        persona = self.core.roster.get(slug)
        return persona.name if persona else slug
