"""The cascade as a part of this world: its process, and how the Server and the command line reach it.

Owns its token, its log, its HTTP server, and its address. Listens only on loopback.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.cascade.settings import CascadeSettings
from agents.kernel import providers, randomness
from agents.kernel.clock import SystemClock
from agents.kernel.settings import Settings, current
from server import listeners, ports, secret
from server.settings import ServerSettings

if TYPE_CHECKING:
    from agents.cascade.client import CascadeClient

HOST = "127.0.0.1"
TOKEN = "cascade-token"  # noqa: S105  the file's name
GRACE_SECONDS = 5
"""How long answers under way may take when the process is told to stop, in seconds."""
ASK_SECONDS = 10.0
"""How long a connection may take to send its request, in seconds."""


def ensure_token(settings: Settings) -> str:
    """The token of the cascade, created if there is none."""
    if not secret.read(settings.state_dir, TOKEN):
        secret.keep(settings.state_dir, TOKEN, randomness.secret(40))
    return secret.read(settings.state_dir, TOKEN)


def token(port: int, folder: Path) -> str:
    """The token, to be sent to `port`. Raises NoAnswer if another user's program listens there in the cascade's place:
    it would get our token, and our questions.
    """
    from agents.cascade.refusal import NoAnswer

    if users := listeners.strangers(port):
        raise NoAnswer(
            f"A program of user {users[0]} listens at {HOST}:{port} in the model service's place.", fault="dead"
        )
    return secret.read(folder, TOKEN)


def port(settings: Settings) -> int:
    """Its address."""
    return ports.of(settings.port_base)["cascade"]


def language(settings: Settings, reactor: Any) -> CascadeClient:
    """The Server's client for it."""
    from agents.cascade.client import CascadeClient

    return CascadeClient(port(settings), lambda: token(port(settings), settings.state_dir), reactor, patience(settings))


def patience(settings: Settings) -> float:
    """Seconds for which the cascade may be silent: while another's whole answer is generated, and then through all
    providers.
    """
    ours = settings.of(CascadeSettings)
    each = ours.model_connect_seconds + ours.model_first_seconds
    return ours.model_whole_seconds + len(providers.order(ours.cascade_order)) * each


def main() -> None:
    """Serve until told to stop."""
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
    app = service.app(made, ensure_token(settings), settings.of(ServerSettings).metrics_token)
    config = uvicorn.Config(
        app,
        http=_prompt(),
        host=HOST,
        port=port(settings),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS,
        ws="none",
        backlog=256,
        proxy_headers=False,
        workers=1,  # explicit, so that no other program's variable is read
    )
    signal.signal(
        signal.SIGTERM, lambda *_: None
    )  # it ends the HTTP server, which then raises it again for the previous handler
    uvicorn.Server(config).run()


def _prompt() -> type[Any]:
    """The HTTP server's own protocol, for requests that arrive in time: it would wait for ever for the rest of one."""
    from uvicorn.protocols.http.auto import AutoHTTPProtocol

    class Prompt(AutoHTTPProtocol):  # type: ignore[valid-type, misc]
        late: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            self.watch()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self.watch()

        def watch(self) -> None:
            asked = self.cycle is not None and not self.cycle.response_complete
            if self.late and asked:
                self.late.cancel()
                self.late = None
            elif not self.late and not asked:
                self.late = self.loop.call_later(ASK_SECONDS, self.transport.close)

    return Prompt
