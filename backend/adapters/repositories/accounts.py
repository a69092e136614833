"""Accounts, their policies and consents."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from backend.adapters.crypto import Vault, new_id
from backend.adapters.repositories.dialects import insert_once, lock_name
from backend.adapters.tables.accounts import account_policies, accounts, consents, older_accounts
from backend.core.customers import Account

_USERNAME = "accounts.username"


class AccountRows:
    """Accounts in one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def username_index(self, username: str) -> str:
        """How a user name is looked up: without regard to case."""
        return self._vault.index("username", username.casefold())

    def lock_username(self, market: str, username: str) -> None:
        """Keep others from taking that user name until this transaction ends."""
        lock_name(self._connection, f"username/{market}/{self.username_index(username)}")

    def get(self, account_id: str) -> Account | None:
        """The account with that id."""
        return self._one(accounts.c.id == account_id)

    def of_customer(self, customer_id: int) -> Account | None:
        """The customer's account, also a pending one."""
        return self._one(accounts.c.customer_id == customer_id)

    def by_username(self, market: str, username: str) -> Account | None:
        """Whose user name that is in *market*."""
        index = self.username_index(username)
        return self._one((accounts.c.market == market) & (accounts.c.username_index == index))

    def with_username(self, username: str) -> list[Account]:
        """Whose user name that is, in any market."""
        query = select(accounts).where(accounts.c.username_index == self.username_index(username))
        return [self._account(row) for row in self._connection.execute(query)]

    def add(  # noqa: PLR0913 - the columns of a row
        self,
        *,
        market: str,
        customer_id: int,
        username: str,
        kind: str,
        language: str,
        now: datetime,
    ) -> Account:
        """A new pending account."""
        account_id = new_id("a")
        self._connection.execute(
            accounts.insert().values(
                id=account_id,
                market=market,
                customer_id=customer_id,
                username_index=self.username_index(username),
                username=self._vault.seal(username, _USERNAME),
                username_kind=kind,
                language=language,
                created_at=now,
            )
        )
        return Account(account_id, market, customer_id, language, kind, username, None)

    def remove_pending(self, account_id: str) -> None:
        """Forget an account that has no password yet."""
        self._connection.execute(
            delete(accounts).where(accounts.c.id == account_id, accounts.c.password_hash.is_(None))
        )

    def remove(self, account_id: str) -> None:
        """Forget an account with its sessions, pages, proofs of identity and links to policies."""
        self._connection.execute(delete(accounts).where(accounts.c.id == account_id))

    def moments(self, account_id: str) -> tuple[datetime, datetime | None]:
        """When the account was opened, and when its password was set here."""
        query = select(accounts.c.created_at, accounts.c.password_set_at)
        row = self._connection.execute(query.where(accounts.c.id == account_id)).one()
        return row.created_at, row.password_set_at

    def set_password(self, account_id: str, password_hash: str, now: datetime) -> None:
        """Keep the hash of a new password."""
        self._connection.execute(
            update(accounts)
            .where(accounts.c.id == account_id)
            .values(password_hash=password_hash, older_format=None, password_set_at=now)
        )

    def set_older_password(self, account_id: str, password_hash: str, older: str | None) -> None:
        """Keep a hash from elsewhere; *older* is its format, None where it is just like ours."""
        self._connection.execute(
            update(accounts)
            .where(accounts.c.id == account_id)
            .values(password_hash=password_hash, older_format=older)
        )

    def note_import(self, account: Account, now: datetime, created_at: datetime) -> None:
        """Remember that the customer's older account was taken in; it began at *created_at*."""
        self._connection.execute(
            update(accounts).where(accounts.c.id == account.id).values(created_at=created_at)
        )
        self._connection.execute(
            older_accounts.insert().values(customer_id=account.customer_id, imported_at=now)
        )

    def was_imported(self, customer_id: int) -> bool:
        """Whether an older account of the customer was taken in, open or closed since."""
        query = select(older_accounts.c.imported_at).where(
            older_accounts.c.customer_id == customer_id
        )
        return self._connection.execute(query).first() is not None

    def upgrade_password(self, account_id: str, before: str, after: str) -> bool:
        """Another hash of the same password; False where another password was set meanwhile."""
        changed = self._connection.execute(
            update(accounts)
            .where(accounts.c.id == account_id, accounts.c.password_hash == before)
            .values(password_hash=after, older_format=None)
        )
        return changed.rowcount == 1

    def older_formats(self) -> tuple[str, ...]:
        """The formats of hashes from older systems that accounts still have, in order."""
        found: list[str] = []
        # Each step is one look into the index: DISTINCT would walk through all accounts.
        query = select(func.min(accounts.c.older_format))
        last = self._connection.execute(query).scalar()
        while last is not None:
            found.append(last)
            following = query.where(accounts.c.older_format > last)
            last = self._connection.execute(following).scalar()
        return tuple(found)

    def link(self, account_id: str, policy_ids: Collection[int], now: datetime) -> list[int]:
        """Let the account see these policies; gives those that no account saw before.

        A policy is seen by one account only. One that was never completed gives way.
        """
        holders = select(account_policies.c.account_id).where(
            account_policies.c.policy_id.in_(policy_ids)
        )
        self._connection.execute(
            delete(accounts).where(
                accounts.c.id != account_id,
                accounts.c.password_hash.is_(None),
                accounts.c.id.in_(holders),
            )
        )
        return [
            policy_id
            for policy_id in policy_ids
            if insert_once(
                self._connection,
                account_policies,
                {"account_id": account_id, "policy_id": policy_id, "linked_at": now},
            )
        ]

    def seen_by_others(self, policy_ids: Collection[int], customer_id: int) -> set[int]:
        """Which of these policies an account with a password sees that is not the customer's."""
        query = (
            select(account_policies.c.policy_id)
            .join(accounts, accounts.c.id == account_policies.c.account_id)
            .where(
                account_policies.c.policy_id.in_(policy_ids),
                accounts.c.customer_id != customer_id,
                accounts.c.password_hash.is_not(None),
            )
        )
        return set(self._connection.scalars(query))

    def add_consent(self, **columns: Any) -> int:
        """Keep that a consent was given, by somebody who is not known yet."""
        written = self._connection.execute(
            consents.insert().values(**columns).returning(consents.c.id)
        )
        return int(written.scalar_one())

    def own_consent(self, consent_id: int, account_id: str) -> None:
        """Say whose a consent turned out to be."""
        self._connection.execute(
            update(consents).where(consents.c.id == consent_id).values(account_id=account_id)
        )

    def withdraw_consent(self, consent_id: int, account_id: str, now: datetime) -> bool:
        """Mark a consent of the account as withdrawn; False where it is already, or another's."""
        changed = self._connection.execute(
            update(consents)
            .where(
                consents.c.id == consent_id,
                consents.c.account_id == account_id,
                consents.c.withdrawn_at.is_(None),
            )
            .values(withdrawn_at=now)
        )
        return changed.rowcount == 1

    def consents_of(self, account_id: str) -> list[Row[Any]]:
        """Every consent of the account, oldest first."""
        query = select(consents).where(consents.c.account_id == account_id).order_by(consents.c.id)
        return list(self._connection.execute(query))

    def _one(self, condition: Any) -> Account | None:
        row = self._connection.execute(select(accounts).where(condition)).one_or_none()
        return self._account(row) if row else None

    def _account(self, row: Row[Any]) -> Account:
        return Account(
            id=row.id,
            market=row.market,
            customer_id=row.customer_id,
            language=row.language,
            username_kind=row.username_kind,
            username=self._vault.unseal(row.username, _USERNAME),
            password_hash=row.password_hash,
        )
