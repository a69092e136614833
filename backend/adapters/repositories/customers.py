"""Customers and policies, found by blind indexes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from backend.adapters.crypto import Vault
from backend.adapters.tables.accounts import account_policies, customers, policies
from backend.core.customers import Customer, CustomerDetails, Policy

_DETAILS = "customers.details"
_INDEXED = ("email", "mobile", "tax_code", "vat_number")
_NOBODY = 0


class CustomerRows:
    """Customers and their policies in one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def get(self, customer_id: int, *, lock: bool = False) -> Customer:
        """The customer; *lock* keeps others from opening an account for them meanwhile."""
        query = select(customers).where(customers.c.id == customer_id)
        row = self._connection.execute(
            query.with_for_update(key_share=True) if lock else query
        ).one()
        return self._customer(row)

    def find(self, customer_id: int) -> Customer | None:
        """The customer, if there is one of that id."""
        query = select(customers).where(customers.c.id == customer_id)
        row = self._connection.execute(query).one_or_none()
        return self._customer(row) if row else None

    def by_number(self, market: str, number: str) -> Customer | None:
        """The customer with that number."""
        query = select(customers).where(
            customers.c.market == market, customers.c.customer_number == number
        )
        row = self._connection.execute(query).one_or_none()
        return self._customer(row) if row else None

    def with_datum(self, market: str, kind: str, value: str) -> list[Customer]:
        """All customers whose e-mail, mobile, tax_code or vat_number (*kind*) is *value*."""
        query = (
            select(customers)
            .where(
                customers.c.market == market,
                customers.c[f"{kind}_index"] == self._vault.index(kind, value),
            )
            .order_by(customers.c.id)
        )
        return [self._customer(row) for row in self._connection.execute(query)]

    def with_policy(self, market: str, number: str) -> tuple[Customer, Policy] | None:
        """The policy with that number and who holds it."""
        return self._held((policies.c.market == market) & (policies.c.policy_number == number))

    def held(self, policy_id: int) -> tuple[Customer, Policy] | None:
        """The policy of that id and who holds it."""
        return self._held(policies.c.id == policy_id)

    def policies_of(self, customer_id: int) -> list[Policy]:
        """Everything the customer holds, also what lapsed."""
        query = (
            select(policies)
            .where(policies.c.customer_id == customer_id)
            .order_by(policies.c.policy_number)
        )
        return [_policy(row) for row in self._connection.execute(query)]

    def policies_by_holder(self, customer_ids: Collection[int]) -> dict[int, list[Policy]]:
        """Everything that each of these customers holds, by one look whoever they are."""
        query = (
            select(policies)
            .where(policies.c.customer_id.in_(customer_ids))
            .order_by(policies.c.policy_number)
        )
        held: dict[int, list[Policy]] = {customer_id: [] for customer_id in customer_ids}
        for row in self._connection.execute(query):
            held[row.customer_id].append(_policy(row))
        return held

    def policies_in_account(self, account_id: str) -> list[Policy]:
        """What the account may see, in the order in which it was linked."""
        query = (
            select(policies)
            .join(account_policies, account_policies.c.policy_id == policies.c.id)
            .where(account_policies.c.account_id == account_id)
            .order_by(account_policies.c.linked_at, policies.c.policy_number)
        )
        return [_policy(row) for row in self._connection.execute(query)]

    def upsert_customer(
        self,
        market: str,
        number: str,
        values: dict[str, str],
        details: CustomerDetails,
        now: datetime,
    ) -> int:
        """Write the customer as given; the same again changes nothing."""
        known = self.by_number(market, number)
        columns: dict[str, Any] = dict(values)
        for kind in _INDEXED:
            value = getattr(details, kind)
            columns[f"{kind}_index"] = self._vault.index(kind, value) if value else None
        columns["details"] = self._vault.seal_json(asdict(details), _DETAILS)
        columns["updated_at"] = now
        if known is None:
            statement = customers.insert().values(market=market, customer_number=number, **columns)
            new = self._connection.execute(statement.returning(customers.c.id))
            return int(new.scalar_one())
        same_values = {"holder_kind": known.holder_kind, "language": known.language} == values
        if not (same_values and known.details == details):
            self._connection.execute(
                update(customers).where(customers.c.id == known.id).values(**columns)
            )
        return known.id

    def set_mobile(self, customer_id: int, mobile: str, now: datetime) -> None:
        """Put another mobile number on file (E.164; empty for none); the rest stays as it is."""
        known = self.get(customer_id)
        details = replace(known.details, mobile=mobile)
        self._connection.execute(
            update(customers)
            .where(customers.c.id == customer_id)
            .values(
                details=self._vault.seal_json(asdict(details), _DETAILS),
                mobile_index=self._vault.index("mobile", mobile) if mobile else None,
                updated_at=now,
            )
        )

    def upsert_policy(self, market: str, number: str, customer_id: int, **columns: str) -> None:
        """Write the policy as given."""
        key = (policies.c.market == market) & (policies.c.policy_number == number)
        changed = self._connection.execute(
            update(policies).where(key).values(customer_id=customer_id, **columns)
        )
        if changed.rowcount == 0:
            self._connection.execute(
                policies.insert().values(
                    market=market, policy_number=number, customer_id=customer_id, **columns
                )
            )

    def _held(self, condition: Any) -> tuple[Customer, Policy] | None:
        policy = self._connection.execute(select(policies).where(condition)).one_or_none()
        # Looked for in any case: one look less would tell that there is no such policy.
        of_holder = customers.c.id == (policy.customer_id if policy else _NOBODY)
        holder = self._connection.execute(select(customers).where(of_holder)).one_or_none()
        return (self._customer(holder), _policy(policy)) if policy and holder else None

    def _customer(self, row: Row[Any]) -> Customer:
        return Customer(
            id=row.id,
            market=row.market,
            number=row.customer_number,
            holder_kind=row.holder_kind,
            language=row.language,
            details=CustomerDetails(**self._vault.unseal_json(row.details, _DETAILS)),
        )


def _policy(row: Row[Any]) -> Policy:
    return Policy(
        id=row.id,
        number=row.policy_number,
        type=row.policy_type,
        scheme=row.scheme,
        product=row.product,
        status=row.status,
    )
