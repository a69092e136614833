"""Requests: filed once, decided once, told to everybody concerned."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from backend.adapters.tables.requests import contact_changes, requests
from backend.core.audit import Event
from backend.core.errors import Conflict, Invalid, NotAllowed, NotFound, RequestOpen, SportelloError
from backend.core.requests import Kind, Reason, State
from tests.backend.desk import Desk
from tests.backend.services.request_counter import ANNA, BRUNO, EMAIL, NEW, OLD, Counter


@pytest.fixture
def counter(desk: Desk) -> Counter:
    return Counter(desk)


@pytest.fixture
def budi(desk: Desk) -> Counter:
    return Counter(desk, "id", "ID-0001")


# Filing -----------------------------------------------------------------------------------------


def test_a_request_gets_a_number_that_its_contact_is_told(counter: Counter) -> None:
    request = counter.files()

    assert re.fullmatch(r"REQ-\d{8}", request.number)
    assert (request.state, request.version, request.is_proven) == (State.SUBMITTED, 1, True)
    assert any(request.number in body for body in counter.desk.sent(EMAIL))
    assert counter.audited(Event.REQUEST_SUBMITTED) == 1
    assert counter.seen_again(request) == request


def test_one_of_a_kind_is_open_at_a_time(counter: Counter) -> None:
    first = counter.files()

    with pytest.raises(RequestOpen) as refused:
        counter.files(details={"new_mobile": OLD}, conversation_id="c_other")

    assert refused.value.facts == {"number": first.number}
    assert counter.sent("request_received") == 1


def test_the_account_and_its_owner_are_the_same_when_requests_are_counted(
    counter: Counter,
) -> None:
    account = counter.opens_account()
    first = counter.files(customer_id=None, account_id=account.id)

    assert first.customer_id == account.customer_id
    with pytest.raises(RequestOpen):
        counter.files()


def test_another_kind_another_customer_and_a_decided_one_are_no_obstacle(
    counter: Counter, budi: Counter
) -> None:
    account = budi.opens_account("budi2026")
    budi.files()
    budi.files(
        kind=Kind.LINK_POLICY, account_id=account.id, details={"policy_id": 1}, with_document=False
    )
    counter.rejects(counter.files())

    assert counter.files().is_open


def test_somebody_who_is_not_known_is_one_by_conversation(counter: Counter) -> None:
    counter.files(customer_id=None)

    with pytest.raises(RequestOpen):
        counter.files(customer_id=None)
    assert counter.files(customer_id=None, conversation_id="c_other").customer_id is None


def test_numbers_that_are_taken_are_drawn_again(
    counter: Counter, budi: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([7, 7, 7, 8])
    monkeypatch.setattr("secrets.randbelow", lambda _below: next(drawn))

    assert counter.files().number == "REQ-00000007"
    assert budi.files().number == "REQ-00000008"


def test_a_request_that_could_not_be_carried_out_is_not_taken(counter: Counter) -> None:
    with pytest.raises(Invalid):
        counter.files(details={})


def test_nothing_of_what_was_filled_in_lies_open(counter: Counter) -> None:
    request = counter.files()
    counter.rejects(request, note="the photo shows somebody else")
    second = counter.files()
    counter.approves(second)

    with counter.desk.backend.uow(read_only=True) as uow:
        kept = b" ".join(
            value if isinstance(value, bytes) else str(value).encode()
            for table in (requests, contact_changes)
            for row in uow.connection.execute(select(table))
            for value in row
        )
    for secret in (NEW, OLD, EMAIL, "Giulia", "Torino", "photo", ANNA, "+39", "348"):
        assert secret.encode() not in kept


# Finding ----------------------------------------------------------------------------------------


def test_number_and_contact_find_a_request_only_together(counter: Counter, budi: Counter) -> None:
    request = counter.files()
    budi.files(contact="budi.santoso@example.co.id")

    with counter.desk.backend.uow(read_only=True) as uow:
        assert counter.requests.find(uow, "it", request.number, EMAIL) == request
        for market, number, contact in (
            ("it", request.number, "budi.santoso@example.co.id"),
            ("it", request.number, ""),
            ("it", "REQ-00000000", EMAIL),
            ("id", request.number, EMAIL),
        ):
            assert counter.requests.find(uow, market, number, contact) is None


def test_requests_are_listed_by_account_conversation_market_and_state(
    counter: Counter, budi: Counter
) -> None:
    account = counter.opens_account()
    first = counter.files()
    counter.withdraws(first)
    second = counter.files(account_id=account.id)
    other = budi.files()

    with counter.desk.backend.uow(read_only=True) as uow:
        numbers = [
            [request.number for request in found]
            for found in (
                counter.requests.of_account(uow, account.id),
                counter.requests.of_conversation(uow, counter.conversation),
                counter.requests.of_account(uow, "a_unknown"),
                counter.requests.listing(uow),
                counter.requests.listing(uow, "id"),
                counter.requests.listing(uow, "it", State.WITHDRAWN),
            )
        ]
    assert numbers == [
        [second.number, first.number],
        [second.number, first.number],
        [],
        [first.number, second.number, other.number],
        [other.number],
        [first.number],
    ]


# Deciding ---------------------------------------------------------------------------------------


def test_an_approved_change_takes_effect_and_everybody_hears(counter: Counter) -> None:
    request = counter.files()

    counter.approves(request)

    seen = counter.seen_again(request)
    assert (seen.state, seen.version, seen.decided_by) == (State.APPROVED, 2, ANNA)
    assert seen.decided_at == counter.desk.clock.now()
    assert counter.mobile == NEW
    assert counter.customer.details.email == EMAIL
    assert request.number in counter.desk.sent(EMAIL)[0]
    assert [event.intent for event in counter.heard()] == ["request_decided"]
    assert counter.audited(Event.REQUEST_APPROVED) == 1
    assert counter.audited(Event.MOBILE_CHANGED) == 1
    assert [change.request_id for change in counter.changes()] == [request.id]


def test_the_conversation_hears_which_request_it_is(counter: Counter) -> None:
    request = counter.files()
    counter.rejects(request)

    [event] = counter.heard()

    assert dict(event.entities) == {"request_number": request.number}


@pytest.mark.parametrize("reason", list(Reason))
def test_a_rejection_says_why_in_words_and_never_the_note(counter: Counter, reason: Reason) -> None:
    request = counter.files()

    counter.rejects(request, reason=reason, note="looks forged")

    seen = counter.seen_again(request)
    assert (seen.state, seen.reason, seen.note) == (State.REJECTED, reason, "looks forged")
    told = counter.desk.sent(EMAIL)[0]
    assert counter.desk.backend.requests._texts.get(f"reason.{reason}", "it") in told
    assert "forged" not in "".join(counter.desk.sent(EMAIL))
    assert counter.mobile == OLD


def test_a_withdrawn_request_is_told_to_its_contact_but_not_to_the_chat(counter: Counter) -> None:
    request = counter.files()

    counter.withdraws(request)

    assert counter.seen_again(request).state is State.WITHDRAWN
    assert counter.sent("request_withdrawn") == 1
    assert counter.heard() == []
    with pytest.raises(Conflict, match="request_decided"):
        counter.withdraws(request)
    assert counter.sent("request_withdrawn") == 1


@pytest.mark.parametrize("again", ["approves", "rejects"])
@pytest.mark.parametrize("reviewer", [ANNA, BRUNO])
def test_deciding_twice_has_one_effect_and_says_so(
    counter: Counter, again: str, reviewer: str
) -> None:
    request = counter.files()
    counter.approves(request)
    before = counter.desk.audited()

    for version in (1, 2):
        with pytest.raises(Conflict, match="request_decided"):
            getattr(counter, again)(request, reviewer, version)

    assert counter.desk.audited() == before
    assert len(counter.changes()) == counter.sent("request_approved") == 1
    assert counter.seen_again(request).decided_by == ANNA


@pytest.mark.parametrize("version", [0, 2])
def test_what_was_looked_at_in_another_version_is_not_decided(
    counter: Counter, version: int
) -> None:
    request = counter.files()

    for decide in (counter.approves, counter.rejects):
        with pytest.raises(Conflict, match="request_changed"):
            decide(request, version=version)
    assert counter.seen_again(request) == request


def test_an_unknown_number_is_told(counter: Counter) -> None:
    with pytest.raises(NotFound, match="request_unknown"):
        counter.requests.approve("REQ-00000000", ANNA, 1)


@pytest.mark.parametrize(
    "reviewer",
    [EMAIL, "Giulia.Bianchi@Example.IT", "  giulia.bianchi@example.it ", "studio@example.it"],
)
def test_nobody_decides_what_is_their_own(counter: Counter, reviewer: str) -> None:
    request = counter.files(contact="studio@example.it")

    for decide in (counter.approves, counter.rejects):
        with pytest.raises(NotAllowed, match="own_request"):
            decide(request, reviewer)
    assert counter.seen_again(request).is_open


def test_the_user_name_of_the_account_is_the_owner_too(counter: Counter) -> None:
    account = counter.opens_account("an.older.address@example.it")
    request = counter.files(account_id=account.id)

    with pytest.raises(NotAllowed, match="own_request"):
        counter.approves(request, "An.Older.Address@example.it")


@pytest.mark.parametrize("reviewer", ["", "anna", "anna@"])
def test_a_reviewer_has_an_address(counter: Counter, reviewer: str) -> None:
    request = counter.files()

    with pytest.raises(Invalid, match="email_malformed"):
        counter.approves(request, reviewer)


def test_without_a_document_there_is_no_yes_but_a_no(counter: Counter) -> None:
    request = counter.files(with_document=False)

    with pytest.raises(NotAllowed, match="document_missing"):
        counter.approves(request)
    assert counter.seen_again(request).is_open
    counter.rejects(request, reason=Reason.DOCUMENT_UNREADABLE)


def test_of_somebody_who_is_not_on_file_nothing_can_be_changed(counter: Counter) -> None:
    request = counter.files(customer_id=None)

    with pytest.raises(NotAllowed, match="customer_unknown"):
        counter.approves(request)
    assert counter.seen_again(request).is_open


def test_a_number_that_signs_somebody_else_in_is_refused_and_nothing_is_decided(
    counter: Counter,
) -> None:
    Counter(counter.desk, "it", "IT-0002").opens_account(NEW)
    request = counter.files()

    with pytest.raises(Conflict, match="number_in_use"):
        counter.approves(request)

    assert counter.seen_again(request).is_open
    assert counter.mobile == OLD
    assert counter.heard() == []
    assert counter.audited(Event.REQUEST_APPROVED) == 0


def test_a_conversation_that_is_gone_is_not_told(counter: Counter) -> None:
    request = counter.files(conversation_id="c_gone")

    counter.approves(request)

    assert counter.seen_again(request).state is State.APPROVED


def test_reviewers_are_told_apart_in_the_audit_without_being_named(
    counter: Counter, budi: Counter
) -> None:
    counter.approves(counter.files(), ANNA)
    counter.rejects(counter.files(details={"new_mobile": OLD}), ANNA)
    budi.rejects(budi.files(), BRUNO)

    with counter.desk.backend.uow(read_only=True) as uow:
        entries = uow.audit.of_conversation(counter.conversation) + list(
            uow.audit.of_conversation(budi.conversation)
        )
    staff = [entry.actor for entry in entries if entry.actor.startswith("staff/")]
    assert staff[0] == staff[1] != staff[2]
    told = " ".join(str(tuple(entry)) for entry in entries)
    for secret in ("anna", "bruno", "bianchi", NEW[3:], OLD[3:]):
        assert secret not in told.casefold()


# Linking a policy -------------------------------------------------------------------------------


def group_policy(desk: Desk) -> int:
    with desk.backend.uow(read_only=True) as uow:
        found = uow.customers.with_policy("id", "GRP-2201-0007")
    assert found
    return found[1].id


def test_an_approved_policy_is_linked_without_a_document(budi: Counter) -> None:
    account = budi.opens_account("budi2026")
    request = budi.files(
        kind=Kind.LINK_POLICY, account_id=account.id, contact="+6281234567890",
        details={"policy_id": group_policy(budi.desk)}, with_document=False,
    )  # fmt: skip

    budi.approves(request)

    with budi.desk.backend.uow(read_only=True) as uow:
        linked = uow.customers.policies_in_account(account.id)
    assert [policy.number for policy in linked] == ["GRP-2201-0007"]
    assert budi.audited(Event.POLICY_LINKED) == 1
    assert request.number in budi.desk.sent("+6281234567890")[0]
    assert budi.sent("mobile_change_requested") == 0


def test_a_policy_that_is_gone_cannot_be_linked(budi: Counter) -> None:
    account = budi.opens_account("budi2026")
    request = budi.files(
        kind=Kind.LINK_POLICY, account_id=account.id, details={"policy_id": 99_999},
        with_document=False,
    )  # fmt: skip

    with pytest.raises(SportelloError, match="policy_unknown"):
        budi.approves(request)
    assert budi.seen_again(request).is_open
