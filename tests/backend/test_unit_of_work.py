"""Transactions: what lasts, what does not, and what is said when the database is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from backend.adapters.crypto import Vault
from backend.adapters.database import make_engine
from backend.core.errors import Unavailable
from backend.unit_of_work import UnitOfWorkFactory


@pytest.fixture
def uow(tmp_path: Path) -> UnitOfWorkFactory:
    engine = make_engine(f"sqlite:///{tmp_path / 'x.db'}")
    factory = UnitOfWorkFactory(engine, Vault(SecretStr("x")))
    with factory() as unit:
        unit.connection.execute(text("CREATE TABLE t (a INTEGER)"))
        unit.commit()
    return factory


def rows(uow: UnitOfWorkFactory) -> int:
    with uow(read_only=True) as unit:
        return int(unit.connection.execute(text("SELECT count(*) FROM t")).scalar_one())


def insert(unit_of_work: object) -> None:
    unit_of_work.connection.execute(text("INSERT INTO t VALUES (1)"))  # type: ignore[attr-defined]


def test_it_rolls_back_uncommitted_work_by_default(uow: UnitOfWorkFactory) -> None:
    with uow() as unit:
        insert(unit)

    assert rows(uow) == 0


def test_it_rolls_back_on_error(uow: UnitOfWorkFactory) -> None:
    def fail() -> None:
        with uow() as unit:
            insert(unit)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert rows(uow) == 0


def test_committed_work_lasts(uow: UnitOfWorkFactory) -> None:
    with uow() as unit:
        insert(unit)
        unit.commit()

    assert rows(uow) == 1


def test_a_reader_does_not_wait_for_a_writer(uow: UnitOfWorkFactory) -> None:
    with uow() as unit:
        insert(unit)

        assert rows(uow) == 0


def test_a_database_that_does_not_answer_is_unavailable() -> None:
    engine = make_engine("postgresql+psycopg://postgres@127.0.0.1:21099/none")
    factory = UnitOfWorkFactory(engine, Vault(SecretStr("x")))

    with pytest.raises(Unavailable):
        factory().__enter__()


def test_errors_of_the_database_do_not_show_parameters(uow: UnitOfWorkFactory) -> None:
    def write() -> None:
        with uow() as unit:
            unit.connection.execute(text("INSERT INTO nowhere VALUES (:a)"), {"a": "personal"})

    with pytest.raises(Unavailable) as failure:
        write()

    assert "personal" not in str(failure.value.__cause__)
