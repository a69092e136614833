"""One-time pages behind `/t/<token>`.

Looking never consumes. The token leaves the backend once, when the link is made; what is kept is
its keyed hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.core.audit import AuditEntry, Event
from backend.core.challenges import BY_LINK, State
from backend.core.errors import (
    LinkExpired,
    LinkUnknown,
    LinkUsed,
    NotFound,
    PasswordRefused,
)
from backend.core.markets import Markets, PasswordRules
from backend.core.masking import mask_contact
from backend.core.pages import Page, PageKind
from backend.ports import Clock
from backend.services.accounts import Accounts
from backend.services.opening import OpenedPage, open_page, use_page
from backend.unit_of_work import UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class PageView:
    """What a page shows."""

    kind: str
    market: str
    language: str
    expires_at: datetime
    username_mask: str | None
    """A generated user name whole: its owner must learn it; a contact masked."""
    password_rules: PasswordRules | None


@dataclass(frozen=True, slots=True)
class PageResult:
    """Where the conversation goes on once a page has done its work."""

    conversation_id: str
    market: str
    language: str


class Pages:
    """Makes links and does what their pages are for."""

    def __init__(
        self,
        uow: UnitOfWorkFactory,
        clock: Clock,
        markets: Markets,
        accounts: Accounts,
        *,
        public_base_url: str,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._markets = markets
        self._accounts = accounts
        self._base_url = public_base_url

    def mint(self, page_id: str) -> str:
        """The link of a page, made anew: any link made before is worth nothing now.

        Raises:
            NotFound: there is no such page, or it has done its work.
        """
        with self._uow() as uow:
            token = uow.pages.mint(page_id)
            if token is None:
                raise NotFound("page_unknown")
            uow.commit()
        return f"{self._base_url}/t/{token}"

    def view(self, token: str) -> PageView:
        """What the page of *token* shows; changes nothing.

        Raises:
            LinkUnknown: no page has this token.
            LinkExpired: its time is over, or a newer code took its place.
            LinkUsed: it has done its work, or the code of the same message has.
        """
        with self._uow(read_only=True) as uow:
            opened = open_page(uow, token, self._clock.now())
            account = uow.accounts.get(opened.page.account_id) if opened.page.account_id else None
        page = opened.page
        shown = None
        if account:
            is_contact = account.username_kind == "contact"
            shown = mask_contact(account.username) if is_contact else account.username
        elif opened.challenge:
            shown = mask_contact(opened.challenge.destination)
        return PageView(
            kind=page.kind,
            market=page.market,
            language=page.language,
            expires_at=page.expires_at,
            username_mask=shown,
            password_rules=self._markets[page.market].password
            if page.kind == PageKind.PASSWORD
            else None,
        )

    def set_password(self, token: str, password: str) -> PageResult:
        """Set the password of the page's account, once.

        Raises:
            PasswordRefused: with every reason; the page stays open.
            LinkUnknown, LinkExpired, LinkUsed: as `view`.
        """
        with self._uow(read_only=True) as uow:
            opened = open_page(uow, token, self._clock.now())
            account = uow.accounts.get(opened.page.account_id) if opened.page.account_id else None
        if account is None:
            raise LinkUnknown
        try:
            password_hash = self._accounts.hash_password(account, password)
        except PasswordRefused as refused:
            self._audit_refusal(opened, account.id, refused)
            raise
        with self._uow() as uow:
            opened = use_page(uow, token, self._clock.now())
            self._accounts.set_password(uow, account, password_hash)
            uow.commit()
        return _result(opened.page)

    def confirm(self, token: str) -> PageResult:
        """Consume the challenge that came with the link, as if its code had been typed.

        Raises:
            LinkUnknown, LinkExpired, LinkUsed: as `view`.
        """
        now = self._clock.now()
        with self._uow() as uow:
            opened = open_page(uow, token, now)
            challenge = opened.challenge
            if challenge is None:
                raise LinkUnknown
            if not uow.pages.use(opened.page.id, now) or not uow.challenges.close(
                challenge.id, State.VERIFIED, now, BY_LINK
            ):
                raise LinkUsed(**opened.facts)
            uow.challenges.grant(
                challenge, now + self._markets.limits(opened.page.market).grant_life
            )
            uow.audit.add(
                AuditEntry(
                    Event.LINK_CONFIRMED,
                    subject=challenge.id,
                    purpose=challenge.purpose,
                    channel=challenge.channel,
                    factor="link",
                    destination=mask_contact(challenge.destination),
                    conversation_id=challenge.conversation_id,
                ),
                now,
            )
            uow.commit()
        return _result(opened.page)

    def renew(self, token: str) -> PageResult:
        """For a link that expired: which conversation should offer a new one.

        Raises:
            LinkUnknown: no page has this token.
            LinkUsed: there is nothing to renew: the page has done its work, is still open, or
                came with a notice, outside of any conversation.
        """
        with self._uow(read_only=True) as uow:
            try:
                opened = open_page(uow, token, self._clock.now())
            except LinkExpired:
                page = uow.pages.by_token(token)
                if page is None:
                    raise LinkUnknown from None
                if not page.conversation_id:
                    raise LinkUsed(**OpenedPage(page).facts) from None
                return _result(page)
        raise LinkUsed(**opened.facts)

    def _audit_refusal(self, opened: OpenedPage, account_id: str, refused: PasswordRefused) -> None:
        entry = AuditEntry(
            Event.PASSWORD_REJECTED,
            subject=account_id,
            conversation_id=opened.page.conversation_id,
            reason=",".join(refused.reasons)[:64],
        )
        with self._uow() as uow:
            uow.audit.add(entry, self._clock.now())
            uow.commit()


def _result(page: Page) -> PageResult:
    return PageResult(page.conversation_id, page.market, page.language)
