"""The `sportello` command, as an operator types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.backend.desk import ROOT
from tests.command_line import own_database, run

DEMO = ROOT / "demo" / "customers.csv"


@pytest.fixture(autouse=True)
def _own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_database(tmp_path, monkeypatch)


def test_the_database_is_upgraded_and_upgraded_again(tmp_path: Path) -> None:
    assert run("db", "upgrade")[0] == 0
    assert (tmp_path / "sportello.db").exists()
    assert run("db", "upgrade")[0] == 0


def test_customers_are_imported_twice_without_harm() -> None:
    for _ in range(2):
        assert run("customers", "import", str(DEMO))[:2] == (0, "28 of 28 rows taken.\n")


def test_bad_rows_are_told_by_file_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(DEMO.read_text().replace("BNCGLI85D43L219M", "BNCGLI85D43L219X"))

    status, output, errors = run("customers", "import", str(file))

    assert status == 1
    assert output == "26 of 28 rows taken.\n"
    assert errors.splitlines() == [
        f"{file}: line 2, tax_code: is not a valid codice fiscale",
        f"{file}: line 3, tax_code: is not a valid codice fiscale",
    ]


def test_a_dry_run_says_what_would_be_taken() -> None:
    assert (
        run("customers", "import", str(DEMO), "--dry-run")[1] == "28 of 28 rows would be taken.\n"
    )


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    status, _, errors = run("customers", "import", str(tmp_path / "nowhere.csv"))

    assert status == 1
    assert errors.count("\n") == 1
    assert "nowhere.csv" in errors


def test_settings_that_do_not_hold_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPORTELLO_WEB_PORT", "abc")

    status, _, errors = run("db", "upgrade")

    assert status == 1
    assert "SPORTELLO_WEB_PORT" in errors


def test_the_demo_is_for_development(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("demo", "load")[0] == 0
    monkeypatch.setenv("SPORTELLO_PROFILE", "production")

    assert run("demo", "load")[0] == 1
