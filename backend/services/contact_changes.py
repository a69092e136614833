"""Changes of the mobile number on file: made, told to everybody concerned, undone.

Two customers may share a number, as families do. What may not be is a number that signs another
account of the market in.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from backend.core.audit import AuditEntry, Event
from backend.core.contact_changes import Cause, ContactChange
from backend.core.customers import Customer
from backend.core.errors import Conflict
from backend.core.markets import Markets
from backend.core.masking import mask_contact, mask_mobile
from backend.core.pages import PageKind
from backend.services.notices import Notices
from backend.unit_of_work import UnitOfWork

MOBILE: Final = "mobile"


class ContactChanges:
    """Changes contacts on file, always as part of somebody's unit of work."""

    def __init__(self, markets: Markets, notices: Notices, *, public_base_url: str) -> None:
        self._markets = markets
        self._notices = notices
        self._base_url = public_base_url

    def apply_mobile(  # noqa: PLR0913 - what a change is made of
        self,
        uow: UnitOfWork,
        customer: Customer,
        new_mobile: str,
        now: datetime,
        request_id: str | None = None,
        *,
        conversation_id: str = "",
        language: str | None = None,
    ) -> ContactChange | None:
        """Put *new_mobile* (E.164) on file and tell the old contacts and the new one.

        Args:
            request_id: the request that was approved; None where codes have proved old and new.
            language: of what is sent; the customer's own where it is not given.

        Gives None, and tells nobody, where the number is on file already.

        Raises:
            Conflict: `number_in_use`: it is the user name of another account of the market.
        """
        # As it is now, and not as it was when somebody read it.
        customer = uow.customers.get(customer.id, lock=True)
        if customer.details.mobile == new_mobile:
            return None
        holder = uow.accounts.by_username(customer.market, new_mobile)
        if holder and holder.customer_id != customer.id:
            raise Conflict("number_in_use")
        uow.customers.set_mobile(customer.id, new_mobile, now)
        change = uow.contact_changes.add(
            customer_id=customer.id,
            kind=MOBILE,
            old=customer.details.mobile or None,
            new=new_mobile,
            cause=Cause.REQUEST if request_id else Cause.CODES,
            request_id=request_id,
            conversation_id=conversation_id,
            now=now,
        )
        language = language or customer.language
        self.warn(uow, customer, "mobile_changed_old", new_mobile, change.id, language, now)
        product = self._markets[customer.market].product
        self._notices.post(
            uow, "sms", new_mobile, "mobile_changed_new", language, {"product": product}
        )
        self._audit(uow, Event.MOBILE_CHANGED, change, now)
        return change

    def warn(  # noqa: PLR0913, PLR0917 - what a warning is made of
        self,
        uow: UnitOfWork,
        customer: Customer,
        template: str,
        new_mobile: str,
        reference: str,
        language: str,
        now: datetime,
        is_void: bool = False,
    ) -> None:
        """Send every contact of *customer* a link that stops or undoes what *reference* names.

        Each gets a link of its own: it works once, and the ones that are left find it done.
        Where *is_void*, nothing is sent: there is nobody, and it only has to take as long.
        """
        life = timedelta(seconds=self._markets.limits(customer.market).veto_ttl)
        product = self._markets[customer.market].product
        for channel, to in customer.contacts.items():
            page = uow.pages.add(
                kind=PageKind.VETO,
                conversation_id="",
                market=customer.market,
                language=language,
                now=now,
                expires_at=now + life,
                reference=reference,
            )
            facts: dict[str, str | int] = {
                "mobile": mask_mobile(new_mobile),
                "url": f"{self._base_url}/t/{uow.pages.mint(page.id)}",
                "hours": life // timedelta(hours=1),
                "product": product,
            }
            self._notices.post(uow, channel, to, template, language, facts, is_void=is_void)

    def revert(self, uow: UnitOfWork, change: ContactChange, now: datetime) -> bool:
        """Undo *change*, and with it every later one; False where it was undone already.

        Whoever made the later ones could do so by the number of this one. A number that the
        insurer's own file has brought since stays.
        """
        customer = uow.customers.get(change.customer_id, lock=True)
        standing = uow.contact_changes.standing_since(change)
        if not uow.contact_changes.mark_reverted(change.id, now):
            return False
        for later in standing[1:]:
            uow.contact_changes.mark_reverted(later.id, now)
        if customer.details.mobile in {each.new for each in standing}:
            uow.customers.set_mobile(customer.id, change.old or "", now)
        self._audit(uow, Event.MOBILE_REVERTED, change, now)
        return True

    def fresh_until(self, uow: UnitOfWork, customer_id: int, now: datetime) -> datetime | None:
        """Until when the mobile on file is too new to be trusted alone; None where it is not."""
        standing = [
            change.changed_at
            for change in uow.contact_changes.of_customer(customer_id)
            if change.kind == MOBILE and change.reverted_at is None
        ]
        if not standing:
            return None
        market = uow.customers.get(customer_id).market
        until = max(standing) + timedelta(seconds=self._markets.limits(market).mobile_cooldown)
        return until if now < until else None

    def mobile_is_fresh(self, uow: UnitOfWork, customer_id: int, now: datetime) -> bool:
        """Whether the mobile on file was changed so lately that it proves too little alone."""
        return self.fresh_until(uow, customer_id, now) is not None

    @staticmethod
    def _audit(uow: UnitOfWork, event: Event, change: ContactChange, now: datetime) -> None:
        uow.audit.add(
            AuditEntry(
                event,
                subject=f"customer/{change.customer_id}",
                purpose=MOBILE,
                channel="sms",
                factor=change.cause,
                destination=mask_contact(change.new),
                conversation_id=change.conversation_id,
            ),
            now,
        )
