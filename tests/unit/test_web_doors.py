"""Who may read the metrics."""

from __future__ import annotations

import pytest

from server.web_doors import admitted


@pytest.mark.parametrize(
    ("address", "authorization", "token", "may"),
    [
        ("127.0.0.1", "", "", True),
        ("::1", "", "", True),
        ("192.0.2.1", "", "", False),
        ("", "", "", False),
        ("unknown", "", "", False),
        ("127.0.0.1", "", "secret", False),
        ("192.0.2.1", "Bearer secret", "secret", True),
        ("127.0.0.1", "Bearer secre", "secret", False),
        ("127.0.0.1", b"Bearer \xff", "secret", False),
    ],
)
def test_this_machine_or_the_token(address: str, authorization: bytes | str, token: str, may: bool) -> None:
    assert admitted(address, authorization, token) is may
