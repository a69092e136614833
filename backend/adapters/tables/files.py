"""Files that were taken in: identity documents, and the documents of policies."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table, UniqueConstraint

from backend.adapters.tables import Sealed, UtcDateTime, metadata

files = Table(
    "files",
    metadata,
    Column("id", String(24), primary_key=True),
    # identity, policy
    Column("purpose", String(16), nullable=False),
    # The upload, later its request; or the policy document.
    Column("reference", String(24), nullable=False, index=True),
    Column("side", String(8), nullable=False),
    Column("document_type", String(24), nullable=False),
    Column("media_type", String(32), nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", Sealed, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # None once it is part of a request: until then nobody has asked for anything with it.
    Column("unclaimed_until", UtcDateTime, nullable=True, index=True),
)

policy_documents = Table(
    "policy_documents",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("market", String(8), nullable=False),
    Column("policy_id", ForeignKey("policies.id"), nullable=False),
    Column("title", String(120), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("file_id", ForeignKey("files.id"), nullable=False),
    UniqueConstraint("policy_id", "title", "issued_on"),
)
