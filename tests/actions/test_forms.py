"""The one mechanism of all forms, through the SDK's executor."""

from __future__ import annotations

from typing import Any

import pytest

from backend.core.flow import Choice, Command, PageRef, Remark, Step
from tests.actions.conftest import FakeFlow
from tests.actions.tracker import call, entity, run, said, slots_set

VALIDATE = "validate_register_form"


async def form(text: str, intent: str, *entities: dict[str, Any], **options: Any) -> dict[str, Any]:
    return await run(call(VALIDATE, text, intent, *entities, form="register_form", **options))


async def test_data_given_while_asking_for_the_flow_are_taken(flow: FakeFlow) -> None:
    text = "voglio registrarmi, sono Giulia Bianchi"
    entities = [entity("first_name", "Giulia", text), entity("last_name", "Bianchi", text)]

    result = await run(call(VALIDATE, text, "register", *entities))

    assert flow.turns[0].opening
    assert flow.turns[0].answers == {"first_name": "Giulia", "last_name": "Bianchi"}
    assert said(result) == ["utter_question__first_name"]


async def test_a_typed_answer_goes_to_the_service_and_only_its_mask_into_the_slot(
    flow: FakeFlow,
) -> None:
    flow.step = Step(asking="consent", filled={"contact": "gi****@e****.it"})
    mail = "giulia@example.it"

    result = await form(mail, "inform", entity("email", mail), asking="contact")

    assert flow.turns[0].answers == {"contact": mail}
    assert slots_set(result)["contact"] == "gi****@e****.it"
    assert slots_set(result)["requested_slot"] == "consent"
    assert mail not in str(result)


async def test_half_a_recognised_name_is_taken_whole(flow: FakeFlow) -> None:
    text = "Anna Maria Dell'Orto"
    await form(text, "inform", entity("first_name", "Anna", text), asking="first_name")

    assert flow.turns[0].answers == {"first_name": text}


async def test_a_name_inside_a_sentence_is_taken_as_recognised(flow: FakeFlow) -> None:
    text = "mi chiamo Giulia Bianchi"
    entities = [entity("first_name", "Giulia", text), entity("last_name", "Bianchi", text)]
    await form(text, "inform", *entities, asking="first_name")

    assert flow.turns[0].answers == {"first_name": "Giulia", "last_name": "Bianchi"}


async def test_a_question_makes_the_form_step_back(flow: FakeFlow) -> None:
    result = await form("quanto vale il codice?", "faq", asking="contact")

    assert flow.turns == []
    assert result["events"] == []


async def test_after_an_aside_the_same_question_comes_again_and_nothing_is_taken(
    flow: FakeFlow,
) -> None:
    flow.step = Step(asking="contact")
    result = await form("quanto vale?", "faq", asking="contact", rejected=True)

    assert flow.turns == []
    assert said(result) == ["utter_question__contact"]


async def test_after_a_goodbye_nothing_is_asked_and_the_question_stays_open(
    flow: FakeFlow,
) -> None:
    flow.step = Step(asking="contact")
    result = await form("a dopo", "goodbye", asking="contact", rejected=True)

    assert said(result) == []
    assert slots_set(result)["requested_slot"] == "contact"


async def test_a_number_that_was_asked_for_is_the_answer_whatever_it_looks_like(
    flow: FakeFlow,
) -> None:
    await form("401 122 334", "inform", entity("mobile", "401 122 334"), asking="policy_number")

    assert flow.turns[0].answers == {"policy_number": "401 122 334"}


@pytest.mark.parametrize(
    ("intent", "command"),
    [
        ("otp_not_received", Command.RESEND),
        ("change_otp_channel", Command.OTHER_CHANNEL),
        ("page_done", Command.PAGE_DONE),
        ("link_confirmed", Command.LINK_CONFIRMED),
    ],
)
async def test_what_is_said_while_waiting_becomes_a_command(
    flow: FakeFlow, intent: str, command: Command
) -> None:
    await form("…", intent, asking="otp_code")

    assert flow.turns[0].command is command


async def test_a_corrected_number_is_no_other_task_even_if_it_sounds_like_one(
    flow: FakeFlow,
) -> None:
    text = "no scusi, il cellulare giusto è 333 111 22 44"
    await form(text, "update_mobile", entity("mobile", "333 111 22 44", text), asking="consent")

    assert flow.turns[0].answers == {"contact": "333 111 22 44"}


async def test_the_word_for_a_choice_is_the_choice_even_if_it_sounds_like_a_wish(
    flow: FakeFlow,
) -> None:
    await form("person", "talk_to_human", entity("profile", "person"), asking="profile")

    assert flow.turns[0].answers == {"profile": "person"}


async def test_a_bare_name_is_a_name_even_if_it_sounds_like_a_yes(flow: FakeFlow) -> None:
    await form("Davide", "affirm", asking="first_name", confidence=0.5)
    await form("Paolo", "greet", asking="first_name", confidence=0.83)

    assert [turn.answers["first_name"] for turn in flow.turns] == ["Davide", "Paolo"]
    assert {turn.command for turn in flow.turns} == {Command.NONE}


async def test_a_clear_wish_is_heard_where_a_name_was_asked(flow: FakeFlow) -> None:
    result = await form("annulla", "cancel", asking="first_name", confidence=0.99)

    assert flow.turns == []
    assert result["events"] == []


async def test_not_by_this_by_that_means_the_other_channel(flow: FakeFlow) -> None:
    text = "non per sms, per email"
    channels = [entity("code_channel", "sms", text), entity("code_channel", "email", text)]
    await form(text, "change_otp_channel", *channels, asking="otp_code")

    assert flow.turns[0].command is Command.OTHER_CHANNEL
    assert flow.turns[0].answers == {}


async def test_no_code_arrived_is_an_aside_where_no_code_was_sent(flow: FakeFlow) -> None:
    result = await form("non arriva il codice", "otp_not_received", asking="contact")

    assert flow.turns == []
    assert result["events"] == []


async def test_an_error_and_its_question_come_in_one_breath(flow: FakeFlow) -> None:
    error = Remark("email_malformed", slot="contact", is_error=True)
    flow.step = Step(asking="contact", remarks=(error,))
    result = await form("giulia@", "inform", asking="contact")

    assert said(result) == ["utter_error__email_malformed"]


@pytest.mark.parametrize(
    ("repeat", "response"), [(2, "utter_explain__contact"), (3, "utter_offer_person")]
)
async def test_the_second_failure_is_explained_and_the_third_offers_a_person(
    flow: FakeFlow, repeat: int, response: str
) -> None:
    error = Remark("email_malformed", slot="contact", is_error=True, repeat=repeat)
    flow.step = Step(asking="contact", remarks=(error,))
    result = await form("giulia@", "inform", asking="contact")

    assert said(result) == [response]


async def test_the_last_try_of_a_code_has_its_own_sentence(flow: FakeFlow) -> None:
    wrong = Remark("code_wrong", {"attempts_left": 1}, "otp_code", is_error=True, repeat=4)
    flow.step = Step(asking="otp_code", remarks=(wrong,), facts={"destination": "320 *****19"})
    result = await form("123456", "inform", entity("otp_code", "123456"), asking="otp_code")

    assert said(result) == ["utter_error__code_wrong_last"]


async def test_choices_of_the_service_become_buttons(flow: FakeFlow) -> None:
    flow.step = Step(asking="contact_choice", choices=(Choice("1", "320 *****19"),))
    result = await form("01/02/1980", "inform", asking="date_of_birth")

    chosen, none = result["responses"][0]["buttons"]
    assert chosen == {"title": "320 *****19", "payload": '/inform{"contact_choice": "1"}'}
    assert none == {"title": "Nessuno di questi", "payload": "/deny"}


async def test_a_page_travels_as_its_id(flow: FakeFlow) -> None:
    page = PageRef("p1", "password", 10)
    link = Remark("password_link", {"minutes": 10})
    flow.step = Step(asking="password_page", remarks=(link,), page=page)
    result = await form("739204", "inform", entity("otp_code", "739204"), asking="otp_code")

    assert said(result) == ["utter_password_link"]
    assert result["responses"][0]["custom"] == {
        "page": {"id": "p1", "kind": "password", "minutes": 10}
    }


async def test_a_correction_without_a_value_offers_what_can_be_corrected(flow: FakeFlow) -> None:
    flow.step = Step(asking="consent", filled={"contact": "gi****@e****.it"})
    result = await form("ho sbagliato", "correct_detail", asking="consent")

    assert said(result) == ["utter_question__detail"]
    assert [b["title"] for b in result["responses"][0]["buttons"]] == ["Recapito"]


async def test_another_ending_of_a_number_is_no_call_for_a_code(flow: FakeFlow) -> None:
    flow.step = Step(asking="consent")
    await form("no, it ends in 4", "otp_not_received", asking="contact")

    assert flow.turns[0].answers == {"number_ending": "4"}


async def test_a_place_that_looks_like_a_name_is_the_place(flow: FakeFlow) -> None:
    text = "Regno Unito"
    names = entity("first_name", "Regno", text), entity("last_name", "Unito", text)
    flow.step = Step(asking="date_of_birth")
    await run(
        call(
            "validate_update_mobile_form", text, "inform", *names,
            form="update_mobile_form", asking="place_of_birth",
        )
    )  # fmt: skip

    assert flow.turns[0].answers == {"place_of_birth": "Regno Unito"}


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("no, il numero è 347 99", "deny"),
        ("il numero però è 12", "not_available"),
        ("sì, ma il numero è 347 99", "affirm"),
    ],
)
async def test_a_number_misread_at_the_summary_neither_refuses_nor_agrees(
    flow: FakeFlow, text: str, intent: str
) -> None:
    flow.step = Step(asking="consent", filled={"contact": "347 *****77"})
    result = await form(text, intent, asking="consent")

    assert said(result) == ["utter_question__detail"]
    assert slots_set(result)["requested_slot"] == "consent"
    assert flow.turns == []


@pytest.mark.parametrize(("text", "intent"), [("1", "affirm"), ("no", "deny"), ("ok", "affirm")])
async def test_a_plain_answer_to_the_summary_goes_to_the_service(
    flow: FakeFlow, text: str, intent: str
) -> None:
    await form(text, intent, asking="consent", slots={"contact": "347 *****77"})

    assert len(flow.turns) == 1


async def test_the_chosen_detail_is_asked_again(flow: FakeFlow) -> None:
    flow.step = Step(asking="consent", filled={"contact": "gi****@e****.it"})
    chosen = entity("detail", "contact")
    result = await form("Recapito", "correct_detail", chosen, asking="consent")

    assert said(result) == ["utter_question__contact"]
    assert slots_set(result)["requested_slot"] == "contact"


async def test_a_fault_of_ours_is_spoken_and_the_question_stays_open(flow: FakeFlow) -> None:
    flow.down = True
    result = await form("giulia@example.it", "inform", asking="contact")

    assert said(result) == ["utter_error__internal"]
    assert slots_set(result) == {
        "outcome": None, "next_offer": None, "switch_to": None, "requested_slot": "contact",
    }  # fmt: skip


async def test_a_form_that_cannot_open_is_closed_again(flow: FakeFlow) -> None:
    flow.down = True
    result = await run(call(VALIDATE, "voglio registrarmi", "register"))

    assert slots_set(result) == {
        "outcome": "unavailable", "next_offer": "silence", "switch_to": None,
        "requested_slot": None,
    }  # fmt: skip


async def test_closing_a_flow_forgets_draft_and_masks(flow: FakeFlow) -> None:
    result = await run(call("action_flow_close", "basta", "cancel"))

    assert len(flow.abandoned) == 1
    assert set(slots_set(result).values()) == {None}


def in_a_form(text: str, intent: str) -> Any:
    return call("action_answer", text, intent, asking="contact", form="register_form")


async def test_why_is_answered_for_the_open_question(flow: FakeFlow) -> None:
    del flow
    result = await run(in_a_form("perché?", "ask_why"))

    assert said(result) == ["utter_why__contact"]


async def test_a_greeting_in_a_flow_offers_nothing_else(flow: FakeFlow) -> None:
    del flow
    inside = await run(in_a_form("ehilà", "greet"))
    outside = await run(call("action_answer", "ehilà", "greet"))

    assert said(inside) == ["utter_greet__midway"]
    assert said(outside) == ["utter_greet"]
