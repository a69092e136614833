"""What a customer writes on WhatsApp is heard once, in order, whoever else tries to speak."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from backend.adapters.tables.conversations import conversations
from backend.texts import Texts
from tests.fake_twilio import ANNA, BUDI, INDONESIA, ITALY, Webhooks
from tests.web.gateway.house import ROOT, database_file, said

WORDS = Texts.load(ROOT / "texts/gateway.yml")


def test_a_message_is_stored_acknowledged_and_answered(house: Any) -> None:
    assert house.hears(house.webhooks.message("Buongiorno")) == 204

    assert house.said() == [("customer", "Buongiorno"), ("bot", "sentito: Buongiorno")]
    request = house.engine.requests[0]
    assert (request.channel, request.market, request.language) == ("whatsapp", "it", "it")


def test_a_json_body_is_read_by_its_own_signature(house: Any) -> None:
    fields = house.webhooks.message_fields("ciao")
    assert house.hears(house.webhooks.json("/whatsapp/inbound", **fields)) == 204
    assert house.engine.texts == ["ciao"]


def test_the_number_written_to_says_the_market(house: Any) -> None:
    house.hears(house.webhooks.message("Halo", sender=BUDI, number=INDONESIA))

    conversation = house.conversation(BUDI, "id")
    assert (conversation.market, conversation.language) == ("id", "id")
    assert conversation.reply_from == INDONESIA


def test_the_acknowledgement_does_not_wait_for_the_answer(house: Any) -> None:
    house.engine.gate.clear()
    started = time.perf_counter()
    status = house.webhooks.message("ciao").to(house.http.post)
    took = time.perf_counter() - started
    waiting = house.open_messages()
    house.http.portal.call(house.engine.gate.set)
    house.settle()

    assert (status, waiting) == (204, 1)
    assert took < 1.0  # a busy machine; docs/whatsapp.md has what was measured


def test_a_webhook_that_comes_again_has_no_second_effect(house: Any) -> None:
    webhook = house.webhooks.message("ciao")
    assert [house.hears(webhook) for _ in range(3)] == [204, 204, 204]
    assert house.engine.texts == ["ciao"]


def test_messages_are_answered_in_the_order_in_which_they_came(house: Any) -> None:
    house.engine.gate.clear()
    for number in range(5):
        house.webhooks.message(f"messaggio {number}").to(house.http.post)
    house.http.portal.call(house.engine.gate.set)
    house.settle()

    assert house.engine.texts == [f"messaggio {number}" for number in range(5)]
    assert house.engine.most_at_once == 1


def test_who_writes_faster_than_anybody_reads_is_not_heard_any_more(house: Any) -> None:
    house.engine.gate.clear()
    most = house.app.state.gateway.numbers.messages
    for number in range(most + 5):
        house.webhooks.message(f"{number}").to(house.http.post)
    house.webhooks.message("ciao", sender=BUDI).to(house.http.post)
    house.http.portal.call(house.engine.gate.set)
    house.settle()

    assert len(house.engine.requests) == most + 1


# Who may speak ----------------------------------------------------------------------------------


def test_nobody_else_can_write_for_a_customer(house: Any) -> None:
    genuine = house.webhooks.message("ciao")
    forged = [
        replace(genuine, headers=genuine.headers | {"X-Twilio-Signature": ""}),
        replace(genuine, headers=genuine.headers | {"X-Twilio-Signature": "=" * 28}),
        replace(genuine, body=genuine.body.replace(b"ciao", b"addio")),
        replace(genuine, body=genuine.body + b"&Body=addio"),
        replace(genuine, path="/whatsapp/inbound?market=id"),
        Webhooks(house.webhooks.base, token="another").message("ciao"),
        Webhooks("https://another.example").message("ciao"),
        Webhooks(house.webhooks.base, account="AC" + "b" * 32).message("ciao"),
    ]
    assert [house.hears(each) for each in forged] == [403] * len(forged)
    assert house.inbound_rows() == []


def test_a_json_body_other_than_the_signed_one_is_refused(house: Any) -> None:
    genuine = house.webhooks.json("/whatsapp/inbound", **house.webhooks.message_fields("ciao"))
    forged = replace(genuine, body=genuine.body.replace(b"ciao", b"addio"))
    assert house.hears(forged) == 403


@pytest.mark.parametrize(
    "fields",
    [
        {"From": "whatsapp:+39333\x0012345"},
        {"From": "sms:+393331234567"},
        {"From": ""},
        {"To": "whatsapp:+19995550000"},
        {"MessageSid": "SM1"},
        {"MessageSid": "SM" + "g" * 32},
    ],
)
def test_what_is_no_message_to_us_is_taken_and_dropped(house: Any, fields: dict[str, str]) -> None:
    assert house.hears(house.webhooks.message("ciao", **fields)) == 204
    assert house.inbound_rows() == []


def test_a_body_without_end_is_refused(house: Any) -> None:
    assert house.hears(house.webhooks.message("a" * 70_000)) == 413


def test_without_whatsapp_there_is_no_such_door(whole_app: Any) -> None:
    webhook = Webhooks("http://testserver").message("ciao")
    assert webhook.to(whole_app.http.post) == 404


# What is said -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ('/affirm{"otp": "1"}', 'affirm{"otp": "1"}'),
        ("\x00/restart", "restart"),
        ("ci\x00ao", "ciao"),
    ],
)
def test_orders_to_the_engine_are_words(house: Any, written: str, heard: str) -> None:
    house.hears(house.webhooks.message(written))
    assert house.engine.texts == [heard]


def test_a_very_long_message_is_cut_and_the_customer_told(house: Any) -> None:
    house.hears(house.webhooks.message("parola " * 1_000))
    assert len(house.engine.texts[0]) <= 1_000
    assert house.said()[1] == ("bot", WORDS.get("cut", "it", limit="1.000"))


def test_a_tapped_button_is_the_choice_it_stands_for(house: Any) -> None:
    house.engine.answer = lambda _: said("Procedo?", buttons=[("Sì", "/affirm"), ("No", "/deny")])
    house.hears(house.webhooks.message("ciao"))
    yes, no = house.lines()[-1].buttons
    house.hears(house.webhooks.message("Sì", ButtonPayload=yes.id, ButtonText="Sì"))
    assert house.engine.requests[-1].parse.intent == "affirm"

    _, no = house.lines()[-1].buttons
    house.hears(house.webhooks.message("", MessageType="interactive", ListId=no.id, ListTitle="No"))
    assert house.engine.requests[-1].parse.intent == "deny"


def test_a_payload_is_never_an_order(house: Any) -> None:
    house.hears(house.webhooks.message("Sì", ButtonPayload='/affirm{"a": 1}', ButtonText="Sì"))
    assert house.engine.texts == ["Sì"]


def test_the_number_of_a_choice_is_the_choice(house: Any) -> None:
    house.engine.answer = lambda _: said("Quale?", buttons=[("Uno", "/affirm"), ("Due", "/deny")])
    house.hears(house.webhooks.message("ciao"))
    house.hears(house.webhooks.message("2"))
    assert house.engine.requests[-1].parse.intent == "deny"


@pytest.mark.parametrize(
    ("media_type", "nature"),
    [
        ("image/jpeg", "photo"),
        ("application/pdf", "document"),
        ("audio/ogg; codecs=opus", "voice"),
        ("video/mp4", "video"),
        ("image/webp", "sticker"),
        ("text/vcard", "contact"),
    ],
)
def test_media_are_answered_with_words(house: Any, media_type: str, nature: str) -> None:
    house.hears(house.webhooks.media(media_type))
    assert house.said() == [
        ("customer", WORDS.get(f"received.{nature}.line", "it")),
        ("bot", WORDS.get(f"received.{nature}.answer", "it")),
    ]
    assert house.engine.requests == []


@pytest.mark.parametrize(
    ("fields", "nature"),
    [
        ({"MessageType": "location", "Latitude": "45.46", "Longitude": "9.19"}, "location"),
        ({"Latitude": "45.46", "Longitude": "9.19"}, "location"),
        ({"MessageType": "reaction", "Body": ""}, "reaction"),
        ({"MessageType": "edited"}, "edited"),
        ({"MessageType": "revoked"}, "deleted"),
        ({"MessageType": "order"}, "unknown"),
    ],
)
def test_what_is_no_text_gets_a_fitting_answer(
    house: Any, fields: dict[str, str], nature: str
) -> None:
    house.hears(house.webhooks.message(**fields))
    assert house.said()[-1] == ("bot", WORDS.get(f"received.{nature}.answer", "it"))


def test_the_words_under_a_photo_are_answered_too(house: Any) -> None:
    house.hears(house.webhooks.media("image/jpeg", "ecco il documento"))
    assert [words for _, words in house.said()[1:]] == [
        WORDS.get("received.photo.answer", "it"),
        "sentito: ecco il documento",
    ]


def test_a_photo_instead_of_an_upload_is_sent_to_the_page(house: Any) -> None:
    house.engine.answer = lambda _: said(
        "Carichi qui", flow="update_mobile", asking="document_upload"
    )
    house.hears(house.webhooks.message("ho cambiato numero"))
    house.hears(house.webhooks.media("image/jpeg"))
    assert house.said()[-1] == ("bot", WORDS.get("received.on_the_page", "it"))


def test_a_message_of_blanks_is_answered(house: Any) -> None:
    house.hears(house.webhooks.message("   "))
    assert house.said() == [("bot", WORDS.get("empty", "it"))]


# Silence ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["STOP", "basta!", "Unsubscribe", "berhenti berlangganan"])
def test_who_asks_for_silence_gets_it_and_can_take_it_back(house: Any, words: str) -> None:
    house.hears(house.webhooks.message(words))
    assert house.conversation().opted_out
    assert house.said()[-1] == ("bot", WORDS.get("opting.out_done", "it"))

    house.hears(house.webhooks.message("start"))
    assert not house.conversation().opted_out
    assert house.engine.requests == []


def test_stop_in_the_middle_of_a_task_stops_the_task(house: Any) -> None:
    house.engine.answer = lambda _: said("Il nome?", flow="register", asking="first_name")
    house.hears(house.webhooks.message("mi registro"))
    house.hears(house.webhooks.message("stop"))
    assert house.engine.texts[-1] == "stop"
    assert not house.conversation().opted_out


def test_start_is_a_word_like_others_to_who_never_stopped(house: Any) -> None:
    house.hears(house.webhooks.message("start"))
    assert house.engine.texts == ["start"]


def test_the_providers_own_word_for_silence_counts(house: Any) -> None:
    house.hears(house.webhooks.message("arrêt", OptOutType="STOP"))
    assert house.conversation().opted_out


# What is written of it --------------------------------------------------------------------------


def test_the_number_is_kept_sealed_and_shown_nowhere(house: Any) -> None:
    with capture_logs() as logs:
        house.hears(house.webhooks.message("Buongiorno a tutti"))
        house.hears(house.webhooks.message("x", From="whatsapp:+39333\x0012345"))
    stored = database_file(house.backend).read_bytes()
    wal = Path(f"{database_file(house.backend)}-wal")
    stored += wal.read_bytes() if wal.exists() else b""

    assert ANNA.removeprefix("+").encode() not in stored
    assert ANNA.removeprefix("+") not in str(logs)
    with house.backend.uow(read_only=True) as uow:
        row = uow.connection.execute(conversations.select()).one()
        assert row.sender_index
        assert uow.conversations.address(row.id) == ANNA
    assert row.reply_from == ITALY
