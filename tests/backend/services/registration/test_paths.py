"""Every profile of both markets, from the first question to the first look at one's policies."""

from __future__ import annotations

import pytest

from backend.core.flow import Command, Outcome
from tests.backend.desk import GOOD_PASSWORD, Desk, Talk

ITALIANS = [
    pytest.param(
        {"profile": "person", "first_name": "Giulia Bianchi", "contact": "320 123 4519"},
        "+393201234519", {"401122334", "401122335"}, id="person with a mobile number",
    ),
    pytest.param(
        {"profile": "person", "first_name": "Anna Maria Dell'Orto",
         "contact": "annamaria.dellorto@example.com"},
        "annamaria.dellorto@example.com", {"403300218"}, id="person with an e-mail address",
    ),
    pytest.param(
        {"profile": "person", "first_name": "marco de luca", "contact": "+39 333 1112244"},
        "+393331112244", {"402200117"}, id="person with a particle in the name",
    ),
    pytest.param(
        {"profile": "person", "first_name": "O\u2019Brien John", "contact": "345 777 8899"},
        "+393457778899", {"412233789"}, id="person with a foreign name, last name first",
    ),
    pytest.param(
        {"profile": "person", "first_name": "Sara Rizzo", "contact": "sara.rizzo@example.it"},
        "sara.rizzo@example.it", {"407700990", "407700991"}, id="one policy of two lapsed",
    ),
    pytest.param(
        {"profile": "professional", "first_name": "Davide Moretti",
         "vat_number": "IT 03914620277", "contact": "studio.moretti@example.it"},
        "studio.moretti@example.it", {"408800123"}, id="professional",
    ),
    pytest.param(
        {"profile": "company", "company_name": "Officine Brambilla srl",
         "vat_number": "01288700154", "contact": "amministrazione@brambilla.example"},
        "amministrazione@brambilla.example", {"409900456", "409900457"}, id="company",
    ),
]  # fmt: skip
INDONESIANS = [
    pytest.param(
        {"policy_type": "individual", "policy_number": "00120451", "first_name": "Budi Santoso",
         "date_of_birth": "17 Agustus 1990"},
        "+6281234567890", "00120451", id="Individu",
    ),
    pytest.param(
        {"policy_type": "group", "policy_number": "GRP 2201 0007",
         "first_name": "Agus Wijaya Kusuma", "date_of_birth": "14/03/1982"},
        "+628111222333", "GRP-2201-0007", id="Group",
    ),
    pytest.param(
        {"policy_type": "group", "policy_number": "GRP-2201-0015", "first_name": "Dewi Lestari",
         "date_of_birth": "21-07-1993"},
        "dewi.lestari@example.co.id", "GRP-2201-0015", id="Group, e-mail only",
    ),
    pytest.param(
        {"policy_type": "dplk", "policy_number": "DPLK-300145", "first_name": "Ketut Arnaya",
         "date_of_birth": "4 April 1974"},
        "+6281999888777", "DPLK-300145", id="DPLK",
    ),
    pytest.param(
        {"policy_type": "individual", "policy_number": "00140003", "first_name": "Sulastri",
         "last_name": "-", "date_of_birth": "31 Desember 1979"},
        "+6285712345678", "00140003", id="single name",
    ),
    pytest.param(
        {"policy_type": "individual", "policy_number": "00189911",
         "first_name": "Mrs Margaret Thompson", "date_of_birth": "19 January 1969"},
        "+6281122334455", "00189911", id="foreigner",
    ),
]  # fmt: skip


def through_the_code(talk: Talk, answers: dict[str, str], contact: str) -> None:
    for slot, answer in answers.items():
        assert talk.step.asking == slot
        talk.says(**{slot: answer})
    assert talk.step.asking == "consent"
    talk.says(Command.AFFIRM)
    assert talk.step.asking == "otp_code"
    talk.says(otp_code=talk.desk.code_to(contact))
    assert talk.step.asking == "password_page"
    assert talk.codes == ["account_ready", "password_link"]


def log_in(desk: Desk, username: str, second_code_to: str) -> set[str]:
    login = desk.backend.area.login(username, GOOD_PASSWORD)
    assert login.token
    session = desk.backend.area.confirm(login.token, desk.code_to(second_code_to))
    assert session.token
    return {policy.number for policy in desk.backend.area.policies(session.token)}


@pytest.mark.parametrize("language", ["it", "en", "id"])
@pytest.mark.parametrize(("answers", "contact", "policies"), ITALIANS)
def test_an_italian_customer_registers_with_a_contact_on_file(
    desk: Desk, answers: dict[str, str], contact: str, policies: set[str], language: str
) -> None:
    talk = desk.talk("it", language)

    through_the_code(talk, answers, contact)
    talk.sets_password()

    assert talk.step.outcome is Outcome.COMPLETED
    assert talk.codes == ["registered"]
    with desk.backend.uow(read_only=True) as uow:
        account = uow.accounts.by_username("it", contact)
        assert account
        assert not account.is_pending
        seen = {policy.number for policy in uow.customers.policies_in_account(account.id)}
        (consent,) = uow.accounts.consents_of(account.id)
    assert seen == policies
    assert (consent.kind, consent.language) == ("privacy_notice", language)


@pytest.mark.parametrize("language", ["id", "en", "it"])
@pytest.mark.parametrize(("answers", "contact", "policy"), INDONESIANS)
def test_an_indonesian_customer_registers_with_policy_and_own_data(
    desk: Desk, answers: dict[str, str], contact: str, policy: str, language: str
) -> None:
    talk = desk.talk("id", language)

    through_the_code(talk, answers, contact)
    ready = talk.remark("account_ready")
    talk.sets_password()

    assert talk.step.outcome is Outcome.COMPLETED
    assert ready.facts["username_kind"] == "generated"
    assert log_in(desk, str(ready.facts["username"]), contact) == {policy}


def test_the_new_account_logs_in_with_its_contact_however_it_is_written(desk: Desk) -> None:
    talk = desk.talk()
    through_the_code(
        talk,
        {"profile": "person", "first_name": "Giulia Bianchi", "contact": "3201234519"},
        "+393201234519",
    )
    talk.sets_password()

    assert log_in(desk, "+39 320.123.45.19", "+393201234519") == {"401122334", "401122335"}


def test_several_answers_may_come_at_once_and_out_of_order(desk: Desk) -> None:
    talk = desk.talk()

    step = talk.says(contact="320 1234519", first_name="Giulia", last_name="Bianchi")
    assert step.asking == "profile"
    step = talk.says(profile="Persona")

    assert step.asking == "consent"
    assert step.filled["contact"] == "320 *****19"
    assert step.filled["first_name"] == "G****"


def test_a_policy_number_tells_its_type(desk: Desk) -> None:
    talk = desk.talk("id")

    step = talk.says(policy_number="GRP22010007")

    assert step.asking == "first_name"
    assert set(step.accepted) == {"policy_type", "policy_number"}


def test_only_lapsed_policies_open_no_account_and_are_told_after_the_code(desk: Desk) -> None:
    talk = desk.talk("id")
    talk.gives(
        policy_type="individual", policy_number="00178234", first_name="Rizky Pratama",
        date_of_birth="11/11/1998",
    )  # fmt: skip
    assert talk.says(Command.AFFIRM).asking == "otp_code"

    step = talk.says(otp_code=desk.code_to("+6287811223344"))

    assert talk.codes == ["policy_lapsed"]
    assert step.outcome is Outcome.REFUSED
    assert "account_created" not in desk.audited()


def test_a_business_customer_gets_a_code_and_a_link(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(
        profile="company", company_name="Officine Brambilla", vat_number="01288700154",
        contact="335 123 9876",
    )  # fmt: skip

    talk.says(Command.AFFIRM)

    sent = talk.remark("code_and_link_sent")
    assert (sent.facts["seconds"], sent.facts["minutes"]) == (120, 10)
    (body,) = desk.sent("+393351239876")
    assert "http://127.0.0.1:8000/t/" in body


def test_the_account_is_announced_on_every_contact_on_file(desk: Desk) -> None:
    talk = desk.talk()
    through_the_code(
        talk,
        {"profile": "person", "first_name": "Giulia Bianchi", "contact": "3201234519"},
        "+393201234519",
    )

    (mail,) = desk.sent("giulia.bianchi@example.it")
    assert "Area Clienti" in mail


@pytest.mark.parametrize(
    ("market", "answers", "contact", "offer"),
    [
        (
            "it",
            {"profile": "person", "first_name": "Elena Conti", "contact": "elena.conti@example.it"},
            "elena.conti@example.it",
            "update_mobile",
        ),
        (
            "id",
            {"policy_type": "individual", "policy_number": "00120451",
             "first_name": "Budi Santoso", "date_of_birth": "17/8/1990"},
            "+6281234567890",
            "link_policy",
        ),
        (
            "it",
            {"profile": "person", "first_name": "Giulia Bianchi", "contact": "3201234519"},
            "+393201234519",
            "nothing",
        ),
    ],
)  # fmt: skip
def test_the_end_names_the_next_useful_thing(
    desk: Desk, market: str, answers: dict[str, str], contact: str, offer: str
) -> None:
    talk = desk.talk(market)
    through_the_code(talk, answers, contact)

    assert talk.sets_password().facts["next_offer"] == offer
