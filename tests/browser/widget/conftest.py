"""The widget on a page of its own, before a small desk that the test holds in its hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.widget.widget_chat import TIMEOUT_MS, Chat
from tests.browser.widget.widget_desk import FakeDesk
from tests.browser.widget.widget_script import built_script


@pytest.fixture(name="desk")
def _desk(serve: Callable[[Any], str]) -> FakeDesk:
    built_script()
    desk = FakeDesk()
    desk.base_url = serve(desk.app)
    return desk


OpenPage = Callable[..., Page]


@pytest.fixture(name="open_page")
def _open_page(browser: Browser, desk: FakeDesk) -> Iterator[OpenPage]:
    """Opens the page that holds the widget. No page may log an error or break its policy."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(*, query: str = "market=it&language=it", **settings: Any) -> Page:
        settings.setdefault("viewport", {"width": 1280, "height": 800})
        context = browser.new_context(**settings)
        context.set_default_timeout(TIMEOUT_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda line: complaints.append(line.text) if _is_complaint(line.text) else None,
        )
        foreign = lambda request: not request.url.startswith(desk.base_url)  # noqa: E731
        page.on(
            "request",
            lambda request: complaints.append(request.url) if foreign(request) else None,
        )
        page.goto(f"{desk.base_url}/?{query}")
        page.wait_for_function("customElements.get('sportello-chat') !== undefined")
        return page

    yield open_page
    for context in contexts:
        context.close()

    assert complaints == []


def _is_complaint(text: str) -> bool:
    return "Content Security Policy" in text or "Uncaught" in text


@pytest.fixture(name="chat")
def _chat(open_page: OpenPage) -> Chat:
    """The chat on a desktop page in Italian, still closed."""
    return Chat(open_page())
