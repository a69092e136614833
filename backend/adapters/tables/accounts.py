"""Customers, their policies, and the accounts opened for them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, UniqueConstraint

from backend.adapters.tables import Sealed, UtcDateTime, blind_index, metadata

customers = Table(
    "customers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("market", String(8), nullable=False),
    Column("customer_number", String(64), nullable=False),
    Column("holder_kind", String(16), nullable=False),
    # Names, tax numbers, birth, contacts: one sealed document, read and written as a whole.
    Column("details", Sealed, nullable=False),
    blind_index("email_index", nullable=True),
    blind_index("mobile_index", nullable=True),
    blind_index("tax_code_index", nullable=True),
    blind_index("vat_number_index", nullable=True),
    Column("language", String(8), nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("market", "customer_number"),
)

policies = Table(
    "policies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("market", String(8), nullable=False),
    Column("policy_number", String(64), nullable=False),
    Column("customer_id", ForeignKey("customers.id"), nullable=False, index=True),
    Column("policy_type", String(16), nullable=False),
    Column("scheme", String(32), nullable=False),
    Column("product", String(120), nullable=False),
    Column("status", String(16), nullable=False),
    UniqueConstraint("market", "policy_number"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("market", String(8), nullable=False),
    Column("customer_id", ForeignKey("customers.id"), nullable=False),
    blind_index("username_index", nullable=False, index=False),
    Column("username", Sealed, nullable=False),
    Column("username_kind", String(16), nullable=False),
    # None until the one-time page is done: the account is pending.
    Column("password_hash", String(160), nullable=True),
    # Scheme and cost of a hash that came from an older system; empty once it is one of ours.
    Column("older_format", String(64), nullable=True, index=True),
    Column("language", String(8), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("password_set_at", UtcDateTime, nullable=True),
    UniqueConstraint("market", "customer_id"),
    UniqueConstraint("market", "username_index"),
)

account_policies = Table(
    "account_policies",
    metadata,
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    # A policy is seen by one account, whoever races for it.
    Column("policy_id", ForeignKey("policies.id"), primary_key=True),
    Column("linked_at", UtcDateTime, nullable=False),
    UniqueConstraint("policy_id"),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("conversation_id", String(24), nullable=False, index=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="SET NULL"), nullable=True, index=True),
    Column("market", String(8), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("version", String(32), nullable=False),
    Column("language", String(8), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("given_at", UtcDateTime, nullable=False),
    Column("withdrawn_at", UtcDateTime, nullable=True),
    # Whose it was, once there is no account any more: a proof that names nobody without the key.
    blind_index("subject_index", nullable=True),
)

older_accounts = Table(
    "older_accounts",
    metadata,
    # Whose account of an older system was taken in: it is not taken in again after it was closed.
    Column("customer_id", ForeignKey("customers.id"), primary_key=True, autoincrement=False),
    Column("imported_at", UtcDateTime, nullable=False),
)

login_throttles = Table(
    "login_throttles",
    metadata,
    # The index of whatever was typed as user name, known or not: both must feel the same.
    blind_index("username_index", primary_key=True, index=False),
    Column("failures", Integer, nullable=False),
    Column("open_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False, index=True),
)

web_sessions = Table(
    "web_sessions",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("token_hash", String(43), nullable=False, unique=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    # half: the password was right; open: the second code too.
    Column("state", String(8), nullable=False),
    Column("language", String(8), nullable=False),
    Column("challenge_id", String(24), nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)
