"""Export, erasure and consents of one customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from backend.adapters.repositories.erasing import COLLECTED, INSURERS_FILE
from backend.adapters.schema import load_tables
from backend.adapters.scrubbing import scrub
from backend.adapters.trackers import Trackers
from backend.core.audit import AuditEntry, Event
from backend.core.customers import Account
from backend.core.errors import Conflict, NotFound
from backend.core.privacy import REQUEST_CONSENT, Erased, GivenConsent, Person, customer_subject
from backend.ports import Clock
from backend.services.privacy.closing import Closing
from backend.services.privacy.exporting import export
from backend.unit_of_work import UnitOfWork, UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a withdrawn consent brought about."""

    market: str
    account_closed: bool
    requests_ended: int


class Privacy:
    """Answers what a customer may ask about their own data."""

    def __init__(
        self, uow: UnitOfWorkFactory, clock: Clock, trackers: Trackers, closing: Closing
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._trackers = trackers
        self._closing = closing

    # By the insurer's number, for operators -----------------------------------------------------

    def export(self, market: str, number: str) -> dict[str, Any]:
        """Everything kept about the customer, as plain data; that it was asked is audited.

        Raises:
            NotFound: `customer_unknown`.
        """
        now = self._clock.now()
        with self._uow() as uow:
            person = self._person(uow, market, number)
            told = export(uow, person, now)
            uow.audit.add(_by_operator(Event.CUSTOMER_EXPORTED, person), now)
            uow.commit()
        return told

    def erase(self, market: str, number: str, *, also_file: bool = False) -> Erased:
        """Delete what the desk has collected about the customer, account included.

        Consents stay under a keyed index, the audit stays as it is. The same again, also after
        having been cut off, does the rest.

        Args:
            also_file: the insurer's own file too: customer, policies and their documents.

        Raises:
            NotFound: `customer_unknown`.
            Unavailable: the database or the engine's trackers do not answer.
        """
        with self._uow(read_only=True) as uow:
            conversations = self._person(uow, market, number).conversations
        # First what is found by our rows, so that being cut off here loses no trace of it.
        events = self._trackers.remove(conversations)
        now = self._clock.now()
        with self._uow() as uow:
            person = self._person(uow, market, number, lock=True)
            uow.persons.end_consents(person, now)
            steps = (*COLLECTED, *(INSURERS_FILE if also_file else ()))
            rows = {family: step(uow.connection, uow.vault, person) for family, step in steps}
            uow.audit.add(_by_operator(Event.CUSTOMER_ERASED, person), now)
            uow.commit()
        # A turn that was under way may have written meanwhile.
        events += self._trackers.remove(person.conversations)
        return Erased(
            rows={family: number for family, number in rows.items() if number},
            tracker_events=events,
        )

    def scrub(self) -> None:
        """Leave nothing of what was erased in the files of the databases.

        Raises:
            Unavailable: somebody works on them without a pause; trying again is safe.
        """
        scrub(self._uow.engine, [table.name for table in load_tables().sorted_tables])
        self._trackers.scrub()

    def consents_of_customer(self, market: str, number: str) -> list[GivenConsent]:
        """Every consent, also of accounts that were closed; oldest first.

        Raises:
            NotFound: `customer_unknown`.
        """
        with self._uow(read_only=True) as uow:
            person = self._person(uow, market, number)
            return [_given(row) for row in uow.persons.consents(person)]

    # By the account, for its owner ----------------------------------------------------------------

    def consents(self, account_id: str) -> list[GivenConsent]:
        """The consents of the account, oldest first."""
        with self._uow(read_only=True) as uow:
            return [_given(row) for row in uow.accounts.consents_of(account_id)]

    def withdraw(self, account_id: str, consent_id: int) -> Withdrawal:
        """Take a consent back, with what follows from it.

        The consent of registration carries the account: it is closed, and may be opened again by
        registering. The consent of a request ends that request, if nobody has decided it.

        Raises:
            NotFound: `consent_unknown`: there is none of that number in this account.
            Conflict: `consent_withdrawn`: it is already.
        """
        now = self._clock.now()
        with self._uow() as uow:
            account, person = self._owner(uow, account_id)
            consent = self._consent(uow, account.id, consent_id)
            if not uow.accounts.withdraw_consent(consent.id, account.id, now):
                raise Conflict("consent_withdrawn")
            entry = AuditEntry(
                Event.CONSENT_WITHDRAWN,
                subject=account.id,
                channel="area",
                reason=f"{consent.kind}/{consent.version}"[:64],
            )
            uow.audit.add(entry, now)
            ended = 0
            given = _given(consent)
            if given.carries_account:
                self._closing.close(uow, person, account)
            elif given.kind == REQUEST_CONSENT:
                ended = self._closing.end_requests(uow, account, consent.conversation_id)
            uow.commit()
        return Withdrawal(account.market, given.carries_account, ended)

    def _owner(self, uow: UnitOfWork, account_id: str) -> tuple[Account, Person]:
        account = uow.accounts.get(account_id)
        if account:
            customer = uow.customers.get(account.customer_id, lock=True)
            # Whoever had the customer before us may have closed it.
            account = uow.accounts.get(account_id)
            if account:
                return account, uow.persons.find(customer)
        raise NotFound("consent_unknown")

    @staticmethod
    def _consent(uow: UnitOfWork, account_id: str, consent_id: int) -> Row[Any]:
        for row in uow.accounts.consents_of(account_id):
            if row.id == consent_id:
                return row
        raise NotFound("consent_unknown")

    @staticmethod
    def _person(uow: UnitOfWork, market: str, number: str, *, lock: bool = False) -> Person:
        customer = uow.customers.by_number(market, number)
        if customer is None:
            raise NotFound("customer_unknown")
        if lock:
            customer = uow.customers.get(customer.id, lock=True)
        return uow.persons.find(customer)


def _given(row: Row[Any]) -> GivenConsent:
    return GivenConsent(
        id=row.id,
        kind=row.kind,
        version=row.version,
        language=row.language,
        channel=row.channel,
        given_at=row.given_at,
        withdrawn_at=row.withdrawn_at,
    )


def _by_operator(event: Event, person: Person) -> AuditEntry:
    return AuditEntry(event, actor="operator", subject=customer_subject(person.customer))
