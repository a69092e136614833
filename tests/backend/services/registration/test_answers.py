"""Answers that are wrong, changed, repeated, refused or late."""

from __future__ import annotations

import pytest

from backend.core.flow import ANSWER_ERRORS, REMARKS, Command, Outcome, Step
from tests.backend.desk import Desk, Talk

GIULIA = {"profile": "person", "first_name": "Giulia Bianchi", "contact": "3201234519"}
BUDI = {
    "policy_type": "individual", "policy_number": "00120451", "first_name": "Budi Santoso",
    "date_of_birth": "17/08/1990",
}  # fmt: skip


@pytest.mark.parametrize(
    ("before", "slot", "answer", "code"),
    [
        ({}, "profile", "boh", "choice_unknown"),
        ({"profile": "person"}, "first_name", "12345", "name_unreadable"),
        ({"profile": "company"}, "company_name", "@", "company_name_unreadable"),
        ({"profile": "company", "company_name": "Alfa"}, "vat_number", "01288700155",
         "vat_number_malformed"),
        ({"profile": "person", "first_name": "Giulia Bianchi"}, "contact", "boh",
         "contact_unreadable"),
        ({"profile": "person", "first_name": "Giulia Bianchi"}, "contact", "a@b",
         "email_malformed"),
        ({"profile": "person", "first_name": "Giulia Bianchi"}, "contact", "giulia@pec.it",
         "email_pec"),
        ({"profile": "person", "first_name": "Giulia Bianchi"}, "contact", "320 12345",
         "mobile_malformed"),
        ({"profile": "person", "first_name": "Giulia Bianchi"}, "contact", "02 8646 1234",
         "mobile_not_mobile"),
    ],
)  # fmt: skip
def test_a_bad_answer_is_named_counted_and_asked_again(
    desk: Desk, before: dict[str, str], slot: str, answer: str, code: str
) -> None:
    talk = desk.talk()
    talk.gives(**before)

    for repeat in (1, 2, 3):
        step = talk.says(**{slot: answer})
        (remark,) = step.remarks
        assert (remark.code, remark.slot, remark.is_error) == (code, slot, True)
        assert remark.repeat == repeat
        assert step.asking == slot
    assert set(before) <= set(step.filled)


@pytest.mark.parametrize(
    ("slot", "answer", "code"),
    [
        ("policy_number", "123", "policy_number_malformed"),
        ("date_of_birth", "next week", "date_malformed"),
        ("date_of_birth", "31/02/1990", "date_impossible"),
        ("date_of_birth", "01/01/2030", "date_impossible"),
    ],
)
def test_a_bad_answer_in_indonesia(desk: Desk, slot: str, answer: str, code: str) -> None:
    talk = desk.talk("id")
    for name, good in BUDI.items():
        if name == slot:
            break
        talk.says(**{name: good})

    assert talk.says(**{slot: answer}).asking == slot
    assert talk.codes == [code]


@pytest.mark.parametrize("profile", ["professional", "company"])
def test_a_certified_mailbox_is_fine_for_business(desk: Desk, profile: str) -> None:
    talk = desk.talk()
    talk.says(profile=profile)

    talk.says(contact="studio@pec.it")

    assert talk.codes == []
    assert "contact" in talk.step.filled


def test_a_certified_mailbox_given_before_the_profile_is_refused_with_it(desk: Desk) -> None:
    talk = desk.talk()
    talk.says(contact="giulia@legalmail.it")

    step = talk.says(profile="person")

    assert talk.codes == ["email_pec"]
    assert "contact" not in step.filled
    assert step.asking == "first_name"


def test_an_earlier_answer_may_be_changed(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(**GIULIA)

    step = talk.says(contact="giulia.bianchi@example.it")

    assert talk.remark("corrected").facts == {"slot": "contact"}
    assert step.filled["contact"] == "gi****@e****.it"
    assert step.asking == "consent"


def test_a_bad_change_leaves_the_old_answer(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(**GIULIA)

    step = talk.says(contact="320 12")

    assert talk.codes == ["mobile_malformed"]
    assert step.filled["contact"] == "320 *****19"
    assert step.asking == "consent"


def test_a_misread_datum_beside_a_good_answer_is_not_held_against_the_customer(desk: Desk) -> None:
    talk = desk.talk()

    step = talk.says(profile="person", vat_number="123", tax_code="XX")

    assert step.remarks == ()
    assert step.asking == "first_name"


def test_a_change_after_the_code_was_sent_starts_again_from_consent(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(**GIULIA)
    talk.says(Command.AFFIRM)
    old = desk.code_to("+393201234519")

    step = talk.says(contact="giulia.bianchi@example.it")

    assert step.asking == "otp_code"
    assert talk.codes == ["corrected", "code_sent"]
    assert step.facts["destination"] == "gi****@e****.it"
    if desk.code_to("giulia.bianchi@example.it") != old:
        talk.says(otp_code=old)
        assert talk.codes == ["code_wrong"]


def test_another_profile_needs_consent_anew(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(**GIULIA)
    talk.says(Command.AFFIRM)

    step = talk.says(profile="professional")
    assert step.asking == "vat_number"
    step = talk.says(vat_number="03914620277")

    assert step.asking == "consent"


def test_consent_refused_once_is_explained_and_twice_ends_it(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(**GIULIA)

    step = talk.says(Command.DENY)
    assert talk.codes == ["consent_needed"]
    assert step.asking == "consent"
    step = talk.says(Command.DENY)

    assert talk.codes == ["consent_refused"]
    assert step.outcome is Outcome.REFUSED


def test_a_yes_that_comes_with_a_change_is_no_consent_yet(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(**GIULIA)

    step = talk.says(Command.AFFIRM, contact="giulia.bianchi@example.it")

    assert step.asking == "consent"


def test_something_else_than_yes_or_no_is_no_consent(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(**GIULIA)

    step = talk.says(consent="boh")

    assert talk.codes == ["choice_unknown"]
    assert step.asking == "consent"


@pytest.mark.parametrize("single", ["-", "", "Sulastri", "\u2013"])
def test_a_single_name_is_a_whole_name_in_indonesia(desk: Desk, single: str) -> None:
    talk = desk.talk("id")
    talk.gives(policy_type="individual", policy_number="00140003", first_name="Sulastri")

    assert talk.says(last_name=single).asking == "date_of_birth"


@pytest.mark.parametrize("command", [Command.NOT_AVAILABLE, Command.DENY])
def test_no_last_name_may_be_said_so(desk: Desk, command: Command) -> None:
    talk = desk.talk("id")
    talk.gives(policy_type="individual", policy_number="00140003", first_name="Sulastri")

    assert talk.says(command).asking == "date_of_birth"


def test_the_whole_name_again_at_the_last_name_is_understood(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(profile="person", first_name="Giulia")

    talk.says(last_name="Giulia Bianchi")
    talk.says(contact="3201234519")

    assert talk.says(Command.AFFIRM).asking == "otp_code"


def test_a_datum_not_at_hand_is_met_with_help(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(profile="person", first_name="Giulia Bianchi")

    step = talk.says(Command.NOT_AVAILABLE)

    assert talk.codes == ["contact_help"]
    assert step.asking == "contact"


def test_the_same_message_again_gets_the_same_step_and_does_nothing(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(**GIULIA)
    turn = talk.turn(Command.AFFIRM)
    registration = desk.backend.flows["register"]

    first = registration.advance(turn)
    second = registration.advance(turn)

    assert first == second
    assert len(desk.sent("+393201234519")) == 1
    wrong = talk.turn(otp_code="000000")
    assert registration.advance(wrong) == registration.advance(wrong)
    talk.says(otp_code="000001")
    assert talk.remark("code_wrong").facts == {"attempts_left": 3}


def test_the_last_message_of_a_flow_may_be_repeated_too(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(**GIULIA)
    talk.says(Command.DENY)
    turn = talk.turn(Command.DENY)
    last = desk.backend.flows["register"].advance(turn)

    assert last.outcome is Outcome.REFUSED
    assert desk.backend.flows["register"].advance(turn) == last


@pytest.mark.parametrize(("seconds", "lives"), [(899, True), (900, False), (901, False)])
def test_a_draft_lives_a_quarter_of_an_hour_untouched(
    desk: Desk, seconds: int, lives: bool
) -> None:
    talk = desk.talk()
    talk.gives(**GIULIA)
    desk.clock.forward(seconds)
    swept = desk.backend.sweep()

    step = talk.says(Command.AFFIRM)

    assert swept == (0 if lives else 1)
    assert step.asking == ("otp_code" if lives else None)
    assert step.outcome is (None if lives else Outcome.EXPIRED)
    assert ("flow_expired" in talk.codes) is not lives


def test_an_expired_flow_may_be_opened_again(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(**GIULIA)
    desk.clock.forward(900)

    again = Talk(desk, "it", "it", conversation=talk.id)

    assert again.step.asking == "profile"
    assert again.step.filled == {}


def test_resuming_tells_where_it_stands_and_changes_nothing(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(profile="person", first_name="Giulia Bianchi")
    resume = desk.backend.flows["register"].resume

    first = resume(talk.id, "it")

    assert first == resume(talk.id, "it")
    assert (first.asking, first.remarks) == ("contact", ())
    assert set(first.filled) == {"profile", "first_name", "last_name"}


def test_resuming_what_is_over_says_so(desk: Desk) -> None:
    assert desk.backend.flows["register"].resume("c_unknown", "it").outcome is Outcome.EXPIRED


def test_an_abandoned_flow_leaves_nothing_open(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(**GIULIA)
    talk.says(Command.AFFIRM)
    code = desk.code_to("+393201234519")

    desk.backend.flows["register"].abandon(talk.id)

    assert talk.says(otp_code=code).outcome is Outcome.EXPIRED
    assert "account_created" not in desk.audited()


def test_the_market_of_a_conversation_is_the_market_of_its_draft(desk: Desk) -> None:
    talk = desk.talk("it")
    talk.gives(profile="person")
    talk.market = "id"

    assert talk.says(policy_type="dplk").outcome is Outcome.EXPIRED


def every_step(desk: Desk) -> list[Step]:
    talk = desk.talk()
    steps = [talk.step]
    for slot, answer in GIULIA.items():
        steps.append(talk.says(**{slot: answer}))
    steps.append(talk.says(Command.AFFIRM))
    steps.append(talk.says(otp_code="000000"))
    steps.append(talk.says(otp_code=desk.code_to("+393201234519")))
    steps.append(talk.sets_password())
    return steps


def test_no_step_carries_what_the_customer_wrote(desk: Desk) -> None:
    told = " ".join(str(step.to_json()) for step in every_step(desk))

    for secret in ("3201234519", "Bianchi", "Giulia", "000000"):
        assert secret not in told


def test_every_remark_is_in_the_vocabulary_with_its_facts(desk: Desk) -> None:
    for step in every_step(desk):
        for remark in step.remarks:
            assert set(REMARKS[remark.code]) == set(remark.facts)
            assert remark.code not in ANSWER_ERRORS or remark.slot
