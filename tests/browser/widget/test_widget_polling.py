"""The widget where no WebSocket gets through, before the gateway itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.widget.widget_chat import TIMEOUT_MS, Chat
from tests.browser.widget.widget_gateway import Proxy, RealDesk

PATIENT_MS = 15_000


class Blocked:
    """A chat behind a proxy, and the desk on the other side of it."""

    def __init__(self, desk: RealDesk, proxy: Proxy, chat: Chat) -> None:
        self.desk = desk
        self.proxy = proxy
        self.chat = chat


@contextmanager
def _blocked(folder: Path, serve: Any, browser: Browser, *, swallows: bool) -> Iterator[Blocked]:
    desk = RealDesk(folder)
    proxy = Proxy(desk.app, swallows=swallows)
    page = browser.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    page.goto(f"{serve(proxy)}/?market=it&language=it")
    yield Blocked(desk, proxy, Chat(page))
    page.close()
    desk.close()


@pytest.fixture(name="blocked")
def _fixture(tmp_path: Path, serve: Callable[[Any], str], browser: Browser) -> Iterator[Blocked]:
    with _blocked(tmp_path, serve, browser, swallows=False) as made:
        yield made


def test_the_whole_conversation_goes_by_plain_requests(blocked: Blocked) -> None:
    chat = blocked.chat.open()
    chat.choice("Voglio registrarmi").click()
    chat.choice("Azienda").click()
    chat.log.get_by_role("link", name="Imposta la password").wait_for()
    told = [
        "Lei: Voglio registrarmi",
        "Assistente: Per quale profilo?",
        "Lei: Azienda",
        "Assistente: Ora scelga la password.",
    ]
    assert chat.lines() == told
    expect(chat.banner).to_have_count(0)
    assert blocked.proxy.sockets > 0

    chat.page.reload()
    chat.open()
    chat.log.get_by_role("link", name="Imposta la password").wait_for()
    assert chat.lines() == told


def test_typing_shows_and_what_goes_on_by_itself_arrives(blocked: Blocked) -> None:
    chat, desk = blocked.chat.open(), blocked.desk
    chat.write("prima")
    chat.wait_for("sentito: prima")
    desk.hold()
    (conversation,) = {request.conversation for request in desk.engine.requests}
    desk.run(desk.gateway.enqueue_event(conversation, "page_done"))
    chat.page.locator(".typing").wait_for()
    desk.let_go()
    chat.wait_for("sentito: None")
    expect(chat.page.locator(".typing")).to_be_hidden()


def test_messages_in_a_row_all_arrive_once_and_in_order(blocked: Blocked) -> None:
    chat = blocked.chat.open()
    for number in range(6):
        chat.write(f"messaggio {number}")
    chat.wait_for("sentito: messaggio 5")

    heard = [line for line in chat.lines() if line.startswith("Assistente: sentito: messaggio")]
    assert heard == [f"Assistente: sentito: messaggio {number}" for number in range(6)]


def test_after_a_break_nothing_is_lost_and_nothing_comes_twice(blocked: Blocked) -> None:
    chat = blocked.chat.open()
    chat.write("prima")
    chat.wait_for("sentito: prima")
    blocked.proxy.is_down = True
    chat.write("durante la pausa")
    chat.banner.get_by_text("Connessione persa").wait_for()
    blocked.proxy.is_down = False
    chat.log.get_by_text("sentito: durante la pausa").wait_for(timeout=PATIENT_MS)

    assert [line for line in chat.lines() if line.startswith("Assistente")] == [
        "Assistente: sentito: prima",
        "Assistente: sentito: durante la pausa",
    ]
    assert blocked.desk.engine.texts == ["prima", "durante la pausa"]


def test_starting_again_keeps_to_what_gets_through(blocked: Blocked) -> None:
    chat = blocked.chat.open()
    chat.write("prima")
    chat.wait_for("sentito: prima")
    before = blocked.proxy.sockets
    chat.page.get_by_role("button", name="Lingua e altre opzioni").click()
    chat.page.get_by_role("button", name="Ricomincia da capo").click()
    chat.page.get_by_role("button", name="Ricomincia", exact=True).click()
    chat.write("seconda")
    chat.wait_for("sentito: seconda")

    assert blocked.proxy.sockets == before
    assert len(chat.lines()) == 2


def test_a_socket_that_is_never_answered_gives_way_too(
    tmp_path: Path, serve: Callable[[Any], str], browser: Browser
) -> None:
    with _blocked(tmp_path, serve, browser, swallows=True) as blocked:
        chat = blocked.chat.open()
        chat.write("ciao")
        chat.log.get_by_text("sentito: ciao").wait_for(timeout=PATIENT_MS)
