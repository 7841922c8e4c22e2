"""The cascade as a part of this world: the process it is, and how the Server and the command line reach it.

Owns its token, its log, the server of HTTP under it, and its address. Refuses to listen anywhere but on loopback.
"""

from __future__ import annotations

import logging
import signal
from typing import TYPE_CHECKING, Any

from agents.kernel import location, providers, randomness
from agents.kernel.clock import SystemClock
from agents.kernel.settings import Settings, current
from server import secret

if TYPE_CHECKING:
    from agents.cascade.client import CascadeClient

HOST = "127.0.0.1"
TOKEN = "cascade-token"  # noqa: S105  the file's name
GRACE_SECONDS = 5
"""How long answers under way may take when the process is told to end."""


def ensure_token(settings: Settings) -> str:
    """The token of the cascade, made when there is none."""
    if not secret.read(settings.state_dir, TOKEN):
        secret.keep(settings.state_dir, TOKEN, randomness.secret(40))
    return secret.read(settings.state_dir, TOKEN)


def port(settings: Settings) -> int:
    """Where it listens."""
    return location.ports(settings.port_base)["cascade"]


def language(settings: Settings, reactor: Any) -> CascadeClient:
    """The Server's way to ask it."""
    from agents.cascade.client import CascadeClient

    return CascadeClient(port(settings), lambda: secret.read(settings.state_dir, TOKEN), reactor, patience(settings))


def patience(settings: Settings) -> float:
    """Seconds for which the cascade may be silent: behind a whole answer of another's, and then through all providers."""
    each = settings.model_connect_seconds + settings.model_first_seconds
    return settings.model_whole_seconds + len(providers.order(settings.cascade_order)) * each


def main() -> None:
    """Serve until told to end."""
    import uvicorn
    from twisted.logger import globalLogBeginner

    from agents.cascade import composition, service
    from server import logs

    secret.keep_to_owner()
    settings = current()
    globalLogBeginner.beginLoggingTo([logs.begin("cascade")], redirectStandardIO=False, discardBuffer=True)
    for name in ("httpx", "httpcore", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
    made = composition.cascade(settings, SystemClock())
    app = service.app(made, ensure_token(settings), settings.metrics_token)
    config = uvicorn.Config(
        app, host=HOST, port=port(settings), log_config=None, access_log=False, server_header=False, lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS, ws="none", backlog=256, proxy_headers=False,
    )  # fmt: skip
    signal.signal(signal.SIGTERM, lambda *_: None)  # the server of HTTP ends by it, and then raises it again for whoever was before it
    uvicorn.Server(config).run()
