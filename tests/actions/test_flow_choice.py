"""Another task in the middle of one: the customer decides which to go on with."""

from __future__ import annotations

from typing import Any

import pytest

from actions.flows import FLOWS, FORMS
from backend.core.flow import Step
from tests.actions.conftest import FakeFlow
from tests.actions.tracker import call, entity, run, said, slots_set


async def in_registration(text: str, intent: str, *entities: Any, **options: Any) -> dict[str, Any]:
    options = {"asking": "contact", "form": "register_form", **options}
    return await run(call("validate_register_form", text, intent, *entities, **options))


async def test_another_task_is_asked_about_before_anything_changes(flow: FakeFlow) -> None:
    result = await in_registration("ho dimenticato la password", "reset_password")

    assert said(result) == ["utter_question__flow_choice"]
    assert slots_set(result)["requested_slot"] == "flow_choice"
    assert slots_set(result)["wanted_flow"] == "reset_password"
    assert flow.turns == []


async def test_both_tasks_are_offered_by_name(flow: FakeFlow) -> None:
    del flow
    result = await in_registration("ho dimenticato la password", "reset_password")
    payloads = [button["payload"] for button in result["responses"][0]["buttons"]]

    assert [p.split('"')[3] for p in payloads] == ["register", "reset_password"]


@pytest.mark.parametrize(
    ("text", "intent", "entities"),
    [
        ("Nuova password", "inform", [entity("flow_choice", "reset_password")]),
        ("sì, cambiamo", "affirm", []),
        ("ho dimenticato la password!", "reset_password", []),
    ],
)
async def test_the_other_task_is_changed_to(
    flow: FakeFlow, text: str, intent: str, entities: list[Any]
) -> None:
    result = await in_registration(
        text, intent, *entities, asking="flow_choice", slots={"wanted_flow": "reset_password"}
    )

    assert slots_set(result)["switch_to"] == "reset_password"
    assert slots_set(result)["requested_slot"] is None
    assert flow.turns == []


@pytest.mark.parametrize(
    ("text", "intent", "entities"),
    [
        ("Registrazione", "inform", [entity("flow_choice", "register")]),
        ("no, andiamo avanti", "deny", []),
        ("voglio registrarmi", "register", []),
    ],
)
async def test_the_task_under_way_goes_on_with_its_question(
    flow: FakeFlow, text: str, intent: str, entities: list[Any]
) -> None:
    flow.step = Step(asking="contact")
    result = await in_registration(
        text, intent, *entities, asking="flow_choice", slots={"wanted_flow": "reset_password"}
    )

    assert said(result) == ["utter_question__contact"]
    assert slots_set(result)["requested_slot"] == "contact"
    assert flow.turns == []


async def test_an_answer_to_the_question_before_is_taken_as_one(flow: FakeFlow) -> None:
    flow.step = Step(asking="contact")
    mail = "giulia@example.it"
    await in_registration(
        mail, "inform", entity("email", mail), asking="flow_choice",
        slots={"wanted_flow": "reset_password"},
    )  # fmt: skip

    assert flow.turns[0].answers == {"contact": mail}


async def test_a_button_that_leads_to_another_task_is_not_asked_about(flow: FakeFlow) -> None:
    del flow
    chosen = entity("flow_choice", "recover_username")
    result = await in_registration("Nome utente", "inform", chosen)

    assert slots_set(result)["switch_to"] == "recover_username"


async def test_a_task_chosen_begins_with_its_own_first_turn(flow: FakeFlow) -> None:
    chosen = entity("flow_choice", "reset_password")
    await run(call("validate_reset_password_form", "Nuova password", "inform", chosen))

    assert flow.turns[0].opening
    assert flow.turns[0].answers == {}


async def test_a_house_that_is_down_does_not_change_over_twice(flow: FakeFlow) -> None:
    flow.down = True
    result = await run(call("validate_reset_password_form", "Nuova password", "inform"))

    assert slots_set(result)["switch_to"] is None


async def test_the_task_under_way_asked_for_again_repeats_its_question(flow: FakeFlow) -> None:
    flow.step = Step(asking="contact")
    result = await in_registration("vorrei registrarmi", "register")

    assert said(result) == ["utter_question__contact"]
    assert flow.turns == []


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("no, il numero finisce con 4", "4"),
        ("finisce per 19, non 91", "19"),
        ("no, the number ends in 4", "4"),
        ("bukan, nomornya berakhiran 44", "44"),
        ("belakangnya 7", "7"),
    ],
)
async def test_a_number_is_corrected_by_its_last_digits(
    flow: FakeFlow, text: str, ending: str
) -> None:
    await in_registration(text, "correct_detail", asking="consent")

    assert flow.turns[0].answers == {"number_ending": ending}


async def test_a_no_at_the_summary_asks_which_detail_is_wrong(flow: FakeFlow) -> None:
    flow.step = Step(asking="confirmation", filled={"policy_number": "*****122"})
    result = await run(
        call(
            "validate_link_policy_form",
            "no",
            "deny",
            asking="confirmation",
            form="link_policy_form",
        )
    )

    assert said(result) == ["utter_question__detail"]
    assert flow.turns == []


async def test_a_no_to_withdrawing_a_request_is_an_answer(flow: FakeFlow) -> None:
    await run(
        call(
            "validate_check_request_form",
            "no",
            "deny",
            asking="confirmation",
            form="check_request_form",
        )
    )

    assert len(flow.turns) == 1


async def test_an_address_is_taken_as_it_is_written(flow: FakeFlow) -> None:
    text = "Via Roma 12, scala B"
    await run(
        call(
            "validate_update_mobile_form",
            text,
            "inform",
            entity("policy_number", "12", text),
            asking="address",
            form="update_mobile_form",
        )
    )

    assert flow.turns[0].answers == {"address": text}


@pytest.mark.parametrize(
    ("asking", "slot"), [("username", "username"), ("new_mobile", "new_mobile")]
)
async def test_a_number_is_what_is_being_asked_for(flow: FakeFlow, asking: str, slot: str) -> None:
    text = "333 111 22 44"
    await run(
        call(
            "validate_update_mobile_form",
            text,
            "inform",
            entity("mobile", text),
            asking=asking,
            form="update_mobile_form",
        )
    )

    assert flow.turns[0].answers == {slot: text}


def test_every_form_is_named_after_its_flow() -> None:
    assert [form().form_name() for form in FORMS] == [f"{slug}_form" for slug in FLOWS]
