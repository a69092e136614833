"""`sportello db`: the schema of the database; and what a development desk needs in it."""

from __future__ import annotations

import typer

from backend import bootstrap
from backend import settings as settings_module
from backend.adapters import schema
from backend.adapters.database import make_engine
from backend.settings import Settings

app = typer.Typer(help="The database's schema.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """The database's schema."""


@app.command()
def upgrade() -> None:
    """Bring the database to the newest schema; nothing happens where it is there already."""
    engine = make_engine(settings_module.load().database_url)
    try:
        schema.upgrade(engine)
    finally:
        engine.dispose()
    print("The database is up to date.")


def prepare(settings: Settings) -> None:
    """Migrate, and in development take the demo customers in."""
    backend = bootstrap.build(settings)
    try:
        schema.upgrade(backend.engine)
        if not settings.is_production:
            backend.development.load_demo()
    finally:
        backend.close()
