"""`python -m web`: the one process that faces the internet."""

from __future__ import annotations

import gc
import socket
import sys
from contextlib import suppress
from types import FrameType

import uvicorn

from backend import bootstrap
from backend.core.errors import ConfigurationInvalid
from backend.settings import Settings, load
from web import logs
from web.app import create_app
from web.gateway.engine import EngineClient, HttpEngineClient, ShardedEngine
from web.gateway.numbers import GatewayNumbers
from web.gateway.service import Gateway

_LARGEST_FRAME = 64 * 1024
_NO_START = 3
_SWITCH_SECONDS = 0.0005
"""A tenth of Python's own: threads at the database must not keep the door waiting."""


class Server(uvicorn.Server):
    """Takes what is loaded for lasting; lets go of polls that wait for news when told to stop.

    To look through all that is loaded for garbage keeps everybody waiting for a tenth of a second,
    and who waits for a poll's end waits for as long as the poll.
    """

    def __init__(self, config: uvicorn.Config, gateway: Gateway) -> None:
        super().__init__(config)
        self._gateway = gateway

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the door."""
        gc.collect()
        gc.freeze()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop, as soon as what runs has ended."""
        self._gateway.hub.let_go()
        super().handle_exit(sig, frame)


def main() -> int:
    """Serve until told to stop.

    Returns 2 if the settings or a file of words or rules does not hold, 3 if the port is taken or
    something else keeps it from starting.
    """
    try:
        settings = load()
        logs.configure(production=settings.is_production)
        backend = bootstrap.build(settings)
        numbers = GatewayNumbers()
        app = create_app(backend, _engines(settings, numbers), numbers=numbers)
    except ConfigurationInvalid as failure:
        sys.stderr.write(f"{failure}\n")
        return 2
    config = uvicorn.Config(
        app,
        host=settings.web_host,
        port=settings.web_port,
        log_config=None,
        access_log=False,
        server_header=False,
        # Who the client is, is decided in web.security, by the number of proxies we run.
        proxy_headers=False,
        ws_max_size=_LARGEST_FRAME,
        timeout_graceful_shutdown=int(numbers.grace) + 5,
    )
    sys.setswitchinterval(_SWITCH_SECONDS)
    server = Server(config, app.state.gateway)
    with suppress(KeyboardInterrupt):
        server.run()
    return 0 if server.started else _NO_START


def _engines(settings: Settings, numbers: GatewayNumbers) -> EngineClient:
    clients = {
        address: HttpEngineClient(
            address,
            settings.gateway_secret.get_secret_value(),
            timeout=numbers.engine_timeout,
            turns_at_once=numbers.turns_per_engine,
        )
        for address in settings.engine_urls
    }
    return ShardedEngine(clients)


if __name__ == "__main__":
    sys.exit(main())
