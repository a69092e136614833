"""What protects the area: cookies, CSRF fields, headers; and its languages."""

from __future__ import annotations

import httpx
import pytest

from tests.web.area_house import AreaHouse

PLAIN = "http://testserver"


@pytest.mark.parametrize("path", ["/area/login", "/area/code", "/area/logout"])
@pytest.mark.parametrize("field", [{}, {"csrf": "0" * 64}], ids=["none", "false"])
async def test_a_form_without_its_csrf_field_does_nothing(house, customer, path, field):
    username = house.open_account("IT-0001")
    await customer.log_in(username)
    sent = len(house.backend.notices.listing())
    page = await customer.client.post(
        path, data={"username": username, "password": "Girasole72", **field}
    )
    assert page.status_code == 403
    assert 'href="/area/login"' in page.text
    assert len(house.backend.notices.listing()) == sent
    assert 'name="code"' in (await customer.open()).text


async def test_cookies_are_kept_from_scripts_and_other_sites(house, customer):
    page = await customer.log_in(house.open_account("IT-0001"))
    cookies = page.history[0].headers.get_list("set-cookie")
    cookie = next(value for value in cookies if value.startswith("sportello_area="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


async def test_behind_https_cookies_are_secure(tmp_path):
    house = AreaHouse(tmp_path, public_base_url="https://desk.example")
    transport = httpx.ASGITransport(app=house.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://testserver") as client:
        page = await client.get("/area/login?lang=it")
    house.close()
    cookies = page.headers.get_list("set-cookie")
    assert cookies
    assert all("Secure" in cookie for cookie in cookies)


async def test_every_answer_is_private(house, customer):
    username = house.open_account("IT-0001")
    answers = [
        await customer.open("/area/login"),
        await customer.open("/area"),
        await customer.client.head("/area/login"),
        await customer.client.post("/area/login", data={}),
        await customer.log_in(username, "wrong"),
        await customer.log_in(username),
    ]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_a_made_up_session_is_none(house, customer):
    customer.client.cookies.set("sportello_area", "made-up")
    page = await customer.open("/area")
    assert page.url.path == "/area/login"
    assert 'name="username"' in page.text


@pytest.mark.parametrize(
    ("path", "accepted", "title"),
    [
        ("/area/login", "it", "Entri nella Sua area"),
        ("/area/login", "id", "Masuk ke akun Anda"),
        ("/area/login", "en-GB", "Sign in to your account"),
        ("/area/login?lang=id", "it", "Masuk ke akun Anda"),
        ("/area/login?lang=xx", "it", "Entri nella Sua area"),
    ],
)
async def test_the_language_is_asked_of_the_browser_and_may_be_switched(
    customer, path, accepted, title
):
    page = await customer.open(path, **{"accept-language": accepted})
    assert title in page.text


async def test_a_switched_language_lasts_through_signing_in(house, customer):
    username = house.open_account("IT-0001")
    await customer.open("/area/login?lang=en")
    page = await customer.log_in(username)
    assert "Enter the code" in page.text
    page = await customer.enter(house.last_code("+393201234519"))
    assert "Your policies" in page.text
    assert "is your" in house.backend.notices.listing("+393201234519")[0]["body"]
    page = await customer.open("/area?lang=id")
    assert "Polis Anda" in page.text


@pytest.mark.parametrize("notice", ["signed_out", "session_ended"])
async def test_a_notice_of_ours_is_shown(customer, notice):
    page = await customer.open(f"/area/login?notice={notice}")
    assert 'role="status"' in page.text


@pytest.mark.parametrize("notice", ["brand", "%3Cb%3E", "login_refused"])
async def test_other_notices_are_ignored(customer, notice):
    page = await customer.open(f"/area/login?notice={notice}")
    assert page.status_code == 200
    assert 'class="notice"' not in page.text
