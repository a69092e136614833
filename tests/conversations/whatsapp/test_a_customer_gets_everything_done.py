"""One WhatsApp conversation, day after day: an account, a password, a policy, a number."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from backend.core.whatsapp import plain
from tests.backend.services.link_policy.counter import GIULIA as NEW_POLICY
from tests.conversations.effects import area_by, is_let_in, number_of_request, staff_decide
from tests.conversations.register.steps import user_name
from tests.conversations.visitors import Visitors
from tests.conversations.whatsapp.errands import EVERYBODY, Customer, Errand
from tests.stack import Stack
from tests.talk import PASSWORD
from tests.walk import Walk
from tests.whatsapp_talk import WhatsAppTalk

DAY = 86_400
NEW_PASSWORD = {"it": "Ortensia73Rosa", "id": "anggrek ungu 73"}
# Markdown, placeholders and names of responses are for machines; masks have asterisks too.
NOT_FOR_PEOPLE = re.compile(r"(?<![\w*])\*\*\w|\]\(|\{\w+\}|\butter_|</?\w+>")

type Phone = Callable[..., WhatsAppTalk]


@pytest.mark.parametrize("customer_", EVERYBODY, ids=str)
def test_four_errands_in_one_conversation(
    house: Stack, visitors: Visitors, phone: Phone, tmp_path: Path, customer_: Customer
) -> None:
    talk = phone(customer_.person.market, customer_.phone, taps=customer_.taps)
    walk = Walk(talk, {}, customer_.contacts)
    registration, *others = customer_.errands
    _goes_through(walk, registration)
    known = {"username": user_name(talk, customer_.person)}
    visitors.takes_in(tmp_path, **NEW_POLICY)
    walk.password = NEW_PASSWORD[talk.market]
    for errand in others:
        talk.moves_clock(DAY)
        _goes_through(walk, errand, known)
    if talk.market == "it":
        _hears_of_the_decision(house, walk)

    name = known["username"]
    talk.moves_clock(121)
    assert not is_let_in(talk, name, PASSWORD[talk.market])
    area = area_by(talk, name, walk.password, customer_.new_mobile)
    assert customer_.person.policies[0] in area
    assert customer_.linked in area
    _was_shown_well(talk)


def _goes_through(walk: Walk, errand: Errand, known: Mapping[str, str] | None = None) -> None:
    walk.answers = {**(known or {}), **errand.answers}
    walk.begins(errand.opening, errand.flow)
    walk.until(None)


def _hears_of_the_decision(house: Stack, walk: Walk) -> None:
    number = number_of_request(walk.talk.last.text)
    seen = walk.talk.history()["messages"][-1]["seq"]
    staff_decide(house, "approve", number)
    assert number in walk.hears(seen).text


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
