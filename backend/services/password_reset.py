"""A forgotten password: user name, code, one-time page (guide gen-iclick-individual, both markets).

A known, an unknown and a locked user name get the same words at the same pace.
"""

from __future__ import annotations

from math import ceil

from backend.core.challenges import Purpose
from backend.core.customers import Account
from backend.core.drafts import AccountDraft, Stage
from backend.core.flow import Outcome
from backend.core.markets import Market
from backend.core.pages import PageKind
from backend.services.flows.account_flow import AccountFlow
from backend.services.flows.flow import FlowParts
from backend.services.flows.identity import IdentityStage, MobileAges, Owner
from backend.services.flows.password_page import PasswordPage
from backend.services.flows.work import Work
from backend.services.identities import Identities

_HOUR = 3600

type _Work = Work[AccountDraft]


class PasswordReset(AccountFlow[AccountDraft]):
    """Takes a customer from a forgotten password to a new one."""

    slug = "reset_password"
    purposes = (Purpose.RESET,)
    page_kinds = (PageKind.PASSWORD,)
    draft_type = AccountDraft

    def __init__(
        self,
        parts: FlowParts,
        identity: IdentityStage,
        *,
        identities: Identities,
        changes: MobileAges,
    ) -> None:
        super().__init__(parts, identity)
        self._identities = identities
        self._changes = changes
        self._password = PasswordPage(self.slug)

    def proved(self, work: _Work, owner: Owner) -> None:
        """Show the page, unless only a mobile that is too new was proved."""
        until = self._changes.fresh_until(work.uow, owner.customer.id, work.now)
        if until is not None and owner.contact == owner.customer.details.mobile:
            hours = ceil((until - work.now).total_seconds() / _HOUR)
            work.end(Outcome.PERSON, "mobile_too_new", hours=hours)
            return
        self._password.begin(work, owner.account)

    def go_on(self, work: _Work) -> None:
        """Wait for the page."""
        account = self._password.take(work)
        if account is not None:
            self._complete(work, account)

    def without_draft(self, work: _Work) -> None:
        """A page that was done still counts."""
        account = self._password.done_before(work)
        if account is None:
            super().without_draft(work)
        else:
            self._complete(work, account)

    def asking_next(self, draft: AccountDraft, market: Market) -> str:
        """Only the page is left."""
        del market
        assert draft.stage is Stage.PASSWORD  # noqa: S101 - the one stage after the proof
        return "password_page"

    def _complete(self, work: _Work, account: Account) -> None:
        # The new password ended every proof; this conversation has just given one.
        self._identities.prove(work.uow, work.turn.conversation_id, account)
        work.facts |= {"next_offer": "nothing"}
        work.end(Outcome.COMPLETED, "password_reset")
