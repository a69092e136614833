"""Customers and policies from the insurer's files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

from backend.core.audit import AuditEntry, Event
from backend.core.customers import CustomerDetails
from backend.core.importing import COLUMNS, CustomerRow, Problem, RowReader
from backend.core.markets import Markets
from backend.ports import Clock
from backend.services.csv_rows import read_rows
from backend.unit_of_work import UnitOfWork, UnitOfWorkFactory

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would have done."""

    rows: int
    taken: int
    problems: tuple[Problem, ...]

    @property
    def is_clean(self) -> bool:
        """Whether every row was taken."""
        return not self.problems


class Customers:
    """Takes customers in."""

    def __init__(self, uow: UnitOfWorkFactory, clock: Clock, markets: Markets) -> None:
        self._uow = uow
        self._clock = clock
        self._markets = markets

    def import_file(self, path: Path, *, dry_run: bool = False) -> ImportReport:
        """Upsert every good row of a CSV file by market and policy number.

        The same file again changes nothing. Of a bad row nothing is written; good ones are.

        Raises:
            NotFound: there is no such file.
            Invalid: it is not UTF-8, or its columns are not the expected ones.
        """
        outcomes = list(self._rows(path))
        good = [outcome for outcome in outcomes if isinstance(outcome, CustomerRow)]
        problems = [problem for one in outcomes if isinstance(one, list) for problem in one]
        if not dry_run:
            for start in range(0, len(good), _AT_ONCE):
                self._write(good[start : start + _AT_ONCE])
        return ImportReport(len(outcomes), len(good), tuple(problems))

    def _rows(self, path: Path) -> Iterator[CustomerRow | list[Problem]]:
        reader = RowReader(self._markets, self._clock.now().date())
        seen = _Seen()
        for line, row in read_rows(path, COLUMNS):
            outcome = reader.read(line, row) if isinstance(row, dict) else [row]
            if isinstance(outcome, CustomerRow):
                outcome = seen.contradictions(outcome) or outcome
            yield outcome

    def _write(self, rows: list[CustomerRow]) -> None:
        now = self._clock.now()
        with self._uow() as uow:
            for row in rows:
                self._write_row(uow, row)
            entry = AuditEntry(Event.CUSTOMERS_IMPORTED, actor="operator", reason=str(len(rows)))
            uow.audit.add(entry, now)
            uow.commit()

    def _write_row(self, uow: UnitOfWork, row: CustomerRow) -> None:
        customer_id = uow.customers.upsert_customer(
            row.market,
            row.customer_number,
            {"holder_kind": row.holder_kind, "language": row.language},
            self._with_newer_mobile(uow, row),
            self._clock.now(),
        )
        uow.customers.upsert_policy(
            row.market,
            row.policy_number,
            customer_id,
            policy_type=row.policy_type,
            scheme=row.scheme,
            product=row.product,
            status=row.status,
        )

    @staticmethod
    def _with_newer_mobile(uow: UnitOfWork, row: CustomerRow) -> CustomerDetails:
        """What the file says, unless it still has the mobile that the desk has replaced since."""
        known = uow.customers.by_number(row.market, row.customer_number)
        if known is None or known.details.mobile == row.details.mobile:
            return row.details
        changes = uow.contact_changes.of_customer(known.id)
        latest = next((one for one in changes if one.reverted_at is None), None)
        is_behind = (
            latest is not None
            and latest.new == known.details.mobile
            and (latest.old or "") == row.details.mobile
        )
        return replace(row.details, mobile=known.details.mobile) if is_behind else row.details


class _Seen:
    """What earlier rows of the same file said."""

    def __init__(self) -> None:
        self._customers: dict[tuple[str, str], CustomerRow] = {}
        self._policies: dict[tuple[str, str], int] = {}

    def contradictions(self, row: CustomerRow) -> list[Problem]:
        earlier_line = self._policies.get((row.market, row.policy_number))
        if earlier_line is not None:
            reason = f"stands on line {earlier_line} already"
            return [Problem(row.line, "policy_number", reason)]
        first = self._customers.setdefault((row.market, row.customer_number), row)
        problems = [
            Problem(row.line, column, f"differs from line {first.line} for the same customer_id")
            for column in _differences(first, row)
        ]
        if not problems:
            self._policies[row.market, row.policy_number] = row.line
        return problems


def _differences(first: CustomerRow, row: CustomerRow) -> list[str]:
    changed = [
        column
        for column in ("holder_kind", "language")
        if getattr(first, column) != getattr(row, column)
    ]
    return changed + [
        one.name
        for one in fields(CustomerDetails)
        if getattr(first.details, one.name) != getattr(row.details, one.name)
    ]
