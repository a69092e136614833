"""Conversations: what came in, what was said, which buttons may be pressed."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from backend.adapters.tables import Sealed, UtcDateTime, blind_index, metadata

# SQLite numbers rows by itself only where the key is INTEGER.
_RowId = BigInteger().with_variant(Integer(), "sqlite")

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("market", String(8), nullable=False),
    Column("language", String(8), nullable=False),
    # Whoever writes from an address of their own (a phone number) is found by its index …
    blind_index("sender_index", nullable=True, index=False),
    Column("sender", Sealed, nullable=True),
    # Our number that they write to, and answers leave from.
    Column("reply_from", String(16), nullable=True),
    # When they asked not to be written to unasked.
    Column("opted_out_at", UtcDateTime, nullable=True),
    # … and a widget's session by its token.
    Column("token_hash", String(43), nullable=True, unique=True),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("held_by", String(8), nullable=False, default="bot"),
    Column("flow", String(64), nullable=True),
    Column("asking", String(64), nullable=True),
    Column("last_seq", Integer, nullable=False, default=0),
    # First message of the bot's newest turn: only its buttons may be pressed.
    Column("turn_seq", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    # Which process runs a turn, and until when it may be silent before another takes over. Real
    # seconds, not the backend's clock: moving that forward must not end a running turn.
    Column("turn_owner", String(24), nullable=True),
    Column("turn_until", Float, nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False, index=True),
    UniqueConstraint("channel", "market", "sender_index"),
    Index("ix_conversations_sender_index", "sender_index"),
)

inbound = Table(
    "inbound",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("message_id", String(24), nullable=False, unique=True),
    Column("provider_message_id", String(128), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("button_id", String(32), nullable=True),
    # What was said; gone as soon as it is handled.
    Column("payload", Sealed, nullable=True),
    Column("client", String(64), nullable=True),
    Column("status", String(8), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("received_at", UtcDateTime, nullable=False),
    Column("handled_at", UtcDateTime, nullable=True),
    UniqueConstraint("conversation_id", "provider_message_id"),
    Index("ix_inbound_conversation_id_status", "conversation_id", "status"),
    Index("ix_inbound_status", "status"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("sender", String(8), nullable=False),
    # Masked: what a customer gave stands here only as far as it may be kept.
    Column("text", Text, nullable=False),
    # The secure page that belongs to a message, with the address of its one-time link.
    Column("page", Sealed, nullable=True),
    Column("button_id", String(32), nullable=True),
    Column("inbound_id", ForeignKey("inbound.id"), nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("conversation_id", "seq"),
)

buttons = Table(
    "buttons",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("payload", Sealed, nullable=False),
    Column("used_at", UtcDateTime, nullable=True),
    UniqueConstraint("conversation_id", "seq", "position"),
)
