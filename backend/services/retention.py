"""Deletes what was kept long enough, by the times of each market.

It is cheap when there is nothing to do: it looks without the write lock, and deletes in short
units of work of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from backend.adapters.repositories.retention import FAMILIES, Family
from backend.adapters.trackers import OldTracker, Trackers
from backend.core.audit import AuditEntry, Event
from backend.core.markets import Markets
from backend.ports import Clock
from backend.unit_of_work import UnitOfWorkFactory

ANY_MARKET = ""
"""Of rows whose market can no longer be told: the shortest time of all applies."""


@dataclass(frozen=True, slots=True)
class Retained:
    """What a run deleted, or would have."""

    family: str
    market: str
    rows: int


class Expiry:
    """Everything that has a time to go."""

    def __init__(
        self, uow: UnitOfWorkFactory, clock: Clock, markets: Markets, trackers: Trackers
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._markets = markets
        self._trackers = trackers

    def run(self, *, limit: int = 500, dry_run: bool = False) -> list[Retained]:
        """Delete what is due, at most *limit* rows at a time; gives what was there, and only that.

        Conversations with something unhandled are left alone.

        Raises:
            Unavailable: the database or the engine's trackers do not answer.
        """
        now = self._clock.now()
        # Trackers first, while their conversations still tell the market.
        found = self._expire_trackers(now, limit, dry_run=dry_run)
        found += [
            Retained(family.name, market or ANY_MARKET, self._expire(step, limit, dry_run=dry_run))
            for family in FAMILIES
            for market, before in self._cutoffs(family.limit, now)
            for step in [_Step(family, market, before)]
        ]
        found.append(Retained("audit", ANY_MARKET, self._prune(now, limit, dry_run=dry_run)))
        return [one for one in found if one.rows]

    def _cutoffs(self, what: str, now: datetime) -> Iterator[tuple[str | None, datetime]]:
        """Each market with its moment; last of all, where no market is known, the latest."""
        cutoffs = {
            name: self._markets[name].retention.cutoff(what, now) for name in self._markets.names()
        }
        yield from cutoffs.items()
        yield None, max(cutoffs.values())

    def _expire(self, step: _Step, limit: int, *, dry_run: bool) -> int:
        rows = 0
        with self._uow(read_only=True) as uow:
            if dry_run:
                counted = select(func.count()).select_from(step.old.subquery())
                return int(uow.connection.execute(counted).scalar_one())
            is_due = uow.connection.execute(step.old.limit(1)).first() is not None
        while is_due:
            with self._uow() as uow:
                keys = list(uow.connection.scalars(step.old.limit(limit)))
                gone = step.family.remove(uow.connection, keys, step.before) if keys else 0
                uow.commit()
            rows += gone
            is_due = len(keys) == limit and gone > 0
        return rows

    def _expire_trackers(self, now: datetime, limit: int, *, dry_run: bool) -> list[Retained]:
        """Trackers that were kept long enough, and older sessions of those that still live."""
        cutoffs = dict(self._cutoffs("trackers", now))
        counts: Counter[str] = Counter()
        while True:
            old = self._trackers.older_than(cutoffs[None], None if dry_run else limit)
            gone = Counter[str]()
            for tracker, market in self._left_alone_taken_out(old):
                before = cutoffs.get(market, cutoffs[None])
                work = self._trackers.count if dry_run else self._trackers.expire
                gone[market or ANY_MARKET] += work(tracker, before)
            counts += gone
            if dry_run or len(old) < limit or not gone.total():
                break
        return [Retained("trackers", market, rows) for market, rows in sorted(counts.items())]

    def _left_alone_taken_out(
        self, old: Sequence[OldTracker]
    ) -> list[tuple[OldTracker, str | None]]:
        """Those of conversations without anything unhandled, with the market where it is known."""
        with self._uow(read_only=True) as uow:
            busy = uow.conversations.unhandled([one.conversation_id for one in old])
            places = [
                (one, uow.conversations.get(one.conversation_id))
                for one in old
                if one.conversation_id not in busy
            ]
        return [(one, place.market if place else None) for one, place in places]

    def _prune(self, now: datetime, limit: int, *, dry_run: bool) -> int:
        # Entries name no market, so the longest time of all applies to the one chain.
        before = min(cutoff for _, cutoff in self._cutoffs("audit", now))
        with self._uow(read_only=True) as uow:
            due = len(uow.audit.prunable(before, None if dry_run else limit))
        if dry_run or not due:
            return due
        with self._uow() as uow:
            pruned = uow.audit.prune(before, limit)
            if pruned:
                entry = AuditEntry(Event.AUDIT_PRUNED, actor="system", reason=str(pruned))
                uow.audit.add(entry, now)
            uow.commit()
        return pruned


@dataclass(frozen=True, slots=True)
class _Step:
    family: Family
    market: str | None
    before: datetime

    @property
    def old(self) -> Select[Any]:
        return self.family.old(self.market, self.before)
