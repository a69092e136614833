"""Confirming by link, links that no longer work, and what protects them all."""

from __future__ import annotations

import pytest

from backend.core.errors import CodeExhausted, TooMany, Unavailable
from tests.web.pages.conftest import csrf_of

CONVERSATION = "c_0123456789012345678901"


async def test_opening_a_confirm_link_confirms_nothing(house, visitor):
    link = "/t/" + house.pages.add("confirm", kind="confirm")
    for method in ("GET", "HEAD", "GET"):
        assert (await visitor.client.request(method, link)).status_code == 200
    assert house.pages.confirmed == []


async def test_the_confirm_page_is_a_form_with_a_single_button(house, visitor):
    page = await visitor.open("/t/" + house.pages.add("confirm", kind="confirm"))
    assert page.text.count("<form") == 1
    assert page.text.count("<button") == 1
    assert page.text.count("<input") == 1
    assert 'type="hidden"' in page.text


async def test_pressing_it_confirms_once_and_tells_the_conversation(house, visitor):
    link = "/t/" + house.pages.add("confirm", kind="confirm")
    page = await visitor.submit(link)
    assert page.status_code == 200
    assert "Confermato" in page.text
    assert house.pages.confirmed == ["confirm"]
    assert house.gateway.events == [(CONVERSATION, "link_confirmed")]
    assert (await visitor.open(link)).status_code == 410


async def test_a_confirm_link_whose_code_is_exhausted_offers_a_new_one(house, visitor):
    link = "/t/" + house.pages.add("confirm", kind="confirm")

    def exhausted(token):
        raise CodeExhausted(seconds=40)

    house.pages.confirm = exhausted
    page = await visitor.submit(link)
    assert page.status_code == 410
    assert f'action="{link}/renew"' in page.text


async def test_an_expired_link_offers_a_new_one_in_its_language(house, visitor):
    link = "/t/" + house.pages.add("late", language="id", market="id")
    house.clock.forward(600)
    page = await visitor.open(link, **{"accept-language": "it"})
    assert page.status_code == 410
    assert "Tautan ini sudah kedaluwarsa" in page.text
    assert "15000-37" in page.text
    assert f'action="{link}/renew"' in page.text


async def test_a_link_lives_until_its_last_second(house, visitor):
    link = "/t/" + house.pages.add("late")
    house.clock.forward(599)
    assert (await visitor.open(link)).status_code == 200
    house.clock.forward(1)
    assert (await visitor.open(link)).status_code == 410


async def test_asking_for_a_new_link_lets_the_chat_send_it(house, visitor):
    link = "/t/" + house.pages.add("late")
    house.clock.forward(601)
    page = await visitor.submit(link)
    assert page.status_code == 200
    assert "Il nuovo link è in arrivo" in page.text
    assert house.pages.renewed == ["late"]
    assert house.gateway.events == [(CONVERSATION, "page_renewal")]


@pytest.mark.parametrize(("failure", "status"), [(TooMany(), 429), (Unavailable(), 503)])
async def test_a_new_link_that_cannot_be_sent_is_said_kindly(house, visitor, failure, status):
    link = "/t/" + house.pages.add("late")
    house.clock.forward(601)
    house.pages.refuse = failure
    page = await visitor.submit(link)
    assert page.status_code == status
    assert "<h1>" in page.text
    assert house.gateway.events == []


async def test_a_live_link_cannot_be_renewed(house, visitor):
    link = "/t/" + house.pages.add("live")
    csrf = csrf_of(await visitor.open(link))
    answer = await visitor.client.post(link + "/renew", data={"csrf": csrf})
    assert answer.status_code == 410
    assert house.pages.renewed == []


@pytest.mark.parametrize(
    "token",
    ["nothing", "%00", "..%2F..%2Fetc%2Fpasswd", "a" * 4000, "%F0%9F%98%80", "'%20OR%201=1--"],
)
async def test_an_unknown_token_gets_a_kind_page(visitor, token):
    page = await visitor.open("/t/" + token, **{"accept-language": "id-ID,id;q=0.9,en;q=0.5"})
    assert page.status_code == 404
    if "%2F" not in token:  # more than one path segment: no page of ours at all
        assert "Halaman ini tidak ditemukan" in page.text
    assert token not in page.text


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        ("it-IT,it;q=0.9,en;q=0.8", "it"),
        ("fr-FR,fr;q=0.9,id;q=0.2", "id"),
        ("en;q=0.1,it;q=0.7", "it"),
        ("fr", "en"),
        ("it;q=0,de", "en"),
        ("it;q=high", "en"),
        ("", "en"),
    ],
)
async def test_an_unknown_link_speaks_the_browser_s_language(visitor, wishes, language):
    page = await visitor.open("/t/unknown", **{"accept-language": wishes})
    assert f'<html lang="{language}">' in page.text


async def test_every_answer_is_private(house, visitor):
    live = "/t/" + house.pages.add("live")
    late = "/t/" + house.pages.add("late", minutes=-1)
    answers = [
        await visitor.open(live),
        await visitor.client.head(live),
        await visitor.open(late),
        await visitor.open("/t/unknown"),
        await visitor.client.post(live, data={}),
        await visitor.submit(late),
        await visitor.submit(live, password="x", password_confirmation="x"),
    ]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


async def test_pages_hold_no_inline_code_or_style(house, visitor):
    page = await visitor.open("/t/" + house.pages.add("live"))
    assert " style=" not in page.text
    assert "<style" not in page.text
    assert " onclick=" not in page.text
    assert page.text.count("<script") == page.text.count('<script src="/static/')


@pytest.mark.parametrize(
    "field", [{}, {"csrf": ""}, {"csrf": "0" * 64}], ids=["no", "empty", "false"]
)
@pytest.mark.parametrize("path", ["/t/live", "/t/live/renew"])
async def test_without_its_csrf_field_a_form_does_nothing(house, visitor, path, field):
    house.pages.add("live", kind="confirm")
    await visitor.open("/t/live")
    page = await visitor.client.post(path, data=field)
    assert page.status_code == 403
    assert 'href="/t/live"' in page.text
    assert house.pages.confirmed == []
    assert house.gateway.events == []


async def test_a_csrf_field_without_its_cookie_does_nothing(house, visitor):
    house.pages.add("live", kind="confirm")
    csrf = csrf_of(await visitor.open("/t/live"))
    visitor.client.cookies.clear()
    assert (await visitor.client.post("/t/live", data={"csrf": csrf})).status_code == 403
    assert house.pages.confirmed == []


async def test_a_post_from_another_site_does_nothing(house, visitor):
    house.pages.add("live", kind="confirm")
    csrf = csrf_of(await visitor.open("/t/live"))
    answer = await visitor.client.post(
        "/t/live", data={"csrf": csrf}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403
    assert house.pages.confirmed == []


async def test_a_file_in_place_of_a_password_does_nothing(house, visitor):
    house.pages.add("live")
    csrf = csrf_of(await visitor.open("/t/live"))
    answer = await visitor.client.post(
        "/t/live",
        data={"csrf": csrf, "password_confirmation": "Girasole72"},
        files={"password": ("x.txt", b"Girasole72")},
    )
    assert answer.status_code in (400, 422)
    assert house.pages.passwords == []


async def test_another_host_name_is_refused(house, visitor):
    house.pages.add("live")
    answer = await visitor.open("/t/live", host="evil.example")
    assert answer.status_code == 400
    assert "evil.example" not in answer.text
