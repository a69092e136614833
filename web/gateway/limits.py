"""How often one caller may do something, counted in this process."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable


class SlidingWindow:
    """At most `most` events per key in any `within` seconds.

    It guards this process's own resources. Budgets that protect customers are the backend's and
    live in the database.
    """

    def __init__(
        self,
        most: int,
        within: float,
        *,
        keys: int = 10_000,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._within = within
        self._keys = keys
        self._seconds = seconds
        self._events: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_for(self, key: str) -> float:
        """Count an event and return 0; or, if it is one too many, the seconds to wait."""
        now = self._seconds()
        events = self._events.setdefault(key, deque())
        self._events.move_to_end(key)
        while len(self._events) > self._keys:
            self._events.popitem(last=False)
        while events and events[0] <= now - self._within:
            events.popleft()
        if len(events) >= self._most:
            return events[0] + self._within - now
        events.append(now)
        return 0.0
