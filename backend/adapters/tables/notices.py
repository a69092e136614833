"""The outbox of all channels: written with what causes a message, sent afterwards."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, false

from backend.adapters.tables import Sealed, UtcDateTime, blind_index, metadata

notices = Table(
    "notices",
    metadata,
    # The order of writing: development may set its clock back.
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("to_sealed", Sealed, nullable=False),
    blind_index("to_index", nullable=False),
    Column("template", String(48), nullable=False),
    Column("language", String(8), nullable=False),
    # Subject and body; emptied once the message is settled, but in development.
    Column("words_sealed", Sealed),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    # When somebody may take it next: the next attempt, or the end of the lease of whoever has it.
    # Empty once settled, so that the index holds only what is still to do.
    Column("due_at", UtcDateTime, index=True),
    Column("valid_until", UtcDateTime),
    # Who has it: a worker that lost its lease must not write over the one that took it since.
    Column("claim", String(32)),
    Column("handed_over_at", UtcDateTime),
    Column("settled_at", UtcDateTime),
    Column("provider_id", String(255)),
    Column("reason", String(64)),
    # Messages of one lane (a conversation) leave one after the other, in the order of writing.
    Column("lane", String(24)),
    Column("sender", String(16)),
    # Nothing that the customer said led to it: whoever opted out gets no such message.
    Column("is_unasked", Boolean, nullable=False, server_default=false()),
    # How far the provider says it has come, and its code for a failure.
    Column("delivery", String(16)),
    Column("delivery_code", Integer),
    Index("ix_notices_lane_seq", "lane", "seq"),
)

content_templates = Table(
    "content_templates",
    metadata,
    # Of account and content; the content has variables where a message has words.
    Column("hash", String(43), primary_key=True),
    Column("sid", String(34), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)
