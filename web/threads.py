"""Threads that do one kind of work, so that it never waits for threads that do another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial


class Threads:
    """At most so many at once; what comes beyond that waits here alone."""

    def __init__(self, purpose: str, most: int) -> None:
        self._pool = ThreadPoolExecutor(most, thread_name_prefix=purpose)

    async def run[**P, T](self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` gives or raises."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, partial(work, *args, **kwargs))
