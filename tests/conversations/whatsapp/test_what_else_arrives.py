"""What customers send besides answers: photos, voices, old buttons, one message three times."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backend.texts import Texts
from tests.conversations.cases import MOBILE, REGISTER
from tests.conversations.effects import number_of_request
from tests.conversations.visitors import Visitors
from tests.talk import Reply
from tests.walk import Walk
from tests.whatsapp_talk import WORDS, WhatsAppTalk
from tools.processes import ROOT

GIULIA, BUDI = "+393201234519", "+6281234567890"
GATEWAY = Texts.load(Path(ROOT) / "texts" / "gateway.yml")
PROFILES = ["Persona", "Professionista", "Azienda"]

_telephones = itertools.count(10)

type Phone = Callable[..., WhatsAppTalk]


@pytest.fixture(name="giulia")
def _giulia(phone: Phone) -> WhatsAppTalk:
    """She has been asked for the first thing of her registration."""
    talk = phone("it", f"+3932012346{next(_telephones)}")
    reply = talk.says(REGISTER[0].opening)
    assert (reply.asking, reply.titles) == ("profile", PROFILES), reply
    return talk


def stands(reply: Reply, asking: str) -> bool:
    """Whether the registration still waits for that."""
    return (reply.flow, reply.asking) == ("register", asking)


@pytest.mark.parametrize(
    ("media_type", "nature"), [("image/jpeg", "photo"), ("audio/ogg; codecs=opus", "voice")]
)
def test_a_photo_or_a_voice_gets_words_and_the_question_stays(
    giulia: WhatsAppTalk, media_type: str, nature: str
) -> None:
    told = giulia.attaches(media_type)

    assert told.text == GATEWAY.get(f"received.{nature}.answer", "it")
    assert (stands(told, "profile"), told.titles) == (True, PROFILES), told
    assert len(giulia.twilio.removed) == 1
    assert stands(giulia.presses("Persona"), "first_name")


def test_the_words_under_a_photo_answer_the_question(giulia: WhatsAppTalk) -> None:
    giulia.presses("Persona")
    told = giulia.attaches("image/jpeg", "Giulia Bianchi")

    assert told.replies[0]["text"] == GATEWAY.get("received.photo.answer", "it")
    assert stands(told, "contact"), told


def test_a_document_sent_here_is_asked_for_on_the_page(visitors: Visitors, phone: Phone) -> None:
    case = MOBILE[0]
    known = {"username": visitors.has_account(case)}
    walk = visitors.walks(case, known, phone("it", GIULIA))
    talk = walk.talk
    assert isinstance(talk, WhatsAppTalk)
    walk.begins(case.opening, case.flow)
    walk.until("document_upload")
    told = talk.attaches("image/jpeg")

    assert told.text == GATEWAY.get("received.on_the_page", "it")
    assert told.asking == "document_upload"
    assert len(talk.twilio.removed) == 1
    assert number_of_request(walk.until(None).text)


def test_a_button_of_an_earlier_question_brings_the_choices_of_now(giulia: WhatsAppTalk) -> None:
    walk = Walk(giulia, REGISTER[0].answers, ())
    old = giulia.offering("Persona")
    giulia.presses("Persona")
    alone = giulia.taps_on(old, "Azienda")
    assert (stands(alone, "first_name"), alone.titles) == (True, []), alone
    assert alone.text == GATEWAY.get("past_choice_alone", "it")

    choices = walk.until("consent").titles
    told = giulia.taps_on(old, "Azienda")
    assert (stands(told, "consent"), told.titles) == (True, choices), told
    assert told.text == GATEWAY.get("past_choice", "it")
    assert giulia.presses("Accetto").asking == "otp_code"


def test_a_message_delivered_three_times_is_answered_once(giulia: WhatsAppTalk) -> None:
    giulia.presses("Persona")
    before = len(giulia.twilio.sent(giulia.sender))
    webhook = giulia.message("Giulia Bianchi")
    with ThreadPoolExecutor(2) as twice:
        list(twice.map(giulia.delivers, [webhook] * 2))
    giulia.settles()
    giulia.delivers(webhook)
    giulia.settles()

    assert len(giulia.twilio.sent(giulia.sender)) == before + 1
    assert giulia.state()["asking"] == "contact"


def test_messages_sent_at_once_are_answered_in_their_order(giulia: WhatsAppTalk) -> None:
    for words in ("Persona", "Giulia Bianchi", "giulia.bianchi@example.it"):
        giulia.delivers(giulia.message(words))
    giulia.settles()

    assert giulia.state()["asking"] == "consent"


def test_without_buttons_the_choices_are_numbered_lines(phone: Phone) -> None:
    talk = phone("id", BUDI)
    talk.twilio.content_refusals += [500] * 30
    walk = Walk(talk, REGISTER[1].answers, (BUDI,))
    asked = walk.begins(REGISTER[1].opening, "register")

    assert asked.text.endswith(WORDS.get("by_number", "id"))
    assert asked.titles == ["Individu", "Group", "DPLK"]
    assert walk.until("password_page").links
    assert not any(message.choices for message in talk.twilio.messages)


def test_stop_in_the_middle_of_a_task_stops_the_task(giulia: WhatsAppTalk) -> None:
    stopped = giulia.says("Stop")

    assert stopped.flow is None
    assert stopped.text != GATEWAY.get("opting.out_done", "it")
