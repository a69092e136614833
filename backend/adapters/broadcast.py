"""Words between processes over PostgreSQL's LISTEN and NOTIFY."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import psycopg
import structlog
from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine

from backend.core.errors import Unavailable

_CHANNEL: Final = "sportello"
_PAUSE: Final = 2.0
"""Seconds before listening is tried again."""

_ALIVE: Final = {
    "connect_timeout": 5,
    # A connection that waits for hours must notice that the other side is gone.
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}

log = structlog.get_logger(__name__)


class PostgresBroadcast:
    """One connection that listens, and one that tells.

    Both have to reach the server itself: a pooler that lends a connection for one transaction
    (PgBouncer's `transaction` mode) loses who listens.
    """

    def __init__(self, engine: Engine) -> None:
        address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._address = make_conninfo(address, **_ALIVE)
        self._teller: psycopg.AsyncConnection | None = None

    async def tell(self, words: str) -> None:
        """See `Broadcast`."""
        try:
            if self._teller is None or self._teller.closed:
                self._teller = await self._connect()
            await self._teller.execute("SELECT pg_notify(%s, %s)", (_CHANNEL, words))
        except psycopg.Error as failure:
            await self.close()
            raise Unavailable from failure

    async def listen(self, heard: Callable[[str], None], missed: Callable[[], None]) -> None:
        """See `Broadcast`; a connection that breaks is made anew."""
        while True:
            try:
                async with await self._connect() as connection:
                    await connection.execute(f"LISTEN {_CHANNEL}")
                    missed()
                    async for notice in connection.notifies():
                        heard(notice.payload)
            except psycopg.Error as failure:
                log.warning("broadcast_broken", failure=type(failure).__name__)
            await asyncio.sleep(_PAUSE)

    async def close(self) -> None:
        """See `Broadcast`."""
        teller, self._teller = self._teller, None
        if teller is not None:
            await teller.close()

    async def _connect(self) -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(self._address, autocommit=True)


def make_broadcast(engine: Engine) -> PostgresBroadcast | None:
    """How the processes on this database reach each other; None on SQLite, where there is one."""
    return PostgresBroadcast(engine) if engine.dialect.name == "postgresql" else None
