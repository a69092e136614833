"""A browser without JavaScript on the one-time pages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.web.customer_pages import CustomerPages


@pytest.fixture
def house() -> CustomerPages:
    return CustomerPages()


class Visitor:
    """Opens pages and posts the forms it finds there, CSRF field included."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def open(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=headers)

    async def submit(self, path: str, **fields: str) -> httpx.Response:
        """Open the page and post its form to where the form says."""
        page = await self.open(path)
        action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
        assert action, f"no form at {path}: {page.status_code}"
        return await self.client.post(action[1], data={"csrf": csrf_of(page), **fields})

    async def send(
        self, path: str, *, files: dict[str, tuple[str, bytes, str]], **fields: str
    ) -> httpx.Response:
        """Open the page and post its form with files."""
        csrf = csrf_of(await self.open(path))
        return await self.client.post(path, data={"csrf": csrf, **fields}, files=files)


def csrf_of(page: httpx.Response) -> str:
    """The hidden field of the page's form."""
    field = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert field, "the form has no CSRF field"
    return field[1]


@pytest.fixture
async def visitor(house: CustomerPages) -> AsyncIterator[Visitor]:
    transport = httpx.ASGITransport(app=house.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield Visitor(client)
