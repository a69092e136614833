"""What a file is, told by what is in it and never by what it is called."""

from __future__ import annotations

import pytest

from backend.core.uploads import (
    JPEG,
    PDF,
    PNG,
    FileRefused,
    Reason,
    Upload,
    media_type_of,
    needs_back,
)
from tests import sent_files

MOST = 10 * 1024 * 1024
WINDOWS_PROGRAM = b"MZ\x90\x00\x03" + b"\0" * 200
PAGE = b"<html><script>alert(1)</script></html>"


def refusal(name: str, media_type: str, content: bytes) -> Reason:
    with pytest.raises(FileRefused) as refused:
        media_type_of(Upload(name, media_type, content), MOST)
    return refused.value.reason


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("fronte.jpg", sent_files.jpeg(), JPEG),
        ("FRONTE.JPEG", sent_files.jpeg(), JPEG),
        ("fronte.png", sent_files.png(), PNG),
        ("carta.pdf", sent_files.pdf(), PDF),
        ("fronte.jpg", sent_files.png(), PNG),
        ("fronte", sent_files.jpeg(), JPEG),
        ("fronte.jfif", sent_files.jpeg(), JPEG),
        ("carta.pdf", sent_files.pdf() + b"\r\n\0\0\n", PDF),
    ],
)
def test_a_file_is_what_its_content_says(name: str, content: bytes, media_type: str) -> None:
    assert media_type_of(Upload(name, "application/octet-stream", content), MOST) == media_type


@pytest.mark.parametrize(
    ("name", "media_type", "content"),
    [
        ("fronte.jpg", JPEG, WINDOWS_PROGRAM),
        ("fronte.png", PNG, b"GIF89a" + b"\0" * 50),
        ("carta.pdf", PDF, PAGE),
        ("carta.pdf", PDF, sent_files.archive()),
        ("carta.pdf", PDF, sent_files.jpeg()),
        ("fronte.jpg", JPEG, sent_files.pdf()),
        ("carta.pdf", PDF, b"GIF89a" + sent_files.pdf()),
        ("carta.pdf", PDF, b"\n" + sent_files.pdf()),
        ("carta.pdf", PDF, sent_files.pdf() + sent_files.archive()),
        ("carta.pdf", PDF, sent_files.pdf() + PAGE),
        ("fronte", JPEG, PAGE),
    ],
    ids=[
        "program as photo", "gif as png", "page as pdf", "archive as pdf", "photo as pdf",
        "pdf as photo", "pdf behind a gif", "pdf not at the beginning", "pdf and archive in one",
        "pdf and page in one", "page by its header a photo",
    ],
)  # fmt: skip
def test_a_disguised_file_is_refused(name: str, media_type: str, content: bytes) -> None:
    assert refusal(name, media_type, content) is Reason.DISGUISED


@pytest.mark.parametrize(
    ("name", "media_type", "content"),
    [
        ("fronte.heic", "image/heic", b"\0\0\0\x18ftypheic" + b"\0" * 50),
        ("fronte.exe", "application/octet-stream", WINDOWS_PROGRAM),
        ("lettera.docx", "application/zip", sent_files.archive()),
        ("fronte", "", PAGE),
        ("fronte.svg", "image/svg+xml", b"<svg onload='alert(1)'/>"),
    ],
)
def test_a_type_that_is_not_taken_is_refused(name: str, media_type: str, content: bytes) -> None:
    assert refusal(name, media_type, content) is Reason.TYPE


def test_a_pdf_without_an_end_is_broken() -> None:
    assert refusal("carta.pdf", PDF, sent_files.pdf().replace(b"%%EOF", b"")) is Reason.BROKEN


def test_an_empty_file_is_none() -> None:
    assert refusal("fronte.jpg", JPEG, b"") is Reason.MISSING


@pytest.mark.parametrize(("size", "is_taken"), [(MOST - 1, True), (MOST, True), (MOST + 1, False)])
def test_ten_megabytes_are_the_most(size: int, is_taken: bool) -> None:
    content = sent_files.jpeg().ljust(size, b"\0")

    if is_taken:
        assert media_type_of(Upload("fronte.jpg", JPEG, content), MOST) == JPEG
    else:
        assert refusal("fronte.jpg", JPEG, content) is Reason.TOO_BIG


@pytest.mark.parametrize(
    ("document_type", "front", "needed"),
    [
        ("identity_card", JPEG, True),
        ("ktp", PNG, True),
        ("identity_card", None, True),
        ("identity_card", PDF, False),
        ("passport", JPEG, False),
        ("passport", PDF, False),
    ],
)
def test_the_back_is_not_needed_of_a_passport_or_beside_a_pdf(
    document_type: str, front: str | None, needed: bool
) -> None:
    assert needs_back(document_type, front) is needed
