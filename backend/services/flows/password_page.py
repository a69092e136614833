"""A proven customer sets a password on a one-time page, and the flow waits for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from backend.core.customers import Account
from backend.core.drafts import Stage
from backend.core.flow import Command, Outcome
from backend.core.masking import mask_contact
from backend.core.pages import Page, PageKind
from backend.services.flows.waiting_page import WaitingPage
from backend.services.flows.work import Work

_PAGE = WaitingPage(link="password_link", waiting="password_waiting")


class PasswordPage:
    """Shows the page, reminds of it, makes it anew when it ran out."""

    def __init__(self, flow: str) -> None:
        """*flow* is the slug of the flow whose page it is."""
        self._flow = flow

    def begin(self, work: Work[Any], account: Account) -> None:
        """Show the page; the stage begins."""
        work.draft.stage = Stage.PASSWORD
        work.draft.account_id = account.id
        _PAGE.begin(work, self._new_page(work, account))

    def take(self, work: Work[Any]) -> Account | None:
        """One message while the page waits; the account once its page is done."""
        account = work.uow.accounts.get(work.draft.account_id or "")
        if account is None:
            work.end(Outcome.EXPIRED, "flow_expired")
            return None
        if _PAGE.is_done(work):
            return account
        _PAGE.remind(work, lambda: self._new_page(work, account))
        return None

    def done_before(self, work: Work[Any]) -> Account | None:
        """The account whose page was done in this conversation after its flow was forgotten."""
        if work.command is not Command.PAGE_DONE:
            return None
        page = work.uow.pages.last_used(work.turn.conversation_id, PageKind.PASSWORD)
        if page is None or page.reference != self._flow:
            return None
        account = work.uow.accounts.get(page.account_id or "")
        return None if account is None or account.is_pending else account

    def _new_page(self, work: Work[Any], account: Account) -> Page:
        work.uow.pages.call_off(account_id=account.id, kinds=(PageKind.PASSWORD,))
        return work.uow.pages.add(
            kind=PageKind.PASSWORD,
            conversation_id=work.turn.conversation_id,
            market=account.market,
            language=work.turn.language,
            now=work.now,
            expires_at=work.now + timedelta(seconds=work.limits.password_link_ttl),
            account_id=account.id,
            reference=self._flow,
        )


def shown_username(account: Account) -> str:
    """A generated user name whole, since its owner must learn it; a contact masked."""
    return (
        account.username if account.username_kind == "generated" else mask_contact(account.username)
    )
