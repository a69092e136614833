"""Changes of contacts on file."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from backend.adapters.crypto import Vault, new_id
from backend.adapters.tables.requests import contact_changes
from backend.core.contact_changes import Cause, ContactChange

_OLD: Final = "contact_changes.old"
_NEW: Final = "contact_changes.new"


class ContactChangeRows:
    """Changes of contacts in one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def add(  # noqa: PLR0913 - the columns of a row
        self,
        *,
        customer_id: int,
        kind: str,
        old: str | None,
        new: str,
        cause: Cause,
        request_id: str | None,
        conversation_id: str,
        now: datetime,
    ) -> ContactChange:
        """Note a change that is made in this very transaction."""
        change_id = new_id("x")
        self._connection.execute(
            contact_changes.insert().values(
                id=change_id,
                customer_id=customer_id,
                kind=kind,
                old=self._vault.seal_optional(old, _OLD),
                new=self._vault.seal(new, _NEW),
                changed_at=now,
                cause=cause,
                request_id=request_id,
                conversation_id=conversation_id,
            )
        )
        return self._change(
            self._connection.execute(
                select(contact_changes).where(contact_changes.c.id == change_id)
            ).one()
        )

    def get(self, change_id: str) -> ContactChange | None:
        """The change with that id."""
        return self._first(contact_changes.c.id == change_id)

    def of_request(self, request_id: str) -> ContactChange | None:
        """What the approval of a request changed."""
        return self._first(contact_changes.c.request_id == request_id)

    def of_customer(self, customer_id: int) -> list[ContactChange]:
        """Every change, newest first."""
        query = (
            select(contact_changes)
            .where(contact_changes.c.customer_id == customer_id)
            .order_by(contact_changes.c.seq.desc())
        )
        return [self._change(row) for row in self._connection.execute(query)]

    def standing_since(self, change: ContactChange) -> list[ContactChange]:
        """*change* and all later ones of the customer that were not undone, oldest first."""
        first = (
            select(contact_changes.c.seq).where(contact_changes.c.id == change.id).scalar_subquery()
        )
        query = (
            select(contact_changes)
            .where(
                contact_changes.c.customer_id == change.customer_id,
                contact_changes.c.kind == change.kind,
                contact_changes.c.reverted_at.is_(None),
                contact_changes.c.seq >= first,
            )
            .order_by(contact_changes.c.seq)
        )
        return [self._change(row) for row in self._connection.execute(query)]

    def mark_reverted(self, change_id: str, now: datetime) -> bool:
        """Note that a change was undone; False where it was already."""
        changed = self._connection.execute(
            update(contact_changes)
            .where(contact_changes.c.id == change_id, contact_changes.c.reverted_at.is_(None))
            .values(reverted_at=now)
        )
        return changed.rowcount == 1

    def _first(self, condition: Any) -> ContactChange | None:
        query = select(contact_changes).where(condition).order_by(contact_changes.c.seq).limit(1)
        row = self._connection.execute(query).one_or_none()
        return self._change(row) if row else None

    def _change(self, row: Row[Any]) -> ContactChange:
        return ContactChange(
            id=row.id,
            customer_id=row.customer_id,
            kind=row.kind,
            cause=Cause(row.cause),
            request_id=row.request_id,
            conversation_id=row.conversation_id,
            changed_at=row.changed_at,
            reverted_at=row.reverted_at,
            old=self._vault.unseal_optional(row.old, _OLD),
            new=self._vault.unseal(row.new, _NEW),
        )
