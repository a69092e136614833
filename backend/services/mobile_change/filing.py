"""The request for another mobile number, filed by a proved customer or by somebody who says so.

Of the latter, what they say is compared with the file here and nowhere else. Whether it fits must
not be heard nor timed: as many statements are run for nobody, and as many warnings are written
that never leave.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from backend.core.customers import Customer, CustomerDetails
from backend.core.decoys import decoy_contacts
from backend.core.errors import RequestOpen
from backend.core.fields.tax import tax_code_of
from backend.core.flow import Outcome
from backend.core.mobile_change import details_of, fits_person
from backend.core.requests import Kind, NewRequest, Request, subject_of
from backend.services.contact_changes import ContactChanges
from backend.services.mobile_change.work import Work
from backend.services.requests import Requests

_NOBODY: Final = 0
_NONE: Final = "-"
"""Stands for a tax code, user name or contact where there is none."""


class Filing:
    """Files the request, once."""

    def __init__(self, requests: Requests, changes: ContactChanges) -> None:
        self._requests = requests
        self._changes = changes

    def is_open(self, work: Work) -> bool:
        """Whether such a request waits already, which ends the flow.

        Who is not proved hears of this conversation's own only.
        """
        draft, conversation_id = work.draft, work.turn.conversation_id
        if draft.is_proved:
            subject = subject_of(draft.customer_id, conversation_id)
            waiting = work.uow.requests.open_of(Kind.MOBILE_CHANGE, subject)
        else:
            own = self._requests.of_conversation(work.uow, conversation_id)
            waiting = next(
                (one for one in own if one.is_open and one.kind is Kind.MOBILE_CHANGE), None
            )
        if waiting is not None:
            self._end_as_open(work, waiting.number)
        return waiting is not None

    def file(self, work: Work) -> None:
        """File the request with the document; the flow is over."""
        if self.is_open(work):
            return
        try:
            request = self._of_owner(work) if work.draft.is_proved else self._of_anybody(work)
        except RequestOpen as waiting:
            self._end_as_open(work, str(waiting.facts["number"]))
            return
        work.uow.files.move(work.draft.upload_id or "", request.id)
        work.facts |= {"next_offer": "nothing"}
        work.end(Outcome.COMPLETED, "mobile_requested", request_number=request.number)

    @staticmethod
    def _end_as_open(work: Work, number: str) -> None:
        work.facts |= {"next_offer": "check_request"}
        work.end(Outcome.REFUSED, "request_open", request_number=number)

    def _of_owner(self, work: Work) -> Request:
        customer = work.uow.customers.get(work.draft.customer_id or _NOBODY)
        on_file = customer.details.email or customer.details.mobile
        contact = on_file or work.draft.values["new_mobile"]
        return self._requests.submit(
            work.uow, _new(work, customer.id, contact, account_id=work.draft.account_id)
        )

    def _of_anybody(self, work: Work) -> Request:
        uow = work.uow
        owner = self._owner_of_username(work)
        customer = self._meant(work, owner)
        # One that waits is not told of: it would say that the data fit. Staff get both.
        subject = subject_of(customer.id if customer else _NOBODY, "")
        if uow.requests.open_of(Kind.MOBILE_CHANGE, subject):
            customer = None
        number = work.draft.values["new_mobile"]
        if customer is not None:
            try:
                return self._requests.submit(uow, _new(work, customer.id, number))
            except RequestOpen:  # filed this very moment
                pass
        request = self._requests.submit(uow, _new(work, None, number))
        self._warn_nobody(work, request, self._channels(work, owner))
        return request

    @staticmethod
    def _owner_of_username(work: Work) -> Customer | None:
        account = work.uow.accounts.get(work.draft.account_id or "")
        return work.uow.customers.find(account.customer_id if account else _NOBODY)

    @staticmethod
    def _meant(work: Work, owner: Customer | None) -> Customer | None:
        """The one customer whose name and date of birth were given: the *owner* of the user name
        that was given too, else who has the tax code that follows from the rest."""
        uow, said = work.uow, work.draft.values
        holders = uow.customers.with_datum(
            work.draft.market, "tax_code", tax_code_of(said) or _NONE
        )
        held = uow.customers.policies_by_holder([holder.id for holder in holders])
        if owner is not None and fits_person(owner, said):
            return owner
        fitting = [one for one in holders if held[one.id] and fits_person(one, said)]
        return fitting[0] if len(fitting) == 1 else None

    @staticmethod
    def _channels(work: Work, owner: Customer | None) -> Collection[str]:
        """Of the contacts that were shown for the user name."""
        if owner is not None:
            return owner.contacts
        market, username = work.draft.market, work.draft.values.get("username", _NONE)
        return decoy_contacts(
            market, username, work.uow.vault.index("decoy", f"{market}/{username}")
        )

    def _warn_nobody(self, work: Work, request: Request, channels: Collection[str]) -> None:
        """Take as long as the contacts of a customer take to be warned."""
        work.uow.customers.find(_NOBODY)
        details = CustomerDetails(
            email=_NONE if "email" in channels else "", mobile=_NONE if "sms" in channels else ""
        )
        nobody = Customer(_NOBODY, request.market, "", "person", request.language, details)
        self._changes.warn(
            work.uow, nobody, "mobile_change_requested", request.new_mobile, request.id,
            request.language, work.now, is_void=True,
        )  # fmt: skip


def _new(
    work: Work, customer_id: int | None, contact: str, *, account_id: str | None = None
) -> NewRequest:
    turn = work.turn
    return NewRequest(
        market=work.draft.market,
        kind=Kind.MOBILE_CHANGE,
        customer_id=customer_id,
        account_id=account_id,
        conversation_id=turn.conversation_id,
        language=turn.language,
        channel=turn.channel,
        is_proven=work.draft.is_by_code,
        details=details_of(work.draft),
        contact=contact,
    )
