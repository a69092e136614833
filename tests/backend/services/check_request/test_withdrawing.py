"""An open request is called off by whose it is, after a question."""

from __future__ import annotations

import pytest

from backend.core.audit import Event
from backend.core.customers import Account
from backend.core.flow import Command, Outcome
from backend.core.requests import State
from tests.backend.desk import Desk
from tests.backend.services.check_request.asking import (
    checks,
    checks_as,
    filed_elsewhere,
    proves,
    several,
    told,
)
from tests.backend.services.request_counter import ANNA, EMAIL, NEW, Counter

TODAY = "2026-11-20"


@pytest.fixture
def counter(desk: Desk) -> Counter:
    return Counter(desk)


@pytest.fixture
def account(counter: Counter) -> Account:
    return counter.opens_account()


@pytest.mark.parametrize("by", ["owner", "conversation"])
def test_an_open_request_is_withdrawn_once_and_its_contact_is_told(
    desk: Desk, counter: Counter, account: Account, by: str
) -> None:
    if by == "owner":
        request = filed_elsewhere(counter)
        talk = checks_as(desk, account)
    else:
        request = counter.files()
        talk = checks(desk, conversation=counter.conversation)
    desk.clock.forward(60)

    step = talk.says(Command.AFFIRM)

    assert told(talk) == [("request_withdrawn", {"request_number": request.number, "date": TODAY})]
    assert step.outcome is Outcome.COMPLETED
    assert step.facts["next_offer"] == "nothing"
    assert counter.seen_again(request).state is State.WITHDRAWN
    assert counter.audited(Event.REQUEST_WITHDRAWN) == 1
    assert counter.sent("request_withdrawn") == 1
    assert counter.heard() == []  # who withdraws is there: nobody is told in the chat twice


@pytest.mark.parametrize("refusal", [Command.DENY, Command.NOT_AVAILABLE])
def test_a_no_keeps_it(desk: Desk, counter: Counter, account: Account, refusal: Command) -> None:
    request = filed_elsewhere(counter)
    talk = checks_as(desk, account)

    step = talk.says(refusal)

    assert told(talk) == [("request_kept", {"request_number": request.number})]
    assert step.outcome is Outcome.COMPLETED
    assert counter.seen_again(request).is_open


def test_a_yes_that_begins_the_flow_withdraws_nothing(
    desk: Desk, counter: Counter, account: Account
) -> None:
    request = filed_elsewhere(counter)

    talk = checks_as(desk, account, command=Command.AFFIRM)

    assert talk.step.asking == "confirmation"
    assert counter.seen_again(request).is_open


def test_a_yes_with_the_number_repeated_is_a_yes(
    desk: Desk, counter: Counter, account: Account
) -> None:
    request = filed_elsewhere(counter)
    talk = checks_as(desk, account)

    talk.says(Command.AFFIRM, request_number=request.number)

    assert talk.codes == ["request_withdrawn"]


def test_neither_yes_nor_no_is_asked_again(desk: Desk, counter: Counter, account: Account) -> None:
    request = filed_elsewhere(counter)
    talk = checks_as(desk, account)

    step = talk.says(confirmation="vediamo")

    assert (talk.codes, step.asking) == (["choice_unknown"], "confirmation")
    assert counter.seen_again(request).is_open


def test_another_number_instead_of_a_yes_is_looked_at_first(
    desk: Desk, counter: Counter, account: Account
) -> None:
    newest, older = several(counter, 2)
    talk = checks_as(desk, account)
    talk.says(request_choice=newest.number)

    step = talk.says(Command.AFFIRM, request_number=older.number)

    assert told(talk)[-1] == (
        "request_withdrawn", {"request_number": older.number, "date": TODAY},
    )  # fmt: skip
    assert "corrected" in talk.codes
    assert step.outcome is Outcome.COMPLETED
    assert counter.seen_again(newest).is_open


def test_a_number_that_cannot_be_read_keeps_the_question(
    desk: Desk, counter: Counter, account: Account
) -> None:
    request = filed_elsewhere(counter)
    talk = checks_as(desk, account)

    step = talk.says(Command.AFFIRM, request_number="REQ-12")

    assert (talk.codes, step.asking) == (["request_number_malformed"], "confirmation")
    assert step.facts["request_number"] == request.number
    assert counter.seen_again(request).is_open


def test_a_strangers_number_instead_of_a_yes_asks_for_its_contact(
    desk: Desk, counter: Counter, account: Account
) -> None:
    request = filed_elsewhere(counter)
    talk = checks_as(desk, account)

    step = talk.says(Command.AFFIRM, request_number="REQ-00000001")

    assert step.asking == "contact"
    assert talk.says(Command.AFFIRM).asking == "contact"
    assert counter.seen_again(request).is_open


@pytest.mark.parametrize("answer", [Command.AFFIRM, Command.DENY])
def test_what_staff_decided_meanwhile_is_told_instead(
    desk: Desk, counter: Counter, account: Account, answer: Command
) -> None:
    request = filed_elsewhere(counter)
    talk = checks_as(desk, account)
    counter.approves(request, by=ANNA)

    step = talk.says(answer)

    assert talk.codes == ["request_approved"]
    assert step.outcome is Outcome.COMPLETED
    assert counter.mobile == NEW


def test_a_proof_that_ran_out_before_the_yes_withdraws_nothing(
    desk: Desk, counter: Counter, account: Account
) -> None:
    request = filed_elsewhere(counter)
    proves(desk, account, "c_slow")
    desk.clock.forward(800)
    with desk.backend.uow() as uow:  # used meanwhile, so only its age counts
        assert desk.backend.identities.of(uow, "c_slow", "it")
        uow.commit()
    desk.clock.forward(800)
    talk = checks(desk, conversation="c_slow")
    assert talk.step.asking == "confirmation"
    desk.clock.forward(200)

    step = talk.says(Command.AFFIRM)

    assert (talk.codes, step.outcome) == (["flow_expired"], Outcome.EXPIRED)
    assert counter.seen_again(request).is_open


def test_a_yes_without_the_question_withdraws_nothing(
    desk: Desk, counter: Counter, account: Account
) -> None:
    request = several(counter, 2)[0]
    talk = checks_as(desk, account)

    step = talk.says(Command.AFFIRM, confirmation="yes", otp_code="123456")

    assert step.asking == "request_choice"
    assert counter.seen_again(request).is_open


def test_the_same_message_again_has_one_effect(
    desk: Desk, counter: Counter, account: Account
) -> None:
    filed_elsewhere(counter)
    talk = checks_as(desk, account)
    turn = talk.turn(Command.AFFIRM)

    steps = [talk.flow.advance(turn) for _ in range(3)]

    assert steps[0] == steps[1] == steps[2]
    assert counter.audited(Event.REQUEST_WITHDRAWN) == 1


@pytest.mark.parametrize(("seconds", "lives"), [(899, True), (900, False), (901, False)])
def test_the_question_rests_a_quarter_of_an_hour(
    desk: Desk, counter: Counter, seconds: int, lives: bool
) -> None:
    request = counter.files()
    talk = checks(desk, conversation=counter.conversation)
    desk.clock.forward(seconds)

    step = talk.says(Command.AFFIRM)

    assert step.outcome is (Outcome.COMPLETED if lives else Outcome.EXPIRED)
    assert counter.seen_again(request).is_open is not lives


def test_it_comes_back_to_where_it_was(desk: Desk, counter: Counter, account: Account) -> None:
    several(counter, 2)
    talk = checks_as(desk, account)

    again = talk.flow.resume(talk.id, "it")

    assert (again.asking, again.choices) == ("request_choice", talk.step.choices)


@pytest.mark.parametrize("command", list(Command))
@pytest.mark.parametrize("count", [0, 1, 2])
def test_no_command_leaves_the_customer_without_a_question_or_a_word(
    desk: Desk, counter: Counter, account: Account, count: int, command: Command
) -> None:
    several(counter, count)
    talk = checks_as(desk, account)

    step = talk.says(command)

    # A flow that is completed is followed by its offer.
    assert step.asking or step.remarks or step.outcome is Outcome.COMPLETED


def test_the_contact_of_the_request_is_never_shown(
    desk: Desk, counter: Counter, account: Account
) -> None:
    filed_elsewhere(counter)
    talk = checks_as(desk, account)

    for private in (EMAIL, NEW, "Torino"):
        assert private not in str(talk.step.to_json())
