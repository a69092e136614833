"""Conversations with the whole house; every test starts from fresh demo data."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from backend.bootstrap import build
from tests.conversations.visitors import Visitors
from tests.stack import Stack
from tests.talk import Talk


@pytest.fixture(name="customer")
def _customer(house: Stack) -> Callable[..., Talk]:
    """Opens conversations; the database, the clock and the limits are fresh."""
    httpx.post(f"{house.base}/dev/clock", json={"reset": True}, timeout=30).raise_for_status()
    httpx.post(f"{house.base}/dev/reset", timeout=60).raise_for_status()

    def open_conversation(market: str, language: str | None = None, **options: str) -> Talk:
        return Talk(house.base, market, language, **options)

    return open_conversation


@pytest.fixture(name="visitors")
def _visitors(house: Stack, customer: Callable[..., Talk]) -> Iterator[Visitors]:
    """Demo customers who have an account already, on fresh data."""
    del customer
    backend = build(house.settings)
    yield Visitors(backend, house.base)
    backend.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/conversations" in str(item.path):
            item.add_marker(pytest.mark.stack)
