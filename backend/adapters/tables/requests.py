"""Requests that staff decide, and the changes of contacts on file."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    text,
)

from backend.adapters.tables import Sealed, UtcDateTime, blind_index, metadata

# SQLite numbers rows by itself only where the key is INTEGER.
_RowId = BigInteger().with_variant(Integer(), "sqlite")

requests = Table(
    "requests",
    metadata,
    # The order of writing: development may set its clock back.
    Column("seq", _RowId, primary_key=True),
    Column("id", String(24), nullable=False, unique=True),
    Column("number", String(16), nullable=False, unique=True),
    Column("market", String(8), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    # Whom it is about, also where that is nobody on file: see `core.requests.subject_of`.
    Column("subject", String(64), nullable=False),
    Column("customer_id", ForeignKey("customers.id", ondelete="SET NULL"), index=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="SET NULL"), index=True),
    Column("conversation_id", String(24), nullable=False, index=True),
    Column("language", String(8), nullable=False),
    Column("channel", String(16), nullable=False),
    # What was filled in, as one sealed document.
    Column("details", Sealed, nullable=False),
    # Where the answer goes; whoever knows number and contact may ask how the request stands.
    Column("contact", Sealed, nullable=False),
    blind_index("contact_index", nullable=False, index=False),
    Column("is_proven", Boolean, nullable=False),
    Column("submitted_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime, nullable=True, index=True),
    Column("decided_by", Sealed, nullable=True),
    Column("reason", String(32), nullable=True),
    Column("note", Sealed, nullable=True),
)

# One open request per kind and subject, however many are filed at once.
Index(
    "uq_requests_open",
    requests.c.kind,
    requests.c.subject,
    unique=True,
    sqlite_where=text("state = 'submitted'"),
    postgresql_where=text("state = 'submitted'"),
)

contact_changes = Table(
    "contact_changes",
    metadata,
    Column("seq", _RowId, primary_key=True),
    Column("id", String(24), nullable=False, unique=True),
    Column(
        "customer_id",
        ForeignKey("customers.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("kind", String(16), nullable=False),
    Column("old", Sealed, nullable=True),
    Column("new", Sealed, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("request_id", ForeignKey("requests.id", ondelete="SET NULL"), index=True),
    # Empty where it was not made in a conversation.
    Column("conversation_id", String(24), nullable=False, index=True),
    Column("cause", String(16), nullable=False),
    Column("reverted_at", UtcDateTime, nullable=True),
)
