"""Answers out of order, corrected, missing, repeated, too late; and how long a proof holds."""

from __future__ import annotations

import pytest

from backend.core.flow import Command, Outcome
from tests.backend.desk import Desk, Talk
from tests.backend.services.link_policy.counter import (
    BORN,
    BUDI_AT_THE_OFFICE,
    OFFICE_MOBILE,
    confirmed,
    opens,
    policies_of,
    summed_up,
    takes_in,
)
from tests.backend.services.people import BUDI_EMAIL, BUDI_MOBILE, registered

MINUTES = 60


@pytest.fixture
def talk(desk: Desk) -> Talk:
    return opens(desk, registered(desk, "budi"), contact=BUDI_MOBILE)


def test_a_summary_is_corrected_by_a_good_value(talk: Talk) -> None:
    summed_up(talk, "00120998", BORN["budi"])

    step = talk.says(Command.CORRECT, policy_number="00120999")
    assert (step.asking, talk.codes) == ("confirmation", ["corrected"])
    assert talk.remark("corrected").facts == {"slot": "policy_number"}
    talk.says(Command.AFFIRM)

    assert talk.codes == ["policy_linked"]


def test_who_does_not_know_at_the_summary_is_told_what_it_is_about(talk: Talk) -> None:
    summed_up(talk, "00120999", BORN["budi"])

    step = talk.says(Command.NOT_AVAILABLE)

    assert (step.asking, talk.codes) == ("confirmation", ["confirmation_help"])


def test_the_user_name_is_settled_once_it_is_proved(talk: Talk) -> None:
    assert talk.step.settled == ("username",)

    step = talk.says(username="wayan4821kt")

    assert (step.asking, talk.codes) == ("policy_type", ["detail_settled"])


@pytest.mark.parametrize("command", [Command.DENY, Command.NOT_AVAILABLE])
def test_without_a_datum_there_is_help_and_the_same_question(talk: Talk, command: Command) -> None:
    step = talk.says(command)

    assert (step.asking, talk.codes, step.outcome) == ("policy_type", ["contact_help"], None)


@pytest.mark.parametrize(
    ("slot", "bad", "error"),
    [
        ("policy_number", "999", "policy_number_malformed"),
        ("date_of_birth", "31/02/1990", "date_impossible"),
        ("policy_type", "car", "choice_unknown"),
    ],
)
def test_a_bad_correction_keeps_what_was_known(talk: Talk, slot: str, bad: str, error: str) -> None:
    before = summed_up(talk, "00120999", BORN["budi"]).filled

    step = talk.says(Command.CORRECT, **{slot: bad})
    assert (step.asking, talk.codes) == ("confirmation", [error])
    assert step.filled == before
    talk.says(Command.AFFIRM)

    assert talk.codes == ["policy_linked"]


def test_yes_beside_a_bad_correction_is_no_yes(talk: Talk) -> None:
    summed_up(talk, "00120999", BORN["budi"])

    step = talk.says(Command.AFFIRM, date_of_birth="31/02/1990")

    assert (step.asking, talk.codes) == ("confirmation", ["date_impossible"])


def test_yes_beside_a_correction_shows_the_summary_first(talk: Talk) -> None:
    summed_up(talk, "00120998", BORN["budi"])

    step = talk.says(Command.AFFIRM, policy_number="00120999")

    assert (step.asking, talk.codes) == ("confirmation", ["corrected"])


@pytest.mark.parametrize("command", [Command.DENY, Command.NONE, Command.CORRECT, Command.RESEND])
def test_without_a_yes_the_summary_stays_the_question(talk: Talk, command: Command) -> None:
    summed_up(talk, "00120999", BORN["budi"])

    step = talk.says(command)

    assert (step.asking, talk.codes) == ("confirmation", [])


def test_another_type_asks_for_another_number(talk: Talk) -> None:
    summed_up(talk, "00120999", BORN["budi"])

    step = talk.says(Command.CORRECT, policy_type="DPLK")

    assert (step.asking, step.filled["policy_type"]) == ("policy_number", "dplk")
    assert step.facts["policy_example"] == "DPLK-123456"


@pytest.mark.parametrize("slot", ["policy_type", "policy_number", "date_of_birth"])
def test_who_does_not_have_a_datum_is_told_who_helps(talk: Talk, slot: str) -> None:
    if slot != "policy_type":
        talk.says(policy_type="individual")
    if slot == "date_of_birth":
        talk.says(policy_number="00120999")

    step = talk.says(Command.NOT_AVAILABLE)

    assert (step.asking, talk.codes) == (slot, ["contact_help"])


@pytest.mark.parametrize("slot", ["policy_type", "policy_number", "date_of_birth"])
def test_a_datum_that_cannot_be_read_twice_is_counted(talk: Talk, slot: str) -> None:
    if slot != "policy_type":
        talk.says(policy_type="individual")
    if slot == "date_of_birth":
        talk.says(policy_number="00120999")

    talk.says(**{slot: "???"})
    step = talk.says(**{slot: "???"})

    (remark,) = step.remarks
    assert (step.asking, remark.slot, remark.repeat) == (slot, slot, 2)


def test_a_number_before_its_type_tells_it(talk: Talk) -> None:
    step = talk.says(policy_number="DPLK-300011")

    assert (step.asking, step.filled["policy_type"]) == ("date_of_birth", "dplk")


# Steps skipped -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "answers"),
    [
        (Command.AFFIRM, {}),
        (Command.NONE, {"confirmation": "yes"}),
        (Command.NONE, {"otp_code": "123456"}),
        (Command.NONE, {"contact_choice": "sms"}),
        (Command.NONE, {"policy_id": "1", "customer_id": "1"}),
        (Command.PAGE_DONE, {}),
        (Command.LINK_CONFIRMED, {}),
    ],
)
def test_an_answer_to_a_later_question_does_nothing(
    desk: Desk, talk: Talk, command: Command, answers: dict[str, str]
) -> None:
    talk.says(policy_number="00120999")
    sent = len(desk.backend.notices.listing())

    step = talk.says(command, **answers)

    assert (step.asking, talk.codes) == ("date_of_birth", [])
    assert len(desk.backend.notices.listing()) == sent


def test_nothing_is_compared_before_it_is_known_who_writes(desk: Desk) -> None:
    registered(desk, "budi")
    before = len(desk.audited())
    talk = desk.talk("id", flow="link_policy")
    talk.says(Command.AFFIRM, policy_number="00120999", date_of_birth=BORN["budi"])

    assert talk.step.asking == "username"
    assert "match_ok" not in desk.audited()[before:]


def test_a_stranger_who_knows_everything_but_the_code_links_nothing(desk: Desk) -> None:
    account = registered(desk, "budi")
    talk = desk.talk("id", flow="link_policy")
    talk.says(username=account.username, policy_number="00120999", date_of_birth=BORN["budi"])
    talk.says(contact_choice="sms")
    code = desk.code_to(BUDI_MOBILE)
    talk.says(otp_code=f"{(int(code) + 1) % 1_000_000:06d}")
    talk.says(Command.AFFIRM)

    assert talk.step.asking == "otp_code"
    assert policies_of(desk, account) == ["00120451"]


# Repeats and time --------------------------------------------------------------------------------


def test_the_same_message_twice_links_once(desk: Desk, talk: Talk) -> None:
    summed_up(talk, "00120999", BORN["budi"])
    turn = talk.turn(Command.AFFIRM)
    flow = desk.backend.flows["link_policy"]

    first, second = flow.advance(turn), flow.advance(turn)

    assert first == second
    assert desk.audited().count("policy_linked") == 1
    assert sum("*****999" in body for body in desk.sent(BUDI_EMAIL)) == 1


@pytest.mark.parametrize(("seconds", "is_live"), [(899, True), (900, False)])
def test_a_draft_rests_fifteen_minutes(desk: Desk, talk: Talk, seconds: int, is_live: bool) -> None:
    summed_up(talk, "00120999", BORN["budi"])
    desk.clock.forward(seconds)

    step = talk.says(Command.AFFIRM)

    assert step.outcome is (Outcome.COMPLETED if is_live else Outcome.EXPIRED)


def test_giving_up_ends_the_code(desk: Desk) -> None:
    takes_in(desk, BUDI_AT_THE_OFFICE | {"email": ""})
    talk = opens(desk, registered(desk, "budi"), contact=BUDI_MOBILE)
    confirmed(talk, "00190001")
    code = desk.code_to(OFFICE_MOBILE)

    talk.flow.abandon(talk.id)
    step = talk.says(otp_code=code)

    assert step.outcome is Outcome.EXPIRED


def keeps_talking(talk: Talk, minutes: int) -> None:
    for _ in range(minutes // 10):
        talk.desk.clock.forward(10 * MINUTES)
        talk.says()


@pytest.mark.parametrize(("seconds", "holds"), [(-1, True), (0, False)])
def test_a_proof_grows_too_old_at_thirty_minutes(
    desk: Desk, talk: Talk, seconds: int, holds: bool
) -> None:
    summed_up(talk, "00120999", BORN["budi"])
    keeps_talking(talk, 20)
    assert talk.step.asking == "confirmation"
    desk.clock.forward(10 * MINUTES + seconds)

    step = talk.says(Command.AFFIRM)

    assert step.outcome is (Outcome.COMPLETED if holds else None)
    assert step.asking == (None if holds else "contact_choice")


def test_who_is_proved_again_finds_the_answers_kept(desk: Desk, talk: Talk) -> None:
    talk.says(policy_number="00120999")
    keeps_talking(talk, 30)
    talk.says(date_of_birth=BORN["budi"])
    assert talk.step.asking == "contact_choice"
    talk.says(contact_choice="email")

    step = talk.says(otp_code=desk.code_to(BUDI_EMAIL))
    assert step.asking == "confirmation"
    assert step.filled["policy_number"] == "*****999"
    talk.says(Command.AFFIRM)

    assert talk.codes == ["policy_linked"]


def test_a_policy_code_does_not_outlive_the_proof(desk: Desk) -> None:
    takes_in(desk, BUDI_AT_THE_OFFICE | {"email": ""})
    account = registered(desk, "budi")
    talk = opens(desk, account, contact=BUDI_MOBILE)
    keeps_talking(talk, 20)
    desk.clock.forward(9 * MINUTES)
    confirmed(talk, "00190001")
    code = desk.code_to(OFFICE_MOBILE)
    desk.clock.forward(MINUTES)

    talk.says(otp_code=code)

    assert talk.step.asking == "contact_choice"
    assert policies_of(desk, account) == ["00120451"]
    talk.says(contact_choice="sms")
    talk.says(otp_code=desk.code_to(BUDI_MOBILE))
    assert talk.step.asking == "confirmation"


def test_a_new_password_ends_the_proof_here_too(desk: Desk, talk: Talk) -> None:
    summed_up(talk, "00120999", BORN["budi"])
    with desk.backend.uow() as uow:
        proof = uow.identities.of(talk.id)
        assert proof
        uow.identities.remove_of(proof.account_id)
        uow.commit()

    assert talk.says(Command.AFFIRM).asking == "contact_choice"
