"""One's own requests: shown without a number, to be withdrawn while nobody has decided."""

from __future__ import annotations

import pytest

from backend.core.audit import Event
from backend.core.customers import Account
from backend.core.flow import Command, Outcome
from backend.core.requests import Kind, Reason, Request, State
from tests.backend.desk import Desk
from tests.backend.services.check_request.asking import (
    checks,
    checks_as,
    filed_elsewhere,
    proves,
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


@pytest.fixture
def budi(desk: Desk) -> Counter:
    return Counter(desk, "id", "ID-0001")


def several(counter: Counter, count: int) -> list[Request]:
    """The newest first; all but that one are withdrawn already."""
    filed = []
    for number in range(count):
        request = filed_elsewhere(counter)
        if number < count - 1:
            counter.withdraws(request)
        filed.append(request)
        counter.desk.clock.forward(1)
    return filed[::-1]


# Telling ----------------------------------------------------------------------------------------


def test_whose_identity_is_proved_hears_at_once_how_the_only_request_stands(
    desk: Desk, counter: Counter, account: Account
) -> None:
    request = filed_elsewhere(counter)

    talk = checks_as(desk, account)

    assert told(talk) == [("request_submitted", {"request_number": request.number, "date": TODAY})]
    assert talk.step.asking == "confirmation"
    assert talk.step.facts["request_number"] == request.number


def test_a_request_of_this_conversation_is_shown_without_any_proof(
    desk: Desk, counter: Counter
) -> None:
    request = counter.files(customer_id=None, is_proven=False)

    talk = checks(desk, conversation=counter.conversation)

    assert told(talk)[0][0] == "request_submitted"
    assert talk.step.facts["request_number"] == request.number


def test_the_indonesian_way_is_the_same(desk: Desk, budi: Counter) -> None:
    account = budi.opens_account("budi2026ab")
    request = filed_elsewhere(
        budi, kind=Kind.LINK_POLICY, account_id=account.id, details={"policy_id": 3}
    )

    talk = checks_as(desk, account)

    assert told(talk)[0] == (
        "request_submitted", {"request_number": request.number, "date": TODAY},
    )  # fmt: skip
    assert talk.says(Command.AFFIRM).outcome is Outcome.COMPLETED
    assert budi.seen_again(request).state is State.WITHDRAWN


@pytest.mark.parametrize("reason", list(Reason))
def test_a_rejection_is_told_with_its_reason(
    desk: Desk, counter: Counter, account: Account, reason: Reason
) -> None:
    request = filed_elsewhere(counter)
    counter.rejects(request, reason=reason, note="never to be told")

    talk = checks_as(desk, account)

    assert told(talk) == [
        (
            "request_rejected",
            {"request_number": request.number, "date": TODAY, "reason": reason.value},
        )
    ]
    assert talk.step.outcome is Outcome.COMPLETED
    assert talk.step.facts["next_offer"] == "nothing"
    assert "never" not in str(talk.step.to_json())


def test_what_is_decided_is_told_and_nothing_more_is_asked(
    desk: Desk, counter: Counter, account: Account
) -> None:
    approved = filed_elsewhere(counter)
    counter.approves(approved)

    talk = checks_as(desk, account)

    assert told(talk) == [("request_approved", {"request_number": approved.number, "date": TODAY})]
    assert talk.step.outcome is Outcome.COMPLETED


@pytest.mark.parametrize(("market", "day"), [("it", "2026-11-21"), ("id", "2026-11-21")])
def test_the_day_is_that_of_the_market(desk: Desk, market: str, day: str) -> None:
    hours = {"it": 14, "id": 8}[market]  # 23:00 UTC and 17:00 UTC: the next day there
    desk.clock.forward(hours * 3600)
    counter = Counter(desk, market, {"it": "IT-0001", "id": "ID-0001"}[market])
    counter.files()

    talk = checks(desk, market, conversation=counter.conversation)

    assert told(talk)[0][1]["date"] == day


def test_several_are_offered_by_number_the_newest_first(
    desk: Desk, counter: Counter, account: Account
) -> None:
    requests = several(counter, 7)

    talk = checks_as(desk, account)

    assert talk.step.asking == "request_choice"
    assert [(choice.id, choice.title) for choice in talk.step.choices] == [
        (request.number, request.number) for request in requests[:5]
    ]


@pytest.mark.parametrize("way", ["id", "sentence", "as number", "digits", "ending"])
def test_one_of_several_is_chosen(desk: Desk, counter: Counter, account: Account, way: str) -> None:
    newest, older = several(counter, 2)
    talk = checks_as(desk, account)
    digits = older.number.removeprefix("REQ-")
    answer = {
        "id": {"request_choice": older.number},
        "sentence": {"request_choice": f"quella con il numero {older.number.lower()}, grazie"},
        "as number": {"request_number": older.number},
        "digits": {"request_choice": digits},
        "ending": {"number_ending": digits[-4:]},
    }[way]

    step = talk.says(**answer)

    assert told(talk)[0][1]["request_number"] == older.number != newest.number
    assert step.filled["request_choice"].endswith(older.number[-3:])
    assert older.number not in str(dict(step.filled))
    assert step.accepted == ("request_choice",)


def test_an_older_request_than_those_offered_is_found_by_its_number(
    desk: Desk, counter: Counter, account: Account
) -> None:
    oldest = several(counter, 7)[-1]
    talk = checks_as(desk, account)

    talk.says(request_choice=oldest.number)

    assert told(talk)[0][1]["request_number"] == oldest.number


@pytest.mark.parametrize("answer", ["boh", "REQ-00000000"])
def test_a_choice_that_is_not_there_is_asked_again(
    desk: Desk, counter: Counter, account: Account, answer: str
) -> None:
    several(counter, 2)
    talk = checks_as(desk, account)

    for repeat in (1, 2):
        step = talk.says(request_choice=answer)
        assert (talk.codes, step.asking) == (["choice_unknown"], "request_choice")
        assert step.remarks[0].repeat == repeat
    assert len(step.choices) == 2


def test_somebody_elses_number_is_no_choice(
    desk: Desk, counter: Counter, account: Account, budi: Counter
) -> None:
    several(counter, 2)
    other = Counter(desk, "it", "IT-0002").files(contact="+393331112244")
    talk = checks_as(desk, account)

    assert talk.says(request_choice=other.number).asking == "request_choice"
    assert talk.codes == ["choice_unknown"]


@pytest.mark.parametrize("refusal", [Command.DENY, Command.NOT_AVAILABLE])
def test_none_of_several_leads_to_number_and_contact(
    desk: Desk, counter: Counter, account: Account, refusal: Command
) -> None:
    several(counter, 2)
    talk = checks_as(desk, account)

    step = talk.says(refusal)

    assert (step.asking, step.choices, step.outcome) == ("request_number", (), None)


def test_a_number_said_with_the_wish_needs_no_choice(
    desk: Desk, counter: Counter, account: Account
) -> None:
    older = several(counter, 2)[1]

    talk = checks_as(desk, account, saying={"request_number": older.number})

    assert [facts["request_number"] for _, facts in told(talk)] == [older.number]


def test_what_was_asked_here_and_what_is_the_owners_stand_together(
    desk: Desk, counter: Counter, account: Account
) -> None:
    of_owner = filed_elsewhere(counter)
    desk.clock.forward(1)
    filed_here = counter.files(customer_id=None, is_proven=False)

    talk = checks_as(desk, account, counter.conversation)

    assert [choice.id for choice in talk.step.choices] == [filed_here.number, of_owner.number]


def test_requests_of_another_market_are_not_shown(desk: Desk, counter: Counter) -> None:
    counter.files()

    talk = checks(desk, "id", conversation=counter.conversation)

    assert talk.step.asking == "request_number"


def test_whose_proof_is_for_another_account_sees_nothing_of_it(
    desk: Desk, counter: Counter, account: Account
) -> None:
    filed_elsewhere(counter)
    marco = Counter(desk, "it", "IT-0002").opens_account("+393331112244")

    talk = checks_as(desk, marco)

    assert talk.codes == ["no_requests"]


def test_nothing_found_for_a_proved_identity_leads_to_the_number(
    desk: Desk, account: Account
) -> None:
    talk = checks_as(desk, account)

    assert (talk.codes, talk.step.asking) == (["no_requests"], "request_number")


@pytest.mark.parametrize("refusal", [Command.DENY, Command.NOT_AVAILABLE])
def test_who_has_none_and_no_number_is_done(desk: Desk, account: Account, refusal: Command) -> None:
    talk = checks_as(desk, account)

    step = talk.says(refusal)

    assert step.outcome is Outcome.COMPLETED
    assert step.facts["next_offer"] == "nothing"


def test_who_has_none_may_still_give_number_and_contact(
    desk: Desk, counter: Counter, account: Account
) -> None:
    other = Counter(desk, "it", "IT-0002")
    request = filed_elsewhere(other, contact="+393331112244")
    talk = checks_as(desk, account)

    talk.gives(request_number=request.number, contact="333 111 22 44")

    assert talk.codes == ["request_submitted"]
    assert talk.step.outcome is Outcome.COMPLETED


# Withdrawing ------------------------------------------------------------------------------------


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
