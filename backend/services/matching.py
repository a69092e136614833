"""Who a customer says to be, looked up under budgets: so many guesses and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from backend.core.audit import AuditEntry, Event
from backend.core.budgets import Budget, used_up
from backend.core.customers import Customer, Policy
from backend.core.errors import MatchingBlocked
from backend.core.fields.contacts import channel_of
from backend.core.markets import Markets
from backend.core.matching import (
    fits_datum,
    fits_holder,
    fits_name,
    fits_namesake,
    fits_policy,
)
from backend.core.requests import Request
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
    """Looks a claim up. Where not said otherwise, only what fits nobody counts."""

    def __init__(self, clock: Clock, markets: Markets) -> None:
        self._clock = clock
        self._markets = markets

    def by_contact(self, uow: UnitOfWork, claim: Claim) -> Found | None:
        """By the contact on file, with name and what the profile needs."""
        return self._counted(uow, claim, self._holder_of_contact)

    def by_tax_code(self, uow: UnitOfWork, claim: Claim) -> Found | None:
        """By tax code (VAT number for companies) and one more datum."""
        return self._counted(uow, claim, self._holder_of_tax_code, self._policy_budget(claim))

    def by_policy(self, uow: UnitOfWork, claim: Claim) -> Found | None:
        """By policy number and type, name and date of birth."""
        return self._counted(uow, claim, self._holder_of_policy, self._policy_budget(claim))

    def by_namesake(self, uow: UnitOfWork, claim: Claim, owner: Customer) -> Found | None:
        """By policy number: a policy on *owner*'s own record, or on another one of theirs.

        By the name on file and the date of birth (VAT number for companies). What an account of
        somebody else sees is not found.
        """
        look = partial(self._namesake_with_policy, owner=owner)
        return self._counted(uow, claim, look, self._policy_budget(claim))

    def by_own_data(self, uow: UnitOfWork, claim: Claim) -> Found | None:
        """By policy, or by tax code with the name, as the market goes.

        For answers that never tell whether somebody was found: what fits counts as well, so that
        the block does not tell it either, and as many statements are run.
        """
        by_policy = self._markets[claim.market].identify_by == "policy"
        look = self._holder_of_policy if by_policy else self._named_holder_of_tax_code
        return self._counted(uow, claim, look, self._policy_budget(claim), counts_all=True)

    def request(
        self, uow: UnitOfWork, claim: Claim, look: Callable[[], Request | None]
    ) -> Request | None:
        """The request of the claimed number where *look* finds it for the claimed contact."""
        limits = self._markets.limits(claim.market)
        budget = Budget.per_day(
            "match_request", limits.match_request_day, claim.said["request_number"]
        )
        return self._counted(uow, claim, lambda _uow, _claim: look(), [budget])

    def _counted[T: (Found, Request)](
        self,
        uow: UnitOfWork,
        claim: Claim,
        look: Callable[[UnitOfWork, Claim], T | None],
        more: Sequence[Budget] = (),
        *,
        counts_all: bool = False,
    ) -> T | None:
        """Look, unless a budget is spent: those of the claimant, or one of *more*.

        Raises:
            MatchingBlocked: too many claims fitted nobody, or were made with *counts_all*.
        """
        now = self._clock.now()
        budgets = [*self._budgets(claim), *more]
        uow.budgets.lock(budgets)
        blocked = used_up(uow.budgets.count(budget, now) for budget in budgets)
        if blocked:
            self._audit(uow, Event.BUDGET_TRIPPED, claim, reason=blocked.budget.scope)
            raise MatchingBlocked
        found = look(uow, claim)
        if found is None or counts_all:
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

    def _named_holder_of_tax_code(self, uow: UnitOfWork, claim: Claim) -> Found | None:
        found = self._holder_of_tax_code(uow, claim)
        return found if found and fits_name(found.customer, claim.said) else None

    def _holder_of_tax_code(self, uow: UnitOfWork, claim: Claim) -> Found | None:
        kind = "vat_number" if claim.said.get("profile") == "company" else "tax_code"
        holders = uow.customers.with_datum(claim.market, kind, claim.said[kind])
        held = uow.customers.policies_by_holder([holder.id for holder in holders])
        for holder in holders:
            if fits_datum(holder, held[holder.id], claim.said):
                return Found(holder)
        return None

    def _holder_of_policy(self, uow: UnitOfWork, claim: Claim) -> Found | None:
        held = uow.customers.with_policy(claim.market, claim.said["policy_number"])
        if held and fits_policy(*held, claim.said):
            return Found(*held)
        return None

    @staticmethod
    def _namesake_with_policy(uow: UnitOfWork, claim: Claim, owner: Customer) -> Found | None:
        held = uow.customers.with_policy(claim.market, claim.said["policy_number"])
        # Looked for in any case: one look less would tell that there is no such policy.
        others = uow.accounts.seen_by_others([held[1].id if held else 0], owner.id)
        if held and not others and fits_namesake(held[0], owner, claim.said):
            return Found(*held)
        return None

    def _budgets(self, claim: Claim) -> list[Budget]:
        limits = self._markets.limits(claim.market)
        budgets = [
            Budget.per_day("match_conversation", limits.match_conversation, claim.conversation_id)
        ]
        if claim.client:
            budgets.append(Budget.per_hour("match_client", limits.match_client_hour, claim.client))
        return budgets

    def _policy_budget(self, claim: Claim) -> list[Budget]:
        """How often may be guessed who holds one policy."""
        number = claim.said.get("policy_number")
        if not number:
            return []
        limits = self._markets.limits(claim.market)
        key = f"{claim.market}/{number}"
        return [Budget.per_day("match_policy", limits.match_policy_day, key)]

    def _audit(
        self,
        uow: UnitOfWork,
        event: Event,
        claim: Claim,
        found: Found | Request | None = None,
        reason: str = "",
    ) -> None:
        entry = AuditEntry(
            event,
            subject=_subject_of(found),
            conversation_id=claim.conversation_id,
            reason=reason,
        )
        uow.audit.add(entry, self._clock.now())


def _subject_of(found: Found | Request | None) -> str:
    if isinstance(found, Found):
        return f"customer/{found.customer.id}"
    return found.id if found else ""
