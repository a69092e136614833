"""The widget on a page of another site, with nothing there but its script and a strict policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.browser.widget.widget_chat import TIMEOUT_MS, Chat
from tests.browser.widget.widget_gateway import Proxy
from tests.browser.widget.widget_script import built_script
from tests.web.whole_app import WholeApp

PATIENT_MS = 15_000


class Site:
    """Somebody's site; `desk` is where its pages get the chat from."""

    def __init__(self) -> None:
        self.desk = ""
        self.app = Starlette(routes=[Route("/", self._page)])

    async def _page(self, _request: Request) -> Response:
        sockets = self.desk.replace("http:", "ws:")
        policy = f"default-src 'none'; script-src {self.desk}; connect-src {self.desk} {sockets}"
        return HTMLResponse(
            '<!doctype html><html lang="it"><title>Compagnia</title><h1>Compagnia</h1>'
            f'<script src="{self.desk}/static/widget.js" data-market="it" async></script></html>',
            headers={"Content-Security-Policy": policy},
        )


@pytest.fixture(name="embedded")
def _embedded(
    tmp_path: Path, serve: Callable[[Any], str], browser: Browser
) -> Iterator[Callable[..., Chat]]:
    """Opens the site; it may hold the chat if it `is_listed`."""
    built_script()
    opened: list[Any] = []
    complaints: list[str] = []

    def embedded(*, is_listed: bool, through: Callable[[Any], Any] = lambda app: app) -> Chat:
        site = Site()
        origin = serve(site.app)
        listed = origin if is_listed else "https://insurer.example"
        house = WholeApp(tmp_path, widget_origins=listed)
        site.desk = serve(through(house.app))
        page = browser.new_page()
        opened.extend((page.close, house.backend.close))
        page.set_default_timeout(TIMEOUT_MS)
        page.on(
            "console",
            lambda line: (
                complaints.append(line.text) if "Content Security Policy" in line.text else None
            ),
        )
        page.goto(origin)
        return Chat(page)

    yield embedded
    for close in opened:
        close()
    assert complaints == []


def test_a_listed_site_holds_the_chat(embedded: Callable[..., Chat]) -> None:
    chat = embedded(is_listed=True).open()
    chat.write("ciao")
    chat.wait_for("sentito: ciao")
    chat.page.reload()
    chat.open()
    chat.wait_for("sentito: ciao")

    assert chat.lines() == ["Lei: ciao", "Assistente: sentito: ciao"]


def test_a_listed_site_holds_the_chat_where_sockets_are_blocked(
    embedded: Callable[..., Chat],
) -> None:
    chat = embedded(is_listed=True, through=Proxy).open()
    chat.write("ciao")
    chat.log.get_by_text("sentito: ciao").wait_for(timeout=PATIENT_MS)


def test_any_other_site_gets_no_session(embedded: Callable[..., Chat]) -> None:
    chat = embedded(is_listed=False).open()
    chat.banner.get_by_text("La chat non risponde").wait_for()

    assert chat.page.evaluate("sessionStorage.length") == 0
