"""What keeps the database clean, and development's way back to the beginning."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete

from backend.adapters.schema import load_tables
from backend.core.errors import NotAllowed
from backend.core.limits import Limits
from backend.ports import Clock
from backend.services.customers import Customers, ImportReport
from backend.services.registration import Registration
from backend.unit_of_work import UnitOfWorkFactory

_LONGEST_WINDOW = timedelta(days=1)


class Maintenance:
    """Chores on what the services keep."""

    def __init__(
        self, uow: UnitOfWorkFactory, clock: Clock, limits: Limits, registration: Registration
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._limits = limits
        self._registration = registration

    def sweep(self) -> int:
        """Delete drafts and sessions that ran out, close codes, drop counters; safe at any time.

        Gives the number of drafts deleted.
        """
        swept = self._registration.sweep()
        now = self._clock.now()
        with self._uow() as uow:
            uow.challenges.expire_over(now)
            uow.budgets.forget_before(now - _LONGEST_WINDOW)
            uow.sessions.forget_throttles(now - _LONGEST_WINDOW)
            uow.sessions.remove_idle(
                now - timedelta(seconds=self._limits.session_idle),
                now - timedelta(seconds=self._limits.session_absolute),
            )
            uow.commit()
        return swept


class Development:
    """What only development may do."""

    def __init__(
        self, uow: UnitOfWorkFactory, customers: Customers, demo: Path, *, is_production: bool
    ) -> None:
        self._uow = uow
        self._customers = customers
        self._demo = demo
        self._is_production = is_production

    def load_demo(self) -> ImportReport:
        """Take the demo customers in.

        Raises:
            NotAllowed: this is production.
        """
        self._require_development()
        return self._customers.import_file(self._demo / "customers.csv")

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
