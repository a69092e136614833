"""Accounts of an older system: taken in with their passwords, once, and told apart by nobody."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from argon2 import PasswordHasher, Type
from passlib.hash import bcrypt, pbkdf2_sha256, scrypt
from sqlalchemy import func, select

from backend.adapters import older_hashes
from backend.adapters.tables.accounts import accounts
from backend.core.errors import Invalid, LoginRefused, NotFound
from backend.core.flow import Command
from backend.core.older_accounts import COLUMNS
from backend.services.customers import ImportReport
from tests.backend.desk import GOOD_PASSWORD, Desk
from tests.backend.services.test_races import at_once

PASSWORD = "Melograno7"
HASHES = {
    "argon2id": PasswordHasher(2, 64, 1, type=Type.ID).hash(PASSWORD),
    "argon2i": PasswordHasher(1, 64, 1, type=Type.I).hash(PASSWORD),
    "bcrypt": bcrypt.using(rounds=4).hash(PASSWORD),
    "pbkdf2": pbkdf2_sha256.using(rounds=10).hash(PASSWORD),
    "scrypt": scrypt.using(rounds=4).hash(PASSWORD),
}
GIULIA = {
    "market": "it", "customer_id": "IT-0001", "username": "giulia.bianchi@example.it",
    "password_hash": HASHES["bcrypt"], "created_at": "2019-03-07",
}  # fmt: skip
BUDI = {
    "market": "id", "customer_id": "ID-0001", "username": "BudiS90",
    "password_hash": HASHES["bcrypt"], "created_at": "2021-05-06T07:08:09+07:00",
}  # fmt: skip
MOBILE, BUDIS_MOBILE = "+393201234519", "+6281234567890"


def take(desk: Desk, folder: Path, *rows: Mapping[str, str], dry_run: bool = False) -> ImportReport:
    file = folder / "accounts.csv"
    quoted = (",".join(f'"{row[column]}"' for column in COLUMNS) for row in rows)
    file.write_text("\n".join([",".join(COLUMNS), *quoted]) + "\n", encoding="utf-8")
    return desk.backend.older_accounts.import_file(file, dry_run=dry_run)


def told(report: ImportReport) -> list[tuple[int, str]]:
    return [(problem.line, problem.column) for problem in report.problems]


def number_of_accounts(desk: Desk) -> int:
    with desk.backend.uow(read_only=True) as uow:
        return uow.connection.execute(select(func.count()).select_from(accounts)).scalar_one()


def kept_hash(desk: Desk, number: str) -> tuple[str, str | None]:
    with desk.backend.uow(read_only=True) as uow:
        customer = uow.customers.by_number(number[:2].lower(), number)
        assert customer
        row = uow.connection.execute(
            select(accounts).where(accounts.c.customer_id == customer.id)
        ).one()
    return row.password_hash, row.older_format


def policies_seen(desk: Desk, number: str) -> list[str]:
    with desk.backend.uow(read_only=True) as uow:
        customer = uow.customers.by_number(number[:2].lower(), number)
        assert customer
        account = uow.accounts.of_customer(customer.id)
        assert account
        return sorted(one.number for one in uow.customers.policies_in_account(account.id))


def new_username(desk: Desk, contact: str) -> str:
    return next(word.strip(".") for word in desk.sent(contact)[0].split("sekarang ")[1].split())


@pytest.mark.parametrize("scheme", HASHES)
def test_a_password_of_before_opens_the_area_and_is_hashed_anew(
    desk: Desk, tmp_path: Path, scheme: str
) -> None:
    report = take(desk, tmp_path, GIULIA | {"password_hash": HASHES[scheme]})
    assert (report.rows, report.taken, report.problems) == (1, 1, ())
    assert kept_hash(desk, "IT-0001")[1] is not None

    login = desk.backend.area.login("Giulia.Bianchi@example.it", PASSWORD)

    assert login.token
    upgraded, older = kept_hash(desk, "IT-0001")
    assert upgraded.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert older is None
    assert older_hashes.fits(upgraded, PASSWORD)
    with pytest.raises(LoginRefused):
        desk.backend.area.login("giulia.bianchi@example.it", PASSWORD + "x")


def test_a_wrong_password_upgrades_nothing(desk: Desk, tmp_path: Path) -> None:
    take(desk, tmp_path, GIULIA)

    with pytest.raises(LoginRefused):
        desk.backend.area.login("giulia.bianchi@example.it", "Melograno8")

    assert kept_hash(desk, "IT-0001") == (HASHES["bcrypt"], "$2b$04")


def test_every_check_does_the_same_work_whoever_is_asked_for(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(desk, tmp_path, GIULIA, BUDI | {"password_hash": HASHES["scrypt"]},
         GIULIA | {"customer_id": "IT-0002", "username": "3331112244",
                   "password_hash": HASHES["argon2id"]})  # fmt: skip
    talk = desk.talk()
    talk.gives(profile="person", first_name="Paolo Galli", contact="3289990011")
    talk.says(Command.AFFIRM)
    talk.says(otp_code=desk.code_to("+393289990011"))
    talk.sets_password()
    work: list[str] = []
    real = older_hashes.fits

    def counted(password_hash: str, password: str) -> bool:
        work.append(password_hash[:11].rsplit("$", 1)[0])
        return real(password_hash, password)

    monkeypatch.setattr(older_hashes, "fits", counted)
    done = []
    for username in ("giulia.bianchi@example.it", "3331112244", "3289990011", "nobody@example.it",
                     "BudiS90"):  # fmt: skip
        with pytest.raises(LoginRefused):
            desk.backend.area.login(username, "Wrong2026")
        done.append(sorted(work))
        work.clear()

    assert len(done[0]) == 4
    assert done == [done[0]] * 5


def test_the_dummies_go_with_the_last_account_of_their_format(desk: Desk, tmp_path: Path) -> None:
    take(desk, tmp_path, GIULIA, BUDI | {"password_hash": HASHES["scrypt"]})
    with desk.backend.uow(read_only=True) as uow:
        assert uow.accounts.older_formats() == ("$2b$04", "$scrypt$ln=4,r=8,p=1")

    desk.backend.area.login("giulia.bianchi@example.it", PASSWORD)

    with desk.backend.uow(read_only=True) as uow:
        assert uow.accounts.older_formats() == ("$scrypt$ln=4,r=8,p=1",)


def test_in_italy_the_user_name_stays_and_all_policies_are_there(
    desk: Desk, tmp_path: Path
) -> None:
    take(desk, tmp_path, GIULIA | {"username": "320 123 45 19"})

    assert desk.backend.area.login("+39 3201234519", PASSWORD).token
    assert policies_seen(desk, "IT-0001") == ["401122334", "401122335"]
    assert not any("Melograno" in body or "ora è" in body for body in desk.sent(MOBILE))


def test_in_indonesia_every_contact_is_told_the_new_user_name(desk: Desk, tmp_path: Path) -> None:
    take(desk, tmp_path, BUDI)

    username = new_username(desk, BUDIS_MOBILE)
    assert username in desk.sent("budi.santoso@example.co.id")[0]
    assert desk.backend.area.login(username, PASSWORD).token
    assert policies_seen(desk, "ID-0001") == ["00120451", "00120999", "DPLK-300011"]


def test_the_old_user_name_is_refused_like_any_other(desk: Desk, tmp_path: Path) -> None:
    take(desk, tmp_path, BUDI)

    refused = []
    for username, password in (("BudiS90", PASSWORD), ("BudiS90", "x"), ("nobody", PASSWORD)):
        with pytest.raises(LoginRefused) as failure:
            desk.backend.area.login(username, password)
        refused.append((str(failure.value), dict(failure.value.facts)))

    assert refused == [("login_refused", {})] * 3
    assert desk.audited()[-3:] == ["login_failed"] * 3


@pytest.mark.parametrize(
    ("number", "linked"),
    [
        # A group policy beside others needs a person; other than the first group is never linked.
        ("ID-0004", ["00155010", "DPLK-300078"]),
        ("ID-0005", ["GRP-2201-0015"]),
        ("ID-0007", []),
        ("IT-0007", ["407700990", "407700991"]),
    ],
)
def test_what_registration_would_link_is_linked(
    desk: Desk, tmp_path: Path, number: str, linked: list[str]
) -> None:
    market = number[:2].lower()
    row = BUDI | {"market": market, "customer_id": number, "username": "sara.rizzo@example.it"}

    assert take(desk, tmp_path, row).is_clean

    assert policies_seen(desk, number) == linked


def test_the_same_file_again_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    take(desk, tmp_path, GIULIA, BUDI)
    desk.backend.area.login("giulia.bianchi@example.it", PASSWORD)
    before, sent = kept_hash(desk, "IT-0001"), desk.sent(BUDIS_MOBILE)

    report = take(desk, tmp_path, GIULIA, BUDI)

    assert (report.rows, report.taken, report.problems) == (2, 2, ())
    assert kept_hash(desk, "IT-0001") == before
    assert desk.sent(BUDIS_MOBILE) == sent
    assert desk.audited().count("account_imported") == 2


def test_a_dry_run_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    report = take(desk, tmp_path, GIULIA, BUDI, GIULIA | {"created_at": "soon"}, dry_run=True)

    assert (report.rows, report.taken, told(report)) == (3, 2, [(4, "created_at")])
    assert number_of_accounts(desk) == 0
    assert desk.sent(BUDIS_MOBILE) == []
    assert "account_imported" not in desk.audited()


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"market": "de"}, "market"),
        ({"customer_id": ""}, "customer_id"),
        ({"customer_id": "IT-9999"}, "customer_id"),
        ({"customer_id": "ID-0001"}, "customer_id"),
        ({"customer_id": "I" * 201}, "customer_id"),
        ({"username": ""}, "username"),
        ({"username": "giulia"}, "username"),
        ({"username": "+6281234567890"}, "username"),
        ({"password_hash": ""}, "password_hash"),
        ({"password_hash": "$1$abcdefgh$G2WwhnyqRZUhKTVqA7Zr61"}, "password_hash"),
        ({"password_hash": "Melograno7"}, "password_hash"),
        ({"password_hash": f"$2b$15${'a' * 53}"}, "password_hash"),
        ({"created_at": "07/03/2019"}, "created_at"),
        ({"created_at": "2026-11-20T09:00:01Z"}, "created_at"),
    ],
)
def test_a_bad_row_is_named_and_nothing_of_it_is_written(
    desk: Desk, tmp_path: Path, changes: dict[str, str], column: str
) -> None:
    report = take(desk, tmp_path, GIULIA | changes, BUDI)

    assert told(report) == [(2, column)]
    assert report.taken == 1
    assert number_of_accounts(desk) == 1


def test_a_moment_that_is_now_is_past_enough(desk: Desk, tmp_path: Path) -> None:
    assert take(desk, tmp_path, GIULIA | {"created_at": "2026-11-20T10:00:00"}).is_clean


def test_a_refused_value_is_not_repeated(desk: Desk, tmp_path: Path) -> None:
    report = take(desk, tmp_path, GIULIA | {"username": "SECRET", "password_hash": "$1$SECRET$x"})

    assert "SECRET" not in " ".join(map(str, report.problems))


def test_customer_and_user_name_stand_once_in_a_file(desk: Desk, tmp_path: Path) -> None:
    report = take(
        desk, tmp_path, GIULIA, GIULIA | {"username": "3201234519"},
        GIULIA | {"customer_id": "IT-0004"},
    )  # fmt: skip

    assert told(report) == [(3, "customer_id"), (4, "username")]
    assert "line 2" in report.problems[0].reason


def test_an_account_that_was_opened_here_stays(desk: Desk, tmp_path: Path) -> None:
    talk = desk.talk()
    talk.gives(profile="person", first_name="Giulia Bianchi", contact="3201234519")
    talk.says(Command.AFFIRM)
    talk.says(otp_code=desk.code_to(MOBILE))
    talk.sets_password()

    report = take(desk, tmp_path, GIULIA, GIULIA | {"customer_id": "IT-0002",
                                                    "username": "3201234519"})  # fmt: skip

    assert told(report) == [(2, "customer_id"), (3, "username")]
    assert desk.backend.area.login("3201234519", GOOD_PASSWORD).token


def test_a_registration_without_a_password_gives_way(desk: Desk, tmp_path: Path) -> None:
    talk = desk.talk()
    talk.gives(profile="person", first_name="Giulia Bianchi", contact="3201234519")
    talk.says(Command.AFFIRM)
    talk.says(otp_code=desk.code_to(MOBILE))

    assert take(desk, tmp_path, GIULIA).is_clean

    assert number_of_accounts(desk) == 1
    assert desk.backend.area.login("giulia.bianchi@example.it", PASSWORD).token


def test_without_a_contact_nobody_could_be_told(desk: Desk, tmp_path: Path) -> None:
    with desk.backend.uow() as uow:
        customer = uow.customers.by_number("id", "ID-0003")
        assert customer
        values = {"holder_kind": customer.holder_kind, "language": customer.language}
        uow.customers.upsert_customer(
            "id", "ID-0003", values, type(customer.details)("Sulastri"), desk.clock.now()
        )
        uow.commit()

    report = take(desk, tmp_path, BUDI | {"customer_id": "ID-0003"})

    assert told(report) == [(2, "customer_id")]


def test_wrong_columns_and_no_file_are_refused(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_text("market,customer_id,user\n")

    with pytest.raises(Invalid) as refused:
        desk.backend.older_accounts.import_file(file)
    assert refused.value.facts["missing"] == "username, password_hash, created_at"
    with pytest.raises(NotFound):
        desk.backend.older_accounts.import_file(tmp_path / "nowhere.csv")


def test_two_imports_at_once_open_each_account_once(any_desk: Desk, tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()

    reports = at_once(
        [lambda folder=folder: take(any_desk, folder, GIULIA, BUDI) for folder in folders]
    )

    assert [(report.taken, report.problems) for report in reports] == [(2, ())] * 2
    assert number_of_accounts(any_desk) == 2
    assert len(any_desk.sent(BUDIS_MOBILE)) == 1


def test_a_password_set_meanwhile_is_not_overwritten_by_the_upgrade(
    desk: Desk, tmp_path: Path
) -> None:
    take(desk, tmp_path, GIULIA)
    with desk.backend.uow() as uow:
        (stale,) = uow.accounts.with_username("giulia.bianchi@example.it")
        newer = desk.backend.accounts.hash_password(stale, GOOD_PASSWORD)
        desk.backend.accounts.set_password(uow, stale, newer)
        desk.backend.accounts.rehash_if_outdated(uow, stale, PASSWORD)
        uow.commit()

    assert kept_hash(desk, "IT-0001") == (newer, None)
