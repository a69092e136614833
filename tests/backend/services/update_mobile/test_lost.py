"""Who can be reached on no contact any more: the form, the document, and nothing told."""

from __future__ import annotations

import pytest

from backend.core.decoys import decoy_contacts
from backend.core.flow import Command, Outcome, Step
from tests.backend.desk import Desk, Talk
from tests.backend.services.people import GIULIA, GIULIA_MOBILE, registered
from tests.backend.services.statements import statements
from tests.backend.services.update_mobile.form import (
    NEW,
    NEW_BUDI,
    NEW_BUDI_WRITTEN,
    NEW_WRITTEN,
    PERSON,
    asks,
    at_the_code,
    customer,
    lost,
    requests,
    store,
    uploads,
)

BUDI = {
    "first_name": "Budi Santoso", "place_of_birth": "Surabaya", "date_of_birth": "17-08-1990",
    "sex": "laki-laki", "address": "Jl. Mawar 3", "city": "Surabaya",
}  # fmt: skip


def filed(talk: Talk, form: dict[str, str], number: str = NEW) -> Step:
    at_the_code(talk.desk, talk, number, **form)
    return talk.says(otp_code=talk.desk.code_to(number))


def test_none_of_the_contacts_leads_to_the_whole_form(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = asks(desk)
    talk.says(username=GIULIA)

    step = talk.says(Command.DENY)

    assert (step.asking, talk.codes) == ("first_name", ["contacts_lost"])
    asked = [talk.says(**{slot: text}).asking for slot, text in PERSON.items()]
    assert asked == ["place_of_birth", "date_of_birth", "sex", "address", "city", "new_mobile"]


def test_a_code_that_cannot_be_received_leads_back_to_the_contacts(desk: Desk) -> None:
    registered(desk, "elena")
    talk = asks(desk)
    assert talk.says(username="elena.conti@example.it").asking == "otp_code"

    step = talk.says(Command.NOT_AVAILABLE)

    assert (step.asking, talk.codes) == ("contact_choice", [])
    assert [choice.id for choice in step.choices] == ["email"]
    assert talk.says(Command.DENY).asking == "first_name"


def test_the_contact_may_be_chosen_after_all(desk: Desk) -> None:
    registered(desk, "elena")
    talk = asks(desk)
    talk.says(username="elena.conti@example.it")
    talk.says(Command.NOT_AVAILABLE)

    talk.says(contact_choice="email")

    assert (talk.step.asking, talk.codes) == ("otp_code", ["code_wait"])
    assert talk.says(otp_code=desk.code_to("elena.conti@example.it")).asking == "address"


def test_without_a_user_name_there_is_help_first_and_then_the_form(desk: Desk) -> None:
    talk = asks(desk)

    assert talk.says(Command.NOT_AVAILABLE).asking == "username"
    assert talk.codes == ["username_help"]
    assert talk.says(Command.NOT_AVAILABLE).asking == "first_name"
    assert talk.codes == ["contacts_lost"]


def test_data_that_fit_the_owner_of_the_user_name_are_filed_for_them(desk: Desk) -> None:
    account = registered(desk, "giulia")

    step = filed(lost(asks(desk)), PERSON)

    (request,) = requests(desk)
    assert step.outcome is Outcome.COMPLETED
    assert (request.customer_id, request.is_proven) == (account.customer_id, False)
    assert request.contact == NEW
    assert request.details["sex"] == "f"
    assert all(any("/t/" in body for body in desk.sent(to)) for to in (GIULIA, GIULIA_MOBILE))


def test_without_an_account_the_tax_code_that_follows_finds_the_customer(desk: Desk) -> None:
    talk = asks(desk)
    talk.says(Command.DENY)
    talk.says(Command.DENY)

    filed(talk, PERSON)

    assert requests(desk)[0].customer_id == customer(desk).id


@pytest.mark.parametrize(
    "stranger",
    [{"first_name": "Carla Verdi"}, {"date_of_birth": "4 aprile 1985"}],
    ids=lambda said: next(iter(said)),
)
def test_data_that_fit_nobody_are_filed_for_staff_to_reject(
    desk: Desk, stranger: dict[str, str]
) -> None:
    registered(desk, "giulia")
    before = len(desk.sent(GIULIA)), len(desk.sent(GIULIA_MOBILE))

    step = filed(lost(asks(desk)), PERSON | stranger)

    (request,) = requests(desk)
    assert step.outcome is Outcome.COMPLETED
    assert (request.customer_id, request.account_id) == (None, None)
    assert (len(desk.sent(GIULIA)), len(desk.sent(GIULIA_MOBILE))) == before


def test_in_indonesia_it_is_a_request_too(desk: Desk) -> None:
    account = registered(desk, "budi")
    talk = lost(asks(desk, "id"), account.username)
    assert talk.step.asking == "first_name"

    at_the_code(desk, talk, NEW_BUDI_WRITTEN, **BUDI)
    step = talk.says(otp_code=desk.code_to(NEW_BUDI))

    assert step.outcome is Outcome.COMPLETED
    (request,) = requests(desk)
    assert (request.market, request.customer_id) == ("id", account.customer_id)
    assert customer(desk, "ID-0001", "id").details.mobile == "+6281234567890"


def test_the_number_on_file_is_not_told_to_a_stranger(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = lost(asks(desk))
    talk.gives(**PERSON)

    step = talk.says(new_mobile=GIULIA_MOBILE)

    assert (step.asking, talk.codes) == ("document_upload", ["upload_link"])


def test_a_request_of_the_customer_that_waits_is_not_told_to_a_stranger(desk: Desk) -> None:
    registered(desk, "giulia")
    filed(lost(asks(desk)), PERSON)

    other = lost(asks(desk))
    desk.clock.forward(3600)
    other = lost(asks(desk))
    step = filed(other, PERSON, "+393481112244")

    assert (step.outcome, other.codes) == (Outcome.COMPLETED, ["mobile_requested"])
    assert [request.customer_id for request in requests(desk)] == [customer(desk).id, None]


@pytest.mark.parametrize("fits", [True, False])
def test_one_conversation_files_one(desk: Desk, fits: bool) -> None:
    registered(desk, "giulia")
    form = PERSON if fits else PERSON | {"first_name": "Carla Verdi"}
    talk = lost(asks(desk))
    filed(talk, form)
    number = requests(desk)[0].number

    again = lost(asks(desk, conversation=talk.id))

    assert again.step.outcome is Outcome.REFUSED
    assert again.codes == ["contacts_lost", "request_open"]
    assert again.remark("request_open").facts == {"request_number": number}


def unknown_name(desk: Desk) -> str:
    """One whose made-up contacts are as many as Giulia has."""
    for number in range(50):
        name = f"lucia.bianchi{number}@example.it"
        digest = desk.backend.vault.index("decoy", f"it/{name}")
        if len(decoy_contacts("it", name, digest)) == 2:
            return name
    raise AssertionError("no such name")


def course(
    desk: Desk, username: str, form: dict[str, str], number: str
) -> tuple[list[tuple[str | None, list[str]]], list[int]]:
    """What is asked and told, and how many statements each message takes."""
    told: list[tuple[str | None, list[str]]] = []
    work: list[int] = []
    talk = asks(desk)

    def does(command: Command = Command.NONE, **answers: str) -> None:
        with statements(desk.backend.engine) as seen:
            talk.says(command, **answers)
        told.append((talk.step.asking, talk.codes))
        work.append(len(seen))

    does(username=username)
    does(contact_choice="email")
    does(otp_code="000000")
    does(Command.NOT_AVAILABLE)
    does(Command.DENY)
    for slot, text in form.items():
        does(**{slot: text})
    does(new_mobile=number)
    store(talk)
    does(Command.PAGE_DONE)
    does(Command.AFFIRM)
    does(otp_code="000000")
    does(otp_code=desk.code_to(number))
    assert talk.step.outcome is Outcome.COMPLETED
    desk.clock.forward(24 * 3600)
    return told, work


def test_fitting_or_not_known_or_not_the_words_and_the_work_are_the_same(desk: Desk) -> None:
    registered(desk, "giulia")
    strangers = PERSON | {"first_name": "Carla Verdi"}

    fitting = course(desk, GIULIA, PERSON, "+393481110001")
    waiting = course(desk, GIULIA, PERSON, "+393481110002")
    not_fitting = course(desk, GIULIA, strangers, "+393481110003")
    unknown = course(desk, unknown_name(desk), PERSON | strangers, "+393481110004")

    assert fitting[0] == waiting[0] == not_fitting[0] == unknown[0]
    assert fitting[1] == waiting[1] == not_fitting[1] == unknown[1]


def test_the_files_of_who_cancels_are_gone(desk: Desk) -> None:
    talk = lost(asks(desk), "nobody@example.it")
    talk.gives(**PERSON, new_mobile=NEW_WRITTEN)
    uploads(talk)
    with desk.backend.uow(read_only=True) as uow:
        reference = _upload_of(talk)
        assert uow.files.has_documents(reference)

    talk.flow.abandon(talk.id)

    with desk.backend.uow(read_only=True) as uow:
        assert not uow.files.has_documents(reference)


def _upload_of(talk: Talk) -> str:
    with talk.desk.backend.uow(read_only=True) as uow:
        stored = uow.drafts.find(talk.id, "update_mobile")
    assert stored is not None
    return str(stored.content["upload_id"])
