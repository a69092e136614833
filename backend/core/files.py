"""Files as kept: identity documents of customers, and the documents of policies."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Purpose(StrEnum):
    """What a file is kept for."""

    IDENTITY = "identity"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class NewFile:
    """A checked file, ready to be kept."""

    purpose: Purpose
    reference: str
    """What it belongs to: an upload and later its request, or a policy document."""
    media_type: str
    content: bytes = field(repr=False)
    side: str = ""
    """`front` or `back` of an identity document."""
    document_type: str = ""
    """Which identity document it is said to be."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as kept, without its content."""

    id: str
    purpose: str
    reference: str
    side: str
    document_type: str
    media_type: str
    size: int
    """In bytes."""
    created_at: datetime
