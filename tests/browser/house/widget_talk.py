"""Talking to the assistant in the widget, in a real Chromium: what is read stands on the screen.

Only what no customer sees comes from elsewhere: which question is open, codes, the clock.
"""

from __future__ import annotations

import threading
from typing import Any

from playwright.sync_api import Page
from sqlalchemy import select

from backend.adapters.tables.conversations import conversations
from backend.bootstrap import Backend
from tests.browser.widget.widget_chat import Chat
from tests.settled import open_messages
from tests.talk import Reply, Talk
from tests.walk import Walk, a_photo

_SETTLED_WITHIN_SECONDS = 40
_READ_LINES = """lines => lines.map((line, index) => ({
  seq: index + 1,
  from: line.classList.contains("from-customer") ? "customer" : "bot",
  text: line.querySelector(".text").textContent,
  buttons: [...line.querySelectorAll("button.choice")].map(
    (each) => ({ id: each.dataset.choice, title: each.textContent.trim() })),
  links: [...line.querySelectorAll("a[href]")].map((each) => each.href),
  page: line.querySelector("a.card")?.href ?? null,
}))"""


class WidgetTalk(Talk):
    """One customer at one browser."""

    def __init__(self, page: Page, base: str, market: str, *, backend: Backend) -> None:
        """*backend* tells when all is said."""
        super().__init__(base, market)
        self.page, self.chat, self._backend = page, Chat(page), backend

    def opens(self) -> WidgetTalk:
        """Come to the site and open the chat."""
        self.page.goto(f"{self.http.base_url}/demo?market={self.market}")
        self.chat.open()
        return self

    def says(self, text: str) -> Reply:
        return self._answered(text, lambda: self.chat.write(text))

    def presses(self, title: str) -> Reply:
        return self._answered(title, self.chat.choice(title).last.click)

    def history(self, after: int = 0) -> dict[str, Any]:
        """What is on the screen."""
        shown = self._settled()
        return {"messages": shown[after:], "state": self._state()}

    def _answered(self, said: str, act: Any) -> Reply:
        seen = len(self._settled())
        act()
        waiting = threading.Event()
        for _ in range(_SETTLED_WITHIN_SECONDS * 20):
            new = self._settled()[seen:]
            replies = [line for line in new if line["from"] == "bot"]
            if replies:
                self.last = Reply(replies, self._state())
                return self.last
            waiting.wait(0.05)
        raise AssertionError(f"silence after {said!r}")

    def _settled(self) -> list[dict[str, Any]]:
        """The lines on the screen, once they are all there are."""
        waiting = threading.Event()
        for _ in range(_SETTLED_WITHIN_SECONDS * 20):
            if not open_messages(self._backend):
                shown: list[dict[str, Any]] = self._lines()
                if len(shown) == self._row().last_seq:
                    return shown
            waiting.wait(0.05)
        raise AssertionError("the widget does not show what was said")

    def _lines(self) -> list[dict[str, Any]]:
        return list(self.page.locator(".line").evaluate_all(_READ_LINES))

    def _state(self) -> dict[str, Any]:
        row = self._row()
        return {"flow": row.flow, "asking": row.asking, "language": row.language}

    def _row(self) -> Any:
        newest = select(conversations).order_by(conversations.c.created_at.desc()).limit(1)
        with self._backend.uow(read_only=True) as uow:
            return uow.connection.execute(newest).one()


class WidgetWalk(Walk):
    """A way through a flow whose pages are opened from their cards and filled in there."""

    def sets_password(self, link: str, password: str) -> None:
        page = self._opened(link)
        page.fill("input[name=password]", password)
        page.fill("input[name=password_confirmation]", password)
        self._sent(page, "input[name=password]")

    def uploads_document(self, link: str) -> None:
        page = self._opened(link)
        page.select_option("#document_type", index=1)
        for side in ("front", "back"):
            page.set_input_files(
                f"#{side}", {"name": f"{side}.jpg", "mimeType": "image/jpeg", "buffer": a_photo()}
            )
        self._sent(page, "#front")

    def _opened(self, link: str) -> Page:
        talk = self.talk
        assert isinstance(talk, WidgetTalk)
        with talk.page.context.expect_page() as opened:
            talk.chat.log.locator(f"a.card[href$='{link.rpartition('/')[2]}']").first.click()
        return opened.value

    @staticmethod
    def _sent(page: Page, field: str) -> None:
        page.locator("main form button[type=submit]").first.click()
        page.locator(field).wait_for(state="detached")
        page.close()
