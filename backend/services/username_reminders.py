"""The answer to a forgotten user name: to the contacts on file, and to nobody else.

Whether somebody was found, has an account or has had enough messages for today makes no difference
to what is run: where nothing may leave, a message to nobody is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from backend.core.audit import AuditEntry, Event
from backend.core.budgets import Budget, used_up
from backend.core.customers import Account, Customer
from backend.core.errors import Fact
from backend.core.flow import Turn
from backend.core.limits import Limits
from backend.core.markets import Markets
from backend.core.sends import destination_budgets, sender_budgets, void
from backend.ports import Clock
from backend.services.notices import Notices
from backend.unit_of_work import UnitOfWork

_CHANNELS: Final = ("sms", "email")
_NOBODY: Final = 0
_NO_CONTACT: Final = "nobody@desk.invalid"


class UsernameReminders:
    """Sends user names to their owners, as part of somebody's unit of work."""

    def __init__(self, clock: Clock, markets: Markets, notices: Notices) -> None:
        self._clock = clock
        self._markets = markets
        self._notices = notices

    def send(self, uow: UnitOfWork, turn: Turn, customer: Customer | None) -> None:
        """Tell *customer* their user name, or that they may register; None is nobody on file.

        Every contact gets it, within what may be sent to it, by this conversation and client; what
        is beyond that is left out without a word.
        """
        account = uow.accounts.of_customer(customer.id if customer else _NOBODY)
        if account is not None and account.is_pending:
            account = None  # without a password it is none yet: its owner registers once more
        contacts = customer.contacts if customer else {}
        may_leave = self._take_budgets(uow, turn, contacts)
        for channel in _CHANNELS:
            self._post(uow, turn, account, channel, contacts, is_void=channel not in may_leave)
        self._audit(uow, turn, customer, account)

    def _take_budgets(
        self, uow: UnitOfWork, turn: Turn, contacts: Mapping[str, str]
    ) -> frozenset[str]:
        """Count one message per channel; the channels by which it may leave."""
        now = self._clock.now()
        limits = self._markets.limits(turn.market)
        sender = sender_budgets(limits, turn.conversation_id, turn.client)
        per_channel = {
            channel: self._budgets_of(limits, channel, contacts.get(channel), turn)
            for channel in _CHANNELS
        }
        every = [*sender, *(one for budgets in per_channel.values() for one in budgets)]
        uow.budgets.lock(every)
        # All are counted, whichever is used up first: the number of looks tells nothing.
        spent = {budget: uow.budgets.count(budget, now) for budget in every}

        def is_left(budgets: Sequence[Budget]) -> bool:
            return used_up(spent[budget] for budget in budgets) is None

        may_send = is_left(sender)
        may_leave = frozenset(
            channel
            for channel, budgets in per_channel.items()
            if channel in contacts and may_send and is_left(budgets)
        )
        taken = [*sender]
        for channel, budgets in per_channel.items():
            taken += budgets if channel in may_leave else void(budgets)
        uow.budgets.spend(taken, f"username/{turn.message_id}", now)
        return may_leave

    @staticmethod
    def _budgets_of(limits: Limits, channel: str, contact: str | None, turn: Turn) -> list[Budget]:
        if contact is not None:
            return destination_budgets(limits, channel, contact)
        return void(destination_budgets(limits, channel, f"{channel}/{turn.conversation_id}"))

    def _post(  # noqa: PLR0913 - what a message is made of
        self,
        uow: UnitOfWork,
        turn: Turn,
        account: Account | None,
        channel: str,
        contacts: Mapping[str, str],
        *,
        is_void: bool,
    ) -> None:
        facts: dict[str, Fact] = {"product": self._markets[turn.market].product}
        if account is not None:
            facts["username"] = account.username
        self._notices.post(
            uow,
            channel,
            _NO_CONTACT if is_void else contacts[channel],
            "no_account_yet" if account is None else "username_reminder",
            turn.language,
            facts,
            is_void=is_void,
        )

    def _audit(
        self, uow: UnitOfWork, turn: Turn, customer: Customer | None, account: Account | None
    ) -> None:
        if account is not None:
            subject = account.id
        else:
            subject = f"customer/{customer.id}" if customer else ""
        entry = AuditEntry(
            Event.USERNAME_ASKED,
            subject=subject,
            channel=turn.channel,
            conversation_id=turn.conversation_id,
        )
        uow.audit.add(entry, self._clock.now())
