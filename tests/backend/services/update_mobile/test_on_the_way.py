"""Between the wish and its end: corrections, refusals, pages and proofs that run out."""

from __future__ import annotations

import pytest

from backend.core.flow import Command, Outcome, Step
from tests.backend.desk import Desk, Talk
from tests.backend.services.people import BUDI_EMAIL, GIULIA, GIULIA_MOBILE, registered
from tests.backend.services.update_mobile.form import (
    HOME,
    NEW,
    NEW_BUDI,
    NEW_BUDI_WRITTEN,
    NEW_WRITTEN,
    asks,
    at_the_code,
    budi_proved,
    customer,
    giulia_proved,
    kept_files,
    requests,
    store,
    uploads,
)


def at_the_upload(desk: Desk) -> Talk:
    registered(desk, "giulia")
    talk = giulia_proved(desk)
    talk.gives(**HOME, new_mobile=NEW_WRITTEN)
    assert talk.step.asking == "document_upload"
    return talk


def at_the_consent(desk: Desk) -> Talk:
    talk = at_the_upload(desk)
    assert uploads(talk).asking == "consent"
    return talk


# Answers ------------------------------------------------------------------------------------------


def test_what_is_not_at_hand_leads_to_help_and_the_question_stays(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = giulia_proved(desk)

    step = talk.says(Command.NOT_AVAILABLE)

    assert (step.asking, talk.codes) == ("address", ["contact_help"])


@pytest.mark.parametrize(
    ("answers", "asked", "error"),
    [
        ({"address": "boh"}, "address", "address_unreadable"),
        ({"city": "10121"}, "city", "city_unreadable"),
    ],
)
def test_an_unreadable_answer_is_told_and_counted(
    desk: Desk, answers: dict[str, str], asked: str, error: str
) -> None:
    registered(desk, "giulia")
    talk = giulia_proved(desk)
    if asked == "city":
        talk.says(address=HOME["address"])

    for repeat in (1, 2, 3):
        assert talk.says(**answers).asking == asked
        assert talk.remark(error).repeat == repeat


def test_a_detail_is_corrected_at_the_summary(desk: Desk) -> None:
    talk = at_the_consent(desk)

    step = talk.says(Command.CORRECT, city="Moncalieri")

    assert (step.asking, talk.codes) == ("consent", ["corrected"])
    assert step.filled["city"] == "M****"


def test_what_the_file_says_may_be_corrected_too(desk: Desk) -> None:
    talk = at_the_consent(desk)

    step = talk.says(Command.CORRECT, last_name="Verdi")

    assert (step.asking, talk.codes) == ("consent", ["corrected"])
    talk.says(Command.AFFIRM)
    talk.says(otp_code=desk.code_to(NEW))
    assert requests(desk)[0].details["last_name"] == "Verdi"


def test_a_bad_correction_keeps_what_was_said(desk: Desk) -> None:
    talk = at_the_consent(desk)
    before = talk.step.filled

    step = talk.says(Command.CORRECT, date_of_birth="31/02/1985")

    assert (step.asking, talk.codes) == ("consent", ["date_impossible"])
    assert step.filled == before


def test_a_correction_while_the_page_waits_is_not_followed_by_a_reminder(desk: Desk) -> None:
    talk = at_the_upload(desk)

    step = talk.says(Command.CORRECT, new_mobile="348 111 22 44")

    assert (step.asking, talk.codes) == ("document_upload", ["corrected"])


def test_another_address_does_not_kill_the_code(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = at_the_code(desk, giulia_proved(desk))

    talk.says(Command.CORRECT, address="Corso Francia 9")

    assert (talk.step.asking, talk.codes) == ("otp_code", ["corrected"])
    assert talk.says(otp_code=desk.code_to(NEW)).outcome is Outcome.COMPLETED
    assert requests(desk)[0].details["address"] == "Corso Francia 9"


def test_another_number_needs_another_code_but_no_other_consent(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = at_the_code(desk, giulia_proved(desk))

    talk.says(Command.CORRECT, new_mobile="348 111 22 44")

    assert (talk.step.asking, talk.codes) == ("otp_code", ["corrected", "code_sent"])
    talk.says(otp_code=desk.code_to("+393481112244"))
    assert requests(desk)[0].new_mobile == "+393481112244"


# Consent ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("no", [Command.DENY, Command.NOT_AVAILABLE])
def test_a_consent_refused_once_is_asked_again_and_twice_ends_it(desk: Desk, no: Command) -> None:
    talk = at_the_consent(desk)

    assert (talk.says(no).asking, talk.codes) == ("consent", ["consent_needed"])
    step = talk.says(no)

    assert (step.outcome, talk.codes) == (Outcome.REFUSED, ["consent_refused"])
    assert kept_files(desk) == 0
    assert desk.sent(NEW) == []


def test_after_a_refusal_a_yes_still_counts(desk: Desk) -> None:
    talk = at_the_consent(desk)
    talk.says(Command.DENY)

    assert talk.says(Command.AFFIRM).asking == "otp_code"


def test_no_yes_counts_before_the_question(desk: Desk) -> None:
    talk = at_the_upload(desk)

    assert talk.says(Command.AFFIRM).asking == "document_upload"
    assert uploads_by_link(talk).asking == "consent"
    assert desk.audited().count("consent_given") == 1  # the registration's


def uploads_by_link(talk: Talk) -> Step:
    talk.says(Command.PAGE_RENEWAL)
    return uploads(talk)


# The page -----------------------------------------------------------------------------------------


def test_while_the_page_waits_it_is_reminded_of_and_shown_on_request(desk: Desk) -> None:
    talk = at_the_upload(desk)
    page = talk.step.page
    assert page is not None
    assert (page.kind, page.minutes) == ("upload", 30)

    for command in (Command.NONE, Command.PAGE_DONE, Command.AFFIRM, Command.DENY):
        step = talk.says(command)
        assert (step.asking, talk.codes, step.page) == ("document_upload", ["upload_waiting"], None)
    for command in (Command.RESEND, Command.NOT_AVAILABLE, Command.PAGE_RENEWAL):
        talk.says(command)
        assert (talk.codes, talk.step.page) == (["upload_link"], page)


def test_whatever_is_said_after_the_page_was_done_goes_on(desk: Desk) -> None:
    talk = at_the_upload(desk)
    store(talk)

    step = talk.says()

    assert (step.asking, talk.codes) == ("consent", ["upload_received"])


@pytest.mark.parametrize(
    ("seconds", "remarks", "asking"),
    [
        (1799, ["upload_waiting"], "document_upload"),
        (1800, ["upload_link"], "document_upload"),
        (2099, ["upload_link"], "document_upload"),
        (2100, ["flow_expired"], None),
    ],
)
def test_the_flow_lives_as_long_as_its_page_and_a_little_longer(
    desk: Desk, seconds: int, remarks: list[str], asking: str | None
) -> None:
    talk = at_the_upload(desk)
    desk.clock.forward(seconds)
    desk.backend.sweep()

    talk.says()

    assert (talk.codes, talk.step.asking) == (remarks, asking)


def test_a_page_is_made_anew_three_times_and_then_a_person_helps(desk: Desk) -> None:
    talk = at_the_upload(desk)
    seen = {talk.step.page.id if talk.step.page else ""}

    for _ in range(3):
        desk.clock.forward(1801)
        talk.says(Command.PAGE_RENEWAL)
        assert talk.codes == ["upload_link"]
        seen.add(talk.step.page.id if talk.step.page else "")
    desk.clock.forward(1801)
    talk.says(Command.PAGE_RENEWAL)

    assert len(seen) == 4
    assert (talk.step.outcome, talk.codes) == (Outcome.PERSON, ["contact_help"])


def test_the_page_of_before_does_not_work_beside_the_new_one(desk: Desk) -> None:
    talk = at_the_upload(desk)
    old = talk.step.page
    desk.clock.forward(1801)
    talk.says()

    assert old is not None
    with desk.backend.uow(read_only=True) as uow:
        assert uow.pages.get(old.id) is None


def test_who_cancels_leaves_neither_page_nor_file_nor_code(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = at_the_code(desk, giulia_proved(desk))
    code = desk.code_to(NEW)
    assert kept_files(desk) == 2

    talk.flow.abandon(talk.id)

    assert kept_files(desk) == 0
    assert talk.says(otp_code=code).outcome is Outcome.EXPIRED
    assert requests(desk) == []


@pytest.mark.parametrize(("seconds", "is_live"), [(899, True), (900, False), (901, False)])
def test_an_idle_flow_ends_with_its_files(desk: Desk, seconds: int, is_live: bool) -> None:
    talk = at_the_consent(desk)
    desk.clock.forward(seconds)

    desk.backend.sweep()

    assert kept_files(desk) == (2 if is_live else 0)
    assert (talk.says().asking == "consent") is is_live


# The proof of who writes --------------------------------------------------------------------------


def with_an_old_proof(desk: Desk) -> Talk:
    """The page took 25 minutes, and the proof is 35 minutes old."""
    talk = at_the_upload(desk)
    desk.clock.forward(600)
    talk.says()
    desk.clock.forward(900)
    uploads_by_link(talk)
    desk.clock.forward(600)
    return talk


def test_a_proof_that_ran_out_is_given_again_and_the_answers_are_kept(desk: Desk) -> None:
    talk = with_an_old_proof(desk)

    step = talk.says(Command.AFFIRM)

    assert step.asking == "contact_choice"
    assert desk.sent(NEW) == []
    assert step.filled["address"] == "V**** G****"
    talk.says(contact_choice="email")
    talk.says(otp_code=desk.code_to(GIULIA))
    assert (talk.step.asking, talk.codes) == ("otp_code", ["code_sent"])
    assert talk.says(otp_code=desk.code_to(NEW)).outcome is Outcome.COMPLETED
    assert requests(desk)[0].is_proven


def test_a_proof_that_runs_out_beside_the_code_is_given_again_and_the_code_counts(
    desk: Desk,
) -> None:
    talk = at_the_upload(desk)
    desk.clock.forward(850)
    uploads_by_link(talk)
    desk.clock.forward(850)
    talk.says(Command.AFFIRM)
    assert talk.step.asking == "otp_code"
    desk.clock.forward(110)

    talk.says(otp_code=desk.code_to(NEW))

    assert talk.step.asking == "contact_choice"
    assert requests(desk) == []
    talk.says(contact_choice="email")
    assert talk.says(otp_code=desk.code_to(GIULIA)).outcome is Outcome.COMPLETED


def test_a_new_number_that_was_proved_too_long_ago_is_proved_again(desk: Desk) -> None:
    talk = at_the_upload(desk)
    desk.clock.forward(850)
    uploads_by_link(talk)
    desk.clock.forward(850)
    talk.says(Command.AFFIRM)
    desk.clock.forward(110)
    talk.says(otp_code=desk.code_to(NEW))
    desk.clock.forward(300)
    talk.says(contact_choice="email")

    talk.says(otp_code=desk.code_to(GIULIA))

    assert (talk.step.asking, talk.codes) == ("otp_code", ["code_sent"])
    assert requests(desk) == []


def test_a_proof_is_kept_alive_by_going_on(desk: Desk) -> None:
    talk = budi_proved(desk, registered(desk, "budi").username)
    desk.clock.forward(800)
    talk.says(new_mobile=NEW_BUDI_WRITTEN)
    desk.clock.forward(800)
    talk.says(Command.AFFIRM)

    assert talk.says(otp_code=desk.code_to(NEW_BUDI)).outcome is Outcome.COMPLETED


def test_in_indonesia_too_a_change_needs_a_proof_that_holds(desk: Desk) -> None:
    talk = budi_proved(desk, registered(desk, "budi").username)
    talk.says(new_mobile=NEW_BUDI_WRITTEN)
    for _ in range(3):
        desk.clock.forward(700)
        talk.says()

    assert talk.says(Command.AFFIRM).asking == "contact_choice"
    talk.says(contact_choice="email")
    talk.says(otp_code=desk.code_to(BUDI_EMAIL))
    assert talk.step.asking == "otp_code"
    talk.says(otp_code=desk.code_to(NEW_BUDI))
    assert customer(desk, "ID-0001", "id").details.mobile == NEW_BUDI


def test_who_cannot_prove_it_again_gets_nothing_of_the_file(desk: Desk) -> None:
    talk = with_an_old_proof(desk)
    talk.says(Command.AFFIRM)

    step = talk.says(Command.DENY)

    assert (step.asking, talk.codes) == ("first_name", ["contacts_lost"])
    assert not {"first_name", "last_name", "date_of_birth", "sex"} & set(step.filled)
    assert step.filled["address"] == "V**** G****"
    talk.gives(first_name="Carla Verdi", place_of_birth="Bari", date_of_birth="1/1/1990", sex="f")
    assert talk.step.asking == "otp_code"
    talk.says(otp_code=desk.code_to(NEW))
    (request,) = requests(desk)
    assert (request.customer_id, request.is_proven) == (None, False)
    assert request.details["first_name"] == "Carla"


def test_another_owner_brings_another_file(desk: Desk) -> None:
    registered(desk, "elena")
    talk = with_an_old_proof(desk)
    talk.says(Command.AFFIRM)

    talk.says(username="elena.conti@example.it")
    talk.says(otp_code=desk.code_to("elena.conti@example.it"))

    assert talk.step.asking == "consent"
    talk.says(Command.AFFIRM)
    talk.says(otp_code=desk.code_to(NEW))
    assert requests(desk)[0].details["first_name"] == "Elena"
    assert requests(desk)[0].customer_id == customer(desk, "IT-0005").id


def test_a_conversation_that_proved_it_elsewhere_goes_straight_to_the_form(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = giulia_proved(desk)
    talk.flow.abandon(talk.id)

    again = asks(desk, conversation=talk.id)

    assert again.step.asking == "address"
    assert customer(desk).details.mobile == GIULIA_MOBILE
