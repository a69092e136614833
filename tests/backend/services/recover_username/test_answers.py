"""What customers do to the questions: mistakes, corrections, refusals, repetitions."""

from __future__ import annotations

import pytest

from backend.core.flow import Command, Outcome
from tests.backend.desk import Desk, Talk
from tests.backend.services.people import GIULIA_MOBILE, registered
from tests.backend.services.recover_username.forgetful import (
    BRAMBILLA_SAYS,
    BUDI_SAYS,
    GIULIA_SAYS,
    asks,
    forgot,
    outbox,
)


@pytest.mark.parametrize(
    ("market", "known", "slot", "text", "code"),
    [
        ("it", {}, "profile", "boh", "choice_unknown"),
        ("it", {"profile": "person"}, "first_name", "12345", "name_unreadable"),
        ("it", {"profile": "company"}, "company_name", "1", "company_name_unreadable"),
        ("it", dict(list(BRAMBILLA_SAYS.items())[:2]), "vat_number", "123", "vat_number_malformed"),
        ("it", dict(list(GIULIA_SAYS.items())[:2]), "tax_code", "ABC", "tax_code_malformed"),
        (
            "it", dict(list(GIULIA_SAYS.items())[:3]), "policy_number", "1",
            "policy_number_malformed",
        ),
        ("id", dict(list(BUDI_SAYS.items())[:3]), "date_of_birth", "31/02/90", "date_impossible"),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_read_is_asked_again_and_counted(
    desk: Desk, market: str, known: dict[str, str], slot: str, text: str, code: str
) -> None:
    talk = forgot(desk, market)
    talk.gives(**known)
    assert talk.step.asking == slot

    repeats = []
    for _ in range(2):
        step = talk.says(**{slot: text})
        assert (step.asking, talk.codes) == (slot, [code])
        repeats.append(step.remarks[0].repeat)

    assert repeats == [1, 2]


def test_who_does_not_know_at_the_summary_is_told_what_it_is_about(desk: Desk) -> None:
    talk = asks(desk, GIULIA_SAYS | {"policy_number": "401122334"})

    step = talk.says(Command.NOT_AVAILABLE)

    assert (step.asking, talk.codes) == ("confirmation", ["confirmation_help"])


@pytest.mark.parametrize("command", [Command.DENY, Command.NOT_AVAILABLE])
def test_who_sees_no_last_name_is_told_where_it_stands(desk: Desk, command: Command) -> None:
    talk = forgot(desk, "it")
    talk.gives(profile="person", first_name="Giulia")

    step = talk.says(command)

    assert (step.asking, talk.codes) == ("last_name", ["last_name_help"])


def test_a_bare_no_does_not_end_it(desk: Desk) -> None:
    talk = forgot(desk, "it")
    talk.gives(**dict(list(GIULIA_SAYS.items())[:2]))
    assert talk.step.asking == "tax_code"

    step = talk.says(Command.DENY)

    assert (step.asking, talk.codes) == ("tax_code", ["contact_help"])


def test_a_detail_is_corrected_at_the_summary(desk: Desk) -> None:
    account = registered(desk, "giulia")
    talk = asks(desk, GIULIA_SAYS | {"policy_number": "401122339"})

    step = talk.says(Command.CORRECT, policy_number="401122334")

    assert (step.asking, talk.codes) == ("confirmation", ["corrected"])
    assert talk.remark("corrected").facts == {"slot": "policy_number"}
    talk.says(Command.AFFIRM)
    assert account.username in desk.sent(GIULIA_MOBILE)[0]


def test_a_bad_correction_keeps_what_was_known(desk: Desk) -> None:
    account = registered(desk, "giulia")
    talk = asks(desk, GIULIA_SAYS)
    mask = talk.step.filled["tax_code"]

    step = talk.says(Command.CORRECT, tax_code="BNCGLI85D43L219X")

    assert (step.asking, talk.codes) == ("confirmation", ["tax_code_malformed"])
    assert step.filled["tax_code"] == mask
    talk.says(Command.AFFIRM)
    assert account.username in desk.sent(GIULIA_MOBILE)[0]


def test_a_number_is_corrected_by_its_ending(desk: Desk) -> None:
    account = registered(desk, "giulia")
    talk = asks(desk, GIULIA_SAYS | {"policy_number": "401122339"})

    step = talk.says(number_ending="4")

    assert step.filled["policy_number"] == "******334"
    talk.says(Command.AFFIRM)
    assert account.username in desk.sent(GIULIA_MOBILE)[0]


def test_another_profile_asks_for_what_it_needs(desk: Desk) -> None:
    talk = asks(desk, GIULIA_SAYS)

    step = talk.says(Command.CORRECT, profile="azienda")

    assert step.asking == "company_name"
    assert "first_name" not in step.filled
    assert "tax_code" not in step.filled
    talk.gives(company_name="Officine Brambilla", vat_number="01288700154")
    assert talk.step.asking == "confirmation"  # the policy number is known


def test_a_correction_and_a_yes_in_one_message_show_the_summary_again(desk: Desk) -> None:
    talk = asks(desk, GIULIA_SAYS)

    assert talk.says(Command.AFFIRM, policy_number="401122335").asking == "confirmation"
    assert outbox(desk) == []


def test_a_yes_that_repeats_a_detail_is_a_yes(desk: Desk) -> None:
    talk = asks(desk, GIULIA_SAYS)

    assert talk.says(Command.AFFIRM, first_name="Giulia").outcome is Outcome.COMPLETED


def test_a_yes_that_begins_the_flow_is_no_yes_to_a_summary(desk: Desk) -> None:
    talk = forgot(desk, command=Command.AFFIRM, saying=dict(GIULIA_SAYS))

    assert talk.step.asking == "confirmation"
    assert outbox(desk) == []


def test_a_no_to_the_summary_tells_nothing_and_keeps_asking(desk: Desk) -> None:
    talk = asks(desk, GIULIA_SAYS)

    step = talk.says(Command.DENY)

    assert (step.asking, talk.codes, step.outcome) == ("confirmation", [], None)
    assert outbox(desk) == []


def test_neither_yes_nor_no_is_asked_again(desk: Desk) -> None:
    talk = asks(desk, GIULIA_SAYS)

    step = talk.says(confirmation="vediamo")

    assert (step.asking, talk.codes) == ("confirmation", ["choice_unknown"])


@pytest.mark.parametrize("command", list(Command))
def test_no_command_leaves_the_customer_without_a_question_or_a_word(
    desk: Desk, command: Command
) -> None:
    talk = asks(desk, GIULIA_SAYS)
    step = talk.says(command)
    assert step.asking or step.remarks
    first = forgot(desk, "id").says(command)
    assert first.asking or first.remarks


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        (2, "tax_code"),
        (3, "date_of_birth"),
    ],
)
def test_who_lacks_what_nothing_stands_in_for_is_led_to_a_person(
    desk: Desk, known: int, asked: str
) -> None:
    talk = forgot(desk)
    talk.gives(**dict(list(GIULIA_SAYS.items())[:known]))
    if asked == "date_of_birth":
        talk.says(Command.NOT_AVAILABLE)
    assert talk.step.asking == asked

    step = talk.says(Command.NOT_AVAILABLE)

    assert (talk.codes, step.outcome) == (["contact_help"], Outcome.PERSON)


def test_a_company_without_its_policy_number_is_led_to_a_person(desk: Desk) -> None:
    talk = forgot(desk)
    talk.gives(**dict(list(BRAMBILLA_SAYS.items())[:3]))

    step = talk.says(Command.NOT_AVAILABLE)

    assert (talk.codes, step.outcome) == (["contact_help"], Outcome.PERSON)


@pytest.mark.parametrize("market", ["it", "id"])
def test_other_data_not_at_hand_are_asked_again_with_a_way_on(desk: Desk, market: str) -> None:
    talk = forgot(desk, market)
    asked = talk.step.asking

    step = talk.says(Command.NOT_AVAILABLE)

    assert (step.asking, talk.codes) == (asked, ["contact_help"])


def test_who_has_one_name_says_so(desk: Desk) -> None:
    talk = forgot(desk, "id")
    talk.gives(policy_number="00140003", first_name="Sulastri")
    assert talk.step.asking == "last_name"

    assert talk.says(Command.NOT_AVAILABLE).asking == "date_of_birth"


def test_the_summary_cannot_be_confirmed_before_it_is_there(desk: Desk) -> None:
    talk = forgot(desk)
    talk.gives(**dict(list(GIULIA_SAYS.items())[:3]))

    step = talk.says(Command.AFFIRM, confirmation="yes", otp_code="123456", username="x@y.it")

    assert step.asking == "policy_number"
    assert outbox(desk) == []
    assert "match_ok" not in desk.audited()


def test_the_same_message_again_has_one_effect(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = asks(desk, GIULIA_SAYS)
    before = len(outbox(desk))
    turn = talk.turn(Command.AFFIRM)

    steps = [talk.flow.advance(turn) for _ in range(3)]

    assert steps[0] == steps[1] == steps[2]
    assert len(outbox(desk)) == before + 2
    assert desk.audited().count("username_asked") == 1


@pytest.mark.parametrize(("seconds", "lives"), [(899, True), (900, False), (901, False)])
def test_what_was_said_is_forgotten_after_a_quarter_of_an_hour(
    desk: Desk, seconds: int, lives: bool
) -> None:
    talk = asks(desk, GIULIA_SAYS)
    desk.clock.forward(seconds)

    step = talk.says(Command.AFFIRM)

    assert step.outcome is (Outcome.COMPLETED if lives else Outcome.EXPIRED)
    assert talk.codes == (["username_sent"] if lives else ["flow_expired"])


def test_after_the_end_a_late_yes_finds_nothing(desk: Desk) -> None:
    talk = asks(desk, GIULIA_SAYS)
    talk.says(Command.AFFIRM)

    step = talk.says(Command.AFFIRM)

    assert (talk.codes, step.outcome) == (["flow_expired"], Outcome.EXPIRED)
    assert desk.audited().count("username_asked") == 1


def test_it_comes_back_to_where_it_was(desk: Desk) -> None:
    talk: Talk = asks(desk, GIULIA_SAYS)

    again = talk.flow.resume(talk.id, "it")

    assert (again.asking, again.filled) == ("confirmation", talk.step.filled)
    talk.flow.abandon(talk.id)
    assert talk.flow.resume(talk.id, "it").outcome is Outcome.EXPIRED
