"""What a registration offers once its password is set."""

from __future__ import annotations

from backend.core.customers import Account
from backend.core.errors import Fact
from backend.core.linking import Linkable, linkable
from backend.unit_of_work import UnitOfWork


def next_offer(uow: UnitOfWork, account: Account) -> Fact:
    """The next useful thing after an account was opened."""
    customer = uow.customers.get(account.customer_id)
    if not customer.details.mobile:
        return "update_mobile"
    linked = uow.customers.policies_in_account(account.id)
    known = {policy.id for policy in linked}
    others = [
        policy
        for policy in uow.customers.policies_of(customer.id)
        if policy.is_active
        and policy.id not in known
        and linkable(account.market, linked, policy.type) is Linkable.YES
    ]
    return "link_policy" if others else "nothing"
