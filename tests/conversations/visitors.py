"""Customers who have an account already; the talk that opens one is tested elsewhere."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from backend.bootstrap import Backend
from backend.core.importing import COLUMNS
from tests.conversations.cases import CONTACTS, Case, first_button
from tests.talk import PASSWORD, Talk
from tests.walk import Answer, Walk

NUMBERS = {
    "giulia": "IT-0001",
    "marco": "IT-0002",
    "sara": "IT-0007",
    "davide": "IT-0008",
    "brambilla": "IT-0009",
    "john": "IT-0012",
    "budi": "ID-0001",
    "sulastri": "ID-0003",
    "agus": "ID-0004",
    "ketut": "ID-0006",
    "margaret": "ID-0008",
}


class Visitors:
    """Gives demo customers accounts and lets them in."""

    def __init__(self, backend: Backend, base: str) -> None:
        self._backend = backend
        self._base = base

    def has_account(self, case: Case, policies: tuple[str, ...] = ()) -> str:
        """Open the account that registration would open, with all it would hold or with
        *policies*; its user name."""
        accounts, market = self._backend.accounts, case.market
        with self._backend.uow() as uow:
            owner = uow.customers.by_number(market, NUMBERS[case.who])
            assert owner is not None
            numbers = policies or case.person.policies
            held = [one for one in uow.customers.policies_of(owner.id) if one.number in numbers]
            contact = owner.details.email or owner.details.mobile
            account = accounts.open(uow, owner, held, contact, owner.language)
            accounts.set_password(uow, account, accounts.hash_password(account, PASSWORD[market]))
            uow.commit()
        return str(account.username)

    def comes(self, case: Case, policies: tuple[str, ...] = ()) -> Walk:
        """The customer of *case*, with an account, about to say something."""
        return self.walks(case, {"username": self.has_account(case, policies)})

    def begins(self, case: Case, until: str | None = None) -> Walk:
        """The same, on the way: answers are given until that question is open."""
        walk = self.comes(case)
        walk.begins(case.opening, case.flow)
        if until is not None:
            walk.until(until)
        return walk

    def walks(
        self,
        case: Case,
        answers: Mapping[str, Answer] | None = None,
        talk: Talk | None = None,
    ) -> Walk:
        """The customer of *case* in a new conversation, or in *talk*."""
        talk = talk or Talk(self._base, case.market, case.language)
        contacts = (*CONTACTS[case.who], *case.extra_contacts)
        known: dict[str, Answer] = {"contact_choice": first_button, **(answers or {})}
        return Walk(talk, {**known, **case.answers}, contacts)

    def takes_in(self, folder: Path, **row: str) -> None:
        """Import one more line of the insurer's file."""
        file = folder / "of_the_day.csv"
        with file.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, COLUMNS, restval="")
            writer.writeheader()
            writer.writerow(row)
        report = self._backend.customers.import_file(file)
        assert report.is_clean, report
