"""The OpenAI protocol, as far as the cascade speaks it: requests parsed, answers written.

Owns the translation between JSON and the vocabulary of `ports`, in both directions, with the world's one addition,
the key `timmy`. Refuses, by name, options that it does not support, so that nobody gets an answer to something
else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.cascade import structured
from agents.cascade.cascade import Sampling
from agents.cascade.ports import Answer, Message, Purpose, Question, Role, Step, Vectors
from agents.cascade.refusal import NoAnswer
from agents.kernel.errors import BadInput, Conflict, NotFound, TimmyError
from agents.kernel.text import clean, shorten

OURS = "timmy"
"""The model name that stands for whatever the cascade chooses."""
PROGRAM = "program"
"""The agent in whose name a program of the owner's asks."""
_ROLES: dict[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
_TYPES = {400: "invalid_request_error", 401: "authentication_error", 404: "not_found_error", 429: "rate_limit_error"}
Name = Field(pattern=r"^[\w.:/@+-]+$", max_length=200)  # `\w{1,200}` would take 9 MB, compiled


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Asked(_Told):
    """The world's addition to a request: the fields of `Question`."""

    id: str = Field(pattern=r"^[\w-]+$", max_length=64)
    agent: str = Field(PROGRAM, pattern=r"^[\w-]+$", max_length=60)
    purpose: Purpose = "other"
    person: bool = False
    stale_after: float | None = Field(None, gt=0, le=86400)
    models: list[str] = Field([], max_length=20)
    remote: list[str] = Field([], max_length=20)
    tokens_a_day: int | None = Field(None, ge=0)
    money_a_day: float | None = Field(None, ge=0)


class _Part(_Told):
    type: Literal["text"]
    text: str


class _Turn(_Told):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[_Part]
    name: str = ""


class _Schema(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, populate_by_name=True)
    form: dict[str, Any] = Field(alias="schema")


class _Format(_Told):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: _Schema | None = None


class _StreamOptions(BaseModel):
    include_usage: bool = False


class _Chat(BaseModel):
    """A request. Options that are not listed here have no effect and are ignored, except those in `_REFUSED`."""

    model_config = ConfigDict(extra="allow", strict=True)
    model: str = Name
    messages: list[_Turn] = Field(min_length=1, max_length=500)
    stream: bool = False
    stream_options: _StreamOptions | None = None
    max_tokens: int | None = Field(None, ge=1, le=32768)
    max_completion_tokens: int | None = Field(None, ge=1, le=32768)
    temperature: float | None = Field(None, ge=0, le=2)
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    stop: str | list[str] | None = None
    n: int | None = Field(None, ge=1, le=1)
    response_format: _Format | None = None
    timmy: _Asked | None = None


_REFUSED = ("tools", "functions", "audio", "modalities", "logprobs", "web_search_options")


class _Embed(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    model: str = Name
    input: str | list[str]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: None = None
    timmy: _Asked | None = None


class Stretch(BaseModel):
    """Whose questions within which span of time are requested; seconds since 1970."""

    model_config = ConfigDict(extra="forbid")
    agent: str = Field(pattern=r"^[\w-]+$", max_length=60)
    since: float = Field(0, ge=0, lt=1e12)
    until: float = Field(1e12, ge=0, le=1e12)
    most: int = Field(100, ge=1, le=1000)


class Sent(BaseModel):
    """Which part of what left this machine is requested; no agent: all. `longest`: characters returned of each
    message.
    """

    model_config = ConfigDict(extra="forbid")
    agent: str = Field("", pattern=r"^[\w-]*$", max_length=60)
    before: int | None = Field(None, ge=1, lt=2**62)
    most: int = Field(20, ge=1, le=200)
    longest: int = Field(1_000_000, ge=1, le=1_000_000)


class Chat:
    """A parsed chat request."""

    def __init__(self, question: Question, sampling: Sampling, *, stream: bool, usage: bool, numbered: bool) -> None:
        """`numbered`: the asker gave it an id and will find the answer by it, even after its connection has ended."""
        self.question, self.sampling, self.stream, self.usage, self.numbered = (
            question,
            sampling,
            stream,
            usage,
            numbered,
        )


def read(body: bytes) -> Any:
    """The JSON object of a body. Raises BadInput."""
    try:
        value = structured.read(body.decode())
    except UnicodeDecodeError:
        raise BadInput("The body is not UTF-8.") from None
    except structured.Wrong as wrong:
        raise BadInput(f"The body cannot be read: {wrong}.") from None
    if not isinstance(value, dict):
        raise BadInput("The body is not a JSON object.")
    return value


def chat(body: Mapping[str, Any], new_id: str) -> Chat:
    """Parse a chat request. Raises BadInput that names what is wrong."""
    asked = _read(_Chat, body)
    if refused := [name for name in _REFUSED if asked.model_extra and asked.model_extra.get(name)]:
        raise BadInput(f"{refused[0]}: the cascade does not accept this.")
    messages = tuple(
        Message(_ROLES[m.role], m.content if isinstance(m.content, str) else "".join(p.text for p in m.content))
        for m in asked.messages
    )
    form, schema = asked.response_format, None
    if form is not None and form.type != "text":
        schema = {"type": "object"} if form.json_schema is None else form.json_schema.form
        if form.type == "json_schema" and form.json_schema is None:
            raise BadInput("response_format.json_schema: it is missing.")
    stop = (asked.stop,) if isinstance(asked.stop, str) else tuple(asked.stop or ())
    question = _question(
        asked.timmy, asked.model, new_id, messages, schema, asked.max_completion_tokens or asked.max_tokens or 512
    )
    usage = asked.stream_options is not None and asked.stream_options.include_usage
    return Chat(
        question,
        Sampling(asked.temperature, asked.seed, stop),
        stream=asked.stream,
        usage=usage,
        numbered=asked.timmy is not None,
    )


def embed(body: Mapping[str, Any], new_id: str) -> tuple[Question, tuple[str, ...], str]:
    """Parse an embeddings request: the question without its texts, the texts, the encoding. Raises BadInput."""
    asked = _read(_Embed, body)
    texts = (asked.input,) if isinstance(asked.input, str) else tuple(asked.input)
    if not texts or len(texts) > 2048 or not all(texts):
        raise BadInput("input: 1 to 2,048 texts are taken, none of them empty.")
    return _question(asked.timmy, asked.model, new_id, (), None, 1), texts, asked.encoding_format


def asked[F: BaseModel](form: type[F], query: Mapping[str, str]) -> F:
    """Parse a request's query string. Raises BadInput."""
    found: F = _read(form, dict(query))
    return found


def _question(
    told: _Asked | None,
    model: str,
    new_id: str,
    messages: tuple[Message, ...],
    schema: Mapping[str, Any] | None,
    most: int,
) -> Question:
    told = told or _Asked(id=new_id)
    models = tuple(told.models) or (() if model == OURS else (model,))
    return Question(
        told.id,
        told.agent,
        told.purpose,
        messages,
        told.person,
        schema,
        most,
        told.stale_after,
        models,
        frozenset(told.remote),
        told.tokens_a_day,
        told.money_a_day,
    )


def _read(form: type[Any], body: Mapping[str, Any]) -> Any:
    try:
        return form.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{shorten(clean(where, keep_lines=False), 100)}: {first['msg']}.") from None


# -- writing -----------------------------------------------------------------------------------------


def told(question: Question) -> dict[str, Any]:
    """The body with which the world asks `question`; `chat` parses it."""
    body: dict[str, Any] = {
        "model": OURS,
        "stream": True,
        "max_tokens": question.max_tokens,
        "messages": [{"role": m.role, "content": m.content} for m in question.messages],
        "timmy": {
            "id": question.id,
            "agent": question.agent,
            "purpose": question.purpose,
            "person": question.person,
            "stale_after": question.stale_after,
            "models": list(question.models),
            "remote": sorted(question.remote),
            "tokens_a_day": question.tokens_a_day,
            "money_a_day": question.money_a_day,
        },
    }
    if question.schema is not None:
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": question.schema}}
    return body


def account(answer: Answer) -> dict[str, Any]:
    """What the world's addition to an answer contains."""
    return {
        "provider": answer.provider,
        "model": answer.model,
        "local": answer.local,
        "way": [asdict(step) for step in answer.way],
        "tokens_in": answer.tokens_in,
        "tokens_out": answer.tokens_out,
        "cut": answer.cut,
    }


def usage(answer: Answer) -> dict[str, int]:
    """Tokens in the protocol's form."""
    sums = {"prompt_tokens": answer.tokens_in, "completion_tokens": answer.tokens_out}
    return {**sums, "total_tokens": answer.tokens_in + answer.tokens_out}


def whole(id: str, answer: Answer, created: int) -> dict[str, Any]:
    """A chat answer that is not streamed."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": answer.text},
        "finish_reason": _end(answer),
        "logprobs": None,
    }
    return {
        "id": id,
        "object": "chat.completion",
        "created": created,
        "model": answer.model,
        "choices": [choice],
        "usage": usage(answer),
        "timmy": account(answer),
    }


class Chunks:
    """The chunks of one streamed answer, as server-sent events."""

    def __init__(self, id: str, created: int, model: str) -> None:
        """`model`: as the asker named it, until it is known who answers."""
        self._head = {"id": id, "object": "chat.completion.chunk", "created": created, "model": model}
        self._first = True

    def piece(self, text: str) -> bytes:
        """More text."""
        delta = {"role": "assistant", "content": text} if self._first else {"content": text}
        self._first = False
        return event({**self._head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})

    def end(self, answer: Answer, *, with_usage: bool) -> bytes:
        """The last chunks."""
        head = {**self._head, "model": answer.model}
        last = event(
            {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": _end(answer)}], "timmy": account(answer)}
        )
        return (
            last + (event({**head, "choices": [], "usage": usage(answer)}) if with_usage else b"") + b"data: [DONE]\n\n"
        )


def event(value: Any) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(value, separators=(",", ":")).encode() + b"\n\n"


def _end(answer: Answer) -> str:
    return "length" if answer.cut else "stop"


def vectors(found: Vectors, model: str, encode: Any) -> dict[str, Any]:
    """An embeddings answer; `encode` gives a row the requested encoding."""
    rows = [{"object": "embedding", "index": n, "embedding": encode(row)} for n, row in enumerate(found.rows)]
    tokens = found.usage.tokens_in
    return {"object": "list", "data": rows, "model": model, "usage": {"prompt_tokens": tokens, "total_tokens": tokens}}


def failure(error: TimmyError) -> tuple[int, dict[str, Any]]:
    """The status and the body of a refusal, in the protocol's form."""
    way: tuple[Step, ...] = ()
    if isinstance(error, NoAnswer):
        status, way, code = error.status, error.way, error.fault
    else:
        kinds: tuple[tuple[type[TimmyError], int, str], ...] = (
            (BadInput, 400, "bad_input"),
            (NotFound, 404, "not_found"),
            (Conflict, 409, "conflict"),
        )
        status, code = next(((s, c) for kind, s, c in kinds if isinstance(error, kind)), (500, "failed"))
    said = {"message": error.message, "type": _TYPES.get(status, "server_error"), "param": None, "code": code}
    return status, {"error": said, "timmy": {"way": [asdict(step) for step in way]}}


def steps(told: Any) -> tuple[Step, ...]:
    """The way, as written by `account` or `failure`."""
    return tuple(Step(str(s["provider"]), str(s["said"]), str(s.get("fault", ""))) for s in told or ())
