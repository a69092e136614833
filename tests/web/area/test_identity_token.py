"""The chat on our own page: who is signed in is known there, and forgotten on signing out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from backend.services.conversations import Conversations
from tests.web.area.conftest import Customer
from tests.web.area_house import AreaHouse

GIULIAS_MOBILE = "+393201234519"


@pytest.fixture
async def signed_in(house: AreaHouse, customer: Customer) -> Customer:
    await customer.log_in(house.open_account("IT-0001"))
    await customer.enter(house.last_code(GIULIAS_MOBILE))
    return customer


def csrf_of(page: httpx.Response | None) -> str:
    found = page and re.search(r'area\.js" data-csrf="([^"]+)"', page.text)
    assert found
    return found[1]


async def ask(customer: Customer, csrf: str | None = None, **headers: str) -> httpx.Response:
    given = {"X-CSRF-Token": csrf} if csrf else {}
    return await customer.client.post("/area/identity-token", headers={**given, **headers})


def conversation(house: AreaHouse) -> str:
    opened = Conversations(house.backend.uow, house.clock).open_session("it", "it")
    return opened[1].id


async def test_whoever_is_signed_in_is_known_in_the_chat(house, signed_in):
    answer = await ask(signed_in, csrf_of(signed_in.page))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json().keys() == {"token"}
    talk = conversation(house)
    assert house.backend.identity_tokens.accept(talk, answer.json()["token"])
    assert house.backend.identity_tokens.holds(talk, "it")


async def test_the_page_carries_the_chat_in_the_accounts_market_but_no_token(house, customer):
    customer.client.headers["accept-language"] = "en"
    await customer.log_in(house.open_account("ID-0001"))
    page = await customer.enter(house.last_code("+6281234567890"))
    assert 'src="/static/widget.js" data-market="id" data-language="en"' in page.text
    assert page.text.index("area.js") < page.text.index("widget.js")
    assert "eyJ" not in page.text


@pytest.mark.parametrize("csrf", [None, "0" * 64, ""])
async def test_without_the_pages_own_header_there_is_no_token(signed_in, csrf):
    answer = await ask(signed_in, csrf)
    assert answer.status_code == 403
    assert "token" not in answer.json()


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_site_gets_no_token(signed_in, site):
    answer = await ask(signed_in, csrf_of(signed_in.page), **{"sec-fetch-site": site})
    assert answer.status_code == 403


async def test_who_is_not_signed_in_gets_none(house, signed_in):
    csrf = csrf_of(signed_in.page)
    session = signed_in.client.cookies["sportello_area"]
    signed_in.client.cookies.delete("sportello_area")
    assert (await ask(signed_in, csrf)).status_code == 401
    signed_in.client.cookies.set("sportello_area", session)
    house.clock.forward(899)
    assert (await ask(signed_in, csrf)).status_code == 200
    house.clock.forward(900)
    answer = await ask(signed_in, csrf)
    assert answer.status_code == 401
    assert answer.json() == {"error": "session_expired"}


async def test_half_signed_in_gets_none(house, customer):
    page = await customer.log_in(house.open_account("IT-0001"))
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert (await ask(customer, csrf[1])).status_code == 401


async def test_signing_out_ends_what_the_chat_knew(house, signed_in):
    csrf = csrf_of(signed_in.page)
    used, unused = [(await ask(signed_in, csrf)).json()["token"] for _ in range(2)]
    talk = conversation(house)
    assert house.backend.identity_tokens.accept(talk, used)
    await signed_in.send("/area/logout", signed_in="1")
    assert not house.backend.identity_tokens.holds(talk, "it")
    assert not house.backend.identity_tokens.accept(conversation(house), unused)


async def test_it_is_not_to_be_had_by_looking(signed_in):
    assert (await signed_in.client.get("/area/identity-token")).status_code == 405


async def test_a_host_may_be_kept_from_vouching_and_the_chat_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPORTELLO_IDENTITY_TOKEN_SECRET", "")
    house = AreaHouse(tmp_path)
    transport: Any = httpx.ASGITransport(app=house.app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://testserver", follow_redirects=True
    ) as client:
        customer = Customer(client)
        await customer.log_in(house.open_account("IT-0001"))
        page = await customer.enter(house.last_code(GIULIAS_MOBILE))
        csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert csrf
        answer = await ask(customer, csrf[1])
    house.close()
    assert "widget.js" in page.text
    assert "area.js" not in page.text
    assert answer.status_code == 404


async def test_the_token_names_the_account_and_lives_a_minute(house, signed_in):
    token = (await ask(signed_in, csrf_of(signed_in.page))).json()["token"]
    secret = house.backend.settings.identity_token_secret.get_secret_value()
    claims = jwt.decode(
        token, secret, ["HS256"], {"verify_exp": False, "verify_iat": False}, audience="sportello"
    )
    assert claims["sub"] == "giulia.bianchi@example.it"
    assert claims["market"] == "it"
    assert claims["exp"] - claims["iat"] == 60
