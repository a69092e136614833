"""Fixtures of the gateway's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.core.conversation import Incoming, Line
from tests.web.gateway.house import QUICK, FakeEngine, make_backend
from web.gateway.service import Gateway


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[Any]:
    made = make_backend(tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
async def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def gateway(backend: Any, engine: FakeEngine) -> AsyncIterator[Gateway]:
    made = Gateway(backend, engine, QUICK)
    await made.start()
    yield made
    engine.gate.set()
    await made.stop()


class Customer:
    """One conversation and what its customer sees."""

    def __init__(self, gateway: Gateway, name: str = "anna", market: str = "it") -> None:
        self.gateway = gateway
        self.id = gateway.conversations.of_sender(
            name, channel="web", market=market, default=(market, "it")
        ).id

    async def says(self, incoming: Incoming) -> list[Line]:
        """Send, wait, and give the bot's answer to it."""
        received = await self.gateway.receive(self.id, incoming)
        assert await self.gateway.wait(self.id, received)
        return [
            line
            for line in await self.lines()
            if line.inbound_id == received.inbound_id and line.author == "bot"
        ]

    async def lines(self) -> list[Line]:
        return [shown.line for shown in await self.gateway.lines(self.id)]

    async def transcript(self) -> list[tuple[str, str]]:
        return [(line.author.value, line.text) for line in await self.lines()]


@pytest.fixture
def customer(gateway: Gateway) -> Customer:
    return Customer(gateway)
