"""From the first question to the user name on the contacts on file."""

from __future__ import annotations

import pytest

from backend.core.flow import Command, Outcome
from tests.backend.desk import Desk
from tests.backend.services.people import GIULIA, GIULIA_MOBILE, registered
from tests.backend.services.recover_username.forgetful import (
    BRAMBILLA_SAYS,
    BUDI_CONTACTS,
    BUDI_SAYS,
    DAVIDE_SAYS,
    GIULIA_CONTACTS,
    GIULIA_SAYS,
    SULASTRI_SAYS,
    asks,
    confirms,
    forgot,
    outbox,
)

WITH_ACCOUNT = [
    pytest.param("giulia", "it", GIULIA_SAYS, GIULIA_CONTACTS, id="person"),
    pytest.param(
        "brambilla", "it", BRAMBILLA_SAYS,
        ("+393351239876", "amministrazione@brambilla.example"), id="company",
    ),
    pytest.param("budi", "id", BUDI_SAYS, BUDI_CONTACTS, id="Individu"),
    pytest.param(
        "agus", "id",
        {"policy_number": "GRP 2201 0007", "first_name": "Agus Wijaya Kusuma",
         "date_of_birth": "14 Maret 1982"},
        ("+628111222333", "agus.wk@example.co.id"), id="Group",
    ),
]  # fmt: skip
WITHOUT_ACCOUNT = [
    pytest.param("it", DAVIDE_SAYS, ("+393476543210", "studio.moretti@example.it"), id="it"),
    pytest.param("id", SULASTRI_SAYS, ("+6285712345678",), id="id, single name, one contact"),
]


@pytest.mark.parametrize(("name", "market", "answers", "contacts"), WITH_ACCOUNT)
def test_the_user_name_goes_to_every_contact_on_file(
    desk: Desk, name: str, market: str, answers: dict[str, str], contacts: tuple[str, ...]
) -> None:
    account = registered(desk, name)
    before = len(outbox(desk))

    step = confirms(desk, answers, market)

    assert step.outcome is Outcome.COMPLETED
    assert [(remark.code, dict(remark.facts)) for remark in step.remarks] == [("username_sent", {})]
    assert step.facts["next_offer"] == "reset_password"
    sent = outbox(desk)[: len(outbox(desk)) - before]
    assert sorted(to for to, _ in sent) == sorted(contacts)
    assert all(account.username in body for _, body in sent)


@pytest.mark.parametrize(("market", "answers", "contacts"), WITHOUT_ACCOUNT)
def test_who_has_no_account_yet_is_told_so_on_the_contacts_on_file(
    desk: Desk, market: str, answers: dict[str, str], contacts: tuple[str, ...]
) -> None:
    step = confirms(desk, answers, market)

    assert [remark.code for remark in step.remarks] == ["username_sent"]
    assert sorted(to for to, _ in outbox(desk)) == sorted(contacts)
    notices = desk.backend.notices.listing()
    assert len(notices) == len(contacts)


def test_an_account_whose_password_was_never_set_is_none_yet(desk: Desk) -> None:
    talk = desk.talk("id")
    talk.gives(**BUDI_SAYS)
    talk.says(Command.AFFIRM)
    talk.says(otp_code=desk.code_to(BUDI_CONTACTS[0]))
    username = str(talk.remark("account_ready").facts["username"])

    confirms(desk, BUDI_SAYS, "id")

    newest = outbox(desk)[:2]
    assert {to for to, _ in newest} == set(BUDI_CONTACTS)
    assert not any(username in body for _, body in newest)


def test_data_that_fit_nobody_are_answered_to_nobody(desk: Desk) -> None:
    registered(desk, "giulia")
    before = len(outbox(desk))

    step = confirms(desk, GIULIA_SAYS | {"first_name": "Giulio Bianchi"})
    desk.backend.notices.deliver_due()

    assert [remark.code for remark in step.remarks] == ["username_sent"]
    assert step.facts["next_offer"] == "reset_password"
    assert len(outbox(desk)) == before


@pytest.mark.parametrize(
    ("market", "asked"),
    [
        ("it", ["profile", "first_name", "last_name", "tax_code", "policy_number"]),
        ("id", ["policy_type", "policy_number", "first_name", "last_name", "date_of_birth"]),
    ],
)
def test_one_datum_is_asked_after_the_other(desk: Desk, market: str, asked: list[str]) -> None:
    answers = (
        {**GIULIA_SAYS, "first_name": "Giulia", "last_name": "Bianchi"}
        if market == "it"
        else {**BUDI_SAYS, "first_name": "Budi", "last_name": "Santoso"}
    )
    talk = forgot(desk, market)
    seen = []
    for slot in asked:
        seen.append(talk.step.asking)
        talk.says(**{slot: answers[slot]})

    assert seen == asked
    assert talk.step.asking == "confirmation"


def test_a_company_is_asked_for_its_vat_number_and_a_policy(desk: Desk) -> None:
    talk = forgot(desk)
    asked = [talk.step.asking]
    for slot, answer in BRAMBILLA_SAYS.items():
        asked.append(talk.says(**{slot: answer}).asking)

    assert asked == ["profile", "company_name", "vat_number", "policy_number", "confirmation"]


def test_the_date_of_birth_stands_in_for_a_policy_number_not_at_hand(desk: Desk) -> None:
    account = registered(desk, "giulia")
    talk = forgot(desk)
    talk.gives(profile="persona", first_name="Giulia Bianchi", tax_code="BNCGLI85D43L219M")

    assert talk.says(Command.NOT_AVAILABLE).asking == "date_of_birth"
    assert talk.says(date_of_birth="3 aprile 1985").asking == "confirmation"
    talk.says(Command.AFFIRM)

    assert account.username in desk.sent(GIULIA_MOBILE)[0]


def test_a_policy_number_found_after_all_counts(desk: Desk) -> None:
    account = registered(desk, "giulia")
    talk = forgot(desk)
    talk.gives(profile="persona", first_name="Giulia Bianchi", tax_code="BNCGLI85D43L219M")
    talk.says(Command.NOT_AVAILABLE)

    assert talk.says(policy_number="401 122 334").asking == "confirmation"
    talk.says(Command.AFFIRM)

    assert account.username in desk.sent(GIULIA_MOBILE)[0]


def test_everything_may_come_at_once_and_with_the_wish_itself(desk: Desk) -> None:
    step = forgot(desk).says(**GIULIA_SAYS)
    opened = forgot(desk, saying=dict(GIULIA_SAYS)).step

    assert step.asking == opened.asking == "confirmation"
    assert step.filled["tax_code"] == "BNC*********219M"
    assert step.filled["policy_number"] == "******334"


def test_a_policy_number_tells_its_type_and_how_others_look_is_shown(desk: Desk) -> None:
    talk = forgot(desk, "id")
    assert talk.says(policy_type="group").facts["policy_example"] == "GRP-1234-0001"

    step = talk.says(policy_number="DPLK 300145")

    assert step.filled["policy_type"] == "dplk"
    assert step.asking == "first_name"


@pytest.mark.parametrize("language", ["it", "id", "en"])
def test_the_answer_speaks_the_language_of_the_chat(desk: Desk, language: str) -> None:
    registered(desk, "giulia")
    talk = desk.talk("it", language, flow="recover_username")
    talk.gives(**GIULIA_SAYS)
    talk.says(Command.AFFIRM)

    greeting = {"it": "Buongiorno", "id": "Halo", "en": "Hello"}[language]
    assert desk.sent(GIULIA)[0].startswith(greeting)


def test_it_is_audited_without_a_name_or_contact(desk: Desk) -> None:
    asks(desk, GIULIA_SAYS).says(Command.AFFIRM)

    assert desk.audited()[-2:] == ["match_ok", "username_asked"]
