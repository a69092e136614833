"""A customer registers, sets the password on the page, and signs in: pages, area and backend."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.core.flow import Command, Step, Turn
from tests.web.area_house import PASSWORD, AreaHouse

CONVERSATION = "c_0123456789012345678901"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[AreaHouse]:
    house = AreaHouse(tmp_path)
    yield house
    house.close()


class Chat:
    """A conversation with the registration service, without the dialogue around it."""

    def __init__(self, house: AreaHouse, market: str) -> None:
        self._registration = house.backend.flows["register"]
        self._market = market
        self._count = 0

    def say(self, command: Command = Command.NONE, **answers: str) -> Step:
        self._count += 1
        return self._registration.advance(
            Turn(
                conversation_id=CONVERSATION,
                message_id=f"m_{self._count:022d}",
                market=self._market,
                language="it" if self._market == "it" else "id",
                channel="web",
                client=None,
                answers=answers,
                command=command,
                opening=self._count == 1,
            )
        )


def on_file(house: AreaHouse, number: str) -> dict[str, str]:
    with (house.backend.settings.demo_dir / "customers.csv").open() as rows:
        return next(row for row in csv.DictReader(rows) if row["customer_id"] == number)


def link_in_mail(house: AreaHouse, contact: str) -> str:
    body = house.backend.notices.listing(contact)[0]["body"]
    found = re.search(r"http://testserver(/t/[\w-]+)", body)
    assert found, "no link went out"
    return found[1]


async def post(client: httpx.AsyncClient, page: httpx.Response, **fields: Any) -> httpx.Response:
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
    assert csrf, page.text
    assert action, page.text
    return await client.post(action[1], data={"csrf": csrf[1], **fields})


@pytest.fixture
async def client(house):
    transport = httpx.ASGITransport(app=house.app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://testserver", follow_redirects=True
    ) as client:
        yield client


async def test_a_person_in_italy(house, client):
    chat = Chat(house, "it")
    chat.say(profile="person", first_name="Giulia", last_name="Bianchi")
    chat.say(contact="giulia.bianchi@example.it")
    chat.say(Command.AFFIRM)
    step = chat.say(otp_code=house.last_code("giulia.bianchi@example.it"))
    assert step.page is not None
    page = await client.get(house.backend.pages.mint(step.page.id))
    assert "gi****@e****.it" in page.text
    page = await post(client, page, password="Generali2025", password_confirmation="Generali2025")
    assert "facile da indovinare" in page.text
    page = await post(client, page, password=PASSWORD, password_confirmation=PASSWORD)
    assert "La password è pronta" in page.text
    assert house.gateway.events == [(CONVERSATION, "page_done")]
    assert chat.say(Command.PAGE_DONE).outcome == "completed"

    page = await client.get("/area/login")
    page = await post(client, page, username="giulia.bianchi@example.it", password=PASSWORD)
    page = await post(client, page, code=house.last_code("+393201234519"))
    assert "401122334" in page.text
    assert "401122335" in page.text


async def test_an_expired_link_of_a_professional_leads_to_a_new_one(house, client):
    chat = Chat(house, "it")
    customer = on_file(house, "IT-0008")
    chat.say(
        profile="professional",
        first_name=customer["first_name"],
        last_name=customer["last_name"],
        vat_number=customer["vat_number"],
    )
    chat.say(contact=customer["email"])
    step = chat.say(Command.AFFIRM)
    assert step.asking == "otp_code"
    link = link_in_mail(house, customer["email"])
    page = await client.get(link)
    assert "Conferma della registrazione" in page.text
    house.clock.forward(600)
    page = await client.get(link)
    assert page.status_code == 410
    page = await post(client, page)
    assert "Il nuovo link è in arrivo" in page.text
    assert house.gateway.events == [(CONVERSATION, "page_renewal")]


async def test_the_link_confirms_in_place_of_the_code(house, client):
    chat = Chat(house, "it")
    customer = on_file(house, "IT-0009")
    chat.say(
        profile="company", company_name=customer["company_name"], vat_number=customer["vat_number"]
    )
    chat.say(contact=customer["email"])
    chat.say(Command.AFFIRM)
    page = await client.get(link_in_mail(house, customer["email"]))
    page = await post(client, page)
    assert "Confermato" in page.text
    assert house.gateway.events == [(CONVERSATION, "link_confirmed")]
    assert chat.say(Command.LINK_CONFIRMED).page is not None


async def test_a_new_link_makes_the_one_before_unknown(house, client):
    chat = Chat(house, "it")
    chat.say(profile="person", first_name="Giulia", last_name="Bianchi")
    chat.say(contact="giulia.bianchi@example.it")
    chat.say(Command.AFFIRM)
    step = chat.say(otp_code=house.last_code("giulia.bianchi@example.it"))
    first = house.backend.pages.mint(step.page.id)
    second = house.backend.pages.mint(step.page.id)
    assert (await client.get(first)).status_code == 404
    assert (await client.get(second)).status_code == 200
