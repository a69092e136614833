"""Changes of a contact on file, and for how long a fresh one is not to be trusted alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Cause(StrEnum):
    """What a change rests on."""

    CODES = "codes"
    """Codes to an old contact and to the new one (Indonesia)."""
    REQUEST = "request"
    """A person has looked at an identity document."""


@dataclass(frozen=True, slots=True)
class ContactChange:
    """One change that took effect."""

    id: str
    customer_id: int
    kind: str
    """`mobile`: the only one there is."""
    cause: Cause
    request_id: str | None
    conversation_id: str
    changed_at: datetime
    reverted_at: datetime | None
    """When it was undone: it was not the customer who wanted it."""
    old: str | None = field(repr=False)
    """None where there was no such contact on file."""
    new: str = field(repr=False)
