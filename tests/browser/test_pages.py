"""The pages outside the chat in a real browser: without scripts, with them, and for every eye."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.helpers import go, overflow, serious_findings, submit, too_wide_at
from tests.web.customer_pages import CustomerPages

GOOD = "Girasole72"
LANGUAGES = ("it", "id", "en")


@pytest.fixture
def house() -> CustomerPages:
    return CustomerPages()


@pytest.fixture
def address(house: CustomerPages, serve: Callable[[Any], str]) -> str:
    return serve(house.app)


def states(house: CustomerPages, language: str) -> dict[str, str]:
    """A path for every kind of page that needs no signing in."""
    market = "id" if language == "id" else "it"
    options = {"market": market, "language": language}
    used = house.pages.add(f"used-{language}", kind="confirm", **options)
    house.pages.confirm(used)
    tokens = {
        "password": house.pages.add(f"password-{language}", **options),
        "confirm": house.pages.add(f"confirm-{language}", kind="confirm", **options),
        "expired": house.pages.add(f"expired-{language}", minutes=-1, **options),
        "used": used,
        "unknown": f"unknown?lang={language}",
    }
    paths = {name: f"/t/{token}" for name, token in tokens.items()}
    paths["demo"] = f"/demo?market={market}&lang={language}"
    return paths


def test_rules_tick_while_typing(house, open_page):
    page = open_page("/t/" + house.pages.add("token"))
    met = page.locator("li.is-met")
    expect(met).to_have_count(0)
    page.fill("#password", "girasole")
    expect(met).to_have_count(2)
    page.fill("#password", "Girasole")
    expect(page.locator("[data-rule=upper]")).to_have_class("is-met")
    page.fill("#password", GOOD)
    expect(met).to_have_count(4)
    page.fill("#password_confirmation", "Girasole7")
    expect(page.locator("[data-rule=match]")).not_to_have_class("is-met")
    page.fill("#password_confirmation", GOOD)
    expect(met).to_have_count(5)
    expect(page.locator("[data-progress]")).to_have_text("Regole rispettate: 5 su 5")
    page.fill("#password", GOOD + "tropposole")
    expect(page.locator("[data-rule=length]")).not_to_have_class("is-met")


def test_the_password_can_be_looked_at_and_is_sent_hidden(house, open_page):
    page = open_page("/t/" + house.pages.add("token"))
    page.fill("#password", GOOD)
    page.fill("#password_confirmation", GOOD)
    expect(page.locator("#password")).to_have_attribute("type", "password")
    page.get_by_label("Mostra la password").check()
    for field in ("#password", "#password_confirmation"):
        expect(page.locator(field)).to_have_attribute("type", "text")
    submit(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("La password è pronta")
    assert house.pages.passwords == [GOOD]


def test_the_whole_page_works_by_keyboard(house, open_page):
    page = open_page("/t/" + house.pages.add("token"))
    page.keyboard.press("Tab")
    page.keyboard.type("corta")
    page.keyboard.press("Tab")
    page.keyboard.type("corta")
    page.keyboard.press("Enter")
    # The refused page puts the customer back into the field, with the reason as its description.
    expect(page.locator("#password")).to_be_focused()
    expect(page.locator("#password")).to_have_accessible_description(
        re.compile("È troppo corta: servono almeno 8 caratteri")
    )
    page.keyboard.type(GOOD)
    page.keyboard.press("Tab")
    page.keyboard.type(GOOD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("La password è pronta")


def test_the_page_works_without_scripts(house, open_page):
    page = open_page("/t/" + house.pages.add("token"), java_script_enabled=False)
    expect(page.locator("[data-show-password]")).to_be_hidden()
    page.fill("#password", GOOD)
    page.fill("#password_confirmation", GOOD)
    submit(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("La password è pronta")
    assert house.pages.passwords == [GOOD]


def test_two_quick_presses_use_the_link_once(house, open_page):
    page = open_page("/t/" + house.pages.add("token", kind="confirm"))
    page.locator("main form button[type=submit]").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confermato, grazie")
    assert house.pages.confirmed == ["token"]


def test_the_time_left_counts_down_and_says_when_it_is_over(house, open_page):
    page = open_page("/t/" + house.pages.add("token", language="en"))
    page.clock.install()
    page.reload()
    expect(page.locator("[data-time]")).to_contain_text("10 minutes")
    page.clock.run_for(9 * 60 * 1000)
    expect(page.locator("[data-time]")).to_contain_text("60 seconds")
    page.clock.run_for(61 * 1000)
    expect(page.locator("[data-time]")).to_contain_text("The time is up")


def test_an_expired_link_leads_to_a_new_one(house, open_page):
    page = open_page("/t/" + house.pages.add("late", language="en", minutes=-1))
    page.get_by_role("button", name="Send a new link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A new link is on its way")
    assert house.gateway.events == [("c_0123456789012345678901", "page_renewal")]


def test_the_sample_page_embeds_the_chat_of_its_market(open_page):
    page = open_page("/demo?market=id&lang=en")
    script = page.locator("script[src='/static/widget.js']")
    expect(script).to_have_attribute("data-market", "id")
    expect(script).to_have_attribute("data-language", "en")
    page.get_by_role("link", name="Italy").click()
    expect(page.locator("script[data-market=it]")).to_have_attribute("data-language", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_serious_accessibility_finding_in_light_and_dark(house, open_page, language):
    page = open_page("/t/unknown")
    for name, path in states(house, language).items():
        go(page, path)
        assert serious_findings(page) == [], name
    go(page, states(house, language)["password"])
    page.fill("#password", "Gira")
    submit(page)
    page.fill("#password", "Girasole")
    assert serious_findings(page) == [], "refused password"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_overflows_from_the_narrowest_phone_to_a_desktop(house, open_page, language):
    page = open_page("/t/unknown")
    for name, path in states(house, language).items():
        go(page, path)
        assert too_wide_at(page) == [], name


def test_text_of_double_size_still_fits(house, open_page):
    page = open_page("/t/" + house.pages.add("token"), viewport={"width": 320, "height": 800})
    page.evaluate(
        "const s = new CSSStyleSheet(); s.replaceSync('html { font-size: 200% }');"
        "document.adoptedStyleSheets = [s]"
    )
    assert overflow(page) <= 0
