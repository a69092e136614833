"""One WhatsApp conversation, day after day: an account, a password, a policy, a number."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.core.whatsapp import plain
from tests.conversations.errands import EVERYBODY, NEW_PASSWORD, Customer, gets_everything_done
from tests.conversations.visitors import Visitors
from tests.stack import Stack
from tests.talk import PASSWORD
from tests.walk import Walk
from tests.whatsapp_screen import page_of
from tests.whatsapp_talk import WhatsAppTalk

DAY = 86_400
SHOTS = Path("test-results")
# Markdown, placeholders and names of responses are for machines; masks have asterisks too.
NOT_FOR_PEOPLE = re.compile(r"(?<![\w*])\*\*\w|\]\(|\{\w+\}|\butter_|</?\w+>")

type Phone = Callable[..., WhatsAppTalk]


@pytest.mark.parametrize("customer_", EVERYBODY, ids=str)
def test_four_errands_in_one_conversation(
    house: Stack, visitors: Visitors, phone: Phone, tmp_path: Path, customer_: Customer
) -> None:
    talk = phone(customer_.person.market, customer_.phone, taps=customer_.taps)
    walk = Walk(talk, {}, customer_.contacts)
    SHOTS.mkdir(exist_ok=True)
    gets_everything_done(house, visitors, walk, customer_, tmp_path, pause=DAY)
    _was_shown_well(talk)
    (SHOTS / f"whatsapp-{customer_}.html").write_text(page_of(talk.history()["messages"]))


def _was_shown_well(talk: WhatsAppTalk) -> None:
    """All that stands in the transcript came, in its order, fit to be read, and nothing secret."""
    shown = [message.shown for message in talk.twilio.sent(talk.sender)]
    assert {message.to for message in talk.twilio.messages} == {talk.sender}
    assert [text for text in shown if NOT_FOR_PEOPLE.search(text)] == []
    whole, at = "\n".join(shown), 0
    for secret in (PASSWORD[talk.market], NEW_PASSWORD[talk.market], *_codes(talk)):
        assert not re.search(rf"\b{secret}\b", whole)
    for line in talk.kept_lines():
        found = whole.find(plain(line["text"])[:60], at)
        assert found >= at, line["text"]
        at = found


def _codes(talk: WhatsAppTalk) -> list[str]:
    outbox = talk.http.get("/dev/outbox").json()
    sent = [each["body"] for each in outbox if each["channel"] in {"sms", "email"}]
    return [code for body in sent for code in re.findall(r"(?<!\d)\d{6}(?!\d)", body)]
