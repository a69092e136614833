"""Indonesia: a code to a contact on file and one to the new number change it at once."""

from __future__ import annotations

import re

import pytest

from backend.core.flow import Command, Outcome
from backend.core.identity import BY_TOKEN, Proof
from tests.backend.desk import Desk, Talk
from tests.backend.services.people import BUDI_EMAIL, BUDI_MOBILE, registered
from tests.backend.services.update_mobile.form import (
    NEW_BUDI,
    NEW_BUDI_WRITTEN,
    asks,
    budi_proved,
    customer,
    requests,
)


def confirming(desk: Desk) -> Talk:
    """Budi is asked whether all is right."""
    talk = budi_proved(desk, registered(desk, "budi").username)
    assert talk.step.asking == "new_mobile"
    assert talk.says(new_mobile=NEW_BUDI_WRITTEN).asking == "confirmation"
    return talk


def waiting(desk: Desk) -> Talk:
    """Budi got a code on the new number."""
    talk = confirming(desk)
    assert talk.says(Command.AFFIRM).asking == "otp_code"
    assert talk.remark("code_sent").facts["destination"] == "0857 ******01"
    return talk


def mobile(desk: Desk) -> str:
    return customer(desk, "ID-0001", "id").details.mobile


def test_the_right_code_changes_the_number_and_starts_the_cool_down(desk: Desk) -> None:
    talk = waiting(desk)

    step = talk.says(otp_code=desk.code_to(NEW_BUDI))

    assert step.outcome is Outcome.COMPLETED
    assert step.facts["next_offer"] == "nothing"
    assert talk.remark("mobile_changed").facts == {"mobile": "0857 ******01", "hours": 48}
    assert mobile(desk) == NEW_BUDI
    assert requests(desk) == []
    with desk.backend.uow(read_only=True) as uow:
        customer_id = customer(desk, "ID-0001", "id").id
        assert desk.backend.contact_changes.mobile_is_fresh(uow, customer_id, desk.clock.now())
    assert desk.audited().count("mobile_changed") == 1


def test_old_and_new_contacts_are_told_and_the_old_can_undo_it(desk: Desk) -> None:
    talk = waiting(desk)
    talk.says(otp_code=desk.code_to(NEW_BUDI))

    found = re.search(r"/t/([\w-]{43})", desk.sent(BUDI_MOBILE)[0])
    assert found
    assert "/t/" in desk.sent(BUDI_EMAIL)[0]
    assert "/t/" not in desk.sent(NEW_BUDI)[0]
    desk.backend.vetoes.veto(found[1])

    assert mobile(desk) == BUDI_MOBILE


def test_without_a_yes_nothing_is_sent(desk: Desk) -> None:
    talk = confirming(desk)

    for command in (Command.NONE, Command.DENY, Command.CORRECT):
        step = talk.says(command)
        assert (step.asking, talk.codes) == ("confirmation", [])
    assert talk.says(Command.NOT_AVAILABLE).asking == "confirmation"
    assert talk.codes == ["confirmation_help"]
    assert talk.says(confirmation="mah").asking == "confirmation"
    assert talk.codes == ["choice_unknown"]
    assert desk.sent(NEW_BUDI) == []


def test_the_number_is_corrected_at_the_summary(desk: Desk) -> None:
    talk = confirming(desk)

    step = talk.says(Command.CORRECT, new_mobile="0857 1234 0002")

    assert (step.asking, talk.codes) == ("confirmation", ["corrected"])
    assert talk.remark("corrected").facts == {"slot": "new_mobile"}
    talk.says(Command.AFFIRM)
    talk.says(otp_code=desk.code_to("+6285712340002"))
    assert mobile(desk) == "+6285712340002"


def test_a_bad_correction_keeps_the_number(desk: Desk) -> None:
    talk = confirming(desk)

    step = talk.says(Command.CORRECT, new_mobile="0857")

    assert (step.asking, talk.codes) == ("confirmation", ["mobile_malformed"])
    assert step.filled["new_mobile"] == "0857 ******01"


def test_the_ending_alone_corrects_the_number(desk: Desk) -> None:
    talk = confirming(desk)

    talk.says(Command.CORRECT, number_ending="07")

    assert talk.step.filled["new_mobile"] == "0857 ******07"


def test_another_number_kills_the_code_and_gets_its_own(desk: Desk) -> None:
    talk = waiting(desk)
    old = desk.code_to(NEW_BUDI)

    step = talk.says(Command.CORRECT, new_mobile="0857 1234 0002")

    assert (step.asking, talk.codes) == ("otp_code", ["corrected", "code_sent"])
    if desk.code_to("+6285712340002") != old:
        talk.says(otp_code=old)
        assert talk.codes == ["code_wrong"]
    talk.says(otp_code=desk.code_to("+6285712340002"))
    assert mobile(desk) == "+6285712340002"


def test_wrong_and_late_codes_are_told_and_the_way_goes_on(desk: Desk) -> None:
    talk = waiting(desk)
    right = desk.code_to(NEW_BUDI)

    talk.says(otp_code=f"{(int(right) + 1) % 1_000_000:06d}")
    assert talk.remark("code_wrong").facts == {"attempts_left": 4}
    talk.says(Command.RESEND)
    assert talk.codes == ["code_wait"]
    talk.says(Command.OTHER_CHANNEL)
    assert talk.codes == ["no_other_channel"]
    desk.clock.forward(120)
    talk.says(otp_code=right)
    assert talk.codes == ["code_expired"]
    talk.says(Command.AFFIRM)
    assert talk.codes == ["code_resent"]
    talk.says(otp_code=desk.code_to(NEW_BUDI))

    assert mobile(desk) == NEW_BUDI


@pytest.mark.parametrize("number", ["0812 3456 7890", "+62 812 3456 7890"])
def test_the_number_on_file_is_no_new_one(desk: Desk, number: str) -> None:
    talk = budi_proved(desk, registered(desk, "budi").username)

    step = talk.says(new_mobile=number)

    assert (step.asking, talk.codes) == ("new_mobile", ["mobile_known"])


def test_a_number_that_signs_another_account_in_goes_to_a_person(desk: Desk) -> None:
    talk = waiting(desk)
    with desk.backend.uow() as uow:
        uow.accounts.add(
            market="id", customer_id=customer(desk, "ID-0002", "id").id, username=NEW_BUDI,
            kind="contact", language="id", now=desk.clock.now(),
        )  # fmt: skip
        uow.commit()

    step = talk.says(otp_code=desk.code_to(NEW_BUDI))

    assert (step.outcome, talk.codes) == (Outcome.PERSON, ["contact_help"])
    assert mobile(desk) == BUDI_MOBILE


def test_a_page_that_vouches_is_no_code(desk: Desk) -> None:
    account = registered(desk, "budi")
    talk = asks(desk, "id")
    now = desk.clock.now()
    with desk.backend.uow() as uow:
        uow.identities.set(talk.id, Proof(account.id, BY_TOKEN, now, now))
        uow.commit()
    talk.flow.abandon(talk.id)

    again = asks(desk, "id", conversation=talk.id)

    assert again.step.asking == "contact_choice"
    again.says(contact_choice="email")
    assert again.says(otp_code=desk.code_to(BUDI_EMAIL)).asking == "new_mobile"


def test_a_code_that_proved_who_writes_is_worth_nothing_for_the_number(desk: Desk) -> None:
    talk = waiting(desk)
    identity = desk.code_to(BUDI_EMAIL)
    if identity != desk.code_to(NEW_BUDI):
        talk.says(otp_code=identity)

        assert talk.codes == ["code_wrong"]
        assert mobile(desk) == BUDI_MOBILE


def test_a_code_of_another_conversation_is_worth_nothing(desk: Desk) -> None:
    talk = waiting(desk)
    other = desk.talk("id", flow="update_mobile")
    other.says(otp_code=desk.code_to(NEW_BUDI))

    assert other.step.asking == "username"
    assert mobile(desk) == BUDI_MOBILE
    assert talk.says(otp_code=desk.code_to(NEW_BUDI)).outcome is Outcome.COMPLETED


@pytest.mark.parametrize(
    "step",
    [
        {"otp_code": "123456"},
        {"confirmation": "yes"},
        {"consent": "accepted"},
        {"document_upload": "done"},
    ],
)
def test_a_step_posted_early_does_nothing(desk: Desk, step: dict[str, str]) -> None:
    talk = budi_proved(desk, registered(desk, "budi").username)

    for command in (Command.NONE, Command.AFFIRM, Command.PAGE_DONE):
        assert talk.says(command, **step).asking == "new_mobile"
    assert mobile(desk) == BUDI_MOBILE


def test_the_same_message_again_changes_nothing_more(desk: Desk) -> None:
    talk = waiting(desk)
    turn = talk.turn(otp_code=desk.code_to(NEW_BUDI))

    steps = [talk.flow.advance(turn) for _ in range(3)]

    assert steps[0] == steps[1] == steps[2]
    assert desk.audited().count("mobile_changed") == 1
    assert len([body for body in desk.sent(BUDI_EMAIL) if "/t/" in body]) == 1
