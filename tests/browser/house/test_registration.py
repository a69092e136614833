"""One customer per market opens an account as customers do: widget, page, chat, area."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.widget.widget_chat import Chat
from tests.conversations.register import people
from tests.conversations.register.people import Person
from tests.stack import Stack
from tests.talk import PASSWORD, SIX_DIGITS

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
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
LOCALES = {"it": "it-IT", "id": "id-ID"}
START = {"it": "vorrei registrarmi", "id": "saya mau daftar akun"}
WENT_ON = {"it": "la password è impostata", "id": "kata sandi Anda berhasil dibuat"}
SENT = {"it": "Ho inviato un codice", "id": "sudah saya kirim ke"}


@pytest.mark.stack
@pytest.mark.parametrize(
    ("person", "viewport"),
    [
        pytest.param(people.GIULIA, DESK, id="italy-desktop"),
        pytest.param(people.BUDI, PHONE, id="indonesia-phone"),
    ],
)
def test_a_customer_registers_in_the_widget_and_sees_the_policies(
    house: Stack, browser: Browser, person: Person, viewport: dict[str, int]
) -> None:
    httpx.post(f"{house.base}/dev/clock", json={"reset": True}, timeout=30).raise_for_status()
    httpx.post(f"{house.base}/dev/reset", timeout=60).raise_for_status()
    context = browser.new_context(viewport=viewport, locale=LOCALES[person.market])
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{house.base}/demo?market={person.market}")
    chat = Chat(page).open()

    answer_questions(chat, person)
    chat.wait_for(SENT[person.market])
    chat.write(code_for(house, person.contact))
    set_password(chat, PASSWORD[person.market])
    chat.wait_for(WENT_ON[person.market])

    page.reload()
    if not chat.panel.is_visible():
        chat.open()
    chat.wait_for(WENT_ON[person.market])
    area = log_in(house, page, user_name(chat, person), person)
    for policy in person.policies:
        assert policy in area
    context.close()


def answer_questions(chat: Chat, person: Person) -> None:
    chat.write(START[person.market])
    said = [answer for slot, answer in person.answers.items() if slot != "last_name"]
    for question, answer in zip(QUESTIONS[person.market], said, strict=True):
        chat.wait_for(question)
        button = chat.choice(answer)
        if button.count():
            button.first.click()
        else:
            chat.write(answer)


def set_password(chat: Chat, password: str) -> None:
    with chat.page.context.expect_page() as opened:
        chat.log.locator("a[href*='/t/']").first.click()
    page = opened.value
    page.fill("input[name=password]", password)
    page.fill("input[name=password_confirmation]", password)
    page.click("button[type=submit]")
    page.wait_for_load_state()
    assert page.locator("input[name=password]").count() == 0
    page.close()


def code_for(house: Stack, contact: str) -> str:
    sent = httpx.get(f"{house.base}/dev/outbox", params={"to": contact}, timeout=30).json()
    found = SIX_DIGITS.search(sent[0]["body"])
    assert found
    return found.group(1)


def user_name(chat: Chat, person: Person) -> str:
    if person.market == "it":
        return person.contact
    found = re.search(r"Username Anda: (\w+)", " ".join(chat.lines()))
    assert found
    return found.group(1)


def log_in(house: Stack, page: Page, name: str, person: Person) -> str:
    page.goto(f"{house.base}/area/login")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD[person.market])
    page.click("button[type=submit]")
    page.wait_for_selector("input[name=code]")
    assert person.mobile
    page.fill("input[name=code]", code_for(house, person.mobile))
    page.click("button[type=submit]")
    page.wait_for_url("**/area")
    shots = Path("test-results")
    shots.mkdir(exist_ok=True)
    page.screenshot(path=shots / f"area-{person.market}.png", full_page=True)
    return page.content()
