"""What a customer takes along from the chat: a page to the phone, the conversation as a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.widget.widget_chat import Chat
from tests.browser.widget.widget_desk import FakeDesk

OpenPage = Callable[..., Page]
PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}


def _offer(chat: Chat, desk: FakeDesk, kind: str) -> str:
    """The address of the page that the desk now offers."""
    url = f"{desk.base_url}/t/a-token-of-some-length"
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    page = {"kind": kind, "minutes": 30, "url": url, "expires_at": None}
    desk.say("Mi serve una foto del documento.", page=page)
    chat.page.locator("a.card").wait_for()
    return url


def test_an_upload_goes_on_by_phone_with_a_code_to_scan(chat: Chat, desk: FakeDesk) -> None:
    _offer(chat, desk, "upload")
    expect(chat.log.get_by_role("link", name="Invia il documento")).to_be_visible()
    unfold = chat.log.get_by_role("button", name="Continua sul telefono")
    unfold.click()
    code = chat.log.get_by_role("img", name="Codice QR con il link alla pagina sicura")
    code.wait_for()

    expect(unfold).to_have_attribute("aria-expanded", "true")
    box = code.bounding_box()
    assert box is not None
    assert box["width"] >= 200
    assert box["width"] == box["height"]
    # Light and dark of the code do not follow the theme: cameras could not read it.
    expect(chat.page.locator(".code-to-scan")).to_have_css("background-color", "rgb(255, 255, 255)")
    unfold.click()
    expect(code).to_be_hidden()


def test_the_link_can_be_copied_instead(chat: Chat, desk: FakeDesk) -> None:
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    url = _offer(chat, desk, "upload")
    chat.log.get_by_role("button", name="Continua sul telefono").click()
    chat.log.get_by_role("button", name="Copia il link").click()
    chat.log.get_by_text("Link copiato").wait_for()

    assert chat.page.evaluate("navigator.clipboard.readText()") == url


def test_the_way_to_the_phone_goes_by_keyboard(chat: Chat, desk: FakeDesk) -> None:
    _offer(chat, desk, "upload")
    chat.text.focus()
    chat.page.keyboard.press("Shift+Tab")
    expect(chat.log.get_by_role("button", name="Continua sul telefono")).to_be_focused()
    chat.page.keyboard.press("Enter")
    chat.log.get_by_role("img").wait_for()
    expect(chat.log.get_by_role("button", name="Continua sul telefono")).to_be_focused()


def test_the_way_to_the_phone_is_not_offered_once_the_page_is_over(
    chat: Chat, desk: FakeDesk
) -> None:
    _offer(chat, desk, "upload")
    desk.session.messages[-1]["page"]["url"] = None
    chat.page.reload()
    chat.open()
    chat.page.locator(".card.is-over").wait_for()

    expect(chat.log.get_by_role("button", name="Continua sul telefono")).to_have_count(0)


@pytest.mark.parametrize("kind", ["password", "confirm", "document"])
def test_other_pages_stay_where_they_are(chat: Chat, desk: FakeDesk, kind: str) -> None:
    _offer(chat, desk, kind)

    expect(chat.log.get_by_role("button", name="Continua sul telefono")).to_have_count(0)


def test_on_a_phone_there_is_nothing_to_hand_over(open_page: OpenPage, desk: FakeDesk) -> None:
    chat = Chat(open_page(**PHONE))
    _offer(chat, desk, "upload")

    expect(chat.log.get_by_role("button", name="Continua sul telefono")).to_have_count(0)


def test_the_conversation_can_be_kept_as_a_file(chat: Chat, desk: FakeDesk, tmp_path: Path) -> None:
    url = _offer(chat, desk, "upload")
    chat.write("il codice è 739204")
    chat.wait_for("il codice è ••••••")
    chat.page.get_by_role("button", name="Lingua e altre opzioni").click()
    with chat.page.expect_download() as downloading:
        chat.page.get_by_role("button", name="Scarica la conversazione").click()
    file = downloading.value
    file.save_as(tmp_path / "kept.txt")
    text = (tmp_path / "kept.txt").read_text()

    assert file.suggested_filename.startswith("conversazione-")
    assert file.suggested_filename.endswith(".txt")
    assert text.startswith("Assistenza clienti\n\n21 novembre 2026\n\n")
    assert "Lei\nciao\n\n" in text
    assert "Assistente\nMi serve una foto del documento.\n[Invia il documento]\n" in text
    assert "739204" not in text
    assert url not in text
    expect(chat.text).to_be_focused()


def test_there_is_nothing_to_keep_before_the_first_word(chat: Chat) -> None:
    chat.open()
    chat.page.get_by_role("button", name="Lingua e altre opzioni").click()

    expect(chat.page.get_by_role("button", name="Ricomincia da capo")).to_be_visible()
    expect(chat.page.get_by_role("button", name="Scarica la conversazione")).to_have_count(0)
