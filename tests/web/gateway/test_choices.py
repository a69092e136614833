"""Buttons: only those the server issued, only the newest, each once."""

from __future__ import annotations

import asyncio

import pytest

from backend.core.conversation import Choice
from tests.web.gateway.conftest import Customer
from tests.web.gateway.house import FakeEngine, press, said, text
from web.gateway.choices import typed_choice
from web.gateway.engine import EngineRequest, Parse, parse_payload
from web.gateway.service import Gateway

PROFILES = (
    ("Persona", '/inform{"profile": "person"}'),
    ("Professionista", '/inform{"profile": "professional"}'),
)


def offer_profiles(request: EngineRequest) -> object:
    if request.text == "registrami":
        return said("Che cosa è?", buttons=PROFILES)
    return said("Come si chiama?", masked=request.text)


@pytest.fixture
async def offered(customer: Customer, engine: FakeEngine) -> list[str]:
    """The ids of two buttons on the customer's screen."""
    engine.answer = offer_profiles  # type: ignore[assignment]
    [line] = await customer.says(text("registrami"))
    return [button.id for button in line.buttons]


async def test_press_is_what_the_server_meant_by_the_button(
    customer: Customer, engine: FakeEngine, offered: list[str]
) -> None:
    await customer.says(press(offered[1]))
    assert engine.requests[-1].parse == Parse(
        "inform", {"profile": "professional"}, "Professionista"
    )
    own = [line for line in await customer.lines() if line.author == "customer"][-1]
    assert (own.text, own.button_id) == ("Professionista", offered[1])


@pytest.mark.parametrize(
    "typed", ["2", "2.", " 2) ", "٢", "professionista", "PROFESSIONISTA!", "profesionista"]
)
async def test_number_and_title_count_as_the_press(
    customer: Customer, engine: FakeEngine, offered: list[str], typed: str
) -> None:
    await customer.says(text(typed))
    parse = engine.requests[-1].parse
    assert parse is not None
    assert parse.entities == {"profile": "professional"}


@pytest.mark.parametrize("typed", ["0", "3", "sono un professionista", "22", "non professionista"])
async def test_anything_else_is_left_to_the_engine(
    customer: Customer, engine: FakeEngine, offered: list[str], typed: str
) -> None:
    await customer.says(text(typed))
    assert engine.requests[-1].text == typed


async def test_past_button_is_answered_kindly_with_the_present_choices(
    customer: Customer, engine: FakeEngine, offered: list[str]
) -> None:
    engine.answer = lambda _: said("Accetta?", buttons=[("Sì", "/affirm")])
    await customer.says(press(offered[0]))
    before = len(engine.requests)
    [answer] = await customer.says(press(offered[1]))
    assert len(engine.requests) == before
    assert "non è più valida" in answer.text
    assert [button.title for button in answer.buttons] == ["Sì"]
    await customer.says(press(answer.buttons[0].id))
    assert engine.requests[-1].parse == Parse("affirm", {}, "Sì")


async def test_past_button_without_present_choices_says_what_to_do(
    customer: Customer, engine: FakeEngine, offered: list[str]
) -> None:
    await customer.says(press(offered[0]))
    [answer] = await customer.says(press(offered[0]))
    assert "ultima domanda" in answer.text
    assert len(engine.requests) == 2


async def test_button_of_another_conversation_does_nothing_here(
    gateway: Gateway, engine: FakeEngine, offered: list[str]
) -> None:
    stranger = Customer(gateway, "bruno")
    [answer] = await stranger.says(press(offered[0]))
    assert "non è più valida" in answer.text
    assert len(engine.requests) == 1
    assert await stranger.transcript() == [("bot", answer.text)]


@pytest.mark.parametrize("forged", ["", "/affirm", "b_0", "x" * 60])
async def test_invented_button_is_a_past_choice(
    customer: Customer, engine: FakeEngine, forged: str
) -> None:
    [answer] = await customer.says(press(forged))
    assert "non è più valida" in answer.text
    assert engine.requests == []


async def test_double_click_is_one_press(
    customer: Customer, engine: FakeEngine, offered: list[str]
) -> None:
    engine.gate.clear()
    gateway = customer.gateway
    first = await gateway.receive(customer.id, press(offered[0]))
    second = await gateway.receive(customer.id, press(offered[0]))
    assert first.inbound_id == second.inbound_id
    assert (first.is_new, second.is_new) == (True, False)
    engine.gate.set()
    waits = (gateway.wait(customer.id, first), gateway.wait(customer.id, second))
    assert await asyncio.gather(*waits) == [True, True]
    assert len(engine.requests) == 2


async def test_second_choice_pressed_before_the_first_is_answered_comes_too_late(
    customer: Customer, engine: FakeEngine, offered: list[str]
) -> None:
    engine.gate.clear()
    gateway = customer.gateway
    await gateway.receive(customer.id, press(offered[0]))
    late = await gateway.receive(customer.id, press(offered[1]))
    engine.gate.set()
    assert await gateway.wait(customer.id, late)
    assert [r.parse.entities for r in engine.requests if r.parse] == [{"profile": "person"}]


async def test_ids_are_random_and_payloads_never_leave_the_server(
    customer: Customer, offered: list[str]
) -> None:
    assert all(len(button_id) == 24 for button_id in offered)
    assert "person" not in str(offered)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("/affirm", Parse("affirm", {}, "Sì")),
        ('/inform{"amount": 3}', Parse("inform", {"amount": "3"}, "Sì")),
        ("/faq/login_how", Parse("faq/login_how", {}, "Sì")),
        ("affirm", None),
        ("/inform{broken", None),
        ('/inform{"a": }', None),
    ],
)
def test_payload_is_read_or_refused(payload: str, expected: Parse | None) -> None:
    assert parse_payload(payload, "Sì") == expected


def test_title_that_two_choices_share_decides_nothing() -> None:
    twins = [Choice("b_1", "Sì", "/affirm"), Choice("b_2", "sì!", "/deny")]
    assert typed_choice("si\u0300", twins) is None


def test_number_that_differs_by_a_digit_is_no_slip() -> None:
    choices = (Choice("a", "SMS a ******45", '/inform{"contact": "a"}'),)
    assert typed_choice("SMS a 45", choices) == choices[0]
    assert typed_choice("sms a 44", choices) is None
