"""The path of the guides for customers whom name and contact do not identify."""

from __future__ import annotations

import pytest

from backend.core.flow import Command, Outcome, Step
from tests.backend.desk import Desk, Talk

PERSON = {"profile": "person", "first_name": "Luca Ferrari", "contact": "luca@elsewhere.it"}
TAX_CODE = "FRRLCU90L14F257L"
BUDI = {
    "policy_type": "individual", "policy_number": "00120451", "first_name": "Budi Santoso",
    "date_of_birth": "17/08/1990",
}  # fmt: skip


def unrecognised(desk: Desk, **about: str) -> Talk:
    talk = desk.talk(**about)
    talk.gives(**PERSON)
    talk.says(Command.AFFIRM)
    return talk


def test_nothing_is_compared_before_consent(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(**PERSON)

    assert talk.step.asking == "consent"
    assert "match_failed" not in desk.audited()


def test_tax_code_and_policy_number_lead_to_the_masked_contacts_on_file(desk: Desk) -> None:
    talk = unrecognised(desk)
    assert talk.codes == ["not_recognised"]
    assert talk.step.asking == "tax_code"

    assert talk.says(tax_code=TAX_CODE.lower()).asking == "policy_number"
    step = talk.says(policy_number="ina 55120")

    assert step.asking == "contact_choice"
    assert [(choice.id, choice.title) for choice in step.choices] == [
        ("sms", "340 *****21"),
        ("email", "lu****@e****.it"),
    ]


def test_who_is_found_at_once_with_another_name_is_not_told_the_contrary(desk: Desk) -> None:
    talk = unrecognised(desk)
    talk.gives(tax_code=TAX_CODE, policy_number="INA-55120")
    assert talk.step.asking == "contact_choice"

    step = talk.says(Command.CORRECT, first_name="Luca Maria Ferrari")

    assert "not_recognised" not in talk.codes
    assert step.asking in {"contact_choice", "policy_number"}


@pytest.mark.parametrize("answer", ["email", "lu****@e****.it", "luca.ferrari@example.it", "mail"])
def test_a_contact_is_chosen_by_button_mask_or_words(desk: Desk, answer: str) -> None:
    talk = unrecognised(desk)
    talk.gives(tax_code=TAX_CODE, policy_number="INA-55120")

    step = talk.says(contact_choice=answer)

    assert step.asking == "otp_code"
    assert step.filled["contact_choice"] == "lu****@e****.it"
    talk.says(otp_code=desk.code_to("luca.ferrari@example.it"))
    assert talk.step.asking == "password_page"


def test_a_contact_typed_at_the_choice_is_a_choice(desk: Desk) -> None:
    talk = unrecognised(desk)
    talk.gives(tax_code=TAX_CODE, policy_number="INA-55120")

    assert talk.says(contact="340 765 4321").asking == "otp_code"


def test_an_unknown_choice_is_asked_again(desk: Desk) -> None:
    talk = unrecognised(desk)
    talk.gives(tax_code=TAX_CODE, policy_number="INA-55120")

    step = talk.says(contact_choice="the third one")

    assert talk.codes == ["choice_unknown"]
    assert step.asking == "contact_choice"
    assert len(step.choices) == 2


def test_the_date_of_birth_stands_in_for_a_policy_number_not_at_hand(desk: Desk) -> None:
    talk = unrecognised(desk)
    talk.says(tax_code=TAX_CODE)

    assert talk.says(Command.NOT_AVAILABLE).asking == "date_of_birth"
    assert talk.says(date_of_birth="14 luglio 1990").asking == "contact_choice"


def test_a_tax_code_alone_reveals_nothing(desk: Desk) -> None:
    talk = unrecognised(desk)

    step = talk.says(tax_code=TAX_CODE)

    assert step.choices == ()
    assert step.asking == "policy_number"
    step = talk.says(policy_number="401122334")
    assert talk.codes == ["identity_not_found"]
    assert step.choices == ()


def test_who_has_neither_datum_is_told_whom_to_ask(desk: Desk) -> None:
    talk = unrecognised(desk)
    talk.says(tax_code=TAX_CODE)
    talk.says(Command.NOT_AVAILABLE)

    step = talk.says(Command.NOT_AVAILABLE)

    assert talk.codes == ["contact_help"]
    assert step.outcome is Outcome.PERSON


@pytest.mark.parametrize(
    ("corrections", "asking"),
    [
        ({"policy_number": "INA-55120"}, "contact_choice"),
        ({"date_of_birth": "14/07/1990"}, "policy_number"),
        ({"contact": "luca.ferrari@example.it"}, "otp_code"),
    ],
)
def test_what_did_not_fit_may_be_corrected(
    desk: Desk, corrections: dict[str, str], asking: str
) -> None:
    talk = unrecognised(desk)
    talk.gives(tax_code=TAX_CODE, policy_number="401122334")
    assert talk.codes == ["identity_not_found"]

    assert talk.says(**corrections).asking == asking


def test_a_corrected_tax_code_is_compared_with_the_datum_already_given(desk: Desk) -> None:
    talk = unrecognised(desk)
    talk.gives(tax_code="BNCGLI85D43L219M", policy_number="INA-55120")

    assert talk.says(tax_code=TAX_CODE).asking == "contact_choice"


@pytest.mark.parametrize("refusal", [Command.DENY, Command.NOT_AVAILABLE])
@pytest.mark.parametrize(
    ("name", "tax_code", "number", "scheme"),
    [
        ("Luca Ferrari", TAX_CODE, "INA-55120", "inarcassa"),
        ("Paolo Galli", "GLLPLA68C25A794X", "CG-77001", "cassa_geometri"),
        ("Chiara Esposito", "SPSCHR88B69H703E", "411122678", "employer"),
        ("Marco De Luca", "DLCMRC72S20F839X", "402200117", "agency"),
    ],
)
def test_whom_none_of_the_contacts_fits_is_sent_where_their_scheme_helps(
    desk: Desk, name: str, tax_code: str, number: str, scheme: str, refusal: Command
) -> None:
    talk = desk.talk()
    talk.gives(profile="person", first_name=name, contact="333 999 8877")
    talk.says(Command.AFFIRM)
    talk.gives(tax_code=tax_code, policy_number=number)

    step = talk.says(refusal)

    assert step.outcome is Outcome.REFUSED
    assert talk.remark("no_contact_fits").facts == {"scheme": scheme}


def test_a_company_needs_only_a_policy_number_more(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(
        profile="company", company_name="Trattoria Da Nino", vat_number="07765100883",
        contact="333 999 8877",
    )  # fmt: skip

    assert talk.says(Command.AFFIRM).asking == "policy_number"
    assert talk.says(policy_number="410011567").asking == "contact_choice"


def test_a_company_cannot_do_with_a_date_of_birth(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(
        profile="company", company_name="Trattoria Da Nino", vat_number="07765100883",
        contact="333 999 8877",
    )  # fmt: skip
    talk.says(Command.AFFIRM)

    assert talk.says(Command.NOT_AVAILABLE).outcome is Outcome.PERSON


@pytest.mark.parametrize(
    "wrong",
    [
        {"policy_number": "00133872"},
        {"first_name": "Budi Susanto"},
        {"date_of_birth": "18/08/1990"},
        {"policy_number": "99999999"},
    ],
)
def test_in_indonesia_every_datum_counts_and_every_one_may_be_corrected(
    desk: Desk, wrong: dict[str, str]
) -> None:
    talk = desk.talk("id")
    talk.gives(**(BUDI | wrong))
    step = talk.says(Command.AFFIRM)
    assert talk.codes == ["not_recognised"]
    assert step.asking == "policy_number"

    step = talk.says(**{slot: BUDI[slot] for slot in wrong})

    assert step.asking == "otp_code"
    assert "code_sent" in talk.codes


def claims(talk: Talk, number: str) -> Step:
    return talk.says(policy_number=number)


@pytest.mark.parametrize(("wrong", "blocked"), [(4, False), (5, True)])
def test_a_conversation_may_be_wrong_five_times(desk: Desk, wrong: int, blocked: bool) -> None:
    talk = desk.talk("id")
    talk.gives(**(BUDI | {"policy_number": "90000000"}))
    talk.says(Command.AFFIRM)
    for number in range(1, wrong):
        assert claims(talk, f"9000000{number}").asking == "policy_number"

    step = claims(talk, "00120451")

    assert ("matching_blocked" in talk.codes) is blocked
    assert step.asking == (None if blocked else "otp_code")
    assert step.outcome is (Outcome.PERSON if blocked else None)


@pytest.mark.parametrize(("wrong", "blocked"), [(4, False), (5, True)])
def test_a_policy_number_may_be_guessed_at_five_times_a_day(
    desk: Desk, wrong: int, blocked: bool
) -> None:
    for day in range(1, wrong + 1):
        talk = desk.talk("id")
        talk.gives(**(BUDI | {"date_of_birth": f"{day}/01/1990"}))
        talk.says(Command.AFFIRM)
        assert talk.codes == ["not_recognised"]

    talk = desk.talk("id")
    talk.gives(**BUDI)
    talk.says(Command.AFFIRM)
    assert ("matching_blocked" in talk.codes) is blocked

    desk.clock.forward(24 * 3600)
    talk = desk.talk("id")
    talk.gives(**BUDI)
    assert talk.says(Command.AFFIRM).asking == "otp_code"


@pytest.mark.parametrize(("wrong", "blocked"), [(9, False), (10, True)])
def test_a_client_may_be_wrong_ten_times_an_hour(desk: Desk, wrong: int, blocked: bool) -> None:
    for number in range(wrong):
        talk = desk.talk("id", client="one-address")
        talk.gives(**(BUDI | {"policy_number": f"900000{number:02d}"}))
        talk.says(Command.AFFIRM)

    talk = desk.talk("id", client="one-address")
    talk.gives(**BUDI)
    talk.says(Command.AFFIRM)

    assert ("matching_blocked" in talk.codes) is blocked
