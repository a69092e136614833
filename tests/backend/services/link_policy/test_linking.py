"""From an account to an account with one more policy, in both markets."""

from __future__ import annotations

import pytest

from backend.core.flow import Command, Outcome
from backend.core.requests import Reason
from tests.backend.desk import Desk
from tests.backend.services.link_policy.counter import (
    BORN,
    BRAMBILLA,
    BUDI,
    GIULIA,
    by_code,
    confirmed,
    opens,
    policies_of,
    summed_up,
    takes_in,
)
from tests.backend.services.people import (
    BUDI_EMAIL,
    BUDI_MOBILE,
    GIULIA_MOBILE,
    registered,
)
from tests.backend.services.people import GIULIA as GIULIA_EMAIL

AGUS_MOBILE, AGUS_EMAIL = "+628111222333", "agus.wk@example.co.id"
KETUT_MOBILE = "+6281999888777"


def test_indonesia_asks_type_number_and_birth_and_links(desk: Desk) -> None:
    talk = by_code(desk, "budi", BUDI_MOBILE)
    assert talk.step.asking == "policy_type"
    assert talk.says(policy_type="Individu").asking == "policy_number"
    assert talk.step.facts["policy_example"] == "00123456"
    assert talk.says(policy_number="0012 0999").asking == "date_of_birth"
    step = talk.says(date_of_birth="17 Agustus 1990")
    assert step.asking == "confirmation"
    assert (step.filled["policy_number"], step.filled["date_of_birth"]) == (
        "*****999", "**/**/1990",
    )  # fmt: skip

    step = talk.says(Command.AFFIRM)

    assert step.outcome is Outcome.COMPLETED
    assert talk.remark("policy_linked").facts == {"policy": "*****999", "product": "Kesehatan Plus"}
    assert step.facts["next_offer"] == "link_policy"
    with desk.backend.uow(read_only=True) as uow:
        proof = uow.identities.of(talk.id)
        assert proof
        linked = [policy.number for policy in uow.customers.policies_in_account(proof.account_id)]
    assert linked == ["00120451", "00120999"]


def test_every_contact_of_the_owner_is_told_and_the_audit_knows(desk: Desk) -> None:
    talk = by_code(desk, "budi", BUDI_MOBILE)
    before = desk.audited()
    confirmed(talk, "00120999")

    for contact in (BUDI_MOBILE, BUDI_EMAIL):
        newest = desk.sent(contact)[0]
        assert "*****999" in newest
        assert "00120999" not in newest
    assert desk.audited()[len(before) :] == ["match_ok", "policy_linked"]


def test_italy_asks_no_type(desk: Desk) -> None:
    account = registered(desk, "giulia")
    takes_in(desk, GIULIA)
    talk = opens(desk, account, contact=GIULIA_EMAIL)
    assert talk.step.asking == "policy_number"

    confirmed(talk, "401 122 399", BORN["giulia"])

    assert talk.codes == ["policy_linked"]
    assert "401122399" in policies_of(desk, account)
    assert "*****399" in desk.sent(GIULIA_MOBILE)[0]


def test_italy_takes_every_policy_of_the_same_person(desk: Desk) -> None:
    account = registered(desk, "giulia")
    takes_in(desk, GIULIA)
    turns_into_group(desk, "it", "401122399")
    talk = opens(desk, account, contact=GIULIA_EMAIL)

    confirmed(talk, "401122399", BORN["giulia"])

    assert talk.codes == ["policy_linked"]


def test_a_company_gives_its_vat_number(desk: Desk) -> None:
    account = registered(desk, "brambilla")
    takes_in(desk, BRAMBILLA)
    talk = opens(desk, account, contact="amministrazione@brambilla.example")
    assert talk.says(policy_number="409900499").asking == "vat_number"
    assert talk.says(vat_number="012 887 00154").asking == "confirmation"

    talk.says(Command.AFFIRM)

    assert talk.codes == ["policy_linked"]


def test_several_go_in_a_row(desk: Desk) -> None:
    talk = by_code(desk, "budi", BUDI_MOBILE)
    confirmed(talk, "00120999")

    again = desk.talk("id", flow="link_policy", conversation=talk.id)
    assert again.step.asking == "policy_type"
    confirmed(again, "DPLK-300011")

    assert again.codes == ["policy_linked"]
    assert again.remark("policy_linked").facts["product"] == "Dana Pensiun"


def test_everything_may_come_with_the_wish(desk: Desk) -> None:
    account = registered(desk, "budi")
    talk = opens(
        desk, account, contact=BUDI_MOBILE, policy_number="00120999", date_of_birth="17/8/1990"
    )

    assert talk.step.asking == "confirmation"
    assert talk.says(Command.AFFIRM).outcome is Outcome.COMPLETED


def test_data_that_come_while_it_is_being_proved_who_writes_are_kept(desk: Desk) -> None:
    talk = by_code(desk, "budi", BUDI_MOBILE, policy_number="00120999")

    assert talk.step.asking == "date_of_birth"
    assert talk.step.filled["policy_type"] == "individual"


def test_a_datum_of_the_other_kind_of_holder_does_not_count(desk: Desk) -> None:
    account = registered(desk, "giulia")
    talk = desk.talk("it", flow="link_policy")
    talk.says(username=account.username, vat_number="01288700154", policy_number="401122399")
    talk.says(contact_choice="email")
    step = talk.says(otp_code=desk.code_to(GIULIA_EMAIL))

    assert step.asking == "date_of_birth"
    assert "vat_number" not in step.filled


# The matrix ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer", [{"policy_type": "group"}, {"policy_number": "GRP-2305-0044"}], ids=["type", "number"]
)
def test_a_group_account_takes_no_other_group_policy_and_nothing_more_is_asked(
    desk: Desk, answer: dict[str, str]
) -> None:
    talk = by_code(desk, "agus", AGUS_MOBILE)
    sent = len(desk.sent(AGUS_MOBILE)), len(desk.sent(AGUS_EMAIL))

    step = talk.says(**answer)

    assert (step.outcome, talk.codes) == (Outcome.REFUSED, ["group_not_linkable"])
    assert (len(desk.sent(AGUS_MOBILE)), len(desk.sent(AGUS_EMAIL))) == sent


def turns_into_group(desk: Desk, market: str, number: str) -> None:
    """What no number tells: the file of the insurer calls it a group policy."""
    with desk.backend.uow() as uow:
        held = uow.customers.with_policy(market, number)
        assert held
        uow.customers.upsert_policy(market, number, held[0].id, policy_type="group")
        uow.commit()


def test_the_number_tells_the_type_better_than_a_button(desk: Desk) -> None:
    talk = by_code(desk, "agus", AGUS_MOBILE)
    talk.says(policy_type="individual")

    talk.says(policy_number="GRP 2305 0044")

    assert (talk.step.outcome, talk.codes[-1]) == (Outcome.REFUSED, "group_not_linkable")


def test_what_was_said_early_meets_the_matrix_before_any_other_question(desk: Desk) -> None:
    talk = by_code(desk, "agus", AGUS_MOBILE, policy_type="group")

    assert (talk.step.outcome, talk.codes) == (Outcome.REFUSED, ["group_not_linkable"])


def test_a_corrected_type_meets_the_matrix_too(desk: Desk) -> None:
    talk = by_code(desk, "agus", AGUS_MOBILE)
    summed_up(talk, "00155010", BORN["agus"])

    talk.says(Command.CORRECT, policy_type="group")

    assert (talk.step.outcome, talk.codes[-1]) == (Outcome.REFUSED, "group_not_linkable")


@pytest.mark.parametrize(
    ("name", "contact", "number"),
    [
        ("agus", AGUS_MOBILE, "00155010"),
        ("agus", AGUS_MOBILE, "DPLK-300078"),
        ("budi", BUDI_MOBILE, "DPLK-300011"),
        ("budi", BUDI_MOBILE, "00120999"),
    ],
)
def test_the_matrix_lets_the_rest_through(desk: Desk, name: str, contact: str, number: str) -> None:
    talk = by_code(desk, name, contact)

    confirmed(talk, number, BORN[name])

    assert talk.codes == ["policy_linked"]


def group_policy(name: str) -> dict[str, str]:
    budis = BUDI | {"policy_number": "GRP-4401-0001", "policy_type": "group"}
    ketuts = budis | {
        "customer_id": "ID-0006", "first_name": "Ketut", "last_name": "Arnaya",
        "date_of_birth": "1974-04-04", "place_of_birth": "Denpasar",
        "email": "ketut.arnaya@example.co.id", "mobile": KETUT_MOBILE,
    }  # fmt: skip
    return budis if name == "budi" else ketuts


@pytest.mark.parametrize(("name", "contact"), [("budi", BUDI_MOBILE), ("ketut", KETUT_MOBILE)])
def test_a_group_policy_goes_to_a_person_who_may_link_it(
    desk: Desk, name: str, contact: str
) -> None:
    takes_in(desk, group_policy(name))
    talk = by_code(desk, name, contact)
    step = confirmed(talk, "GRP-4401-0001", BORN[name])

    assert (step.outcome, talk.codes) == (Outcome.COMPLETED, ["link_needs_person"])
    number = str(talk.remark("link_needs_person").facts["request_number"])
    with desk.backend.uow(read_only=True) as uow:
        request = desk.backend.requests.numbered(uow, number)
    assert (request.is_open, request.is_proven, request.contact) == (True, True, contact)
    assert request.details["policy_number"] == "GRP-4401-0001"
    with desk.backend.uow(read_only=True) as uow:
        account = uow.accounts.get(request.account_id or "")
    assert account
    assert "GRP-4401-0001" not in policies_of(desk, account)

    desk.backend.requests.approve(number, "anna.verdi@staff.example.it", 1)

    assert policies_of(desk, account)[-1] == "GRP-4401-0001"
    assert desk.audited().count("policy_linked") == 1
    assert number in desk.sent(contact)[0]
    assert "********001" in desk.sent(desk_email(name))[0]


def desk_email(name: str) -> str:
    return {"budi": BUDI_EMAIL, "ketut": "ketut.arnaya@example.co.id"}[name]


def test_a_group_policy_that_staff_refuse_stays_out(desk: Desk) -> None:
    takes_in(desk, group_policy("budi"))
    talk = by_code(desk, "budi", BUDI_MOBILE)
    confirmed(talk, "GRP-4401-0001")
    number = str(talk.remark("link_needs_person").facts["request_number"])

    desk.backend.requests.reject(number, "anna.verdi@staff.example.it", Reason.NOT_ENTITLED, 1)

    assert desk.audited().count("policy_linked") == 0


def test_a_second_request_names_the_one_that_waits(desk: Desk) -> None:
    takes_in(desk, group_policy("budi"))
    talk = by_code(desk, "budi", BUDI_MOBILE)
    confirmed(talk, "GRP-4401-0001")
    number = talk.remark("link_needs_person").facts["request_number"]

    again = desk.talk("id", flow="link_policy", conversation=talk.id)
    step = confirmed(again, "GRP-4401-0001")

    assert (step.outcome, again.codes) == (Outcome.REFUSED, ["request_open"])
    assert again.remark("request_open").facts == {"request_number": number}
    assert step.facts["next_offer"] == "check_request"


def test_the_type_on_file_decides_in_the_end(desk: Desk) -> None:
    turns_into_group(desk, "id", "00155010")
    talk = by_code(desk, "agus", AGUS_MOBILE)

    confirmed(talk, "00155010", BORN["agus"])

    assert (talk.step.outcome, talk.codes) == (Outcome.REFUSED, ["group_not_linkable"])


# What cannot be linked ----------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["00120451", "GRP-2201-0007"])
def test_a_policy_that_is_in_the_account_is_named_as_such(desk: Desk, number: str) -> None:
    name, contact = ("agus", AGUS_MOBILE) if "GRP" in number else ("budi", BUDI_MOBILE)
    talk = by_code(desk, name, contact)
    notices = len(desk.sent(contact))

    step = confirmed(talk, number, BORN[name])

    assert (step.outcome, talk.codes) == (Outcome.COMPLETED, ["policy_already_linked"])
    assert set(talk.remark("policy_already_linked").facts) == {"policy"}
    assert step.facts["next_offer"] == "link_policy"
    assert len(desk.sent(contact)) == notices


def test_a_lapsed_policy_of_theirs_is_refused_as_lapsed(desk: Desk) -> None:
    takes_in(desk, BUDI | {"policy_number": "00190009", "status": "lapsed"})
    talk = by_code(desk, "budi", BUDI_MOBILE)

    step = confirmed(talk, "00190009")

    assert (step.outcome, talk.codes) == (Outcome.REFUSED, ["policy_lapsed"])


def test_a_lapsed_policy_of_somebody_else_is_not_found(desk: Desk) -> None:
    talk = by_code(desk, "budi", BUDI_MOBILE)

    step = confirmed(talk, "00178234", "11/11/1998")

    assert (step.asking, talk.codes) == ("policy_number", ["policy_not_found"])
