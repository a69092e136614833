"""Photos and PDFs made anew: what goes, what stays, what is refused."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from io import BytesIO

import pytest
from pikepdf import Pdf
from PIL import Image

from backend.adapters import file_cleaning
from backend.adapters.documents import clean_pdf
from backend.adapters.file_cleaning import CleaningApart
from backend.adapters.images import clean_image
from backend.core.errors import Unavailable
from backend.core.limits import Limits
from backend.core.uploads import JPEG, PDF, FileRefused, Reason
from tests import sent_files

LIMITS = Limits()


def picture(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def image_refusal(content: bytes, limits: Limits = LIMITS) -> Reason:
    with pytest.raises(FileRefused) as refused:
        clean_image(content, limits)
    return refused.value.reason


def pdf_refusal(content: bytes, limits: Limits = LIMITS) -> Reason:
    with pytest.raises(FileRefused) as refused:
        clean_pdf(content, limits)
    return refused.value.reason


# Photos -----------------------------------------------------------------------------------------


def test_nothing_but_the_picture_of_a_photo_is_kept() -> None:
    sent = sent_files.jpeg()
    assert sent_files.PLACE in sent

    clean = clean_image(sent, LIMITS)

    assert clean.media_type == JPEG
    assert sent_files.PLACE not in clean.content
    assert b"Fotocamera" not in clean.content
    assert not picture(clean.content).getexif()
    assert set(picture(clean.content).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_photo_taken_on_its_side_is_upright() -> None:
    upright = picture(clean_image(sent_files.jpeg(rotated=True), LIMITS).content)

    assert upright.size == (40, 60)
    top, bottom = upright.getpixel((20, 5)), upright.getpixel((20, 55))
    assert top[1] < 60, "the red half was on the left, which is the top now"
    assert bottom[1] > 200


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_becomes_a_picture(mode: str) -> None:
    assert picture(clean_image(sent_files.png(mode=mode), LIMITS).content).mode == "RGB"


def test_grey_of_sixteen_bits_keeps_its_shades() -> None:
    target = BytesIO()
    Image.new("I;16", (10, 10), 0x8000).save(target, "PNG")

    shade = picture(clean_image(target.getvalue(), LIMITS).content).getpixel((5, 5))

    assert shade == (128, 128, 128)


def test_what_is_transparent_is_white() -> None:
    clean = clean_image(sent_files.png(mode="RGBA"), LIMITS)

    assert picture(clean.content).getpixel((5, 5)) == (255, 255, 255)


def test_of_a_moving_picture_the_first_one_is_kept() -> None:
    clean = picture(clean_image(sent_files.animated_png(), LIMITS).content)

    assert getattr(clean, "n_frames", 1) == 1
    assert clean.getpixel((5, 5))[0] > 200


def test_what_hides_behind_a_photo_is_gone() -> None:
    clean = clean_image(sent_files.jpeg() + sent_files.archive(), LIMITS)

    assert b"invoice.exe" not in clean.content


@pytest.mark.parametrize(
    ("size", "is_taken"),
    [((11_999, 10), True), ((12_000, 10), True), ((12_001, 10), False), ((10, 12_001), False)],
)
def test_a_side_has_twelve_thousand_pixels_at_most(size: tuple[int, int], is_taken: bool) -> None:
    if is_taken:
        assert picture(clean_image(sent_files.png(size, "L"), LIMITS).content).size == size
    else:
        assert image_refusal(sent_files.png(size, "L")) is Reason.DIMENSIONS


@pytest.mark.parametrize(("pixels", "is_taken"), [(2401, True), (2400, True), (2399, False)])
def test_pixels_are_counted(pixels: int, is_taken: bool) -> None:
    limits = replace(LIMITS, upload_pixels=pixels)

    if is_taken:
        assert clean_image(sent_files.png((60, 40)), limits)
    else:
        assert image_refusal(sent_files.png((60, 40)), limits) is Reason.DIMENSIONS


@pytest.mark.parametrize("size", [(7000, 7000), (100_000, 100_000), (2**31 - 1, 2**31 - 1)])
def test_a_few_bytes_that_say_they_are_huge_are_never_decoded(size: tuple[int, int]) -> None:
    assert image_refusal(sent_files.huge_png(*size)) is Reason.DIMENSIONS


@pytest.mark.parametrize(
    "content",
    [
        sent_files.jpeg()[:200],
        sent_files.jpeg()[:-30],
        sent_files.png()[:60],
        b"\xff\xd8\xff" + b"\0" * 100,
        b"\x89PNG\r\n\x1a\n",
        sent_files.huge_png(100, 100),
    ],
)
def test_a_photo_that_is_not_whole_is_refused(content: bytes) -> None:
    assert image_refusal(content) is Reason.BROKEN


# PDFs -------------------------------------------------------------------------------------------


def test_a_pdf_keeps_its_pages_and_loses_its_author() -> None:
    clean = clean_pdf(sent_files.pdf_with_author(), LIMITS)

    with Pdf.open(BytesIO(clean.content)) as made:
        assert len(made.pages) == 1
        assert "/Info" not in made.trailer or "/Author" not in made.docinfo
        assert "/Metadata" not in made.Root
    assert b"Giulia" not in clean.content


def test_the_same_pdf_gives_the_same_bytes() -> None:
    sent = sent_files.pdf_with_author()
    once = clean_pdf(sent, LIMITS)

    assert clean_pdf(sent, LIMITS) == once
    assert clean_pdf(once.content, LIMITS) == once


@pytest.mark.parametrize(("how", "content"), sent_files.active_pdfs().items())
def test_a_pdf_that_does_more_than_show_pages_is_refused(how: str, content: bytes) -> None:
    assert pdf_refusal(content) is Reason.ACTIVE, how


@pytest.mark.parametrize("password", ["", "secret"])
def test_a_locked_pdf_is_refused(password: str) -> None:
    assert pdf_refusal(sent_files.locked_pdf(password)) is Reason.PROTECTED


@pytest.mark.parametrize(("pages", "is_taken"), [(19, True), (20, True), (21, False)])
def test_a_pdf_has_twenty_pages_at_most(pages: int, is_taken: bool) -> None:
    if is_taken:
        assert clean_pdf(sent_files.pdf(pages), LIMITS)
    else:
        assert pdf_refusal(sent_files.pdf(pages)) is Reason.PAGES


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n%%EOF",
        sent_files.pdf()[:100] + b"%%EOF",
        sent_files.pdf().replace(b"/Root", b"/Toor"),
        sent_files.pdf(0),
    ],
)
def test_a_pdf_that_is_not_whole_is_refused(content: bytes) -> None:
    assert pdf_refusal(content) is Reason.BROKEN


# A process apart --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def apart() -> CleaningApart:
    return CleaningApart(2)


def test_a_process_apart_does_the_same(apart: CleaningApart) -> None:
    assert apart.clean(PDF, sent_files.pdf(), LIMITS) == clean_pdf(sent_files.pdf(), LIMITS)
    assert apart.clean(JPEG, sent_files.jpeg(), LIMITS) == clean_image(sent_files.jpeg(), LIMITS)


def test_a_process_apart_says_why_it_refuses(apart: CleaningApart) -> None:
    with pytest.raises(FileRefused) as refused:
        apart.clean(PDF, sent_files.locked_pdf(), LIMITS)

    assert refused.value.reason is Reason.PROTECTED


def test_a_file_that_unfolds_without_end_is_refused(apart: CleaningApart) -> None:
    bomb = sent_files.memory_bomb(1700)
    assert len(bomb) < LIMITS.upload_bytes

    with pytest.raises(FileRefused) as refused:
        apart.clean(PDF, bomb, LIMITS)

    assert refused.value.reason is Reason.BROKEN


def test_a_process_that_takes_too_long_is_ended(
    apart: CleaningApart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_cleaning, "_SECONDS", 0.01)

    with pytest.raises(FileRefused):
        apart.clean(PDF, sent_files.pdf(), LIMITS)


def test_secrets_of_the_environment_stay_here(
    apart: CleaningApart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPORTELLO_SECRET_KEY", "a secret")
    given: list[dict[str, str]] = []
    real = subprocess.run

    def run(*arguments, **options):
        given.append(options["env"])
        return real(*arguments, **options)

    monkeypatch.setattr(subprocess, "run", run)
    apart.clean(PDF, sent_files.pdf(), LIMITS)

    assert [set(environment) for environment in given] == [{"PYTHONPATH"}]


def test_a_worker_that_cannot_work_is_no_fault_of_the_file(
    apart: CleaningApart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_cleaning, "_WORKER", "backend.adapters.nothing")

    with pytest.raises(Unavailable):
        apart.clean(PDF, sent_files.pdf(), LIMITS)
