"""The page tells the chat who is logged in; the chat hands it on and keeps nothing of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from tests.browser.helpers import submit
from tests.browser.widget.widget_chat import Chat
from tests.browser.widget.widget_desk import FakeDesk
from tests.browser.widget.widget_script import built_script
from tests.web.area_house import PASSWORD, AreaHouse
from tests.web.gateway.house import QUICK, FakeEngine
from web.gateway import widget
from web.gateway.service import Gateway

OpenPage = Callable[..., Page]

# `0` at the end: Playwright would call a function that a script comes to.
COUNTING = """
  window.asked = 0;
  window.sportelloIdentity = async () => `from-page-${++window.asked}`;
  0;
"""
NOBODY = "window.sportelloIdentity = async () => null; 0;"
BROKEN = "window.sportelloIdentity = async () => { throw new Error('down'); }; 0;"
HANGING = """
  window.sportelloIdentity = () => new Promise((resolve) => { window.answer = resolve; });
  0;
"""


def identify(page: Page, token: str | None) -> None:
    page.evaluate("token => document.querySelector('sportello-chat').identify(token)", token)


def loses_connection(chat: Chat, desk: FakeDesk) -> None:
    """The break lasts until the widget has said so."""
    desk.is_down = True
    desk.drop()
    chat.banner.get_by_text("Connessione persa").wait_for()
    desk.is_down = False


def told(desk: FakeDesk) -> list[str | None]:
    return [frame["token"] for frame in desk.sent("identity")]


def talks(chat: Chat, words: str = "ciao") -> None:
    chat.write(words)
    chat.wait_for(f"Ho letto: {words}")


def test_the_page_is_asked_when_a_session_opens(chat: Chat, desk: FakeDesk) -> None:
    chat.page.evaluate(COUNTING)
    assert chat.page.evaluate("window.asked") == 0
    chat.open()
    talks(chat)

    assert [wish.get("identity_token") for wish in desk.wishes] == ["from-page-1"]
    assert told(desk) == []


def test_the_token_is_handed_on_and_kept_nowhere(chat: Chat, desk: FakeDesk) -> None:
    chat.page.evaluate(COUNTING)
    chat.open()
    talks(chat)
    identify(chat.page, "by-hand-1")
    talks(chat, "ancora")

    assert told(desk) == ["by-hand-1"]
    kept = chat.page.evaluate(
        """() => [document.documentElement.outerHTML, location.href, document.cookie,
          document.querySelector("sportello-chat").shadowRoot.innerHTML,
          ...Object.values(sessionStorage), ...Object.values(localStorage)].join(" ")"""
    )
    for token in ("from-page-1", "by-hand-1"):
        assert token not in kept + " ".join(desk.requests)
    assert chat.page.evaluate("Object.values(sessionStorage)") == [desk.session.token]


@pytest.mark.parametrize("provider", ["", NOBODY, BROKEN], ids=["none", "nobody", "broken"])
def test_where_nobody_is_logged_in_the_session_opens_without(
    chat: Chat, desk: FakeDesk, provider: str
) -> None:
    chat.page.evaluate(provider or "0")
    chat.open()
    talks(chat)

    assert [wish.keys() for wish in desk.wishes] == [{"market", "language", "bind"}]
    assert told(desk) == []


def test_a_page_that_is_slow_to_answer_is_not_waited_for_but_heard(
    chat: Chat, desk: FakeDesk
) -> None:
    chat.page.evaluate(HANGING)
    chat.open()
    talks(chat)
    assert "identity_token" not in desk.wishes[0]

    chat.page.evaluate("window.answer('late')")
    talks(chat, "ancora")

    assert told(desk) == ["late"]


def test_logging_in_and_out_during_a_conversation_is_told(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    talks(chat)
    identify(chat.page, "logged-in")
    talks(chat, "dentro")
    assert desk.session.identity == "logged-in"
    identify(chat.page, None)
    talks(chat, "fuori")

    assert desk.session.identity is None
    assert told(desk) == ["logged-in", None]


def test_what_is_said_before_the_chat_is_open_goes_with_its_session(
    chat: Chat, desk: FakeDesk
) -> None:
    identify(chat.page, "early")
    chat.open()
    talks(chat)

    assert [wish.get("identity_token") for wish in desk.wishes] == ["early"]
    assert told(desk) == []


def test_logging_out_before_the_chat_is_open_takes_the_word_back(
    chat: Chat, desk: FakeDesk
) -> None:
    identify(chat.page, "early")
    identify(chat.page, None)
    chat.open()
    talks(chat)

    assert "identity_token" not in desk.wishes[0]


def test_a_page_that_is_loaded_after_logging_in_tells_the_running_conversation(
    chat: Chat, desk: FakeDesk
) -> None:
    chat.open()
    talks(chat)
    chat.page.add_init_script(COUNTING)
    chat.page.reload()
    chat.open()
    chat.wait_for("Ho letto: ciao")
    talks(chat, "dentro")

    assert len(desk.wishes) == 1
    assert told(desk) == ["from-page-1"]


@pytest.mark.parametrize("was_identified", [True, False])
def test_a_page_that_is_loaded_after_logging_out_takes_back_only_its_own_word(
    chat: Chat, desk: FakeDesk, was_identified: bool
) -> None:
    desk.believes = was_identified
    identify(chat.page, "before")
    chat.open()
    talks(chat)
    chat.page.add_init_script(NOBODY)
    chat.page.reload()
    chat.open()
    chat.wait_for("Ho letto: ciao")
    talks(chat, "fuori")

    assert told(desk) == ([None] if was_identified else [])


def test_what_was_said_during_a_break_is_told_after_it(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    talks(chat)
    desk.is_down = True
    desk.drop()
    chat.banner.get_by_text("Connessione persa").wait_for()
    identify(chat.page, "in-the-tunnel")
    desk.is_down = False
    talks(chat, "fuori dal tunnel")

    assert told(desk) == ["in-the-tunnel"]


def test_a_token_that_may_have_been_used_before_a_break_is_not_sent_again(
    chat: Chat, desk: FakeDesk
) -> None:
    chat.page.evaluate(COUNTING)
    chat.open()
    talks(chat)
    desk.is_silent = True
    identify(chat.page, "perhaps-used")
    talks(chat, "ancora")
    desk.is_silent = False
    loses_connection(chat, desk)
    talks(chat, "di nuovo qui")

    assert told(desk) == ["perhaps-used", "from-page-2"]


def test_a_token_that_was_put_off_is_sent_again(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    talks(chat)
    desk.refusals = [{"code": "rate_limited", "retry_after": 1}]
    identify(chat.page, "too-soon")
    chat.page.wait_for_timeout(1500)
    talks(chat, "ancora")

    assert told(desk) == ["too-soon", "too-soon"]
    assert desk.session.identity == "too-soon"


def test_a_refused_token_does_not_stop_the_talk(chat: Chat, desk: FakeDesk) -> None:
    desk.believes = False
    chat.page.evaluate(COUNTING)
    chat.open()
    talks(chat)
    desk.refusals = [{"code": "malformed"}]
    identify(chat.page, "broken")
    talks(chat, "ancora")

    assert chat.lines()[-1] == "Assistente: Ho letto: ancora"
    assert desk.session.identity is None


def test_starting_again_asks_the_page_again(chat: Chat, desk: FakeDesk) -> None:
    chat.page.evaluate(COUNTING)
    chat.open()
    talks(chat)
    chat.page.evaluate(NOBODY)
    chat.page.get_by_role("button", name="Lingua e altre opzioni").click()
    chat.page.get_by_role("button", name="Ricomincia da capo").click()
    chat.page.get_by_role("button", name="Ricomincia", exact=True).click()
    chat.choice("Voglio registrarmi").wait_for()
    talks(chat, "di nuovo")

    assert [wish.get("identity_token") for wish in desk.wishes] == ["from-page-1", None]
    assert desk.session.identity is None


# Our own area, before the real gateway ------------------------------------------------------------


@pytest.fixture(name="house")
def _house(tmp_path: Path) -> Iterator[AreaHouse]:
    built_script()
    house = AreaHouse(tmp_path)
    yield house
    house.close()


@pytest.fixture(name="address")
def _address(house: AreaHouse, serve: Callable[[Any], str]) -> str:
    """The area and the gateway on one origin."""
    gateway = Gateway(house.backend, FakeEngine(), QUICK)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await gateway.start()
        yield
        await gateway.stop()

    app = FastAPI(lifespan=lifespan)
    app.include_router(widget.make_router(house.backend, gateway))
    app.mount("/", house.app)
    return serve(app)


def test_in_the_area_the_chat_knows_who_is_signed_in_until_they_sign_out(
    house: AreaHouse, address: str, browser: Any
) -> None:
    username = house.open_account("IT-0001")
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    opened: list[str] = []
    page.on("response", lambda answer: _note_session(answer, opened))
    page.goto(f"{address}/area/login?lang=it")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    submit(page)
    page.fill("#code", house.last_code("+393201234519"))
    submit(page)
    chat = Chat(page).open()
    chat.write("mi mostri i miei documenti")
    chat.wait_for("sentito")

    assert len(opened) == 1
    assert house.backend.identity_tokens.holds(opened[0], "it")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Esci").click()
    expect(page.get_by_role("status").filter(has_text="uscita")).to_be_visible()
    assert not house.backend.identity_tokens.holds(opened[0], "it")
    assert complaints == []
    context.close()


def _note_session(answer: Any, opened: list[str]) -> None:
    if answer.url.endswith("/widget/sessions"):
        opened.append(answer.json()["conversation"])
