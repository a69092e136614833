"""Who comes to the desk: customers with a number and a policy of their own each."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backend.bootstrap import Backend
from backend.core.importing import COLUMNS
from tests.talk import PASSWORD

FIRST = object()
"""Answered with the first of the choices."""

type Said = str | object

_NAMES = {
    "it": (("Giulia", "Bianchi"), ("Marco", "De Luca"), ("Elena", "Conti"), ("Paolo", "Galli")),
    "id": (("Budi", "Santoso"), ("Siti", "Rahmawati"), ("Ketut", "Arnaya"), ("Rizky", "Pratama")),
}
_BORN, _BORN_SAID = "1985-08-17", {"it": "17 agosto 1985", "id": "17 Agustus 1985"}


@dataclass(frozen=True)
class Talk:
    """What one customer wants, and how it is said."""

    name: str
    market: str
    flow: str | None
    """None: only questions are asked, the ones in `says`."""
    says: tuple[str, ...]
    answers: Callable[[Customer], Mapping[str, Said]] = field(repr=False)
    has_account: bool = False


@dataclass(frozen=True)
class Customer:
    """One of them."""

    index: int
    talk: Talk
    line: str
    """`whatsapp`, `socket` or `requests`."""

    def __str__(self) -> str:
        return f"{self.customer_number} {self.talk.name} {self.market} {self.line}"

    @property
    def market(self) -> str:
        return self.talk.market

    @property
    def number(self) -> str:
        """On file. Sends are counted by number range too, so nobody shares one."""
        prefix = "+39347" if self.market == "it" else "+62812"
        return f"{prefix}{self.index % 1000:03d}4567"

    @property
    def new_number(self) -> str:
        prefix = "+39333" if self.market == "it" else "+62813"
        return f"{prefix}{self.index % 1000:03d}4567"

    @property
    def numbers(self) -> tuple[str, str]:
        return self.number, self.new_number

    @property
    def customer_number(self) -> str:
        return f"CHAOS-{self.index:05d}"

    @property
    def policy(self) -> str:
        return f"4{self.index:08d}" if self.market == "it" else f"00{self.index:06d}"

    @property
    def name(self) -> tuple[str, str]:
        return _NAMES[self.market][self.index % 4]

    @property
    def born(self) -> str:
        return _BORN_SAID[self.market]

    @property
    def answers(self) -> Mapping[str, Said]:
        return self.talk.answers(self)

    def row(self) -> dict[str, str]:
        """As the insurer's file has them."""
        first, last = self.name
        return {
            "market": self.market,
            "customer_id": self.customer_number,
            "holder_kind": "person",
            "first_name": first,
            "last_name": last,
            "date_of_birth": _BORN,
            "place_of_birth": "Torino",
            "sex": "F",
            "mobile": self.number,
            "policy_number": self.policy,
            "policy_type": "individual",
            "product": "Chaos",
            "status": "active",
            "language": self.market,
        }


def take_in(backend: Backend, customers: list[Customer], folder: Path) -> None:
    """Import them all, and give accounts to those whose talk needs one."""
    file = folder / "customers.csv"
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(customer.row() for customer in customers)
    report = backend.customers.import_file(file)
    assert report.is_clean, report
    hashes: dict[str, str] = {}
    for customer in customers:
        if customer.talk.has_account:
            _open_account(backend, customer, hashes)


def _open_account(backend: Backend, customer: Customer, hashes: dict[str, str]) -> None:
    """As registration would; the password is the same for all, and hashed once."""
    accounts, market = backend.accounts, customer.market
    with backend.uow() as uow:
        owner = uow.customers.by_number(market, customer.customer_number)
        assert owner is not None
        held = uow.customers.policies_of(owner.id)
        account = accounts.open(uow, owner, held, customer.number, owner.language)
        if market not in hashes:
            hashes[market] = accounts.hash_password(account, PASSWORD[market])
        accounts.set_password(uow, account, hashes[market])
        uow.commit()


def username_of(backend: Backend, customer: Customer) -> str | None:
    """What their account is called; None where they have none."""
    with backend.uow(read_only=True) as uow:
        owner = uow.customers.by_number(customer.market, customer.customer_number)
        account = None if owner is None else uow.accounts.of_customer(owner.id)
    return None if account is None else str(account.username)
