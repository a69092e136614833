"""Who the insurer knows, and what they hold."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CustomerDetails:
    """What is personal about a customer; all of it sealed at rest."""

    first_name: str = ""
    last_name: str = ""
    company_name: str = ""
    tax_code: str = ""
    vat_number: str = ""
    date_of_birth: str = ""
    place_of_birth: str = ""
    sex: str = ""
    email: str = ""
    mobile: str = ""

    def __repr__(self) -> str:
        return "<CustomerDetails>"


@dataclass(frozen=True, slots=True)
class Customer:
    """A policyholder as on file."""

    id: int
    market: str
    number: str
    holder_kind: str
    language: str
    details: CustomerDetails = field(repr=False)

    @property
    def contacts(self) -> dict[str, str]:
        """The contacts on file by channel, the phone first."""
        pairs = {"sms": self.details.mobile, "email": self.details.email}
        return {channel: contact for channel, contact in pairs.items() if contact}

    @property
    def whole_name(self) -> str:
        """First and last name in one."""
        return f"{self.details.first_name} {self.details.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Policy:
    """A contract or membership of one customer."""

    id: int
    number: str
    type: str
    scheme: str
    product: str
    status: str

    @property
    def is_active(self) -> bool:
        """Whether it is in force."""
        return self.status == "active"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody's way into the area."""

    id: str
    market: str
    customer_id: int
    language: str
    username_kind: str
    username: str = field(repr=False)
    password_hash: str | None = field(repr=False)

    @property
    def is_pending(self) -> bool:
        """Whether its password was never set."""
        return self.password_hash is None
