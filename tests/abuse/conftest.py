"""The doors of the house, for those who mean no good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.abuse.house import House
from tests.backend.conftest import any_desk, desk, filled_database
from tests.stack import Stack
from tests.talk import Talk

__all__ = ["any_desk", "desk", "filled_database"]


@pytest.fixture
def doors(filled_database: Path, tmp_path: Path) -> Iterator[House]:
    """Web application and services in this process; see `tests.abuse.house`."""
    made = House(filled_database, tmp_path)
    with made.http:
        yield made
    made.backend.close()


@pytest.fixture
def customer(house: Stack) -> Callable[..., Talk]:
    """Opens conversations with the whole house: database, clock and limits are fresh."""
    httpx.post(f"{house.base}/dev/clock", json={"reset": True}, timeout=30).raise_for_status()
    httpx.post(f"{house.base}/dev/reset", timeout=60).raise_for_status()

    def open_conversation(market: str, language: str | None = None, **options: str) -> Talk:
        return Talk(house.base, market, language, **options)

    return open_conversation


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/abuse" in str(item.path) and "house" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.stack)
