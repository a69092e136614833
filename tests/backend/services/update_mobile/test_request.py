"""Italy: the assistance request of the guides, from the wish to its number."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from backend.adapters.tables.accounts import consents
from backend.core.errors import LinkUsed
from backend.core.flow import REMARKS, Command, Outcome
from backend.core.requests import Kind
from engine.masking import is_choice, looks_masked
from tests.backend.desk import Desk
from tests.backend.services.people import GIULIA, GIULIA_MOBILE, registered
from tests.backend.services.update_mobile.form import (
    HOME,
    NEW,
    NEW_WRITTEN,
    asks,
    at_the_code,
    customer,
    giulia_proved,
    kept_files,
    proved,
    requests,
    uploads,
)


def test_a_proved_customer_is_asked_only_what_the_file_does_not_know(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = asks(desk)
    asked = [
        talk.step.asking,
        talk.says(username=GIULIA).asking,
        talk.says(contact_choice="email").asking,
        talk.says(otp_code=desk.code_to(GIULIA)).asking,
        talk.says(address="Via Garibaldi 7").asking,
        talk.says(city="Torino").asking,
        talk.says(new_mobile=NEW_WRITTEN).asking,
        uploads(talk).asking,
        talk.says(Command.AFFIRM).asking,
        talk.says(otp_code=desk.code_to(NEW)).asking,
    ]

    assert asked == [
        "username", "contact_choice", "otp_code", "address", "city", "new_mobile",
        "document_upload", "consent", "otp_code", None,
    ]  # fmt: skip


def test_the_request_holds_the_form_and_goes_to_the_address_on_file(desk: Desk) -> None:
    account = registered(desk, "giulia")
    talk = at_the_code(desk, giulia_proved(desk))

    step = talk.says(otp_code=desk.code_to(NEW))

    (request,) = requests(desk)
    assert step.outcome is Outcome.COMPLETED
    assert step.facts["next_offer"] == "nothing"
    assert talk.codes == ["mobile_requested"]
    assert talk.remark("mobile_requested").facts == {"request_number": request.number}
    assert (request.kind, request.is_proven, request.contact) == (Kind.MOBILE_CHANGE, True, GIULIA)
    assert (request.account_id, request.customer_id) == (account.id, account.customer_id)
    assert request.details == {
        "first_name": "Giulia", "last_name": "Bianchi", "place_of_birth": "Torino",
        "date_of_birth": "1985-04-03", "sex": "f", "address": "Via Garibaldi 7", "city": "Torino",
        "new_mobile": NEW,
    }  # fmt: skip
    assert customer(desk).details.mobile == GIULIA_MOBILE


def test_the_document_belongs_to_the_request_and_it_can_be_approved(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = at_the_code(desk, giulia_proved(desk))
    talk.says(otp_code=desk.code_to(NEW))
    (request,) = requests(desk)

    with desk.backend.uow(read_only=True) as uow:
        sides = [file.side for file in uow.files.of_reference(request.id)]
    desk.backend.requests.approve(request.number, "anna.verdi@staff.example.it", 1)

    assert sides == ["front", "back"]
    assert customer(desk).details.mobile == NEW


def test_every_contact_on_file_can_stop_it(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = at_the_code(desk, giulia_proved(desk))

    talk.says(otp_code=desk.code_to(NEW))

    links = [
        next(found for body in desk.sent(contact) if (found := re.search(r"/t/([\w-]{43})", body)))
        for contact in (GIULIA, GIULIA_MOBILE)
    ]
    desk.backend.vetoes.veto(links[1][1])
    assert requests(desk)[0].state == "vetoed"
    with pytest.raises(LinkUsed):
        desk.backend.vetoes.veto(links[0][1])


def test_the_consent_is_kept_with_kind_version_and_owner(desk: Desk) -> None:
    account = registered(desk, "giulia")
    talk = at_the_code(desk, giulia_proved(desk))

    query = select(consents).where(consents.c.conversation_id == talk.id)
    with desk.backend.uow(read_only=True) as uow:
        (row,) = uow.connection.execute(query)
    assert (row.kind, row.version, row.account_id) == ("request_data", "2025-01", account.id)
    assert (row.language, row.channel) == ("it", "web")


def test_a_company_is_known_and_its_person_is_asked(desk: Desk) -> None:
    registered(desk, "brambilla")
    mail = "amministrazione@brambilla.example"
    talk = proved(desk, asks(desk), mail, mail)
    assert talk.step.asking == "first_name"

    talk.gives(first_name="Ugo Brambilla", **HOME)
    assert talk.step.asking == "new_mobile"
    talk.says(new_mobile=NEW_WRITTEN)
    uploads(talk)
    talk.says(Command.AFFIRM)
    talk.says(otp_code=desk.code_to(NEW))

    details = requests(desk)[0].details
    assert details["company_name"] == "Officine Brambilla S.r.l."
    assert (details["first_name"], details["last_name"]) == ("Ugo", "Brambilla")
    assert not {"sex", "date_of_birth", "place_of_birth"} & set(details)


def test_what_the_file_lacks_is_asked(desk: Desk) -> None:
    registered(desk, "giulia")
    header, row = (desk.backend.settings.demo_dir / "customers.csv").read_text().split("\n")[:2]
    changed = desk.backend.settings.var_dir / "customers.csv"
    changed.write_text(f"{header}\n{row.replace('Torino,F', ',')}\n")
    assert desk.backend.customers.import_file(changed).is_clean

    talk = giulia_proved(desk)

    assert talk.step.asking == "place_of_birth"
    assert talk.says(place_of_birth="Torino").asking == "sex"
    assert talk.says(sex="f").asking == "address"


def test_everything_may_come_in_one_message_and_before_the_proof(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = asks(desk)
    talk.says(new_mobile=NEW_WRITTEN, **HOME)
    assert talk.step.asking == "username"

    proved(desk, talk)

    assert talk.step.asking == "document_upload"
    assert talk.codes == ["upload_link"]


def test_what_leaves_is_masked(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = at_the_code(desk, giulia_proved(desk))

    filled = dict(talk.step.filled)

    assert {"first_name", "last_name", "date_of_birth", "sex", "place_of_birth"} <= set(filled)
    assert filled["new_mobile"] == "348 *****33"
    for mask in filled.values():
        assert looks_masked(mask) or is_choice(mask)
    shown = str(talk.step.to_json())
    for datum in ("Giulia", "Bianchi", "1985-04-03", "Torino", "Garibaldi", NEW[3:]):
        assert datum not in shown


def test_the_remarks_carry_the_facts_that_were_agreed(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = giulia_proved(desk)
    talk.gives(**HOME, new_mobile=NEW_WRITTEN)
    seen = list(talk.step.remarks)
    seen += talk.says().remarks
    seen += talk.says(Command.RESEND).remarks
    seen += uploads(talk).remarks
    seen += talk.says(Command.AFFIRM).remarks
    seen += talk.says(otp_code=desk.code_to(NEW)).remarks

    assert [remark.code for remark in seen] == [
        "upload_link", "upload_waiting", "upload_link", "upload_received", "code_sent",
        "mobile_requested",
    ]  # fmt: skip
    for remark in seen:
        assert tuple(remark.facts) == REMARKS[remark.code]


@pytest.mark.parametrize(
    ("number", "error"),
    [("12345", "mobile_malformed"), ("011 5551234", "mobile_not_mobile")],
)
def test_a_number_that_is_none_is_told_twice_and_counted(
    desk: Desk, number: str, error: str
) -> None:
    registered(desk, "giulia")
    talk = giulia_proved(desk)
    talk.gives(**HOME)

    for repeat in (1, 2):
        step = talk.says(new_mobile=number)
        assert (step.asking, talk.codes) == ("new_mobile", [error])
        assert talk.remark(error).repeat == repeat


@pytest.mark.parametrize("when", ["early", "asked", "ends in"])
def test_the_number_on_file_is_no_new_one(desk: Desk, when: str) -> None:
    registered(desk, "giulia")
    talk = asks(desk)
    if when == "early":
        talk.says(new_mobile=GIULIA_MOBILE)
    proved(desk, talk)
    if when != "early":
        talk.gives(**HOME)
    if when == "asked":
        talk.says(new_mobile="320 1234519")
    if when == "ends in":
        talk.says(new_mobile="320 1234518")
        assert talk.step.asking == "document_upload"
        talk.says(Command.CORRECT, number_ending="19")
        assert talk.step.filled["new_mobile"] == "320 *****18"
        assert talk.codes == ["mobile_known"]
        return

    assert "mobile_known" in talk.codes
    assert talk.remark("mobile_known").slot == "new_mobile"
    assert "new_mobile" not in talk.step.filled


def test_a_second_request_is_not_filed_while_one_waits(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = at_the_code(desk, giulia_proved(desk))
    talk.says(otp_code=desk.code_to(NEW))
    number = requests(desk)[0].number

    again = giulia_proved(desk)

    assert again.step.outcome is Outcome.REFUSED
    assert again.codes == ["request_open"]
    assert again.remark("request_open").facts == {"request_number": number}
    assert again.step.facts["next_offer"] == "check_request"


def test_one_that_was_filed_meanwhile_is_told_at_the_end_and_the_files_go(desk: Desk) -> None:
    registered(desk, "giulia")
    first, second = (at_the_code(desk, giulia_proved(desk)) for _ in range(2))
    newest, oldest = (body for body in desk.sent(NEW)[:2])
    first.says(otp_code=oldest[:6])
    assert kept_files(desk) == 4

    second.says(otp_code=newest[:6])

    assert second.codes == ["request_open"]
    assert len(requests(desk)) == 1
    assert kept_files(desk) == 2


def test_a_professional_goes_the_way_of_a_person(desk: Desk) -> None:
    talk = desk.talk()
    mail = "studio.moretti@example.it"
    talk.gives(
        profile="professional", first_name="Davide Moretti", vat_number="03914620277", contact=mail
    )
    talk.says(Command.AFFIRM)
    talk.says(otp_code=desk.code_to(mail))
    talk.sets_password()
    desk.clock.forward(7200)

    assert proved(desk, asks(desk), mail, mail).step.asking == "address"
