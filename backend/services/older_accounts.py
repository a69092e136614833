"""Accounts that customers had before: taken in with their passwords, as hashed elsewhere.

In Italy the user name is a contact and stays. In Indonesia the desk makes a new one and tells it
to every contact on file (guide gen-iclick-individual: a new user name, the same password).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from backend.adapters.hashing import Argon2Hashing
from backend.core.audit import AuditEntry, Event
from backend.core.customers import Account, Customer
from backend.core.importing import Problem
from backend.core.markets import Markets
from backend.core.older_accounts import (
    COLUMNS,
    OlderAccountReader,
    OlderAccountRow,
    policies_to_link,
)
from backend.ports import Clock
from backend.services.accounts import Accounts
from backend.services.csv_rows import read_rows
from backend.services.customers import ImportReport
from backend.services.notices import Notices
from backend.unit_of_work import UnitOfWork, UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What is to be done with a good row: nothing, if it has neither problem nor customer."""

    problem: Problem | None = None
    customer: Customer | None = None


_DONE = _Verdict()


class OlderAccounts:
    """Takes accounts of older systems in."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts it works with
        self,
        uow: UnitOfWorkFactory,
        clock: Clock,
        markets: Markets,
        accounts: Accounts,
        notices: Notices,
        hashing: Argon2Hashing,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._markets = markets
        self._accounts = accounts
        self._notices = notices
        self._hashing = hashing

    def import_file(self, path: Path, *, dry_run: bool = False) -> ImportReport:
        """Open an account for every good row of a CSV file, each in a unit of work of its own.

        Whose account was taken in before is left as it is, also when it was closed since. Of a bad
        row nothing is written.

        Raises:
            NotFound: there is no such file.
            Invalid: it is not UTF-8, or its columns are not the expected ones.
        """
        rows, taken = 0, 0
        problems: list[Problem] = []
        for outcome in self._rows(path):
            rows += 1
            found = self._found(outcome, dry_run=dry_run)
            problems += found
            taken += not found
        return ImportReport(rows, taken, tuple(problems))

    def _found(self, outcome: OlderAccountRow | list[Problem], *, dry_run: bool) -> list[Problem]:
        """What is wrong with a row, which is taken in unless something is."""
        if isinstance(outcome, list):
            return outcome
        problem = self._check(outcome) if dry_run else self._take(outcome)
        return [problem] if problem else []

    def _rows(self, path: Path) -> Iterator[OlderAccountRow | list[Problem]]:
        reader = OlderAccountReader(self._markets, self._clock.now())
        seen = _Seen(self._markets)
        for line, row in read_rows(path, COLUMNS):
            outcome = reader.read(line, row) if isinstance(row, dict) else [row]
            if isinstance(outcome, OlderAccountRow):
                outcome = seen.contradictions(outcome) or outcome
            yield outcome

    def _check(self, row: OlderAccountRow) -> Problem | None:
        with self._uow(read_only=True) as uow:
            return self._verdict(uow, row).problem

    def _take(self, row: OlderAccountRow) -> Problem | None:
        try:
            with self._uow() as uow:
                verdict = self._verdict(uow, row)
                if verdict.customer:
                    self._open(uow, row, verdict.customer)
                    uow.commit()
                return verdict.problem
        except IntegrityError:
            # Somebody registered at this very moment: what is there now says what is wrong.
            with self._uow(read_only=True) as uow:
                verdict = self._verdict(uow, row)
            is_free = verdict.customer is not None
            return (
                _problem(row, "username", "was being taken: import again")
                if is_free
                else (verdict.problem)
            )

    def _verdict(self, uow: UnitOfWork, row: OlderAccountRow) -> _Verdict:
        known = uow.customers.by_number(row.market, row.customer_number)
        if known is None:
            return _refused(row, "customer_id", "is not on file: import the customers first")
        customer = uow.customers.get(known.id, lock=True)
        if uow.accounts.was_imported(customer.id):
            return _DONE
        own = uow.accounts.of_customer(customer.id)
        if own and not own.is_pending:
            return _refused(row, "customer_id", "has opened an account here already")
        if self._markets[row.market].username == "contact":
            holder = uow.accounts.by_username(row.market, row.username)
            if holder and not holder.is_pending:
                return _refused(row, "username", "is the user name of another customer here")
        elif not customer.contacts:
            return _refused(row, "customer_id", "has no contact to tell the new user name to")
        return _Verdict(customer=customer)

    def _open(self, uow: UnitOfWork, row: OlderAccountRow, customer: Customer) -> None:
        now = self._clock.now()
        market = self._markets[row.market]
        if pending := uow.accounts.of_customer(customer.id):
            # Whoever had just begun to register has this one instead, with its own password.
            uow.accounts.remove_pending(pending.id)
        account = self._accounts.begin(uow, customer, row.username, customer.language)
        uow.accounts.set_older_password(
            account.id, row.password_hash, self._hashing.older_format(row.password_hash)
        )
        uow.accounts.note_import(account, now, created_at=row.created_at)
        held = uow.customers.policies_of(customer.id)
        linked = policies_to_link(held, market)
        uow.accounts.link(account.id, [policy.id for policy in linked], now)
        if market.username == "generated":
            self._tell(uow, customer, account)
        entry = AuditEntry(Event.ACCOUNT_IMPORTED, actor="operator", subject=account.id)
        uow.audit.add(entry, now)

    def _tell(self, uow: UnitOfWork, customer: Customer, account: Account) -> None:
        facts = {"username": account.username, "product": self._markets[account.market].product}
        for channel, to in customer.contacts.items():
            self._notices.post(uow, channel, to, "username_changed", account.language, facts)


class _Seen:
    """What earlier rows of the same file said."""

    def __init__(self, markets: Markets) -> None:
        self._markets = markets
        self._lines: dict[tuple[str, str, str], int] = {}

    def contradictions(self, row: OlderAccountRow) -> list[Problem]:
        told = {"customer_id": row.customer_number, "username": row.username.casefold()}
        earlier = {
            column: self._lines.setdefault((row.market, column, value), row.line)
            for column, value in told.items()
        }
        return [
            Problem(row.line, column, f"stands on line {line} already")
            for column, line in earlier.items()
            if line != row.line
        ]


def _refused(row: OlderAccountRow, column: str, reason: str) -> _Verdict:
    return _Verdict(problem=_problem(row, column, reason))


def _problem(row: OlderAccountRow, column: str, reason: str) -> Problem:
    return Problem(row.line, column, reason)
