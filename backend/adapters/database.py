"""Engines for SQLite and PostgreSQL that behave alike for the services."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

BEGIN_MODE: Final = "sportello_begin_mode"
"""Execution option of a connection: how SQLite begins (`IMMEDIATE` or `DEFERRED`)."""

_BUSY_MS: Final = 15_000
_LOOK_AGAIN: Final = 0.001
"""Seconds. SQLite alone waits up to 100 ms for a write of another process that takes two."""
_CHECKPOINT_PAGES: Final = 20_000
"""80 MB: without `checkpoint` before, whoever writes then waits for the disk, up to a second."""


def make_engine(database_url: str, *, pool_size: int = 5) -> Engine:
    """An engine for *database_url*; the folder of a SQLite file is made.

    Parameters never show in its errors or logs: they are what customers told us.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, pool_size)
    return create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=pool_size,
        connect_args={
            "connect_timeout": 5,
            "options": "-c statement_timeout=15000 -c lock_timeout=15000 -c timezone=UTC",
        },
    )


def checkpoint(engine: Engine) -> None:
    """Write SQLite's log back into its file, beside whoever writes; nothing on PostgreSQL."""
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
    finally:
        connection.close()


def _sqlite(url: URL, pool_size: int) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=20,
        connect_args={"timeout": _BUSY_MS / 1000},
    )
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN comes too late (at the first write) for a read-then-write to be safe.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {_BUSY_MS}",
        "journal_mode = WAL",
        f"wal_autocheckpoint = {_CHECKPOINT_PAGES}",
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "secure_delete = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get(BEGIN_MODE, "IMMEDIATE")
    if mode == "IMMEDIATE":
        _begin_to_write(connection.connection.driver_connection)
    else:
        connection.exec_driver_sql(f"BEGIN {mode}")


def _begin_to_write(connection: Any) -> None:
    patience_ends = time.monotonic() + _BUSY_MS / 1000
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        while not _is_begun(connection, is_last=time.monotonic() > patience_ends):
            time.sleep(_LOOK_AGAIN)  # noqa: TID251 - no event tells of another process's lock
    finally:
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")


def _is_begun(connection: Any, *, is_last: bool) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as failure:
        if failure.sqlite_errorcode != sqlite3.SQLITE_BUSY or is_last:
            raise OperationalError("BEGIN IMMEDIATE", None, failure) from failure
        return False
    return True
