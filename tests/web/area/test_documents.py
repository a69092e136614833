"""Documents of policies in the area: listed under their policy, opened by whoever is signed in."""

from __future__ import annotations

import re

import pytest

from backend.services.uploads import UploadOffer
from tests import sent_files
from tests.web.area.conftest import Customer
from tests.web.area_house import AreaHouse

MOBILE = "+393201234519"


async def signed_in(house: AreaHouse, customer: Customer) -> str:
    """The home page of Giulia."""
    await customer.log_in(house.open_account("IT-0001"))
    return (await customer.enter(house.last_code(MOBILE))).text


def links(page: str) -> list[str]:
    return re.findall(r'href="(/area/documents/[^"]+)"', page)


def document_of(house: AreaHouse, number: str) -> str:
    """The path of a document of any customer's policy."""
    with house.backend.uow(read_only=True) as uow:
        found = uow.customers.with_policy("it", number)
        document = house.backend.documents.of_policies(uow, [found[1].id])[0]
    return f"/area/documents/{document.id}"


async def test_documents_stand_under_their_policy_the_newest_first(house, customer):
    page = await signed_in(house, customer)
    first, second = page.split('<li class="policy">')[1:]
    assert "401122334" in first
    assert first.index("Quietanza di pagamento 2026") < first.index("Condizioni di polizza")
    assert "5 gennaio 2026" in first
    assert len(links(first)) == len(links(second)) == 2


@pytest.mark.parametrize(("language", "day"), [("id", "5 Januari 2026"), ("en", "5 January 2026")])
async def test_days_are_written_in_the_chosen_language(house, customer, language, day):
    await signed_in(house, customer)
    assert day in (await customer.open(f"/area?lang={language}")).text


async def test_a_document_opens_in_the_browser_as_often_as_wanted(house, customer):
    path = links(await signed_in(house, customer))[0]
    for _ in range(2):
        answer = await customer.open(path)
        assert answer.status_code == 200
        assert answer.content.startswith(b"%PDF-")
        assert answer.headers["content-disposition"].startswith("inline")
        assert answer.headers["cache-control"] == "no-store"
        assert "sandbox" in answer.headers["content-security-policy"]


async def test_nobody_opens_a_document_without_signing_in(house, customer):
    path = document_of(house, "401122334")
    assert (await customer.open(path)).url.path == "/area/login"
    await customer.log_in(house.open_account("IT-0001"))
    assert (await customer.open(path)).url.path == "/area/login", "the code is still to come"


async def test_nobody_opens_what_belongs_to_somebody_else(house, customer):
    await signed_in(house, customer)
    foreign = await customer.open(document_of(house, "INA-55120"))
    unknown = await customer.open("/area/documents/d_nothing")
    for page in (foreign, unknown):
        assert page.status_code == 404
        assert "Questo documento non c&#39;è" in page.text
        assert 'href="/area"' in page.text
    assert re.sub(r"\s", "", foreign.text) == re.sub(r"\s", "", unknown.text)


async def test_a_session_that_ended_opens_nothing(house, customer):
    path = links(await signed_in(house, customer))[0]
    house.clock.forward(900)
    assert (await customer.open(path)).url.path == "/area/login"


async def test_a_policy_without_documents_has_no_empty_list(house, customer):
    await customer.log_in(house.open_account("IT-0006"))
    with house.backend.uow() as uow:
        found = uow.customers.with_policy("it", "CG-77001")
        uow.files.remove_documents_of([found[1].id])
        uow.commit()
    page = await customer.enter(house.last_code("+393289990011"))
    assert "CG-77001" in page.text
    assert "policy-documents" not in page.text


async def test_an_upload_goes_through_page_checks_and_database(house, customer):
    """The real services behind the upload page."""
    offer = UploadOffer("c_0123456789012345678901", "it", "it")
    with house.backend.uow() as uow:
        page = house.backend.uploads.offer(uow, offer, house.clock.now())
        uow.commit()
    link = "/t/" + house.backend.pages.mint(page.id).rsplit("/", 1)[1]
    form = await customer.open(link)
    csrf = re.search(r'name="csrf" value="([^"]+)"', form.text)[1]
    fields = {"csrf": csrf, "document_type": "identity_card"}
    disguised = {
        "front": ("fronte.jpg", b"MZ\x90\x00", "image/jpeg"),
        "back": ("retro.jpg", sent_files.jpeg(), "image/jpeg"),
    }
    refused = await customer.client.post(link, data=fields, files=disguised)
    assert refused.status_code == 422
    assert "non corrisponde al tipo di file" in refused.text

    good = disguised | {"front": ("fronte.jpg", sent_files.jpeg(), "image/jpeg")}
    done = await customer.client.post(link, data=fields, files=good)

    assert done.status_code == 200
    with house.backend.uow(read_only=True) as uow:
        kept = uow.files.of_reference(page.reference)
    assert [file.side for file in kept] == ["front", "back"]
    assert house.gateway.events == [("c_0123456789012345678901", "page_done")]


async def test_a_document_link_opens_the_real_document_once(house, customer):
    house.open_account("IT-0001")
    with house.backend.uow() as uow:
        owner, policy = uow.customers.with_policy("it", "401122334")
        account = uow.accounts.of_customer(owner.id)
        document = house.backend.documents.of_policies(uow, [policy.id])[0]
        page = house.backend.documents.offer(
            uow, document.id, account.id, "c_0123456789012345678901", "it", "it", house.clock.now()
        )
        uow.commit()
    link = "/t/" + house.backend.pages.mint(page.id).rsplit("/", 1)[1]
    assert "Quietanza di pagamento 2026" in (await customer.open(link)).text
    opened = await customer.send(link)
    assert opened.content.startswith(b"%PDF-")
    assert (await customer.open(link)).status_code == 410
