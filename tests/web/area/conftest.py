"""A customer with a browser at the door of the area."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.web.area_house import PASSWORD, AreaHouse


@pytest.fixture
def house(tmp_path: Path) -> Iterator[AreaHouse]:
    house = AreaHouse(tmp_path)
    yield house
    house.close()


class Customer:
    """Fills in the forms of the area, CSRF field included."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page: httpx.Response | None = None

    async def open(self, path: str = "/area/login", **headers: str) -> httpx.Response:
        self.page = await self.client.get(path, headers=headers)
        return self.page

    async def send(self, action: str, **fields: str) -> httpx.Response:
        """Post a form of the page that is open."""
        assert self.page is not None
        csrf = re.search(r'name="csrf" value="([^"]+)"', self.page.text)
        assert csrf, self.page.text
        self.page = await self.client.post(action, data={"csrf": csrf[1], **fields})
        return self.page

    async def log_in(self, username: str, password: str = PASSWORD) -> httpx.Response:
        await self.open()
        return await self.send("/area/login", username=username, password=password)

    async def enter(self, code: str) -> httpx.Response:
        return await self.send("/area/login", code=code)


@pytest.fixture
async def customer(house: AreaHouse) -> AsyncIterator[Customer]:
    transport = httpx.ASGITransport(app=house.app)
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://testserver",
        headers={"accept-language": "it"},
        follow_redirects=True,
    ) as client:
        yield Customer(client)
