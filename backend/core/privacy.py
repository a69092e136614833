"""Whom an export, an erasure or a withdrawn consent is about, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from backend.core.customers import Account, Customer

REGISTRATION_CONSENTS: Final = frozenset({"privacy_notice", "eula"})
"""What an account rests on: without it there is none."""
REQUEST_CONSENT: Final = "request_data"
"""What the data and documents of a request rest on."""


@dataclass(frozen=True, slots=True)
class Person:
    """A customer, with every handle by which something kept about them is found."""

    customer: Customer
    account: Account | None
    account_ids: tuple[str, ...]
    """Of the account, and of those that were closed."""
    subjects: tuple[str, ...] = field(repr=False)
    """Keyed indexes under which codes were counted against them."""
    contacts: tuple[str, ...] = field(repr=False)
    """Keyed indexes of the contacts on file, now and before."""
    consent_index: str = field(repr=False)
    conversations: tuple[str, ...]
    """In which they registered, proved who they are, or a request about them was filed."""
    own_conversations: tuple[str, ...]
    """Without those whose request nobody has found to be theirs: these may be a stranger's."""
    requests: tuple[str, ...]
    uploads: tuple[str, ...]
    """References of identity documents that are part of no request yet."""

    @property
    def places(self) -> tuple[str, ...]:
        """What stands for a conversation: those, and each account, where a log-in's codes hang."""
        return (*self.conversations, *self.account_ids)


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """One consent as its owner may see it."""

    id: int
    kind: str
    version: str
    language: str
    channel: str
    given_at: datetime
    withdrawn_at: datetime | None

    @property
    def is_in_force(self) -> bool:
        """Whether it was not withdrawn."""
        return self.withdrawn_at is None

    @property
    def carries_account(self) -> bool:
        """Whether the account ends with it."""
        return self.kind in REGISTRATION_CONSENTS


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure deleted: rows by family, without the empty ones."""

    rows: dict[str, int]
    tracker_events: int


def customer_subject(customer: Customer) -> str:
    """How the audit and the codes name a customer."""
    return f"customer/{customer.id}"
