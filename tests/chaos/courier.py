"""Carries the provider's webhooks to the desk: late, one to three times, in any order.

A copy that nobody acknowledged is carried again, so that a message is lost only if the desk
acknowledged it first.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic

import httpx

from tests.chaos import Chance
from tests.fake_twilio import Webhook

_COPIES = ((1, 2, 3), (0.6, 0.25, 0.15))
_LATEST = 4.0
_MUCH_LATER = 20.0
_CARRIERS = 12


@dataclass(order=True)
class _Errand:
    due: float
    number: int
    webhook: Webhook = field(compare=False)
    name: str = field(compare=False)


class Courier:
    """Threads of its own, ended by `stop`."""

    def __init__(self, base: str, chance: Chance, *, pace: float = 1.0) -> None:
        """`pace` shortens, or draws out, every delay."""
        self.tally: Counter[str] = Counter()
        self.acknowledged: set[str] = set()
        """Names of the webhooks of which at least one copy was."""
        self._chance = chance
        self._pace = pace
        self._http = httpx.Client(base_url=base, timeout=20, trust_env=False)
        self._numbers = itertools.count()
        self._errands: list[_Errand] = []
        self._under_way = 0
        self._changed = threading.Condition()
        self._stopping = False
        self._carriers = ThreadPoolExecutor(_CARRIERS)
        self._clerk = threading.Thread(target=self._works, daemon=True)
        self._clerk.start()

    def takes(self, webhook: Webhook, name: str) -> None:
        """Have it carried; `name` says what it is about."""
        with self._changed:
            copies = self._chance.choices(*_COPIES)[0]
            self.tally["webhooks"] += 1
            self.tally["more copies"] += copies - 1
            for copy in range(copies):
                latest = _MUCH_LATER if copy and self._chance.random() < 0.3 else _LATEST
                self._put(webhook, name, self._chance.random() ** 2 * latest)

    def is_idle(self) -> bool:
        """Whether everything was carried."""
        with self._changed:
            return not self._errands and not self._under_way

    def stop(self) -> None:
        """Carry nothing more."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._clerk.join()
        self._carriers.shutdown()
        self._http.close()

    def _put(self, webhook: Webhook, name: str, delay: float) -> None:
        errand = _Errand(monotonic() + delay * self._pace, next(self._numbers), webhook, name)
        heapq.heappush(self._errands, errand)
        self._changed.notify_all()

    def _works(self) -> None:
        with self._changed:
            while not self._stopping:
                wait = self._errands[0].due - monotonic() if self._errands else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                self._under_way += 1
                self._carriers.submit(self._carries, heapq.heappop(self._errands))

    def _carries(self, errand: _Errand) -> None:
        try:
            status = errand.webhook.to(self._http.post)
        except httpx.HTTPError:
            status = 0
        with self._changed:
            self._under_way -= 1
            if 200 <= status < 300:
                self.acknowledged.add(errand.name)
            elif 400 <= status < 500:
                self.tally[f"refused with {status}"] += 1
            else:
                self.tally["carried again: not acknowledged"] += 1
                if not self._stopping:
                    self._put(errand.webhook, errand.name, 0.5 + 2 * self._chance.random())
