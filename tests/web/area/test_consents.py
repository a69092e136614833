"""Consents in the area: seen, explained, taken back."""

from __future__ import annotations

import re

import pytest

from tests.web.area.conftest import Customer
from tests.web.area_house import AreaHouse

MOBILE = "+393201234519"


def gives(
    house: AreaHouse, username: str, kind: str = "privacy_notice", channel: str = "web"
) -> int:
    with house.backend.uow() as uow:
        (account,) = uow.accounts.with_username(username)
        consent = uow.accounts.add_consent(
            conversation_id="c_somewhere", market="it", kind=kind, version="2025-01",
            language="it", channel=channel, given_at=house.clock.now(),
        )  # fmt: skip
        uow.accounts.own_consent(consent, account.id)
        uow.commit()
    return consent


@pytest.fixture
async def giulia(house: AreaHouse, customer: Customer) -> Customer:
    await customer.log_in(house.open_account("IT-0001"))
    await customer.enter(house.last_code(MOBILE))
    return customer


@pytest.fixture
def consent(house: AreaHouse, giulia: Customer) -> int:
    return gives(house, "giulia.bianchi@example.it")


async def test_the_home_page_leads_to_the_consents(giulia):
    page = await giulia.open("/area")
    assert 'href="/area/consents"' in page.text


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("it", ["Informativa sulla privacy", "20 novembre 2026", "Chat sul sito", "Italiano",
                "Valido", "2025-01"]),
        ("id", ["Pemberitahuan privasi", "20 November 2026", "Chat di situs", "Bahasa Italia"]),
        ("en", ["Privacy notice", "20 November 2026", "Chat on the site", "Italian"]),
    ],
)  # fmt: skip
async def test_a_consent_is_shown_in_words(giulia, consent, language, shown):
    page = await giulia.open(f"/area/consents?lang={language}")
    for words in shown:
        assert words in page.text


async def test_without_consents_that_is_said(giulia):
    page = await giulia.open("/area/consents")
    assert page.status_code == 200
    assert "Per ora non ce ne sono" in page.text


async def test_what_follows_is_told_before(giulia, consent):
    page = await giulia.open(f"/area/consents/{consent}")
    assert "viene chiuso" in page.text.replace("&#39;", "'")
    assert page.text.count("<li>") >= 5
    assert "Revoca e chiudi" in page.text
    again = await giulia.open("/area/consents")
    assert "Valido" in again.text


async def test_withdrawing_closes_the_account(house, giulia, consent):
    await giulia.open(f"/area/consents/{consent}")
    page = await giulia.send(f"/area/consents/{consent}")
    assert page.url.path == "/area/closed"
    assert "Il Suo account è chiuso" in page.text
    assert "sportello_area" not in giulia.client.cookies
    assert (await giulia.open("/area")).url.path == "/area/login"
    refused = await giulia.log_in("giulia.bianchi@example.it")
    assert refused.status_code == 422


async def test_the_consent_of_a_request_leaves_the_account(house, giulia, consent):
    other = gives(house, "giulia.bianchi@example.it", "request_data", "whatsapp")
    page = await giulia.open(f"/area/consents/{other}")
    assert "documento cancellato" in page.text
    page = await giulia.send(f"/area/consents/{other}")
    assert page.url.path == "/area/consents"
    assert "Revocato" in page.text
    assert "WhatsApp" in page.text
    assert f'href="/area/consents/{other}"' not in page.text
    assert f'href="/area/consents/{consent}"' in page.text


async def test_a_second_click_and_somebody_elses_do_no_harm(house, giulia, consent):
    house.open_account("IT-0004")
    theirs = gives(house, "luca.ferrari@example.it")
    await giulia.open(f"/area/consents/{consent}")
    page = await giulia.send(f"/area/consents/{theirs}")
    assert page.url.path == "/area/consents"
    assert (await giulia.open(f"/area/consents/{theirs}")).url.path == "/area/consents"
    with house.backend.uow(read_only=True) as uow:
        (account,) = uow.accounts.with_username("luca.ferrari@example.it")
    assert house.backend.privacy.consents(account.id)[0].is_in_force


async def test_nobody_withdraws_without_the_csrf_field(house, giulia, consent):
    page = await giulia.client.post(f"/area/consents/{consent}", data={})
    assert page.status_code == 403
    with house.backend.uow(read_only=True) as uow:
        (account,) = uow.accounts.with_username("giulia.bianchi@example.it")
    assert house.backend.privacy.consents(account.id)[0].is_in_force


async def test_whoever_is_not_signed_in_sees_nothing(house, customer):
    username = house.open_account("IT-0001")
    consent = gives(house, username)
    for path in ("/area/consents", f"/area/consents/{consent}"):
        assert (await customer.open(path)).url.path == "/area/login"
    await customer.log_in(username)
    assert (await customer.open("/area/consents")).url.path == "/area/login"
    page = await customer.send(f"/area/consents/{consent}")
    assert page.url.path == "/area/login"


@pytest.mark.parametrize("path", ["/area/consents/x", "/area/consents/-1", "/area/consents/1/2"])
async def test_what_is_no_consent_is_not_found(giulia, path):
    assert (await giulia.open(path)).status_code == 404


@pytest.mark.parametrize("language", ["it", "id", "en"])
@pytest.mark.parametrize("market", ["it", "id", "xx"])
async def test_the_closed_page_speaks_and_switches_languages(customer, language, market):
    page = await customer.open(f"/area/closed?market={market}&lang={language}")
    assert page.status_code == 200
    assert page.headers["content-language"] == language
    assert not re.search(r"\{\w+\}", page.text)
