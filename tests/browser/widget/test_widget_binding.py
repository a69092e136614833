"""The widget's session and its browser, before the gateway itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.widget.widget_chat import TIMEOUT_MS, Chat
from tests.browser.widget.widget_gateway import CookieEater, RealDesk

Visit = Callable[..., Page]
QUERY = "?market=it&language=it"


@pytest.fixture(name="desk")
def _desk(tmp_path: Path) -> Iterator[RealDesk]:
    made = RealDesk(tmp_path)
    yield made
    made.close()


@pytest.fixture(name="visit")
def _visit(browser: Browser) -> Iterator[Visit]:
    """A page in a browser of its own; `storage` is what its tab has kept."""
    contexts = []

    def visit(address: str, storage: dict[str, str] | None = None) -> Page:
        context = browser.new_context()
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(TIMEOUT_MS)
        if storage is not None:
            page.goto(f"{address}/static/widget.js")
            page.evaluate("kept => Object.assign(sessionStorage, kept)", storage)
        page.goto(f"{address}/{QUERY}")
        return page

    yield visit
    for context in contexts:
        context.close()


def test_a_token_taken_to_another_browser_shows_nothing_there(
    desk: RealDesk, serve: Callable[[Any], str], visit: Visit
) -> None:
    address = serve(desk.app)
    mine = Chat(visit(address)).open()
    mine.write("il mio segreto")
    mine.wait_for("sentito: il mio segreto")
    kept = mine.page.evaluate("({...sessionStorage})")

    foreign = Chat(visit(address, kept)).open()
    foreign.banner.get_by_text("La conversazione di prima è scaduta").wait_for()
    foreign.write("ciao")
    foreign.wait_for("sentito: ciao")
    assert len(foreign.lines()) == 2

    mine.page.reload()
    mine.open()
    mine.wait_for("sentito: il mio segreto")
    assert mine.page.evaluate("document.cookie") == ""


@pytest.mark.parametrize("kinds", [("http", "websocket"), ("websocket",)], ids=["all", "sockets"])
def test_where_cookies_are_not_kept_the_chat_works_all_the_same(
    desk: RealDesk, serve: Callable[[Any], str], visit: Visit, kinds: tuple[str, ...]
) -> None:
    chat = Chat(visit(serve(CookieEater(desk.app, *kinds)))).open()
    chat.write("ciao")
    chat.wait_for("sentito: ciao")
    chat.page.reload()
    chat.open()
    chat.wait_for("sentito: ciao")
    chat.write("eccomi")
    chat.wait_for("sentito: eccomi")

    expect(chat.page.locator(".bubble")).to_have_count(4)
