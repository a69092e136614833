"""Ends an account whose owner does not want it any more; they may register again."""

from __future__ import annotations

from backend.core.audit import AuditEntry, Event
from backend.core.challenges import State
from backend.core.customers import Account
from backend.core.markets import Markets
from backend.core.privacy import Person, customer_subject
from backend.core.requests import Kind, Request
from backend.ports import Clock
from backend.services.accounts import account_subject
from backend.services.notices import Notices
from backend.services.requests import Requests
from backend.unit_of_work import UnitOfWork


class Closing:
    """Closes accounts, always as part of somebody's unit of work."""

    def __init__(
        self, clock: Clock, markets: Markets, notices: Notices, requests: Requests
    ) -> None:
        self._clock = clock
        self._markets = markets
        self._notices = notices
        self._requests = requests

    def close(self, uow: UnitOfWork, person: Person, account: Account) -> None:
        """End account, sessions, pages, open codes and requests; every contact on file is told.

        Consents stay as a proof that they were given, marked as withdrawn.
        """
        now = self._clock.now()
        for request in self._open_requests(uow, account):
            self._requests.withdraw(uow, request)
        uow.persons.end_consents(person, now)
        uow.challenges.close_of_subject(account_subject(account), State.ABORTED, now)
        uow.sessions.clear_throttle(uow.accounts.username_index(account.username))
        # Sessions, pages, proofs of identity and links to policies go with it.
        uow.accounts.remove(account.id)
        product = self._markets[account.market].product
        for channel, to in person.customer.contacts.items():
            self._notices.post(
                uow, channel, to, "account_closed", account.language, {"product": product}
            )
        entry = AuditEntry(
            Event.ACCOUNT_CLOSED,
            subject=account.id,
            # By this the closed account is found again for its owner.
            reason=customer_subject(person.customer),
        )
        uow.audit.add(entry, now)

    def end_requests(self, uow: UnitOfWork, account: Account, conversation_id: str) -> int:
        """Call off what was asked with the consent of that conversation, and forget the documents.

        Gives how many requests were open.
        """
        resting = [
            request
            for request in self._open_requests(uow, account)
            if request.conversation_id == conversation_id and request.kind is Kind.MOBILE_CHANGE
        ]
        for request in resting:
            self._requests.withdraw(uow, request)
            uow.files.remove_of(request.id)
        return len(resting)

    @staticmethod
    def _open_requests(uow: UnitOfWork, account: Account) -> list[Request]:
        found = uow.requests.of_account(account.id, account.customer_id)
        return [request for request in found if request.is_open]
