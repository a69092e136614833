"""A proven customer sets a password on a one-time page, and the flow waits for it."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import Any

from backend.core.customers import Account
from backend.core.drafts import Stage
from backend.core.flow import Command, Outcome, PageRef
from backend.core.masking import mask_contact
from backend.core.pages import Page, PageKind
from backend.services.flows.work import Work

_WANTS_LINK = frozenset(
    {Command.RESEND, Command.PAGE_RENEWAL, Command.NOT_AVAILABLE, Command.OTHER_CHANNEL}
)


class PasswordPage:
    """Shows the page, reminds of it, makes it anew when it ran out."""

    def __init__(self, flow: str) -> None:
        """*flow* is the slug of the flow whose page it is."""
        self._flow = flow

    def begin(self, work: Work[Any], account: Account) -> None:
        """Show the page; the stage begins."""
        work.draft.stage = Stage.PASSWORD
        work.draft.account_id = account.id
        self._show_new_page(work, account)

    def take(self, work: Work[Any]) -> Account | None:
        """One message while the page waits; the account once its page is done."""
        account = work.uow.accounts.get(work.draft.account_id or "")
        if account is None:
            work.end(Outcome.EXPIRED, "flow_expired")
            return None
        page = work.uow.pages.get(work.draft.page_id or "")
        if page is not None and page.used_at is not None:
            return account
        self._remind(work, account, page)
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

    def _remind(self, work: Work[Any], account: Account, page: Page | None) -> None:
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

    def _show_new_page(self, work: Work[Any], account: Account) -> None:
        work.uow.pages.call_off(account_id=account.id, kinds=(PageKind.PASSWORD,))
        page = work.uow.pages.add(
            kind=PageKind.PASSWORD,
            conversation_id=work.turn.conversation_id,
            market=account.market,
            language=work.turn.language,
            now=work.now,
            expires_at=work.now + timedelta(seconds=work.limits.password_link_ttl),
            account_id=account.id,
            reference=self._flow,
        )
        work.draft.page_id = page.id
        self._show(work, page)

    @staticmethod
    def _show(work: Work[Any], page: Page) -> None:
        show_page(work, page, "password_link")


def show_page(work: Work[Any], page: Page, remark: str) -> None:
    """Let *remark* carry the page's link."""
    minutes = max(1, ceil((page.expires_at - work.now).total_seconds() / 60))
    work.page = PageRef(page.id, page.kind, minutes)
    work.tell(remark, minutes=minutes)


def shown_username(account: Account) -> str:
    """A generated user name whole, since its owner must learn it; a contact masked."""
    return (
        account.username if account.username_kind == "generated" else mask_contact(account.username)
    )
