"""The fake Twilio with bad days: it refuses, breaks off, keeps waiting, and tells late and twice.

It takes SMS too, so that a code and an answer on WhatsApp leave by the same bad line.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.chaos import Chance
from tests.chaos.courier import Courier
from tests.fake_twilio import FakeTwilio, Message, Webhooks, message_resource, new_sid, refused

LONGER_THAN_THE_DESK_WAITS = 12.0
_SIX_DIGITS = re.compile(r"(?<!\d)\d{6}(?!\d)")


class Fate(StrEnum):
    """What happens to a message that the desk hands over."""

    TOLD = "taken"
    REFUSED = "answered 500 or 429"
    LOST = "not taken, connection broken off"
    UNTOLD = "taken, connection broken off"


_ODDS: tuple[tuple[Fate, float], ...] = (
    (Fate.TOLD, 0.80),
    (Fate.REFUSED, 0.12),
    (Fate.LOST, 0.04),
    (Fate.UNTOLD, 0.04),
)
_HANGS, _FAILS_LATER = 0.3, 0.03


@dataclass
class Attempt:
    """One handing over, as Twilio saw it."""

    at: float
    what: str
    """The message's id at the desk; of an SMS, whose form has none, number and words."""
    fate: Fate
    failed_later: bool = False
    """A callback told that it did not arrive, for a reason that passes."""

    @property
    def is_taken(self) -> bool:
        return self.fate in {Fate.TOLD, Fate.UNTOLD}


class ChaoticTwilio(FakeTwilio):
    """Bad days until `is_calm`."""

    def __init__(self, webhooks: Webhooks, chance: Chance) -> None:
        super().__init__(webhooks)
        self.is_calm = False
        self.courier: Courier | None = None
        """Who carries what it has to tell; nobody before the desk is there."""
        self.attempts: list[Attempt] = []
        self.sms: list[Message] = []
        self.tally: Counter[str] = Counter()
        self._chance = chance

    def codes_to(self, numbers: tuple[str, ...]) -> list[str]:
        """Every code that came to one of these, newest first."""
        bodies = [each.shown for each in reversed(self.sms) if each.form["To"] in numbers]
        return [found.group() for body in bodies if (found := _SIX_DIGITS.search(body))]

    def before_breaking_off(self) -> None:
        """Sometimes long enough for the desk to lose patience first."""
        if self._chance.random() < _HANGS:
            self.tally["of these after a time-out"] += 1
            threading.Event().wait(LONGER_THAN_THE_DESK_WAITS)

    def _take_message(self, form: dict[str, str]) -> tuple[int, dict[str, Any] | None]:
        fate = Fate.TOLD if self.is_calm else self._fate()
        self.tally[fate] += 1
        if fate is Fate.REFUSED:
            self.attempts.append(Attempt(monotonic(), key_of(form), fate))
            return self._chance.choice((refused(500, 0), refused(503, 0), refused(429, 20429)))
        fault = self._fault(form) if "whatsapp" in form.get("To", "") else None
        if fault:
            self.tally[f"answered with error {fault}"] += 1
            return refused(400, fault)
        attempt = Attempt(monotonic(), key_of(form), fate)
        self.attempts.append(attempt)
        if fate is Fate.LOST:
            return 0, None
        message = self._keep(form)
        self._tells(message, attempt)
        return (
            (201, message_resource(self.webhooks.account, message)) if _is_told(fate) else (0, None)
        )

    def _keep(self, form: dict[str, str]) -> Message:
        if "whatsapp" in form["To"]:
            return super()._keep(form)
        message = Message(new_sid("SM"), form, form["Body"])
        self.sms.append(message)
        return message

    def _fate(self) -> Fate:
        fates, odds = zip(*_ODDS, strict=True)
        return Fate(self._chance.choices(fates, odds)[0])

    def _tells(self, message: Message, attempt: Attempt) -> None:
        if self.courier is None or "StatusCallback" not in message.form:
            return
        if not self.is_calm and self._chance.random() < _FAILS_LATER:
            attempt.failed_later = True
            self.tally["taken, then told as undelivered"] += 1
            self.courier.takes(self.callback(message, "sent"), "status")
            self.courier.takes(self.callback(message, "undelivered", 63012), "status")
            return
        for status in ("sent", "delivered", "read"):
            self.courier.takes(self.callback(message, status), "status")


def _is_told(fate: Fate) -> bool:
    return fate is Fate.TOLD


def key_of(form: dict[str, str]) -> str:
    """What a message is known by, whenever it is handed over."""
    named = parse_qs(urlsplit(form.get("StatusCallback", "")).query).get("notice")
    return named[0] if named else f"{form['To']}: {form['Body']}"
