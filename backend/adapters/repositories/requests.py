"""Requests that staff decide; every change is a guarded UPDATE."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from backend.adapters.crypto import Vault, new_id, same
from backend.adapters.repositories.dialects import insert_once
from backend.adapters.tables.requests import requests
from backend.core.requests import Kind, NewRequest, Reason, Request, State, subject_of

_DETAILS: Final = "requests.details"
_CONTACT: Final = "requests.contact"
_DECIDED_BY: Final = "requests.decided_by"
_NOTE: Final = "requests.note"
_NUMBERS: Final = 10**8


@dataclass(frozen=True, slots=True)
class Decision:
    """How a request ends."""

    state: State
    at: datetime
    by: str = field(repr=False)
    reason: Reason | None = None
    note: str | None = field(default=None, repr=False)


class RequestRows:
    """Requests in one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def add(self, new: NewRequest, now: datetime) -> tuple[Request, bool]:
        """The open request of that kind and subject, and whether it is this very one.

        There is never more than one, however many are filed at once.
        """
        subject = subject_of(new.customer_id, new.conversation_id)
        while True:
            columns = self._columns(new, subject, now)
            is_new = insert_once(self._connection, requests, columns)
            # Not inserted: either such a request is open, or its number is another's.
            found = self.get(columns["id"]) if is_new else self.open_of(new.kind, subject)
            if found is not None:
                return found, is_new

    def open_of(self, kind: Kind, subject: str) -> Request | None:
        """The open request of that kind about *subject*."""
        return self._one(
            (requests.c.kind == kind)
            & (requests.c.subject == subject)
            & (requests.c.state == State.SUBMITTED)
        )

    def get(self, request_id: str) -> Request | None:
        """The request with that id."""
        return self._one(requests.c.id == request_id)

    def by_number(self, number: str) -> Request | None:
        """The request with that number."""
        return self._one(requests.c.number == number)

    def find(
        self, market: str, number: str, contact: str, holders: Collection[int] = ()
    ) -> Request | None:
        """The request of that number, for whoever also knows where its answer goes.

        *holders* are the customers whose contact that is: what is about one of them fits, too.

        A wrong contact is compared in the same time as a right one, and as none.
        """
        index = self._index(contact)
        query = select(requests).where(requests.c.market == market, requests.c.number == number)
        row = self._connection.execute(query).one_or_none()
        fits = same(row.contact_index if row else self._index(""), index)
        fits |= row is not None and row.customer_id in holders
        return self._request(row) if row and fits else None

    def of_account(self, account_id: str, customer_id: int) -> list[Request]:
        """Everything asked by an account or about its owner, newest first."""
        return self._all(
            (requests.c.account_id == account_id) | (requests.c.customer_id == customer_id)
        )

    def of_customer(self, customer_id: int) -> list[Request]:
        """Everything asked about a customer, newest first."""
        return self._all(requests.c.customer_id == customer_id)

    def of_conversation(self, conversation_id: str) -> list[Request]:
        """Everything asked in a conversation, newest first."""
        return self._all(requests.c.conversation_id == conversation_id)

    def listing(self, market: str | None, state: State | None) -> list[Request]:
        """Requests of a market and in a state, where these are given; oldest first."""
        query = select(requests).order_by(requests.c.seq)
        if market is not None:
            query = query.where(requests.c.market == market)
        if state is not None:
            query = query.where(requests.c.state == state)
        return [self._request(row) for row in self._connection.execute(query)]

    def decide(self, request: Request, decision: Decision) -> bool:
        """Leave `submitted`; False where it has changed since it was read."""
        changed = self._connection.execute(
            update(requests)
            .where(
                requests.c.id == request.id,
                requests.c.version == request.version,
                requests.c.state == State.SUBMITTED,
            )
            .values(
                state=decision.state,
                version=requests.c.version + 1,
                decided_at=decision.at,
                decided_by=self._vault.seal(decision.by, _DECIDED_BY),
                reason=decision.reason,
                note=self._vault.seal_optional(decision.note, _NOTE),
            )
        )
        return changed.rowcount == 1

    def _columns(self, new: NewRequest, subject: str, now: datetime) -> dict[str, Any]:
        return {
            "id": new_id("r"),
            "number": f"REQ-{secrets.randbelow(_NUMBERS):08d}",
            "market": new.market,
            "kind": new.kind,
            "state": State.SUBMITTED,
            "version": 1,
            "subject": subject,
            "customer_id": new.customer_id,
            "account_id": new.account_id,
            "conversation_id": new.conversation_id,
            "language": new.language,
            "channel": new.channel,
            "details": self._vault.seal_json(dict(new.details), _DETAILS),
            "contact": self._vault.seal(new.contact, _CONTACT),
            "contact_index": self._index(new.contact),
            "is_proven": new.is_proven,
            "submitted_at": now,
        }

    def _index(self, contact: str) -> str:
        return self._vault.index("request_contact", contact)

    def _one(self, condition: Any) -> Request | None:
        row = self._connection.execute(select(requests).where(condition)).one_or_none()
        return self._request(row) if row else None

    def _all(self, condition: Any) -> list[Request]:
        query = select(requests).where(condition).order_by(requests.c.seq.desc())
        return [self._request(row) for row in self._connection.execute(query)]

    def _request(self, row: Row[Any]) -> Request:
        return Request(
            id=row.id,
            number=row.number,
            market=row.market,
            kind=Kind(row.kind),
            state=State(row.state),
            version=row.version,
            customer_id=row.customer_id,
            account_id=row.account_id,
            conversation_id=row.conversation_id,
            language=row.language,
            channel=row.channel,
            is_proven=row.is_proven,
            submitted_at=row.submitted_at,
            decided_at=row.decided_at,
            reason=Reason(row.reason) if row.reason else None,
            decided_by=self._vault.unseal_optional(row.decided_by, _DECIDED_BY),
            details=self._vault.unseal_json(row.details, _DETAILS),
            contact=self._vault.unseal(row.contact, _CONTACT),
            note=self._vault.unseal_optional(row.note, _NOTE),
        )
