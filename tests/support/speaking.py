"""A language that a test speaks by hand, and somebody who hears."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from twisted.internet.defer import Deferred, succeed

from agents.cascade.ports import Answer, Question
from agents.kernel.errors import NotFound, Unavailable
from agents.thinking.models import Message


@dataclass
class Asked:
    """One question under way."""

    question: Question
    heard: Callable[[str], None]
    answer: Deferred[Answer]
    text: str = ""
    cancelled: bool = False

    def say(self, text: str) -> None:
        """More comes."""
        self.text += text
        self.heard(text)

    def end(self, provider: str = "ollama", model: str = "tiny:1b", **more: Any) -> None:
        """All of it has come."""
        self.answer.callback(Answer(self.question.id, self.text, provider, model, True, **more))

    def fail(self, error: Exception | None = None) -> None:
        """It cannot be given."""
        self.answer.errback(error or Unavailable("every provider is down"))


@dataclass
class Spoken:
    """The port `Language`, at a test's hand. `kept`: what the cascade still knows by id after the world went away."""

    asked: list[Asked] = field(default_factory=list)
    kept: dict[str, Asked] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)
    resumed: list[str] = field(default_factory=list)

    def ask(self, question: Question, heard: Callable[[str], None]) -> Deferred[Answer]:
        self.asked.append(Asked(question, heard, Deferred()))
        self.kept[question.id] = self.asked[-1]
        return self.asked[-1].answer

    def resume(self, id: str, heard: Callable[[str], None]) -> Deferred[Answer]:
        self.resumed.append(id)
        if id not in self.kept:
            raise NotFound(f"There is no answer {id}.")
        one = self.kept[id]
        one.heard, one.answer = heard, Deferred()
        heard(one.text)
        return one.answer

    def cancel(self, id: str) -> Deferred[None]:
        self.cancelled.append(id)
        return succeed(None)

    def status(self) -> Deferred[dict[str, Any]]:
        return succeed({})


@dataclass
class Ear:
    """A hearer that keeps what it heard, and when."""

    clock: Any
    parts: list[tuple[float, str, str]] = field(default_factory=list)
    thoughts: int = 0
    ends: list[Message] = field(default_factory=list)

    def thinking(self) -> None:
        self.thoughts += 1

    def told(self, part: str, source: str) -> None:
        self.parts.append((self.clock.monotonic(), part, source))

    def ended(self, answer: Message) -> None:
        self.ends.append(answer)

    @property
    def text(self) -> str:
        return "".join(part for _, part, _ in self.parts)
