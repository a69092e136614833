"""When staff have decided: at once, after the customer's answer to a template, or not at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.texts import Texts
from tests.conversations.cases import MOBILE
from tests.conversations.effects import number_of_request, staff_decide
from tests.conversations.visitors import Visitors
from tests.stack import Stack
from tests.walk import Walk
from tests.whatsapp_talk import WORDS, WhatsAppTalk
from tools.processes import ROOT

GIULIA = "+393201234519"
CASE = MOBILE[0]
HOUR = 3_600
GATEWAY = Texts.load(ROOT / "texts" / "gateway.yml")


@pytest.fixture(name="walk")
def _walk(visitors: Visitors, phone: Callable[..., WhatsAppTalk]) -> Walk:
    """Giulia has asked for another mobile number."""
    known = {"username": visitors.has_account(CASE)}
    walk = visitors.walks(CASE, known, phone("it", GIULIA))
    walk.begins(CASE.opening, CASE.flow)
    walk.until(None)
    return walk


def test_after_a_day_a_template_asks_and_the_news_comes_before_the_answer(
    house: Stack, walk: Walk
) -> None:
    number = number_of_request(walk.talk.last.text)
    walk.talk.moves_clock(25 * HOUR)
    seen = walk.talk.history()["messages"][-1]["seq"]
    staff_decide(house, "approve", number)
    assert walk.hears(seen).text == WORDS.get("reopen", "it")

    news, *answer = walk.talk.says("Buongiorno, eccomi").replies
    assert number in news["text"]
    assert answer
    assert not any(number in each["text"] for each in answer)


def test_who_said_stop_hears_nothing_until_they_write(house: Stack, walk: Walk) -> None:
    number, mail = number_of_request(walk.talk.last.text), walk.contacts[1]
    assert walk.talk.says("STOP").text == GATEWAY.get("opting.out_done", "it")
    walk.talk.moves_clock(HOUR)
    lines = len(walk.talk.history()["messages"])
    mails = len(walk.talk.sent_to(mail))
    staff_decide(house, "approve", number)
    assert len(walk.talk.history()["messages"]) == lines
    assert len(walk.talk.sent_to(mail)) > mails, "an e-mail is another matter"

    assert walk.talk.says("START").text == GATEWAY.get("opting.in_done", "it")
    walk.gives("a che punto è la mia richiesta?")
    assert number in walk.talk.last.text
