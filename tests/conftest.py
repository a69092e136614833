"""The whole house, started once for all conversations and for the browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.stack import Stack, begin_anew
from tests.talk import Talk


@pytest.fixture(name="house", scope="session")
def _house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("house"))
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture(name="customer")
def _customer(house: Stack) -> Callable[..., Talk]:
    """Opens conversations with the house; the database, the clock and the limits are fresh."""
    begin_anew(house.base)

    def open_conversation(market: str, language: str | None = None, **options: str) -> Talk:
        return Talk(house.base, market, language, **options)

    return open_conversation
