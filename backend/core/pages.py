"""One-time pages: what a link leads to, and whether it still does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PageKind(StrEnum):
    """What a page is for."""

    PASSWORD = "password"  # noqa: S105 - the kind of a page
    CONFIRM = "confirm"
    UPLOAD = "upload"
    DOCUMENT = "document"
    VETO = "veto"


@dataclass(frozen=True, slots=True)
class Page:
    """One page, without its token."""

    id: str
    kind: str
    conversation_id: str
    market: str
    language: str
    account_id: str | None
    challenge_id: str | None
    reference: str | None
    """What the page is about, where it is neither account nor challenge: a request, a document."""
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None

    @property
    def minutes(self) -> int:
        """How long it lives from when it was made."""
        return int((self.expires_at - self.created_at).total_seconds()) // 60

    def is_open(self, now: datetime) -> bool:
        """Whether it may still be used."""
        return self.used_at is None and now < self.expires_at
