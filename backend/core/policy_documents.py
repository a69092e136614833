"""Documents of policies, and what a row of their file must be like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from backend.core.errors import NotFound
from backend.core.importing import Problem
from backend.core.markets import Markets

COLUMNS: Final = ("policy_number", "market", "title", "kind", "issued_on", "file")
KINDS: Final = ("policy", "certificate", "receipt")
_LONGEST_TITLE: Final = 120


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A document of a policy, without its content."""

    id: str
    market: str
    policy_id: int
    title: str
    kind: str
    issued_on: date
    file_id: str


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One good row."""

    line: int
    market: str
    policy_number: str
    title: str
    kind: str
    issued_on: date
    file: str
    """Where the PDF lies, from the folder of the file that names it."""

    @property
    def key(self) -> tuple[str, str, str, date]:
        """What makes it the same document when it comes again."""
        return self.market, self.policy_number, self.title, self.issued_on


class RowReader:
    """Checks rows one by one; the file itself is looked at where it lies."""

    def __init__(self, markets: Markets, today: date) -> None:
        self._markets = markets
        self._today = today
        self._seen: dict[tuple[str, str, str, date], int] = {}

    def read(self, line: int, row: Mapping[str, str]) -> DocumentRow | list[Problem]:
        """The row, or everything that is wrong with it."""
        problems = [Problem(line, *found) for found in self._problems(row)]
        issued_on = self._day(row["issued_on"])
        if problems or issued_on is None:
            return problems
        read = DocumentRow(
            line,
            row["market"],
            row["policy_number"],
            row["title"],
            row["kind"],
            issued_on,
            row["file"],
        )
        earlier = self._seen.setdefault(read.key, line)
        if earlier != line:
            return [Problem(line, "title", f"stands on line {earlier} already")]
        return read

    def _problems(self, row: Mapping[str, str]) -> list[tuple[str, str]]:
        found = [
            (column, "is missing")
            for column in ("policy_number", "title", "file")
            if not row[column]
        ]
        try:
            self._markets[row["market"]]
        except NotFound:
            found.append(("market", f"must be one of {', '.join(self._markets.names())}"))
        if len(row["title"]) > _LONGEST_TITLE:
            found.append(("title", f"is longer than {_LONGEST_TITLE} characters"))
        if not row["title"].isprintable():
            found.append(("title", "holds characters that cannot be shown"))
        if row["kind"] not in KINDS:
            found.append(("kind", f"must be one of {', '.join(KINDS)}"))
        if self._day(row["issued_on"]) is None:
            found.append(("issued_on", "must be a day that is not to come, YYYY-MM-DD"))
        return found

    def _day(self, text: str) -> date | None:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return None
        return day if day <= self._today else None
