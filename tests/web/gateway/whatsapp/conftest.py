"""The whole web application with WhatsApp on, and a Twilio of our own at the other end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from backend.adapters.tables.conversations import inbound
from backend.core.conversation import Line
from tests import settled
from tests.daytime import until_noon
from tests.fake_twilio import (
    ACCOUNT,
    ANNA,
    INDONESIA,
    ITALY,
    TEMPLATES,
    TOKEN,
    FakeTwilio,
    Webhook,
    Webhooks,
)
from tests.web.whole_app import WholeApp

BASE = "https://desk.example.com"

ON = {
    "sender_whatsapp": "twilio",
    "twilio_account_sid": ACCOUNT,
    "twilio_auth_token": TOKEN,
    "whatsapp_numbers": {"it": ITALY, "id": INDONESIA},
    "public_base_url": BASE,
    "trusted_hosts": ("testserver", "desk.example.com"),
}


class WhatsAppHouse(WholeApp):
    """A `WholeApp` and what a test of WhatsApp asks of it."""

    def __init__(self, folder: Path, twilio: FakeTwilio, **chosen: Any) -> None:
        given = {"twilio_api_base_url": twilio.url, "whatsapp_templates": TEMPLATES}
        super().__init__(folder, **(ON | given | chosen))
        self.twilio = twilio
        self.webhooks = twilio.webhooks

    def hears(self, webhook: Webhook) -> int:
        """Send a webhook and let everything that it set off come to its end; gives the status."""
        status = webhook.to(self.http.post)
        self.settle()
        return status

    def settle(self) -> None:
        """Wait until every message is answered and every answer that is due has left."""
        self.http.portal.call(self._until_done)

    async def _until_done(self) -> None:
        async with asyncio.timeout(10):
            while not settled.is_settled(self.backend):  # noqa: ASYNC110 - nothing tells of the end
                await asyncio.sleep(0.005)

    def outbox(self, channel: str | None = None) -> list[Any]:
        return settled.outbox(self.backend, channel)

    def later(self, **much: float) -> None:
        """Let time pass, and what is due then be done."""
        self.backend.clock.advance(timedelta(**much))
        self.settle()

    def says_itself(self, intent: str, sender: str = ANNA, market: str = "it") -> None:
        """The house has something to go on with in a conversation."""
        conversation = self.conversation(sender, market).id
        self.http.portal.call(self.app.state.gateway.enqueue_event, conversation, intent)
        self.settle()

    def open_messages(self) -> int:
        return settled.open_messages(self.backend)

    def inbound_rows(self) -> list[Any]:
        with self.backend.uow(read_only=True) as uow:
            return list(uow.connection.execute(select(inbound).order_by(inbound.c.id)))

    def conversation(self, sender: str = ANNA, market: str = "it") -> Any:
        with self.backend.uow(read_only=True) as uow:
            return uow.conversations.of_sender(sender, channel="whatsapp", market=market)

    def lines(self, sender: str = ANNA, market: str = "it") -> list[Line]:
        found = self.conversation(sender, market)
        return [] if found is None else self.app.state.gateway.conversations.lines(found.id)

    def said(self, sender: str = ANNA, market: str = "it") -> list[tuple[str, str]]:
        return [(line.author.value, line.text) for line in self.lines(sender, market)]


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio(Webhooks(BASE)).serving() as made:
        made.approved = {sid: f"novità ({name})" for name, sid in TEMPLATES.items()}
        yield made


@pytest.fixture
def house(tmp_path: Path, twilio: FakeTwilio) -> Iterator[WhatsAppHouse]:
    with WhatsAppHouse(tmp_path, twilio) as made:
        clock = made.backend.clock
        clock.advance(until_noon(clock.now()))
        yield made
