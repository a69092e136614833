"""The code to a contact on the policy's own record: when it is needed, and what it is worth."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backend.adapters.tables.challenges import challenges
from backend.core.customers import Account
from backend.core.flow import Command, Outcome
from tests.backend.desk import Desk, Talk
from tests.backend.services.link_policy.counter import (
    BORN,
    BUDI_AT_THE_OFFICE,
    GIULIA,
    OFFICE,
    OFFICE_MOBILE,
    confirmed,
    opens,
    policies_of,
    takes_in,
)
from tests.backend.services.people import BUDI_EMAIL, BUDI_MOBILE, registered

NUMBER = "00190001"


@pytest.fixture
def talk(desk: Desk) -> Talk:
    """Budi, whose other policy is on a record with other contacts."""
    takes_in(desk, BUDI_AT_THE_OFFICE)
    return opens(desk, registered(desk, "budi"), contact=BUDI_MOBILE)


def waiting_for_code(talk: Talk) -> Talk:
    confirmed(talk, NUMBER)
    assert talk.says(contact_choice="sms").asking == "otp_code"
    return talk


def wrong_code(desk: Desk, contact: str = OFFICE_MOBILE) -> str:
    return f"{(int(desk.code_to(contact)) + 1) % 1_000_000:06d}"


def account_of(talk: Talk) -> Account:
    with talk.desk.backend.uow(read_only=True) as uow:
        proof = uow.identities.of(talk.id)
        account = uow.accounts.get(proof.account_id) if proof else None
    assert account
    return account


def account_policies(talk: Talk) -> list[str]:
    return policies_of(talk.desk, account_of(talk))


def test_a_contact_of_that_record_is_chosen_and_proved(desk: Desk, talk: Talk) -> None:
    step = confirmed(talk, NUMBER)
    assert (step.asking, talk.codes) == ("contact_choice", [])
    assert [choice.title for choice in step.choices] == ["0813 ******34", "****@k****.co.id"]
    assert not desk.sent(OFFICE)
    assert not desk.sent(OFFICE_MOBILE)

    step = talk.says(contact_choice="email")
    assert (step.asking, talk.codes) == ("otp_code", ["code_sent"])
    assert not desk.sent(OFFICE_MOBILE)
    step = talk.says(otp_code=desk.code_to(OFFICE))

    assert (step.outcome, talk.codes) == (Outcome.COMPLETED, ["policy_linked"])
    assert account_policies(talk) == ["00120451", NUMBER]


def test_the_owner_is_told_on_the_contacts_of_the_account(desk: Desk, talk: Talk) -> None:
    waiting_for_code(talk).says(otp_code=desk.code_to(OFFICE_MOBILE))

    assert "*****001" in desk.sent(BUDI_MOBILE)[0]
    assert "*****001" in desk.sent(BUDI_EMAIL)[0]


def test_a_single_contact_gets_its_code_at_once(desk: Desk) -> None:
    takes_in(desk, BUDI_AT_THE_OFFICE | {"email": ""})
    talk = opens(desk, registered(desk, "budi"), contact=BUDI_MOBILE)

    step = confirmed(talk, NUMBER)

    assert (step.asking, talk.codes) == ("otp_code", ["code_sent"])
    assert talk.says(otp_code=desk.code_to(OFFICE_MOBILE)).outcome is Outcome.COMPLETED


@pytest.mark.parametrize("proved", [None, BUDI_EMAIL, BUDI_MOBILE])
def test_a_contact_that_was_just_proved_spares_the_code(desk: Desk, proved: str | None) -> None:
    takes_in(desk, BUDI_AT_THE_OFFICE | {"mobile": BUDI_MOBILE})
    talk = opens(desk, registered(desk, "budi"), contact=proved)

    step = confirmed(talk, NUMBER)

    is_on_record = proved == BUDI_MOBILE
    assert step.outcome is (Outcome.COMPLETED if is_on_record else None)
    assert step.asking == (None if is_on_record else "contact_choice")


def test_who_was_only_vouched_for_needs_a_code_even_for_a_policy_of_the_same_record(
    desk: Desk,
) -> None:
    talk = opens(desk, registered(desk, "budi"))
    assert confirmed(talk, "00120999").asking == "contact_choice"

    talk.says(contact_choice="sms")
    talk.says(otp_code=desk.code_to(BUDI_MOBILE))

    assert talk.codes == ["policy_linked"]


@pytest.mark.parametrize(
    ("market", "scheme", "told"),
    [("id", "", "agency"), ("id", "employer", "employer"), ("it", "inarcassa", "inarcassa")],
)
def test_a_record_without_contacts_names_who_can_add_one(
    desk: Desk, market: str, scheme: str, told: str
) -> None:
    row = BUDI_AT_THE_OFFICE if market == "id" else GIULIA | {"customer_id": "IT-9001"}
    takes_in(desk, row | {"email": "", "mobile": "", "scheme": scheme})
    name = "budi" if market == "id" else "giulia"
    talk = opens(desk, registered(desk, name), contact=BUDI_MOBILE)

    step = confirmed(talk, row["policy_number"], BORN[name])

    assert (step.outcome, talk.codes) == (Outcome.REFUSED, ["no_contact_fits"])
    assert talk.remark("no_contact_fits").facts == {"scheme": told}
    assert "next_offer" not in step.facts


@pytest.mark.parametrize("command", [Command.DENY, Command.NOT_AVAILABLE])
def test_who_reaches_none_of_them_is_told_who_helps(
    desk: Desk, talk: Talk, command: Command
) -> None:
    confirmed(talk, NUMBER)

    step = talk.says(command)

    assert (step.outcome, talk.codes) == (Outcome.REFUSED, ["no_contact_fits"])
    assert "next_offer" not in step.facts


def test_who_reaches_none_of_their_own_is_offered_to_change_the_number(desk: Desk) -> None:
    talk = opens(desk, registered(desk, "budi"))
    confirmed(talk, "00120999")

    step = talk.says(Command.DENY)

    assert (talk.codes, step.facts["next_offer"]) == (["no_contact_fits"], "update_mobile")


def test_a_contact_that_is_not_on_offer_is_refused(desk: Desk, talk: Talk) -> None:
    confirmed(talk, NUMBER)

    step = talk.says(contact_choice="somebody@example.org")

    assert (step.asking, talk.codes) == ("contact_choice", ["choice_unknown"])
    assert talk.step.remarks[0].slot == "contact_choice"


def test_a_wrong_code_is_told_and_the_fifth_ends_it(desk: Desk, talk: Talk) -> None:
    waiting_for_code(talk)
    right, wrong = desk.code_to(OFFICE_MOBILE), wrong_code(desk)

    for left in (4, 3, 2, 1):
        talk.says(otp_code=wrong)
        assert talk.remark("code_wrong").facts == {"attempts_left": left}
    talk.says(otp_code=wrong)
    assert talk.codes == ["code_exhausted"]
    talk.says(otp_code=right)

    assert talk.codes == ["code_exhausted"]
    assert account_policies(talk) == ["00120451"]


@pytest.mark.parametrize(("seconds", "holds"), [(119, True), (120, False), (121, False)])
def test_a_code_lives_two_minutes(desk: Desk, talk: Talk, seconds: int, holds: bool) -> None:
    waiting_for_code(talk)
    code = desk.code_to(OFFICE_MOBILE)
    desk.clock.forward(seconds)

    step = talk.says(otp_code=code)

    assert (step.outcome is Outcome.COMPLETED) is holds
    assert ("code_expired" in talk.codes) is not holds


def test_another_code_comes_when_the_first_is_over(desk: Desk, talk: Talk) -> None:
    waiting_for_code(talk)
    talk.says(Command.RESEND)
    assert talk.codes == ["code_wait"]
    desk.clock.forward(120)

    talk.says(Command.RESEND)
    assert talk.codes == ["code_resent"]

    assert talk.says(otp_code=desk.code_to(OFFICE_MOBILE)).outcome is Outcome.COMPLETED


def test_the_other_contact_gets_a_code_of_its_own(desk: Desk, talk: Talk) -> None:
    waiting_for_code(talk)

    talk.says(Command.OTHER_CHANNEL)
    assert talk.codes == ["channel_changed"]

    assert talk.says(otp_code=desk.code_to(OFFICE)).outcome is Outcome.COMPLETED


def test_a_corrected_number_kills_the_code(desk: Desk, talk: Talk) -> None:
    waiting_for_code(talk)
    code = desk.code_to(OFFICE_MOBILE)

    step = talk.says(Command.CORRECT, policy_number="00120999")
    assert (step.asking, talk.codes) == ("confirmation", ["corrected"])
    assert "contact_choice" not in step.filled
    with desk.backend.uow(read_only=True) as uow:
        of_policy = select(challenges.c.state).where(challenges.c.purpose == "link")
        assert list(uow.connection.scalars(of_policy)) == ["aborted"]
    assert talk.says(otp_code=code).asking == "confirmation"
    talk.says(policy_number=NUMBER)
    talk.says(Command.AFFIRM)
    talk.says(contact_choice="email")
    talk.says(otp_code=code)

    assert "policy_linked" not in talk.codes
    assert account_policies(talk) == ["00120451"]


def test_a_bad_correction_keeps_number_and_code(desk: Desk, talk: Talk) -> None:
    waiting_for_code(talk)

    step = talk.says(Command.CORRECT, policy_number="12")
    assert (step.asking, talk.codes) == ("otp_code", ["policy_number_malformed"])

    assert talk.says(otp_code=desk.code_to(OFFICE_MOBILE)).outcome is Outcome.COMPLETED


def test_a_code_of_another_conversation_is_worth_nothing(desk: Desk, talk: Talk) -> None:
    waiting_for_code(talk)
    elsewhere = opens(desk, account_of(talk), contact=BUDI_MOBILE)
    confirmed(elsewhere, NUMBER)
    elsewhere.says(contact_choice="email")
    theirs, mine = desk.code_to(OFFICE), desk.code_to(OFFICE_MOBILE)
    assert theirs != mine

    talk.says(otp_code=theirs)

    assert talk.codes == ["code_wrong"]


def test_a_code_of_another_purpose_is_worth_nothing(desk: Desk, talk: Talk) -> None:
    """The code of the proof, typed where the policy's is awaited, and the other way round."""
    waiting_for_code(talk)
    link_code = desk.code_to(OFFICE_MOBILE)
    other = desk.talk("id", flow="link_policy", client="another")
    other.says(username=account_of(talk).username)
    other.says(contact_choice="sms")

    other.says(otp_code=link_code)
    assert other.codes == ["code_wrong"]
    talk.says(otp_code=desk.code_to(BUDI_MOBILE))

    assert talk.codes == ["code_wrong"]


def test_a_policy_that_lapses_meanwhile_is_not_linked(desk: Desk, talk: Talk) -> None:
    waiting_for_code(talk)
    code = desk.code_to(OFFICE_MOBILE)
    takes_in(desk, BUDI_AT_THE_OFFICE | {"status": "lapsed"})

    step = talk.says(otp_code=code)

    assert (step.outcome, talk.codes) == (Outcome.REFUSED, ["policy_lapsed"])
    assert account_policies(talk) == ["00120451"]


def test_wrong_codes_count_against_the_policy_in_whatever_conversation(
    desk: Desk, talk: Talk
) -> None:
    account = account_of(talk)
    waiting_for_code(talk)
    for _ in range(5):
        talk.says(otp_code=wrong_code(desk))
    desk.clock.forward(120)
    elsewhere = waiting_for_code(opens(desk, account, contact=BUDI_MOBILE))
    for _ in range(4):
        elsewhere.says(otp_code=wrong_code(desk))
        assert elsewhere.codes == ["code_wrong"]

    step = elsewhere.says(otp_code=wrong_code(desk))

    assert (step.outcome, elsewhere.codes) == (Outcome.PERSON, ["codes_blocked"])
