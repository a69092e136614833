"""Tells the open sockets of this process that a conversation moved on.

It carries no messages: whoever is told reads them from the database, so nothing depends on being
told, and a second web process only makes the reading a little later.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Subscription:
    """One listener's view of one conversation."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    async def changed(self, *, within: float) -> None:
        """Return when something happened, at the latest after `within` seconds."""
        try:
            async with asyncio.timeout(within):
                await self._changed.wait()
        except TimeoutError:
            return
        self._changed.clear()

    def notify(self) -> None:
        self._changed.set()


class Hub:
    """Who listens to which conversation, and which conversations are being answered now."""

    def __init__(self) -> None:
        self._subscriptions: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._answering: set[str] = set()

    @contextmanager
    def subscribe(self, conversation_id: str) -> Iterator[Subscription]:
        subscription = Subscription()
        self._subscriptions[conversation_id].add(subscription)
        try:
            yield subscription
        finally:
            listeners = self._subscriptions[conversation_id]
            listeners.discard(subscription)
            if not listeners:
                del self._subscriptions[conversation_id]

    def listeners(self, conversation_id: str) -> int:
        return len(self._subscriptions.get(conversation_id, ()))

    def notify(self, conversation_id: str) -> None:
        for subscription in self._subscriptions.get(conversation_id, ()):
            subscription.notify()

    def is_answering(self, conversation_id: str) -> bool:
        return conversation_id in self._answering

    @contextmanager
    def answering(self, conversation_id: str) -> Iterator[None]:
        """Mark the time in which an answer is being worked out."""
        self._answering.add(conversation_id)
        self.notify(conversation_id)
        try:
            yield
        finally:
            self._answering.discard(conversation_id)
            self.notify(conversation_id)
