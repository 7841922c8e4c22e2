"""The link between Portal and Server: no strange box ends it, no piece of one is taken for anything else, and no Server
is without it.
"""

from __future__ import annotations

import pickle
import socket
import subprocess
import sys
import zlib
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet.testing import StringTransport
from twisted.protocols.amp import AmpBox, parseString

from agents.kernel import location
from server import portal_guard, service


def packed(data: bytes) -> dict[str, bytes]:
    return {"packed_data": zlib.compress(data)}


STRANGE = {
    "an answer to nothing": {"_answer": b"ffff"},
    "an error of nothing": {"_error": b"ffff", "_error_code": b"X", "_error_description": b"x"},
    "neither command nor answer": {"colour": b"green"},
    "an unknown command": {"_ask": b"1", "_command": b"Nothing"},
    "an unknown command that wants no answer": {"_command": b"Nothing"},
    "no arguments": {"_ask": b"1", "_command": b"COMMAND"},
    "no arguments and no answer wanted": {"_command": b"COMMAND"},
    "not compressed": {"_ask": b"1", "_command": b"COMMAND", "packed_data": b"plain"},
    "no pickle": {"_ask": b"1", "_command": b"COMMAND", **packed(b"words")},
    "a pickle of what is not here": {"_ask": b"1", "_command": b"COMMAND", **packed(b"cnothing\nNothing\n.")},
    "a pickle of another form": {"_ask": b"1", "_command": b"COMMAND", **packed(pickle.dumps("words"))},
    "a session that nobody has": {
        "_ask": b"1",
        "_command": b"COMMAND",
        **packed(pickle.dumps((10**9, {"text": [["x"], {}]}))),
    },
    "an argument too many": {
        "_ask": b"1",
        "_command": b"COMMAND",
        **packed(pickle.dumps((0, {}))),
        "more": b"x" * 65535,
    },
}


@pytest.fixture(params=["Portal", "Server"])
def end(request: pytest.FixtureRequest) -> tuple[Any, StringTransport, bytes]:
    """One end, what it sends, and the command it takes."""
    inside = SimpleNamespace(get_info_dict=dict, run_initial_setup=lambda: None, server_info_dict={})
    made, command = (
        (portal_guard.GuardedLink(), b"MsgServer2Portal")
        if request.param == "Portal"
        else (service.Link(), b"MsgPortal2Server")
    )
    made.factory = SimpleNamespace(broadcasts=[], server=inside, portal=inside, server_connection=None)
    transport = StringTransport()
    made.makeConnection(transport)
    transport.clear()
    return made, transport, command


def answered(end: tuple[Any, StringTransport, bytes]) -> bool:
    """Whether a good question is answered."""
    made, transport, command = end
    transport.clear()
    made.dataReceived(AmpBox(_ask=b"77", _command=command, **packed(pickle.dumps((0, {})))).serialize())
    return [dict(box) for box in parseString(transport.value())] == [{b"_answer": b"77"}]


@pytest.mark.parametrize("step", [1, 7, 65536])
@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_box_costs_itself_alone(end: Any, name: str, step: int) -> None:
    made, transport, command = end
    box = {key: command if value == b"COMMAND" else value for key, value in STRANGE[name].items()}
    data = AmpBox(**box).serialize()
    for _ in range(2):
        for at in range(0, len(data), step):
            made.dataReceived(data[at : at + step])
        assert answered(end)
    assert not transport.disconnecting and not transport.disconnected


def test_a_piece_that_begins_anyhow_is_a_piece_of_a_box(end: Any) -> None:
    """The engine's own hangs up when a piece does not begin as a box does, after one that ended as a box might."""
    made, transport, _ = end
    data = AmpBox(_command=b"Nothing", a=b"x\0\0GET / HTTP/1.1").serialize()
    cut = data.index(b"GET")
    made.dataReceived(data[:cut])
    made.dataReceived(data[cut:])
    assert answered(end) and not transport.disconnecting


@pytest.mark.parametrize("given", ["nothing", "a pipe", "a port"])
def test_a_server_that_no_portal_started_says_so(given: str) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, socket.create_server(("127.0.0.1", 0)) as port:
        stdin = {"nothing": None, "a pipe": subprocess.PIPE, "a port": port}[given]
        words = (
            'exec "$0" -m server.process server 3<&-'
            if given == "nothing"
            else 'exec "$0" -m server.process server 3<&0'
        )
        done = subprocess.run(
            ["sh", "-c", words, sys.executable],
            cwd=location.PROJECT,
            stdin=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (
        done.returncode == 1
        and "from the Portal" in done.stderr
        and "timmy run" in done.stderr
        and "Traceback" not in done.stderr
    )


def test_what_the_server_starts_does_not_get_its_link() -> None:
    ours, theirs = socket.socketpair()
    program = "from server import link; link.claim(); import os; print(os.get_inheritable(3))"
    with ours, theirs:
        done = subprocess.run(
            ["sh", "-c", 'exec "$0" -c "$1" 3<&0', sys.executable, program],
            cwd=location.PROJECT,
            stdin=theirs,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.stdout == "False\n", done.stderr


@pytest.mark.parametrize(("answer", "known"), [({}, True), (None, False), ([], False), ([(True, {})], False)])
def test_a_new_session_is_unheard_of_until_a_server_has_answered(answer: object, known: bool) -> None:
    """What is sent over a link whose end is not noticed yet comes to nothing, and None is made of that."""
    session = SimpleNamespace(unheard=True)
    assert portal_guard.heard(answer, session) is answer
    assert hasattr(session, "unheard") is not known
