"""What a row of the file of older accounts must be like, and what such an account may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from backend.core.customers import Policy
from backend.core.errors import Invalid, NotFound
from backend.core.fields import FieldContext
from backend.core.fields.contacts import parse_contact
from backend.core.importing import Problem
from backend.core.linking import Linkable, linkable
from backend.core.markets import Market, Markets
from backend.core.older_hashes import read_hash

COLUMNS: Final = ("market", "customer_id", "username", "password_hash", "created_at")
_LONGEST: Final = 200
_HASH_REASONS: Final = {
    "hash_unknown": "must be Argon2id, Argon2i, bcrypt ($2b$), PBKDF2-SHA256 or scrypt",
    "hash_costly": "prescribes more work than a log-in may cost",
}


@dataclass(frozen=True, slots=True)
class OlderAccountRow:
    """One good row."""

    line: int
    market: str
    customer_number: str
    created_at: datetime
    username: str = field(repr=False)
    """As it is looked up: in normalised form where the market's user names are contacts."""
    password_hash: str = field(repr=False)


class OlderAccountReader:
    """Checks rows one by one."""

    def __init__(self, markets: Markets, now: datetime) -> None:
        self._markets = markets
        self._now = now

    def read(self, line: int, row: Mapping[str, str]) -> OlderAccountRow | list[Problem]:
        """The row in normalised form, or everything that is wrong with it."""
        try:
            market = self._markets[row["market"]]
        except NotFound:
            known = ", ".join(self._markets.names())
            return [Problem(line, "market", f"must be one of {known}")]
        problems = [
            Problem(line, column, "is missing") for column in COLUMNS[1:] if not row[column]
        ]
        problems += [
            Problem(line, column, f"is longer than {_LONGEST} characters")
            for column in ("customer_id", "username")
            if len(row[column]) > _LONGEST
        ]
        if problems:
            return problems
        return self._read(line, row, market)

    def _read(
        self, line: int, row: Mapping[str, str], market: Market
    ) -> OlderAccountRow | list[Problem]:
        problems: list[Problem] = []
        username = password_hash = ""
        created_at = self._now
        try:
            username = self._username(row["username"], market)
        except Invalid:
            problems.append(
                Problem(line, "username", "must be an e-mail address or a mobile of the market")
            )
        try:
            password_hash = read_hash(row["password_hash"])
        except Invalid as refused:
            problems.append(Problem(line, "password_hash", _HASH_REASONS[refused.reason]))
        try:
            created_at = self._created_at(row["created_at"], market)
        except ValueError:
            problems.append(Problem(line, "created_at", "must be a past day or moment, ISO 8601"))
        return problems or OlderAccountRow(
            line, market.name, row["customer_id"], created_at, username, password_hash
        )

    def _username(self, text: str, market: Market) -> str:
        if market.username != "contact":
            return text
        return parse_contact(text, FieldContext(market, self._now.date())).value

    def _created_at(self, text: str, market: Market) -> datetime:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(market.timezone))
        moment = moment.astimezone(UTC)
        if moment > self._now:
            raise ValueError(text)
        return moment


def policies_to_link(held: Sequence[Policy], market: Market) -> list[Policy]:
    """What an older account of somebody who holds these policies may see.

    Where registration links the policy that was given, an older account has given none: its own
    is then the first in force that is no group's, or else the first; after it come those that its
    owner could link without anybody deciding. The account's own stands first.
    """
    if market.policies_on_registration == "all":
        return list(held)
    linked: list[Policy] = []
    # Sorting keeps the order of equals.
    for policy in sorted(held, key=lambda one: one.type == "group"):
        if policy.is_active and linkable(market.name, linked, policy.type) is Linkable.YES:
            linked.append(policy)
    return linked
