"""Clocks: the real one, and one that development can set forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from backend.adapters.database import BEGIN_MODE
from backend.adapters.tables.clock import dev_clock

_ROW = 1


class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        """The present in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the clock port's real end


class OffsetClock:
    """Real time plus an offset kept in the database, so that all processes move together.

    It has an engine of its own: asking for the time inside a unit of work must not wait for a
    second connection of the same pool.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._real = SystemClock()

    def now(self) -> datetime:
        """The moved present."""
        return self._real.now() + timedelta(seconds=self._offset())

    def advance(self, by: timedelta) -> None:
        """Move every process forward by *by*."""
        seconds = self._offset() + int(by.total_seconds())
        with self._engine.begin() as connection:
            connection.execute(delete(dev_clock))
            connection.execute(dev_clock.insert().values(id=_ROW, offset_seconds=seconds))

    def reset(self) -> None:
        """Go back to real time."""
        with self._engine.begin() as connection:
            connection.execute(delete(dev_clock))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _offset(self) -> int:
        query = select(dev_clock.c.offset_seconds).where(dev_clock.c.id == _ROW)
        reading = self._engine.execution_options(**{BEGIN_MODE: "DEFERRED"})
        try:
            with reading.connect() as connection:
                return connection.execute(query).scalar() or 0
        except (OperationalError, ProgrammingError):
            # Before the tables are made there is no offset; a dead database shows elsewhere.
            return 0
