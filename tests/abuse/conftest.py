"""The doors of the house, for those who mean no good."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.abuse.house import House
from tests.backend.conftest import any_desk, desk, filled_database

__all__ = ["any_desk", "desk", "filled_database"]


@pytest.fixture
def doors(filled_database: Path, tmp_path: Path) -> Iterator[House]:
    """Web application and services in this process; see `tests.abuse.house`."""
    made = House(filled_database, tmp_path)
    with made.http:
        yield made
    made.backend.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/abuse" in str(item.path) and "house" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.stack)
