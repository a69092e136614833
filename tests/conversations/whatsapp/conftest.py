"""A house of its own with WhatsApp on, and a Twilio of our own at the other end.

`pytest tests/conversations/whatsapp -rP` prints every run as its customer saw it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from backend.bootstrap import Backend, build
from tests.fake_twilio import ACCOUNT, TEMPLATES, TOKEN, FakeTwilio, Webhooks
from tests.stack import Stack
from tests.talk import Talk
from tests.whatsapp_talk import NUMBERS, WORDS, WhatsAppTalk


@pytest.fixture(name="served", scope="package")
def _served() -> Iterator[FakeTwilio]:
    with FakeTwilio(Webhooks("")).serving() as made:
        made.approved = {sid: WORDS.get("reopen", name) for name, sid in TEMPLATES.items()}
        yield made


@pytest.fixture(name="house", scope="package")
def _house(tmp_path_factory: pytest.TempPathFactory, served: FakeTwilio) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("whatsapp"), _whatsapp_on(served))
    served.webhooks.base = stack.base
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture(name="backend", scope="package")
def _backend(house: Stack) -> Iterator[Backend]:
    made = build(house.settings)
    yield made
    made.close()


@pytest.fixture(name="twilio")
def _twilio(served: FakeTwilio, customer: Callable[..., Talk]) -> FakeTwilio:
    """As if it had sent nothing yet; the database forgot everything too."""
    del customer
    served.contents.clear()
    served.content_refusals.clear()
    served.messages.clear()
    served.removed.clear()
    return served


@pytest.fixture(name="phone")
def _phone(
    house: Stack, backend: Backend, twilio: FakeTwilio, request: pytest.FixtureRequest
) -> Iterator[Callable[..., WhatsAppTalk]]:
    """Gives a customer a telephone."""
    talks: list[WhatsAppTalk] = []

    def pick_up(market: str, number: str, *, taps: bool = True) -> WhatsAppTalk:
        talk = WhatsAppTalk(house.base, market, number, twilio=twilio, backend=backend, taps=taps)
        talks.append(talk)
        return talk

    yield pick_up
    for talk in talks:
        request.node.add_report_section("teardown", "transcript", talk.transcript())
        talk.settles()


def _whatsapp_on(twilio: FakeTwilio) -> dict[str, str]:
    def pairs(named: dict[str, str]) -> str:
        return ",".join(f"{name}={value}" for name, value in named.items())

    return {
        "SPORTELLO_SENDER_WHATSAPP": "twilio",
        "SPORTELLO_TWILIO_ACCOUNT_SID": ACCOUNT,
        "SPORTELLO_TWILIO_AUTH_TOKEN": TOKEN,
        "SPORTELLO_TWILIO_API_BASE_URL": twilio.url,
        "SPORTELLO_WHATSAPP_NUMBERS": pairs(NUMBERS),
        "SPORTELLO_WHATSAPP_TEMPLATES": pairs(TEMPLATES),
    }


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/conversations/whatsapp" in str(item.path):
            item.add_marker(pytest.mark.whatsapp)
