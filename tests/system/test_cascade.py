"""The cascade as a process: the OpenAI client unchanged, kills, restarts, and what the world notices of them."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from agents.cascade import told
from agents.thinking.pace import ENOUGH, too_slow
from tests.support.openai_standin import OpenAI
from tests.support.served import Asker
from tests.system.harness import World, until

METRICS = "m" * 20
TEXT = "The lamps are lit, the hall is warm, and nobody waits at the lectern."


class Alone(World):
    """The cascade of a world that is down, over a stand-in for a model server."""

    def __init__(self, folder: Path, standin: OpenAI, **settings: object) -> None:
        super().__init__(folder, None, ollama_url="", api_url=f"{standin.url}/v1", **settings)
        self.standin = standin
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.ports['cascade']}"

    @property
    def token(self) -> str:
        return (self.state / "cascade-token").read_text().strip()

    def begin(self) -> Alone:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "server.process", "cascade"],
            cwd=self.project,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
        )
        until(self.answers, "the cascade answers")
        return self

    def answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.base}/healthz").status_code == 200
        return False

    def end(self, sign: int = signal.SIGTERM) -> int:
        assert self.child
        self.child.send_signal(sign)
        code = self.child.wait(30)
        self.child = None
        return code

    def get(self, path: str, method: str = "GET", **more: Any) -> httpx.Response:
        return httpx.request(
            method, self.base + path, headers={"Authorization": f"Bearer {self.token}"}, timeout=60, **more
        )

    def openai(self, token: str | None = None) -> openai.OpenAI:
        return openai.OpenAI(base_url=f"{self.base}/v1", api_key=token or self.token, max_retries=0, timeout=60)


Make = Callable[..., Alone]


@pytest.fixture
def standin() -> Iterator[OpenAI]:
    with OpenAI(text=TEXT).in_thread() as made:
        yield made  # type: ignore[misc]


@pytest.fixture
def alone(tmp_path: Path, standin: OpenAI) -> Iterator[Make]:
    made: list[Alone] = []

    def make(**settings: object) -> Alone:
        made.append(Alone(tmp_path / str(len(made)), standin, **settings))
        return made[-1].begin()

    yield make
    for one in made:
        if one.child is not None:
            assert one.end() == 0


@pytest.fixture(scope="module")
def _kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    with OpenAI(text=TEXT).in_thread() as standin:
        made = Alone(tmp_path_factory.mktemp("s"), standin, metrics_token=METRICS).begin()  # type: ignore[arg-type]
        yield made
        assert made.end() == 0


@pytest.fixture
def shared(_kept: Alone) -> Iterator[Alone]:
    """A cascade for the tests that leave it running, with its model server and breakers as at the start."""
    standin = _kept.standin
    standin.text, standin.pause, standin.default = TEXT, 0.0, "good"
    standin.script.clear()
    standin.seen.clear()
    _kept.get("/breakers/api/close", "POST")
    yield _kept
    assert _kept.child and _kept.child.poll() is None and _kept.answers(), "it did not outlive the test"


def hello(**more: Any) -> dict[str, Any]:
    return {"model": "timmy", "messages": [{"role": "user", "content": "How is the hall?"}], **more}


def test_the_openai_client_works_unchanged(shared: Alone) -> None:
    made = shared
    client = made.openai()
    assert {m.id for m in client.models.list()} == {"timmy", "api/small-1", "api/large-1"}
    assert client.models.retrieve("api/large-1").owned_by == "api"
    whole = client.chat.completions.create(**hello())
    assert whole.choices[0].message.content == TEXT and whole.choices[0].finish_reason == "stop"
    assert whole.usage and whole.usage.completion_tokens > 5
    parts = list(
        client.chat.completions.create(
            **hello(stream=True, stream_options={"include_usage": True}, model="api/large-1")
        )
    )
    assert "".join(p.choices[0].delta.content or "" for p in parts if p.choices) == TEXT
    assert len(parts) >= 3 and parts[-1].usage and parts[-1].usage.prompt_tokens > 0
    assert made.standin.seen[-1].body["model"] == "large-1"
    found = client.embeddings.create(model="timmy", input=["one", "two"])
    assert len(found.data) == 2 and len(found.data[0].embedding) == made.standin.dimension
    schema = {
        "type": "object",
        "properties": {"mood": {"enum": ["calm", "busy"]}},
        "required": ["mood"],
        "additionalProperties": False,
    }
    form = {"type": "json_schema", "json_schema": {"name": "mood", "schema": schema, "strict": True}}
    assert json.loads(
        client.chat.completions.create(**hello(response_format=form)).choices[0].message.content or ""
    ) == {"mood": "calm"}


def test_the_openai_client_is_told_what_is_wrong(shared: Alone) -> None:
    made = shared
    with pytest.raises(openai.AuthenticationError, match="cascade-token"):
        made.openai("sk-wrong").models.list()
    with pytest.raises(openai.BadRequestError, match="max_tokens"):
        made.openai().chat.completions.create(**hello(max_tokens=0))
    with pytest.raises(openai.APIStatusError, match="it has no model gpt-9") as found:
        made.openai().chat.completions.create(**hello(model="gpt-9"))
    assert found.value.status_code == 503
    with pytest.raises(openai.NotFoundError):
        made.openai().models.retrieve("gpt-9")
    made.standin.script.extend(["error_line"])
    with pytest.raises(openai.APIError, match="broke off"):
        list(made.openai().chat.completions.create(**hello(stream=True)))


def test_only_who_may_read_the_owners_files_is_answered(shared: Alone) -> None:
    made = shared
    for name in ("cascade-token", "cascade.sqlite3"):
        assert stat.S_IMODE((made.state / name).stat().st_mode) == 0o600
    for headers in (
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic x"},
        {"Authorization": f"Bearer {made.token[:-1]}"},
    ):
        assert httpx.post(f"{made.base}/v1/chat/completions", json=hello(), headers=headers).status_code == 401
    assert not [s for s in made.standin.seen if s.path.endswith("completions")]
    own = socket.gethostbyname(socket.gethostname())
    if not own.startswith("127."):
        with pytest.raises(OSError):
            socket.create_connection((own, made.ports["cascade"]), timeout=5)


def rest(link: socket.socket) -> bytes:
    """All that comes until the other side hangs up."""
    link.settimeout(60)
    return b"".join(iter(lambda: link.recv(65536), b""))


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/metrics", "/nothing"])
def test_nothing_is_taken_from_who_shows_no_token(shared: Alone, path: str) -> None:
    """He is told before he has sent any of his body, and no more is read of him."""
    made = shared
    for more in (
        "Content-Length: 100000000",
        "Transfer-Encoding: chunked",
        "Content-Length: 100000000\r\nExpect: 100-continue",
    ):
        with socket.create_connection(("127.0.0.1", made.ports["cascade"])) as link:
            link.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\n{more}\r\n\r\n".encode())
            said = rest(link)
        assert said.startswith(b"HTTP/1.1 401") and b" 100 " not in said


def test_half_a_request_is_not_waited_for(shared: Alone) -> None:
    made = shared
    with contextlib.ExitStack() as stack:
        links = [stack.enter_context(socket.create_connection(("127.0.0.1", made.ports["cascade"]))) for _ in range(3)]
        links[1].sendall(b"GET /status HTTP/1.1\r\nHost: x\r\n")
        links[2].sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /status HTTP/1.1\r\n")
        assert [rest(link)[:12] for link in links] == [b"", b"", b"HTTP/1.1 200"]
    assert made.openai().chat.completions.create(**hello()).choices[0].message.content == TEXT


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_100_megabytes_is_refused_and_not_held(shared: Alone, chunked: bool) -> None:
    made = shared
    before = resident(made)

    def body() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 1_000_000

    content: Any = body() if chunked else b"x" * 100_000_000
    told = made.get("/v1/chat/completions", "POST", content=content)
    assert told.status_code == 413 and "1,000,000" in told.json()["error"]["message"]
    assert resident(made) < before + 30_000_000
    assert made.answers()


@pytest.mark.parametrize("more", ["", "Expect: 100-continue\r\n"])
def test_a_size_that_is_announced_is_refused_before_any_of_it_has_come(alone: Make, more: str) -> None:
    made = alone()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {made.token}\r\n"
    with socket.create_connection(("127.0.0.1", made.ports["cascade"]), timeout=60) as link:
        link.sendall(f"{head}Content-Length: 100000000\r\n{more}\r\n".encode())
        told = b""
        while b"too_large" not in told:
            part = link.recv(65536)
            assert part, told
            told += part
    assert told.startswith(b"HTTP/1.1 413 ") and b"connection: close" in told.lower()
    assert made.answers()


def test_each_model_is_timed_by_itself(alone: Make) -> None:
    made = alone()

    def ask(number: int, model: str) -> None:
        made.openai().chat.completions.create(**hello(model=f"api/{model}", max_tokens=100 + number))

    for behaviour, model in (("good", "small-1"), ("slow", "large-1")):
        made.standin.script.extend([behaviour] * (ENOUGH + 1))
        with ThreadPoolExecutor() as pool:
            assert len(list(pool.map(ask, range(ENOUGH + 1), [model] * (ENOUGH + 1)))) == ENOUGH + 1
    report = told.read(made.get("/status").json())
    provider = next(one for one in report.providers if one.name == "api")
    (small, large), first = provider.models, provider.latency_ms.first
    assert (small.answers, large.answers) == (ENOUGH + 1, ENOUGH + 1)
    assert small.first_ms and large.first_ms and first.p50 and small.first_ms < first.p50 <= large.first_ms
    most = (small.first_ms + first.p50) / 2000
    assert too_slow(report, most, {"models": ("large-1",)}), "and the quick one would be, by its provider"
    assert not too_slow(report, most, {"models": ("small-1",)})


def resident(made: Alone) -> int:
    assert made.child
    return int(Path(f"/proc/{made.child.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    "junk",
    [
        b"\x00" * 1000,
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\n\r\n",
        b"X: y\r\n" * 100_000,
    ],
)
def test_garbage_harms_nobody(shared: Alone, junk: bytes) -> None:
    made = shared
    with (
        socket.create_connection(("127.0.0.1", made.ports["cascade"]), timeout=30) as link,
        contextlib.suppress(OSError),
    ):
        link.sendall(junk)
        link.shutdown(socket.SHUT_WR)
        assert not link.recv(65536).startswith(b"HTTP/1.1 2")
    assert made.answers() and made.openai().chat.completions.create(**hello()).choices[0].message.content == TEXT


def test_a_client_that_hangs_up_stops_the_server(shared: Alone) -> None:
    made = shared
    made.standin.text, made.standin.pause = "word " * 2000, 0.02
    for stream in (True, False):
        link = http.client.HTTPConnection("127.0.0.1", made.ports["cascade"], timeout=60)
        link.request(
            "POST", "/v1/chat/completions", json.dumps(hello(stream=stream)), {"Authorization": f"Bearer {made.token}"}
        )
        if stream:
            assert link.getresponse().read(10)
        until(lambda: made.standin.seen and made.standin.seen[-1].pieces > 2, "the answer is under way")
        link.close()
        if link.sock:
            link.sock.close()
        until(lambda: made.standin.seen[-1].ended == "left", "the model server was left")
        until(lambda: made.get("/status").json()["calls"][0]["fault"] == "cancelled", "it is on record")
        made.standin.seen.clear()


def test_what_is_known_survives_a_kill(alone: Make) -> None:
    made = alone(breaker_failures=2, breaker_seconds=600)
    made.openai().chat.completions.create(**hello())
    made.standin.default = "failed"
    for _ in range(3):
        with pytest.raises(openai.APIStatusError):
            made.openai().chat.completions.create(**hello())
    before = made.get("/status").json()
    made.end(signal.SIGKILL)
    down = made.typed("cascade", "status")
    assert down.returncode == 4 and "timmy run" in down.stderr
    made.standin.default = "good"
    made.begin()
    after = made.get("/status").json()

    def told(now: dict[str, Any]) -> Any:
        (api,) = [p for p in now["providers"] if p["name"] == "api"]
        return (
            api["requests"],
            api["tokens_out"],
            api["faults"],
            [m["breaker"] for m in api["models"]],
            now["sovereignty"],
            now["agents"],
        )

    made.openai().models.list()
    assert told(before)[:3] == told(after)[:3] and told(before)[4:] == told(after)[4:]
    states = {m["name"]: m["breaker"]["state"] for p in made.get("/status").json()["providers"] for m in p["models"]}
    assert states["small-1"] == "open"
    asked = len(made.standin.seen)
    with pytest.raises(openai.APIStatusError, match="breaker is open"):
        made.openai().chat.completions.create(**hello(model="api/small-1"))
    assert len(made.standin.seen) == asked
    assert 'timmy_cascade_faults_total{kind="broken",provider="api"} 2.0' in made.get("/metrics").text
    made.get("/breakers/api/close", "POST")
    assert made.openai().chat.completions.create(**hello()).choices[0].message.content == TEXT


def test_two_of_one_world_do_not_run(shared: Alone) -> None:
    made = shared
    second = made.python("-m", "server.process", "cascade")
    assert second.returncode != 0 and made.answers()


def test_the_command_line_tells_and_acts_with_the_world_down(shared: Alone) -> None:
    made = shared

    def as_data(*words: str) -> Any:
        done = made.typed(*words, "--json")
        assert done.returncode == 0, (words, done.stderr)
        return json.loads(done.stdout)

    told = made.cli("cascade", "status")
    assert (
        told.returncode == 0 and "api" in told.stdout and "closed" in told.stdout and "TIMMY_OPENAI_KEY" in told.stdout
    )
    assert made.read("cascade", "status")["providers"][1]["name"] == "llama"
    assert made.typed("cascade", "open", "api").returncode == 0
    assert "open" in made.typed("cascade", "status").stdout
    assert as_data("cascade", "close", "api")["providers"][2]["breaker"]["state"] == "closed"
    assert made.typed("cascade", "probe").returncode == 0
    wrong = made.typed("cascade", "open", "nobody")
    assert wrong.returncode == 1 and "nobody" in wrong.stderr
    assert made.typed("cascade", "open").returncode == 2
    assert made.typed("cascade", "dance").returncode == 2
    models = made.read("model", "list")
    assert [m["name"] for m in models if m["provider"] == "api"] == ["small-1", "large-1"]
    tested = made.cli("model", "test", "api/large-1")
    assert (
        tested.returncode == 0
        and TEXT in tested.stdout
        and "ms" in tested.stdout
        and "answer in a required form" in tested.stdout
    )
    for second, kept in (('{"rooms": 3, "sure": true}', True), ("Three, surely.", False)):
        made.standin.script.extend([{"text": TEXT}, {"text": '{"rooms": "three"}'}, {"text": second}])
        form = as_data("model", "test", "api/large-1")["form"]
        assert form["kept"] is form["repaired"] is kept and bool(form["why"]) is not kept, form
    assert made.typed("model", "test", "api/none").returncode == 4


def test_wrong_settings_are_named_and_start_nothing(tmp_path: Path) -> None:
    for turn, (name, value, said) in enumerate(
        (
            ("ollama_url", "localhost:11434", "TIMMY_OLLAMA_URL"),
            ("openai_url", "http://api.example.org/v1", "https"),
            ("api_url", "https://user:pw@host/v1", "must not contain"),
            ("cascade_order", "ollama, olama", "olama"),
            ("tokens_a_day", "-1", "TIMMY_TOKENS_A_DAY"),
            ("money_a_day", "-0.5", "TIMMY_MONEY_A_DAY"),
            ("llama_sha256", "abc", "TIMMY_LLAMA_SHA256"),
            ("api_price", "cheap", "two numbers"),
            ("model_slots", "0", "TIMMY_MODEL_SLOTS"),
        )
    ):
        world = World(tmp_path, **{name: value})
        done = world.typed("run") if turn else world.cli("run")
        assert done.returncode == 2 and said in done.stderr, (name, done.stderr)
        assert "pw@" not in done.stderr
        assert not world.state.exists()


# -- beside the world ----------------------------------------------------------------------------------


def test_reload_and_kills_cut_no_answer_and_harm_nobody(tmp_path: Path, prepared: Path, standin: OpenAI) -> None:
    standin.text, standin.pause = "word " * 400 + "end", 0.05
    made = World(
        tmp_path,
        prepared,
        ollama_url="",
        api_url=f"{standin.url}/v1",
        thoughts_hour=0,
        thoughts_hour_first=0,
        questions_hour=0,
    )
    try:
        made.start()
        until(lambda: made.pid("cascade"), "the cascade runs")
        token = (made.state / "cascade-token").read_text().strip()
        cascade, port = made.pid("cascade"), made.ports["cascade"]
        with Asker(port, token) as asker:
            asker.do("ask", "across-1", text="Tell me all.")
            assert asker.next()["heard"]
            done: list[Any] = []
            listening = threading.Thread(target=lambda: done.append(asker.ended("across-1")))
            listening.start()
            assert made.cli("reload").returncode == 0
            made.back("server", made.kill("server"))
            assert made.pid("cascade") == cascade
            with Asker(port, token) as second:
                second.do("resume", "across-1")
                heard, end = second.ended("across-1")
            assert heard == end["done"]["text"] == standin.text
            listening.join(60)
            assert done[0][1]["done"]["text"] == standin.text
        assert sum(s.path.endswith("completions") for s in standin.seen) == 1

        server = made.pid("server")
        old = made.kill("cascade")
        until(lambda: made.pid("cascade") not in (None, old), "the cascade is back")
        assert made.pid("server") == server and made.status()["ready"]
        (row,) = [p for p in made.status()["processes"] if p["name"] == "cascade"]
        assert row["restarts"] == 1 and "cascade" in made.cli("status").stdout
        assert "cascade" in made.cli("doctor").stdout
        left = made.pid("cascade")
        made.kill("supervisor")
        until(lambda: made.pid("supervisor") is None, "the supervisor is gone")
        assert made.pid("cascade") == left
        assert made.cli("run").returncode == 0
        until(lambda: made.pid("supervisor"), "a new supervisor")
        time.sleep(1)
        assert made.pid("cascade") == left
    finally:
        made.close()
    assert made.pid("cascade") is None
