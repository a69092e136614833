"""User name and password, then a code, then the policies; and every way this can go wrong."""

from __future__ import annotations

import httpx
import pytest

from tests.web.area.conftest import Customer

GIULIA = "giulia.bianchi@example.it"
GIULIAS_MOBILE = "+393201234519"
BUDIS_MOBILE = "+6281234567890"


@pytest.fixture
def giulia(house):
    return house.open_account("IT-0001")


async def sign_in(house, customer, username, mobile=GIULIAS_MOBILE):
    await customer.log_in(username)
    return await customer.enter(house.last_code(mobile))


async def test_password_and_code_lead_to_the_policies(house, customer, giulia):
    page = await customer.log_in(giulia)
    assert page.status_code == 200
    assert 'name="code"' in page.text
    assert "320 *****19" in page.text
    page = await customer.enter(house.last_code(GIULIAS_MOBILE))
    assert page.url.path == "/area"
    for shown in ("401122334", "401122335", "GenSalute Famiglia", "Attiva", "Individuale"):
        assert shown in page.text
    assert "giulia.bianchi" not in page.text


async def test_an_indonesian_account_sees_its_policies_in_its_language(house, customer):
    username = house.open_account("ID-0001")
    customer.client.headers["accept-language"] = "id"
    page = await sign_in(house, customer, username, BUDIS_MOBILE)
    assert "Polis Anda" in page.text
    assert "DPLK-300011" in page.text
    assert username in page.text


@pytest.mark.parametrize("written", ["0039 333 111 2244", "333.1112244", "+39 3331112244"])
async def test_a_mobile_as_user_name_may_be_written_in_many_ways(house, customer, written):
    house.open_account("IT-0002")
    assert 'name="code"' in (await customer.log_in(written)).text


async def test_case_and_spaces_around_a_user_name_do_not_matter(house, customer, giulia):
    assert 'name="code"' in (await customer.log_in(f" {giulia.upper()} ")).text


async def test_an_unknown_and_a_wrong_one_look_the_same(house, customer, giulia):
    wrong = await customer.log_in(giulia, "Girasole73")
    unknown = await customer.log_in("nobody@example.it", "Girasole73")
    assert wrong.status_code == unknown.status_code == 422
    assert without_csrf(wrong) == without_csrf(unknown)
    assert "non corrispondono" in wrong.text


async def test_what_was_typed_is_never_echoed(house, customer):
    page = await customer.log_in("<b>giulia</b>", "<b>secret</b>")
    assert "giulia" not in page.text
    assert "secret" not in page.text


@pytest.mark.parametrize(("username", "password"), [("", ""), ("  ", "x"), ("giulia", "")])
async def test_missing_fields_are_said(house, customer, username, password):
    page = await customer.log_in(username, password)
    assert page.status_code == 422
    assert "Servono tutti e due" in page.text


async def test_waits_begin_after_five_tries_and_are_told_in_seconds(house, customer, giulia):
    for _ in range(5):
        assert (await customer.log_in(giulia, "wrong")).status_code == 422
    page = await customer.log_in(giulia)
    assert page.status_code == 429
    assert page.headers["retry-after"] == "30"
    assert ">30 secondi<" in page.text
    assert "Non serve aspettare" in page.text
    house.clock.forward(29)
    assert (await customer.log_in(giulia)).status_code == 429
    house.clock.forward(1)
    assert 'name="code"' in (await customer.log_in(giulia)).text


async def test_a_customer_without_a_mobile_is_told_how_to_add_one(house, customer):
    page = await customer.log_in(house.open_account("IT-0005"))
    assert page.status_code == 200
    assert "Manca un numero di cellulare" in page.text
    assert "aggiungere il cellulare" in page.text
    assert "generali.it/assistenza" in page.text
    assert not any("area" in name for name in customer.client.cookies)


async def test_a_wrong_code_says_how_many_tries_are_left(house, customer, giulia):
    await customer.log_in(giulia)
    page = await customer.enter(other_than(house.last_code(GIULIAS_MOBILE)))
    assert page.status_code == 422
    assert "4 tentativi" in page.text
    page = await customer.enter(house.last_code(GIULIAS_MOBILE))
    assert page.url.path == "/area"


async def test_the_fifth_wrong_code_ends_it(house, customer, giulia):
    await customer.log_in(giulia)
    code = house.last_code(GIULIAS_MOBILE)
    for _ in range(5):
        page = await customer.enter(other_than(code))
    page = await customer.enter(code)
    assert page.status_code == 429
    assert "questo non vale più" in page.text
    assert 'name="code"' not in page.text


async def test_ten_wrong_codes_in_a_day_stop_the_codes_and_name_whom_to_call(
    house, customer, giulia
):
    for _ in range(2):
        await customer.log_in(giulia)
        for _ in range(5):
            await customer.enter(other_than(house.last_code(GIULIAS_MOBILE)))
        await customer.send("/area/logout")
        house.clock.forward(121)
    page = await customer.log_in(giulia)
    assert page.status_code == 429
    assert "i codici sono sospesi" in page.text
    assert "generali.it/assistenza" in page.text
    assert "15000-37" in page.text


async def test_too_many_codes_in_an_hour_are_refused_kindly(house, customer, giulia):
    for _ in range(5):
        await customer.log_in(giulia)
        await customer.send("/area/logout")
        house.clock.forward(120)
    page = await customer.log_in(giulia)
    assert page.status_code == 429
    assert "non possiamo inviare altri codici" in page.text


async def test_a_malformed_code_is_explained(house, customer, giulia):
    await customer.log_in(giulia)
    page = await customer.enter("12345")
    assert page.status_code == 422
    assert "Il codice ha 6 cifre" in page.text


async def test_a_code_lives_two_minutes_and_another_can_be_sent_after(house, customer, giulia):
    await customer.log_in(giulia)
    first = house.last_code(GIULIAS_MOBILE)
    house.clock.forward(119)
    early = await customer.send("/area/code")
    assert early.status_code == 429
    assert "tra 1 secondo." in early.text
    house.clock.forward(1)
    late = await customer.enter(first)
    assert late.status_code == 410
    assert "Il codice è scaduto" in late.text
    page = await customer.send("/area/code")
    assert page.status_code == 200
    page = await customer.enter(house.last_code(GIULIAS_MOBILE))
    assert page.url.path == "/area"


async def test_reloading_while_the_code_is_awaited_shows_the_same_step(house, customer, giulia):
    await customer.log_in(giulia)
    assert 'name="code"' in (await customer.open("/area/login")).text
    assert 'name="code"' in (await customer.open("/area")).text


async def test_a_code_without_a_password_opens_nothing(house, customer, giulia):
    await customer.log_in(giulia)
    code = house.last_code(GIULIAS_MOBILE)
    transport = httpx.ASGITransport(app=house.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        stranger = Customer(client)
        await stranger.open()
        page = await stranger.enter(code)
        assert "session has ended" in page.text
        assert (await client.get("/area")).status_code == 303


async def test_the_half_open_session_sees_no_policies(house, customer, giulia):
    await customer.log_in(giulia)
    page = await customer.open("/area")
    assert page.url.path == "/area/login"
    assert "401122334" not in page.text


async def test_the_token_changes_when_the_session_opens(house, customer, giulia):
    await customer.log_in(giulia)
    before = customer.client.cookies["sportello_area"]
    await customer.enter(house.last_code(GIULIAS_MOBILE))
    assert customer.client.cookies["sportello_area"] != before
    customer.client.cookies.set("sportello_area", before)
    assert (await customer.open("/area")).url.path == "/area/login"


async def test_signing_out_ends_the_session(house, customer, giulia):
    await sign_in(house, customer, giulia)
    token = customer.client.cookies["sportello_area"]
    page = await customer.send("/area/logout", signed_in="1")
    assert "L'uscita è riuscita" in page.text.replace("&#39;", "'")
    assert "sportello_area" not in customer.client.cookies
    customer.client.cookies.set("sportello_area", token)
    assert (await customer.open("/area")).url.path == "/area/login"


async def test_an_idle_session_ends_and_says_so(house, customer, giulia):
    await sign_in(house, customer, giulia)
    house.clock.forward(899)
    assert (await customer.open("/area")).url.path == "/area"
    house.clock.forward(900)
    page = await customer.open("/area")
    assert page.url.path == "/area/login"
    assert "La sessione è finita" in page.text


async def test_starting_over_leads_back_to_the_password(house, customer, giulia):
    await customer.log_in(giulia)
    page = await customer.send("/area/logout")
    assert 'name="username"' in page.text
    assert "uscita è riuscita" not in page.text


def without_csrf(page: httpx.Response) -> str:
    return "\n".join(line for line in page.text.splitlines() if 'name="csrf"' not in line)


def other_than(code: str) -> str:
    """A code of the right form that is not *code*."""
    return f"{(int(code) + 1) % 1_000_000:06d}"
