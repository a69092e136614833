"""When staff have decided: at once, after the customer's answer to a template, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from backend.texts import Texts
from tests.conversations.cases import MOBILE
from tests.conversations.effects import number_of_request, staff_decide
from tests.conversations.visitors import Visitors
from tests.daytime import until_noon
from tests.stack import Stack
from tests.talk import Talk
from tests.walk import Walk
from tests.whatsapp_talk import WORDS, WhatsAppTalk
from tools.processes import ROOT

GIULIA = "+393201234519"
CASE = MOBILE[0]
GATEWAY = Texts.load(ROOT / "texts" / "gateway.yml")


@pytest.fixture(name="walk")
def _walk(visitors: Visitors, phone: Callable[..., WhatsAppTalk]) -> Walk:
    """Giulia has asked for another mobile number."""
    known = {"username": visitors.has_account(CASE)}
    walk = visitors.walks(CASE, known, phone("it", GIULIA))
    walk.begins(CASE.opening, CASE.flow)
    walk.until(None)
    return walk


def moves_to_noon(talk: Talk, *, days: int) -> None:
    """The house begins at the real time of day, and at night nobody is written to unasked."""
    answer = talk.http.post("/dev/clock", json={"advance_seconds": 0}).raise_for_status()
    now = datetime.fromisoformat(answer.json()["now"])
    talk.moves_clock(int(until_noon(now, days=days).total_seconds()))


def test_after_a_day_a_template_asks_and_the_news_comes_before_the_answer(
    house: Stack, walk: Walk
) -> None:
    number = number_of_request(walk.talk.last.text)
    moves_to_noon(walk.talk, days=2)
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
    moves_to_noon(walk.talk, days=1)
    lines = len(walk.talk.history()["messages"])
    mails = len(walk.talk.sent_to(mail))
    staff_decide(house, "approve", number)
    assert len(walk.talk.history()["messages"]) == lines
    assert len(walk.talk.sent_to(mail)) > mails, "an e-mail is another matter"

    assert walk.talk.says("START").text == GATEWAY.get("opting.in_done", "it")
    walk.gives("a che punto è la mia richiesta?")
    assert number in walk.talk.last.text
