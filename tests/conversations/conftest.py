"""Conversations with the whole house; every test starts from fresh demo data."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from backend.bootstrap import build
from tests.conversations.visitors import Visitors
from tests.stack import Stack
from tests.talk import Talk


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
