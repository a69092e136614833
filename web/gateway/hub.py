"""Tells the open lines of this process that a conversation moved on, wherever its turn runs.

It carries no messages: whoever is told reads them from the database, so nothing depends on being
told, and news that gets lost only makes the reading a little later.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum


class Sign(StrEnum):
    """What may happen to a conversation."""

    MOVED = "moved"
    ANSWERING = "answering"
    """A turn runs; said again while it does."""
    ANSWERED = "answered"


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

    def __init__(
        self, *, answering_life: float, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        """`answering_life`: how long another process is believed to answer without saying so."""
        self.is_ending = False
        """The process was told to stop: nobody should wait for news here any more."""
        self.tell_others: Callable[[str, Sign], None] = lambda _conversation, _sign: None
        self._subscriptions: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._answering: set[str] = set()
        self._answering_elsewhere: dict[str, float] = {}
        self._answering_life = answering_life
        self._seconds = seconds

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
        """Something happened here."""
        self._say(conversation_id, Sign.MOVED)

    def is_answering(self, conversation_id: str) -> bool:
        until = self._answering_elsewhere.get(conversation_id, 0.0)
        return conversation_id in self._answering or self._seconds() < until

    @contextmanager
    def answering(self, conversation_id: str) -> Iterator[None]:
        """Mark the time in which an answer is being worked out."""
        self._answering.add(conversation_id)
        self._say(conversation_id, Sign.ANSWERING)
        try:
            yield
        finally:
            self._answering.discard(conversation_id)
            self._say(conversation_id, Sign.ANSWERED)

    def still_answering(self, conversation_id: str) -> None:
        """The turn goes on: other processes would else take it for dead."""
        self.tell_others(conversation_id, Sign.ANSWERING)

    # What other processes say -------------------------------------------------------------------

    def hear(self, conversation_id: str, sign: Sign) -> None:
        """Something happened in another process."""
        now = self._seconds()
        elsewhere = self._answering_elsewhere
        for stale in [name for name, until in elsewhere.items() if until <= now]:
            del elsewhere[stale]
        if sign is Sign.ANSWERING:
            elsewhere[conversation_id] = now + self._answering_life
        elif sign is Sign.ANSWERED:
            elsewhere.pop(conversation_id, None)
        self._wake(conversation_id)

    def catch_up(self) -> None:
        """Other processes may have said something that was not heard: let everybody look."""
        for conversation_id in list(self._subscriptions):
            self._wake(conversation_id)

    def let_go(self) -> None:
        """The process is about to end: send away those who wait."""
        self.is_ending = True
        self.catch_up()

    def _say(self, conversation_id: str, sign: Sign) -> None:
        self._wake(conversation_id)
        self.tell_others(conversation_id, sign)

    def _wake(self, conversation_id: str) -> None:
        for subscription in self._subscriptions.get(conversation_id, ()):
            subscription.notify()
