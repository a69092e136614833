"""Carries the hub's signs between the web processes of one database."""

from __future__ import annotations

import asyncio
import secrets

from pydantic import BaseModel, ValidationError

from backend.core.errors import Unavailable
from backend.ports import Broadcast
from web.gateway.hub import Hub, Sign
from web.incidents import report

_MOST_WAITING = 10_000


class _Told(BaseModel):
    """One sign on its way; a conversation's id names nobody."""

    process: str
    conversation: str
    sign: Sign


class Relay:
    """Tells other processes what the hub of this one says, and the hub what they say."""

    def __init__(self, hub: Hub, broadcast: Broadcast) -> None:
        self._hub = hub
        self._broadcast = broadcast
        self._process = secrets.token_urlsafe(9)
        self._waiting: asyncio.Queue[_Told] = asyncio.Queue(_MOST_WAITING)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Listen and tell from now on."""
        self._hub.tell_others = self._put
        self._tasks = [asyncio.create_task(self._tell()), asyncio.create_task(self._listen())]

    async def stop(self) -> None:
        """Fall silent; what was not told yet is found in the database."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._broadcast.close()

    def _put(self, conversation_id: str, sign: Sign) -> None:
        told = _Told(process=self._process, conversation=conversation_id, sign=sign)
        if not self._waiting.full():
            self._waiting.put_nowait(told)

    async def _tell(self) -> None:
        while True:
            told = await self._waiting.get()
            try:
                await self._broadcast.tell(told.model_dump_json())
            except Unavailable as failure:
                report("relay_silent", failure)
                # Late signs are worth nothing; the lines look for themselves.
                while not self._waiting.empty():
                    self._waiting.get_nowait()

    async def _listen(self) -> None:
        await self._broadcast.listen(self._heard, self._hub.catch_up)

    def _heard(self, words: str) -> None:
        try:
            told = _Told.model_validate_json(words)
        except ValidationError:
            return  # of a newer version
        if told.process != self._process:
            self._hub.hear(told.conversation, told.sign)
