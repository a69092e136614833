"""One turn of a registration, and what its question of the moment may show."""

from __future__ import annotations

from collections.abc import Mapping

from backend.core.customers import Customer
from backend.core.drafts import Stage
from backend.core.errors import Fact
from backend.core.fields.contacts import channel_of
from backend.core.flow import Choice
from backend.core.identity_data import policy_facts
from backend.core.limits import Limits
from backend.core.markets import Market
from backend.core.masking import mask_contact
from backend.core.registration import Draft, asking
from backend.services.flows import work
from backend.services.flows.codes import code_facts
from backend.unit_of_work import UnitOfWork

type Work = work.Work[Draft]


def question_facts(draft: Draft, market: Market, limits: Limits) -> Mapping[str, Fact]:
    """What the question of the moment may mention."""
    facts = code_facts(draft, limits.otp_ttl) if draft.stage is Stage.CODE else {}
    return {**facts, **policy_facts(draft.values, market)}


def offered_choices(uow: UnitOfWork, draft: Draft, market: Market) -> tuple[Choice, ...]:
    """The masked contacts to choose from, where that is the question."""
    if draft.customer_id is None or asking(draft, market) != "contact_choice":
        return ()
    contacts = usable_contacts(uow.customers.get(draft.customer_id), market)
    return tuple(Choice(channel, mask_contact(contact)) for channel, contact in contacts.items())


def usable_contacts(customer: Customer, market: Market) -> dict[str, str]:
    """The contacts on file that may become a user name, by channel."""
    return {
        channel: contact
        for channel, contact in customer.contacts.items()
        if customer.holder_kind != "person"
        or channel_of(contact) != "email"
        or not market.is_certified_mail(contact)
    }
