"""The one MetaData and the column types that every table shares; one module per family of tables.

Personal data goes only into columns of type `Sealed`, which take nothing but the ciphertext of a
`Vault`, and is looked up by `blind_index` columns.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, LargeBinary, MetaData, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from backend.adapters.crypto import SealedBytes

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Sealed(TypeDecorator[bytes]):
    """Ciphertext of personal data. Clear text is refused before it reaches the database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, _dialect: Dialect) -> bytes | None:
        """Let through what a `Vault` sealed, and nothing else."""
        if value is not None and not isinstance(value, SealedBytes):
            raise TypeError("a sealed column takes only what Vault.seal made")
        return value

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> SealedBytes | None:
        """Hand the ciphertext out as such, so that a row can be copied."""
        return None if value is None else SealedBytes(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite, which knows no zones, keeps it naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments: they would silently mean another time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a moment must be aware")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give the moment its zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def blind_index(name: str, **options: Any) -> Column[str]:
    """A column for `Vault.index`: 43 characters, looked up often."""
    return Column(name, String(43), **({"index": True} | options))
