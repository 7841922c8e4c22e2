"""Sends a request to a running process of this world over its Unix socket. Standard library only.

Owns one request and one response, each a line of JSON, within a time limit. Starts nothing: if the process is not
there, it raises Unavailable.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.kernel.errors import Unavailable

ANSWER_BYTES = 64_000_000


def ask(
    path: Path, question: dict[str, Any], seconds: float = 30.0, heard: Callable[[dict[str, Any]], None] | None = None
) -> dict[str, Any]:
    """The response to `question`. `heard` gets what precedes it, if the request asks for that. Raises Unavailable if
    nothing arrives within `seconds`.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(seconds)
        try:
            link.connect(str(path))
            link.sendall(json.dumps(question).encode() + b"\n")
            with link.makefile("rb") as stream:
                line = stream.readline(ANSWER_BYTES)
                while heard is not None and line.endswith(b"\n") and "exit" not in (part := json.loads(line)):
                    heard(part)
                    line = stream.readline(ANSWER_BYTES)
        except (FileNotFoundError, ConnectionRefusedError) as missing:
            raise Unavailable("The world is down.", next="timmy run") from missing
        except OSError as silent:
            raise Unavailable("The world does not answer.", next="timmy status") from silent
    if not line.endswith(b"\n"):
        raise Unavailable("The world went down before it answered.", next="timmy status")
    answer: dict[str, Any] = json.loads(line)
    return answer
