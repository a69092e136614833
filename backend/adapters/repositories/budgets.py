"""Budgets over sliding windows: so many of something, by somebody, within so long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from backend.adapters.crypto import Vault
from backend.adapters.repositories.dialects import lock_name
from backend.adapters.tables.challenges import budget_entries
from backend.core.budgets import Budget, Spent


class BudgetRows:
    """Budget entries in one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def lock(self, budgets: Sequence[Budget]) -> None:
        """Keep others from counting in the same windows until this transaction ends."""
        # One order for all, so that two transactions never wait for each other.
        for name in sorted({f"{budget.scope}/{self._key(budget)}" for budget in budgets}):
            lock_name(self._connection, name)

    def count(self, budget: Budget, now: datetime) -> Spent:
        """What was spent in the window that ends now."""
        since = now - timedelta(seconds=budget.window)
        query = select(func.count(), func.min(budget_entries.c.at)).where(
            budget_entries.c.scope == budget.scope,
            budget_entries.c.key_index == self._key(budget),
            budget_entries.c.at > since,
        )
        number, oldest = self._connection.execute(query).one()
        return Spent(budget, number, oldest)

    def spend(self, budgets: Sequence[Budget], reference: str, now: datetime) -> None:
        """Write one entry per scope and key; *reference* lets it be given back."""
        # Windows of one scope (an hour, a day) share the entry.
        distinct = {(budget.scope, self._key(budget)) for budget in budgets}
        for scope, key_index in sorted(distinct):
            self._connection.execute(
                budget_entries.insert().values(
                    scope=scope, key_index=key_index, at=now, reference=reference
                )
            )

    def give_back(self, reference: str) -> None:
        """Undo what was spent under *reference*."""
        self._connection.execute(
            delete(budget_entries).where(budget_entries.c.reference == reference)
        )

    def forget_before(self, moment: datetime) -> None:
        """Drop entries that no window reaches any more."""
        self._connection.execute(delete(budget_entries).where(budget_entries.c.at < moment))

    def _key(self, budget: Budget) -> str:
        return self._vault.index(f"budget/{budget.scope}", budget.key)
