"""A desk for every test of the backend: SQLite in a file, demo customers, a clock of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.backend.desk import Desk, desk_settings, opened_desk, temporary_postgresql

# Examples are timed by the wall; on a busy machine that says nothing about the code.
settings.register_profile("desk", deadline=None)
settings.load_profile("desk")


@pytest.fixture(scope="session")
def filled_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the demo customers, made once and copied."""
    folder = tmp_path_factory.mktemp("demo")
    with opened_desk(desk_settings(folder)):
        pass
    return folder / "sportello.db"


@pytest.fixture
def desk(filled_database: Path, tmp_path: Path) -> Iterator[Desk]:
    """The desk on a fresh copy."""
    shutil.copy(filled_database, tmp_path / "sportello.db")
    with opened_desk(desk_settings(tmp_path), is_filled=True) as opened:
        yield opened


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def any_desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """The desk on each database there is: what races can only be shown on real ones."""
    if request.param == "sqlite":
        with opened_desk(desk_settings(tmp_path)) as opened:
            yield opened
        return
    with (
        temporary_postgresql() as url,
        opened_desk(desk_settings(tmp_path, database_url=url)) as opened,
    ):
        yield opened
