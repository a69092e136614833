"""Customers from a file: good rows in, bad rows named by line and column."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from backend.adapters.tables.accounts import customers, policies
from backend.core.errors import Invalid, NotFound
from backend.core.importing import COLUMNS
from backend.services.customers import ImportReport
from tests.backend.desk import ROOT, Desk

DEMO = (ROOT / "demo" / "customers.csv").read_text(encoding="utf-8")
HEADER = DEMO.splitlines()[0]
GOOD = dict(zip(COLUMNS, DEMO.splitlines()[1].split(","), strict=True)) | {
    "customer_id": "IT-9001", "policy_number": "499000001",
}  # fmt: skip
GOOD_INDONESIAN = dict(
    zip(COLUMNS, next(line for line in DEMO.splitlines() if "ID-0006" in line).split(","),
        strict=True)
) | {"customer_id": "ID-9001", "policy_number": "DPLK-990001"}  # fmt: skip


def import_rows(desk: Desk, tmp_path: Path, *rows: dict[str, str], dry_run: bool = False
                ) -> ImportReport:  # fmt: skip
    file = tmp_path / "file.csv"
    lines = [HEADER, *(",".join(row[column] for column in COLUMNS) for row in rows)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return desk.backend.customers.import_file(file, dry_run=dry_run)


def numbers(desk: Desk) -> tuple[int, int]:
    with desk.backend.uow(read_only=True) as uow:
        found = uow.connection.execute(
            select(
                select(func.count()).select_from(customers).scalar_subquery(),
                select(func.count()).select_from(policies).scalar_subquery(),
            )
        ).one()
    return found[0], found[1]


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    before = numbers(desk)
    assert before == (20, 28)

    report = desk.backend.development.load_demo()

    assert (report.rows, report.taken, report.problems) == (28, 28, ())
    assert numbers(desk) == before


def test_a_row_is_updated_by_market_and_policy_number(desk: Desk, tmp_path: Path) -> None:
    import_rows(desk, tmp_path, GOOD)
    before = numbers(desk)

    import_rows(desk, tmp_path, GOOD | {"status": "lapsed", "email": "new@example.it"})

    assert numbers(desk) == before
    with desk.backend.uow(read_only=True) as uow:
        found = uow.customers.with_policy("it", GOOD["policy_number"])
    assert found
    customer, policy = found
    assert (policy.status, customer.details.email) == ("lapsed", "new@example.it")


def test_a_changed_contact_is_found_by_the_new_one_only(desk: Desk, tmp_path: Path) -> None:
    import_rows(desk, tmp_path, GOOD)
    import_rows(desk, tmp_path, GOOD | {"email": "new@example.it"})

    with desk.backend.uow(read_only=True) as uow:
        by_new = uow.customers.with_datum("it", "email", "new@example.it")
        by_old = uow.customers.with_datum("it", "email", GOOD["email"])
    assert [one.number for one in by_new] == ["IT-9001"]
    assert "IT-9001" not in [one.number for one in by_old]


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"market": "de"}, "market"),
        ({"market": ""}, "market"),
        ({"customer_id": ""}, "customer_id"),
        ({"holder_kind": "alien"}, "holder_kind"),
        ({"first_name": ""}, "first_name"),
        ({"last_name": ""}, "last_name"),
        ({"holder_kind": "company"}, "company_name"),
        ({"holder_kind": "professional"}, "vat_number"),
        ({"tax_code": "BNCGLI85D43L219X"}, "tax_code"),
        ({"vat_number": "01288700155"}, "vat_number"),
        ({"date_of_birth": "03/04/1985"}, "date_of_birth"),
        ({"date_of_birth": "1985-02-30"}, "date_of_birth"),
        ({"date_of_birth": "2099-01-01"}, "date_of_birth"),
        ({"sex": "x"}, "sex"),
        ({"email": "giulia.at.example"}, "email"),
        ({"mobile": "3201234519"}, "mobile"),
        ({"mobile": "+390212345678"}, "mobile"),
        ({"mobile": "+6281234567890"}, "mobile"),
        ({"policy_number": ""}, "policy_number"),
        ({"policy_number": "GRP-2201-0007"}, "policy_number"),
        ({"policy_type": "dplk"}, "policy_type"),
        ({"scheme": "nobody"}, "scheme"),
        ({"product": ""}, "product"),
        ({"status": "sleeping"}, "status"),
        ({"language": "fr"}, "language"),
        ({"place_of_birth": "x" * 201}, "place_of_birth"),
    ],
)
def test_a_bad_row_is_named_and_nothing_of_it_is_written(
    desk: Desk, tmp_path: Path, changes: dict[str, str], column: str
) -> None:
    before = numbers(desk)

    report = import_rows(desk, tmp_path, GOOD_INDONESIAN, GOOD | changes)

    assert {(problem.line, problem.column) for problem in report.problems} >= {(3, column)}
    assert (report.rows, report.taken) == (2, 1)
    assert numbers(desk) == (before[0] + 1, before[1] + 1)


def test_a_refused_value_is_not_repeated(desk: Desk, tmp_path: Path) -> None:
    report = import_rows(desk, tmp_path, GOOD | {"tax_code": "SECRETSECRET1234"})

    assert "SECRET" not in " ".join(map(str, report.problems))


def test_all_that_is_wrong_with_a_row_is_told_at_once(desk: Desk, tmp_path: Path) -> None:
    report = import_rows(desk, tmp_path, GOOD | {"email": "x", "sex": "x", "status": "x"})

    assert {problem.column for problem in report.problems} == {"email", "sex", "status"}


def test_rows_of_one_customer_must_agree(desk: Desk, tmp_path: Path) -> None:
    report = import_rows(
        desk, tmp_path, GOOD, GOOD | {"policy_number": "499000002", "last_name": "Verdi"}
    )

    (problem,) = report.problems
    assert (problem.line, problem.column) == (3, "last_name")


def test_a_policy_number_stands_once_in_a_file(desk: Desk, tmp_path: Path) -> None:
    report = import_rows(desk, tmp_path, GOOD, GOOD | {"customer_id": "IT-9002"})

    (problem,) = report.problems
    assert (problem.line, problem.column) == (3, "policy_number")
    assert "line 2" in problem.reason


@pytest.mark.parametrize(
    ("row", "column"), [("it,IT-1", "holder_kind"), (",".join(["it"] * 20), "(row)")]
)
def test_a_row_of_another_length_is_named(
    desk: Desk, tmp_path: Path, row: str, column: str
) -> None:
    file = tmp_path / "file.csv"
    file.write_text(f"{HEADER}\n{row}\n")

    (problem,) = desk.backend.customers.import_file(file).problems

    assert (problem.line, problem.column) == (2, column)


def test_a_quoted_line_break_does_not_shift_the_lines_told(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    first = ",".join((GOOD | {"place_of_birth": '"To\nrino"'})[column] for column in COLUMNS)
    bad = ",".join((GOOD_INDONESIAN | {"status": "x"})[column] for column in COLUMNS)
    file.write_text(f"{HEADER}\n{first}\n{bad}\n")

    (problem,) = desk.backend.customers.import_file(file).problems

    assert problem.line == 4


def test_a_dry_run_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    before = numbers(desk)

    report = import_rows(desk, tmp_path, GOOD, GOOD | {"status": "x"}, dry_run=True)

    assert (report.taken, len(report.problems)) == (1, 1)
    assert numbers(desk) == before


def test_wrong_columns_are_named(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_text(HEADER.replace("mobile", "phone") + "\n")

    with pytest.raises(Invalid) as refused:
        desk.backend.customers.import_file(file)

    assert refused.value.facts["missing"] == "mobile"
    assert refused.value.facts["unknown"] == "phone"


def test_what_is_no_utf8_or_no_file_is_refused(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(f"{HEADER}\nit,\xe0".encode("latin-1"))

    with pytest.raises(Invalid, match="file_not_utf8"):
        desk.backend.customers.import_file(file)
    with pytest.raises(NotFound):
        desk.backend.customers.import_file(tmp_path / "nowhere.csv")


def test_personal_data_is_sealed(desk: Desk) -> None:
    with desk.backend.uow(read_only=True) as uow:
        rows = uow.connection.execute(select(customers)).all()
    kept = b" ".join(
        value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row
    )

    for secret in (b"Bianchi", b"BNCGLI", b"1985", b"320123", b"giulia"):
        assert secret not in kept


def test_a_file_that_is_behind_does_not_undo_a_mobile_changed_at_the_desk(desk: Desk) -> None:
    new = "+6281355556666"
    backend = desk.backend
    with backend.uow() as uow:
        budi = uow.customers.by_number("id", "ID-0001")
        assert budi is not None
        backend.contact_changes.apply_mobile(uow, budi, new, desk.clock.now())
        uow.commit()
    backend.customers.import_file(ROOT / "demo" / "customers.csv")

    with backend.uow(read_only=True) as uow:
        assert uow.customers.get(budi.id).details.mobile == new


def test_a_file_with_a_third_mobile_wins_over_one_changed_at_the_desk(
    desk: Desk, tmp_path: Path
) -> None:
    backend = desk.backend
    with backend.uow() as uow:
        budi = uow.customers.by_number("id", "ID-0001")
        assert budi is not None
        backend.contact_changes.apply_mobile(uow, budi, "+6281355556666", desk.clock.now())
        uow.commit()
    demo = (ROOT / "demo" / "customers.csv").read_text(encoding="utf-8")
    file = tmp_path / "customers.csv"
    file.write_text(demo.replace("+6281234567890", "+6281344443333"), encoding="utf-8")
    backend.customers.import_file(file)

    with backend.uow(read_only=True) as uow:
        assert uow.customers.get(budi.id).details.mobile == "+6281344443333"
