"""What a row of the customers file must be like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from backend.core.customers import CustomerDetails
from backend.core.errors import Invalid, NotFound
from backend.core.fields import FieldContext
from backend.core.fields.contacts import parse_email, parse_mobile
from backend.core.fields.policies import parse_policy_number
from backend.core.fields.tax import parse_tax_code, parse_vat_number
from backend.core.markets import Market, Markets

COLUMNS: Final = (
    "market", "customer_id", "holder_kind", "first_name", "last_name", "company_name", "tax_code",
    "vat_number", "date_of_birth", "place_of_birth", "sex", "email", "mobile", "policy_number",
    "policy_type", "scheme", "product", "status", "language",
)  # fmt: skip
HOLDER_KINDS: Final = ("person", "professional", "company")
SCHEMES: Final = ("", "agency", "inarcassa", "cassa_geometri", "employer")
_MOST_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be taken; the refused value is never repeated, it may be personal."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.reason}"


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One good row."""

    line: int
    market: str
    customer_number: str
    holder_kind: str
    language: str
    policy_number: str
    policy_type: str
    scheme: str
    product: str
    status: str
    details: CustomerDetails = field(repr=False)


class RowReader:
    """Checks rows one by one."""

    def __init__(self, markets: Markets, today: date) -> None:
        self._markets = markets
        self._today = today

    def read(self, line: int, row: Mapping[str, str]) -> CustomerRow | list[Problem]:
        """The row in normalised form, or everything that is wrong with it."""
        try:
            market = self._markets[row["market"]]
        except NotFound:
            known = ", ".join(self._markets.names())
            return [Problem(line, "market", f"must be one of {known}")]
        checked = _Row(line, row, FieldContext(market, self._today))
        return checked.read(market)


class _Row:
    def __init__(self, line: int, row: Mapping[str, str], context: FieldContext) -> None:
        self._line = line
        self._row = row
        self._context = context
        self._problems: list[Problem] = []

    def read(self, market: Market) -> CustomerRow | list[Problem]:
        kind = self._one_of("holder_kind", HOLDER_KINDS)
        policy_type = self._one_of("policy_type", market.policy_types)
        for column in ("customer_id", "product", "policy_number"):
            self._required(column)
        row = CustomerRow(
            line=self._line,
            market=market.name,
            customer_number=self._row["customer_id"],
            holder_kind=kind,
            language=self._one_of("language", market.languages),
            policy_number=self._policy_number(policy_type),
            policy_type=policy_type,
            scheme=self._one_of("scheme", SCHEMES),
            product=self._row["product"],
            status=self._one_of("status", ("active", "lapsed")),
            details=self._details(kind, market),
        )
        self._within_length()
        return self._problems or row

    def _details(self, kind: str, market: Market) -> CustomerDetails:
        if kind == "company":
            self._required("company_name")
        else:
            self._required("first_name")
            if market.identify_by == "contact":
                self._required("last_name")
        if kind in {"professional", "company"}:
            self._required("vat_number")
        if market.identify_by == "policy":
            self._required("date_of_birth")
        is_company_code = kind == "company" and self._row["tax_code"].isdigit()
        return CustomerDetails(
            first_name=self._row["first_name"],
            last_name=self._row["last_name"],
            company_name=self._row["company_name"],
            tax_code=self._read(
                "tax_code",
                (lambda text: parse_vat_number(text, self._context).value)
                if is_company_code
                else (lambda text: parse_tax_code(text, self._context).value),
                "is not a valid codice fiscale",
            ),
            vat_number=self._read(
                "vat_number",
                lambda text: parse_vat_number(text, self._context).value,
                "is not a valid partita IVA",
            ),
            date_of_birth=self._read(
                "date_of_birth", self._birth, "must be a past day, YYYY-MM-DD"
            ),
            place_of_birth=self._row["place_of_birth"],
            sex=self._one_of("sex", ("", "F", "M")),
            email=self._read(
                "email",
                lambda text: parse_email(text, self._context).value,
                "is not an e-mail address",
            ),
            mobile=self._read(
                "mobile", self._mobile, "must be a mobile number of the market, E.164"
            ),
        )

    def _policy_number(self, policy_type: str) -> str:
        context = FieldContext(
            self._context.market, self._today_of(), policy_type=policy_type or None
        )
        return self._read(
            "policy_number",
            lambda text: parse_policy_number(text, context).value,
            "does not fit the market's patterns for its type",
        )

    def _today_of(self) -> date:
        return self._context.today

    def _birth(self, text: str) -> str:
        born = date.fromisoformat(text)
        if born > self._context.today:
            raise Invalid("date_impossible")
        return born.isoformat()

    def _mobile(self, text: str) -> str:
        if not text.startswith("+"):
            raise Invalid("mobile_malformed")
        return parse_mobile(text, self._context).value

    def _read(self, column: str, parse: Callable[[str], str], reason: str) -> str:
        text = self._row[column]
        if not text:
            return ""
        try:
            return parse(text)
        except (Invalid, ValueError):
            self._problem(column, reason)
            return ""

    def _one_of(self, column: str, choices: tuple[str, ...]) -> str:
        value = self._row[column]
        if value not in choices:
            named = ", ".join(choice or "(empty)" for choice in choices)
            self._problem(column, f"must be one of {named}")
            return ""
        return value

    def _required(self, column: str) -> None:
        if not self._row[column]:
            self._problem(column, "is missing")

    def _within_length(self) -> None:
        for column in COLUMNS:
            if len(self._row[column]) > _MOST_CHARACTERS:
                self._problem(column, f"is longer than {_MOST_CHARACTERS} characters")

    def _problem(self, column: str, reason: str) -> None:
        self._problems.append(Problem(self._line, column, reason))
