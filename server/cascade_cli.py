"""`timmy cascade` and `timmy model`: the owner's commands for the cascade, which work even while the world is down.

Owns how its state reads for people, and the few requests that the command line sends to it over HTTP on loopback.
Starts nothing: if the cascade is not running, it says so.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from agents.cascade import showing, wire
from agents.cascade.form import Form
from agents.cascade.ports import Message, Question
from agents.cascade.settings import CascadeSettings
from agents.cascade.structured import Wrong
from agents.cascade.told import ModelTold
from agents.kernel import ids, providers, randomness, settings
from agents.kernel.clock import SystemClock
from agents.kernel.errors import BadInput, NotFound, TimmyError, Unavailable
from agents.kernel.text import clean
from server import cascading
from server.terminal import out, say

Told = dict[str, Any]
DOS = ("status", "probe", "open", "close")
SECONDS = 330.0
"""How long to wait for an answer, in seconds: longer than the cascade waits for any provider's."""
QUESTION = "Say in one short sentence that you can be heard."
FORMAL = (
    "A house has one kitchen and two bedrooms and nothing else. How many rooms, and are you sure? Answer as "
    "JSON: rooms, sure."
)


def cascade(words: list[str], *, as_json: bool) -> int:
    """`timmy cascade status|probe|open|close [provider]`."""
    do, *names = words or ["status"]
    if do not in DOS or (do in ("open", "close")) != (len(names) == 1):
        raise BadInput(
            "Usage: timmy cascade status, probe, open PROVIDER or close PROVIDER.", next="timmy cascade status"
        )
    path = {"status": ("GET", "/status"), "probe": ("POST", "/probe")}.get(do) or (
        "POST",
        f"/breakers/{_name(names[0])}/{do}",
    )
    now = _object(*path)
    if do in ("open", "close"):
        say(f"The breaker of {names[0]} is {'open until you close it' if do == 'open' else 'closed'}.")
    out(json.dumps(now, indent=2) if as_json else "\n".join(lines(now)))
    return 0


def state(seconds: float) -> Told:
    """The state of the cascade, with this timeout."""
    return _object("GET", "/status", seconds)


def model(words: list[str], *, as_json: bool) -> int:
    """`timmy model list|use AGENT MODEL|test MODEL`."""
    match words or ["list"]:
        case ["list"]:
            return _list(as_json=as_json)
        case ["use", agent, name]:
            return _use(agent, name, as_json=as_json)
        case ["test", name]:
            return _test(name, as_json=as_json)
    raise BadInput(
        "Usage: timmy model list, model use AGENT MODEL (or: default), or model test MODEL.", next="timmy model list"
    )


def lines(now: Told) -> list[str]:
    """The state of the cascade, suitable for reading aloud."""
    strategy, score = now["strategy"], now["sovereignty"]["score"]
    said = [f"Strategy: {strategy['state']}, because {strategy['why']}."]
    for one in now["providers"]:
        said += _provider(one)
    said.append(
        "Sovereignty: "
        + ("no questions yet." if score is None else f"{score:.0%} of all tokens were made on this machine.")
    )
    for row in now["agents"]:
        spent, limit = row["budget"]["spent_tokens"], row["budget"]["tokens"]
        budget = f"; {spent:,} of {limit:,} remote tokens today" if limit is not None and spent else ""
        said.append(
            f"  {row['agent']:<16} {row['requests']:>6} questions, {row['tokens_out']:,} tokens, "
            f"{row['tokens_local']:,} of them here{budget}"
        )
    if now["calls"]:
        last = now["calls"][0]
        said.append(f"Last question: {last['agent']}, {last['fault'] or 'answered'} after {last['ms']:.0f} ms.")
        said += [f"  {step['provider']}: {step['said']}" for step in last["way"]]
    return [clean(line, keep_lines=False) for line in said]


def _provider(one: Told) -> Iterator[str]:
    if not one["enabled"]:
        yield f"  {one['name']:<8} off     {one['why']}"
        return
    breaker, queue, latency = one["breaker"], one["queue"], one["latency_ms"]
    yield f"  {one['name']:<8} {breaker['state']:<7} {one['where']}{'' if one['local'] else ' (remote)'}"
    if why := one["why"] or (breaker["last_said"] if breaker["state"] != "closed" else ""):
        yield f"           {why}" + (
            f"; next try {breaker['again_at']}" if breaker["again_at"] and breaker["state"] == "open" else ""
        )
    for model in one["models"]:
        if model["breaker"]["state"] != "closed":
            yield f"           {model['name']} is {model['breaker']['state']}: {model['breaker']['last_said']}"
    if names := [model["name"] for model in one["models"]]:
        yield f"           models: {', '.join(names[:8])}{f' and {len(names) - 8} more' if len(names) > 8 else ''}"
    faults = ", ".join(f"{n} {kind}" for kind, n in one["faults"].items())
    times = (
        f", first piece p50 {latency['first']['p50']} ms, whole p50 {latency['whole']['p50']} ms, p95 "
        f"{latency['whole']['p95']} ms"
    )
    yield (
        f"           {one['requests']} "
        f"answered{times if one['requests'] and latency['whole']['p50'] is not None else ''}; "
        f"{queue['running']} running, {queue['waiting']} waiting, {queue['slots']} slots"
        + (f"; failed: {faults}" if faults else "")
    )


def _list(*, as_json: bool) -> int:
    now = _object("POST", "/probe")
    rows = [{"provider": one["name"], **model} for one in now["providers"] for model in one["models"]]
    if as_json:
        out(json.dumps(rows, indent=2))
        return 0
    for row in rows:
        out(
            clean(
                (
                    f"{row['provider']}/{row['name']:<40} {'here' if row['local'] else 'remote':<7} "
                    f"{showing.what(ModelTold(**row))}"
                ),
                keep_lines=False,
            )
        )
    if not rows:
        say("No provider has a model. Why: timmy cascade status")
    return 0


def _use(agent: str, name: str, *, as_json: bool) -> int:
    from agents.lineage import persona, preference

    ours = settings.current()
    personas = persona.load_all()[0]
    if agent not in personas:
        raise NotFound(f"There is no agent {agent}; there are: {', '.join(sorted(personas))}.", next="timmy agents")
    wanted = "" if name == "default" else name
    if wanted:
        _known(wanted)
    ours.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = preference.path(ours)
    models = preference.choose(file, agent, wanted)
    if as_json:
        out(json.dumps({"agent": agent, "models": list(models), "file": str(file)}))
        return 0
    say(
        f"{personas[agent].name} "
        + (f"will think with {', or else '.join(models)}" if models else "will think with what its persona prefers")
        + f", from the next reload on. Written to {file}."
    )
    say("Try: timmy reload")
    return 0


def _known(name: str) -> None:
    """Say so if no provider has the model now; it may appear later."""
    try:
        rows = [
            (one["name"], model["name"]) for one in _object("GET", "/status")["providers"] for model in one["models"]
        ]
    except Unavailable:
        say("The cascade is not running, so the model cannot be checked.")
        return
    if not any(
        name
        in (model, f"{provider}/{model}", f"{provider}/{model}".removesuffix(":latest"), model.removesuffix(":latest"))
        for provider, model in rows
    ):
        say(f"No provider has a model {name} right now; until one does, others are asked.")


class Rooms(BaseModel):
    """A form that a model is asked for, to see whether it keeps to one."""

    model_config = ConfigDict(extra="forbid")
    rooms: int = Field(ge=0, le=100)
    sure: bool


def _test(name: str, *, as_json: bool) -> int:
    text, told, first, whole = _answer(name, QUESTION)
    ms = {"first": round((first or whole) * 1000, 1), "whole": round(whole * 1000, 1)}
    form = _form(name)
    if as_json:
        out(json.dumps({"text": text, "ms": ms, **told, "form": form}, indent=2))
        return 0
    rate = told["tokens_out"] / max(whole - (first or 0.0), 1e-3)
    out(clean(text))
    out(
        f"{told['provider']}/{told['model']}, {'here' if told['local'] else 'remote'}: first piece after "
        f"{ms['first']:.0f} ms, whole after "
        f"{ms['whole']:.0f} ms, {told['tokens_out']} tokens, {rate:.0f} a second."
    )
    kept = f"It can answer in a required form{', asked twice' if form['repaired'] else ''}." if form["kept"] else ""
    out(
        clean(
            kept
            or f"It cannot answer in a required form: {form['why']}. It can talk, but answers that drive an action "
            "would be refused.",
            keep_lines=False,
        )
    )
    return 0


def _form(name: str) -> Told:
    """Whether the model can give an answer that may drive an action, which must have a given form."""
    form = Form(Rooms)
    try:
        text, told, *_ = _answer(name, FORMAL, form.schema)
        form.read(text)
    except (Unavailable, Wrong) as error:
        return {"kept": False, "repaired": False, "why": str(error).rstrip(".")}
    return {"kept": True, "repaired": any(step["fault"] == "schema" for step in told["way"]), "why": ""}


def _answer(name: str, words: str, schema: Mapping[str, Any] | None = None) -> tuple[str, Told, float | None, float]:
    """A model's answer, its account, and the seconds to the first piece and to the end. Raises Unavailable."""
    clock, ours = SystemClock(), settings.current()
    remote = frozenset(providers.order(ours.of(CascadeSettings).cascade_order)) & {
        name.partition("/")[0]
    }  # naming it enables it, this once
    question = Question(
        ids.new_id(clock, randomness.system()),
        "owner",
        "other",
        (Message("user", words),),
        person=True,
        schema=schema,
        max_tokens=64,
        models=(name,),
        remote=remote,
    )
    begun, first, text, told = clock.monotonic(), None, [], None
    response = _request("POST", "/v1/chat/completions", wire.told(question))
    if response.status != 200:
        raise Unavailable(_said(json.loads(response.read() or b"{}"), response.status))
    for line in response:
        if not line.startswith(b"data: {"):
            continue
        event = json.loads(line[6:])
        if "error" in event:
            raise Unavailable(_said(event, 502))
        for choice in event["choices"]:
            if piece := choice["delta"].get("content"):
                first = first or clock.monotonic() - begun
                text.append(piece)
        told = event.get("timmy", told)
    if told is None:
        raise Unavailable("The answer was cut off before its end.", next="timmy cascade status")
    return "".join(text), told, first, clock.monotonic() - begun


# -- over HTTP ---------------------------------------------------------------------------------------


def _object(method: str, path: str, seconds: float = SECONDS) -> Told:
    """The cascade's response; raises its refusals."""
    response = _request(method, path, seconds=seconds)
    try:
        told = json.loads(response.read())
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise Unavailable("Another program answers on the cascade's port.", next="timmy doctor")
    if response.status == 200:
        return told
    kind: type[TimmyError] = {404: NotFound, 400: BadInput}.get(response.status, Unavailable)
    raise kind(_said(told, response.status))


def _request(method: str, path: str, body: Told | None = None, seconds: float = SECONDS) -> http.client.HTTPResponse:
    ours = settings.current()
    link = http.client.HTTPConnection(cascading.HOST, cascading.port(ours), timeout=seconds)
    headers = {
        "Authorization": f"Bearer {cascading.token(cascading.port(ours), ours.state_dir)}",
        "Content-Type": "application/json",
        "Connection": "close",  # one question each
    }
    try:
        link.request(method, path, None if body is None else json.dumps(body), headers)
        return link.getresponse()
    except ConnectionRefusedError:
        raise Unavailable("The cascade is not running.", next="timmy run") from None
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable(f"The cascade does not answer: {error}.", next="timmy status") from None


def _said(told: Told, status: int) -> str:
    return clean(str((told.get("error") or {}).get("message", f"the cascade answered with {status}")), keep_lines=False)


def _name(word: str) -> str:
    if not word.isidentifier():
        raise BadInput(f"{word!r} is no provider.", next="timmy cascade status")
    return word
