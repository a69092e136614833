"""The account is there, its password is not: the customer has a one-time page to set it."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from backend.core.customers import Account
from backend.core.errors import Fact
from backend.core.flow import Command, Outcome, PageRef
from backend.core.masking import mask_contact
from backend.core.pages import Page, PageKind
from backend.core.registration import Stage
from backend.services.registration.work import Work

_WANTS_LINK = frozenset(
    {Command.RESEND, Command.PAGE_RENEWAL, Command.NOT_AVAILABLE, Command.OTHER_CHANNEL}
)
_NEVER_TOGETHER = frozenset({("group", "group")})
"""Policy types that cannot be linked to one another by the customer."""


class PasswordStage:
    """Everything between a proven contact and a set password."""

    def begin(self, work: Work, account: Account) -> None:
        """Tell the user name and show the page."""
        work.draft.stage = Stage.PASSWORD
        work.tell(
            "account_ready",
            username=shown_username(account),
            username_kind=account.username_kind,
        )
        self._show_new_page(work, account)

    def take(self, work: Work) -> None:
        """One message while the page waits to be done."""
        draft = work.draft
        account = work.uow.accounts.get(draft.account_id or "")
        if account is None:
            work.end(Outcome.EXPIRED, "flow_expired")
        elif not account.is_pending:
            self.complete(work, account)
        else:
            self._remind(work, account)

    def complete(self, work: Work, account: Account) -> None:
        """The password is set: the flow has done its work."""
        work.facts |= {"next_offer": self._next_offer(work, account)}
        work.end(Outcome.COMPLETED, "registered", username=shown_username(account))

    def _remind(self, work: Work, account: Account) -> None:
        page = work.uow.pages.get(work.draft.page_id or "")
        if page and page.is_open(work.now):
            if work.command in _WANTS_LINK:
                self._show(work, page)
            else:
                work.tell("password_waiting")
        elif work.draft.page_renewals < work.limits.page_renewals:
            work.draft.page_renewals += 1
            self._show_new_page(work, account)
        else:
            work.end(Outcome.PERSON, "contact_help")

    def _show_new_page(self, work: Work, account: Account) -> None:
        work.uow.pages.call_off(account_id=account.id)
        page = work.uow.pages.add(
            kind=PageKind.PASSWORD,
            conversation_id=work.turn.conversation_id,
            market=account.market,
            language=work.turn.language,
            now=work.now,
            expires_at=work.now + timedelta(seconds=work.limits.password_link_ttl),
            account_id=account.id,
        )
        work.draft.page_id = page.id
        self._show(work, page)

    @staticmethod
    def _show(work: Work, page: Page) -> None:
        minutes = max(1, ceil((page.expires_at - work.now).total_seconds() / 60))
        work.page = PageRef(page.id, page.kind, minutes)
        work.tell("password_link", minutes=minutes)

    @staticmethod
    def _next_offer(work: Work, account: Account) -> Fact:
        customer = work.uow.customers.get(account.customer_id)
        if not customer.details.mobile:
            return "add_mobile"
        linked = work.uow.customers.policies_in_account(account.id)
        known = {policy.id for policy in linked}
        others = [
            policy
            for policy in work.uow.customers.policies_of(customer.id)
            if policy.is_active
            and policy.id not in known
            and not any((mine.type, policy.type) in _NEVER_TOGETHER for mine in linked)
        ]
        return "link_policy" if others else "nothing"


def shown_username(account: Account) -> str:
    """A generated user name whole, since its owner must learn it; a contact masked."""
    return (
        account.username if account.username_kind == "generated" else mask_contact(account.username)
    )
