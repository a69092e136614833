"""Talking to the assistant as a customer does, through the development doors."""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import dataclass
from typing import Any, Self

import httpx

PASSWORD = {"it": "Girasole42Blu", "id": "girasole di kebun 42"}
SIX_DIGITS = re.compile(r"\b(\d{6})\b")


@dataclass(frozen=True)
class Reply:
    """What came back for one message."""

    replies: list[dict[str, Any]]
    state: dict[str, Any]

    @property
    def text(self) -> str:
        """All that was said, in one string."""
        return "\n".join(str(reply["text"]) for reply in self.replies)

    @property
    def asking(self) -> str | None:
        """What the flow waits for."""
        return self.state["asking"]

    @property
    def flow(self) -> str | None:
        """The flow that is running."""
        return self.state["flow"]

    @property
    def titles(self) -> list[str]:
        """Titles of all buttons."""
        return [b["title"] for reply in self.replies for b in reply.get("buttons") or []]

    @property
    def links(self) -> list[str]:
        """All links."""
        return [link for reply in self.replies for link in reply.get("links") or []]

    def button(self, title: str) -> str:
        """The id of the button with this title."""
        for reply in self.replies:
            for button in reply.get("buttons") or []:
                if button["title"] == title:
                    return str(button["id"])
        raise AssertionError(f"no button {title!r} among {self.titles}")


class Talk:
    """One customer's conversation."""

    def __init__(
        self,
        base: str,
        market: str,
        language: str | None = None,
        *,
        sender: str | None = None,
        channel: str = "web",
    ) -> None:
        self.http = httpx.Client(base_url=base, timeout=60)
        self.market, self.language, self.channel = market, language, channel
        self.sender = sender or f"customer-{secrets.token_hex(6)}"
        self.last: Reply = Reply([], {"asking": None, "flow": None})

    def says(self, text: str) -> Reply:
        """Type a message and wait for the answer."""
        return self._post({"text": text})

    def presses(self, title: str) -> Reply:
        """Press a button of the last answer."""
        return self._post({"button": self.last.button(title)})

    def _post(self, what: dict[str, str]) -> Reply:
        body = {"sender": self.sender, "market": self.market, "channel": self.channel, **what}
        if self.language:
            body["language"] = self.language
        answer = self.http.post("/dev/messages", json=body)
        assert answer.status_code == 200, answer.text
        self.last = Reply(**{key: answer.json()[key] for key in ("replies", "state")})
        assert self.last.replies, f"silence after {what}"
        return self.last

    def history(self, after: int = 0) -> dict[str, Any]:
        """The whole conversation as the customer sees it."""
        answer = self.http.get("/dev/messages", params={"sender": self.sender, "after": after})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def comes_by_itself(self, seen: int) -> dict[str, Any]:
        """Wait for what the assistant says without being asked, after line *seen*."""
        waiting = threading.Event()
        for _ in range(300):
            history = self.history(after=seen)
            if any(message["from"] == "bot" for message in history["messages"]):
                return history
            waiting.wait(0.1)
        raise AssertionError("the chat did not go on by itself")

    def sent_to(self, contact: str) -> list[dict[str, Any]]:
        """What was sent to a contact, newest first."""
        return list(self.http.get("/dev/outbox", params={"to": contact}).json())

    def code_for(self, contact: str) -> str:
        """The code of the newest message to this contact."""
        for message in self.sent_to(contact):
            found = SIX_DIGITS.search(message["body"])
            if found:
                return found.group(1)
        raise AssertionError(f"no code was sent to {contact}")

    def moves_clock(self, seconds: int) -> Self:
        """Let time pass for codes, links and limits."""
        self.http.post("/dev/clock", json={"advance_seconds": seconds}).raise_for_status()
        return self

    def sets_password(self, link: str, password: str) -> httpx.Response:
        """Do what the one-time page asks."""
        return submit(self.http, link, password=password, password_confirmation=password)


def hidden_fields(page: httpx.Response) -> dict[str, str]:
    """What the forms of a page carry along unseen."""
    return dict(
        re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page.text)
    )


def submit(http: httpx.Client, address: str, **values: str) -> httpx.Response:
    """Open a page, fill in its form with its hidden fields, and send it."""
    page = http.get(address, follow_redirects=True)
    hidden = hidden_fields(page)
    form = re.search(r'<form[^>]*method="post"[^>]*>', page.text, re.I)
    assert form, page.text[:400]
    action = re.search(r'action="([^"]*)"', form.group(0))
    return http.post(
        action.group(1) if action else str(page.url),
        data={**hidden, **values},
        follow_redirects=True,
    )
