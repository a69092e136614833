"""Clocks: the real one, and one that development can set forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import monotonic, sleep  # noqa: TID251 - the real time of other processes

from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from backend.adapters.database import BEGIN_MODE
from backend.adapters.tables.clock import dev_clock

_ROW = 1
_KNOWN_SECONDS = 0.05


class SystemClock:
    """Real time."""

    def now(self) -> datetime:
        """The present in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the clock port's real end


class OffsetClock:
    """Real time plus an offset kept in the database, so that all processes move together.

    It has an engine of its own: asking for the time inside a unit of work must not wait for a
    second connection of the same pool. The offset is looked up again after a moment, and whoever
    moves it waits for that moment: by then all processes know.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._real = SystemClock()
        self._known = 0
        self._known_until = 0.0

    def now(self) -> datetime:
        """The moved present."""
        return self._real.now() + timedelta(seconds=self._offset())

    def advance(self, by: timedelta) -> None:
        """Move every process forward by *by*."""
        seconds = self._read() + int(by.total_seconds())
        with self._engine.begin() as connection:
            connection.execute(delete(dev_clock))
            connection.execute(dev_clock.insert().values(id=_ROW, offset_seconds=seconds))
        self._is_known_to_all()

    def reset(self) -> None:
        """Go back to real time."""
        with self._engine.begin() as connection:
            connection.execute(delete(dev_clock))
        self._is_known_to_all()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _is_known_to_all(self) -> None:
        sleep(1.5 * _KNOWN_SECONDS)
        self._known_until = 0.0

    def _offset(self) -> int:
        """Read at most once in a moment; threads that read at the same time read the same."""
        now = monotonic()
        if now >= self._known_until:
            self._known = self._read()
            self._known_until = now + _KNOWN_SECONDS
        return self._known

    def _read(self) -> int:
        query = select(dev_clock.c.offset_seconds).where(dev_clock.c.id == _ROW)
        reading = self._engine.execution_options(**{BEGIN_MODE: "DEFERRED"})
        try:
            with reading.connect() as connection:
                return connection.execute(query).scalar() or 0
        except (OperationalError, ProgrammingError):
            # Before the tables are made there is no offset; a dead database shows elsewhere.
            return 0
