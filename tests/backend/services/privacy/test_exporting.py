"""An export holds everything kept about a person, and nothing that opens anything."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from backend.core.errors import NotFound
from backend.core.flow import Command
from backend.core.requests import Kind, NewRequest, Reason
from tests.backend.desk import Desk
from tests.backend.services.kept import (
    CHOICE,
    EMAIL,
    MOBILE,
    NEW_MOBILE,
    SAID,
    approves,
    registers,
    says,
)

EMPTY = {"account", "consents", "requests", "contact_changes", "identity_documents", "notices",
         "conversations", "audit"}  # fmt: skip


def told(desk: Desk, number: str = "IT-0001") -> dict[str, Any]:
    found = desk.backend.privacy.export(number[:2].lower(), number)
    again: dict[str, Any] = json.loads(json.dumps(found))
    return again


def test_everything_about_a_person_is_told(desk: Desk) -> None:
    kept = registers(desk)
    approves(desk, kept.request)

    export = told(desk)

    assert export["market"] == "it"
    assert export["customer"]["tax_code"] == "BNCGLI85D43L219M"
    assert export["customer"]["mobile"] == NEW_MOBILE
    assert [(one["policy_number"], one["in_account"]) for one in export["policies"]] == [
        ("401122334", True),
        ("401122335", True),
    ]
    assert export["account"]["username"] == MOBILE
    assert export["account"]["has_password"] is True
    assert [one["kind"] for one in export["consents"]] == ["privacy_notice", "request_data"]
    (request,) = export["requests"]
    assert (request["state"], request["answer_to"]) == ("approved", EMAIL)
    assert request["details"] == {"new_mobile": NEW_MOBILE, "city": "Torre Annunziata"}
    (change,) = export["contact_changes"]
    assert (change["old"], change["new"]) == (MOBILE, NEW_MOBILE)
    (document,) = export["identity_documents"]
    assert document["document_type"] == "identity_card"
    assert {one["template"] for one in export["notices"]} >= {
        "code", "account_created", "password_set", "login_code", "request_received",
    }  # fmt: skip
    (conversation,) = export["conversations"]
    assert conversation["conversation_id"] == kept.conversation_id
    assert [line["text"] for line in conversation["transcript"]] == [SAID, "Va bene."]
    assert conversation["transcript"][1]["choices"] == [CHOICE]
    assert {one["event"] for one in export["audit"]} >= {
        "consent_given", "match_ok", "code_ok", "account_created", "password_set", "login_ok",
    }  # fmt: skip


def test_policy_documents_are_listed(desk: Desk) -> None:
    documents = told(desk)["policy_documents"]

    assert documents
    assert {one["policy_number"] for one in documents} <= {"401122334", "401122335"}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", one["issued_on"]) for one in documents)


def test_nothing_that_opens_something_is_in_it(desk: Desk) -> None:
    kept = registers(desk)
    with desk.backend.uow(read_only=True) as uow:
        account = uow.accounts.get(kept.account_id)
    assert account

    text = json.dumps(told(desk))

    assert "argon2" not in text
    assert kept.session not in text
    for contact in (MOBILE, EMAIL):
        for body in desk.sent(contact):
            assert body not in text
    assert desk.code_to(MOBILE) not in text
    assert "/t/" not in text


def test_every_moment_is_iso_in_utc(desk: Desk) -> None:
    registers(desk)

    moments: list[str] = []

    def walk(node: Any, name: str = "") -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                walk(value, key)
        elif isinstance(node, list):
            for value in node:
                walk(value, name)
        elif node is not None and (name == "at" or name.endswith("_at")):
            moments.append(node)

    walk(told(desk))

    assert len(moments) > 10
    assert all(datetime.fromisoformat(one).tzinfo == UTC for one in moments)


def test_a_stranger_who_only_got_a_code_sent_is_no_part_of_it(desk: Desk) -> None:
    kept = registers(desk)
    stranger = desk.talk()
    stranger.gives(
        profile="person", first_name="Giulia Bianchi", contact="giulia.bianchi@example.it"
    )
    stranger.says(Command.AFFIRM)

    found = [one["conversation_id"] for one in told(desk)["conversations"]]

    assert found == [kept.conversation_id]


def test_a_request_that_nobody_has_proved_is_told_without_its_conversation(desk: Desk) -> None:
    kept = registers(desk)
    desk.backend.requests.reject(
        kept.request.number, "staff@example.com", Reason.OTHER, kept.request.version
    )
    with desk.backend.uow() as uow:
        owner = uow.customers.by_number("it", "IT-0001")
        assert owner
        stranger = unproven_request(owner.id)
        desk.backend.requests.submit(uow, stranger)
        uow.commit()

    export = told(desk)

    assert [one["identity_was_proven"] for one in export["requests"]] == [True, False]
    assert [one["conversation_id"] for one in export["conversations"]] == [kept.conversation_id]
    with desk.backend.uow(read_only=True) as uow:
        assert stranger.conversation_id in uow.persons.find(owner).conversations


def unproven_request(customer_id: int) -> NewRequest:
    return NewRequest(
        market="it", kind=Kind.MOBILE_CHANGE, customer_id=customer_id, account_id=None,
        conversation_id="c_of_a_stranger", language="it", channel="web", is_proven=False,
        details={"new_mobile": "+393401112223"}, contact="+393401112223",
    )  # fmt: skip


def test_somebody_without_an_account_has_the_insurers_file_only(desk: Desk) -> None:
    registers(desk)

    export = told(desk, "IT-0002")

    assert export["customer"]["last_name"] == "De Luca"
    assert not any(export[family] for family in EMPTY)


def test_that_it_was_asked_is_audited(desk: Desk) -> None:
    told(desk, "ID-0001")

    assert desk.audited()[-1] == "customer_exported"
    assert told(desk, "ID-0001")["audit"][-1]["actor"] == "operator"


def test_lines_of_later_talks_are_in_it(desk: Desk) -> None:
    kept = registers(desk)
    says(desk, kept.conversation_id, "grazie")

    (conversation,) = told(desk)["conversations"]

    assert [line["from"] for line in conversation["transcript"]] == [
        "customer", "bot", "customer", "bot",
    ]  # fmt: skip


def test_nobody_of_that_number_is_said(desk: Desk) -> None:
    with pytest.raises(NotFound, match="customer_unknown"):
        told(desk, "IT-9999")
