"""One-time codes: the challenges, every try at them, the grants they earn, and all budgets."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from backend.adapters.tables import Sealed, UtcDateTime, blind_index, metadata

challenges = Table(
    "challenges",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("purpose", String(32), nullable=False),
    Column("conversation_id", String(24), nullable=False, index=True),
    # Whom the wrong codes are counted against, over all challenges and conversations.
    blind_index("subject_index", nullable=False),
    Column("channel", String(16), nullable=False),
    Column("destination", Sealed, nullable=False),
    blind_index("destination_index", nullable=False),
    Column("code_hash", String(43), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    # Where a link was sent with the code: it lives longer, and closes with it.
    Column("link_expires_at", UtcDateTime, nullable=True),
    # The message, or the page, that was right.
    Column("verified_by", String(64), nullable=True),
    Column("closed_at", UtcDateTime, nullable=True, index=True),
)

challenge_attempts = Table(
    "challenge_attempts",
    metadata,
    Column("challenge_id", ForeignKey("challenges.id", ondelete="CASCADE"), primary_key=True),
    # A message that is delivered again is one try.
    Column("message_id", String(64), primary_key=True),
    # What was typed, hashed like the code itself: the same message with another code is no repeat.
    Column("guess_hash", String(43), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

grants = Table(
    "grants",
    metadata,
    Column("id", String(24), primary_key=True),
    Column(
        "challenge_id",
        ForeignKey("challenges.id", ondelete="CASCADE"),
        nullable=False,
        unique=True,
    ),
    Column("purpose", String(32), nullable=False),
    Column("conversation_id", String(24), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=True),
)

budget_entries = Table(
    "budget_entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("scope", String(32), nullable=False),
    blind_index("key_index", nullable=False, index=False),
    Column("at", UtcDateTime, nullable=False),
    # What the entry was spent on, so that it can be given back.
    Column("reference", String(96), nullable=False, index=True),
    Index("ix_budget_entries_window", "scope", "key_index", "at"),
)
