"""The outbox on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from backend.adapters.crypto import new_id
from backend.adapters.tables import metadata
from backend.adapters.tables.notices import notices as table
from tests.backend.services.outbox import Outbox


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    box = Outbox(f"sqlite:///{tmp_path / 'outbox.db'}")
    metadata.create_all(box.engine, tables=[table])
    yield box
    box.engine.dispose()


@pytest.fixture
def on_postgresql() -> Iterator[Outbox]:
    name = new_id("outbox").replace("-", "_").lower()
    try:
        server = psycopg.connect("host=127.0.0.1 user=postgres", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        if os.environ.get("SPORTELLO_REQUIRE_SERVICES") == "1":
            raise
        pytest.skip("no PostgreSQL answers on 127.0.0.1:5432 for user postgres")
    with server:
        server.execute(f'CREATE DATABASE "{name}"')
        box = Outbox(f"postgresql+psycopg://postgres@127.0.0.1/{name}")
        metadata.create_all(box.engine, tables=[table])
        yield box
        box.engine.dispose()
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
