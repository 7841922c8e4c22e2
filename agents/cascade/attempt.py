"""One call of one provider, with the time limits and bounds that apply to all of them alike.

Owns the waits for the first piece and for the whole answer, the size limit, the separation of thinking, and what
counts as no answer. Neither chooses a provider nor retries.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Protocol

from agents.cascade.ports import Call, Fault, Piece, Provider, ProviderFault, Room, Timeouts, Usage, Vectors, nothing
from agents.cascade.thoughts import Split
from agents.cascade.tokens import fewest
from agents.kernel.clock import Clock

_log = logging.getLogger("timmy.cascade")
LONGEST = 1_000_000
"""Maximum characters of an answer, including thinking."""
SURE, SHARE = 200, 0.8
"""Prompts with at least so many tokens are checked, and this share of their minimum must have been read."""


@dataclass(frozen=True)
class Got:
    """A whole answer. `first`: seconds to its first piece; `left_out`: whether it had a closing tag of thinking
    without an opening one.
    """

    text: str
    usage: Usage
    first: float
    left_out: bool = False


class Hearing(Protocol):
    """Receives an answer as it arrives."""

    def give(self, text: str, thinking: str) -> None:
        """More text."""
        ...

    def room(self, tokens: int) -> None:
        """The model's window has so many tokens."""
        ...

    def turn(self) -> None:
        """Everything given as its text was thinking: the model omitted the opening tag."""
        ...


async def chat(
    provider: Provider, call: Call, times: Timeouts, clock: Clock, hearing: Hearing, *, hold: bool = False
) -> Got:
    """The answer to `call`, without the model's thinking. `hold`: see `Split`. Raises ProviderFault."""
    begun, first = clock.monotonic(), 0.0
    heard = _Heard(hearing, Split(hold=hold))
    usage: Usage | None = None
    stream = provider.chat(call)
    try:
        async with asyncio.timeout(times.whole), asyncio.timeout(times.first) as patience:
            async for piece in stream:
                if isinstance(piece, Usage):
                    usage = piece
                    continue
                if isinstance(piece, Room):
                    hearing.room(piece.tokens)
                    continue
                if not first and (piece.text or piece.thinking):
                    first = clock.monotonic() - begun
                    patience.reschedule(None)
                heard.take(piece)
    except TimeoutError:
        said = (
            f"no answer began within {times.first:g} s"
            if not first
            else f"the answer was not complete within {times.whole:g} s"
        )
        raise ProviderFault(Fault.SILENT, said) from None
    except ProviderFault:
        raise
    except Exception as error:  # an error in the provider's own code: logged, and reported as one of its faults
        raise _unknown(provider, error) from error
    finally:
        if close := getattr(stream, "aclose", None):
            await close()
    text = heard.whole(cut=usage is not None and usage.cut)
    if not text.strip():
        raise nothing(heard.thought)
    if usage is None:
        raise ProviderFault(Fault.CUT, "the answer was cut off before its end")
    _whole(usage, *(message.content for message in call.messages))
    return Got(text, usage, first, heard.left_out)


class _Heard:
    """The part of one answer that has arrived, with its thinking separated."""

    def __init__(self, hearing: Hearing, split: Split) -> None:
        self.thought, self._hearing, self._split = False, hearing, split
        self._text: list[str] = []
        self._size, self._turned = 0, False

    @property
    def left_out(self) -> bool:
        """Whether the opening tag of its thinking was omitted."""
        return self._split.left_out

    def take(self, piece: Piece) -> None:
        """More text. Raises ProviderFault if the answer exceeds its limit."""
        self._size += len(piece.text) + len(piece.thinking)
        if self._size > LONGEST:
            raise ProviderFault(Fault.TOO_MUCH, f"it sent more than {LONGEST:,} characters")
        text, thinking = self._split.take(piece.text)
        self._give(text, piece.thinking + thinking)

    def whole(self, *, cut: bool) -> str:
        """The complete text."""
        self._give(*self._split.end(cut=cut))
        return "".join(self._text)

    def _give(self, text: str, thinking: str) -> None:
        self.thought = self.thought or bool(thinking)
        if self._split.turned and not self._turned:
            self._turned = True
            self._text.clear()
            self._hearing.turn()
        if text:
            self._text.append(text)
        if text or thinking:
            self._hearing.give(text, thinking)


def _whole(usage: Usage, *shown: str) -> None:
    """Raise ProviderFault if the server counted far fewer tokens than it was sent, because it truncated the prompt."""
    if usage.counted and 0 < usage.tokens_in < SHARE * (least := fewest(*shown)) and least >= SURE:
        raise ProviderFault(
            Fault.SHORTENED,
            f"it read {usage.tokens_in:,} tokens of a prompt of {least:,} or more: its window has no room for the rest",
        )


def _unknown(provider: Provider, error: Exception) -> ProviderFault:
    _log.exception("provider %s raised what it should not", provider.name)
    return ProviderFault(Fault.BROKEN, f"it failed by {type(error).__name__}")


async def embed(provider: Provider, model: str, texts: tuple[str, ...], times: Timeouts) -> Vectors:
    """Embeddings, one for each text, all of the same length. Raises ProviderFault."""
    try:
        async with asyncio.timeout(times.whole):
            found = await provider.embed(model, texts)
    except TimeoutError:
        raise ProviderFault(Fault.SILENT, f"no vectors within {times.whole:g} s") from None
    except ProviderFault:
        raise
    except Exception as error:  # an error in the provider's own code: logged, and reported as one of its faults
        raise _unknown(provider, error) from error
    if len(found.rows) != len(texts) or len({len(row) for row in found.rows}) > 1 or not all(found.rows):
        raise ProviderFault(Fault.BROKEN, "the vectors do not fit the texts")
    _whole(found.usage, *texts)
    return found
