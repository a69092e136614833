"""Finds everything that hangs on one customer, for export and erasure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    union,
    update,
)

from backend.adapters.crypto import Vault
from backend.adapters.repositories.accounts import AccountRows
from backend.adapters.repositories.contact_changes import ContactChangeRows
from backend.adapters.tables import UtcDateTime
from backend.adapters.tables.accounts import consents, customers
from backend.adapters.tables.audit import audit
from backend.adapters.tables.challenges import challenges
from backend.adapters.tables.files import files
from backend.adapters.tables.identities import identity_proofs
from backend.adapters.tables.notices import notices
from backend.adapters.tables.pages import pages
from backend.adapters.tables.requests import contact_changes, requests
from backend.core.audit import Event
from backend.core.challenges import State
from backend.core.customers import Customer
from backend.core.files import Purpose
from backend.core.pages import PageKind
from backend.core.privacy import REQUEST_CONSENT, Person, customer_subject
from backend.core.requests import State as RequestState


class PersonRows:
    """What hangs on a customer, in one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def consent_index(self, customer: Customer) -> str:
        """Under which consents are kept once there is no account any more."""
        return self._vault.index("consent", f"{customer.market}/{customer.number}")

    def find(self, customer: Customer) -> Person:
        """The customer with all handles."""
        account = AccountRows(self._connection, self._vault).of_customer(customer.id)
        account_ids = self._account_ids(customer, account.id if account else None)
        subjects = [customer_subject(customer), *(f"account/{one}" for one in account_ids)]
        indexes = [self._vault.index("subject", subject) for subject in subjects]
        own = self._own_conversations(customer, account_ids, indexes)
        conversations = tuple(sorted({*own, *self._filed_in(customer, account_ids)} - {""}))
        request_ids = self._strings(
            select(requests.c.id).where(
                or_(
                    requests.c.customer_id == customer.id,
                    requests.c.account_id.in_(account_ids),
                    requests.c.customer_id.is_(None)
                    & requests.c.conversation_id.in_(conversations),
                )
            )
        )
        return Person(
            customer=customer,
            account=account,
            account_ids=account_ids,
            subjects=tuple(indexes),
            contacts=self._contacts(customer),
            consent_index=self.consent_index(customer),
            conversations=conversations,
            own_conversations=own,
            requests=request_ids,
            uploads=self._uploads(conversations),
        )

    def consents(self, person: Person) -> list[Row[Any]]:
        """Every consent, also of accounts that were closed; oldest first."""
        query = select(consents).where(
            or_(self._still_owned(person), consents.c.subject_index == person.consent_index)
        )
        return list(self._connection.execute(query.order_by(consents.c.id)))

    def end_consents(self, person: Person, now: datetime) -> int:
        """Keep their consents as withdrawn, under a keyed index in the account's place.

        The law asks for the proof that there was consent; who gave it is told only to whoever has
        the key and the customer's number.
        """
        changed = self._connection.execute(
            update(consents)
            .where(self._still_owned(person))
            .values(
                withdrawn_at=func.coalesce(consents.c.withdrawn_at, literal(now, UtcDateTime)),
                subject_index=person.consent_index,
                account_id=None,
            )
        )
        return changed.rowcount

    def notices(self, person: Person) -> list[Row[Any]]:
        """When which message went to a contact of theirs, without its words."""
        columns = (notices.c.created_at, notices.c.channel, notices.c.template,
                   notices.c.language, notices.c.status, notices.c.settled_at)  # fmt: skip
        query = select(*columns).where(notices.c.to_index.in_(person.contacts))
        return list(self._connection.execute(query.order_by(notices.c.seq)))

    def files(self, person: Person) -> list[Row[Any]]:
        """The identity documents they sent in, without what is in them."""
        columns = [column for column in files.c if column.name != "content"]
        query = select(*columns).where(
            files.c.reference.in_((*person.requests, *person.uploads)),
            files.c.purpose == Purpose.IDENTITY,
        )
        return list(self._connection.execute(query.order_by(files.c.created_at)))

    def audit(self, person: Person) -> list[Row[Any]]:
        """What happened to them and in their conversations."""
        named = (customer_subject(person.customer), *person.account_ids, *person.requests)
        places = (*person.own_conversations, *person.account_ids)
        query = select(audit).where(
            or_(audit.c.subject.in_(named), audit.c.conversation_id.in_(places))
        )
        return list(self._connection.execute(query.order_by(audit.c.seq)))

    @staticmethod
    def _still_owned(person: Person) -> ColumnElement[bool]:
        """Consents of the account, and of requests that were filed without one."""
        without_account = and_(
            consents.c.account_id.is_(None),
            consents.c.subject_index.is_(None),
            consents.c.kind == REQUEST_CONSENT,
            consents.c.conversation_id.in_(person.own_conversations),
        )
        return or_(consents.c.account_id.in_(person.account_ids), without_account)

    def _account_ids(self, customer: Customer, own: str | None) -> tuple[str, ...]:
        closed = self._strings(
            select(audit.c.subject).where(
                audit.c.event == Event.ACCOUNT_CLOSED,
                audit.c.reason == customer_subject(customer),
            )
        )
        return tuple(dict.fromkeys([*([own] if own else []), *closed]))

    def _own_conversations(
        self, customer: Customer, account_ids: Iterable[str], subjects: Iterable[str]
    ) -> tuple[str, ...]:
        """Where somebody has shown to be the customer; a code that was only sent shows nothing."""
        ids = list(account_ids)
        found = self._strings(
            union(
                select(consents.c.conversation_id).where(
                    or_(
                        consents.c.account_id.in_(ids),
                        consents.c.subject_index == self.consent_index(customer),
                    )
                ),
                select(challenges.c.conversation_id).where(
                    challenges.c.subject_index.in_(subjects),
                    challenges.c.state == State.VERIFIED,
                ),
                select(identity_proofs.c.conversation_id).where(
                    identity_proofs.c.account_id.in_(ids)
                ),
                select(audit.c.conversation_id).where(
                    audit.c.event == Event.IDENTITY_PROVED, audit.c.subject.in_(ids)
                ),
                select(pages.c.conversation_id).where(pages.c.account_id.in_(ids)),
                self._filed_in_query(customer, ids).where(
                    or_(requests.c.is_proven, requests.c.state == RequestState.APPROVED)
                ),
                select(contact_changes.c.conversation_id).where(
                    contact_changes.c.customer_id == customer.id
                ),
            )
        )
        # A log-in has its account in the place of a conversation.
        return tuple(sorted(set(found) - {"", *ids}))

    def _filed_in(self, customer: Customer, account_ids: Sequence[str]) -> tuple[str, ...]:
        return self._strings(self._filed_in_query(customer, account_ids))

    @staticmethod
    def _filed_in_query(customer: Customer, account_ids: Sequence[str]) -> Select[Any]:
        return select(requests.c.conversation_id).where(
            or_(requests.c.customer_id == customer.id, requests.c.account_id.in_(account_ids))
        )

    def _uploads(self, conversations: Iterable[str]) -> tuple[str, ...]:
        return self._strings(
            select(pages.c.reference).where(
                pages.c.kind == PageKind.UPLOAD,
                pages.c.reference.is_not(None),
                pages.c.conversation_id.in_(conversations),
            )
        )

    def _contacts(self, customer: Customer) -> tuple[str, ...]:
        row = self._connection.execute(
            select(customers.c.email_index, customers.c.mobile_index).where(
                customers.c.id == customer.id
            )
        ).one()
        changes = ContactChangeRows(self._connection, self._vault).of_customer(customer.id)
        before = [
            self._vault.index("mobile", number)
            for change in changes
            for number in (change.old, change.new)
            if number
        ]
        return tuple(dict.fromkeys([*(index for index in row if index), *before]))

    def _strings(self, query: Select[Any] | Any) -> tuple[str, ...]:
        return tuple(self._connection.scalars(query))
