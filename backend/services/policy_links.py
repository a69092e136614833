"""Linking a policy to an account: by its owner in the chat, or by staff who approve a request."""

from __future__ import annotations

from backend.core.audit import AuditEntry, Event
from backend.core.customers import Account
from backend.core.errors import Conflict, NotAllowed
from backend.core.markets import Markets
from backend.core.masking import mask_tail
from backend.core.requests import Request
from backend.ports import Clock
from backend.services.notices import Notices
from backend.unit_of_work import UnitOfWork


class PolicyLinks:
    """Links policies, always as part of somebody's unit of work."""

    def __init__(self, clock: Clock, markets: Markets, notices: Notices) -> None:
        self._clock = clock
        self._markets = markets
        self._notices = notices

    def link(  # noqa: PLR0913 - what a link is made of
        self,
        uow: UnitOfWork,
        account: Account,
        policy_id: int,
        *,
        conversation_id: str,
        language: str,
        factor: str = "code",
        informed: str = "",
    ) -> bool:
        """Let *account* see the policy, and tell every contact of its owner.

        Args:
            factor: what vouches for it, as the audit names factors.
            informed: a contact that hears of it otherwise.

        False, and nobody is told, where an account sees it already, this one or another.

        Raises:
            NotAllowed: `policy_unknown`.
        """
        now = self._clock.now()
        held = uow.customers.held(policy_id)
        if held is None:
            raise NotAllowed("policy_unknown")
        holder, policy = held
        # Whoever registers with this very policy now waits, or has it already.
        uow.customers.get(holder.id, lock=True)
        if not uow.accounts.link(account.id, [policy.id], now):
            return False
        facts = {
            "policy": mask_tail(policy.number, 3),
            "product": self._markets[account.market].product,
        }
        for channel, to in uow.customers.get(account.customer_id).contacts.items():
            if to != informed:
                self._notices.post(uow, channel, to, "policy_linked", language, facts)
        entry = AuditEntry(
            Event.POLICY_LINKED,
            subject=account.id,
            factor=factor,
            conversation_id=conversation_id,
            reason=f"policy/{policy.id}",
        )
        uow.audit.add(entry, now)
        return True

    def link_approved(self, uow: UnitOfWork, request: Request) -> None:
        """Carry out a request that was approved; the contact it goes back to is not told twice.

        Raises:
            NotAllowed: `account_unknown`, `policy_unknown`.
            Conflict: `policy_linked_elsewhere`: another account sees the policy by now.
        """
        account = uow.accounts.get(request.account_id) if request.account_id else None
        if account is None:
            raise NotAllowed("account_unknown")
        is_new = self.link(
            uow,
            account,
            request.policy_id,
            conversation_id=request.conversation_id,
            language=request.language,
            factor="request",
            informed=request.contact,
        )
        if not is_new and not sees(uow, account.id, request.policy_id):
            raise Conflict("policy_linked_elsewhere")


def sees(uow: UnitOfWork, account_id: str, policy_id: int) -> bool:
    """Whether the account sees the policy."""
    return any(policy.id == policy_id for policy in uow.customers.policies_in_account(account_id))
