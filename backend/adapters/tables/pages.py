"""One-time pages, and the drafts of flows."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table

from backend.adapters.tables import Sealed, UtcDateTime, metadata

pages = Table(
    "pages",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("kind", String(16), nullable=False),
    # Empty where no conversation goes on when the page is done.
    Column("conversation_id", String(24), nullable=False, index=True),
    Column("market", String(8), nullable=False),
    Column("language", String(8), nullable=False),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=True, index=True),
    Column("challenge_id", ForeignKey("challenges.id", ondelete="CASCADE"), nullable=True),
    # What the page is about, where that is neither: a request, an upload, a document.
    Column("reference", String(24), nullable=True, index=True),
    # None until the link is made where it is delivered; a new link replaces the old one.
    Column("token_hash", String(43), nullable=True, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=True),
)

drafts = Table(
    "drafts",
    metadata,
    Column("conversation_id", String(24), primary_key=True),
    Column("flow", String(32), primary_key=True),
    # live: answers inside; ended, expired: only the masked answers to the last messages.
    Column("state", String(16), nullable=False),
    Column("content", Sealed, nullable=False),
    Column("idle_at", UtcDateTime, nullable=False, index=True),
)
