"""From complete data and consent to a contact on file that a code can be sent to."""

from __future__ import annotations

from backend.core.customers import Customer
from backend.core.errors import MatchingBlocked
from backend.core.fields.contacts import channel_of
from backend.core.flow import Outcome
from backend.core.identity_data import next_search_datum
from backend.services.flows.contact_choice import REFUSALS, choose_contact
from backend.services.flows.own_data import claim_of
from backend.services.matching import Matching
from backend.services.registration.work import Work, usable_contacts

_NO_SCHEME = "agency"


class Identification:
    """Finds who registers, by the way of the market, and settles on one of their contacts."""

    def __init__(self, matching: Matching) -> None:
        self._matching = matching

    def settle_contact(self, work: Work) -> None:
        """Go as far as the data allow: `draft.contact` is set once a code can be sent."""
        try:
            if work.market.identify_by == "policy":
                self._by_policy(work)
            else:
                self._by_contact(work)
        except MatchingBlocked as blocked:
            work.end(Outcome.PERSON, blocked.reason)

    def choose(self, work: Work) -> None:
        """Take the answer to the question which of the contacts on file to use."""
        draft = work.draft
        if draft.customer_id is None:
            return
        customer = work.uow.customers.get(draft.customer_id)
        contacts = usable_contacts(customer, work.market)
        if work.command in REFUSALS:
            self._nothing_fits(work, customer)
            return
        choose_contact(work, contacts)

    def _by_policy(self, work: Work) -> None:
        draft = work.draft
        if draft.is_rejected:
            return
        found = self._matching.by_policy(work.uow, claim_of(work))
        if found is None or found.policy is None:
            draft.is_rejected = True
            work.tell("not_recognised")
            return
        contacts = found.customer.contacts
        draft.customer_id, draft.policy_id = found.customer.id, found.policy.id
        if not contacts:
            self._nothing_fits(work, found.customer)
            return
        channel = next(iter(contacts))
        draft.contact, draft.contact_channel = contacts[channel], channel

    def _by_contact(self, work: Work) -> None:
        draft = work.draft
        if not draft.is_searching:
            found = self._matching.by_contact(work.uow, claim_of(work))
            if found:
                draft.customer_id = found.customer.id
                draft.contact = draft.values["contact"]
                draft.contact_channel = channel_of(draft.contact)
                return
            draft.is_searching = True
            if next_search_datum(draft) is not None:  # else it is told what the search finds
                work.tell("not_recognised")
        if not draft.is_rejected and next_search_datum(draft) is None:
            self._search(work)

    def _search(self, work: Work) -> None:
        draft = work.draft
        found = self._matching.by_tax_code(work.uow, claim_of(work))
        if found is None:
            draft.is_rejected = True
            work.tell("identity_not_found")
            return
        draft.customer_id = found.customer.id
        if not usable_contacts(found.customer, work.market):
            self._nothing_fits(work, found.customer)

    def _nothing_fits(self, work: Work, customer: Customer) -> None:
        policies = work.uow.customers.policies_of(customer.id)
        scheme = next((policy.scheme for policy in policies if policy.scheme), _NO_SCHEME)
        work.end(Outcome.REFUSED, "no_contact_fits", scheme=scheme)
