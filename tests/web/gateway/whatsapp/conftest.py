"""The whole web application with WhatsApp on, and a Twilio of our own at the other end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from backend.adapters.tables.conversations import inbound
from backend.core.conversation import Line
from tests.fake_twilio import ACCOUNT, ANNA, INDONESIA, ITALY, TOKEN, Webhook, Webhooks
from tests.web.whole_app import WholeApp

BASE = "https://desk.example.com"

ON = {
    "sender_whatsapp": "twilio",
    "twilio_account_sid": ACCOUNT,
    "twilio_auth_token": TOKEN,
    "whatsapp_numbers": {"it": ITALY, "id": INDONESIA},
    "public_base_url": BASE,
}


class WhatsAppHouse(WholeApp):
    """A `WholeApp` and what a test of WhatsApp asks of it."""

    def __init__(self, folder: Path, **chosen: Any) -> None:
        super().__init__(folder, **(ON | chosen))
        self.webhooks = Webhooks(BASE)

    def hears(self, webhook: Webhook) -> int:
        """Send a webhook and let everything that it set off come to its end; gives the status."""
        status = webhook.to(self.http.post)
        self.settle()
        return status

    def settle(self) -> None:
        """Wait until every message is answered."""
        self.http.portal.call(self._until_answered)

    async def _until_answered(self) -> None:
        async with asyncio.timeout(10):
            while self.open_messages():  # noqa: ASYNC110 - nothing tells of the end of all turns
                await asyncio.sleep(0.005)

    def open_messages(self) -> int:
        return len([row for row in self.inbound_rows() if row.status in {"queued", "running"}])

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
def house(tmp_path: Path) -> Iterator[WhatsAppHouse]:
    with WhatsAppHouse(tmp_path) as made:
        yield made
