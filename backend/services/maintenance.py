"""What keeps the database clean, and development's way back to the beginning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete

from backend.adapters.schema import load_tables
from backend.core.errors import NotAllowed
from backend.core.limits import Limits
from backend.ports import Clock
from backend.services.customers import Customers, ImportReport
from backend.services.documents import Documents
from backend.services.flows.flow import Flow
from backend.services.retention import Expiry
from backend.unit_of_work import UnitOfWorkFactory

_LONGEST_WINDOW = timedelta(days=1)


class Maintenance:
    """Chores on what the services keep."""

    def __init__(
        self,
        uow: UnitOfWorkFactory,
        clock: Clock,
        limits: Limits,
        flows: Sequence[Flow[Any]],
        expiry: Expiry,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._limits = limits
        self._flows = flows
        self._expiry = expiry

    def sweep(self) -> int:
        """Delete drafts and sessions that ran out, close codes, drop counters; safe at any time.

        Gives the number of drafts deleted.
        """
        swept = sum(flow.sweep() for flow in self._flows)
        now = self._clock.now()
        with self._uow() as uow:
            uow.challenges.expire_over(now)
            uow.identities.remove_before(now - timedelta(seconds=self._limits.identity_age))
            uow.identities.forget_tokens(now)
            uow.budgets.forget_before(now - _LONGEST_WINDOW)
            uow.sessions.forget_throttles(now - _LONGEST_WINDOW)
            uow.sessions.remove_idle(
                now - timedelta(seconds=self._limits.session_idle),
                now - timedelta(seconds=self._limits.session_absolute),
            )
            uow.files.remove_unclaimed(now)
            uow.commit()
        return swept

    def retain(self, limit: int = 500) -> int:
        """Delete what was kept as long as its market says, at most *limit* rows at a time.

        Gives the number of rows deleted. Cheap when there is nothing to do; safe at any time.

        Raises:
            Unavailable: the database or the engine's trackers do not answer.
        """
        return sum(one.rows for one in self._expiry.run(limit=limit))


class Development:
    """What only development may do."""

    def __init__(
        self,
        uow: UnitOfWorkFactory,
        customers: Customers,
        documents: Documents,
        demo: Path,
        *,
        is_production: bool,
    ) -> None:
        self._uow = uow
        self._customers = customers
        self._documents = documents
        self._demo = demo
        self._is_production = is_production

    def load_demo(self) -> ImportReport:
        """Take the demo customers and the documents of their policies in; tells of the customers.

        Raises:
            NotAllowed: this is production.
        """
        self._require_development()
        report = self._customers.import_file(self._demo / "customers.csv")
        self._documents.import_file(self._demo / "documents.csv")
        return report

    def reset(self) -> ImportReport:
        """Empty every table and take the demo customers in.

        Raises:
            NotAllowed: this is production.
        """
        self._require_development()
        with self._uow() as uow:
            for table in reversed(load_tables().sorted_tables):
                uow.connection.execute(delete(table))
            uow.commit()
        return self.load_demo()

    def _require_development(self) -> None:
        if self._is_production:
            raise NotAllowed("production")
