"""Accounts: opened with a proven contact, completed with a password."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from backend.adapters.hashing import Argon2Hashing
from backend.core.audit import AuditEntry, Event
from backend.core.challenges import State
from backend.core.customers import Account, Customer, Policy
from backend.core.errors import Conflict, PasswordRefused
from backend.core.markets import Markets
from backend.core.passwords import prepare, refusals
from backend.ports import Clock
from backend.services.notices import Notices
from backend.unit_of_work import UnitOfWork

_CONSONANTS: Final = "bdfgkmnprst"
_VOWELS: Final = "aeiu"
_DIGITS: Final = "23456789"
_SYLLABLES, _NUMBERS, _TAIL = 2, 4, 2


class Accounts:
    """Opens accounts and sets their passwords, always as part of somebody's unit of work."""

    def __init__(
        self, clock: Clock, markets: Markets, notices: Notices, hashing: Argon2Hashing
    ) -> None:
        self._clock = clock
        self._markets = markets
        self._notices = notices
        self._hashing = hashing

    def is_taken(
        self, uow: UnitOfWork, customer: Customer, policies: Sequence[Policy], contact: str
    ) -> bool:
        """Whether the customer has an account with a password, or somebody else *contact*.

        Also where the customer has it under another number: all of *policies* are linked there.
        """
        own = uow.accounts.of_customer(customer.id)
        seen = uow.accounts.seen_by_others([policy.id for policy in policies], customer.id)
        if (own and not own.is_pending) or (policies and len(seen) == len(policies)):
            return True
        if self._markets[customer.market].username != "contact":
            return False
        holder = uow.accounts.by_username(customer.market, contact)
        return holder is not None and not holder.is_pending

    def open(
        self,
        uow: UnitOfWork,
        customer: Customer,
        policies: Sequence[Policy],
        contact: str,
        language: str,
    ) -> Account:
        """The customer's pending account, with these policies; the contacts on file are told.

        Raises:
            Conflict: the customer got a password, or somebody else the user name, meanwhile.
        """
        now = self._clock.now()
        uow.customers.get(customer.id, lock=True)
        # Two customers may have one mailbox on file: the name is somebody's when it is looked at.
        uow.accounts.lock_username(customer.market, contact)
        if self.is_taken(uow, customer, policies, contact):
            raise Conflict("account_exists")
        account = self.begin(uow, customer, contact, language)
        uow.accounts.link(account.id, [policy.id for policy in policies], now)
        for channel, to in customer.contacts.items():
            self._notices.post(
                uow, channel, to, "account_created", language,
                {"username": account.username, "product": self._markets[customer.market].product},
            )  # fmt: skip
        uow.audit.add(AuditEntry(Event.ACCOUNT_CREATED, subject=account.id, factor="code"), now)
        return account

    def hash_password(self, account: Account, password: str) -> str:
        """Check a new password and hash it; slow, so outside of any unit of work.

        Raises:
            PasswordRefused: it breaks the market's rules, with every reason.
        """
        rules = self._markets[account.market].password
        if reasons := refusals(password, rules, account.username):
            raise PasswordRefused(tuple(reasons))
        return self._hashing.hash(prepare(password))

    def set_password(self, uow: UnitOfWork, account: Account, password_hash: str) -> None:
        """Keep a new password: sessions and links of before end, every contact is told."""
        now = self._clock.now()
        uow.accounts.set_password(account.id, password_hash, now)
        uow.sessions.remove_all_of(account.id)
        uow.sessions.clear_throttle(uow.accounts.username_index(account.username))
        uow.identities.remove_of(account.id)
        uow.pages.call_off(account_id=account.id)
        uow.challenges.close_of_subject(account_subject(account), State.ABORTED, now)
        customer = uow.customers.get(account.customer_id)
        product = self._markets[account.market].product
        for channel, to in customer.contacts.items():
            self._notices.post(
                uow, channel, to, "password_set", account.language, {"product": product}
            )
        uow.audit.add(AuditEntry(Event.PASSWORD_SET, subject=account.id, factor="page"), now)

    def has_password(
        self, account: Account | None, password: str, older: Sequence[str] = ()
    ) -> bool:
        """Whether *password* opens *account*; as slow where there is none.

        *older* are the formats of older systems still in use (`uow.accounts.older_formats`).
        """
        stored = account.password_hash if account else None
        return self._hashing.matches(stored, prepare(password), older)

    def rehash_if_outdated(self, uow: UnitOfWork, account: Account, password: str) -> None:
        """Hash a password that was just right anew where the cost has changed since."""
        before = account.password_hash
        if before and self._hashing.is_outdated(before):
            after = self._hashing.hash(prepare(password))
            uow.accounts.upgrade_password(account.id, before, after)

    def begin(self, uow: UnitOfWork, customer: Customer, contact: str, language: str) -> Account:
        """The customer's account without a password, made if there is none.

        *contact* becomes the user name where the market takes contacts; a pending account of
        somebody else that has it goes.
        """
        kind = self._markets[customer.market].username
        own = uow.accounts.of_customer(customer.id)
        if own and kind == "generated":
            return own
        username = contact if kind == "contact" else self._free_username(uow, customer.market)
        holder = uow.accounts.by_username(customer.market, username)
        if holder and own and holder.id == own.id:
            return own
        if holder:
            # Never completed: whoever has proved the contact now comes first.
            uow.accounts.remove_pending(holder.id)
        if own:
            uow.accounts.remove_pending(own.id)
        return uow.accounts.add(
            market=customer.market,
            customer_id=customer.id,
            username=username,
            kind=kind,
            language=language,
            now=self._clock.now(),
        )

    def _free_username(self, uow: UnitOfWork, market: str) -> str:
        while True:
            username = _new_username()
            if uow.accounts.by_username(market, username) is None:
                return username


def account_subject(account: Account) -> str:
    """Whom the wrong codes for an account are counted against."""
    return f"account/{account.id}"


def _new_username() -> str:
    """Easy to read aloud, of about 40 random bits, from nothing that is known of the customer."""
    syllables = "".join(
        secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(_SYLLABLES)
    )
    numbers = "".join(secrets.choice(_DIGITS) for _ in range(_NUMBERS))
    return syllables + numbers + "".join(secrets.choice(_CONSONANTS) for _ in range(_TAIL))
