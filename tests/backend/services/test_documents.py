"""Policy documents: taken in from a file, opened once by a link, or by whoever is signed in."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from backend.adapters.tables.accounts import account_policies
from backend.adapters.tables.files import files, policy_documents
from backend.core.errors import Invalid, LinkExpired, LinkUnknown, LinkUsed, NotFound
from backend.core.pages import Page
from backend.core.policy_documents import COLUMNS, PolicyDocument
from backend.services.customers import ImportReport
from tests import sent_files
from tests.backend.desk import ROOT, Desk
from tests.backend.services.test_races import at_once

DEMO = ROOT / "demo" / "documents.csv"
CONVERSATION = "c_0123456789012345678901"
GOOD = {
    "policy_number": "407700991",
    "market": "it",
    "title": "Condizioni",
    "kind": "policy",
    "issued_on": "2026-11-20",
    "file": "pdf/condizioni.pdf",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a CSV file lies, with a good PDF below it."""
    folder = tmp_path / "in"
    (folder / "pdf").mkdir(parents=True)
    (folder / "pdf" / "condizioni.pdf").write_bytes(sent_files.pdf_with_author())
    return folder


def import_rows(desk: Desk, folder: Path, *rows: dict[str, str], **options: Any) -> ImportReport:
    path = folder / "documents.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return desk.backend.documents.import_file(path, **options)


def numbers(desk: Desk) -> tuple[int, int]:
    """How many documents there are, and how many files of documents."""
    with desk.backend.uow(read_only=True) as uow:
        found = uow.connection.execute(
            select(
                select(func.count()).select_from(policy_documents).scalar_subquery(),
                select(func.count()).select_from(files).scalar_subquery(),
            )
        ).one()
    return found[0], found[1]


def of_policy(desk: Desk, number: str, market: str = "it") -> list[PolicyDocument]:
    with desk.backend.uow(read_only=True) as uow:
        found = uow.customers.with_policy(market, number)
        assert found
        return desk.backend.documents.of_policies(uow, [found[1].id])


def content_of(desk: Desk, document: PolicyDocument) -> bytes:
    with desk.backend.uow(read_only=True) as uow:
        content = uow.files.content(document.file_id)
    assert content
    return content


def account_of(desk: Desk, customer: str) -> str:
    """An account that sees all policies of a demo customer."""
    with desk.backend.uow() as uow:
        owner = uow.customers.by_number(customer[:2].lower(), customer)
        assert owner
        policies = uow.customers.policies_of(owner.id)
        account = desk.backend.accounts.open(
            uow, owner, policies, owner.details.email, owner.language
        )
        uow.commit()
    return account.id


def offer(desk: Desk, document: PolicyDocument, account_id: str) -> Page:
    with desk.backend.uow() as uow:
        page = desk.backend.documents.offer(
            uow, document.id, account_id, CONVERSATION, "it", "it", desk.clock.now()
        )
        uow.commit()
    return page


def token_of(desk: Desk, page: Page) -> str:
    return desk.backend.pages.mint(page.id).rsplit("/", 1)[1]


# In ---------------------------------------------------------------------------------------------


def test_most_demo_policies_have_a_document_in_the_language_of_their_market(desk: Desk) -> None:
    report = desk.backend.documents.import_file(DEMO)

    assert report.is_clean
    giulia = of_policy(desk, "401122334")
    assert [document.title for document in giulia] == [
        "Quietanza di pagamento 2026", "Condizioni di polizza",
    ]  # fmt: skip
    assert {document.title for document in of_policy(desk, "00120451", "id")} == {
        "Polis", "Bukti Pembayaran Premi 2026",
    }  # fmt: skip
    with (ROOT / "demo" / "customers.csv").open(encoding="utf-8") as file:
        active = {row["policy_number"] for row in csv.DictReader(file) if row["status"] == "active"}
    with DEMO.open(encoding="utf-8") as file:
        with_document = {row["policy_number"] for row in csv.DictReader(file)}
    assert with_document <= active
    assert len(with_document) > len(active) * 0.8


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    before, documents = numbers(desk), of_policy(desk, "401122334")

    report = desk.backend.documents.import_file(DEMO)

    assert (report.rows, report.taken) == (before[0], before[0])
    assert numbers(desk) == before
    assert of_policy(desk, "401122334") == documents


def test_a_document_is_replaced_by_policy_title_and_day(desk: Desk, folder: Path) -> None:
    import_rows(desk, folder, GOOD)
    before, (first,) = numbers(desk), of_policy(desk, "407700991")
    (folder / "pdf" / "condizioni.pdf").write_bytes(sent_files.pdf(3))

    import_rows(desk, folder, GOOD | {"kind": "certificate"})

    (second,) = of_policy(desk, "407700991")
    assert numbers(desk) == before
    assert (second.id, second.kind) == (first.id, "certificate")
    assert second.file_id != first.file_id
    assert content_of(desk, second)


def test_another_title_or_day_is_another_document(desk: Desk, folder: Path) -> None:
    import_rows(
        desk, folder, GOOD, GOOD | {"title": "Certificato"}, GOOD | {"issued_on": "2026-01-31"}
    )

    assert [str(document.issued_on) for document in of_policy(desk, "407700991")] == [
        "2026-11-20", "2026-11-20", "2026-01-31",
    ]  # fmt: skip


def test_what_tells_of_the_author_does_not_come_along(desk: Desk, folder: Path) -> None:
    import_rows(desk, folder, GOOD)

    (document,) = of_policy(desk, "407700991")

    assert b"Giulia" not in content_of(desk, document)


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"policy_number": ""}, "policy_number"),
        ({"policy_number": "499999999"}, "policy_number"),
        ({"policy_number": "00120451"}, "policy_number"),
        ({"market": "de"}, "market"),
        ({"market": ""}, "market"),
        ({"title": ""}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"title": "a\u202eb"}, "title"),
        ({"kind": "letter"}, "kind"),
        ({"issued_on": "20/11/2026"}, "issued_on"),
        ({"issued_on": "2026-11-21"}, "issued_on"),
        ({"issued_on": ""}, "issued_on"),
        ({"file": ""}, "file"),
        ({"file": "nowhere.pdf"}, "file"),
        ({"file": "pdf"}, "file"),
        ({"file": "../outside.pdf"}, "file"),
        ({"file": "outside-link.pdf"}, "file"),
        ({"file": "/etc/hostname"}, "file"),
        ({"file": "pdf/photo.pdf"}, "file"),
        ({"file": "pdf/active.pdf"}, "file"),
        ({"file": "pdf/big.pdf"}, "file"),
    ],
)
def test_a_bad_row_is_named_and_nothing_of_it_is_written(
    desk: Desk, folder: Path, changes: dict[str, str], column: str
) -> None:
    (folder.parent / "outside.pdf").write_bytes(sent_files.pdf())
    (folder / "outside-link.pdf").symlink_to(folder.parent / "outside.pdf")
    (folder / "pdf" / "photo.pdf").write_bytes(sent_files.jpeg())
    (folder / "pdf" / "active.pdf").write_bytes(sent_files.active_pdfs()["file inside"])
    (folder / "pdf" / "big.pdf").write_bytes(sent_files.pdf().ljust(10 * 1024 * 1024 + 1, b"\0"))
    before = numbers(desk)

    report = import_rows(desk, folder, GOOD | {"title": "Altro"}, GOOD | changes)

    assert [(problem.line, problem.column) for problem in report.problems] == [(3, column)]
    assert (report.rows, report.taken) == (2, 1)
    assert numbers(desk) == (before[0] + 1, before[1] + 1)


def test_all_that_is_wrong_with_a_row_is_told_at_once_and_not_repeated(
    desk: Desk, folder: Path
) -> None:
    report = import_rows(desk, folder, GOOD | {"kind": "secret", "issued_on": "secret"})

    assert {problem.column for problem in report.problems} == {"kind", "issued_on"}
    assert "secret" not in " ".join(map(str, report.problems))


def test_a_document_stands_once_in_a_file(desk: Desk, folder: Path) -> None:
    (problem,) = import_rows(desk, folder, GOOD, GOOD | {"kind": "receipt"}).problems

    assert (problem.line, problem.column) == (3, "title")
    assert "line 2" in problem.reason


def test_a_dry_run_writes_nothing(desk: Desk, folder: Path) -> None:
    before, audited = numbers(desk), desk.audited()

    report = import_rows(desk, folder, GOOD, GOOD | {"kind": "x"}, dry_run=True)

    assert (report.taken, len(report.problems)) == (1, 1)
    assert (numbers(desk), desk.audited()) == (before, audited)


def test_more_rows_than_are_written_at_once_all_come_in(desk: Desk, folder: Path) -> None:
    report = import_rows(desk, folder, *(GOOD | {"title": f"Lettera {n}"} for n in range(41)))

    assert report.taken == 41
    assert len(of_policy(desk, "407700991")) == 41
    assert desk.audited().count("documents_imported") == 2


def test_a_file_with_other_columns_or_none_is_refused(desk: Desk, folder: Path) -> None:
    (folder / "wrong.csv").write_text("policy_number,market\n")

    with pytest.raises(Invalid, match="columns_wrong"):
        desk.backend.documents.import_file(folder / "wrong.csv")
    with pytest.raises(NotFound):
        desk.backend.documents.import_file(folder / "nowhere.csv")


# Out --------------------------------------------------------------------------------------------


@pytest.fixture
def giulia(desk: Desk) -> str:
    return account_of(desk, "IT-0001")


@pytest.fixture
def receipt(desk: Desk) -> PolicyDocument:
    return of_policy(desk, "401122334")[0]


def test_a_link_opens_its_document_once(desk: Desk, giulia: str, receipt: PolicyDocument) -> None:
    page = offer(desk, receipt, giulia)
    token = token_of(desk, page)
    assert (page.kind, page.minutes) == ("document", 10)

    for _ in range(3):
        assert desk.backend.documents.title(token) == "Quietanza di pagamento 2026"
    opened = desk.backend.documents.open(token)

    assert (opened.title, opened.media_type) == ("Quietanza di pagamento 2026", "application/pdf")
    assert opened.content == content_of(desk, receipt)
    assert desk.audited().count("document_opened") == 1
    for again in (desk.backend.documents.open, desk.backend.documents.title):
        with pytest.raises(LinkUsed):
            again(token)


def test_a_link_lives_ten_minutes(desk: Desk, giulia: str, receipt: PolicyDocument) -> None:
    in_time, late = (token_of(desk, offer(desk, receipt, giulia)) for _ in range(2))

    desk.clock.forward(599)
    assert desk.backend.documents.open(in_time)
    desk.clock.forward(1)

    with pytest.raises(LinkExpired):
        desk.backend.documents.open(late)


def test_a_link_opens_nothing_once_the_policy_is_gone_from_the_account(
    desk: Desk, giulia: str, receipt: PolicyDocument
) -> None:
    token = token_of(desk, offer(desk, receipt, giulia))
    with desk.backend.uow() as uow:
        uow.connection.execute(
            delete(account_policies).where(account_policies.c.policy_id == receipt.policy_id)
        )
        uow.commit()

    for call in (desk.backend.documents.title, desk.backend.documents.open):
        with pytest.raises(LinkUnknown):
            call(token)
    assert "document_opened" not in desk.audited()


def test_nobody_is_offered_the_document_of_somebody_else(
    desk: Desk, giulia: str, receipt: PolicyDocument
) -> None:
    stranger = account_of(desk, "IT-0004")

    with pytest.raises(NotFound):
        offer(desk, receipt, stranger)


def test_the_link_of_another_kind_of_page_opens_no_document(desk: Desk, giulia: str) -> None:
    with desk.backend.uow() as uow:
        page = uow.pages.add(
            kind="upload", conversation_id=CONVERSATION, market="it", language="it",
            account_id=giulia, reference="u_1", now=desk.clock.now(),
            expires_at=desk.clock.now().replace(year=2027),
        )  # fmt: skip
        uow.commit()

    with pytest.raises(LinkUnknown):
        desk.backend.documents.open(token_of(desk, page))


def test_one_link_pressed_twice_at_once_opens_once(any_desk: Desk) -> None:
    account = account_of(any_desk, "IT-0001")
    token = token_of(any_desk, offer(any_desk, of_policy(any_desk, "401122334")[0], account))

    results = at_once([lambda: any_desk.backend.documents.open(token)] * 6)

    assert sum(isinstance(result, LinkUsed) for result in results) == 5
    assert any_desk.audited().count("document_opened") == 1


def test_documents_are_sealed(desk: Desk, tmp_path: Path) -> None:
    desk.backend.engine.dispose()
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())

    assert b"Quietanza di pagamento" in written, "a title is not personal"
    assert b"%PDF" not in written


def test_documents_go_with_their_policies(desk: Desk) -> None:
    before = numbers(desk)
    documents = of_policy(desk, "401122334")
    with desk.backend.uow() as uow:
        assert uow.files.remove_documents_of([documents[0].policy_id]) == 2
        uow.commit()

    assert numbers(desk) == (before[0] - 2, before[1] - 2)
