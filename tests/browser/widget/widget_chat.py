"""The chat as a customer sees and uses it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

TIMEOUT_MS = 8_000


class Chat:
    """What a customer sees and does, in words of the chat."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.element = page.locator("sportello-chat")
        self.launcher = page.locator("button.launcher")
        self.panel = page.locator("dialog.panel")
        self.log = page.get_by_role("log")
        self.text = page.locator("textarea")
        self.banner = page.locator(".banner.is-shown")

    def open(self) -> Chat:
        self.launcher.click()
        self.text.wait_for()
        return self

    def write(self, text: str) -> None:
        self.text.fill(text)
        self.text.press("Enter")

    def choice(self, title: str) -> Locator:
        return self.log.get_by_role("button", name=title, exact=True)

    def lines(self) -> list[str]:
        """All lines in order, each with its speaker before it."""
        shown = [bubble.text_content() or "" for bubble in self.page.locator(".bubble").all()]
        return [" ".join(text.split()) for text in shown]

    def wait_for(self, text: str) -> None:
        self.log.get_by_text(text).first.wait_for()
