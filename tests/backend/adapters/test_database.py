"""What keeps SQLite's writers from waiting for the disk."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from backend.adapters import database
from backend.adapters.database import checkpoint, make_engine


def write(engine: Engine, rows: int) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS t (a TEXT)"))
        for _ in range(rows):
            connection.execute(text("INSERT INTO t VALUES (hex(randomblob(2000)))"))


def bytes_of(folder: Path) -> int:
    return (folder / "a.db").stat().st_size


def test_the_log_goes_back_into_the_file_by_a_checkpoint_and_not_by_a_write(
    tmp_path: Path,
) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    write(engine, rows=1_500)  # more than the thousand pages at which SQLite would begin
    before = bytes_of(tmp_path)
    write(engine, rows=1)
    assert bytes_of(tmp_path) == before
    checkpoint(engine)
    assert bytes_of(tmp_path) > before + 5_000_000
    engine.dispose()


def test_a_checkpoint_waits_for_no_writer(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    write(engine, rows=1)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO t VALUES ('x')"))
        checkpoint(engine)
    engine.dispose()


def test_a_writer_begins_when_another_has_ended(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    write(engine, rows=1)
    with ThreadPoolExecutor() as pool:
        with engine.begin() as connection:
            other = pool.submit(write, engine, 1)
            connection.execute(text("INSERT INTO t VALUES ('first')"))
        other.result()
    with engine.begin() as connection:
        found = connection.execute(text("SELECT length(a) FROM t ORDER BY rowid")).scalars().all()
    assert found == [4000, len("first"), 4000]
    engine.dispose()


def test_a_writer_gives_up_when_another_never_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_BUSY_MS", 20)
    engine = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.begin(), pytest.raises(OperationalError, match="locked"):
        write(engine, rows=1)
    write(engine, rows=1)
    engine.dispose()
