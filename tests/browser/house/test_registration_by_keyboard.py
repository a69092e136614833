"""A whole registration without a mouse: the chat, the secure page, and back."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.house.opening import DESK, opened
from tests.browser.widget.widget_chat import Chat
from tests.conversations.register import people
from tests.conversations.register.people import Person
from tests.stack import Stack
from tests.talk import PASSWORD, SIX_DIGITS

QUESTIONS = {
    "it": [
        "Con quale profilo",
        "nome e cognome",
        "Quale e-mail o cellulare",
        "informativa privacy",
    ],
    "id": [
        "Polis jenis apa",
        "nomor polis Anda?",
        "nama lengkap Anda",
        "tanggal lahir Anda?",
        "(EULA)",
    ],
}
START = {"it": "vorrei registrarmi", "id": "saya mau daftar akun"}
WENT_ON = {"it": "la password è impostata", "id": "kata sandi Anda berhasil dibuat"}
SENT = {"it": "Ho inviato un codice", "id": "sudah saya kirim ke"}
FOCUSED = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return [element?.className, element?.name, element?.textContent.trim()].join(" ");
}"""
MOST_STEPS = 40


@pytest.mark.stack
@pytest.mark.parametrize("person", [people.GIULIA, people.BUDI], ids=["italy", "indonesia"])
def test_a_customer_registers_by_keyboard_alone(
    house: Stack, browser: Browser, person: Person
) -> None:
    page = opened(browser, house, person.market, DESK)
    page.goto(f"{house.base}/demo?market={person.market}")
    chat = Chat(page)

    walk(page, "Tab", "launcher")
    page.keyboard.press("Enter")
    answer_questions(chat, person)
    chat.wait_for(SENT[person.market])
    typed(page, code_for(house, person.contact))
    chat.page.locator("a.card").wait_for()
    set_password(chat, PASSWORD[person.market])
    chat.wait_for(WENT_ON[person.market])

    page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    assert "launcher" in page.evaluate(FOCUSED)
    page.context.close()


def walk(page: Page, key: str, to: str) -> None:
    """Press a key until what has the focus is called so."""
    for _ in range(MOST_STEPS):
        page.keyboard.press(key)
        if to in page.evaluate(FOCUSED):
            return
    raise AssertionError(f"{key} never leads to {to}")


def code_for(house: Stack, contact: str) -> str:
    sent = httpx.get(f"{house.base}/dev/outbox", params={"to": contact}, timeout=30).json()
    found = SIX_DIGITS.search(sent[0]["body"])
    assert found
    return found.group(1)


def typed(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def answer_questions(chat: Chat, person: Person) -> None:
    chat.text.wait_for()
    typed(chat.page, START[person.market])
    said = [answer for slot, answer in person.answers.items() if slot != "last_name"]
    for question, answer in zip(QUESTIONS[person.market], said, strict=True):
        chat.wait_for(question)
        if chat.choice(answer).count():
            walk(chat.page, "ArrowUp", answer)
            chat.page.keyboard.press("Enter")
        else:
            typed(chat.page, answer)


def set_password(chat: Chat, password: str) -> None:
    walk(chat.page, "Shift+Tab", "card")
    with chat.page.context.expect_page() as opened:
        chat.page.keyboard.press("Enter")
    page = opened.value
    page.wait_for_load_state()  # keys that come before are lost
    walk(page, "Tab", " password ")
    page.keyboard.type(password)
    walk(page, "Tab", "password_confirmation")
    typed(page, password)
    expect(page.locator("input[name=password]")).to_have_count(0)
    page.close()
    chat.page.bring_to_front()
