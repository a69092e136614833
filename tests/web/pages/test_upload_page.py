"""Sending an identity document: by its form, within its limits, once."""

from __future__ import annotations

import html
import tempfile
from collections.abc import AsyncIterator

import pytest

from backend.core.errors import Unavailable, UploadRefused
from tests import sent_files
from tests.web.customer_pages import CustomerPages
from tests.web.pages.conftest import csrf_of

CONVERSATION = "c_0123456789012345678901"
MEGABYTE = 1024 * 1024
PHOTO = ("fronte.jpg", sent_files.jpeg(), "image/jpeg")
BACK = ("retro.png", sent_files.png(), "image/png")
BOTH = {"front": PHOTO, "back": BACK}


@pytest.fixture
def link(house: CustomerPages) -> str:
    return "/t/" + house.pages.add("token-of-anna", kind="upload", minutes=30)


async def test_the_form_asks_for_a_document_of_the_market_and_both_sides(house, visitor, link):
    page = await visitor.open(link)
    assert page.status_code == 200
    assert 'enctype="multipart/form-data"' in page.text
    for kind in ("identity_card", "passport", "driving_licence", "residence_permit"):
        assert f'value="{kind}"' in page.text
    assert 'value="ktp"' not in page.text
    for side in ("front", "back"):
        assert (
            f'name="{side}" type="file" accept="image/jpeg,image/png,application/pdf"' in page.text
        )
    # With it, phones would offer the camera alone, and nobody could choose a photo taken before.
    assert "capture" not in page.text
    indonesian = await visitor.open(
        "/t/" + house.pages.add("other", kind="upload", market="id", language="id")
    )
    assert 'value="ktp"' in indonesian.text
    assert "residence_permit" not in indonesian.text


async def test_looking_takes_nothing(house, visitor, link):
    for method in ("GET", "HEAD", "GET"):
        assert (await visitor.client.request(method, link)).status_code == 200
    assert house.uploads.taken == []


async def test_files_are_taken_and_the_chat_goes_on(house, visitor, link):
    page = await visitor.send(link, document_type="identity_card", files=BOTH)
    assert page.status_code == 200
    ((document_type, front, back),) = house.uploads.taken
    assert document_type == "identity_card"
    assert (front.name, front.media_type, front.content) == (PHOTO[0], PHOTO[2], PHOTO[1])
    assert back.content == BACK[1]
    assert house.gateway.events == [(CONVERSATION, "page_done")]
    assert "Documento ricevuto" in page.text
    assert "La chat va avanti da sola" in page.text


async def test_a_field_left_empty_is_no_file(house, visitor, link):
    empty = ("", b"", "application/octet-stream")
    await visitor.send(link, document_type="passport", files={"front": PHOTO, "back": empty})
    ((_, front, back),) = house.uploads.taken
    assert front.content == PHOTO[1]
    assert back is None


async def test_a_form_without_any_file_field_is_answered_too(house, visitor, link):
    csrf = csrf_of(await visitor.open(link))
    page = await visitor.client.post(link, data={"csrf": csrf, "document_type": "passport"})
    assert page.status_code == 200
    assert house.uploads.taken == [("passport", None, None)]


async def test_a_second_post_finds_the_link_used(house, visitor, link):
    fields = {"csrf": csrf_of(await visitor.open(link)), "document_type": "identity_card"}
    assert (await visitor.client.post(link, data=fields, files=BOTH)).status_code == 200
    again = await visitor.client.post(link, data=fields, files=BOTH)
    assert again.status_code == 410
    assert "Il documento è già arrivato" in again.text
    assert len(house.uploads.taken) == 1
    assert len(house.gateway.events) == 1


async def test_every_refusal_stands_beside_its_field(house, visitor, link):
    house.uploads.refuse = UploadRefused(
        (("document_type", "document_type_unknown"), ("front", "file_disguised"),
         ("back", "file_pages"))
    )  # fmt: skip
    page = await visitor.send(link, document_type="ktp", files=BOTH)
    text = html.unescape(page.text)
    assert page.status_code == 422
    assert "Scelga quale documento invia" in text
    assert "Il contenuto non corrisponde al tipo di file" in text
    assert "al massimo 20" in text
    for field in ("document_type", "front", "back"):
        assert f'id="{field}-errors"' in page.text
    assert 'aria-describedby="front-errors front-hint"' in page.text
    assert page.text.index("Errore:") < page.text.index("</title>")
    assert page.text.count("autofocus") == 1
    assert house.gateway.events == []


async def test_the_chosen_document_stays_chosen_after_a_refusal(house, visitor, link):
    house.uploads.refuse = UploadRefused((("front", "file_broken"),))
    page = await visitor.send(link, document_type="passport", files=BOTH)
    assert '<option value="passport" selected>' in page.text
    assert "Scelga di nuovo i file" in page.text


async def test_a_document_nobody_knows_is_not_echoed(house, visitor, link):
    house.uploads.refuse = UploadRefused((("document_type", "document_type_unknown"),))
    page = await visitor.send(link, document_type="<b>x</b>", files=BOTH)
    assert "<b>" not in page.text
    assert "&lt;b" not in page.text


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("it", "fino a 10 MB"), ("id", "paling besar 10 MB"), ("en", "up to 10 MB")],
)
async def test_a_file_too_big_is_answered_in_the_language_of_the_page(
    house, visitor, language, sentence
):
    link = "/t/" + house.pages.add("token", kind="upload", language=language)
    house.uploads.refuse = UploadRefused((("back", "file_too_big"),))
    page = await visitor.send(link, document_type="passport", files=BOTH)
    assert page.status_code == 413
    assert sentence in page.text


def upload_of(megabytes: float) -> dict[str, tuple[str, bytes, str]]:
    half = int(megabytes * MEGABYTE / 2)
    return {side: (f"{side}.jpg", b"\xff" * half, "image/jpeg") for side in ("front", "back")}


@pytest.mark.parametrize(("megabytes", "is_read"), [(19.9, True), (20, True), (20.1, False)])
async def test_a_body_is_read_up_to_two_files_of_ten_megabytes(
    house, visitor, link, megabytes, is_read
):
    page = await visitor.send(link, document_type="passport", files=upload_of(megabytes))
    if is_read:
        assert page.status_code == 200
        ((_, front, _),) = house.uploads.taken
        assert len(front.content) == int(megabytes * MEGABYTE / 2)
        return
    assert page.status_code == 413
    assert "10 MB per file" in page.text
    assert house.uploads.taken == []
    assert (await visitor.open(link)).status_code == 200


async def test_a_body_that_says_it_is_enormous_is_not_read_at_all(house, visitor, link):
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("it was read")
        yield b""

    page = await visitor.client.post(
        link,
        content=never(),
        headers={"content-length": str(10**12), "content-type": "multipart/form-data; boundary=x"},
    )
    assert page.status_code == 413
    assert "10 MB per file" in page.text


async def test_a_body_without_end_is_given_up(house, visitor, link):
    received = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal received
        yield b'--x\r\ncontent-disposition: form-data; name="front"; filename="a.jpg"\r\n\r\n'
        while True:
            received += MEGABYTE
            yield b"\xff" * MEGABYTE

    page = await visitor.client.post(
        link, content=endless(), headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert page.status_code == 413
    assert received < 100 * MEGABYTE


@pytest.mark.parametrize("kind", ["password", "confirm", "document", "veto"])
@pytest.mark.parametrize(("size", "status"), [(256 * 1024 - 100, 403), (256 * 1024 + 1, 413)])
async def test_other_pages_take_small_forms_only(house, visitor, kind, size, status):
    link = "/t/" + house.pages.add("small", kind=kind)
    body = b"password=" + b"x" * (size - 9)
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert (await visitor.client.post(link, content=body, headers=form)).status_code == status
    answer = await visitor.client.post(link + "/renew", content=body, headers=form)
    assert answer.status_code == status


async def test_files_never_touch_the_disk(house, visitor, link, monkeypatch):
    def on_disk(_spooled: tempfile.SpooledTemporaryFile) -> None:
        raise AssertionError("a file was written to disk")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", on_disk)
    page = await visitor.send(link, document_type="passport", files=upload_of(16))
    assert page.status_code == 200


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data; boundary=x", b"no part at all"),
        ("multipart/form-data", b""),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\ncontent-disposition: form-data\r\n\r\na\r\n--x--",
        ),
        ("text/plain", b"csrf=1"),
        ("application/json", b'{"csrf": 1}'),
    ],
)
async def test_a_body_that_is_no_form_does_nothing(house, visitor, link, content_type, body):
    answer = await visitor.client.post(link, content=body, headers={"content-type": content_type})
    assert answer.status_code in (400, 403)
    assert house.uploads.taken == []


async def test_more_files_than_a_request_may_have_are_not_taken(house, visitor, link):
    csrf = csrf_of(await visitor.open(link))
    files = [("front", PHOTO)] * 5
    answer = await visitor.client.post(link, data={"csrf": csrf}, files=files)
    assert answer.status_code == 400
    assert house.uploads.taken == []


@pytest.mark.parametrize("field", [{}, {"csrf": ""}, {"csrf": "0" * 64}])
async def test_without_its_csrf_field_nothing_is_taken(house, visitor, link, field):
    await visitor.open(link)
    page = await visitor.client.post(link, data={"document_type": "passport", **field}, files=BOTH)
    assert page.status_code == 403
    assert f'href="{link}"' in page.text
    assert house.uploads.taken == []


async def test_an_expired_link_offers_a_new_one(house, visitor, link):
    house.clock.forward(1800)
    page = await visitor.open(link)
    assert page.status_code == 410
    assert f'action="{link}/renew"' in page.text
    assert (await visitor.submit(link)).status_code == 200
    assert house.gateway.events == [(CONVERSATION, "page_renewal")]


async def test_files_that_cannot_be_checked_now_are_asked_for_again(house, visitor, link):
    house.uploads.refuse = Unavailable()
    page = await visitor.send(link, document_type="passport", files=BOTH)
    assert page.status_code == 503
    assert "<h1>" in page.text


async def test_the_upload_stands_even_when_the_chat_cannot_be_told(house, visitor, link):
    house.gateway.failure = Unavailable()
    page = await visitor.send(link, document_type="identity_card", files=BOTH)
    assert page.status_code == 200
    assert len(house.uploads.taken) == 1
