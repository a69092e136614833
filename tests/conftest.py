"""The whole house, started once for all conversations and for the browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stack import Stack


@pytest.fixture(name="house", scope="session")
def _house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("house"))
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()
