"""The customer area in a real browser, on a real backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.helpers import serious_findings, submit, too_wide_at
from tests.web.area_house import PASSWORD, AreaHouse

GIULIAS_MOBILE = "+393201234519"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[AreaHouse]:
    house = AreaHouse(tmp_path)
    yield house
    house.close()


@pytest.fixture
def address(house: AreaHouse, serve: Callable[[Any], str]) -> str:
    return serve(house.app)


def log_in(page: Page, username: str, password: str = PASSWORD) -> None:
    page.fill("#username", username)
    page.fill("#password", password)
    submit(page)


def test_signing_in_and_out_by_keyboard(house, open_page):
    username = house.open_account("IT-0001")
    page = open_page("/area/login?lang=it")
    page.locator("#username").focus()
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Codice di 6 cifre")).to_be_focused()
    page.keyboard.type(house.last_code(GIULIAS_MOBILE))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Le Sue polizze")
    expect(page.get_by_role("listitem").filter(has_text="401122334")).to_contain_text("Attiva")
    page.get_by_role("button", name="Esci").click()
    expect(page.get_by_role("status").filter(has_text="uscita")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("401122334")).to_have_count(0)


def test_the_language_can_be_switched_at_every_step(house, open_page):
    username = house.open_account("IT-0001")
    page = open_page("/area/login?lang=it")
    page.get_by_role("link", name="English").click()
    log_in(page, username)
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the code")
    page.get_by_role("link", name="Bahasa Indonesia").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Masukkan kode")
    page.fill("#code", house.last_code(GIULIAS_MOBILE))
    submit(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Polis Anda")


def test_the_wait_after_wrong_tries_counts_down(house, open_page):
    page = open_page("/area/login?lang=en")
    for _ in range(6):
        log_in(page, "nobody@example.it", "wrong")
    expect(page.get_by_role("alert")).to_contain_text("you can try again in 30 seconds")
    expect(page.get_by_role("alert")).to_contain_text("in 2")


@pytest.mark.parametrize(
    ("language", "customer", "mobile"),
    [
        ("it", "IT-0001", GIULIAS_MOBILE),
        ("id", "ID-0004", "+628111222333"),
        ("en", "IT-0012", "+393457778899"),
    ],
)
def test_every_step_is_accessible_and_fits(house, open_page, language, customer, mobile):
    username = house.open_account(customer)
    without_mobile = house.open_account("IT-0005")
    page = open_page(f"/area/login?lang={language}")

    def check(step: str) -> None:
        assert serious_findings(page) == [], step
        assert too_wide_at(page) == [], step

    check("user name and password")
    log_in(page, username, "wrong")
    check("refused")
    log_in(page, without_mobile)
    check("no mobile on file")
    page.locator("main a[href='/area/login']").click()
    log_in(page, username)
    expect(page.locator("#code")).to_be_focused()
    check("code")
    page.fill("#code", "12345")
    submit(page)
    check("malformed code")
    page.fill("#code", house.last_code(mobile))
    submit(page)
    check("policies")
