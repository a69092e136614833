"""`sportello accounts`, `customer` and `retention`, as an operator types them."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from passlib.hash import bcrypt

from backend.adapters import schema
from tests.backend.desk import ROOT
from tests.command_line import own_database, run

HEADER = "market,customer_id,username,password_hash,created_at"
HASH = bcrypt.using(rounds=4).hash("Melograno7")


@pytest.fixture(autouse=True)
def _own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_database(tmp_path, monkeypatch)
    # The migrations are proved elsewhere; here the tables are made as they are.
    monkeypatch.setattr(schema, "upgrade", lambda engine: schema.load_tables().create_all(engine))
    assert run("customers", "import", str(ROOT / "demo" / "customers.csv"))[0] == 0


def accounts_file(folder: Path, *rows: str) -> str:
    file = folder / "accounts.csv"
    file.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return str(file)


GIULIA = f"it,IT-0001,giulia.bianchi@example.it,{HASH},2019-03-07"


def test_older_accounts_are_imported_twice_without_harm(tmp_path: Path) -> None:
    file = accounts_file(tmp_path, GIULIA)
    for _ in range(2):
        assert run("accounts", "import", file)[:2] == (0, "1 of 1 rows taken.\n")


def test_bad_rows_are_told_by_line_and_column(tmp_path: Path) -> None:
    file = accounts_file(tmp_path, GIULIA, "it,IT-0002,x,y,2019-03-07")

    status, output, errors = run("accounts", "import", file)

    assert (status, output) == (1, "1 of 2 rows taken.\n")
    assert [line.split(": ")[1] for line in errors.splitlines()] == [
        "line 3, username", "line 3, password_hash",
    ]  # fmt: skip


def test_a_dry_run_says_what_would_be_taken(tmp_path: Path) -> None:
    file = accounts_file(tmp_path, GIULIA)
    assert run("accounts", "import", file, "--dry-run")[1] == "1 of 1 rows would be taken.\n"
    assert json.loads(run("customer", "export", "it", "IT-0001")[1])["account"] is None


def test_an_export_is_json_and_a_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    out = tmp_path / "giulia.json"

    printed = json.loads(run("customer", "export", "it", "IT-0001")[1])
    assert run("customer", "export", "it", "IT-0001", "--out", str(out))[0] == 0

    assert printed["customer"]["first_name"] == "Giulia"
    assert json.loads(out.read_text(encoding="utf-8"))["customer"] == printed["customer"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_an_erasure_has_to_be_confirmed_by_the_number(tmp_path: Path) -> None:
    run("accounts", "import", accounts_file(tmp_path, GIULIA))

    assert run("customer", "erase", "it", "IT-0001")[0] == 2
    assert run("customer", "erase", "it", "IT-0001", "--confirm", "IT-0002")[0] == 1
    assert json.loads(run("customer", "export", "it", "IT-0001")[1])["account"] is not None
    status, output, _ = run("customer", "erase", "it", "IT-0001", "--confirm", "IT-0001")

    assert status == 0
    assert "account: 1" in output.splitlines()
    assert json.loads(run("customer", "export", "it", "IT-0001")[1])["account"] is None


def test_an_account_that_was_erased_does_not_come_back_with_the_same_file(tmp_path: Path) -> None:
    file = accounts_file(tmp_path, GIULIA)
    run("accounts", "import", file)
    run("customer", "erase", "it", "IT-0001", "--confirm", "IT-0001")

    assert run("accounts", "import", file)[0] == 0

    assert json.loads(run("customer", "export", "it", "IT-0001")[1])["account"] is None


def test_with_the_insurers_file_nobody_is_left() -> None:
    assert run("customer", "erase", "it", "IT-0001", "--confirm", "IT-0001", "--also-file")[0] == 0

    status, _, errors = run("customer", "export", "it", "IT-0001")

    assert (status, errors) == (1, "sportello: customer_unknown\n")


def test_consents_are_listed() -> None:
    assert run("customer", "consents", "it", "IT-0001")[:2] == (0, "No consents.\n")


def test_the_files_can_be_scrubbed_again() -> None:
    assert run("customer", "scrub")[0] == 0


def test_retention_says_what_it_did() -> None:
    assert run("retention", "run", "--dry-run")[:2] == (0, "0 rows would be deleted.\n")
    assert run("retention", "run")[:2] == (0, "0 rows deleted.\n")
