"""Who a conversation has proved to be."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table

from backend.adapters.tables import Sealed, UtcDateTime, blind_index, metadata

identity_proofs = Table(
    "identity_proofs",
    metadata,
    Column("conversation_id", String(24), primary_key=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    # code: typed in this conversation; token: the page around the widget vouched.
    Column("factor", String(16), nullable=False),
    # The contact to which the code went: it need not be proved again.
    Column("contact", Sealed, nullable=True),
    # The area session whose page vouched: signing out ends the proof too.
    Column(
        "session_id",
        ForeignKey("web_sessions.id", ondelete="CASCADE"),
        nullable=True,
        index=True,
    ),
    Column("proven_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

identity_tokens = Table(
    "identity_tokens",
    metadata,
    # The name (jti) of a token that was taken: it is good once, until it would be too old anyway.
    blind_index("name_index", primary_key=True, index=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
