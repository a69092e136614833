"""How far development has moved the backend's clock."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Table

from backend.adapters.tables import metadata

dev_clock = Table(
    "dev_clock",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("offset_seconds", BigInteger, nullable=False),
)
