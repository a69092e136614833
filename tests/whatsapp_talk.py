"""Talking to the assistant on WhatsApp: signed webhooks in, what Twilio was asked to send out."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from textwrap import indent
from typing import Any

from backend.bootstrap import Backend
from backend.texts import Texts
from tests.fake_twilio import INDONESIA, ITALY, FakeTwilio, Message, Webhook
from tests.settled import is_settled
from tests.talk import Reply, Talk
from tools.processes import ROOT
from web.gateway.limits import SlidingWindow
from web.gateway.numbers import GatewayNumbers

NUMBERS = {"it": ITALY, "id": INDONESIA}
WORDS = Texts.load(Path(ROOT) / "texts" / "whatsapp.yml")

_SETTLED_WITHIN_SECONDS = 40
_BY_NUMBER = tuple(WORDS.variants("by_number").values())
_NUMBERED = re.compile(r"^(\d+)\. (.+)$", re.MULTILINE)
_ADDRESS = re.compile(r"https?://\S+")
_BEHIND_ALL = 1_000_000
_LIMITS = GatewayNumbers()
# The desk counts by telephone, whoever's test it is; a little more, for the way.
_PACE = SlidingWindow(_LIMITS.messages, _LIMITS.messages_within + 0.5)


class WhatsAppTalk(Talk):
    """One customer's telephone.

    What was said is read from what Twilio got and from nowhere else; the development doors give
    only what no customer sees: which question is open, codes, the clock.
    """

    def __init__(
        self,
        base: str,
        market: str,
        phone: str,
        *,
        twilio: FakeTwilio,
        backend: Backend,
        taps: bool = True,
    ) -> None:
        """Without `taps` choices are typed by their titles; *backend* tells when all is said."""
        super().__init__(base, market, sender=phone, channel="whatsapp")
        self.twilio, self.taps = twilio, taps
        self._backend = backend
        self._lines: list[dict[str, Any]] = []
        self._messages: list[Message] = []

    def says(self, text: str) -> Reply:
        """Write a message and wait for all that is answered."""
        return self.sends(self.message(text), text)

    def presses(self, title: str) -> Reply:
        """Tap a choice of the last answer, or write it: its number where there is no button."""
        pressed = self.last.button(title)
        if pressed.isdecimal():
            return self.says(pressed)
        if not self.taps:
            return self.says(title)
        return self.taps_on(self.offering(title), title)

    def taps_on(self, message: Message, title: str) -> Reply:
        """Tap a choice of any message that is still on the screen."""
        return self.sends(self.twilio.tap(message, title), f"[{title}]")

    def offering(self, title: str) -> Message:
        """The newest message that has this choice."""
        return next(
            message
            for message in reversed(self._messages)
            if title in [offered for offered, _ in message.choices]
        )

    def attaches(self, media_type: str, words: str = "") -> Reply:
        """Send a photo, a voice message or a file."""
        webhook = self.twilio.webhooks.media(media_type, words, **self._between())
        return self.sends(webhook, f"({media_type}) {words}".rstrip())

    def message(self, text: str) -> Webhook:
        """A text of this customer's, not sent yet."""
        return self.twilio.webhooks.message(text, **self._between())

    def sends(self, webhook: Webhook, shown: str) -> Reply:
        """Have Twilio deliver it and wait for the answer."""
        self.settles()
        seen = len(self._lines)
        self._writes_down("customer", shown)
        self.delivers(webhook)
        said = [line for line in self.history(seen)["messages"] if line["from"] == "bot"]
        assert said, f"silence after {shown!r}"
        self.last = Reply(said, self.state())
        return self.last

    def delivers(self, webhook: Webhook) -> None:
        """Have Twilio deliver it, no faster than the desk listens."""
        while pause := _PACE.wait_for(self.sender):
            threading.Event().wait(pause)
        assert webhook.to(self.http.post) == 204

    def settles(self) -> None:
        """Wait until every message is answered and every answer has come, and read them."""
        waiting = threading.Event()
        for _ in range(_SETTLED_WITHIN_SECONDS * 50):
            if is_settled(self._backend):
                self._reads()
                return
            waiting.wait(0.02)
        raise AssertionError("the desk does not come to rest")

    def history(self, after: int = 0) -> dict[str, Any]:
        """What is on the screen, in the order in which it came."""
        self.settles()
        return {"messages": self._lines[after:], "state": self.state()}

    def state(self) -> dict[str, Any]:
        """Where the conversation stands."""
        known = super().history(after=_BEHIND_ALL)["state"]
        return known or {"flow": None, "asking": None}

    def kept_lines(self) -> list[dict[str, Any]]:
        """What the desk keeps of its own words."""
        return [line for line in super().history()["messages"] if line["from"] == "bot"]

    def sent_to(self, contact: str) -> list[dict[str, Any]]:
        """SMS and e-mails to a contact, newest first."""
        return [each for each in super().sent_to(contact) if each["channel"] != "whatsapp"]

    def transcript(self) -> str:
        """What is on the screen, to be read by people."""
        return "\n".join(
            ("> " + line["text"] if line["from"] == "customer" else indent(_drawn(line), "    "))
            for line in self._lines
        )

    def _between(self) -> dict[str, str]:
        return {"sender": self.sender, "number": NUMBERS[self.market]}

    def _reads(self) -> None:
        """Twilio tells of every message that it was read."""
        for message in self.twilio.sent(self.sender)[len(self._messages) :]:
            self._messages.append(message)
            self._writes_down("bot", message.shown, message)
            assert self.twilio.callback(message, "read").to(self.http.post) == 204

    def _writes_down(self, who: str, text: str, message: Message | None = None) -> None:
        links = [] if message is None else _ADDRESS.findall(text)
        self._lines.append(
            {
                "seq": len(self._lines) + 1,
                "from": who,
                "text": text,
                "buttons": [] if message is None else _choices_of(message),
                "links": links,
                "page": next((link for link in links if "/t/" in link), None),
            }
        )


def _choices_of(message: Message) -> list[dict[str, str]]:
    """What can be tapped; of a numbered text, what stands under the question by its number."""
    if message.choices:
        return [{"id": name, "title": title} for title, name in message.choices]
    if not message.shown.endswith(_BY_NUMBER):
        return []
    return [{"id": number, "title": title} for number, title in _NUMBERED.findall(message.shown)]


def _drawn(line: dict[str, Any]) -> str:
    tapped = [f"[{each['title']}]" for each in line["buttons"] if not each["id"].isdecimal()]
    return "\n".join([line["text"], " ".join(tapped)]).rstrip()
