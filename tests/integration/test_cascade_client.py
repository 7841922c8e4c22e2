"""The world's client of the cascade, over a real socket."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator, Sequence

import pytest

from agents.cascade.ports import Fault
from tests.support.process import free_port, until
from tests.support.scripted import Scripted, cascade, fault
from tests.support.served import Asker, Served


def script(text: str) -> Sequence[object]:
    return {
        "plain": ("One. ", 0.01, "Zwei ÄÖ \U0001f600. ", 0.01, "Three."),
        "cut": ("Once upon ", fault(Fault.CUT, "the line is dead")),
        "none": (fault(Fault.BROKEN, "it said 500"),),
        "long": ("A ", *[part for n in range(200) for part in (0.05, f"{n} ")]),
        "steady": [part for n in range(20) for part in (0.2, f"{n} ")],
        "slow": ("Begun, ", 1.0, "ended."),
    }[text]


@pytest.fixture
def near() -> Scripted:
    return Scripted("near", lambda call: script(call.messages[-1].content))


@pytest.fixture
def served(near: Scripted) -> Iterator[Served]:
    with Served(lambda: cascade(near, slots=8)) as made:
        yield made


@pytest.fixture
def asker(served: Served) -> Iterator[Asker]:
    with Asker(served.port) as made:
        yield made


def test_an_answer_comes_as_it_is_made(asker: Asker) -> None:
    asker.do("ask", "q1", text="plain")
    heard, end = asker.ended("q1")
    assert heard == end["done"]["text"] == "One. Zwei ÄÖ \U0001f600. Three."
    assert (end["done"]["id"], end["done"]["provider"], end["done"]["model"], end["done"]["local"]) == (
        "q1",
        "near",
        "small",
        True,
    )
    assert end["done"]["way"] == [{"provider": "near", "said": "answered with small", "fault": ""}]
    asker.do("status")
    assert asker.next()["done"]["calls"][0]["id"] == "q1"


def test_what_was_asked_and_what_left_the_machine_can_be_read_afterwards() -> None:
    with Served(lambda: cascade(Scripted("far", local=False))) as made, Asker(made.port) as asker:
        for number in range(3):
            asker.do(
                "ask", f"q{number}", text=f"Question {number}, the password: hunter2secret", more={"remote": ["far"]}
            )
            assert "done" in asker.ended(f"q{number}")[1]
        asker.do(
            "calls",
            "c",
            more={"agent": "timmy", "since": "2020-01-01T00:00:00+00:00", "until": "2120-01-01T00:00:00+00:00"},
        )
        calls = asker.ended("c")[1]["done"]["calls"]
        assert [(one["id"], one["provider"], one["local"]) for one in calls] == [
            (f"q{n}", "far", False) for n in range(3)
        ]
        asker.do("sent", "s", more={"agent": "timmy", "before": None, "most": 2, "longest": 12})
        sent = asker.ended("s")[1]["done"]
        assert [one["id"] for one in sent["sent"]] == ["q2", "q1"] and sent["left"] == 1
        assert sent["sent"][0]["messages"] == [["user", "Question 2, "]] and sent["sent"][0]["size"] > 30
        asker.do("sent", "t", more={"agent": "", "before": sent["sent"][-1]["n"], "most": 5, "longest": 1000})
        (last,) = asker.ended("t")[1]["done"]["sent"]
        assert (
            last["id"] == "q0"
            and "hunter2secret" not in str(last)
            and last["messages"][0][1].startswith("Question 0, the password: ")
        )
        asker.do("sent", "u", more={"agent": "a b", "before": None, "most": 5, "longest": 1000})
        assert asker.ended("u")[1]["failed"] == "BadInput"


def test_a_service_that_never_answers_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, Asker(silent.getsockname()[1]) as asker:
        asker.do(
            "calls",
            "c",
            more={"agent": "timmy", "since": "2020-01-01T00:00:00+00:00", "until": "2120-01-01T00:00:00+00:00"},
        )
        asker.do("sent", "s", more={"agent": "timmy", "before": None, "most": 2, "longest": 12})
        for one in ("c", "s"):
            _, end = asker.ended(one)
            assert end["failed"] == "NoAnswer" and "has said nothing for" in end["said"]


def test_a_refusal_tells_the_way(asker: Asker) -> None:
    asker.do("ask", "q1", text="none")
    heard, end = asker.ended("q1")
    assert heard == "" and end["failed"] == "NoAnswer" and "it said 500" in end["said"]
    assert end["way"] == [{"provider": "near", "said": "it said 500", "fault": "broken"}]


def test_an_answer_that_breaks_off_fails_after_what_was_heard(asker: Asker) -> None:
    asker.do("ask", "q1", text="cut")
    heard, end = asker.ended("q1")
    assert (
        heard == "Once upon "
        and end["failed"] == "NoAnswer"
        and "broke off" in end["said"]
        and end["way"][0]["fault"] == "cut"
    )


def test_a_wrong_question_is_the_askers_fault(asker: Asker) -> None:
    asker.do("ask", "q1", text="plain", more={"max_tokens": 0})
    assert asker.next()["failed"] == "BadInput"
    asker.do("ask", "q2", text="plain", more={"schema": {"type": "nothing"}})
    assert asker.next()["failed"] == "BadInput"


def test_a_killed_asker_finds_its_answer_again(asker: Asker, served: Served, near: Scripted) -> None:
    asker.do("ask", "q1", text="slow")
    assert asker.next()["heard"] == "Begun, "
    asker.kill()
    with Asker(served.port) as second:
        second.do("resume", "q1")
        heard, end = second.ended("q1")
        assert heard == end["done"]["text"] == "Begun, ended."
        second.do("resume", "nobody")
        assert second.next()["failed"] == "NotFound"
    assert len(near.calls) == 1 and not near.stopped


def test_dropping_ends_the_listening_and_cancelling_the_answer(asker: Asker, near: Scripted) -> None:
    asker.do("ask", "q1", text="long")
    assert asker.next()["heard"]
    asker.do("drop", "q1")
    while "cancelled" not in (one := asker.next()):
        assert "heard" in one
    assert one["cancelled"] and not near.stopped
    asker.do("cancel", "q1")
    while one["id"] != "q1" or "done" not in one:
        one = asker.next()
    until(lambda: near.stopped, "the provider was told to stop")
    asker.do("resume", "q1")
    end = asker.ended("q1")[1]
    assert end["failed"] == "NoAnswer" and "no longer wanted" in end["said"]
    asker.do("cancel", "nobody")
    assert asker.next()["done"] is None


def test_a_wrong_token_and_nobody_there_are_told(served: Served) -> None:
    with Asker(served.port, "wrong") as stranger:
        stranger.do("ask", "q1", text="plain")
        assert "token" in stranger.next()["said"]
    with Asker(free_port()) as alone:
        alone.do("ask", "q1", text="plain")
        assert alone.next() == {
            "id": "q1",
            "failed": "NoAnswer",
            "said": "This world's model service is not running or does not answer.",
            "way": [],
            "cancelled": False,
        }


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\n\r\ndata: {]\n\n",
        b'HTTP/1.1 200 OK\r\n\r\ndata: {"choices": 7}\n\n',
        b"HTTP/1.1 200 OK\r\n\r\ndata: [1]\n\n",
        b"HTTP/1.1 500 No\r\nContent-Length: 1\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\ndata: ",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 9_000_000,
    ],
)
def test_whatever_else_answers_is_a_failure_and_not_an_answer(sent: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            link, _ = listening.accept()
            with link:
                link.recv(65536)
                try:
                    link.sendall(sent)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with Asker(listening.getsockname()[1]) as asker:
            asker.do("ask", "q1", text="plain")
            heard, end = asker.ended("q1")
            assert heard == "" and "failed" in end
        thread.join(30)


@pytest.mark.parametrize(
    "said", [b"", b'HTTP/1.1 200 OK\r\n\r\ndata: {"choices": [{"delta": {"content": "Once "}}]}\n\n']
)
def test_a_service_that_falls_silent_is_not_waited_for_longer_than_its_limit(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, Asker(listening.getsockname()[1], patience=0.5) as asker:
        asker.do("ask", "q1", text="plain")
        link, _ = listening.accept()
        with link:
            link.recv(65536)
            link.sendall(said)
            heard, end = asker.ended("q1")
            assert heard == ("Once " if said else "")
            assert end["failed"] == "NoAnswer" and "has said nothing for 0.5 seconds" in end["said"]
            with contextlib.suppress(ConnectionResetError):
                assert not link.recv(1)  # and it has hung up


def test_an_answer_may_take_longer_than_its_silences(served: Served) -> None:
    with Asker(served.port, patience=3.0) as asker:
        asker.do("ask", "q1", text="steady")
        heard, end = asker.ended("q1")
        assert heard == end["done"]["text"] and heard.endswith("19 ")


def test_many_at_once(asker: Asker, near: Scripted) -> None:
    for n in range(40):
        asker.do("ask", f"q{n}", text="plain", more={"max_tokens": n + 1})
    left = {f"q{n}" for n in range(40)}
    heard: dict[str, str] = dict.fromkeys(left, "")
    for one in asker.told():
        if "heard" in one:
            heard[one["id"]] += one["heard"]
        else:
            assert one["done"]["text"] == heard[one["id"]] == "One. Zwei ÄÖ \U0001f600. Three."
            left.remove(one["id"])
            if not left:
                break
    assert near.most <= 8
