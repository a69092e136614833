"""Budgets: how many of something somebody may have within a window of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

_HOUR = 3600
_DAY = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class Budget:
    """At most *limit* of *scope* for *key* within any *window* seconds."""

    scope: str
    limit: int
    window: int
    key: str = field(repr=False, default="all")

    @classmethod
    def per_hour(cls, scope: str, limit: int, key: str = "all") -> Budget:
        """A budget over the last hour."""
        return cls(scope, limit, _HOUR, key)

    @classmethod
    def per_day(cls, scope: str, limit: int, key: str = "all") -> Budget:
        """A budget over the last 24 hours."""
        return cls(scope, limit, _DAY, key)


@dataclass(frozen=True, slots=True)
class Spent:
    """How much of a budget is gone."""

    budget: Budget
    number: int
    oldest: datetime | None

    @property
    def is_used_up(self) -> bool:
        """Whether nothing is left."""
        return self.number >= self.budget.limit


def used_up(spent: Iterable[Spent]) -> Spent | None:
    """The first budget with nothing left."""
    return next((one for one in spent if one.is_used_up), None)
