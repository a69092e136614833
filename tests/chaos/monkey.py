"""Kills processes and cuts database connections at random, and starts what it killed again."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from time import monotonic

from tests.chaos import Chance
from tests.chaos.house import House

_EVERY = 8.0
_DOWN = 3.0
_REST_FOR_ENGINE = 60.0
"""It takes longest to start; killed oftener it would only ever be starting."""
_TWO_AT_ONCE = 0.25
DATABASE = "database"


@dataclass(frozen=True)
class Blow:
    """Something that was broken."""

    at: float
    what: str


class Monkey:
    """A thread of its own, from `start` to `stop`."""

    def __init__(self, house: House, chance: Chance, every: float = _EVERY) -> None:
        """`every` is the mean time between two blows, in seconds."""
        self.blows: list[Blow] = []
        self.ended_by_themselves: list[str] = []
        """Processes that nobody had hit."""
        self._house = house
        self._chance = chance
        self._every = every
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._rages, daemon=True)

    @property
    def tally(self) -> Counter[str]:
        """How often what was hit."""
        return Counter(blow.what.partition("-")[0] for blow in self.blows)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Hit nothing more; everything is started again."""
        self._stopping.set()
        self._thread.join()
        self.ended_by_themselves += self._house.revive()

    def _rages(self) -> None:
        while not self._stopping.wait(self._chance.expovariate(1 / self._every)):
            self.ended_by_themselves += self._house.revive()
            target = self._target()
            if target is None:
                continue
            self.blows.append(Blow(monotonic(), target))
            if target == DATABASE:
                self._house.cut_connections(self._chance)
                continue
            self._house.end(target)
            self._stopping.wait(self._chance.uniform(0, _DOWN))
            self._house.spawn(target)

    def _target(self) -> str | None:
        """Nobody who is starting, and seldom anybody while another is: a slow machine would else
        only ever be starting."""
        up = [name for name in self._house.processes if self._house.is_up(name)]
        if len(up) < len(self._house.processes) and self._chance.random() > _TWO_AT_ONCE:
            return None
        weights = {name: 4.0 if name.startswith("web") else 2.0 for name in up}
        rested_since = monotonic() - _REST_FOR_ENGINE
        for blow in self.blows:
            if blow.what.startswith("engine") and blow.at > rested_since:
                weights.pop(blow.what, None)
        if self._house.is_postgresql:
            weights[DATABASE] = 4.0
        if not weights:
            return None
        return str(self._chance.choices(list(weights), list(weights.values()))[0])
