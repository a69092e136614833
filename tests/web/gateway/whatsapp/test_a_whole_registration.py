"""From the first word on WhatsApp to an account: real services, pages and outbox, a fake Twilio."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.abuse.house import GIULIA, PASSWORD, ServiceEngine
from tests.fake_twilio import ANNA


@pytest.fixture
def desk(house: Any) -> Any:
    house.backend.development.load_demo()
    house.engine = ServiceEngine(house.backend)
    house.app.state.gateway._runner._engine = house.engine
    return house


def says(desk: Any, words: str) -> str:
    """Write, and read the last message that came back."""
    desk.hears(desk.webhooks.message(words))
    return str(desk.twilio.texts()[-1])


def page_of(shown: str) -> str:
    found = re.search(r"https://desk\.example\.com/t/[\w-]+", shown)
    assert found
    return found.group()


def sets_password(desk: Any, path: str) -> int:
    form = desk.http.get(path).text
    field = re.search(r'name="csrf" value="([^"]+)"', form)
    assert field
    filled = {"csrf": field[1], "password": PASSWORD, "password_confirmation": PASSWORD}
    status = int(desk.http.post(path, data=filled).status_code)
    desk.settle()
    return status


def test_a_customer_registers_on_whatsapp(desk: Any) -> None:
    says(desk, "flow register")
    says(desk, f"profile=person; first_name=Giulia Bianchi; contact={GIULIA}")
    says(desk, "affirm")
    mail = desk.http.get("/dev/outbox", params={"to": GIULIA}).json()[0]["body"]
    code = re.search(r"(?<!\d)\d{6}(?!\d)", mail)
    assert code
    shown = says(desk, f"otp_code={code.group()}")
    assert "La pagina sicura:" in shown

    before = len(desk.twilio.sent())
    assert sets_password(desk, page_of(shown)) == 200
    assert len(desk.twilio.sent()) > before, "the conversation goes on by itself"
    assert desk.conversation().flow is None

    with desk.backend.uow(read_only=True) as uow:
        customer = uow.customers.by_number("it", "IT-0001")
        assert uow.accounts.of_customer(customer.id) is not None
    assert code.group() not in str(desk.said())
    assert not any(PASSWORD in text for text in desk.twilio.texts())
    assert all(message.to == ANNA for message in desk.twilio.messages)
