"""Becomes the cascade: `python -m server.process cascade`.

Owns its token, its log and the server of HTTP under it. Refuses to listen anywhere but on loopback.
"""

from __future__ import annotations

import logging

from agents.cascade import composition, service
from agents.kernel import location, randomness
from agents.kernel.clock import SystemClock
from agents.kernel.settings import Settings, current
from server import secret

HOST = "127.0.0.1"
TOKEN = "cascade-token"  # noqa: S105  the file's name
GRACE_SECONDS = 5
"""How long answers under way may take when the process is told to end."""


def ensure_token(settings: Settings) -> str:
    """The token of the cascade, made when there is none."""
    if not secret.read(settings.state_dir, TOKEN):
        secret.keep(settings.state_dir, TOKEN, randomness.secret(40))
    return secret.read(settings.state_dir, TOKEN)


def main() -> None:
    """Serve until told to end."""
    import uvicorn
    from twisted.logger import globalLogBeginner

    from server import logs

    secret.keep_to_owner()
    settings = current()
    globalLogBeginner.beginLoggingTo([logs.begin("cascade")], redirectStandardIO=False, discardBuffer=True)
    for name in ("httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
    made = composition.cascade(settings, SystemClock())
    port = location.ports(settings.port_base)["cascade"]
    app = service.app(made, ensure_token(settings), settings.metrics_token)
    config = uvicorn.Config(
        app, host=HOST, port=port, log_config=None, access_log=False, server_header=False, lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS, ws="none", backlog=256,
    )  # fmt: skip
    uvicorn.Server(config).run()
