"""Alembic's environment: the connection comes from `backend.adapters.schema`, never from a file."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from backend.adapters.schema import load_tables
from backend.adapters.tables import Sealed, UtcDateTime

config = context.config


def _plain_type(kind: str, thing: Any, _context: AutogenContext) -> str | Literal[False]:
    """A revision names the types of the database: ours may change, its history may not."""
    if kind == "type" and isinstance(thing, Sealed):
        return "sa.LargeBinary()"
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=config.attributes["connection"],
    target_metadata=load_tables(),
    render_as_batch=True,
    compare_type=True,
    render_item=_plain_type,
)
with context.begin_transaction():
    context.run_migrations()
