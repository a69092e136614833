"""What the web process does beside answering: deliver notices, sweep what has expired."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from backend.core.errors import Unavailable
from web.incidents import report


class Chores:
    """Background work with a rhythm, and a nudge for what should not wait for it."""

    def __init__(  # noqa: PLR0913 - each kind of work and its rhythm
        self,
        *,
        deliver: Callable[[], Any],
        sweep: Callable[[], Any],
        retain: Callable[[], Any] | None = None,
        deliver_too: Sequence[Callable[[], Any]] = (),
        deliver_every: float = 1.0,
        sweep_every: float = 30.0,
        retain_every: float = 3600.0,
    ) -> None:
        """The rhythms are in seconds; `deliver_too` runs beside `deliver`, as often."""
        self._deliveries = [_Delivery(work) for work in (deliver, *deliver_too)]
        self._rounds = [("sweep_failed", sweep, sweep_every)]
        if retain is not None:
            self._rounds.append(("retention_failed", retain, retain_every))
        self._deliver_every = deliver_every
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin the rhythm."""
        self._tasks = [
            *(asyncio.create_task(each.forever(self._deliver_every)) for each in self._deliveries),
            *(asyncio.create_task(_forever(*each)) for each in self._rounds),
        ]

    async def stop(self) -> None:
        """End it; a delivery under way is ended by its thread."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def nudge(self) -> None:
        """Something may have become due just now."""
        for each in self._deliveries:
            each.nudged.set()

    async def deliver(self) -> None:
        """Deliver what is due and return when that is done."""
        await asyncio.gather(*(each.deliver() for each in self._deliveries))


class _Delivery:
    """One worker of the outbox: its own work, its own nudge."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work = work
        self._running = asyncio.Lock()
        self.nudged = asyncio.Event()

    async def deliver(self) -> None:
        async with self._running:
            await _unless_unavailable("delivery_failed", self._work)

    async def forever(self, every: float) -> None:
        while True:
            try:
                async with asyncio.timeout(every):
                    await self.nudged.wait()
            except TimeoutError:
                pass
            self.nudged.clear()
            await self.deliver()


async def _forever(event: str, work: Callable[[], Any], every: float) -> None:
    while True:
        await _unless_unavailable(event, work)
        await asyncio.sleep(every)


async def _unless_unavailable(event: str, work: Callable[[], Any]) -> None:
    """Run in a thread; whatever fails is reported and tried again in the next round."""
    try:
        await asyncio.to_thread(work)
    except Unavailable as failure:
        report(event, failure, reason=failure.reason)
    except Exception as failure:  # noqa: BLE001 - a chore must not end with its first failure
        report(event, failure)
