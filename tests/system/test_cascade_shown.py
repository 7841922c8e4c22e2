"""What is shown of the cascade, in a real world with its real model service and a stand-in for Ollama."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import browser as driving
from tests.support import ollama_standin as standin
from tests.system import harness
from tests.system.harness import OWNER, PASSWORD, World, until


@pytest.fixture(scope="module")
def ollama() -> Iterator[Any]:
    with standin.Ollama().in_thread() as server:
        yield server


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, prepared: Path, ollama: Any) -> Iterator[World]:
    """A world whose agents ask no model of themselves, for tests that follow one another; the last one ends it."""
    silent = {"thoughts_hour": 0, "thoughts_hour_first": 0, "questions_hour": 0}
    with harness.world(
        tmp_path_factory.mktemp("s"), prepared, ollama_url=ollama.url, breaker_failures=2, **silent
    ) as made:
        yield made


def service(world: World, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the model service answers to who has its token."""
    token = (world.state / "cascade-token").read_text().strip()
    asked = urllib.request.Request(
        f"http://127.0.0.1:{world.ports['cascade']}{path}",
        None if body is None else json.dumps(body).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=60) as answer:
        told: dict[str, Any] = json.load(answer)
        return told


def find(world: World) -> None:
    """Wait until the service answers, and has found Ollama."""

    def found() -> bool:
        try:
            return bool(service(world, "GET", "/status")["providers"][0]["models"])
        except OSError:  # it has not begun yet
            return False

    until(found, "Ollama was found")


def think(world: World, agent: str) -> None:
    """Have a model write something for an agent."""
    service(
        world,
        "POST",
        "/v1/chat/completions",
        {
            "model": "timmy",
            "messages": [{"role": "user", "content": "How is the evening?"}],
            "timmy": {"id": f"evening-{agent}", "agent": agent, "purpose": "thought"},
        },
    )


def says(client: Any, line: str, pattern: str) -> None:
    """Type a line and wait for `pattern`, wherever the screen broke its lines."""
    client.send(line)
    client.expect(pattern.replace(" ", r"\s+"))


def test_router_score_rooms_and_doctor_show_the_service_as_it_is(world: World, ollama: Any) -> None:
    find(world)
    owner = world.login()
    says(owner, "router", r"ROUTER\. 1 of 1 provider ready, ollama first\.")
    owner.expect("Nothing was asked yet")
    says(owner, "sovereignty", r"No score yet: no model has written a word")
    think(world, "timmy")
    says(
        owner,
        "router",
        r"Last: Timmy's thought answered here by ollama, llama3\.2:latest in [\d.]+ m?s, \d+ tokens read and \d+ made",
    )
    owner.expect(r"Why there: ollama: answered with llama3\.2:latest\.")
    says(owner, "router ollama", r"OLLAMA\. Ready\.")
    says(owner, "router calls", r"CALLS\. The last 1")
    says(owner, "sovereignty", r"SOVEREIGNTY\. 100 % of what models wrote")
    says(owner, "sovereignty timmy", r"TIMMY\. Sovereignty 100 %")
    owner.expect(r"Next is basic, which needs:")

    told = world.told("router")
    assert told["running"] and told["providers"] == service(world, "GET", "/status")["providers"]
    assert world.told("sovereignty", "timmy")["score"] == 1.0
    assert "1 of 1 provider ready" in world.cli("router").stdout

    says(owner, "north", r"SOVEREIGN SPIRE\.")
    says(owner, "northwest", r"OLLAMA SANCTUM\.")
    looks(
        owner,
        (
            r"OLLAMA SANCTUM\. 1 of 1 provider ready, ollama first; no answers being made, none waiting \(read "
            r"[^)]* ago\)\."
        ),
    )
    says(
        owner,
        "look dial",
        r"ollama: ready, here; 0 of \d slots busy; begins after [\d.]+ m?s[^;]*; 1 answered, none failed",
    )
    says(owner, "look bay", r"ollama: llama3\.2:latest, llama, 3\.21B, Q4_K_M, 2\.0 GB, 16,384 tokens of context")
    says(owner, "look tile", r"Timmy's thought: answered here by ollama")
    owner.send("southeast")
    says(owner, "independence hall", r"INDEPENDENCE HALL\. 100 % of what models wrote")
    says(owner, "look tray", r"Timmy: 100 %.*tier none yet, basic lacks")

    assert "ok    models ollama: llama3.2:latest" in world.cli("doctor").stdout
    service(world, "POST", "/breakers/ollama/open")
    done = world.cli("doctor")
    assert re.search(
        "note  models ollama: left alone: its breaker was opened by hand\n +mend: timmy cascade close ollama",
        done.stdout,
    ), done.stdout
    says(owner, "router", r"ROUTER\. The one provider cannot answer now, so everyone answers by reflex\.")
    owner.expect("open until it is closed by hand")
    owner.send("southwest")
    owner.send("northwest")
    looks(owner, r"OLLAMA SANCTUM\. The one provider cannot answer now, so everyone answers by reflex")
    service(world, "POST", "/breakers/ollama/close")
    owner.send("southeast")
    says(owner, "south", "FRATERNITY HALL")


def looks(client: Any, pattern: str) -> None:
    """Look until the room shows this: what it shows may be some seconds old, and says so."""

    def seen() -> bool:
        start = len(client.text)
        client.ask("look", r"Exits: [^\n]*\n")
        return re.search(pattern, " ".join(client.text[start:].split())) is not None

    until(seen, f"the room shows {pattern}")


def test_a_service_that_was_killed_is_told_and_comes_back(world: World) -> None:
    owner = world.login()
    until(lambda: "ready" in world.typed("router").stdout, "the service answers")
    old = world.kill("cascade")
    until(lambda: world.pid("cascade") not in (None, old), "it was started again")
    until(lambda: world.told("router")["running"], "it answers again")
    owner.ask("router", r"ROUTER\. (1|None) of 1 provider")


@pytest.mark.skipif(bool(driving.lacking()), reason=driving.lacking() or "a browser is there")
def test_the_owner_reads_the_page_in_a_browser_without_a_script(world: World, tmp_path: Path) -> None:
    find(world)
    think(world, "timmy")
    base = f"http://127.0.0.1:{world.ports['web']}"
    with driving.browser(tmp_path) as window:
        window.devtools("Emulation.setScriptExecutionDisabled", {"value": True})
        window.open(f"{base}/router/")
        assert "/auth/login/" in window.run("return location.href")
        window.press("#id_username", OWNER)
        window.press("#id_password", PASSWORD + driving.ENTER)
        until(lambda: "Router" in window.title(), "the page is there")
        text = " ".join(window.text("main").split())
        assert (
            "1 of 1 provider ready, ollama first." in text
            and "100 % of what models wrote" in text
            and "Timmy's thought" in text
        )
        for width, dark in ((1200, False), (380, True)):
            window.screen(width, 900, dark)
            window.open(f"{base}/router/")
            assert window.run("return document.documentElement.scrollWidth <= innerWidth"), f"it is wider than {width}"
            window.picture(tmp_path / f"router-{width}.png")
        assert window.complaints() == []


def test_what_an_agent_did_and_what_left_the_machine_are_read_afterwards(world: World) -> None:
    """A model that Ollama runs elsewhere is remote: its questions are on record; all of a session is told, also when
    the world is down.
    """
    find(world)
    assert re.search(
        r"ollama/llama3\.2:latest +here +llama, 3\.21B, Q4_K_M, 2\.0 GB, 16,384 tokens of context",
        world.cli("model", "list").stdout,
    )
    service(
        world,
        "POST",
        "/v1/chat/completions",
        {
            "model": "timmy",
            "messages": [{"role": "user", "content": "How is the evening?\nMy password: hunter2secret"}],
            "timmy": {
                "id": "far-1",
                "agent": "timmy",
                "purpose": "thought",
                "models": ["gpt-oss:120b-cloud"],
                "remote": ["ollama"],
            },
        },
    )
    owner = world.login()
    says(owner, "router sent", r"SENT\. What left this machine")
    says(owner, "router sent 1", r"SENT 1, .*timmy to ollama, gpt-oss:120b-cloud, 1 message of")
    owner.expect(r"user:\s+How is the evening\?\s+My password: ")
    assert (
        "hunter2secret" not in owner.text and "hunter2secret" not in world.typed("router", "sent", "1", "--json").stdout
    )
    world.told("ask", "timmy = Where are you?")
    says(owner, "session timmy", r"SESSION of TIMMY, .* This is past")
    told = world.told("session", "timmy")
    seen = list(told["entries"])
    while told["next"]:
        told = world.told(*told["next"].split(maxsplit=1))
        seen += told["entries"]
    assert {entry["entry"] for entry in seen} == {"event", "message", "call"}
    assert ("far-1", False) in {(c["id"], c["local"]) for c in seen if c["entry"] == "call"}
    assert any(e["text"] == "Where are you?" for e in seen if e["entry"] == "message")
    world.close()
    done = world.cli("session", "timmy", "today")
    assert done.returncode == 0 and "The world is down" in done.stderr and "SESSION of TIMMY" in done.stdout
