"""Which contents were made at the provider, by the hash of what they are."""

from __future__ import annotations

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from backend.adapters.tables.notices import content_templates
from backend.ports import Clock
from backend.unit_of_work import UnitOfWorkFactory


class KeptTemplates:
    """The table of contents, one short transaction a call."""

    def __init__(self, uow: UnitOfWorkFactory, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def find(self, content_hash: str) -> str | None:
        """The name of the content of that hash."""
        query = select(content_templates.c.sid).where(content_templates.c.hash == content_hash)
        with self._uow(read_only=True) as uow:
            return uow.connection.execute(query).scalar()

    def keep(self, content_hash: str, sid: str) -> None:
        """Remember a content; whoever was first stays."""
        row = insert(content_templates).values(
            hash=content_hash, sid=sid, created_at=self._clock.now()
        )
        try:
            with self._uow() as uow:
                uow.connection.execute(row)
                uow.commit()
        except IntegrityError:
            return

    def forget(self, content_hash: str) -> None:
        """Have it made anew the next time."""
        with self._uow() as uow:
            uow.connection.execute(
                delete(content_templates).where(content_templates.c.hash == content_hash)
            )
            uow.commit()
