"""What a talk was to bring about, and how often it did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Table, func, select

from backend.adapters.tables.accounts import consents
from backend.adapters.tables.notices import notices
from backend.adapters.tables.requests import requests
from backend.bootstrap import Backend
from backend.unit_of_work import UnitOfWork
from tests.chaos.customers import Customer

ONCE = {"register": ("account", "password", "consent"), "recover_username": ("reminder",)}


def due(customer: Customer) -> tuple[str, ...]:
    """The effects that must be there exactly once in the end."""
    if customer.talk.flow == "update_mobile":
        return ("change", "new number") if customer.market == "id" else ("request",)
    return ONCE.get(str(customer.talk.flow), ())


def found(backend: Backend, customer: Customer, conversation: str | None) -> Mapping[str, int]:
    """How often each effect is there, wanted or not; an account that was there before counts 0."""
    with backend.uow(read_only=True) as uow:
        owner = uow.customers.by_number(customer.market, customer.customer_number)
        assert owner is not None
        account = uow.accounts.of_customer(owner.id)
        changes = uow.contact_changes.of_customer(owner.id)
        new = None if customer.talk.has_account else account
        return {
            "account": int(new is not None),
            "password": int(new is not None and not new.is_pending),
            "consent": 0 if new is None else _count(uow, consents, consents.c.account_id, new.id),
            "reminder": _reminders(uow, backend, customer),
            "change": len(changes),
            "new number": int(owner.details.mobile == customer.new_number),
            "request": _count(uow, requests, requests.c.conversation_id, conversation),
        }


def is_done(backend: Backend, customer: Customer, conversation: str | None) -> bool:
    """Whether the customer has what they came for."""
    there = found(backend, customer, conversation)
    return all(there[name] for name in due(customer))


def _count(uow: UnitOfWork, table: Table, column: Column[Any], value: str | None) -> int:
    query = select(func.count()).select_from(table).where(column == value)
    return int(uow.connection.execute(query).scalar_one())


def _reminders(uow: UnitOfWork, backend: Backend, customer: Customer) -> int:
    mine = {each["id"] for each in uow.notices.listing(customer.number, 500)}
    query = select(notices.c.id).where(notices.c.template == "username_reminder")
    return len(mine.intersection(uow.connection.scalars(query)))
