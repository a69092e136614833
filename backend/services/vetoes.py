""" "It wasn't me": a link on an old contact stops a change of the mobile number, or undoes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.adapters.repositories.requests import Decision
from backend.core.audit import AuditEntry, Event
from backend.core.challenges import State as ChallengeState
from backend.core.customers import Customer
from backend.core.errors import LinkUnknown, LinkUsed
from backend.core.markets import Markets
from backend.core.pages import PageKind
from backend.core.requests import Request, State
from backend.ports import Clock
from backend.services.accounts import account_subject
from backend.services.contact_changes import ContactChanges
from backend.services.notices import Notices
from backend.services.opening import use_page
from backend.services.requests import CUSTOMER, conclude, tell_conversation
from backend.unit_of_work import UnitOfWork, UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class VetoResult:
    """How the page that is done speaks."""

    market: str
    language: str


class Vetoes:
    """Stops and undoes changes that the customer never wanted."""

    def __init__(
        self,
        uow: UnitOfWorkFactory,
        clock: Clock,
        markets: Markets,
        notices: Notices,
        contact_changes: ContactChanges,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._markets = markets
        self._notices = notices
        self._contact_changes = contact_changes

    def veto(self, token: str) -> VetoResult:
        """Use the link once: stop the request it names, or put the old number back on file.

        Whoever is signed in to the account is signed out, codes and links under way are worth
        nothing, and the contacts on file are told.

        Raises:
            LinkUnknown: no such page has this token.
            LinkExpired: its time is over.
            LinkUsed: it has done its work, or there is nothing left to stop: another link did it,
                or the request was rejected or withdrawn.
        """
        now = self._clock.now()
        with self._uow() as uow:
            opened = use_page(uow, token, now)
            page = opened.page
            if page.kind != PageKind.VETO or page.reference is None:
                raise LinkUnknown
            customer_id = self._stop(uow, page.reference, now)
            if customer_id is None:
                raise LinkUsed(**opened.facts)
            customer = uow.customers.get(customer_id)
            self._shut_out(uow, customer, now)
            self._tell(uow, customer, page.language)
            uow.commit()
        return VetoResult(page.market, page.language)

    def _stop(self, uow: UnitOfWork, reference: str, now: datetime) -> int | None:
        """Stop or undo what *reference* names; gives whose file it is, None for nothing to do."""
        request = uow.requests.get(reference)
        if request is not None and request.customer_id is not None:
            uow.customers.get(request.customer_id, lock=True)
            # Whoever had the customer before us may have decided it.
            request = uow.requests.get(reference)
        if request is not None and request.is_open:
            conclude(uow, request, Decision(State.VETOED, now, CUSTOMER))
            tell_conversation(uow, request, now)
            return request.customer_id
        return self._undo(uow, request, reference, now)

    def _undo(
        self, uow: UnitOfWork, request: Request | None, reference: str, now: datetime
    ) -> int | None:
        if request is not None:
            change = uow.contact_changes.of_request(request.id)
        else:
            change = uow.contact_changes.get(reference)
        if change is None or not self._contact_changes.revert(uow, change, now):
            return None
        return change.customer_id

    @staticmethod
    def _shut_out(uow: UnitOfWork, customer: Customer, now: datetime) -> None:
        """Take from whoever wanted the change what they may hold of the account."""
        uow.challenges.close_of_subject(f"customer/{customer.id}", ChallengeState.ABORTED, now)
        account = uow.accounts.of_customer(customer.id)
        if account is None:
            return
        uow.challenges.close_of_subject(account_subject(account), ChallengeState.ABORTED, now)
        uow.pages.call_off(account_id=account.id)
        uow.identities.remove_of(account.id)
        if uow.sessions.remove_all_of(account.id):
            entry = AuditEntry(Event.SESSIONS_REVOKED, subject=account.id, reason="veto")
            uow.audit.add(entry, now)

    def _tell(self, uow: UnitOfWork, customer: Customer, language: str) -> None:
        product = self._markets[customer.market].product
        for channel, to in customer.contacts.items():
            self._notices.post(
                uow, channel, to, "mobile_change_stopped", language, {"product": product}
            )
