"""The cascade over HTTP, without a socket: who may, what is read, what is answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from agents.cascade import service
from agents.cascade.cascade import Cascade
from agents.cascade.ports import Fault
from tests.support.scripted import Scripted, cascade, fault

TOKEN = "t" * 40
BODY = {"model": "timmy", "messages": [{"role": "user", "content": "hello"}]}


def ask(
    use: Callable[[httpx.AsyncClient], Awaitable[Any]],
    made: Cascade | None = None,
    token: str = TOKEN,
    metrics_token: str = "",
) -> Any:
    """Use the service over `made`, with a token."""

    async def story() -> Any:
        app = service.app(made or cascade(Scripted()), TOKEN, metrics_token)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://cascade", headers=headers
        ) as client:
            async with asyncio.timeout(60):
                return await use(client)

    return asyncio.run(story())


def post(body: Any, made: Cascade | None = None, path: str = "/v1/chat/completions") -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ask(lambda client: client.post(path, content=content), made)


@pytest.mark.parametrize(
    "path",
    [
        "/status",
        "/v1/models",
        "/v1/chat/completions",
        "/sent",
        "/calls?agent=timmy",
        "/nothing",
        "/v1/running/x",
        "/probe",
        "/metrics",
    ],
)
@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], "é"])
def test_without_the_token_nothing_is_told(path: str, token: str) -> None:
    made = cascade(Scripted())
    headers = {"Authorization": f"Bearer {token}".encode()}
    told = ask(lambda client: client.request("GET", path, headers=headers), made, token="")
    assert told.status_code == 401 and told.json()["error"]["code"] == "invalid_api_key"
    assert "cascade-token" in told.json()["error"]["message"]


def test_anybody_here_may_ask_whether_it_lives() -> None:
    assert ask(lambda client: client.get("/healthz"), token="").json() == {"ok": True}


@pytest.mark.parametrize(
    ("path", "token", "status"), [("/metrics", TOKEN, 200), ("/metrics", "m", 200), ("/status", "m", 401)]
)
def test_the_token_of_the_metrics_opens_them_alone(path: str, token: str, status: int) -> None:
    assert ask(lambda client: client.get(path), token=token, metrics_token="m").status_code == status


def test_a_chat_whole_and_in_pieces() -> None:
    told = post(BODY).json()
    assert told["choices"][0]["message"] == {"role": "assistant", "content": "small hears: hello"}
    assert told["usage"] == {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    assert told["timmy"]["provider"] == "near" and told["timmy"]["way"][0]["said"] == "answered with small"
    streamed = post({**BODY, "stream": True, "stream_options": {"include_usage": True}})
    events = [line.removeprefix("data: ") for line in streamed.text.split("\n\n") if line]
    assert events[-1] == "[DONE]"
    chunks = [json.loads(event) for event in events[:-1]]
    assert "".join(c["choices"][0]["delta"].get("content", "") for c in chunks if c["choices"]) == "small hears: hello"
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop" and chunks[-2]["timmy"]["local"] is True
    assert chunks[-1]["usage"]["total_tokens"] == 15


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"model": ""}, "model"),
        ({"model": 7}, "model"),
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.role"),
        ({"n": 2}, "n"),
        ({"tools": [{"type": "function"}]}, "tools"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 10**9}, "max_tokens"),
        ({"temperature": -1}, "temperature"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]}, "messages.0.content"),
        ({"response_format": {"type": "json_schema"}}, "json_schema"),
        ({"stream": "yes"}, "stream"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "nothing"}}}},
            "JSON schema",
        ),
        ({"timmy": {"id": "../../x"}}, "timmy.id"),
        ({"timmy": {"id": "x", "purpose": "else"}}, "timmy.purpose"),
        ({"timmy": {"id": "x", "tokens_a_day": -1}}, "timmy.tokens_a_day"),
        ({"timmy": {"id": "x", "more": 1}}, "timmy.more"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], what: str) -> None:
    made = cascade(near := Scripted())
    told = post({**BODY, **change}, made)
    assert told.status_code == 400 and what in told.json()["error"]["message"]
    assert not near.calls


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"\xff\xfe", b"[" * 50_000, b'{"model": "a", "model": "b"}', b'{"model": NaN}', b"null", b'"x"'],
)
def test_a_body_that_is_no_request_is_refused(body: bytes) -> None:
    told = post(body)
    assert told.status_code == 400 and told.json()["error"]["message"].startswith("The body")


def test_a_body_that_is_too_large_is_refused() -> None:
    told = post({**BODY, "messages": [{"role": "user", "content": "x" * 1_000_001}]})
    assert told.status_code == 413 and told.json()["error"]["code"] == "too_large"


def test_a_refusal_tells_the_way() -> None:
    told = post(
        BODY, cascade(Scripted("far", local=False), Scripted("bad", lambda call: (fault(Fault.BROKEN, "it said 500"),)))
    )
    assert told.status_code == 503
    assert told.json()["timmy"]["way"] == [
        {"provider": "far", "said": "not enabled for program", "fault": ""},
        {"provider": "bad", "said": "it said 500", "fault": "broken"},
    ]
    assert "bad: it said 500" in told.json()["error"]["message"]


def test_a_model_that_is_not_there_is_no_other() -> None:
    assert "it has no model gpt-9" in post({**BODY, "model": "gpt-9"}).json()["error"]["message"]
    assert post({**BODY, "model": "near/small"}).json()["model"] == "small"
    assert post({**BODY, "model": "small"}).status_code == 200


@pytest.mark.parametrize("path", ["/v1/embeddings", "/v1/chat/completions"])
def test_a_fault_of_ours_is_told_in_the_wires_own_form_and_logged(path: str, caplog: pytest.LogCaptureFixture) -> None:
    made = cascade(Scripted())
    made.purse.spent = lambda question: {}["lost"]  # type: ignore[method-assign]
    answer = post({"input": "a", **BODY}, made, path)
    assert answer.status_code == 500
    assert (
        answer.json()["error"]["message"] == "the cascade failed: KeyError"
        and answer.json()["error"]["type"] == "server_error"
    )
    assert [record for record in caplog.records if record.exc_info]


def test_embeddings_in_both_encodings() -> None:
    told = post({"model": "timmy", "input": ["a", "abc"]}, path="/v1/embeddings").json()
    assert [row["embedding"] for row in told["data"]] == [[1.0, 1.0], [3.0, 1.0]]
    assert told["usage"]["prompt_tokens"] == 3
    packed = post({"model": "timmy", "input": "abc", "encoding_format": "base64"}, path="/v1/embeddings").json()
    assert packed["data"][0]["embedding"] == "AABAQAAAgD8="
    assert post({"model": "timmy", "input": []}, path="/v1/embeddings").status_code == 400


def test_models_are_listed_with_their_provider() -> None:
    rows = ask(
        lambda client: client.get("/v1/models"), cascade(Scripted("a", models=("x", "y")), Scripted("b"))
    ).json()["data"]
    assert [row["id"] for row in rows] == ["timmy", "a/x", "a/y", "b/small"]
    assert ask(lambda client: client.get("/v1/models/near/small")).json()["owned_by"] == "near"
    assert ask(lambda client: client.get("/v1/models/nothing")).status_code == 404


def test_an_answer_is_found_again_by_its_id_and_cancelled() -> None:
    async def use(client: httpx.AsyncClient) -> None:
        body = {**BODY, "timmy": {"id": "thought-1", "agent": "timmy", "purpose": "thought"}}
        assert (await client.post("/v1/chat/completions", json=body)).status_code == 200
        again = await client.get("/v1/running/thought-1")
        assert "small hears: hello" in again.text and '"timmy":{"provider":"near"' in again.text
        assert (await client.get("/v1/running/nobody")).status_code == 404
        assert (await client.delete("/v1/running/thought-1")).status_code == 204
        assert (await client.delete("/v1/running/nobody")).status_code == 404
        clash = await client.post(
            "/v1/chat/completions", json={**body, "messages": [{"role": "user", "content": "other"}]}
        )
        assert clash.status_code == 409

    ask(use)


def test_the_state_tells_of_every_provider_and_breakers_obey() -> None:
    async def use(client: httpx.AsyncClient) -> None:
        await client.post("/v1/chat/completions", json=BODY)
        now = (await client.get("/status")).json()
        near, llama = now["providers"]
        assert (near["name"], near["enabled"], near["requests"], near["breaker"]["state"]) == (
            "near",
            True,
            1,
            "closed",
        )
        assert near["latency_ms"]["whole"]["p50"] is not None and near["models"][0]["name"] == "small"
        assert (llama["enabled"], llama["why"]) == (False, "no file")
        assert now["calls"][0]["agent"] == "program" and now["sovereignty"]["score"] == 1.0
        assert now["agents"][0]["budget"] == {"tokens": None, "money": None, "spent_tokens": 0, "spent_money": 0}
        assert now["strategy"]["state"] == "maximum burn"
        opened = (await client.post("/breakers/near/open")).json()
        assert opened["providers"][0]["breaker"]["state"] == "open" and opened["strategy"]["state"] == "fallback"
        assert (await client.post("/v1/chat/completions", json=BODY)).status_code == 503
        assert (await client.post("/breakers/near/close")).json()["providers"][0]["breaker"]["state"] == "closed"
        assert (await client.post("/probe")).json()["providers"][0]["breaker"]["state"] == "closed"
        wrong = await client.post("/breakers/nobody/open")
        assert wrong.status_code == 404 and "near" in wrong.json()["error"]["message"]
        assert (await client.post("/breakers/near/shut")).status_code == 400
        assert (await client.get("/breakers/near/open")).status_code == 405

    ask(use, cascade(Scripted(), llama="no file"))


def test_no_tokens_no_score() -> None:
    assert ask(lambda client: client.get("/status")).json()["sovereignty"]["score"] is None


def test_the_questions_of_an_agent_within_a_stretch_are_told() -> None:
    made = cascade(Scripted())

    async def story(client: httpx.AsyncClient) -> None:
        for number, agent in enumerate(("timmy", "ezra", "timmy", "timmy")):
            asked = {"id": f"q{number}", "agent": agent, "purpose": "thought"}
            assert (await client.post("/v1/chat/completions", json={**BODY, "timmy": asked})).status_code == 200
        at = [call["at"] for call in reversed(made.store.calls())]
        told = (await client.get("/calls", params={"agent": "timmy"})).json()["calls"]
        assert (
            [call["id"] for call in told] == ["q0", "q2", "q3"]
            and told[0]["way"][0]["provider"] == "near"
            and told[0]["at"].endswith("+00:00")
        )
        within = (
            await client.get("/calls", params={"agent": "timmy", "since": at[1], "until": at[3], "most": 5})
        ).json()["calls"]
        assert [call["id"] for call in within] == ["q2"]
        assert len((await client.get("/calls", params={"agent": "timmy", "most": 1})).json()["calls"]) == 1
        for wrong in (
            "",
            "agent=",
            "agent=a b",
            "agent=x&since=nan",
            "agent=x&since=-1",
            "agent=x&most=0",
            "agent=x&most=99999",
            "agent=x&drop=1",
            "agent=x&until=tomorrow",
        ):
            refused = await client.get(f"/calls?{wrong}")
            assert refused.status_code == 400 and refused.json()["error"]["code"] == "bad_input", wrong
        for wrong in ("before=0", "before=x", "most=201", "agent=%00", "agent=a;b"):
            assert (await client.get(f"/sent?{wrong}")).status_code == 400, wrong

    ask(story, made)


def test_what_left_the_machine_is_told_page_by_page_without_secrets() -> None:
    made = cascade(Scripted("far", local=False))

    async def story(client: httpx.AsyncClient) -> None:
        for number in range(7):
            asked = {"id": f"q{number}", "agent": "timmy" if number % 2 else "ezra", "remote": ["far"]}
            words = [{"role": "user", "content": f"question {number}, the password: hunter2secret"}]
            assert (
                await client.post("/v1/chat/completions", json={"model": "timmy", "messages": words, "timmy": asked})
            ).status_code == 200
        first = (await client.get("/sent", params={"most": 3})).json()
        assert [one["id"] for one in first["sent"]] == ["q6", "q5", "q4"] and first["left"] == 4
        rest = (await client.get("/sent", params={"before": first["sent"][-1]["n"]})).json()
        assert [one["id"] for one in rest["sent"]] == ["q3", "q2", "q1", "q0"] and rest["left"] == 0
        mine = (await client.get("/sent", params={"agent": "timmy", "most": 2})).json()
        assert [one["id"] for one in mine["sent"]] == ["q5", "q3"] and mine["left"] == 1
        assert "hunter2secret" not in str(first) + str(rest) and "question 6" in first["sent"][0]["messages"][0][1]

    ask(story, made)
