"""Who a customer says to be, looked up under budgets: so many guesses and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from backend.core.audit import AuditEntry, Event
from backend.core.budgets import Budget, used_up
from backend.core.customers import Customer, Policy
from backend.core.errors import MatchingBlocked
from backend.core.fields.contacts import channel_of
from backend.core.limits import Limits
from backend.core.markets import Markets
from backend.core.matching import fits_datum, fits_holder, fits_policy
from backend.ports import Clock
from backend.unit_of_work import UnitOfWork

_KIND_OF_CHANNEL = {"email": "email", "sms": "mobile"}


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says about themselves, and from where."""

    market: str
    conversation_id: str
    message_id: str
    client: str | None
    said: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody on file that a claim fits."""

    customer: Customer
    policy: Policy | None = None


class Matching:
    """Looks a claim up. Only what fits nobody is counted against the budgets."""

    def __init__(self, clock: Clock, markets: Markets) -> None:
        self._clock = clock
        self._markets = markets

    def by_contact(self, uow: UnitOfWork, claim: Claim) -> Found | None:
        """By the contact on file, with name and what the profile needs."""
        return self._counted(uow, claim, self._holder_of_contact, policy_number=None)

    def by_tax_code(self, uow: UnitOfWork, claim: Claim) -> Found | None:
        """By tax code (VAT number for companies) and one more datum."""
        number = claim.said.get("policy_number")
        return self._counted(uow, claim, self._holder_of_tax_code, policy_number=number)

    def by_policy(self, uow: UnitOfWork, claim: Claim) -> Found | None:
        """By policy number and type, name and date of birth."""
        number = claim.said.get("policy_number")
        return self._counted(uow, claim, self._holder_of_policy, policy_number=number)

    def _counted(
        self,
        uow: UnitOfWork,
        claim: Claim,
        look: Callable[[UnitOfWork, Claim], Found | None],
        *,
        policy_number: str | None,
    ) -> Found | None:
        """Look, unless a budget is spent.

        Raises:
            MatchingBlocked: too many claims fitted nobody.
        """
        now = self._clock.now()
        budgets = self._budgets(claim, policy_number, self._markets.limits(claim.market))
        uow.budgets.lock(budgets)
        blocked = used_up(uow.budgets.count(budget, now) for budget in budgets)
        if blocked:
            self._audit(uow, Event.BUDGET_TRIPPED, claim, reason=blocked.budget.scope)
            raise MatchingBlocked
        found = look(uow, claim)
        if found is None:
            uow.budgets.spend(budgets, f"match/{claim.message_id}", now)
        self._audit(uow, Event.MATCH_OK if found else Event.MATCH_FAILED, claim, found)
        return found

    def _holder_of_contact(self, uow: UnitOfWork, claim: Claim) -> Found | None:
        contact = claim.said["contact"]
        kind = _KIND_OF_CHANNEL[channel_of(contact)]
        for customer in uow.customers.with_datum(claim.market, kind, contact):
            if fits_holder(customer, claim.said):
                return Found(customer)
        return None

    def _holder_of_tax_code(self, uow: UnitOfWork, claim: Claim) -> Found | None:
        kind = "vat_number" if claim.said.get("profile") == "company" else "tax_code"
        for customer in uow.customers.with_datum(claim.market, kind, claim.said[kind]):
            if fits_datum(customer, uow.customers.policies_of(customer.id), claim.said):
                return Found(customer)
        return None

    def _holder_of_policy(self, uow: UnitOfWork, claim: Claim) -> Found | None:
        held = uow.customers.with_policy(claim.market, claim.said["policy_number"])
        if held and fits_policy(*held, claim.said):
            return Found(*held)
        return None

    @staticmethod
    def _budgets(claim: Claim, policy_number: str | None, limits: Limits) -> list[Budget]:
        budgets = [
            Budget.per_day("match_conversation", limits.match_conversation, claim.conversation_id)
        ]
        if claim.client:
            budgets.append(Budget.per_hour("match_client", limits.match_client_hour, claim.client))
        if policy_number:
            key = f"{claim.market}/{policy_number}"
            budgets.append(Budget.per_day("match_policy", limits.match_policy_day, key))
        return budgets

    def _audit(
        self,
        uow: UnitOfWork,
        event: Event,
        claim: Claim,
        found: Found | None = None,
        reason: str = "",
    ) -> None:
        entry = AuditEntry(
            event,
            subject=f"customer/{found.customer.id}" if found else "",
            conversation_id=claim.conversation_id,
            reason=reason,
        )
        uow.audit.add(entry, self._clock.now())
