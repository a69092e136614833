"""A link that opens a policy document once; and the link that stops a change."""

from __future__ import annotations

import pytest

from backend.services.documents import OpenedDocument
from tests.web.customer_pages import CustomerPages
from tests.web.pages.conftest import csrf_of


@pytest.fixture
def link(house: CustomerPages) -> str:
    return "/t/" + house.pages.add("document", kind="document")


@pytest.fixture
def veto(house: CustomerPages) -> str:
    return "/t/" + house.pages.add("veto", kind="veto", username=None, minutes=48 * 60)


async def test_the_page_tells_title_and_time_and_opens_nothing(house, visitor, link):
    for method in ("HEAD", "GET"):
        page = await visitor.client.request(method, link)
        assert page.status_code == 200
    assert "Quietanza di pagamento 2026" in page.text
    assert "10 minuti" in page.text
    assert page.text.count("<button") == 1
    assert house.documents.opened == []


async def test_the_button_opens_the_document_in_the_browser(house, visitor, link):
    answer = await visitor.submit(link)
    assert answer.status_code == 200
    assert answer.content == b"%PDF-1"
    headers = answer.headers
    assert headers["content-type"] == "application/pdf"
    assert headers["content-disposition"].startswith("inline; filename=")
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("title", "plain", "whole"),
    [
        ("Attività 2026", "Attivit_ 2026.pdf", "Attivit%C3%A0%202026.pdf"),
        ('a"; x="b\r\nSet-Cookie: c', "a__ x__b__Set-Cookie_ c.pdf", "Set-Cookie%3A"),
        ("../../etc/passwd", ".._.._etc_passwd.pdf", "..%2F..%2Fetc"),
    ],
)
async def test_a_title_becomes_a_harmless_file_name(house, visitor, link, title, plain, whole):
    house.documents.document = OpenedDocument(title, "application/pdf", b"%PDF-1")
    answer = await visitor.submit(link)
    disposition = answer.headers["content-disposition"]
    assert f'filename="{plain}"' in disposition
    assert whole in disposition
    assert "set-cookie" not in {
        name.lower() for name, value in answer.headers.items() if value == "c"
    }


async def test_a_title_is_shown_as_text(house, visitor, link):
    house.documents.document = OpenedDocument("<script>x</script>", "application/pdf", b"")
    assert "<script>x" not in (await visitor.open(link)).text


async def test_it_opens_once_and_then_says_how_to_see_it_again(house, visitor, link):
    csrf = csrf_of(await visitor.open(link))
    assert (await visitor.client.post(link, data={"csrf": csrf})).content == b"%PDF-1"
    for again in (await visitor.client.post(link, data={"csrf": csrf}), await visitor.open(link)):
        assert again.status_code == 410
        assert "Il documento è già stato aperto" in again.text
        assert 'href="/area/login"' in again.text
        assert "nella chat" in again.text
    assert house.documents.opened == ["document"]


async def test_after_its_time_it_says_how_to_see_it(house, visitor, link):
    house.clock.forward(600)
    page = await visitor.open(link)
    assert page.status_code == 410
    assert "I link ai documenti valgono pochi minuti" in page.text
    assert "/renew" not in page.text


async def test_without_its_csrf_field_nothing_is_opened(house, visitor, link, veto):
    for path in (link, veto):
        assert (await visitor.client.post(path, data={"csrf": "0" * 64})).status_code == 403
    assert house.documents.opened == []
    assert house.vetoes.stopped == []


async def test_a_veto_page_explains_and_stops_nothing_by_itself(house, visitor, veto):
    for method in ("HEAD", "GET", "GET"):
        page = await visitor.client.request(method, veto)
        assert page.status_code == 200
    assert page.text.count("<button") == 1
    assert "Se non è opera Sua" in page.text
    assert house.vetoes.stopped == []


async def test_its_button_stops_the_change_and_says_what_comes_next(house, visitor, veto):
    page = await visitor.submit(veto)
    assert page.status_code == 200
    assert "La modifica è stata fermata" in page.text
    assert "«password dimenticata»" in page.text
    assert "La chat va avanti da sola" not in page.text
    assert house.vetoes.stopped == ["veto"]
    assert house.gateway.events == []
    again = await visitor.open(veto)
    assert again.status_code == 410
    assert "niente da fermare" in again.text


async def test_a_veto_link_lives_two_days_and_cannot_be_renewed(house, visitor, veto):
    house.clock.forward(48 * 3600 - 1)
    assert (await visitor.open(veto)).status_code == 200
    house.clock.forward(1)
    page = await visitor.open(veto)
    assert page.status_code == 410
    assert "48 ore" in page.text
    assert "/renew" not in page.text


@pytest.mark.parametrize(
    ("language", "stopped"),
    [("it", "è stata fermata"), ("id", "sudah dihentikan"), ("en", "has been stopped")],
)
async def test_a_veto_speaks_the_language_of_its_notice(house, visitor, language, stopped):
    link = "/t/" + house.pages.add("v", kind="veto", language=language, username=None)
    visitor.client.headers["accept-language"] = "fr"
    assert stopped in (await visitor.submit(link)).text
