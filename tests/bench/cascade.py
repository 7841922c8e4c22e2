"""The cascade beside its bare model server, in one run: what it adds, whom it serves first, how soon it lets go.

A real cascade process over stand-ins that are processes too. The stand-ins say words at a steady pace, so that what is
measured is the cascade and not a model. Ratios and shares are what to compare; milliseconds are this machine's.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.support.process import free_port, until
from tests.system.harness import World

WORDS = "The lamps are lit and the hall is warm and nobody waits at the lectern so he looks at the fire again"
PAUSE = 0.005
"""Seconds between two words of a stand-in that speaks: two hundred tokens a second."""
AT_A_TIME = 8
"""Answers under way where throughput is measured: 1,600 words a second, eight times what one small model says."""
DEADLINE = 1.0


def measure(quick: bool = False) -> dict[str, Any]:
    """All figures, with the targets they are held against."""
    scale = 1 if quick else 4
    with contextlib.ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="tc-")))
        speaking, terse, mute = (
            held.enter_context(standin(*more))
            for more in (
                ("openai", "--pause", str(PAUSE), "--text", WORDS),
                ("openai", "--text", "Yes indeed."),
                ("ollama", "--default", "hang"),
            )
        )
        plain = held.enter_context(cascade(folder / "a", speaking, model_slots=16))
        short = held.enter_context(cascade(folder / "b", terse, model_slots=16))
        dead = held.enter_context(
            cascade(
                folder / "c", terse, model_slots=16, ollama_url=f"http://127.0.0.1:{free_port()}", breaker_failures=1
            )
        )
        hanging = held.enter_context(
            cascade(
                folder / "d",
                terse,
                ollama_url=mute,
                model_first_seconds=DEADLINE,
                breaker_failures=1000,
            )
        )
        one = held.enter_context(cascade(folder / "e", speaking, model_slots=1))
        left = held.enter_context(
            standin("openai", "--pause", "0.05", "--text", " ".join([WORDS] * 20))
        )  # one that was asked little
        leaving = held.enter_context(cascade(folder / "f", left))
        world = World(folder / "w", None, ollama_url="", api_url=f"{speaking}/v1", model_slots=4)
        held.callback(world.close)
        world.run()
        until(lambda: (world.state / "cascade-token").exists(), "the world's cascade has begun")
        four = Door(f"http://127.0.0.1:{world.ports['cascade']}", (world.state / "cascade-token").read_text().strip())
        four.wait()
        told = {
            "throughput": asyncio.run(throughput(Door(speaking), plain, 40 * scale)),
            "added_ms": asyncio.run(added(Door(terse), short, 60 * scale)),
            "breaker_open_ms": asyncio.run(beyond_dead(short, dead, 60 * scale)),
            "failover": asyncio.run(failover(hanging, short, 2 * scale)),
            "fairness": asyncio.run(fairness(four, 200 * scale)),
            "two_agents_one_slot": asyncio.run(two(one, 200)),
            "cancel": asyncio.run(cancel(leaving, Door(left), 3 * scale)),
        }
        told["fairness"]["lag_of_the_world_ms"] = world.status()["inside"]["lag_ms"]
    return told


# -- what is measured ------------------------------------------------------------------------------------


async def throughput(bare: Door, through: Door, requests: int) -> dict[str, Any]:
    """Answers a second, in turns through the service and without it. Eight at a time of two hundred words a second
    each: more than the two slots of one server give in practice, so that what the service costs for each piece is seen,
    and not so many that this machine's processor, which the stand-in and the asker share, is what is measured.
    """
    rates: dict[str, list[float]] = {"bare": [], "through": []}
    async with bare.client() as one, through.client() as other:
        for _ in range(4):
            for name, client in (("bare", one), ("through", other)):
                begun = time.perf_counter()
                await together(
                    AT_A_TIME, requests // 4, lambda n, client=client, name=name: whole(client, f"{name} {n}")
                )
                rates[name].append((requests // 4) / (time.perf_counter() - begun))
    found = {name: statistics.median(row) for name, row in rates.items()}
    return {**rounded(found, 2), "ratio": round(found["through"] / found["bare"], 3), "target": "at least 0.85"}


async def added(bare: Door, through: Door, requests: int) -> dict[str, Any]:
    """Milliseconds of one short question after another, in turns through the service and without it."""
    first, last = await pairs(bare, through, requests)
    return {"first_piece": round(first, 2), "whole": round(last, 2), "target": "at most 3 at the median"}


async def beyond_dead(without: Door, dead: Door, requests: int) -> dict[str, Any]:
    """What a first provider costs that is dead and whose breaker is open."""
    async with dead.client() as client:
        await whole(client, "to open the breaker")
        providers = (await client.get("/status")).json()["providers"]
        assert providers[0]["breaker"]["state"] != "closed", providers[0]
    first, last = await pairs(without, dead, requests)
    return {"first_piece": round(first, 2), "whole": round(last, 2), "target": "at most 1"}


async def failover(hanging: Door, quick: Door, times: int) -> dict[str, Any]:
    """Milliseconds beyond its deadline after which the answer of the next provider has begun."""
    async with hanging.client() as client, quick.client() as plain:
        usual = statistics.median([(await whole(plain, f"usual {n}"))[0] for n in range(10)])
        late = [((await whole(client, f"hang {n}", agent="bench"))[0] - DEADLINE - usual) * 1000 for n in range(times)]
    return {
        "late_ms": {"median": round(statistics.median(late), 1), "most": round(max(late), 1)},
        "target": "at most 100",
    }


async def fairness(through: Door, total: int) -> dict[str, Any]:
    """Shares of twenty agents on four slots, half of which ask three times as much as the others; 200 in flight. A
    person asks now and then.
    """
    done: Counter[str] = Counter()
    waits: dict[str, list[float]] = {"person": [], "agent": []}
    ended = asyncio.Event()
    async with through.client() as client:

        async def agent(name: str, n: int) -> None:
            count = 0
            while not ended.is_set():
                count += 1
                first, _ = await whole(client, f"{name} {n} {count}", agent=name)
                if not ended.is_set():
                    done[name] += 1
                    waits["agent"].append(first)
                    if sum(done.values()) >= total:
                        ended.set()

        async def person() -> None:
            while not ended.is_set():
                await asyncio.sleep(0.4)
                waits["person"].append(
                    (await whole(client, f"person {len(waits['person'])}", agent="visitor", person=True))[0]
                )

        tasks = [asyncio.create_task(agent(f"a{i}", n)) for i in range(20) for n in range(15 if i % 2 else 5)]
        tasks.append(asyncio.create_task(person()))
        await ended.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    fair = sum(done.values()) / 20
    shares = [done[f"a{i}"] / fair for i in range(20)]
    return {
        "answers": sum(done.values()),
        "least_share": round(min(shares), 3),
        "greatest_share": round(max(shares), 3),
        "target": "0.9 to 1.1 of a fair share",
        "wait_ms": {k: round(statistics.median(v) * 1000) for k, v in waits.items() if v},
        "person_most_wait_ms": round(max(waits["person"], default=0) * 1000),
    }


async def two(through: Door, total: int) -> dict[str, Any]:
    """Shares of two agents on one slot, one with twenty questions out and one with two."""
    done: Counter[str] = Counter()
    ended = asyncio.Event()
    async with through.client() as client:

        async def agent(name: str, n: int) -> None:
            count = 0
            while not ended.is_set():
                count += 1
                await whole(client, f"{name} {n} {count}", agent=name)
                if not ended.is_set():
                    done[name] += 1
                    if sum(done.values()) >= total:
                        ended.set()

        tasks = [
            asyncio.create_task(agent(name, n)) for name, out in (("greedy", 20), ("modest", 2)) for n in range(out)
        ]
        await ended.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return {name: round(done[name] / total, 3) for name in ("greedy", "modest")} | {"target": "0.45 to 0.55 each"}


async def cancel(through: Door, server: Door, times: int) -> dict[str, Any]:
    """Milliseconds from hanging up, and from cancelling, until the model server is left."""
    took: dict[str, list[float]] = {"hung_up": [], "cancelled": []}
    async with through.client() as client, server.client() as watch:
        for n in range(times):
            for way, row in took.items():
                name = f"{way}-{n}-{free_port()}"
                body = asked(name, numbered=name if way == "cancelled" else "")
                async with client.stream("POST", "/v1/chat/completions", json=body) as response:
                    async for _ in response.aiter_raw():
                        break
                    begun = time.perf_counter()
                    if way == "cancelled":
                        await client.delete(f"/v1/running/{name}")
                while True:
                    seen = (await watch.get("/_seen")).json()
                    if any(s["ended"] == "left" and name in json.dumps(s["body"]) for s in seen):
                        break
                    assert time.perf_counter() - begun < 30
                row.append((time.perf_counter() - begun) * 1000)
    return {
        way: {"median_ms": round(statistics.median(row), 1), "most_ms": round(max(row), 1)} for way, row in took.items()
    } | {"target": "at most 500"}


async def pairs(one: Door, other: Door, requests: int) -> tuple[float, float]:
    """How many milliseconds `other` takes more than `one` at the median, to the first piece and to the end."""
    took: list[list[tuple[float, float]]] = [[], []]
    async with one.client() as first, other.client() as second:
        for client in (first, second):
            await whole(client, "to warm up")
        for n in range(requests):
            for row, client in zip(took, (first, second), strict=True):
                row.append(await whole(client, f"pair {n}"))
    middle = [[statistics.median(column) for column in zip(*row, strict=True)] for row in took]
    return (middle[1][0] - middle[0][0]) * 1000, (middle[1][1] - middle[0][1]) * 1000


# -- asking ------------------------------------------------------------------------------------------------


class Door:
    """Where questions are put: a model server itself, or a cascade with its token."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url, self.token = url, token

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        limits = httpx.Limits(max_connections=500, max_keepalive_connections=500)
        async with httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=300, limits=limits, trust_env=False
        ) as made:
            made.headers["x-cascade"] = "yes" if self.token else ""
            yield made

    def wait(self) -> None:
        def answers() -> bool:
            with contextlib.suppress(httpx.HTTPError):
                return httpx.get(f"{self.url}/healthz").status_code == 200
            return False

        until(answers, "the cascade answers")


def asked(text: str, agent: str = "", person: bool = False, numbered: str = "") -> dict[str, Any]:
    body: dict[str, Any] = {"model": "small-1", "stream": True, "messages": [{"role": "user", "content": text}]}
    if agent or numbered:
        told = {
            "id": numbered or text.replace(" ", "-"),
            "agent": agent or "bench",
            "purpose": "talk",
            "person": person,
        }
        body |= {"model": "timmy", "timmy": told}
    return body


async def whole(client: httpx.AsyncClient, text: str, agent: str = "", person: bool = False) -> tuple[float, float]:
    """Ask and read to the end: seconds to the first text and to the end."""
    body = asked(text, agent, person)
    begun, first = time.perf_counter(), 0.0
    async with client.stream("POST", "/v1/chat/completions", json=body) as response:
        assert response.status_code == 200, (await response.aread(), body)
        async for line in response.aiter_lines():
            if (
                not first
                and '"content":' in line.replace('": "', '":"')
                and '"content":""' not in line.replace('": "', '":"')
            ):
                first = time.perf_counter() - begun
    return first, time.perf_counter() - begun


async def together(at_a_time: int, total: int, do: Callable[[int], Awaitable[object]]) -> None:
    left = iter(range(total))

    async def worker() -> None:
        for n in left:
            await do(n)

    await asyncio.gather(*(worker() for _ in range(at_a_time)))


# -- processes ---------------------------------------------------------------------------------------------


@contextlib.contextmanager
def standin(kind: str, *options: str) -> Iterator[str]:
    """A stand-in for a model server as a process of its own; its address."""
    words = [sys.executable, "-m", f"tests.support.{kind}_standin", *options]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        try:
            yield child.stdout.readline().strip()
        finally:
            child.terminate()


@contextlib.contextmanager
def cascade(folder: Path, api: str, **settings: object) -> Iterator[Door]:
    """A cascade alone, with this model server behind any other that the settings name."""
    world = World(folder, None, **({"ollama_url": ""} | settings | {"api_url": f"{api}/v1"}))
    with subprocess.Popen(
        [sys.executable, "-m", "server.process", "cascade"], cwd=world.project, env=world.environment()
    ) as child:
        try:
            until(lambda: (world.state / "cascade-token").exists(), "the token is made")
            door = Door(
                f"http://127.0.0.1:{world.ports['cascade']}", (world.state / "cascade-token").read_text().strip()
            )
            door.wait()
            yield door
        finally:
            child.terminate()


def rounded(row: dict[str, float], places: int) -> dict[str, float]:
    return {name: round(value, places) for name, value in row.items()}
