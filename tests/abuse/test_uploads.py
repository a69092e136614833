"""Oversized, nested, disguised and active files at the upload page, with the real checks behind."""

from __future__ import annotations

import httpx
import pytest

from backend.services.uploads import UploadOffer
from tests import sent_files
from tests.abuse.house import House, csrf_of

CONVERSATION = "c_0123456789012345678901"
MEGABYTE = 1024 * 1024
JPEG = ("fronte.jpg", sent_files.jpeg(), "image/jpeg")
FILES = "select count(*) from files where purpose = 'identity'"
POLYGLOT = sent_files.jpeg() + b"<?php system($_GET[0]); ?>" + sent_files.archive()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>'


@pytest.fixture
def link(doors: House) -> str:
    """An upload page that waits for a document."""
    with doors.backend.uow() as uow:
        page = doors.backend.uploads.offer(
            uow, UploadOffer(CONVERSATION, "it", "it"), doors.clock.now()
        )
        uow.commit()
    return "/t/" + doors.backend.pages.mint(page.id).rsplit("/", 1)[1]


def sends(doors: House, link: str, front: tuple[str, bytes, str], **more: str) -> httpx.Response:
    browser = doors.browser()
    fields = {"csrf": csrf_of(browser.get(link)), "document_type": "identity_card", **more}
    return browser.post(link, data=fields, files={"front": front, "back": JPEG})


@pytest.mark.parametrize(
    ("name", "content", "claimed"),
    [
        ("foto.jpg", b"MZ\x90\x00" * 100, "image/jpeg"),
        ("foto.jpg", sent_files.archive(), "image/jpeg"),
        ("foto.jpg", SVG, "image/jpeg"),
        ("foto.svg", SVG, "image/svg+xml"),
        ("foto.jpg", b"<html><script>alert(1)</script>", "image/jpeg"),
        ("foto.pdf", sent_files.jpeg(), "application/pdf"),
        ("foto.gif", b"GIF89a" + b"\x00" * 64, "image/gif"),
        ("foto.jpg", b"\xff\xd8\xff" + b"\x00" * 500, "image/jpeg"),
        ("foto.jpg", b"", "image/jpeg"),
        ("documento.pdf", b"%PDF-1.7\n%%EOF", "application/pdf"),
    ],
)
def test_what_is_not_what_it_says_is_refused(
    doors: House, link: str, name: str, content: bytes, claimed: str
) -> None:
    refused = sends(doors, link, (name, content, claimed))

    assert refused.status_code == 422
    assert doors.number_of(FILES) == 0
    assert sends(doors, link, JPEG).status_code == 200


@pytest.mark.parametrize("kind", sorted(sent_files.active_pdfs()))
def test_a_pdf_that_does_more_than_show_a_page_is_refused(
    doors: House, link: str, kind: str
) -> None:
    content = sent_files.active_pdfs()[kind]

    assert sends(doors, link, ("carta.pdf", content, "application/pdf")).status_code == 422
    assert doors.number_of(FILES) == 0


@pytest.mark.parametrize(
    ("content", "claimed", "name"),
    [
        (sent_files.huge_png(60_000, 60_000), "image/png", "bomba.png"),
        (sent_files.memory_bomb(400), "application/pdf", "bomba.pdf"),
        (sent_files.locked_pdf("segreto"), "application/pdf", "chiuso.pdf"),
        (sent_files.pdf(21), "application/pdf", "libro.pdf"),
        (sent_files.animated_png(), "image/png", "film.png"),
    ],
    ids=["picture that unfolds", "pdf that unfolds", "locked", "21 pages", "animated"],
)
def test_a_small_file_that_becomes_a_big_one_does_no_harm(
    doors: House, link: str, content: bytes, claimed: str, name: str
) -> None:
    assert len(content) < 2 * MEGABYTE
    answer = sends(doors, link, (name, content, claimed))

    assert answer.status_code in {200, 422}
    if name != "film.png":
        assert answer.status_code == 422
        assert doors.number_of(FILES) == 0
    assert doors.http.get("/health/live").status_code == 200


@pytest.mark.parametrize(("extra", "status"), [(0, 200), (1, 413)])
def test_ten_megabytes_are_taken_and_not_a_byte_more(
    doors: House, link: str, extra: int, status: int
) -> None:
    photo = sent_files.jpeg()
    # A comment segment cannot be that long: bytes behind the picture are padding that is dropped.
    filled = photo + b"\x00" * (10 * MEGABYTE - len(photo) + extra)

    assert sends(doors, link, ("grande.jpg", filled, "image/jpeg")).status_code == status


def test_a_body_of_thirty_megabytes_is_not_kept(doors: House, link: str) -> None:
    answer = sends(doors, link, ("enorme.jpg", b"\xff\xd8\xff" * (10 * MEGABYTE), "image/jpeg"))

    assert answer.status_code == 413
    assert doors.number_of(FILES) == 0


def test_what_is_kept_is_a_picture_and_nothing_beside_it(doors: House, link: str) -> None:
    answer = sends(doors, link, ("foto.jpg", POLYGLOT, "image/jpeg"))
    assert answer.status_code in {200, 422}

    with doors.backend.uow(read_only=True) as uow:
        page = uow.connection.exec_driver_sql("select reference from pages").scalar_one()
        kept = uow.files.of_reference(page)
        contents = [uow.files.content(file.id) or b"" for file in kept]
    assert len(contents) == (2 if answer.status_code == 200 else 0)
    for content in contents:
        assert b"<?php" not in content
        assert b"PK\x03\x04" not in content
        assert sent_files.PLACE not in content


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.jpg", "a\x00.jpg", "<script>.jpg", "C:\\x.jpg", "n" * 5000 + ".jpg"]
)
def test_a_files_name_leads_nowhere(doors: House, link: str, name: str) -> None:
    before = {path for path in doors.backend.settings.var_dir.rglob("*") if path.is_file()}
    answer = sends(doors, link, (name, sent_files.jpeg(), "image/jpeg"))

    assert answer.status_code in {200, 400, 422}
    assert "<script>" not in answer.text
    assert "passwd" not in answer.text
    after = {path for path in doors.backend.settings.var_dir.rglob("*") if path.is_file()}
    assert {path.name for path in after - before} <= {"sportello.db-wal", "sportello.db-shm"}


@pytest.mark.parametrize("document_type", ["", "ktp", "../x", "<b>", "identity_card\x00"])
def test_a_kind_of_document_nobody_offered_is_refused(
    doors: House, link: str, document_type: str
) -> None:
    answer = sends(doors, link, JPEG, document_type=document_type)

    assert answer.status_code == 422
    assert doors.number_of(FILES) == 0


def test_five_files_in_one_request_are_not_taken(doors: House, link: str) -> None:
    browser = doors.browser()
    fields = {"csrf": csrf_of(browser.get(link)), "document_type": "identity_card"}
    files = [(f"file{n}", JPEG) for n in range(40)]

    assert browser.post(link, data=fields, files=files).status_code in {400, 422}
    assert doors.number_of(FILES) == 0


def test_an_upload_that_is_posted_again_is_one_upload(doors: House, link: str) -> None:
    assert sends(doors, link, JPEG).status_code == 200
    browser = doors.browser()

    again = browser.post(link, data={"csrf": "x"}, files={"front": JPEG, "back": JPEG})

    assert again.status_code == 410
    assert doors.number_of(FILES) == 2
