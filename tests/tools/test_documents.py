"""`sportello documents`, as an operator types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import sent_files
from tests.backend.desk import ROOT
from tests.command_line import own_database, run

DEMO = ROOT / "demo" / "documents.csv"
HEADER = "policy_number,market,title,kind,issued_on,file\n"


@pytest.fixture(autouse=True)
def _own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_database(tmp_path, monkeypatch)
    assert run("customers", "import", str(ROOT / "demo" / "customers.csv"))[0] == 0


def test_documents_are_imported_twice_without_harm() -> None:
    for _ in range(2):
        assert run("documents", "import", str(DEMO))[:2] == (0, "43 of 43 rows taken.\n")


def test_bad_rows_are_told_by_file_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "documents.csv"
    (tmp_path / "a.pdf").write_bytes(sent_files.pdf())
    file.write_text(
        HEADER
        + "401122334,it,Certificato,certificate,2026-01-01,a.pdf\n"
        + "401122334,it,Lettera,letter,2026-01-01,a.pdf\n"
        + "401122334,it,Polizza,policy,2026-01-01,b.pdf\n"
    )

    status, output, errors = run("documents", "import", str(file))

    assert status == 1
    assert output == "1 of 3 rows taken.\n"
    assert errors.splitlines() == [
        f"{file}: line 3, kind: must be one of policy, certificate, receipt",
        f"{file}: line 4, file: cannot be read from the folder of this file",
    ]


def test_a_dry_run_says_what_would_be_taken() -> None:
    told = run("documents", "import", str(DEMO), "--dry-run")[1]
    assert told == "43 of 43 rows would be taken.\n"


def test_the_demo_comes_with_its_documents() -> None:
    assert run("demo", "load")[0] == 0

    assert run("documents", "import", str(DEMO))[1] == "43 of 43 rows taken.\n"
