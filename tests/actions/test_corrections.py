"""What was said before is put right, or called wrong, or can't be said at all."""

from __future__ import annotations

from typing import Any

import pytest

from backend.core.flow import Choice, Command, Remark, Step
from tests.actions.conftest import FakeFlow
from tests.actions.tracker import call, entity, run, said, slots_set


async def form(
    flow: str, text: str, intent: str, *entities: dict[str, Any], **options: Any
) -> dict[str, Any]:
    action = call(f"validate_{flow}_form", text, intent, *entities, form=f"{flow}_form", **options)
    return await run(action)


@pytest.mark.parametrize("asking", ["address", "city"])
@pytest.mark.parametrize(
    ("text", "intent", "command"),
    [
        ("Mi spiace, al momento non ce l'ho con me", "not_available", Command.NOT_AVAILABLE),
        ("Maaf, saya tidak punya datanya sekarang", "not_available", Command.NOT_AVAILABLE),
        ("preferisco che arrivi per e-mail", "change_otp_channel", Command.NONE),
    ],
)
async def test_what_is_said_about_a_place_is_no_place(
    flow: FakeFlow, text: str, intent: str, command: Command, asking: str
) -> None:
    await form("update_mobile", text, intent, asking=asking)

    assert flow.turns[0].answers == {}
    assert flow.turns[0].command is command


@pytest.mark.parametrize(
    ("intent", "confidence"),
    [("inform", 0.9), ("nlu_fallback", 0.3), ("out_of_scope", 0.6), ("not_available", 0.6)],
)
async def test_an_address_is_taken_whole_whatever_it_sounds_like(
    flow: FakeFlow, intent: str, confidence: float
) -> None:
    text = "Via Po 12, scala B"
    await form("update_mobile", text, intent, asking="address", confidence=confidence)

    assert flow.turns[0].answers == {"address": text}


@pytest.mark.parametrize(
    ("text", "slot", "value"),
    [
        ("No, aspetti, l'indirizzo è Via Verdi 8", "address", "Via Verdi 8"),
        ("Scusi, la via giusta è Via Verdi 8.", "address", "Via Verdi 8"),
        ("Eh bukan, alamat saya Jalan Mawar 8", "address", "Jalan Mawar 8"),
        ("Sorry, the street should be Via Verdi 8", "address", "Via Verdi 8"),
        ("No, aspetti, il luogo di nascita è Milano", "place_of_birth", "Milano"),
        ("Maaf salah, nama belakangnya Hidayat", "last_name", "Hidayat"),
    ],
)
@pytest.mark.parametrize("intent", ["inform", "correct_detail", "out_of_scope"])
async def test_an_answer_before_is_put_right_by_its_name(
    flow: FakeFlow, text: str, slot: str, value: str, intent: str
) -> None:
    flow.step = Step(asking="city", accepted=(slot,))
    await form("update_mobile", text, intent, asking="city")

    assert flow.turns[0].answers == {slot: value}


@pytest.mark.parametrize("text", ["Via No 5", "Jalan Salak 8", "Via Nome di Maria 3, Torino"])
async def test_a_street_that_sounds_like_a_correction_is_a_street(
    flow: FakeFlow, text: str
) -> None:
    await form("update_mobile", text, "inform", asking="address")

    assert flow.turns[0].answers == {"address": text}


async def test_a_value_heard_as_another_datum_goes_to_the_detail_that_was_named(
    flow: FakeFlow,
) -> None:
    text = "No, aspetti, il cognome è Neri"
    flow.step = Step(asking="contact", accepted=("last_name",))
    await form(
        "register", text, "correct_detail", entity("place_of_birth", "Neri", text),
        asking="contact",
    )  # fmt: skip

    assert flow.turns[0].answers == {"last_name": "Neri"}


async def test_a_number_misread_at_the_summary_leaves_the_choice_what_to_correct(
    flow: FakeFlow,
) -> None:
    flow.step = Step(asking="confirmation", filled={"policy_number": "*****451"})
    text = "bukan, nomor polisnya 12"
    result = await form("recover_username", text, "deny", asking="confirmation")

    assert said(result) == ["utter_question__detail"]


async def test_another_ending_of_a_number_is_no_other_task(flow: FakeFlow) -> None:
    text = "no, il numero finisce con 9"
    await form("link_policy", text, "update_mobile", asking="confirmation")

    assert flow.turns[0].answers == {"number_ending": "9"}


async def test_a_choice_put_right_at_a_name_is_no_name(flow: FakeFlow) -> None:
    text = "No, aspetti, il profilo è Professionista"
    entities = entity("first_name", "No", text), entity("profile", "professional", text)
    await form("recover_username", text, "correct_detail", *entities, asking="first_name")

    assert flow.turns[0].answers == {"profile": "professional"}


async def test_a_correction_of_nothing_that_is_asked_here_is_never_met_by_silence(
    flow: FakeFlow,
) -> None:
    text = "No, aspetti, è Neri"
    flow.step = Step(asking="contact", filled={"first_name": "G****"})
    result = await form(
        "register", text, "correct_detail", entity("place_of_birth", "Neri", text),
        asking="contact",
    )  # fmt: skip

    assert said(result) == ["utter_question__detail"]


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("739 204", {"otp_code": "739 204"}),
        ("il codice è 73920", {"otp_code": "il codice è 73920"}),
        ("No, il numero finisce con 4", {"number_ending": "4"}),
        ("the number ends in 4", {"number_ending": "4"}),
    ],
)
async def test_at_the_code_only_digits_are_the_code(
    flow: FakeFlow, text: str, answers: dict[str, str]
) -> None:
    await form("update_mobile", text, "inform", asking="otp_code")

    assert flow.turns[0].answers == answers


async def test_at_the_code_a_corrected_user_name_is_one(flow: FakeFlow) -> None:
    text = "Maaf salah, username yang benar wayan4821kt"
    await form(
        "reset_password", text, "inform", entity("username", "wayan4821kt", text),
        asking="otp_code",
    )  # fmt: skip

    assert flow.turns[0].answers == {"username": "wayan4821kt"}


@pytest.mark.parametrize("intent", ["inform", "correct_detail", "recover_username"])
async def test_at_the_choice_of_a_contact_a_user_name_is_one(flow: FakeFlow, intent: str) -> None:
    text, mail = "No, wait, the user name is sara@example.it", "sara@example.it"
    await form("reset_password", text, intent, entity("email", mail, text), asking="contact_choice")

    assert flow.turns[0].answers == {"username": mail}


async def test_a_contact_at_its_choice_is_the_contact(flow: FakeFlow) -> None:
    mail = "sara@example.it"
    await form("reset_password", mail, "inform", entity("email", mail), asking="contact_choice")

    assert flow.turns[0].answers == {"contact": mail}


@pytest.mark.parametrize(
    "text", ["ho sbagliato il nome utente", "username saya salah", "I got the user name wrong"]
)
async def test_a_detail_called_wrong_is_asked_again_and_is_no_other_task(
    flow: FakeFlow, text: str
) -> None:
    choices = (Choice("sms", "320 *****19"),)
    flow.step = Step("contact_choice", filled={"username": "gi****@e****.it"}, choices=choices)
    result = await form("reset_password", text, "recover_username", asking="contact_choice")

    assert said(result) == ["utter_question__username"]
    assert slots_set(result)["requested_slot"] == "username"
    assert result["responses"][0]["buttons"] == []


@pytest.mark.parametrize("text", ["ho sbagliato il nome utente", "Username"])
async def test_what_is_settled_is_kindly_kept(flow: FakeFlow, text: str) -> None:
    filled = {"username": "gi****@e****.it", "policy_number": "*****122"}
    flow.step = Step(asking="confirmation", filled=filled, settled=("username",))
    chosen = [entity("detail", "username")] if text == "Username" else []
    result = await form("link_policy", text, "correct_detail", *chosen, asking="confirmation")

    assert said(result) == ["utter_detail_settled", "utter_question__confirmation__link_policy"]


async def test_what_is_settled_is_not_on_offer(flow: FakeFlow) -> None:
    filled = {"username": "gi****@e****.it", "policy_number": "*****122"}
    flow.step = Step(asking="confirmation", filled=filled, settled=("username",))
    result = await form("link_policy", "ho sbagliato", "correct_detail", asking="confirmation")

    assert [button["title"] for button in result["responses"][0]["buttons"]] == [
        "Numero di polizza"
    ]


@pytest.mark.parametrize("intent", ["correct_detail", "deny", "inform"])
@pytest.mark.parametrize("text", ["Ops, ho fatto un errore", "Aduh, saya keliru", "my mistake"])
async def test_a_mistake_before_anything_was_given_brings_the_question_again(
    flow: FakeFlow, text: str, intent: str
) -> None:
    flow.step = Step(asking="request_number")
    result = await form("check_request", text, intent, asking="request_number")

    assert said(result) == ["utter_nothing_to_correct", "utter_question__request_number"]
    assert flow.turns == []


@pytest.mark.parametrize(
    ("slot", "value", "title"),
    [("profile", "professional", "Professionista"), ("policy_type", "dplk", "DPLK")],
)
async def test_a_corrected_choice_is_called_as_on_its_button(
    flow: FakeFlow, slot: str, value: str, title: str
) -> None:
    remark = Remark("corrected", {"slot": slot})
    flow.step = Step(asking="first_name", filled={slot: value}, remarks=(remark,))
    result = await form("register", title, "inform", asking="first_name")

    assert result["responses"][0]["value"] == title


async def test_of_a_corrected_sex_nothing_is_shown(flow: FakeFlow) -> None:
    remark = Remark("corrected", {"slot": "sex"})
    flow.step = Step(asking="address", filled={"sex": "****"}, remarks=(remark,))
    result = await form("update_mobile", "maschio", "inform", asking="address")

    assert said(result)[0] == "utter_corrected__sex"


@pytest.mark.parametrize("intent", ["not_available", "deny"])
async def test_a_choice_that_is_refused_is_not_made(flow: FakeFlow, intent: str) -> None:
    text = "DPLK non ce l'ho"
    await form("register", text, intent, entity("policy_type", "dplk", text), asking="policy_type")

    assert flow.turns[0].answers == {}


async def test_asked_once_more_for_the_name_the_whole_of_it_is_new(flow: FakeFlow) -> None:
    text, slots = "Giulia Neri", {"first_name": "G****", "last_name": "B******"}
    await form("update_mobile", text, "inform", asking="first_name", slots=slots)

    assert flow.turns[0].answers == {"first_name": text, "whole_name": text}


@pytest.mark.parametrize(("minutes", "said_so"), [(1, "1 minuto"), (10, "10 minuti")])
async def test_one_minute_is_one(flow: FakeFlow, minutes: int, said_so: str) -> None:
    link = Remark("password_link", {"minutes": minutes})
    flow.step = Step(asking="password_page", remarks=(link,))
    result = await form("register", "ok", "inform", asking="otp_code")

    assert result["responses"][0]["minutes"] == said_so


def after_answer(*tasks: str) -> Any:
    action = call("action_take_up_offer", "sì", "affirm")
    buttons = [{"title": task, "payload": f"/{task}"} for task in tasks]
    bot = {"event": "bot", "text": "…", "data": {"buttons": buttons}}
    action["tracker"]["events"].insert(0, bot)
    return action


async def test_a_yes_takes_up_what_the_last_answer_offered() -> None:
    result = await run(after_answer("register"))

    assert [event["name"] for event in result["events"]] == ["register_form"]
    assert said(result) == []


@pytest.mark.parametrize("tasks", [(), ("register", "reset_password")])
async def test_a_yes_to_no_offer_or_to_several_brings_help(tasks: tuple[str, ...]) -> None:
    result = await run(after_answer(*tasks))

    assert result["events"] == []
    assert said(result) == ["utter_help"]
