"""What the desk says reaches WhatsApp once, in order, in the form that it shows best."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.fake_twilio import ANNA, BUDI, INDONESIA
from tests.web.gateway.house import said
from web.gateway.engine import EnginePage


def offering(*titles: str, text: str = "Che cosa desidera?") -> Any:
    answer = said(text, buttons=[(title, f"/choose_{n}") for n, title in enumerate(titles)])
    return lambda _: answer


def test_an_answer_leaves_from_the_number_that_was_written_to(house: Any) -> None:
    house.hears(house.webhooks.message("Halo", sender=BUDI, number=INDONESIA))
    (message,) = house.twilio.sent(BUDI)
    assert message.form["From"] == f"whatsapp:{INDONESIA}"
    assert message.form["To"] == f"whatsapp:{BUDI}"
    assert message.shown == "sentito: Halo"


def test_several_messages_leave_in_the_order_in_which_they_were_said(house: Any) -> None:
    house.engine.answer = lambda _: said("uno", "due", "tre", "quattro")
    for _ in range(2):
        house.hears(house.webhooks.message("ciao"))
    assert house.twilio.texts() == ["uno", "due", "tre", "quattro"] * 2


def test_markdown_becomes_whatsapps_own(house: Any) -> None:
    house.engine.answer = lambda _: said("**Attenzione**: legga [la guida](https://a.example/x)")
    house.hears(house.webhooks.message("ciao"))
    assert house.twilio.texts() == ["*Attenzione*: legga la guida: https://a.example/x"]


def test_a_page_is_a_plain_address_under_its_message(house: Any) -> None:
    page = EnginePage(id="p_1", kind="password", minutes=10)
    runner = house.app.state.gateway._runner
    runner._pages = type("Pages", (), {"mint": lambda _, page_id: f"https://desk/t/{page_id}"})()
    house.engine.answer = lambda _: said("Ci siamo quasi.", page=page)
    house.hears(house.webhooks.message("ciao"))
    assert house.twilio.texts() == ["Ci siamo quasi.\n\nLa pagina sicura:\nhttps://desk/t/p_1"]


# Choices ----------------------------------------------------------------------------------------


def test_up_to_three_choices_are_buttons(house: Any) -> None:
    house.engine.answer = offering("Registrarmi", "Recuperare l'accesso", "Altro")
    house.hears(house.webhooks.message("ciao"))
    (message,) = house.twilio.sent()
    assert message.kind == "twilio/quick-reply"
    assert message.shown == "Che cosa desidera?"
    assert [title for title, _ in message.choices] == [
        "Registrarmi",
        "Recuperare l'accesso",
        "Altro",
    ]


def test_up_to_ten_choices_are_a_list(house: Any) -> None:
    house.engine.answer = offering(*(f"Scelta {n}" for n in range(1, 11)))
    house.hears(house.webhooks.message("ciao"))
    (message,) = house.twilio.sent()
    assert (message.kind, len(message.choices)) == ("twilio/list-picker", 10)


@pytest.mark.parametrize(
    "titles",
    [
        [f"Scelta {n}" for n in range(1, 12)],
        ["Una scelta più lunga di quanto stia in una riga", "No"],
        ["Uguale", "Uguale"],
    ],
)
def test_other_choices_are_numbered_lines(house: Any, titles: list[str]) -> None:
    house.engine.answer = offering(*titles)
    house.hears(house.webhooks.message("ciao"))
    (message,) = house.twilio.sent()
    assert message.kind == "text"
    assert f"1. {titles[0]}\n2. {titles[1]}" in message.shown


@pytest.mark.parametrize("count", [3, 7])
def test_what_is_tapped_is_understood(house: Any, count: int) -> None:
    house.engine.answer = offering(*(f"Scelta {n}" for n in range(count)))
    house.hears(house.webhooks.message("ciao"))
    house.hears(house.twilio.tap(house.twilio.sent()[-1], "Scelta 2"))
    assert house.engine.requests[-1].parse.intent == "choose_2"


def test_a_button_of_an_earlier_question_is_told_apart(house: Any) -> None:
    house.engine.answer = offering("Sì", "No")
    house.hears(house.webhooks.message("ciao"))
    earlier = house.twilio.sent()[-1]
    house.engine.answer = offering("Roma", "Milano")
    house.hears(house.webhooks.message("avanti"))
    house.hears(house.twilio.tap(earlier, "No"))
    last = house.twilio.sent()[-1]
    assert "non è più valida" in last.shown
    assert [title for title, _ in last.choices] == ["Roma", "Milano"]


def test_a_question_of_several_lines_keeps_them(house: Any) -> None:
    text = "Ecco i suoi dati:\n\n- nome:     Anna\n- città: Roma\n\nVa bene?"
    house.engine.answer = offering("Sì", "No", text=text)
    house.hears(house.webhooks.message("ciao"))
    expected = "Ecco i suoi dati:\n\n- nome: Anna\n- città: Roma\n\nVa bene?"
    assert house.twilio.texts() == [expected]


def test_a_content_is_made_once_and_holds_nothing_that_was_said(house: Any) -> None:
    for name in ("Giulia", "Marco", "Anna"):
        house.engine.answer = offering("Sì", f"No, {name}", text=f"È Lei, {name}?")
        house.hears(house.webhooks.message("ciao"))
    assert len(house.twilio.contents) == 1
    assert not any(name in str(house.twilio.contents) for name in ("Giulia", "Marco", "Anna"))


@pytest.mark.parametrize("trouble", ["not made", "gone"])
def test_without_its_content_a_question_is_a_numbered_text(house: Any, trouble: str) -> None:
    house.engine.answer = offering("Sì", "No")
    if trouble == "not made":
        house.twilio.content_refusals = [500]
    else:
        house.hears(house.webhooks.message("ciao"))
        house.twilio.contents.clear()
    house.hears(house.webhooks.message("ciao"))
    assert house.twilio.texts()[-1].startswith("Che cosa desidera?\n\n1. Sì\n2. No")

    house.hears(house.webhooks.message("2"))
    assert house.engine.requests[-1].parse.intent == "choose_1"
    assert house.twilio.sent()[-1].kind == "twilio/quick-reply"  # made anew


# Failures ---------------------------------------------------------------------------------------


def test_a_failure_that_passes_keeps_the_order(house: Any) -> None:
    house.engine.answer = lambda _: said("uno", "due")
    house.twilio.refusals = [(429, 20429), (503, 0)]
    house.hears(house.webhooks.message("ciao"))
    assert house.twilio.texts() == []
    house.later(seconds=5)
    house.later(seconds=10)
    assert house.twilio.texts() == ["uno", "due"]


def test_a_message_refused_for_good_is_a_dead_letter_and_the_next_one_leaves(house: Any) -> None:
    house.engine.answer = lambda _: said("uno", "due")
    house.twilio.refusals = [(400, 63024)]
    house.hears(house.webhooks.message("ciao"))
    assert house.twilio.texts() == ["due"]
    (letter,) = house.backend.deliveries.dead()
    assert (letter.channel, letter.reason, letter.to) == ("whatsapp", "whatsapp_refused", ANNA)

    house.backend.deliveries.resend(letter.id)
    house.settle()
    assert house.twilio.texts() == ["due", "uno"]
    assert house.backend.deliveries.dead() == []


def test_an_answer_that_was_taken_and_not_told_is_not_sent_twice_where_twilio_says_so(
    house: Any,
) -> None:
    house.twilio.refusals = [(0, 0)]
    house.hears(house.webhooks.message("ciao"))
    (message,) = house.twilio.sent()
    (row,) = house.outbox("whatsapp")
    assert row.status == "pending"

    house.hears(house.twilio.callback(message, "sent"))
    house.later(seconds=5)
    assert len(house.twilio.sent()) == 1
    (row,) = house.outbox("whatsapp")
    assert (row.status, row.provider_id) == ("sent", message.sid)


# How far it has come ----------------------------------------------------------------------------


def answered(house: Any) -> Any:
    house.hears(house.webhooks.message("ciao"))
    return house.twilio.sent()[-1]


def test_callbacks_move_a_message_forward_only(house: Any) -> None:
    message = answered(house)
    seen = []
    for status in ("delivered", "sent", "read", "delivered", "failed", "sending"):
        assert house.hears(house.twilio.callback(message, status)) == 204
        seen.append(house.outbox("whatsapp")[0].delivery)
    assert seen == ["delivered", "delivered", "read", "read", "read", "read"]


def test_a_forged_callback_changes_nothing(house: Any) -> None:
    message = answered(house)
    forged = house.twilio.callback(message, "read")
    forged.body = forged.body.replace(b"read", b"failed")
    assert house.hears(forged) == 403
    another = house.twilio.callback(message, "read")
    another.path = another.path[:-1] + "x"
    assert house.hears(another) == 403
    assert house.outbox("whatsapp")[0].delivery is None


def test_a_callback_for_nothing_of_ours_is_taken_and_dropped(house: Any) -> None:
    message = answered(house)
    message.form["StatusCallback"] = message.form["StatusCallback"] + "x"
    assert house.hears(house.twilio.callback(message, "read")) == 204
    assert house.outbox("whatsapp")[0].delivery is None


def test_a_message_that_did_not_arrive_is_tried_again_where_that_may_help(house: Any) -> None:
    message = answered(house)
    house.hears(house.twilio.callback(message, "failed", 63018))
    house.later(seconds=5)
    first, second = house.twilio.sent()
    assert first.shown == second.shown
    # What is told of the first attempt from here on is old news.
    house.hears(house.twilio.callback(first, "failed", 63024))
    house.hears(house.twilio.callback(second, "delivered"))
    assert house.outbox("whatsapp")[0].delivery == "delivered"


def test_a_message_that_cannot_arrive_is_a_dead_letter(house: Any) -> None:
    house.hears(house.twilio.callback(answered(house), "undelivered", 63024))
    (letter,) = house.backend.deliveries.dead()
    assert (letter.reason, letter.delivery_code) == ("not_delivered", 63024)
    assert letter.has_words


# When it may be sent ----------------------------------------------------------------------------


def test_after_a_day_a_template_asks_and_the_news_follows_the_answer(house: Any) -> None:
    house.hears(house.webhooks.message("ciao"))
    house.backend.clock.advance(timedelta(hours=25))
    house.engine.answer = lambda _: said("La richiesta è approvata.", "Può accedere.")
    house.says_itself("request_decided")
    assert house.twilio.texts()[1:] == ["novità (it)"]

    house.engine.answer = lambda _: said("Prego!")
    house.hears(house.webhooks.message("eccomi"))
    assert house.twilio.texts()[2:] == ["La richiesta è approvata.", "Può accedere.", "Prego!"]


def test_the_customer_is_asked_once(house: Any) -> None:
    house.hears(house.webhooks.message("ciao"))
    house.backend.clock.advance(timedelta(hours=25))
    for _ in range(3):
        house.says_itself("request_decided")
    assert house.twilio.texts()[1:] == ["novità (it)"]


def test_whatsapps_own_reckoning_of_the_day_counts(house: Any) -> None:
    house.twilio.closed = {ANNA}
    house.engine.answer = lambda _: said("uno")
    house.hears(house.webhooks.message("ciao"))
    assert house.twilio.texts() == ["novità (it)"]
    house.twilio.closed = set()
    house.engine.answer = lambda _: said("due")
    house.hears(house.webhooks.message("eccomi"))
    assert house.twilio.texts()[1:] == ["uno", "due"]


def test_whatsapps_reckoning_counts_when_it_comes_later_too(house: Any) -> None:
    house.engine.answer = lambda _: said("uno")
    message = answered(house)
    house.hears(house.twilio.callback(message, "failed", 63016))
    assert house.twilio.texts()[1:] == ["novità (it)"]
    house.engine.answer = lambda _: said("due")
    house.hears(house.webhooks.message("eccomi"))
    assert house.twilio.texts()[2:] == ["uno", "due"]


def test_who_opted_out_is_answered_and_never_written_to(house: Any) -> None:
    house.hears(house.webhooks.message("STOP"))
    house.backend.clock.advance(timedelta(hours=2))
    house.says_itself("request_decided")
    assert len(house.twilio.texts()) == 1
    house.hears(house.webhooks.message("ciao"))
    assert house.twilio.texts()[1:] == ["sentito: ciao"]


def test_media_are_deleted_at_twilio(house: Any) -> None:
    house.hears(house.webhooks.media("image/jpeg", MediaUrl1="https://evil.example/Media/ME1"))
    (removed,) = house.twilio.removed
    message, medium = removed.split("/Media/")
    assert message.startswith("MM")
    assert medium.startswith("ME")


# What stays -------------------------------------------------------------------------------------


def test_in_development_answers_stand_in_the_outbox(house: Any) -> None:
    house.hears(house.webhooks.media("image/jpeg"))
    (listed,) = house.http.get("/dev/outbox", params={"to": ANNA}).json()
    assert (listed["channel"], listed["to"]) == ("whatsapp", ANNA)
    assert listed["body"].startswith("Ho ricevuto una foto")


def test_the_development_door_sends_nothing(house: Any) -> None:
    said_there = {"sender": "anna", "text": "ciao", "channel": "whatsapp"}
    reply = house.http.post("/dev/messages", json=said_there).json()
    assert reply["replies"][0]["text"] == "sentito: ciao"
    assert house.outbox() == []
