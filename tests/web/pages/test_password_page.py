"""Setting the password behind a one-time link."""

from __future__ import annotations

import html

import pytest

from backend.core.errors import Unavailable
from tests.web.customer_pages import CustomerPages
from tests.web.pages.conftest import Visitor, csrf_of

GOOD = "Girasole72"
CONVERSATION = "c_0123456789012345678901"


@pytest.fixture
def link(house: CustomerPages) -> str:
    return "/t/" + house.pages.add("token-of-giulia")


async def set_password(visitor: Visitor, link: str, password: str, again: str | None = None):
    repeated = password if again is None else again
    return await visitor.submit(link, password=password, password_confirmation=repeated)


async def test_get_shows_the_form_and_changes_nothing(house, visitor, link):
    for _ in range(3):
        page = await visitor.open(link)
        assert page.status_code == 200
        assert 'name="password"' in page.text
        assert 'name="password_confirmation"' in page.text
    assert house.pages.passwords == []
    assert house.gateway.events == []


async def test_head_answers_without_using_the_link(house, visitor, link):
    answer = await visitor.client.head(link)
    assert answer.status_code == 200
    assert answer.text == ""
    assert (await visitor.open(link)).status_code == 200


async def test_post_sets_the_password_and_the_chat_goes_on(house, visitor, link):
    page = await set_password(visitor, link, GOOD)
    assert page.status_code == 200
    assert house.pages.passwords == [GOOD]
    assert house.gateway.events == [(CONVERSATION, "page_done")]
    assert "La chat va avanti da sola" in page.text
    assert 'href="/area/login"' in page.text
    assert "gi••••@e••••.it" in page.text


async def test_a_generated_user_name_is_shown_with_the_advice_to_keep_it(house, visitor):
    link = "/t/" + house.pages.add("siti", market="id", language="id", username="kupu7294mq")
    page = await set_password(visitor, link, "rahasia sekali 19")
    assert "kupu7294mq" in page.text
    assert "Catat baik-baik" in page.text


async def test_a_second_post_finds_the_link_used(house, visitor, link):
    form = csrf_of(await visitor.open(link))
    fields = {"csrf": form, "password": GOOD, "password_confirmation": GOOD}
    assert (await visitor.client.post(link, data=fields)).status_code == 200
    again = await visitor.client.post(link, data=fields)
    assert again.status_code == 410
    assert "già stato usato" in again.text
    assert len(house.pages.passwords) == 1
    assert len(house.gateway.events) == 1


@pytest.mark.parametrize(
    ("password", "accepted"),
    [
        ("Gira72!", False),
        ("Gira72!x", True),
        ("Girasole72!girax", True),
        ("Girasole72!giraxy", False),
    ],
    ids=["7 characters", "8", "16", "17"],
)
async def test_length_at_the_limits(house, visitor, link, password, accepted):
    page = await set_password(visitor, link, password)
    assert page.status_code == (200 if accepted else 422)
    assert house.pages.passwords == ([password] if accepted else [])


async def test_every_reason_stands_beside_the_field(house, visitor, link):
    page = await set_password(visitor, link, "abc")
    text = html.unescape(page.text)
    assert "servono almeno 8 caratteri" in text
    assert "Manca una cifra" in text
    assert 'id="password-errors"' in page.text
    assert 'aria-describedby="password-errors rules"' in page.text
    assert page.text.index("Errore:") < page.text.index("</title>")


async def test_a_refused_password_is_never_echoed(house, visitor, link):
    page = await set_password(visitor, link, "<b>x</b>", "<b>y</b>")
    assert "<b>" not in page.text
    assert "x&lt;" not in page.text
    page = await set_password(visitor, link, "<b>x</b>")
    assert page.status_code == 422
    assert "&lt;b" not in page.text


async def test_a_different_confirmation_is_said_beside_the_confirmation(house, visitor, link):
    page = await set_password(visitor, link, GOOD, GOOD + "x")
    assert page.status_code == 422
    assert "Le due password non sono uguali" in page.text
    assert 'id="confirmation-errors"' in page.text
    assert house.pages.passwords == []
    assert (await visitor.open(link)).status_code == 200


async def test_empty_fields_are_explained(house, visitor, link):
    page = await set_password(visitor, link, "")
    assert page.status_code == 422
    assert "Qui manca la password" in page.text


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("it", "servono almeno 8 caratteri"),
        ("id", "paling sedikit 8 karakter"),
        ("en", "at least 8 characters"),
    ],
)
async def test_reasons_come_in_the_language_of_the_conversation(house, visitor, language, sentence):
    link = "/t/" + house.pages.add("token", language=language)
    visitor.client.headers["accept-language"] = "fr"
    page = await set_password(visitor, link, "abc")
    assert sentence in page.text
    assert f'<html lang="{language}">' in page.text
    assert page.headers["content-language"] == language


async def test_rules_of_the_market_are_listed_for_the_browser_to_tick(house, visitor, link):
    page = await visitor.open(link)
    for rule in ("length", "upper", "lower", "digit", "match"):
        assert f'data-rule="{rule}"' in page.text
    assert 'data-min="8" data-max="16"' in page.text
    indonesian = "/t/" + house.pages.add("other", market="id", language="id")
    page = await visitor.open(indonesian)
    assert 'data-min="8" data-max="64"' in page.text
    assert 'data-rule="upper"' not in page.text


async def test_a_hostile_user_name_is_shown_as_text(house, visitor):
    link = "/t/" + house.pages.add("evil", username="<script>alert(1)</script>")
    page = await visitor.open(link)
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text


async def test_the_time_left_is_told_and_never_too_long(house, visitor, link):
    house.clock.forward(9 * 60 - 1)
    assert "61 secondi" in (await visitor.open(link)).text
    house.clock.forward(60)
    assert "1 secondo<" in (await visitor.open(link)).text


async def test_the_password_stands_even_when_the_chat_cannot_be_told(house, visitor, link):
    house.gateway.failure = Unavailable()
    page = await set_password(visitor, link, GOOD)
    assert page.status_code == 200
    assert house.pages.passwords == [GOOD]
