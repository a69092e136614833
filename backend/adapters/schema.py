"""The database schema: all tables on one MetaData, and the migrations that lead to it."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData

from backend.adapters import tables

_MIGRATIONS: Final = Path(__file__).resolve().parent.parent / "migrations"


def load_tables() -> MetaData:
    """The MetaData with every family of tables on it."""
    for module in pkgutil.iter_modules(tables.__path__):
        importlib.import_module(f"{tables.__name__}.{module.name}")
    return tables.metadata


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision; nothing happens where it is there already."""
    with engine.begin() as connection:
        command.upgrade(_config(connection), "head")


def differences(engine: Engine) -> list[object]:
    """What the tables have and the migrated database has not, or the other way round."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(found, load_tables()))


def new_revision(engine: Engine, message: str, revision: str) -> None:
    """Write a revision from the difference between *engine*'s database and the tables."""
    with engine.begin() as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=revision)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config
