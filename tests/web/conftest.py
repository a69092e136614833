"""Fixtures of the web process's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.whole_app import WholeApp


@pytest.fixture
def whole_app(tmp_path: Path) -> Iterator[WholeApp]:
    with WholeApp(tmp_path) as made:
        yield made
