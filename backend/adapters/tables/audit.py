"""The append-only record of what happened to accounts; each entry vouches for the one before."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from backend.adapters.tables import UtcDateTime, metadata

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("event", String(48), nullable=False),
    Column("actor", String(32), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("factor", String(32), nullable=False),
    # A mask, never a contact.
    Column("destination", String(120), nullable=False),
    Column("conversation_id", String(24), nullable=False, index=True),
    Column("reason", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("seal", String(64), nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    # Row 1: which entry is the last. Without it the newest ones could be cut off unseen; and
    # whoever appends locks it, so that the chain never forks. Row 2: up to which entry the oldest
    # ones were deleted when their time was over.
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("seal", String(64), nullable=False),
)
