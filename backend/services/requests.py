"""Requests that a person decides: filed in the chat, decided by staff, told to the customer.

What locks rows takes the customer first and the request second, so that nobody waits in a circle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from backend.adapters.crypto import new_id
from backend.adapters.repositories.requests import Decision
from backend.core.audit import AuditEntry, Event
from backend.core.conversation import Incoming
from backend.core.conversation import Kind as Incomings
from backend.core.errors import Conflict, NotAllowed, NotFound, RequestOpen
from backend.core.fields import FieldContext
from backend.core.fields.contacts import channel_of, parse_email
from backend.core.markets import Markets
from backend.core.masking import mask_contact
from backend.core.requests import Kind, NewRequest, Reason, Request, State, require_whole
from backend.ports import Clock
from backend.services.contact_changes import ContactChanges
from backend.services.notices import Notices
from backend.services.policy_links import PolicyLinks
from backend.texts import Texts
from backend.unit_of_work import UnitOfWork, UnitOfWorkFactory

type HasDocuments = Callable[[UnitOfWork, str], bool]
"""Whether the files of an identity document belong to the request of that id."""

CUSTOMER: Final = "customer"
_EVENTS: Final = {
    State.APPROVED: Event.REQUEST_APPROVED,
    State.REJECTED: Event.REQUEST_REJECTED,
    State.WITHDRAWN: Event.REQUEST_WITHDRAWN,
    State.VETOED: Event.REQUEST_VETOED,
}


class Requests:
    """Takes requests in and carries decisions out."""

    def __init__(  # noqa: PLR0913 - the parts it works with
        self,
        uow: UnitOfWorkFactory,
        clock: Clock,
        markets: Markets,
        *,
        notices: Notices,
        texts: Texts,
        contact_changes: ContactChanges,
        policy_links: PolicyLinks,
        has_documents: HasDocuments,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._markets = markets
        self._notices = notices
        self._texts = texts
        self._contact_changes = contact_changes
        self._policy_links = policy_links
        self._has_documents = has_documents

    # As part of somebody's unit of work ---------------------------------------------------------

    def submit(self, uow: UnitOfWork, new: NewRequest) -> Request:
        """File a request, as part of *uow*; its contact gets the number.

        Of a change of the mobile number every contact on file is warned, with a link that stops it.

        Raises:
            Invalid: `request_incomplete`: what the approval will need is not in the details.
            RequestOpen: one of this kind waits already; `number` is its own.
        """
        require_whole(new)
        now = self._clock.now()
        account = uow.accounts.get(new.account_id) if new.account_id else None
        if account and new.customer_id is None:
            new = replace(new, customer_id=account.customer_id)
        request, is_new = uow.requests.add(new, now)
        if not is_new:
            raise RequestOpen(number=request.number)
        self._post(uow, request, "request_received")
        if request.kind is Kind.MOBILE_CHANGE and request.customer_id is not None:
            customer = uow.customers.get(request.customer_id)
            self._contact_changes.warn(
                uow, customer, "mobile_change_requested", request.new_mobile, request.id,
                request.language, now,
            )  # fmt: skip
        uow.audit.add(_entry(Event.REQUEST_SUBMITTED, request, CUSTOMER), now)
        return request

    def withdraw(self, uow: UnitOfWork, request: Request, *, by: str = CUSTOMER) -> None:
        """Call *request* off, as part of *uow*; its contact is told.

        The conversation is not: whoever withdraws is there, or has left it behind.

        Args:
            by: who does, as the audit names actors; never a name or a contact.

        Raises:
            Conflict: `request_decided`.
        """
        now = self._clock.now()
        conclude(uow, request, Decision(State.WITHDRAWN, now, by))
        self._post(uow, request, "request_withdrawn")

    @staticmethod
    def of_account(uow: UnitOfWork, account_id: str) -> list[Request]:
        """Everything asked by the account or about its owner, newest first."""
        account = uow.accounts.get(account_id)
        return uow.requests.of_account(account.id, account.customer_id) if account else []

    @staticmethod
    def of_conversation(uow: UnitOfWork, conversation_id: str) -> list[Request]:
        """Everything asked in the conversation, newest first."""
        return uow.requests.of_conversation(conversation_id)

    @staticmethod
    def find(uow: UnitOfWork, market: str, number: str, contact: str) -> Request | None:
        """The request of *number*, for whoever knows a contact that goes with it; None else.

        That is where its answer goes, or one on file of whom it is about (normalised). A wrong
        contact and an unknown number look and last the same.
        """
        kind = "email" if channel_of(contact) == "email" else "mobile"
        holders = {holder.id for holder in uow.customers.with_datum(market, kind, contact)}
        return uow.requests.find(market, number, contact, holders)

    @staticmethod
    def listing(
        uow: UnitOfWork, market: str | None = None, state: State | None = None
    ) -> list[Request]:
        """What staff see: requests of a market and in a state, the oldest first."""
        return uow.requests.listing(market, state)

    @staticmethod
    def numbered(uow: UnitOfWork, number: str) -> Request:
        """The request with that number, for staff.

        Raises:
            NotFound: `request_unknown`.
        """
        request = uow.requests.by_number(number)
        if request is None:
            raise NotFound("request_unknown")
        return request

    def has_documents(self, uow: UnitOfWork, request: Request) -> bool:
        """Whether an identity document came with the request."""
        return self._has_documents(uow, request.id)

    # Decisions of staff -------------------------------------------------------------------------

    def approve(self, number: str, by: str, version: int) -> None:
        """Carry out what was asked, and tell contact and conversation.

        Args:
            by: the reviewer's e-mail address.
            version: of the request as the reviewer saw it.

        Raises:
            NotFound: `request_unknown`.
            Conflict: `request_decided`, `request_changed` (another version by now),
                `number_in_use`, `policy_linked_elsewhere`.
            NotAllowed: `own_request`, `document_missing`, or `customer_unknown`,
                `account_unknown`, `policy_unknown`: there is nothing on file to change.
            Invalid: `email_malformed`: *by* is no address.
        """
        now = self._clock.now()
        with self._uow() as uow:
            request, reviewer = self._for_decision(uow, number, by, version)
            if request.kind is Kind.MOBILE_CHANGE and not self._has_documents(uow, request.id):
                raise NotAllowed("document_missing")
            conclude(uow, request, Decision(State.APPROVED, now, reviewer))
            self._carry_out(uow, request, now)
            self._post(uow, request, "request_approved")
            tell_conversation(uow, request, now)
            uow.commit()

    def reject(self, number: str, by: str, reason: Reason, version: int, note: str = "") -> None:
        """Refuse, and tell contact and conversation why in words; the note stays with staff.

        Raises:
            NotFound, Conflict, NotAllowed, Invalid: as `approve`, as far as nothing is changed.
        """
        now = self._clock.now()
        with self._uow() as uow:
            request, reviewer = self._for_decision(uow, number, by, version)
            conclude(
                uow, request, Decision(State.REJECTED, now, reviewer, Reason(reason), note or None)
            )
            words = self._texts.get(f"reason.{reason}", request.language)
            self._post(uow, request, "request_rejected", reason=words)
            tell_conversation(uow, request, now)
            uow.commit()

    def _for_decision(
        self, uow: UnitOfWork, number: str, by: str, version: int
    ) -> tuple[Request, str]:
        """The request as it may be decided, and the reviewer's address in one form."""
        request = self.numbered(uow, number)
        if request.customer_id is not None:
            uow.customers.get(request.customer_id, lock=True)
            # Whoever had the customer before us may have decided it.
            request = self.numbered(uow, number)
        if not request.is_open:
            raise Conflict("request_decided")
        if request.version != version:
            raise Conflict("request_changed")
        context = FieldContext(self._markets[request.market], self._clock.now().date())
        reviewer = parse_email(by, context).value
        if self._is_own(uow, request, reviewer):
            raise NotAllowed("own_request")
        return request, reviewer

    @staticmethod
    def _is_own(uow: UnitOfWork, request: Request, reviewer: str) -> bool:
        """Whether the reviewer filed the request, or is whom it is about."""
        concerned = {request.contact.casefold()}
        if request.customer_id is not None:
            contacts = uow.customers.get(request.customer_id).contacts
            concerned |= {contact.casefold() for contact in contacts.values()}
        account = uow.accounts.get(request.account_id) if request.account_id else None
        if account:
            concerned.add(account.username.casefold())
        return reviewer.casefold() in concerned

    def _carry_out(self, uow: UnitOfWork, request: Request, now: datetime) -> None:
        if request.kind is Kind.LINK_POLICY:
            self._policy_links.link_approved(uow, request)
            return
        if request.customer_id is None:
            raise NotAllowed("customer_unknown")
        self._contact_changes.apply_mobile(
            uow,
            uow.customers.get(request.customer_id),
            request.new_mobile,
            now,
            request.id,
            conversation_id=request.conversation_id,
            language=request.language,
        )

    def _post(self, uow: UnitOfWork, request: Request, template: str, **facts: str) -> None:
        product = self._markets[request.market].product
        self._notices.post(
            uow, channel_of(request.contact), request.contact, template, request.language,
            {"number": request.number, "product": product, **facts},
        )  # fmt: skip


def conclude(uow: UnitOfWork, request: Request, decision: Decision) -> None:
    """End *request* as part of *uow*, once, and note it in the audit.

    Raises:
        Conflict: `request_decided`: somebody was first; `request_changed`: it is open, but not
            as it was read.
    """
    if not uow.requests.decide(request, decision):
        current = uow.requests.get(request.id)
        is_open = current is not None and current.is_open
        raise Conflict("request_changed" if is_open else "request_decided")
    is_staff = decision.state in {State.APPROVED, State.REJECTED}
    # Staff are told apart without being named.
    actor = f"staff/{uow.vault.index('staff', decision.by)[:22]}" if is_staff else decision.by
    event = _EVENTS[decision.state]
    uow.audit.add(_entry(event, request, actor, decision.reason or ""), decision.at)


def tell_conversation(uow: UnitOfWork, request: Request, now: datetime) -> None:
    """Let the conversation in which *request* was filed go on by itself, if it is still there."""
    if uow.conversations.get(request.conversation_id) is None:
        return
    decided = Incoming(
        Incomings.EVENT,
        intent="request_decided",
        entities={"request_number": request.number},
        provider_message_id=f"decided/{request.id}",
    )
    uow.conversations.add_inbound(
        request.conversation_id, new_id("m"), f"decided/{request.id}", decided, now
    )


def _entry(event: Event, request: Request, actor: str, reason: str = "") -> AuditEntry:
    return AuditEntry(
        event,
        actor=actor,
        subject=request.id,
        purpose=request.kind,
        channel=request.channel,
        factor="code" if request.is_proven else "",
        destination=mask_contact(request.contact),
        conversation_id=request.conversation_id,
        reason=reason,
    )
