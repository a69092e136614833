"""One turn being worked on: the draft, the unit of work, and what is to be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from backend.core.customers import Customer
from backend.core.errors import Fact
from backend.core.fields.contacts import channel_of
from backend.core.flow import Choice, Command, Outcome, PageRef, Remark, Step, Turn
from backend.core.limits import Limits
from backend.core.markets import Market
from backend.core.masking import mask_contact
from backend.core.registration import Draft, Stage, asking, filled
from backend.unit_of_work import UnitOfWork


@dataclass(slots=True)
class Work:
    """What the stages of a registration share while they handle one message."""

    uow: UnitOfWork
    draft: Draft
    market: Market
    limits: Limits
    now: datetime
    turn: Turn
    accepted: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    page: PageRef | None = None
    outcome: Outcome | None = None
    facts: dict[str, Fact] = field(default_factory=dict)

    @property
    def command(self) -> Command:
        """What the customer wants done."""
        return self.turn.command

    def tell(self, code: str, **facts: Fact) -> None:
        """Add a remark."""
        self.remarks.append(Remark(code, facts))

    def tell_error(self, code: str, slot: str, **facts: Fact) -> None:
        """Add a remark on an answer, counted."""
        failures = self.draft.failures
        failures[slot] = failures.get(slot, 0) + 1
        self.remarks.append(Remark(code, facts, slot=slot, is_error=True, repeat=failures[slot]))

    def end(self, outcome: Outcome, code: str | None = None, **facts: Fact) -> None:
        """The flow is over."""
        if code:
            self.tell(code, **facts)
        self.outcome = outcome

    def step(self) -> Step:
        """Where the flow stands now."""
        is_over = self.outcome is not None
        return Step(
            asking=None if is_over else asking(self.draft, self.market),
            filled=filled(self.draft, self.market),
            accepted=tuple(self.accepted),
            remarks=tuple(self.remarks),
            facts={**question_facts(self.draft, self.market, self.limits), **self.facts},
            choices=() if is_over else offered_choices(self.uow, self.draft, self.market),
            page=self.page,
            outcome=self.outcome,
        )


def question_facts(draft: Draft, market: Market, limits: Limits) -> Mapping[str, Fact]:
    """What the question of the moment may mention."""
    facts: dict[str, Fact] = {}
    if draft.stage is Stage.CODE and draft.contact:
        facts = {
            "destination": mask_contact(draft.contact),
            "channel": draft.contact_channel or "",
            "seconds": limits.otp_ttl,
        }
    kind = draft.values.get("policy_type")
    examples = [number.example for number in market.policy_numbers if number.type == kind]
    if kind and examples and examples[0]:
        facts["policy_example"] = examples[0]
    return facts


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
