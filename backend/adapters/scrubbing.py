"""After something was deleted for good: nothing of it stays in the files of the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
    is_sqlite = engine.dialect.name == "sqlite"
    statements = (
        ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"]
        if is_sqlite
        else ["SET statement_timeout = 0", *(f'VACUUM "{name}"' for name in tables)]
    )
    try:
        pooled = engine.raw_connection()
    except OperationalError as failure:
        raise Unavailable("database_unavailable") from failure
    # A connection for this alone: it is closed after, not handed to the next unit of work.
    pooled.detach()
    connection: Any = pooled.dbapi_connection
    try:
        if not is_sqlite:
            connection.autocommit = True
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        is_busy = is_sqlite and cursor.fetchone()[0] != 0
    except engine.dialect.loaded_dbapi.OperationalError as failure:
        raise Unavailable("database_busy") from failure
    finally:
        pooled.close()
    if is_busy:
        raise Unavailable("database_busy")
