"""What the web process does beside answering: deliver notices, sweep what has expired."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from backend.core.errors import Unavailable
from web.incidents import report
from web.threads import Threads


class Chores:
    """Background work with a rhythm, and a nudge for what should not wait for it."""

    def __init__(  # noqa: PLR0913 - each kind of work and its rhythm
        self,
        *,
        deliver: Callable[[], Any],
        sweep: Callable[[], Any],
        retain: Callable[[], Any] | None = None,
        tidy: Callable[[], Any] | None = None,
        deliver_too: Sequence[Callable[[], Any]] = (),
        deliver_every: float = 1.0,
        sweep_every: float = 30.0,
        retain_every: float = 3600.0,
        tidy_every: float = 2.0,
    ) -> None:
        """The rhythms are in seconds; `deliver_too` runs beside `deliver`, as often."""
        rounds = [("sweep_failed", sweep, sweep_every)]
        if retain is not None:
            rounds.append(("retention_failed", retain, retain_every))
        if tidy is not None:
            rounds.append(("tidying_failed", tidy, tidy_every))
        deliveries = (deliver, *deliver_too)
        # Each may wait long for a provider: one thread for each, and none that turns wait for.
        threads = Threads("chores", len(rounds) + len(deliveries))
        self._deliveries = [_Delivery(work, threads) for work in deliveries]
        self._rounds = [(_Round(event, work, threads), every) for event, work, every in rounds]
        self._deliver_every = deliver_every
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin the rhythm."""
        self._tasks = [
            *(asyncio.create_task(each.forever(self._deliver_every)) for each in self._deliveries),
            *(asyncio.create_task(each.forever(every)) for each, every in self._rounds),
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


class _Round:
    """Work that is reported when it fails, and tried again in the next round."""

    def __init__(self, failed: str, work: Callable[[], Any], threads: Threads) -> None:
        """`failed` is the event that a failure is reported as."""
        self._failed = failed
        self._work = work
        self._threads = threads

    async def once(self) -> None:
        try:
            await self._threads.run(self._work)
        except Unavailable as failure:
            report(self._failed, failure, reason=failure.reason)
        except Exception as failure:  # noqa: BLE001 - a chore must not end with its first failure
            report(self._failed, failure)

    async def forever(self, every: float) -> None:
        while True:
            await self.once()
            await asyncio.sleep(every)


class _Delivery:
    """One worker of the outbox: its own work, its own nudge."""

    def __init__(self, work: Callable[[], Any], threads: Threads) -> None:
        self._round = _Round("delivery_failed", work, threads)
        self._running = asyncio.Lock()
        self.nudged = asyncio.Event()

    async def deliver(self) -> None:
        async with self._running:
            await self._round.once()

    async def forever(self, every: float) -> None:
        while True:
            try:
                async with asyncio.timeout(every):
                    await self.nudged.wait()
            except TimeoutError:
                pass
            self.nudged.clear()
            await self.deliver()
