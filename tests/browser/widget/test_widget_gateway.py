"""The widget before the gateway itself: both sides of docs/widget-protocol.md at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import served
from tests.browser.widget.widget_chat import TIMEOUT_MS, Chat
from tests.browser.widget.widget_gateway import RealDesk
from tests.web.gateway.house import QUICK


@pytest.fixture(name="chat")
def _chat(tmp_path: Path, serve: Callable[[Any], str], browser: Browser) -> Any:
    desk = RealDesk(tmp_path, replace(QUICK, messages=8, messages_within=1.0))
    page = browser.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    page.goto(f"{serve(desk.app)}/?market=it&language=it")
    yield Chat(page)
    page.close()
    desk.close()


def test_choices_pages_and_history_meet_the_gateway(chat: Chat) -> None:
    chat.open()
    chat.choice("Voglio registrarmi").click()
    chat.choice("Azienda").click()
    card = chat.log.get_by_role("link", name="Imposta la password")
    card.wait_for()
    told = [
        "Lei: Voglio registrarmi",
        "Assistente: Per quale profilo?",
        "Lei: Azienda",
        "Assistente: Ora scelga la password.",
    ]
    assert chat.lines() == told

    chat.page.reload()
    chat.open()
    card.wait_for()
    assert chat.lines() == told
    expect(chat.choice("Persona")).to_have_count(0)


def test_the_masked_line_comes_back_in_place_of_the_typed_one(chat: Chat) -> None:
    chat.open()
    chat.write("il codice è 739204")
    chat.wait_for("sentito")

    assert chat.lines()[0] == "Lei: •••"
    assert "739204" not in chat.lines()[0]


def test_the_language_is_changed_at_the_gateway_too(chat: Chat) -> None:
    chat.open()
    chat.page.get_by_role("button", name="Lingua e altre opzioni").click()
    chat.page.get_by_text("English").click()
    chat.page.keyboard.press("Escape")
    chat.write("hello")
    chat.wait_for("sentito: hello")
    chat.page.reload()
    chat.open()

    expect(chat.panel).to_have_attribute("lang", "en")


def test_many_messages_in_a_row_all_arrive_once_and_in_order(chat: Chat) -> None:
    chat.open()
    for number in range(24):
        chat.write(f"messaggio {number}")
    chat.log.get_by_text("sentito: messaggio 23").wait_for(timeout=30_000)

    heard = [line for line in chat.lines() if line.startswith("Assistente: sentito")]
    assert heard == [f"Assistente: sentito: messaggio {number}" for number in range(24)]


def test_a_restart_of_the_desk_loses_nothing_and_doubles_nothing(
    tmp_path: Path, browser: Browser
) -> None:
    before = RealDesk(tmp_path)
    page = browser.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    with served(before.app) as address:
        page.goto(f"{address}/?market=it&language=it")
        chat = Chat(page).open()
        chat.write("prima")
        chat.wait_for("sentito: prima")
        before.hold()
        chat.write("seconda")
        chat.page.locator(".typing").wait_for()
    chat.banner.get_by_text("Connessione persa").wait_for()
    chat.write("terza")
    after = RealDesk(tmp_path, after=before)
    with served(after.app, int(address.rsplit(":", 1)[1])):
        chat.log.get_by_text("sentito: terza").wait_for(timeout=20_000)
        assert chat.lines() == [
            line for said in ("prima", "seconda", "terza") for line in _exchange(said)
        ]
        page.close()
    assert after.engine.texts == ["seconda", "terza"]
    before.close()


def _exchange(said: str) -> tuple[str, str]:
    return ("Lei: •••", f"Assistente: sentito: {said}")
