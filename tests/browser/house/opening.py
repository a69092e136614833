"""How the tests of the whole house come to the site."""

from __future__ import annotations

from playwright.sync_api import Browser, Page

from tests.stack import Stack, begin_anew

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
_LOCALES = {"it": "it-IT", "id": "id-ID"}


def opened(browser: Browser, house: Stack, market: str, screen: dict[str, int]) -> Page:
    """A page in a browser of its own; the database, the clock and the limits are fresh."""
    begin_anew(house.base)
    context = browser.new_context(
        viewport=screen, locale=_LOCALES[market], has_touch=screen == PHONE
    )
    context.set_default_timeout(20_000)
    return context.new_page()
