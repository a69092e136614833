"""After something was deleted for good: nothing of it stays in the files of the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from backend.core.errors import Unavailable


def scrub(engine: Engine, tables: Sequence[str]) -> None:
    """Rewrite what held deleted rows of *tables*; not to be called within a transaction.

    SQLite: the whole file, since pages that were split keep old bytes, and the write-ahead log is
    emptied. PostgreSQL: dead rows go; its own log and backups have retentions of their own.

    Raises:
        Unavailable: somebody works on the database without a pause. Trying again is safe.
    """
    statements = (
        ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"]
        if engine.dialect.name == "sqlite"
        else ["SET statement_timeout = 0", *(f'VACUUM "{name}"' for name in tables)]
    )
    try:
        with engine.connect() as connection:
            # A connection of its own, thrown away after: it is not in the state of the pool's.
            connection.detach()
            driver = connection.connection.driver_connection
            assert driver is not None  # noqa: S101 - it was connected just now
            if engine.dialect.name != "sqlite":
                driver.autocommit = True
            cursor = driver.cursor()
            for statement in statements:
                cursor.execute(statement)
            is_busy = engine.dialect.name == "sqlite" and cursor.fetchone()[0] != 0
            cursor.close()
    except (OperationalError, engine.dialect.loaded_dbapi.OperationalError) as failure:
        raise Unavailable("database_busy") from failure
    if is_busy:
        raise Unavailable("database_busy")
