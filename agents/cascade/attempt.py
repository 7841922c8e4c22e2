"""One call of one provider, with the times and bounds that are kept alike around all of them.

Owns the waiting for the first piece and for the whole, the size of an answer, and what no answer is. Refuses to
choose a provider or to try again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from agents.cascade.ports import Call, Fault, Provider, ProviderFault, Timeouts, Usage, Vectors, nothing
from agents.kernel.clock import Clock

_log = logging.getLogger("timmy.cascade")
LONGEST = 1_000_000
"""Characters of an answer, thought included."""


@dataclass(frozen=True)
class Got:
    """A whole answer. `first`: seconds to its first piece."""

    text: str
    usage: Usage
    first: float


async def chat(provider: Provider, call: Call, times: Timeouts, clock: Clock, give: Callable[[str], None]) -> Got:
    """The answer to `call`; `give` is called with each piece of its text. Raises ProviderFault."""
    begun, first = clock.monotonic(), 0.0
    text: list[str] = []
    size, thought = 0, False
    usage: Usage | None = None
    stream = provider.chat(call)
    try:
        async with asyncio.timeout(times.whole), asyncio.timeout(times.first) as patience:
            async for piece in stream:
                if isinstance(piece, Usage):
                    usage = piece
                    continue
                if not first and (piece.text or piece.thinking):
                    first = clock.monotonic() - begun
                    patience.reschedule(None)
                thought = thought or bool(piece.thinking)
                size += len(piece.text) + len(piece.thinking)
                if size > LONGEST:
                    raise ProviderFault(Fault.TOO_MUCH, f"it sent more than {LONGEST:,} characters")
                if piece.text:
                    text.append(piece.text)
                    give(piece.text)
    except TimeoutError:
        said = f"no answer began within {times.first:g} s" if not first else f"the answer was not whole within {times.whole:g} s"
        raise ProviderFault(Fault.SILENT, said) from None
    except ProviderFault:
        raise
    except Exception as error:  # a fault of the provider's own code: logged, and told as one of its faults
        raise _unknown(provider, error) from error
    finally:
        if close := getattr(stream, "aclose", None):
            await close()
    if not "".join(text).strip():
        raise nothing(thought)
    if usage is None:
        raise ProviderFault(Fault.CUT, "the answer ended without its end")
    return Got("".join(text), usage, first)


def _unknown(provider: Provider, error: Exception) -> ProviderFault:
    _log.exception("provider %s raised what it should not", provider.name)
    return ProviderFault(Fault.BROKEN, f"it failed by {type(error).__name__}")


async def embed(provider: Provider, model: str, texts: tuple[str, ...], times: Timeouts) -> Vectors:
    """Embeddings, one a text, all of one length. Raises ProviderFault."""
    try:
        async with asyncio.timeout(times.whole):
            found = await provider.embed(model, texts)
    except TimeoutError:
        raise ProviderFault(Fault.SILENT, f"no vectors within {times.whole:g} s") from None
    except ProviderFault:
        raise
    except Exception as error:  # a fault of the provider's own code: logged, and told as one of its faults
        raise _unknown(provider, error) from error
    if len(found.rows) != len(texts) or len({len(row) for row in found.rows}) > 1 or not all(found.rows):
        raise ProviderFault(Fault.BROKEN, "the vectors do not fit the texts")
    return found


