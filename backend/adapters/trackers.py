"""The engine's tracker store, as far as the law reaches into it: events are deleted, never read.

The database is the engine's own (`engine/database_url.py`); where it has not run yet there is
neither file nor table, and so nothing to delete.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    case,
    delete,
    func,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.adapters.database import BEGIN_MODE, make_engine
from backend.adapters.scrubbing import scrub
from backend.core.errors import Unavailable

_DOWN: Final = (OperationalError, InterfaceError, PoolTimeout)

# The columns of Rasa's SQLTrackerStore that matter here.
events = Table(
    "events",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("sender_id", String(255)),
    Column("type_name", String(255)),
    Column("timestamp", Float),
)


@dataclass(frozen=True, slots=True)
class OldTracker:
    """A conversation of the engine with something old in it."""

    conversation_id: str
    last_at: datetime
    session_start: int
    """Number of the event with which its newest session began: what came before is never read."""


class Trackers:
    """Deletes events of conversations."""

    def __init__(self, database_url: str) -> None:
        url = make_url(database_url)
        if url.get_backend_name() == "postgresql":
            # The engine's environment has psycopg2, this one psycopg 3.
            url = url.set(drivername="postgresql+psycopg")
        self._url = url

    def close(self) -> None:
        """Let go of the database."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    def remove(self, conversation_ids: Sequence[str]) -> int:
        """Delete all events of these conversations; gives how many events.

        Raises:
            Unavailable: the tracker store does not answer.
        """
        if not conversation_ids or not self._is_there():
            return 0
        with self._transaction() as connection:
            gone = connection.execute(
                delete(events).where(events.c.sender_id.in_(conversation_ids))
            )
            return gone.rowcount

    def older_than(self, moment: datetime, limit: int | None) -> list[OldTracker]:
        """Conversations with events of *moment* or before, at most *limit* (None: all).

        Raises:
            Unavailable: the tracker store does not answer.
        """
        if not self._is_there():
            return []
        old = (
            select(events.c.sender_id)
            .where(events.c.timestamp <= moment.timestamp())
            .group_by(events.c.sender_id)
            .order_by(func.min(events.c.id))
            .limit(limit)
        )
        start = func.max(case((events.c.type_name == "session_started", events.c.id), else_=0))
        query = (
            select(events.c.sender_id, func.max(events.c.timestamp), start)
            .where(events.c.sender_id.in_(old))
            .group_by(events.c.sender_id)
        )
        with self._transaction(read_only=True) as connection:
            if not self._has_older(connection, moment):
                return []
            return [
                OldTracker(sender, datetime.fromtimestamp(last, UTC), session)
                for sender, last, session in connection.execute(query)
            ]

    def expire(self, tracker: OldTracker, before: datetime) -> int:
        """Delete what was kept long enough: the whole of it, or older sessions than the newest.

        The engine reads the newest session only. Gives how many events.
        """
        with self._transaction() as connection:
            return connection.execute(delete(events).where(*_over(tracker, before))).rowcount

    def count(self, tracker: OldTracker, before: datetime) -> int:
        """How many events `expire` would delete."""
        query = select(func.count()).select_from(events).where(*_over(tracker, before))
        with self._transaction(read_only=True) as connection:
            return int(connection.execute(query).scalar_one())

    def scrub(self) -> None:
        """Leave nothing of what was deleted in the files of the database.

        Raises:
            Unavailable: somebody works on it without a pause.
        """
        if self._is_there():
            scrub(self._engine, ["events"])

    @staticmethod
    def _has_older(connection: Connection, moment: datetime) -> bool:
        """Whether the oldest event is old: one look, on most days the only one."""
        query = select(events.c.timestamp).order_by(events.c.id).limit(1)
        oldest = connection.execute(query).scalar()
        return oldest is not None and oldest <= moment.timestamp()

    def _is_there(self) -> bool:
        if (
            self._url.get_backend_name() == "sqlite"
            and not Path(self._url.database or "").is_file()
        ):
            return False
        with self._transaction(read_only=True) as connection:
            return inspect(connection).has_table("events")

    @contextmanager
    def _transaction(self, *, read_only: bool = False) -> Iterator[Connection]:
        mode = "DEFERRED" if read_only else "IMMEDIATE"
        try:
            with self._engine.execution_options(**{BEGIN_MODE: mode}).begin() as connection:
                yield connection
        except _DOWN as failure:
            raise Unavailable("tracker_store_unavailable") from failure

    @cached_property
    def _engine(self) -> Engine:
        return make_engine(self._url.render_as_string(hide_password=False), pool_size=1)


def _over(tracker: OldTracker, before: datetime) -> list[ColumnElement[bool]]:
    mine = events.c.sender_id == tracker.conversation_id
    # As it was seen: what was written since then stays.
    is_old = events.c.timestamp <= before.timestamp()
    if tracker.last_at <= before:
        return [mine, is_old]
    return [mine, is_old, events.c.id < tracker.session_start]
