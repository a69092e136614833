"""Orders the turns of a conversation inside one process.

Rasa's own lock makes a waiting message look again once a second and expires after a minute, with
the turn still running. One engine process owns a conversation (the gateway sees to that), so a
plain asyncio lock per conversation is all it takes.
"""

import asyncio
from contextlib import asynccontextmanager
from typing import AsyncGenerator, Dict, Optional

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore
from rasa.utils.endpoints import EndpointConfig


class _CountedLock:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.users = 0


class InProcessLockStore(InMemoryLockStore):
    """First come, first served, without polling and without expiry."""

    def __init__(self, endpoint_config: Optional[EndpointConfig] = None) -> None:
        super().__init__()
        self._locks: Dict[str, _CountedLock] = {}

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = 0,
    ) -> AsyncGenerator[TicketLock, None]:
        """Hold the conversation for the length of the block. The other arguments are Rasa's and unused."""
        counted = self._locks.setdefault(conversation_id, _CountedLock())
        counted.users += 1
        try:
            async with counted.lock:
                yield TicketLock(conversation_id)
        finally:
            counted.users -= 1
            if not counted.users:
                del self._locks[conversation_id]
