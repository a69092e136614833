"""Going through a flow as its customer would: answers, codes, one-time pages."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx
from PIL import Image

from tests.talk import PASSWORD, Reply, Talk, hidden_fields

type Answer = str | Callable[[Reply], str]

MOST_QUESTIONS = 24


@dataclass
class Walk:
    """One customer in one conversation; `answers` are by what is being asked."""

    talk: Talk
    answers: Mapping[str, Answer]
    contacts: tuple[str, ...]
    """Where codes for this customer may arrive."""
    password: str = ""
    heard: list[str] = field(default_factory=list)
    """Every reply on the way."""

    def begins(self, words: str, flow: str) -> Reply:
        """Ask for a flow; one that has nothing to ask may be over with its first answer."""
        reply = self._note(self.talk.says(words))
        assert has_begun(reply, flow), (words, reply)
        return reply

    def until(self, question: str | None) -> Reply:
        """Answer until *question* is asked; None: until the flow is over."""
        for _ in range(MOST_QUESTIONS):
            last = self.talk.last
            if last.asking == question or last.flow is None:
                assert last.asking == question, last
                return last
            self.answer()
        raise AssertionError(f"never came to {question}: {self.talk.last}")

    def answer(self) -> Reply:
        """Answer the open question."""
        asking = self.talk.last.asking
        assert asking, self.talk.last
        if asking in self.answers:
            return self.gives(self.answers[asking])
        if asking == "otp_code":
            return self.gives(self.code())
        if asking in {"password_page", "document_upload"}:
            return self.does_page()
        raise AssertionError(f"no answer to {asking}: {self.talk.last}")

    def gives(self, answer: Answer) -> Reply:
        """Press the button of that title, else type it."""
        said = answer if isinstance(answer, str) else answer(self.talk.last)
        if said in self.talk.last.titles:
            return self._note(self.talk.presses(said))
        return self._note(self.talk.says(said))

    def code(self) -> str:
        """The newest code that arrived at any of the contacts."""
        sent = [
            message
            for contact in self.contacts
            for message in self.talk.sent_to(contact)
            if re.search(r"\b\d{6}\b", message["body"])
        ]
        assert sent, f"no code came to {self.contacts}"
        newest = max(sent, key=lambda message: str(message["created_at"]))
        found = re.search(r"\b\d{6}\b", newest["body"])
        assert found
        return found.group()

    def does_page(self) -> Reply:
        """Do the page that the chat shows, and hear the chat go on by itself."""
        seen = self.talk.history()["messages"][-1]["seq"]
        link = next(link for link in self._links() if "/t/" in link)
        if self.talk.last.asking == "password_page":
            self.sets_password(link, self.password or PASSWORD[self.talk.market])
        else:
            self.uploads_document(link)
        return self._note(self._by_itself(seen))

    def sets_password(self, link: str, password: str) -> None:
        """Do the page behind *link*."""
        done = self.talk.sets_password(link, password)
        assert done.status_code == 200, done.text[:400]

    def uploads_document(self, link: str) -> None:
        """Do the page behind *link*, with two photos."""
        done = uploads(self.talk.http, link)
        assert done.status_code == 200, done.text[:400]

    def hears(self, seen: int) -> Reply:
        """What the chat says by itself after line *seen*."""
        return self._note(self._by_itself(seen))

    def _links(self) -> list[str]:
        lines = reversed(self.talk.history()["messages"])
        return [link for line in lines for link in line["links"]]

    def _by_itself(self, seen: int) -> Reply:
        history = self.talk.comes_by_itself(seen)
        said = [line for line in history["messages"] if line["from"] == "bot"]
        self.talk.last = Reply(said, history["state"])
        return self.talk.last

    def _note(self, reply: Reply) -> Reply:
        self.heard.append(reply.text)
        return reply


def has_begun(reply: Reply, flow: str) -> bool:
    """Whether the flow runs, or had nothing to ask and shows its page already."""
    is_done = reply.flow is None and any(each.get("page") for each in reply.replies)
    return reply.flow == flow or is_done


def a_photo(colour: str = "white") -> bytes:
    """A photograph of nothing, as a phone would send it."""
    image, out = Image.new("RGB", (800, 500), colour), io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def uploads(
    http: httpx.Client,
    link: str,
    *,
    front: bytes | None = None,
    back: bytes | None = None,
    document_type: str | None = None,
) -> httpx.Response:
    """Fill in the upload page with two photos."""
    page = http.get(link)
    hidden = hidden_fields(page)
    offered = re.findall(r'<option[^>]*value="([a-z_]+)"', page.text) or re.findall(
        r'name="document_type"[^>]*value="([a-z_]+)"', page.text
    )
    action = re.search(r'<form[^>]*action="([^"]*)"[^>]*multipart', page.text) or re.search(
        r'<form[^>]*multipart[^>]*action="([^"]*)"', page.text
    )
    files = {
        "front": ("front.jpg", front or a_photo("white"), "image/jpeg"),
        "back": ("back.jpg", back or a_photo("grey"), "image/jpeg"),
    }
    return http.post(
        action.group(1) if action else link,
        data={**hidden, "document_type": document_type or offered[0]},
        files=files,
        follow_redirects=True,
    )
